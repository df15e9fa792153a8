"""Subcommands about executions: executions, violations, analysis, logs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from cdk_clarify_monitors_operations._concurrency import in_parallel
from cdk_clarify_monitors_operations._errors import (
    ClarifyOperationsError,
    InvalidArgument,
    NoBaseline,
    NoExecutions,
    ResultMissing,
)
from cdk_clarify_monitors_operations._execution import STATUSES, ClarifyMonitoringExecution
from cdk_clarify_monitors_operations._monitor import ClarifyModelMonitor
from cdk_clarify_monitors_operations.command._application import Application
from cdk_clarify_monitors_operations.command._parameters import (
    command,
    execution_option,
    name_argument,
    pass_application,
    period_options,
)
from cdk_clarify_monitors_operations.command._violations import names_for, show_metrics, show_violations
from cdk_clarify_monitors_operations.data._files import Constraints, Violation

_MINUTE = timedelta(minutes=1)


@command("executions", "List a monitor's executions, newest first.")
@name_argument
@click.option("--status", type=click.Choice(STATUSES), help="Only executions with this status.")
@period_options
@click.option("--limit", type=click.IntRange(min=1), default=24, show_default=True, help="How many at most.")
@click.option("--explain", is_flag=True, help="Say of each that failed what it looked for, and what is there.")
@pass_application
def executions(
    application: Application,
    name: str,
    status: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    explain: bool,
) -> None:
    """List a monitor's executions, the newest first, each failed one with its reason."""
    output, monitor = application.output, application.monitor(name)
    listed = monitor.list_executions(status=status, since=since, until=until, limit=limit + 1)
    found = list(itertools.islice(listed, limit))
    more = next(listed, None) is not None
    explanations = _explanations(found) if explain else {}
    if output.is_json:
        output.json(
            [
                {**each.to_dict(), **({"explanation": explanations.get(number)} if explain else {})}
                for number, each in enumerate(found)
            ]
        )
    elif found:
        columns = ("due (UTC)", "status", "processing job", "reason")
        output.table(
            columns,
            [(each.scheduled_time, each.status, each.processing_job_name, each.failure_reason or "") for each in found],
        )
        for number, text in explanations.items():
            output.line(f"\n{found[number]}: {text}")
    elif status is None and since is None and until is None:
        output.note(f"{name} has no executions yet. `clarify-monitors doctor {name}` tells what is missing.")
    else:
        output.note("There are no such executions.")
    if more:
        output.note(f"There are older ones: --limit {2 * limit} shows more.")


def _explanations(found: Sequence[ClarifyMonitoringExecution]) -> dict[int, str]:
    failed = [number for number, each in enumerate(found) if each.status == "Failed"]
    return {
        number: str(call.exception() or call.result())
        for number, call in in_parallel(lambda number: found[number].explain_failure(), failed)
    }


@command("violations", "Show the violations of an execution.")
@name_argument
@execution_option
@period_options
@pass_application
def violations(
    application: Application, name: str, moment: datetime | None, since: datetime | None, until: datetime | None
) -> int:
    """Show the violations of a monitor's newest finished execution, of another one, or of a period.

    Exits with 2 if there are any, and with 1 if the execution failed: then nothing was compared.
    """
    output, monitor = application.output, application.monitor(name)
    unread: list[str] = []
    if since is None and until is None:
        execution = execution_of(monitor, moment, finished=True)
        found, about = execution.violations(), str(execution)
    elif moment is not None:
        raise click.UsageError("--execution is one execution, --since and --until are many: give one of them")
    else:
        with output.progress("Reading the violations"):
            found, unread, about = _violations_of_period(monitor, since, until)
    if output.is_json:
        output.json(found)
    elif found:
        show_violations(output, found, names_for(monitor, [each.label for each in found]))
    else:
        output.line(f"{about}: no violations.")
    for text in unread:
        output.note(text)
    return 1 if unread else 2 if found else 0


