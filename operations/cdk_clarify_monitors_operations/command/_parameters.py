"""Arguments and options that several subcommands have."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from cdk_clarify_monitors_operations._operations import MonitorOperations
from cdk_clarify_monitors_operations.command._application import Application, session_for_completion

_Function = TypeVar("_Function", bound=Callable[..., Any])

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

_NAME: Final = "NAME is the name of a monitoring schedule; `clarify-monitors list` shows them."

#: Gives a subcommand its `Application`.
pass_application = click.make_pass_decorator(Application, ensure=True)


if TYPE_CHECKING:
    _MomentBase = click.ParamType[datetime]
else:
    _MomentBase = click.ParamType  # which older versions of click cannot take apart


class Moment(_MomentBase):
    """A time: in ISO 8601, or so long ago. Without a time zone it is UTC, which is what all subcommands print."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the time, with a time zone."""
        if isinstance(value, datetime):
            return value
        ago = re.fullmatch(r"(\d{1,5})([mhdw])", value)
        try:
            if ago:
                return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
            moment = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time such as 2026-03-01T11:00, 2026-03-01, 7d or 12h", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class _Command(click.Command):
    """A subcommand; it takes the options of the account and of the output, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += common_options()
        if any(isinstance(each, click.Argument) and each.name == "name" for each in self.params):
            self.epilog = _NAME

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        for each in self.params:
            shown = each.opts[0] if isinstance(each, click.Option) else each.human_readable_name
            ctx.find_root().ensure_object(Application).options[str(each.name)] = shown
        return super().invoke(ctx)


def command(name: str, short_help: str | None = None) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a subcommand of a function, which returns the exit code; None is 0.

    Args:
        name: Its name.
        short_help: What it does, in the 45 characters that a list of subcommands has. Default: its first sentence.
    """
    return click.command(name, cls=_Command, short_help=short_help)


def common_options() -> list[click.Parameter]:
    """Return the options that stand before or behind the subcommand."""
    shared: dict[str, Any] = {"expose_value": False, "callback": _remember}
    return [
        click.Option(["--json"], is_flag=True, help="Print JSON.", **shared),
        click.Option(["--profile"], help="A profile of the AWS configuration.", **shared),
        click.Option(["--region"], help="An AWS region.", **shared),
        click.Option(["--role-arn"], metavar="ARN", help="A role to take on.", **shared),
    ]


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    application = context.find_root().ensure_object(Application)
    if value and parameter.name is not None:
        setattr(application, parameter.name, value)


def _monitor_names(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a name by one request; whatever fails, there is nothing to complete."""
    try:
        session = session_for_completion(context.find_root().ensure_object(Application))
        found = itertools.islice(MonitorOperations(session).monitors(name_contains=incomplete or None), 100)
        names = [summary.monitoring_schedule_name for summary in found]
    except Exception:
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def name_argument(function: _Function) -> _Function:
    """Add the argument NAME, a monitoring schedule."""
    return click.argument("name", shell_complete=_monitor_names)(function)


def optional_name_argument(function: _Function) -> _Function:
    """Add the argument NAME, which may be left out."""
    return click.argument("name", required=False, shell_complete=_monitor_names)(function)


def period_options(function: _Function) -> _Function:
    """Add `--since` and `--until`."""
    since = click.option(
        "--since", type=Moment(), help="Only from this time on: 7d, 12h, 2026-03-01, 2026-03-01T11:00."
    )
    return since(click.option("--until", type=Moment(), help="Only before this time.")(function))


execution_option = click.option(
    "--execution", "moment", type=Moment(), metavar="TIME", help="The one that was due then. Default: the newest."
)
wait_option = click.option("--wait/--no-wait", default=True, show_default=True, help="Whether to wait for SageMaker.")
yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")
override_option = click.option(
    "--override-stack", is_flag=True, help="Do it although CloudFormation made the monitor, and may undo it."
)


def confirm(question: str, yes: bool) -> None:
    """Ask on a terminal; elsewhere, refuse.

    Raises:
        UsageError: There is nobody to ask.
        Abort: The answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask on: add --yes to do it without being asked")
    click.confirm(question, abort=True, err=True)
