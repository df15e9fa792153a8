"""Shows deployed monitors on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cdk_clarify_monitors_operations import (
    BiasMetric,
    ClarifyBaseliningJob,
    ClarifyModelMonitor,
    ClarifyOperationsError,
    Constraints,
    FeatureAttribution,
    MonitorOperations,
)

_TITLES = {"ModelBias": "Bias monitor", "ModelExplainability": "Feature-attribution monitor"}
_STYLES = {"Completed": "green", "CompletedWithViolations": "yellow", "Failed": "red"}
_STAGES = {"pre-training": "data", "post-training": "predictions"}
_BAR = 24  # characters of the longest bar


def deployed_monitors(operations: MonitorOperations) -> list[ClarifyModelMonitor]:
    """Return the account's monitors, sorted by their names."""
    return [operations.monitor(summary.monitoring_schedule_name) for summary in operations.monitors()]


def show_monitors(console: Console, monitors: Sequence[ClarifyModelMonitor]) -> None:
    """Print each monitor: its baselining job, the suggested constraints, its job definition and schedule."""
    if not monitors:
        console.print("There are no monitors in this account.")
    for monitor in monitors:
        console.print(_panel(monitor))


def show_executions(console: Console, executions: Sequence[Mapping[str, Any]]) -> None:
    """Print each execution of a schedule: when it was due, and how it ended."""
    for execution in executions:
        status, reason = execution["MonitoringExecutionStatus"], execution.get("FailureReason")
        text = f"{execution['ScheduledTime']:%Y-%m-%d %H:%M}  {execution['MonitoringScheduleName']}  {status}"
        console.print(
            text if reason is None else f"{text}: {reason}", style=_STYLES.get(status), soft_wrap=True, markup=False
        )


def _panel(monitor: ClarifyModelMonitor) -> Panel:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    job = monitor.find_baselining_job()
    if job is not None:
        facts.add_row("baselining job", job.processing_job_name)
        facts.add_row("", _outcome(job))
    facts.add_row("constraints", monitor.constraints_s3_uri or "none")
    facts.add_row("job definition", monitor.job_definition_name)
    facts.add_row("schedule", monitor.monitoring_schedule_name)
    when = monitor.schedule_expression or "at a time the service chooses"
    facts.add_row("", f"{monitor.status}, {when}")
    parts: list[Any] = [facts]
    constraints = _constraints(monitor)
    if metrics := constraints.bias_metrics():
        parts += [Text(), _metric_table(metrics)]
    if attributions := constraints.feature_attributions():
        parts += [Text(), _attribution_table(attributions)]
    return Panel(Group(*parts), title=_TITLES[monitor.monitoring_type], title_align="left", expand=False)


def _outcome(job: ClarifyBaseliningJob) -> str:
    described = job.describe()
    started, ended = described.get("ProcessingStartTime"), described.get("ProcessingEndTime")
    seconds = f", {(ended - started).total_seconds():.1f} s" if started and ended else ""
    return f"{described['ProcessingJobStatus']}{seconds}"


def _constraints(monitor: ClarifyModelMonitor) -> Constraints:
    try:
        return monitor.suggested_constraints()
    except ClarifyOperationsError:  # there are none, or no longer
        return Constraints({})


def _metric_table(metrics: Sequence[BiasMetric]) -> Table:
    table = Table(title="suggested constraints", title_justify="left", box=None, pad_edge=False)
    for heading in ("facet", "of the", "metric"):
        table.add_column(heading)
    table.add_column("value", justify="right")
    last = ("", "")
    for metric in metrics:
        facet, stage = f"{metric.facet} = {metric.facet_value}", _STAGES[metric.stage]
        # Each facet and stage once, where it starts.
        shown = (facet if facet != last[1] else "", stage if (stage, facet) != last else "")
        last = (stage, facet)
        value = "-" if metric.value is None else f"{metric.value:.4f}"
        table.add_row(*shown, metric.description or metric.name, value)
    return table


def _attribution_table(attributions: Sequence[FeatureAttribution]) -> Table:
    table = Table(title="suggested constraints", title_justify="left", box=None, pad_edge=False)
    table.add_column("label")
    table.add_column("feature")
    table.add_column("SHAP value", justify="right")
    table.add_column("")
    largest = max(abs(each.value) for each in attributions) or 1.0
    last = ""
    for each in sorted(attributions, key=lambda each: (each.label, -abs(each.value))):
        bar = "█" * round(abs(each.value) / largest * _BAR)
        table.add_row(
            each.label if each.label != last else "", each.feature, f"{each.value:.4f}", Text(bar, style="cyan")
        )
        last = each.label
    return table
