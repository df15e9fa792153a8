"""Monitoring schedules: create, describe, update, start, stop, delete, list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import ApiError, validation_error
from cdk_clarify_monitors_local.server._faults import Faults
from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._permissions import Permissions
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request
from cdk_clarify_monitors_local.server.sagemaker._tags import tag_map

_SUMMARY = (
    "MonitoringScheduleName",
    "MonitoringScheduleArn",
    "MonitoringScheduleStatus",
    "MonitoringType",
    "EndpointName",
    "CreationTime",
    "LastModifiedTime",
)


class MonitoringSchedules:
    """Serves monitoring schedules.

    Args:
        permissions: What IAM says.
        faults: What goes wrong because a test wants it to.
        clock: Dates them.
    """

    def __init__(self, permissions: Permissions, faults: Faults, clock: Clock) -> None:
        self._permissions = permissions
        self._faults = faults
        self._clock = clock
        self.operations: Mapping[str, Operation] = {
            "CreateMonitoringSchedule": self._create,
            "DescribeMonitoringSchedule": self._describe,
            "UpdateMonitoringSchedule": self._update,
            "DeleteMonitoringSchedule": self._delete,
            "StartMonitoringSchedule": self._start,
            "StopMonitoringSchedule": self._stop,
            "ListMonitoringSchedules": self._list,
        }

    def _create(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        name = request["MonitoringScheduleName"]
        arn = region.scope.arn("monitoring-schedule", name)
        self._permissions.check_create(region.scope, arn, request, caller)
        if name in region.schedules:
            raise ApiError("ResourceInUse", f"Monitoring Schedule {arn} already exists")
        _check_definition(region, request)
        now = self._clock.timestamp()
        region.schedules[name] = {
            "MonitoringScheduleArn": arn,
            "MonitoringScheduleName": name,
            "MonitoringScheduleStatus": "Scheduled",
            "MonitoringScheduleConfig": request["MonitoringScheduleConfig"],
            "CreationTime": now,
            "LastModifiedTime": now,
        }
        if "MonitoringType" in request["MonitoringScheduleConfig"]:
            region.schedules[name]["MonitoringType"] = request["MonitoringScheduleConfig"]["MonitoringType"]
        region.considered[name] = self._clock.now()
        region.tags[arn] = tag_map(request)
        return {"MonitoringScheduleArn": arn}

    def _describe(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        schedule = _with_endpoint(region, schedule_of(region, request))
        name = schedule["MonitoringScheduleName"]
        own = [execution for execution in region.executions if execution.schedule_name == name]
        if own:
            schedule["LastMonitoringExecutionSummary"] = own[-1].summary()
        if self._faults.is_executing(name):
            job = region.scope.arn("processing-job", f"model-monitoring-of-{name}"[:63])
            schedule["LastMonitoringExecutionSummary"] = {
                "MonitoringScheduleName": name,
                "MonitoringExecutionStatus": "InProgress",
                "ProcessingJobArn": job,
                "ScheduledTime": schedule["CreationTime"],
                "CreationTime": schedule["CreationTime"],
                "LastModifiedTime": schedule["CreationTime"],
            }
        return schedule

    def _update(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        schedule = self._idle(region, request)
        _check_definition(region, request)
        schedule["MonitoringScheduleConfig"] = request["MonitoringScheduleConfig"]
        schedule["LastModifiedTime"] = self._clock.timestamp()
        region.ran_once.discard(schedule["MonitoringScheduleName"])
        return {"MonitoringScheduleArn": schedule["MonitoringScheduleArn"]}

    def _delete(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        schedule = self._idle(region, request)
        name = request["MonitoringScheduleName"]
        del region.schedules[name], region.considered[name]
        region.ran_once.discard(name)
        region.executions = [execution for execution in region.executions if execution.schedule_name != name]
        region.tags.pop(schedule["MonitoringScheduleArn"], None)
        return {}

    def _start(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        schedule = schedule_of(region, request)
        if schedule["MonitoringScheduleStatus"] != "Scheduled":
            schedule["MonitoringScheduleStatus"] = "Scheduled"
            region.considered[schedule["MonitoringScheduleName"]] = self._clock.now()
        return {}

    def _stop(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        schedule_of(region, request)["MonitoringScheduleStatus"] = "Stopped"
        return {}

    def _list(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return {
            "MonitoringScheduleSummaries": [
                {name: schedule[name] for name in _SUMMARY if name in schedule}
                for schedule in (_with_endpoint(region, each) for each in region.schedules.values())
                if request.get("EndpointName") in (None, schedule.get("EndpointName"))
                and request.get("NameContains", "") in schedule["MonitoringScheduleName"]
                and request.get("StatusEquals") in (None, schedule["MonitoringScheduleStatus"])
                and request.get("MonitoringTypeEquals") in (None, schedule.get("MonitoringType"))
            ]
        }

    def _idle(self, region: Region, request: Request) -> Answer:
        schedule = schedule_of(region, request)
        name = schedule["MonitoringScheduleName"]
        running = any(each.schedule_name == name and not each.is_over for each in region.executions)
        if running or self._faults.is_executing(name):
            # What is refused is documented, the service's wording is not.
            raise validation_error(f"Monitoring Schedule {schedule['MonitoringScheduleArn']} has an execution running")
        return schedule


def schedule_of(region: Region, request: Request) -> Answer:
    """Return the schedule that a request names.

    Raises:
        ApiError: There is none.
    """
    schedule = region.schedules.get(request["MonitoringScheduleName"])
    if schedule is None:
        arn = region.scope.arn("monitoring-schedule", request["MonitoringScheduleName"])
        raise ApiError("ResourceNotFound", f"Monitoring Schedule {arn} not found")
    return schedule


def _check_definition(region: Region, request: Request) -> None:
    config = request["MonitoringScheduleConfig"]
    name, kind = config.get("MonitoringJobDefinitionName"), config.get("MonitoringType")
    if name is None:
        return
    definition = region.definitions.get((kind, name))
    if definition is None:
        raise ApiError("ResourceNotFound", f"Could not find requested {kind} job definition with name: {name}")
    endpoint = _endpoint(kind, definition)
    if endpoint is not None and endpoint not in region.endpoints:
        # That it is refused is inferred, and so is the wording of its first sentence.
        raise validation_error(
            f'Could not find endpoint "{region.scope.arn("endpoint", endpoint)}". If it is no part of the app, let the '
            f"embedded AWS have one: `clarify-local … --endpoint {endpoint}` or `aws.add_endpoint('{endpoint}')`."
        )


def _endpoint(kind: str, definition: Mapping[str, Any]) -> str | None:
    name: str | None = definition[f"{kind}JobInput"].get("EndpointInput", {}).get("EndpointName")
    return name


def _with_endpoint(region: Region, schedule: Answer) -> Answer:
    """Return a schedule with the endpoint of its job definition, as long as there is that definition."""
    config = schedule["MonitoringScheduleConfig"]
    kind = config.get("MonitoringType")
    definition = region.definitions.get((kind, config.get("MonitoringJobDefinitionName")))
    endpoint = _endpoint(kind, definition) if definition is not None else None
    return {**schedule, "EndpointName": endpoint} if endpoint else dict(schedule)