def _violations_of_period(
    monitor: ClarifyModelMonitor, since: datetime | None, until: datetime | None
) -> tuple[list[Violation], list[str], str]:
    """Return the violations, what could not be read, and what it was read of."""
    found: list[Violation] = []
    unread: list[str] = []
    failed = completed = 0

    def read(execution: ClarifyMonitoringExecution) -> list[Violation]:
        return execution.violations() if execution.status == "CompletedWithViolations" else []

    for execution, call in in_parallel(read, monitor.list_executions(since=since, until=until)):
        failed += execution.status in ("Failed", "Stopped")
        completed += execution.status in ("Completed", "CompletedWithViolations")
        try:
            found += call.result()
        except ClarifyOperationsError as error:
            unread.append(f"{execution}: {error}")
    name = monitor.monitoring_schedule_name
    about = f"{completed} {'execution' if completed == 1 else 'executions'} of {name}"
    if failed:
        about += f" ({failed} failed: nothing was compared)"
    return found, unread, about


@command("analysis", "Show what an execution has measured.")
@name_argument
@execution_option
@pass_application
def analysis(application: Application, name: str, moment: datetime | None) -> None:
    """Show what an execution has measured, beside the constraints. With --json: its analysis.json."""
    output, monitor = application.output, application.monitor(name)
    execution = execution_of(monitor, moment, finished=True)
    found = execution.analysis()
    if output.is_json:
        output.json(found.body_dict)
        return
    try:
        baseline = monitor.suggested_constraints()
    except (NoBaseline, ResultMissing) as error:
        output.note(f"Without the constraints: {error}")
        baseline = Constraints({})
    output.line(f"{execution}: {execution.status}")
    labels = {each.label for each in found.feature_attributions()}
    show_metrics(output, found, names_for(monitor, labels), baseline)


@command("logs", "Print the log of an execution's job.")
@name_argument
@execution_option
@click.option("--follow", "-f", is_flag=True, help="Go on until the job ends.")
@pass_application
def logs(application: Application, name: str, moment: datetime | None, follow: bool) -> None:
    """Print the log of the newest execution's job, or of another one's. With --json: an object in each line."""
    output, monitor = application.output, application.monitor(name)
    execution = execution_of(monitor, moment, finished=False)
    if follow:
        application.interrupted = (
            f"The job goes on, nothing was undone: `clarify-monitors logs {name} --follow` takes it up again."
        )
    for line in execution.logs(follow=follow):
        if output.is_json:
            output.json_line(line)
        else:
            output.verbatim(f"{line.time:%Y-%m-%d %H:%M:%S} {line.message.rstrip()}")


def execution_of(
    monitor: ClarifyModelMonitor, moment: datetime | None, *, finished: bool
) -> ClarifyMonitoringExecution:
    """Return the newest execution, or the one that was due at a time.

    Raises:
        NoExecutions: There is none.
        InvalidArgument: There is none that was due then.
    """
    name = monitor.monitoring_schedule_name
    if moment is None:
        newest = monitor.latest_execution(finished=finished)
        if newest is None:
            has = "no finished execution" if finished else "no execution"
            raise NoExecutions(
                f"The monitor {name} has {has} yet. `clarify-monitors run-now {name}` runs one beside the schedule, "
                f"`clarify-monitors doctor {name}` tells what is missing",
                schedule=name,
            )
        return newest
    start = moment.replace(second=0, microsecond=0)
    found = next(monitor.list_executions(since=start, until=start + _MINUTE), None)
    if found is None:
        known = ", ".join(f"{each.scheduled_time:%Y-%m-%dT%H:%M}" for each in monitor.list_executions(limit=5))
        raise InvalidArgument(
            f"No execution of {name} was due at {start:%Y-%m-%dT%H:%M} UTC; the newest were due at: {known or 'never'}",
            schedule=name,
        )
    return found
