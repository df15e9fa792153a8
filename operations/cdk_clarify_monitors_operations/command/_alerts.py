"""The subcommand `alerts`."""

from __future__ import annotations

import click

from cdk_clarify_monitors_operations.command._application import Application
from cdk_clarify_monitors_operations.command._parameters import command, name_argument, pass_application


@command("alerts")
@name_argument
@click.option("--set", "alert", metavar="ALERT", help="Change this alert.")
@click.option("--data-points", type=int, help="With --set: how many of the last executions have to have violations.")
@click.option("--period", type=int, help="With --set: how many executions are looked at.")
@click.option("--history", is_flag=True, help="Show when alerts went off, and when they were OK again.")
@pass_application
def alerts(
    application: Application, name: str, alert: str | None, data_points: int | None, period: int | None, history: bool
) -> None:
    """Show a monitor's alerts, change one, or show their history."""
    output, monitor = application.output, application.monitor(name)
    if alert is None and (data_points is not None or period is not None):
        raise click.UsageError("--data-points and --period need --set ALERT")
    if alert is not None:
        monitor.update_monitoring_alert(alert, data_points, period)
    if history:
        events = list(monitor.list_monitoring_alert_history(alert))
        if output.is_json:
            output.json(events)
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
