"""Alerts of monitoring schedules: list, update, and list their history."""

from __future__ import annotations

from collections.abc import Mapping

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import ApiError, validation_error
from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._alert import Alert
from cdk_clarify_monitors_local.server.sagemaker._listing import page_of, timestamp
from cdk_clarify_monitors_local.server.sagemaker._monitoring_schedules import schedule_of
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request

_DEFAULT_PAGE = 100


class Alerts:
    """Serves alerts: one for each schedule.

    Args:
        clock: Dates updates.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.operations: Mapping[str, Operation] = {
            "ListMonitoringAlerts": self._list,
            "ListMonitoringAlertHistory": self._list_history,
            "UpdateMonitoringAlert": self._update,
        }

    def _list(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return {"MonitoringAlertSummaries": [_alert_of(region, schedule_of(region, request)).summary()]}

    def _update(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        schedule = schedule_of(region, request)
        alert = _alert_of(region, schedule)
        if request["MonitoringAlertName"] != alert.schedule:
            # The service's wording is not documented.
            raise ApiError("ResourceNotFound", f"Monitoring Alert {request['MonitoringAlertName']} not found")
        if request["DatapointsToAlert"] > request["EvaluationPeriod"]:
            raise validation_error("DatapointsToAlert must be less than or equal to EvaluationPeriod")
        alert.datapoints, alert.period = request["DatapointsToAlert"], request["EvaluationPeriod"]
        alert.modified = self._clock.timestamp()
        return {"MonitoringScheduleArn": schedule["MonitoringScheduleArn"], "MonitoringAlertName": alert.schedule}

    def _list_history(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        chosen = [schedule_of(region, request)] if "MonitoringScheduleName" in request else region.schedules.values()
        alerts = [_alert_of(region, schedule) for schedule in chosen]
        found: list[Answer] = [
            {
                "MonitoringScheduleName": alert.schedule,
                "MonitoringAlertName": alert.schedule,
                "CreationTime": moment,
                "AlertStatus": status,
            }
            for alert in alerts
            for moment, status in alert.history
            if request.get("MonitoringAlertName", alert.schedule) == alert.schedule
            and request.get("StatusEquals", status) == status
            and _is_between(moment, request)
        ]
        by = {"Status": "AlertStatus"}.get(request.get("SortBy", ""), "CreationTime")
        found.sort(key=lambda entry: entry[by], reverse=request.get("SortOrder", "Descending") == "Descending")
        return page_of(found, request, answer="MonitoringAlertHistory", default=_DEFAULT_PAGE)


def _alert_of(region: Region, schedule: Answer) -> Alert:
    """Return the alert of a schedule, up to date."""
    name, created = schedule["MonitoringScheduleName"], schedule["CreationTime"]
    alert = region.alerts.get(name)
    if alert is None or alert.created != created:  # of a schedule of the same name that was deleted
        alert = region.alerts[name] = Alert(name, created, created)
    alert.follow(region.executions)
    return alert


def _is_between(moment: float, request: Request) -> bool:
    before, after = request.get("CreationTimeBefore"), request.get("CreationTimeAfter")
    return (before is None or moment < timestamp(before)) and (after is None or moment > timestamp(after))
