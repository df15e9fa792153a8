"""Shows deployed monitors on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cdk_clarify_monitors_local.show._deployed_monitors import DeployedMonitor

_TITLES = {"ModelBias": "Bias monitor", "ModelExplainability": "Feature-attribution monitor"}
_STYLES = {"Completed": "green", "CompletedWithViolations": "yellow", "Failed": "red"}
_BAR = 24  # characters of the longest bar


def show_monitors(console: Console, monitors: Sequence[DeployedMonitor]) -> None:
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


def _panel(monitor: DeployedMonitor) -> Panel:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    if monitor.job is not None:
        seconds = "" if monitor.job.seconds is None else f", {monitor.job.seconds:.1f} s"
        facts.add_row("baselining job", monitor.job.name)
        facts.add_row("", f"{monitor.job.status}{seconds}")
    facts.add_row("constraints", monitor.constraints_uri or "none")
    facts.add_row("job definition", monitor.definition_name)
    facts.add_row("schedule", monitor.schedule_name)
    when = monitor.schedule_expression or "at a time the service chooses"
    facts.add_row("", f"{monitor.schedule_status}, {when}")
    parts: list[Any] = [facts]
    metrics, attributions = list(monitor.bias_metrics()), list(monitor.attributions())
    if metrics:
        parts += [Text(), _metric_table(metrics)]
    if attributions:
        parts += [Text(), _attribution_table(attributions)]
    return Panel(Group(*parts), title=_TITLES[monitor.monitoring_type], title_align="left", expand=False)


def _metric_table(metrics: Sequence[tuple[str, str, str, Any]]) -> Table:
    table = Table(title="suggested constraints", title_justify="left", box=None, pad_edge=False)
    for heading in ("facet", "of the", "metric"):
        table.add_column(heading)
    table.add_column("value", justify="right")
    last = ("", "")
    for stage, facet, metric, value in metrics:
        # Each facet and stage once, where it starts.
        shown = (facet if facet != last[1] else "", stage if (stage, facet) != last else "")
        last = (stage, facet)
        table.add_row(*shown, metric, _number(value))
    return table


def _attribution_table(attributions: Sequence[tuple[str, str, float]]) -> Table:
    table = Table(title="suggested constraints", title_justify="left", box=None, pad_edge=False)
    table.add_column("label")
    table.add_column("feature")
    table.add_column("SHAP value", justify="right")
    table.add_column("")
    largest = max(abs(value) for _, _, value in attributions) or 1.0
    last = ""
    for label, feature, value in attributions:
        bar = "█" * round(abs(value) / largest * _BAR)
        table.add_row(label if label != last else "", feature, _number(value), Text(bar, style="cyan"))
        last = label
    return table


def _number(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else "-" if value is None else str(value)
