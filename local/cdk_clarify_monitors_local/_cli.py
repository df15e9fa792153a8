"""The command line of `clarify-local`."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from rich.panel import Panel

from cdk_clarify_monitors_local._account import is_account_id
from cdk_clarify_monitors_local._embedded_aws import EmbeddedAws
from cdk_clarify_monitors_local._errors import CdkError, EmbeddedAwsError
from cdk_clarify_monitors_local.cdk._deployed_stacks import deleted_stacks, deployed_stacks, monitoring_schedules
from cdk_clarify_monitors_local.cdk._failed_deployment import condensed
from cdk_clarify_monitors_local.new_app import _new_app
from cdk_clarify_monitors_local.show._progress import Progress
from cdk_clarify_monitors_local.show._show import deployed_monitors, show_executions, show_monitors
from cdk_clarify_monitors_operations import (
    ClarifyModelMonitor,
    InvalidArgument,
    MonitorOperations,
    ScheduleNotFound,
)
from cdk_clarify_monitors_operations.command._failures import explanation
from cdk_clarify_monitors_operations.terminal._console import console, say
from cdk_clarify_monitors_operations.terminal._wrapping import Wrapped

_DESCRIPTION = """\
Deploys CDK apps with Clarify monitors into an AWS on this machine: no account, no Docker, no network.

  clarify-local new my-monitors                                  a new app with both monitors, and its tests

  clarify-local run --model diabetes-model=model.joblib          all in one: start, deploy, show, end
  clarify-local run --model diabetes-model=model.joblib cdk.out  the same with a synthesized app

  clarify-local start --model diabetes-model=model.joblib        or step by step
  clarify-local deploy
  clarify-local show
  clarify-local clock +1d                                        run what is due in a day
  eval "$(clarify-local env)"; aws sagemaker list-processing-jobs
  clarify-local stop
"""

_EXIT_CODES = "exit codes: 0 done, 1 an error, 2 wrong arguments, 130 interrupted by Ctrl-C"

_OUT, _ERR = console(), console(stderr=True)
_WIDEST = 120  # characters
_TRACEBACK = "CLARIFY_LOCAL_TRACEBACK"
_WRONG_ARGUMENTS, _INTERRUPTION = 2, 130
# What an interruption leaves behind.
_GOES_ON = "The embedded AWS runs on, with what was begun: the same command takes it up."
_INTERRUPTED = {
    "run": "The embedded AWS has ended.",
    "start": "The embedded AWS has ended.",
    **dict.fromkeys(("deploy", "destroy", "execute", "clock"), _GOES_ON),
}


class _Parser(argparse.ArgumentParser):
    """A parser that tells of a wrong argument in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(_WRONG_ARGUMENTS, f"{self.prog}: {message.rstrip('.')}. See `{self.prog} --help`.\n")


