"""The subcommand `alerts`."""

from __future__ import annotations

import click

from cdk_clarify_monitors_operations.command._application import Application
from cdk_clarify_monitors_operations.command._parameters import command, name_argument, pass_application


@command("alerts", "Show alerts and their history; change one.")
@name_argument
@click.option("--set", "alert", metavar="ALERT", help="Change this alert.")
@click.option(
    "--data-points",
    "data_points_to_alert",
    type=int,
    help="With --set: how many of the last executions have to have violations.",
)
@click.option("--period", "evaluation_period", type=int, help="With --set: how many executions are looked at.")
@click.option("--history", is_flag=True, help="Show when alerts went off, and when they were OK again.")
@pass_application
def alerts(
    application: Application,
    name: str,
    alert: str | None,
    data_points_to_alert: int | None,
    evaluation_period: int | None,
    history: bool,
) -> None:
    """Show a monitor's alerts, change one, or show their history."""
    has_numbers = data_points_to_alert is not None or evaluation_period is not None
    if alert is None and has_numbers:
        raise click.UsageError("--data-points and --period need --set ALERT")
    if alert is not None and not has_numbers:
        raise click.UsageError("--set needs --data-points, --period or both")
    if alert is not None and history:
        raise click.UsageError("--set changes an alert, --history shows all of them: give one of them")
    output, monitor = application.output, application.monitor(name)
    if alert is not None:
        monitor.update_monitoring_alert(alert, data_points_to_alert, evaluation_period)
    if history:
        events = list(monitor.list_monitoring_alert_history())
        if output.is_json:
            output.json(events)
        elif not events:
            output.note(f"No alert of {name} has ever gone off.")
        else:
            rows = [(each.creation_time, each.alert_name, each.alert_status) for each in events]
            output.table(("time (UTC)", "alert", "status"), rows)
        return
    found = list(monitor.list_monitoring_alerts())
    if output.is_json:
        output.json(found)
    elif found:
        output.table(
            ("alert", "status", "data points", "of executions"),
            [(each.alert_name, each.alert_status, each.data_points_to_alert, each.evaluation_period) for each in found],
        )
    else:
        output.note(f"{name} has no alerts.")
