"""Alerts of a monitoring schedule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ._records import Record

ALERT_STATUSES: Final = ("InAlert", "OK")


@dataclass(frozen=True)
class MonitoringAlertSummary(Record):
    """An alert of a monitoring schedule. SageMaker makes it with the schedule.

    Attributes:
        alert_name: Its name.
        alert_status: `InAlert` or `OK`.
        data_points_to_alert: How many of the last executions have to have violations.
        evaluation_period: How many executions are looked at.
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
