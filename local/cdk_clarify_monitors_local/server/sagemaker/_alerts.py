"""Alerts of monitoring schedules: list, update, and list their history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import ApiError, validation_error
from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._listing import timestamp
from cdk_clarify_monitors_local.server.sagemaker._monitoring_execution import MonitoringExecution
from cdk_clarify_monitors_local.server.sagemaker._monitoring_schedules import schedule_of
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request

_DEFAULT_PAGE = 100
_IN_ALERT, _OK = "InAlert", "OK"


@dataclass
class Alert:
    """The alert that SageMaker makes with a schedule. That its name is the schedule's, and its numbers, are inferred.

    Attributes:
        schedule: The schedule's name.
        created: When it was made.
        modified: When it was updated last.
        datapoints: So many of the latest executions have to find violations.
        period: Among so many of the latest executions.
        history: Each change of its status: the time and the new status.
    """

    schedule: str
    created: float
    modified: float
    datapoints: int = 1
    period: int = 1
    history: list[tuple[float, str]] = field(default_factory=list)
    _ended: list[MonitoringExecution] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Its status."""
        return self.history[-1][1] if self.history else _OK

    def follow(self, executions: Iterable[MonitoringExecution]) -> None:
        """Look at the executions that have ended since: with the present numbers, which later ones do not undo."""
        for execution in executions:
            if execution.schedule_name == self.schedule and execution.is_over and execution not in self._ended:
                self._ended.append(execution)
                latest = self._ended[-self.period :]
                violated = sum(each.status == "CompletedWithViolations" for each in latest)
                status = _IN_ALERT if violated >= self.datapoints else _OK
                if status != self.status:
                    self.history.append((execution.modified, status))

    def summary(self) -> Answer:
        """Return its MonitoringAlertSummary."""
        return {
            "MonitoringAlertName": self.schedule,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "AlertStatus": self.status,
            "DatapointsToAlert": self.datapoints,
            "EvaluationPeriod": self.period,
            "Actions": {"ModelDashboardIndicator": {"Enabled": True}},
        }


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
        token = request.get("NextToken", "0")
        if not token.isdecimal():
            raise validation_error(f"Invalid NextToken: {token}")
        start = int(token)
        end = start + request.get("MaxResults", _DEFAULT_PAGE)
        page: Answer = {"MonitoringAlertHistory": found[start:end]}
        if end < len(found):
            page["NextToken"] = str(end)
        return page


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
