"""Subcommands that steer a schedule: start, stop, run-now, delete."""

from __future__ import annotations

from typing import Literal

import click

from cdk_clarify_monitors_operations._errors import ScheduleNotFound
from cdk_clarify_monitors_operations._monitor import ClarifyModelMonitor
from cdk_clarify_monitors_operations.command._application import Application
from cdk_clarify_monitors_operations.command._parameters import (
    command,
    confirm,
    name_argument,
    override_option,
    pass_application,
    wait_option,
    yes_option,
)
from cdk_clarify_monitors_operations.command._violations import names_for, show_violations


@command("start")
@name_argument
@wait_option
@pass_application
def start(application: Application, name: str, wait: bool) -> None:
    """Start a monitor's schedule."""
    _switch(application, name, "start", wait)


@command("stop")
@name_argument
@wait_option
@pass_application
def stop(application: Application, name: str, wait: bool) -> None:
    """Stop a monitor's schedule. An execution that runs goes on."""
    _switch(application, name, "stop", wait)


def _goes_on(name: str, subcommand: str) -> str:
    return (
        "Nothing was undone: SageMaker goes on with what it was asked for. "
        f"`clarify-monitors show {name}` tells how far it is; `clarify-monitors {subcommand} {name}` takes it up again."
    )


def _switch(application: Application, name: str, subcommand: Literal["start", "stop"], wait: bool) -> None:
    monitor = application.monitor(name)
    switch = {"start": monitor.start_monitoring_schedule, "stop": monitor.stop_monitoring_schedule}[subcommand]
    with application.waiting(f"Asking SageMaker to {subcommand} {name}", _goes_on(name, subcommand)):
        switch(wait=wait)
    status = monitor.refresh().status
    if application.json:
        application.output.json({"monitoring_schedule_name": name, "status": status})
    else:
        application.output.line(f"{name} is {status}.")


@command("run-now", "Run an execution beside the schedule.")
@name_argument
@click.option("--from", "start", default="-PT1H", show_default=True, metavar="OFFSET", help="Where the data begins.")
@click.option("--to", "end", default="-PT0H", show_default=True, metavar="OFFSET", help="Where the data ends.")
@click.option("--name", "schedule_name", metavar="NAME", help="The name of the second schedule.")
@click.option("--wait/--no-wait", default=False, show_default=True, help="Whether to wait for the execution's end.")
@pass_application
def run_now(
    application: Application, name: str, start: str, end: str, schedule_name: str | None, wait: bool
) -> int | None:
    """Run an execution as soon as possible, by a second, one-time schedule beside the monitor's own.

    SageMaker may take half an hour to begin. With --wait, it exits with 2 if there are violations.
    """
    output, monitor = application.output, application.monitor(name)
    with application.waiting(f"Making a one-time schedule beside {name}", _goes_on(name, "show")):
        run = monitor.run_now(start, end, name=schedule_name)
    own = run.monitoring_schedule_name
    if not wait:
        if output.is_json:
            output.json(run.to_dict())
        else:
            output.line(f"{own} runs once. See `clarify-monitors executions {own}`.")
            output.line(f"When it has run: `clarify-monitors delete {own}` removes it, and keeps what {name} uses.")
        return None
    with application.waiting(
        f"Waiting for the execution of {own}",
        f"The execution goes on, nothing was undone: `clarify-monitors executions {own}` tells how it ends, "
        f"`clarify-monitors delete {own}` removes the one-time schedule.",
    ):
        execution = run.wait_for_execution()
    found = execution.violations()
    if output.is_json:
        output.json({**execution.to_dict(), "violations": found})
    else:
        output.line(f"{execution}: {execution.status}")
        if found:
            show_violations(output, found, names_for(monitor, [each.label for each in found]))
        output.line(f"`clarify-monitors delete {own}` removes the one-time schedule, and keeps what {name} uses.")
    return 2 if found else 0


@command("delete", "Delete a schedule and its job definition.")
@name_argument
@click.option(
    "--definitions",
    type=click.Choice(["current", "all", "none"]),
    default="current",
    show_default=True,
    help="The job definitions to delete: `all` has those that updates have replaced, too.",
)
@click.option("--only-replaced-definitions", is_flag=True, help="Keep the schedule; delete what updates left behind.")
@click.option("--job-definition", metavar="NAME", help="The one that an interrupted deletion has left behind.")
@override_option
@wait_option
@yes_option
@pass_application
def delete(
    application: Application,
    name: str,
    definitions: Literal["current", "all", "none"],
    only_replaced_definitions: bool,
    job_definition: str | None,
    override_stack: bool,
    wait: bool,
    yes: bool,
) -> None:
    """Delete a monitor's schedule, then its job definition. Results in S3 stay.

    It can be repeated if it was interrupted: then it deletes what is left.
    """
    try:
        monitor = application.monitor(name, needs_definition=False)
    except ScheduleNotFound:
        if (
            only_replaced_definitions
            or definitions == "none"
            or not _delete_left(application, name, job_definition, yes)
        ):
            raise
        return
    if job_definition not in (None, monitor.job_definition_name):
        raise click.UsageError(f"{name} uses the job definition {monitor.job_definition_name}, not {job_definition}")
    if only_replaced_definitions:
        _delete_replaced(application, monitor, yes)
        return
    output = application.output
    confirm(f"Delete the monitor {name} ({monitor.monitoring_type}, {monitor.status})? Results in S3 stay.", yes)
    again = f"clarify-monitors delete {name} --definitions {definitions}"
    if definitions != "none":
        again += f" --job-definition {monitor.job_definition_name}"
    with application.waiting(f"Deleting {name}", f"Nothing was undone: `{again}` goes on."):
        monitor.delete_monitoring_schedule(definitions=definitions, override_stack=override_stack, wait=wait)
    if output.is_json:
        output.json({"deleted": [name]} if wait else {"deleting": [name]})
    elif wait:
        output.line(f"{name} is gone.")
    else:
        output.line(f"SageMaker deletes {name}; then `{again}` deletes its job definition.")


def _delete_left(application: Application, name: str, job_definition: str | None, yes: bool) -> bool:
    """Delete what an interrupted deletion has left; returns whether there was something."""
    left = application.operations.left_definitions(name, job_definition)
    if not left:
        return False
    confirm(f"The schedule {name} is gone. Delete the job definitions {', '.join(left)}?", yes)
    deleted = application.operations.delete_left_definitions(name, job_definition)
    if application.json:
        application.output.json({"deleted": deleted})
    else:
        application.output.line(f"{name} is gone. Deleted: {', '.join(deleted)}.")
    return True


def _delete_replaced(application: Application, monitor: ClarifyModelMonitor, yes: bool) -> None:
    output, name = application.output, monitor.monitoring_schedule_name
    names = monitor.replaced_definitions()
    if names:
        confirm(f"Delete {', '.join(names)}?", yes)
        again = f"clarify-monitors delete {name} --only-replaced-definitions"
        with application.waiting(f"Deleting {len(names)} job definitions", f"Nothing was undone: `{again}` goes on."):
            names = monitor.delete_replaced_definitions()
    if output.is_json:
        output.json({"deleted": names})
    else:
        output.line(f"Deleted: {', '.join(names)}." if names else f"No update of {name} has left one behind.")