class _UsageError(Exception):
    """What the user asked for cannot be done; the text says what to do instead."""


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: The command line without the program's name.

    Returns:
        The exit code.
    """
    parser = _parser()
    if not arguments:
        parser.print_help(sys.stderr)
        return _WRONG_ARGUMENTS
    options, unknown = parser.parse_known_args(arguments)
    command = {
        "new": _new,
        "run": _run,
        "start": _start,
        "deploy": _deploy,
        "show": _show,
        "execute": _execute,
        "clock": _clock,
        "put": _put,
        "env": _env,
        "destroy": _destroy,
        "stop": _stop,
    }[options.command]
    try:
        if options.command == "clock" and unknown and re.match(r"-\d", unknown[0]):  # it looks like an option
            _duration(unknown[0])
        if unknown:
            parser.error(f"unrecognized arguments: {' '.join(unknown)}")
        command(options)
    except BrokenPipeError:  # whoever reads has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return _end(f"Interrupted. {_INTERRUPTED.get(options.command, 'Nothing was changed.')}", _INTERRUPTION)
    except Exception as error:
        return _failed(error, options)
    return 0


def _failed(error: Exception, options: argparse.Namespace) -> int:
    """Say why a command has failed, and what to do; returns the exit code."""
    if isinstance(error, CdkError):
        if not getattr(options, "verbose", False):
            for line in condensed(error.output.splitlines()):
                if line not in error.reason:
                    say(_OUT, line, "dim", indent=4)
        return _end(error.reason)
    if isinstance(error, _new_app.NewAppError):
        return _end(str(error), _WRONG_ARGUMENTS)
    if isinstance(error, EmbeddedAwsError | _UsageError):
        return _end(str(error))
    if os.environ.get(_TRACEBACK):
        raise error
    unforeseen = f"Unexpected {type(error).__name__}: {error}. {_TRACEBACK}=1 shows where."
    return _end(explanation(error, {}) or unforeseen)


def _end(reason: str, code: int = 1) -> int:
    """Say why it has failed, as the last that is shown: in a box on a terminal, in one line elsewhere."""
    if _ERR.is_terminal:
        _ERR.print(Panel(Wrapped(reason), style="red", expand=False), width=min(_ERR.width, _WIDEST))
    else:
        say(_ERR, " ".join(reason.split()))
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="clarify-local",
        description=_DESCRIPTION,
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")
    account, app = _account_options(), _app_options()

    def add(name: str, what: str, *parents: _Parser) -> argparse.ArgumentParser:
        sentence = f"{what[0].upper()}{what[1:]}."
        return commands.add_parser(name, help=what, description=sentence, parents=parents)

    new = add("new", "make a new CDK app with both monitors, tests and sample data")
    new.add_argument("directory", metavar="DIRECTORY", help="a folder that is new or empty")
    new.add_argument("--name", help="the name of its stack (default: the folder's)")
    one = add("run", "start, deploy, show the monitors that were deployed, end", account, app)
    one.add_argument("--keep", action="store_true", help="do not end before Ctrl-C")
    add("start", "start it in the background", account)
    add("deploy", "deploy an app, and show the monitors of the stacks deployed", app)
    show = add("show", "show the monitors that are deployed")
    show.add_argument("names", nargs="*", metavar="NAME", help="a monitoring schedule (default: all)")
    execute = add("execute", "run one execution of a monitoring schedule now")
    execute.add_argument("name", metavar="NAME", help="the monitoring schedule's name")
    execute.add_argument(
        "--at", metavar="TIME", help="when it is due, e.g. 2026-03-01T11:00Z (default: the next full hour)"
    )
    clock = add("clock", "show the clock, or move it and run what becomes due")
    clock.add_argument("by", nargs="?", metavar="DURATION", help="by how much, e.g. +1d, +6h, +1d12h, +30m")
    put = add("put", "put a file into S3; a bucket that does not exist is made")
    put.add_argument("file", metavar="FILE", help="the file")
    put.add_argument("uri", metavar="S3_URI", help="where to put it, e.g. s3://bucket/key")
    add("env", "print the shell commands that point AWS clients at it")
    add("destroy", "delete an app's stacks", app)
    add("stop", "end it and all that is in it")
    return parser


def _account_options() -> _Parser:
    """The options of what starts an embedded AWS."""
    account = _Parser(add_help=False)
    account.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="the joblib file of a SageMaker model that a monitor names; may be repeated",
    )
    account.add_argument(
        "--endpoint",
        action="append",
        default=[],
        metavar="NAME[=MODEL]",
        help="make an endpoint that the app names but does not have, of a model of the same or another name; "
        "may be repeated",
    )
    account.add_argument("--capture", metavar="S3_URI", help="where these endpoints capture (default: nowhere)")
    account.add_argument("--region", help="the region (default: the app's, or eu-west-1)")
    account.add_argument("--account", help="the account's id (default: the app's, or 123456789012)")
    account.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1 (default: a free one)")
    account.add_argument("--clock", metavar="TIME", help="what its clock shows first (default: the real time)")
    account.add_argument("--auth", action="store_true", help="enforce IAM policies, over TLS")
    return account


def _app_options() -> _Parser:
    """The options of what deploys or deletes an app."""
    app = _Parser(add_help=False)
    app.add_argument(
        "app",
        nargs="?",
        metavar="APP",
        help="the folder of a synthesized app (cdk.out), or the app's command (default: what cdk.json says)",
    )
    app.add_argument("--stack", action="append", default=[], help="only this stack; may be repeated")
    app.add_argument(
        "-c", "--context", action="append", default=[], metavar="KEY=VALUE", help="a context value; may be repeated"
    )
    app.add_argument("-v", "--verbose", action="store_true", help="show what the cdk command prints, as it comes")
    return app


# Commands


def _new(options: argparse.Namespace) -> None:
    if not options.directory:  # as of a variable that is not set: Path("") would be the current folder
        raise _new_app.NewAppError("DIRECTORY is empty; name a folder that is new or empty.")
    checkout = _new_app.create(Path(options.directory), options.name)
    say(_OUT, f"A CDK app with both monitors is in {options.directory}.", "green")
    if checkout is not None:
        say(_OUT, f"Its requirements name {checkout}, which other machines do not have; its README.md says what to do.")
    _OUT.print(
        f"""Next:
  cd {shlex.quote(options.directory)}
  python3 -m venv .venv && . .venv/bin/activate
  pip install -r requirements-dev.txt && npm install
  pytest              # deploys it into an AWS on this machine, and lets it find drift
