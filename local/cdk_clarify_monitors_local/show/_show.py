"""Shows deployed monitors and their executions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cdk_clarify_monitors_local.show._metrics import attributions, bias_metrics
from cdk_clarify_monitors_operations import (
    ClarifyBaseliningJob,
    ClarifyModelMonitor,
    ClarifyMonitoringExecution,
    ClarifyOperationsError,
    Constraints,
    LogLine,
    MonitorOperations,
)
from cdk_clarify_monitors_operations._processing_job import NO_BASELINING_JOB
from cdk_clarify_monitors_operations.data._violation_sentences import violation_sentence
from cdk_clarify_monitors_operations.terminal._console import say
from cdk_clarify_monitors_operations.terminal._output import cell
from cdk_clarify_monitors_operations.terminal._wrapping import Wrapped

_TITLES = {"ModelBias": "Bias monitor", "ModelExplainability": "Feature-attribution monitor"}
_GOOD, _BAD = ("Scheduled", "Completed"), ("CompletedWithViolations", "Failed", "Stopped")
_NO_DATA = "Job inputs had no data"
_WIDEST, _NARROW = 120, 60  # characters
_SECOND = timedelta(seconds=1)


def deployed_monitors(operations: MonitorOperations, names: Collection[str] | None = None) -> list[ClarifyModelMonitor]:
    """Return Clarify's monitors of an account and region, sorted by their names.

    Args:
        operations: The account and region.
        names: The schedules that are meant; those of other kinds of monitors may be among them. Default: all.
    """
    found = [summary.monitoring_schedule_name for summary in operations.monitors()]
    return [operations.monitor(name) for name in found if names is None or name in names]


def show_monitors(console: Console, monitors: Sequence[ClarifyModelMonitor], where: str = "this account") -> None:
    """Print a box for each monitor: schedule, newest execution, baselining job, and what the constraints mean."""
    if not monitors:
        say(console, f"There are no monitors in {where}.")
    for monitor in monitors:
        width = min(console.width, _WIDEST)
        console.print(_box(monitor, width), width=width)


def show_executions(console: Console, operations: MonitorOperations, executions: Iterable[Mapping[str, Any]]) -> None:
    """Print each execution of a schedule: when it was due, how it ended, and what its violations mean."""
    without_data: list[str] = []
    for summary in executions:
        name, due = summary["MonitoringScheduleName"], summary["ScheduledTime"]
        status = summary["MonitoringExecutionStatus"]
        ended = _status(status, None, summary.get("FailureReason"))
        say(console, Text.assemble(f"{due:%Y-%m-%d %H:%M}  {name}  ", ended), indent=2)
        if summary.get("FailureReason") == _NO_DATA and name not in without_data:
            without_data.append(name)
        if status == "CompletedWithViolations":
            monitor = operations.monitor(name)
            found = monitor.list_executions(status=status, since=due, until=due + _SECOND)
            show_findings(console, monitor, next(found))
    if without_data:
        name = without_data[0] if len(without_data) == 1 else "NAME"
        explain = f"`clarify-monitors executions {name} --explain`"
        say(console, f'What was looked for, and where: {explain}, after `eval "$(clarify-local env)"`.')


def show_findings(
    console: Console, monitor: ClarifyModelMonitor, execution: ClarifyMonitoringExecution, *, indent: int = 2
) -> None:
    """Print what the violations of an execution mean."""
    for sentence in _findings(monitor, execution):
        say(console, f"{' ' * indent}• {sentence}", indent=indent + 2)


def _box(monitor: ClarifyModelMonitor, width: int) -> Panel:
    constraints, unreadable = _constraints(monitor)
    when = monitor.schedule_expression or "at a time the service chooses"
    job, execution = monitor.find_baselining_job(), monitor.latest_execution()
    facts: list[tuple[str, list[str | Text]]] = [
        ("schedule", [monitor.monitoring_schedule_name, _status(monitor.status, when, monitor.failure_reason)]),
        ("baselining job", _job_lines(job)),
        ("job definition", [monitor.job_definition_name]),
        ("constraints", [monitor.constraints_s3_uri or "none", *([Text(unreadable, "red")] if unreadable else [])]),
    ]
    if execution is not None:
        due = f"due {execution.scheduled_time:%Y-%m-%d %H:%M} UTC"
        status = _status(execution.status, due, execution.failure_reason)
        facts.insert(1, ("last execution", [status, *(f"• {each}" for each in _findings(monitor, execution))]))
    parts: list[RenderableType] = [_facts(facts, is_narrow=width < _NARROW)]
    parts += bias_metrics(constraints, monitor.overridden_constraints())
    parts += attributions(constraints, monitor.baseline_analysis_config(), width)
    return Panel(Group(*parts), title=_TITLES[monitor.monitoring_type], title_align="left", expand=False)


def _facts(facts: Sequence[tuple[str, Sequence[str | Text]]], *, is_narrow: bool) -> RenderableType:
    """Return names and values side by side; in a narrow box, one below the other."""
    values = [(name, [Wrapped(line, indent=_hanging(line)) for line in lines]) for name, lines in facts]
    if is_narrow:
        return Group(
            *(part for name, lines in values for part in (Text(name, "dim"), Padding(Group(*lines), (0, 0, 0, 2))))
        )
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, lines in values:
        table.add_row(name, Group(*lines))
    return table


def _hanging(line: str | Text) -> int:
    return 2 if str(line).startswith("• ") else 0


def _mark(status: str) -> str:
    return "✓" if status in _GOOD else "✗" if status in _BAD else "…"


def _status(status: str, more: str | None, reason: str | None) -> Text:
    shown = cell(status)
    text = Text.assemble((f"{_mark(status)} ", shown.style), shown)
    text.append(f", {more}" if more else "")
    return text.append(f": {reason}" if reason else "")


def _job_lines(job: ClarifyBaseliningJob | None) -> list[str | Text]:
    """Return a job's name, how it ended, and what the stand-in for Clarify's container warns of."""
    if job is None:
        return [NO_BASELINING_JOB]
    warnings = [Text(f"• {warning}", "yellow") for warning in warnings_in(job.logs())]
    return [job.processing_job_name, _outcome(job), *warnings]


def warnings_in(log: Iterable[LogLine]) -> list[str]:
    """Return what the stand-in for Clarify's container warns of in a job's log, each once."""
    return list(dict.fromkeys(line.message for line in log if line.message.startswith("Warning: ")))


def _outcome(job: ClarifyBaseliningJob) -> Text:
    described = job.describe()
    started, ended = described.get("ProcessingStartTime"), described.get("ProcessingEndTime")
    seconds = f"{(ended - started).total_seconds():.1f} s" if started and ended else None
    return _status(described["ProcessingJobStatus"], seconds, described.get("FailureReason"))


def _findings(monitor: ClarifyModelMonitor, execution: ClarifyMonitoringExecution) -> list[str]:
    """Return what the violations of an execution mean."""
    if execution.status != "CompletedWithViolations":
        return []
    try:
        baseline, current = monitor.suggested_constraints(), execution.analysis()
        suggested = monitor.overridden_constraints()
        return [violation_sentence(violation, baseline, current, suggested) for violation in execution.violations()]
    except ClarifyOperationsError as error:
        return [str(error)]


def _constraints(monitor: ClarifyModelMonitor) -> tuple[Constraints, str | None]:
    """Return a monitor's constraints, and why they cannot be read."""
    try:
        found = monitor.suggested_constraints()
        found.bias_metrics(), found.feature_attributions()
    except ClarifyOperationsError as error:
        return Constraints({}), str(error)
    return found, None
