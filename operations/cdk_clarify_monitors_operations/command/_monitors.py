"""Subcommands about monitors as a whole: list, show, doctor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click
from rich.text import Text

from cdk_clarify_monitors_operations._doctor import Finding
from cdk_clarify_monitors_operations._errors import AccessDenied
from cdk_clarify_monitors_operations._execution import ClarifyMonitoringExecution
from cdk_clarify_monitors_operations._operations import MonitorOverview
from cdk_clarify_monitors_operations.command._application import Application
from cdk_clarify_monitors_operations.command._failures import in_words_of_the_command
from cdk_clarify_monitors_operations.command._parameters import (
    command,
    name_argument,
    optional_name_argument,
    pass_application,
)
from cdk_clarify_monitors_operations.terminal._output import Output, cell

_T = TypeVar("_T")


@command("list")
@click.option("--endpoint", help="Only monitors of this endpoint.")
@click.option(
    "--type", "kind", type=click.Choice(["ModelBias", "ModelExplainability"]), help="Only monitors of this type."
)
@click.option(
    "--status",
    type=click.Choice(["Pending", "Scheduled", "Stopped", "Failed"]),
    help="Only schedules with this status.",
)
@click.option("--name-contains", metavar="TEXT", help="Only names with it.")
@click.option("--fail-on-violations", is_flag=True, help="Exit with 2 if a newest execution has violations.")
@pass_application
def list_monitors(
    application: Application,
    endpoint: str | None,
    kind: str | None,
    status: str | None,
    name_contains: str | None,
    fail_on_violations: bool,
) -> int:
    """List the monitors, each with its newest execution."""
    output = application.output
    with output.progress("Reading the newest executions"):
        found = list(
            application.operations.overview(
                endpoint_name=endpoint, monitoring_type=kind, status=status, name_contains=name_contains
            )
        )
    if output.is_json:
        output.json(found)
    elif found:
        rows = []
        for each in found:
            monitor, execution = each.monitor, each.latest_execution
            newest = (execution.scheduled_time, execution.status) if execution else (None, None)
            names = (monitor.monitoring_schedule_name, monitor.monitoring_type, monitor.status, _endpoint(each))
            rows.append((*names, *newest))
        output.table(("name", "type", "status", "endpoint", "newest execution (UTC)", "its status"), rows)
    elif any((endpoint, kind, status, name_contains)):
        output.note("There are no such monitors in this account and region.")
    else:
        output.note("There are no monitors in this account and region; --region and --profile choose where it looks.")
    problems = [each for each in found if each.problem is not None]
    for each in problems:
        output.note(f"{each.monitor.monitoring_schedule_name}: {in_words_of_the_command(each.problem or '')}")
    if problems:
        return 1
    drifted = any(
        each.latest_execution is not None and each.latest_execution.status == "CompletedWithViolations"
        for each in found
    )
    return 2 if fail_on_violations and drifted else 0


@command("show", "Show a monitor and its newest execution.")
@name_argument
@pass_application
def show(application: Application, name: str) -> None:
    """Show a monitor: its schedule, its job definition, its newest execution."""
    output, monitor = application.output, application.monitor(name)
    execution = monitor.latest_execution()
    tags = _if_allowed(output, lambda: monitor.tags)
    stack = _if_allowed(output, lambda: monitor.stack_name)
    document = {**monitor.to_dict(), "tags": tags, "stack_name": stack, "latest_execution": execution}
    if output.is_json:
        output.json(document)
        return
    output.facts(
        [
            *((key.replace("_", " "), _plain(value)) for key, value in document.items() if key != "latest_execution"),
            ("latest execution", _in_a_line(execution)),
        ]
    )


def _endpoint(overview: MonitorOverview) -> str | None:
    """Return the endpoint's name, which a schedule's summary need not have."""
    execution = overview.latest_execution
    return overview.monitor.endpoint_name or (execution.endpoint_name if execution else None)


def _if_allowed(output: Output, read: Callable[[], _T]) -> _T | None:
    try:
        return read()
    except AccessDenied as error:
        output.note(in_words_of_the_command(str(error)))
        return None


def _plain(value: Any) -> Any:
    """Return a mapping as `KEY=VALUE, …`; a list likewise."""
    if isinstance(value, dict):
        return ", ".join(f"{key}={item}" for key, item in value.items() if item is not None) or None
    return value


def _in_a_line(execution: ClarifyMonitoringExecution | None) -> str:
    if execution is None:
        return "none yet"
    reason = f": {execution.failure_reason}" if execution.failure_reason else ""
    return f"{execution.scheduled_time:%Y-%m-%d %H:%M} {execution.status}{reason}"


@command("doctor", "Tell what is wrong, and what to do about it.")
@optional_name_argument
@pass_application
def doctor(application: Application, name: str | None) -> int:
    """Examine a monitor, or all of them: what is wrong, and what to do about it. Exits with 1 if it finds an error."""
    output = application.output
    with output.progress("Examining the monitors" if name is None else f"Examining {name}"):
        findings = application.operations.doctor() if name is None else application.monitor(name).doctor()
    findings = [_in_words_of_the_command(finding) for finding in findings]
    if output.is_json:
        output.json(findings)
    else:
        for finding in findings:
            _print(output, finding)
        if not findings:
            output.line("Nothing is wrong.")
    return 1 if any(finding.severity == "error" for finding in findings) else 0


def _print(output: Output, finding: Finding) -> None:
    where = f"{finding.monitoring_schedule_name}: " if finding.monitoring_schedule_name else ""
    summary, colon = finding.summary.removesuffix(":"), ":" if finding.summary.endswith(":") else ""
    output.line(Text.assemble(cell(finding.severity), f" {where}{summary} ({finding.code}){colon}"), indent=2)
    for each in finding.details:
        output.line(f"  - {each}", indent=4)
    output.line(f"  {finding.remedy}", indent=2)


def _in_words_of_the_command(finding: Finding) -> Finding:
    name = finding.monitoring_schedule_name
    return replace(
        finding,
        summary=in_words_of_the_command(finding.summary, name),
        remedy=in_words_of_the_command(finding.remedy, name),
        details=tuple(in_words_of_the_command(each, name) for each in finding.details),
    )