README.md says what to change first.""",
        markup=False,
        soft_wrap=True,
    )


def _run(options: argparse.Namespace) -> None:
    app = _app(options)
    progress = Progress(_OUT, verbose=options.verbose)
    aws = EmbeddedAws(**_settings(options), echo=progress.hear, on_command=progress.begin)
    with ExitStack() as running:
        with progress:
            progress.step("starting the embedded AWS")
            running.enter_context(aws)
            say(_OUT, f"The embedded AWS answers at {aws.endpoint_url}.", "green")
            _add_endpoints(aws, options)
            try:
                printed = _cdk(aws, "deploy", app, options)
            except CdkError as error:
                reason = error.reason.replace(str(aws.log_path), str(_keep_log(aws)))
                raise CdkError(reason, error.output) from error
            progress.step("reading the results")
            monitors, where = _monitors_of(aws, printed)
        show_monitors(_OUT, monitors, where)
        if options.keep:
            say(_OUT, "It runs until Ctrl-C. To talk to it from another terminal:")
            _OUT.print(_exports(aws), markup=False, soft_wrap=True)
            _wait_for_interrupt()


def _start(options: argparse.Namespace) -> None:
    if _state_file().exists():
        try:
            running = EmbeddedAws.attach(_read_state())
        except EmbeddedAwsError:
            _state_file().unlink()
        else:
            raise _UsageError(f"One runs already, at {running.endpoint_url}. End it with `clarify-local stop`.")
    progress = Progress(_OUT)
    aws = EmbeddedAws(**_settings(options), on_command=progress.begin)
    with progress:
        progress.step("starting the embedded AWS")
        aws.start()
        try:
            aws.bootstrap()
            _add_endpoints(aws, options)
            say(_OUT, f"The embedded AWS answers at {aws.endpoint_url}; its log is {aws.log_path}.", "green")
            _write_state(aws.state)  # first: killed in between, it would be left running unknown
            aws.detach()
        except BaseException:
            aws.stop()
            raise


def _deploy(options: argparse.Namespace) -> None:
    app = _app(options)
    with Progress(_OUT, verbose=options.verbose) as progress:
        aws = _attach(progress)
        try:
            printed = _cdk(aws, "deploy", app, options)
        finally:
            _write_state(aws.state)  # it may have got the app's account
        progress.step("reading the results")
        monitors, where = _monitors_of(aws, printed)
    show_monitors(_OUT, monitors, where)


def _show(options: argparse.Namespace) -> None:
    operations = MonitorOperations(_attach().session)
    monitors = [_monitor(operations, name) for name in options.names] or deployed_monitors(operations)
    show_monitors(_OUT, monitors)


def _execute(options: argparse.Namespace) -> None:
    at = None if options.at is None else _moment("--at", options.at)
    aws = _attach()
    _monitor(MonitorOperations(aws.session), options.name)
    with Progress(_OUT) as progress:
        progress.step(f"running an execution of {options.name}")
        execution = aws.execute_schedule(options.name, scheduled_time=at)
    show_executions(_OUT, MonitorOperations(aws.session), [execution])
    if execution["MonitoringExecutionStatus"] == "Failed":
        raise _UsageError(f"The execution failed: {execution['FailureReason']}")


def _clock(options: argparse.Namespace) -> None:
    by = None if options.by is None else _duration(options.by)
    aws = _attach()
    if by is not None:
        with Progress(_OUT) as progress:
            progress.step(f"running the executions that are due until {aws.now + by:%Y-%m-%d %H:%M} UTC")
            executions = aws.advance(by)
        show_executions(_OUT, MonitorOperations(aws.session), executions)
        if not executions:
            say(_OUT, "No execution was due.")
    say(_OUT, f"The clock shows {aws.now:%Y-%m-%d %H:%M:%S} UTC.")


def _put(options: argparse.Namespace) -> None:
    _OUT.print(_attach().put(options.file, options.uri), markup=False, soft_wrap=True)


def _env(options: argparse.Namespace) -> None:
    _OUT.print(_exports(_attach()), markup=False, soft_wrap=True)


def _destroy(options: argparse.Namespace) -> None:
    app = _app(options)
    with Progress(_OUT, verbose=options.verbose) as progress:
        printed = _cdk(_attach(progress), "destroy", app, options)
    deleted = deleted_stacks(printed)
    say(_OUT, f"Deleted: {', '.join(deleted)}." if deleted else "There was no such stack: nothing was deleted.")


def _stop(options: argparse.Namespace) -> None:
    _attach().stop()
    _state_file().unlink(missing_ok=True)
    say(_OUT, "The embedded AWS has ended.")


# Parts of them


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    models = {}
    for text in options.model:
        name, separator, path = text.partition("=")
        if not separator:
            raise _UsageError(f"--model takes NAME=FILE, got '{text}'.")
        models[name] = path
    if options.account is not None and not is_account_id(options.account):
        raise _UsageError(f"--account takes the twelve digits of an account's id, got '{options.account}'.")
    return {
        "models": models,
        "region": options.region,
        "account": options.account,
        "port": options.port,
        "auth": options.auth,
        "clock": None if options.clock is None else _moment("--clock", options.clock),
    }


def _moment(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _UsageError(f"{option} takes a time such as 2026-03-01T11:00Z, got '{text}'.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _duration(text: str) -> timedelta:
    if text.startswith(("-", "\N{MINUS SIGN}")):
        raise _UsageError(
            f"The clock only moves forward, by a duration such as +1d, +6h or +1d12h, got '{text}'. For an earlier "
            "time, start another embedded AWS: `clarify-local stop`, then `clarify-local start --clock TIME`."
        )
    match = re.fullmatch(r"\+?(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?", text)
    if match is None or not any(match.groups()):
        raise _UsageError(f"clock takes a duration such as +1d, +6h or +1d12h, got '{text}'.")
    days, hours, minutes = (int(number or 0) for number in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _add_endpoints(aws: EmbeddedAws, options: argparse.Namespace) -> None:
    for text in options.endpoint:
        name, _, model = text.partition("=")
        aws.add_endpoint(name, model=model or None, capture=options.capture)


def _keep_log(aws: EmbeddedAws) -> Path:
    """Keep the log of one that ends, and return where it is."""
    path = _state_file().with_name("failed-run.log")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(aws.log_path.read_bytes())
    return path


def _app(options: argparse.Namespace) -> str | None:
    """Return the app to deploy, None for the one of cdk.json."""
    app: str | None = options.app
    if app is None:
        if not Path("cdk.json").exists():
            raise _UsageError(
                "There is no cdk.json here. Name the folder of a synthesized app (cdk.out) or the app's command, "
                "e.g. `python app.py`."
            )
        return None
    folder = Path(app)
    if folder.is_dir() or folder.suffix == ".out":
        if not (folder / "manifest.json").is_file():
            raise _UsageError(f"{app} is not the folder of a synthesized app; make one with `cdk synth`.")
        return str(folder.resolve())
    if folder.is_file() and not os.access(folder, os.X_OK):
        raise _UsageError(f'{app} is a file; write the command that runs it, such as "python {app}".')
    return app


def _cdk(aws: EmbeddedAws, command: str, app: str | None, options: argparse.Namespace) -> str:
    """Run a cdk command; returns what it has printed."""
    context = dict(text.partition("=")[::2] for text in options.context)
    return aws.cdk(command, *(options.stack or ["--all"]), app=app, context=context).stdout


def _monitors_of(aws: EmbeddedAws, printed: str) -> tuple[list[ClarifyModelMonitor], str]:
    """Return the monitors of the stacks that a `cdk deploy` has deployed, and the names of these stacks."""
    stacks = deployed_stacks(printed)
    schedules = monitoring_schedules(lambda region: aws.client("cloudformation", region=region), stacks)
    by_region: dict[str, set[str]] = {}
    for region, name in schedules:
        by_region.setdefault(region, set()).add(name)
    found = [
        monitor
        for region, names in sorted(by_region.items())
        for monitor in deployed_monitors(MonitorOperations(aws.session_in(region)), names)
    ]
    return found, ", ".join(stack.name for stack in stacks) or "this app"


def _monitor(operations: MonitorOperations, name: str) -> ClarifyModelMonitor:
    try:
        return operations.monitor(name)
    except (ScheduleNotFound, InvalidArgument) as error:
        raise _UsageError(
            f"There is no monitoring schedule '{name}'. `clarify-local show` shows those that there are."
        ) from error


def _exports(aws: EmbeddedAws) -> str:
    trust = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE") if aws.auth else ()
    return "\n".join(
        f"export {name}={shlex.quote(value)}"
        for name, value in sorted(aws.environment.items())
        if name.startswith("AWS_") or name in trust
    )


def _wait_for_interrupt() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        say(_OUT, "ending …")


# The one that runs in the background


def _state_file() -> Path:
    root = os.environ.get("XDG_STATE_HOME")
    return (Path(root) if root else Path.home() / ".local" / "state") / "clarify-local" / "running.json"


def _read_state() -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(_state_file().read_text())
    except ValueError as error:
        raise _UsageError(
            f"{_state_file()}, which says where the embedded AWS runs, is damaged: remove it, and start another one "
            "with `clarify-local start`."
        ) from error
    return state


def _write_state(state: dict[str, Any]) -> None:
    path = _state_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123
        os.fchmod(file.fileno(), 0o600)  # of an old one
        json.dump(state, file)


def _attach(progress: Progress | None = None) -> EmbeddedAws:
    if not _state_file().exists():
        raise _UsageError("The embedded AWS does not run. Start it with `clarify-local start`.")
    state = _read_state()
    try:
        if progress is None:
            return EmbeddedAws.attach(state)
        return EmbeddedAws.attach(state, echo=progress.hear, on_command=progress.begin)
    except EmbeddedAwsError as error:
        raise _UsageError(f"{error} Start another one with `clarify-local start`.") from error
