"""The command line of `clarify-monitors`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import click

from cdk_clarify_monitors_operations.command._alerts import alerts
from cdk_clarify_monitors_operations.command._application import Application
from cdk_clarify_monitors_operations.command._baselines import baseline, compare, constraints
from cdk_clarify_monitors_operations.command._completion import completion
from cdk_clarify_monitors_operations.command._estimate import estimate
from cdk_clarify_monitors_operations.command._executions import analysis, executions, logs, violations
from cdk_clarify_monitors_operations.command._failures import explanation
from cdk_clarify_monitors_operations.command._monitors import doctor, list_monitors, show
from cdk_clarify_monitors_operations.command._parameters import common_options
from cdk_clarify_monitors_operations.command._report import report
from cdk_clarify_monitors_operations.command._schedules import delete, run_now, start, stop
from cdk_clarify_monitors_operations.command._update import update
from cdk_clarify_monitors_operations.terminal._console import console, say

#: The exit code after an interruption, as shells have it.
INTERRUPTED: Final = 130
_TRACEBACK: Final = "CLARIFY_MONITORS_TRACEBACK"


class _Cli(click.Group):
    """The command: it ends with 0, 1 for errors, 2 for violations, 130 if it is interrupted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the subcommands in the order in which people come to need them."""
        return list(self.commands)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run it. Whatever goes wrong is told in one line on stderr."""
        application = Application()
        extra["obj"] = application
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            sys.exit(1)
        except click.UsageError as error:
            # click ends these with 2, which is for violations.
            shown = error.ctx.command_path if error.ctx is not None else "clarify-monitors"
            text = error.format_message()
            self._end(1, f"{text}{'' if text.endswith(('.', '?')) else '.'} See `{shown} --help`.")
        except click.ClickException as error:
            self._end(1, error.format_message())
        except click.Abort as error:
            if isinstance(error.__cause__, KeyboardInterrupt):
                self._end(INTERRUPTED, f"Interrupted. {application.interrupted}")
            self._end(1, "Nothing was changed.")
        except BrokenPipeError:  # whoever reads has enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except Exception as error:
            if os.environ.get(_TRACEBACK):
                raise
            known = explanation(error, application.options)
            unforeseen = f"Unexpected {type(error).__name__}: {error}. {_TRACEBACK}=1 shows where"
            self._end(1, known or " ".join(unforeseen.split()))
        sys.exit(code or 0)

    def _end(self, code: int, text: str) -> NoReturn:
        say(console(stderr=True), f"clarify-monitors: {text}")
        sys.exit(code)


# A raw docstring, which ruff asks for, would show click's mark for lines that stay as they are.
_HELP: Final = """See and steer SageMaker Clarify monitors.

\b
  clarify-monitors list                      what there is, and how the newest executions ended
  clarify-monitors violations NAME           exits with 2 if the newest execution has some
  clarify-monitors doctor NAME               why it finds nothing
  clarify-monitors report NAME --since 30d   all of it over time, in one HTML file

Exit codes: 0, 1 for errors, 2 for violations found, 130 for an interruption. Times are UTC. The options of the
account are those of the AWS CLI; AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL do what they do there.
"""


@click.group(
    cls=_Cli,
    help=_HELP,
    params=common_options(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
@click.version_option(package_name="cdk-clarify-monitors", prog_name="clarify-monitors")
def cli() -> None:
    """The command, whose subcommands do all that it does."""


for _subcommand in (
    list_monitors,
    show,
    executions,
    violations,
    analysis,
    logs,
    report,
    compare,
    doctor,
    run_now,
    start,
    stop,
    update,
    baseline,
    constraints,
    alerts,
    estimate,
    delete,
    completion,
):
    cli.add_command(_subcommand)
