"""Alerts of a monitoring schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cdk_clarify_monitors_operations._aws import Aws, check_aware, utc
from cdk_clarify_monitors_operations._errors import AlertNotFound, InvalidArgument, NotFound, NothingToUpdate
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import schedule_gone

_MOST: Final = 100
_CHOICES: Final = {
    "sort_by": ("CreationTime", "Status"),
    "sort_order": ("Ascending", "Descending"),
    "status_equals": ("InAlert", "OK"),
}


@dataclass(frozen=True)
class MonitoringAlertSummary(Record):
    """An alert of a monitoring schedule. SageMaker makes it with the schedule.

    Attributes:
        alert_name: Its name.
        alert_status: `InAlert` or `OK`.
        data_points_to_alert: How many of the last executions must have violations.
        evaluation_period: How many of the latest executions count.
        dashboard_indicator: Whether the model dashboard shows it.
        creation_time: When it was made, in UTC.
        last_modified_time: When it was last changed, in UTC.
    """

    alert_name: str
    alert_status: str
    data_points_to_alert: int
    evaluation_period: int
    dashboard_indicator: bool
    creation_time: datetime | None
    last_modified_time: datetime | None


@dataclass(frozen=True)
class MonitoringAlertHistorySummary(Record):
    """A change of an alert's status.

    Attributes:
        alert_name: The alert's name.
        alert_status: Its status since then, `InAlert` or `OK`.
        creation_time: When it changed, in UTC.
    """

    alert_name: str
    alert_status: str
    creation_time: datetime | None


def list_alerts(aws: Aws, schedule: str) -> Iterator[MonitoringAlertSummary]:
    """Yield the alerts of a schedule.

    Raises:
        ScheduleNotFound: The schedule is gone.
    """
    try:
        for page in aws.pages("sagemaker", "ListMonitoringAlerts", MonitoringScheduleName=schedule):
            for alert in page.get("MonitoringAlertSummaries", ()):
                yield MonitoringAlertSummary(
                    alert_name=alert["MonitoringAlertName"],
                    alert_status=alert["AlertStatus"],
                    data_points_to_alert=alert["DatapointsToAlert"],
                    evaluation_period=alert["EvaluationPeriod"],
                    dashboard_indicator=bool(
                        alert.get("Actions", {}).get("ModelDashboardIndicator", {}).get("Enabled")
                    ),
                    creation_time=utc(alert["CreationTime"]),
                    last_modified_time=utc(alert["LastModifiedTime"]),
                )
    except NotFound as error:
        raise schedule_gone(schedule, error) from error


def update_alert(
    aws: Aws, schedule: str, name: str, data_points_to_alert: int | None, evaluation_period: int | None
) -> None:
    """Change an alert; what is None stays as it is.

    Raises:
        NothingToUpdate: Neither is given.
        InvalidArgument: A number is not from 1 to 100, or the alert could never go off.
        AlertNotFound: The schedule has no such alert.
    """
    if data_points_to_alert is None and evaluation_period is None:
        raise NothingToUpdate(
            "Got no alert property to update: give 'data_points_to_alert' or 'evaluation_period'", schedule=schedule
        )
    for argument, number in (("data_points_to_alert", data_points_to_alert), ("evaluation_period", evaluation_period)):
        if number is not None and not (type(number) is int and 1 <= number <= _MOST):
            raise InvalidArgument(f"'{argument}' must be a whole number from 1 to {_MOST}, got {number!r}")
    alerts = {alert.alert_name: alert for alert in list_alerts(aws, schedule)}
    alert = alerts.get(name)
    if alert is None:
        raise AlertNotFound(
            f"The monitoring schedule {schedule} has no alert {name!r}; it has: {', '.join(alerts) or 'none'}",
            schedule=schedule,
        )
    points = data_points_to_alert or alert.data_points_to_alert
    period = evaluation_period or alert.evaluation_period
    if points > period:
        raise InvalidArgument(
            "'data_points_to_alert' must be at most 'evaluation_period', or the alert could never go off; "
            f"they would be {points} and {period}"
        )
    aws.call(
        "sagemaker",
        "UpdateMonitoringAlert",
        MonitoringScheduleName=schedule,
        MonitoringAlertName=name,
        DatapointsToAlert=points,
        EvaluationPeriod=period,
    )


def alert_history(
    aws: Aws,
    schedule: str,
    name: str | None,
    *,
    sort_by: str,
    sort_order: str,
    before: datetime | None,
    after: datetime | None,
    status: str | None,
) -> Iterator[MonitoringAlertHistorySummary]:
    """Yield the changes of alerts' status; the filters are checked at once.

    Raises:
        InvalidArgument: A filter cannot be.
    """
    given: dict[str, Any] = {"sort_by": sort_by, "sort_order": sort_order, "status_equals": status}
    for argument, allowed in _CHOICES.items():
        if given[argument] not in allowed and (argument != "status_equals" or status is not None):
            raise InvalidArgument(f"'{argument}' must be one of {', '.join(allowed)}, got {given[argument]!r}")
    check_aware("creation_time_before", before)
    check_aware("creation_time_after", after)
    if after and before and after >= before:
        raise InvalidArgument(
            "'creation_time_after' must be before 'creation_time_before', "
            f"got {after.isoformat()} and {before.isoformat()}"
        )
    pages = aws.pages(
        "sagemaker",
        "ListMonitoringAlertHistory",
        MonitoringScheduleName=schedule,
        MonitoringAlertName=name,
        SortBy=sort_by,
        SortOrder=sort_order,
        CreationTimeBefore=before,
        CreationTimeAfter=after,
        StatusEquals=status,
        MaxResults=_MOST,
    )
    return (
        MonitoringAlertHistorySummary(entry["MonitoringAlertName"], entry["AlertStatus"], utc(entry["CreationTime"]))
        for page in pages
        for entry in page.get("MonitoringAlertHistory", ())
    )
