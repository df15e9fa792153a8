"""Executions of monitoring schedules: list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cdk_clarify_monitors_local.server._errors import validation_error
from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._monitoring_execution import MonitoringExecution
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request

_DEFAULT_PAGE = 10

#: The attribute of an execution that a filter compares.
_EQUAL = {
    "MonitoringScheduleName": "schedule_name",
    "EndpointName": "endpoint_name",
    "MonitoringJobDefinitionName": "definition_name",
    "MonitoringTypeEquals": "monitoring_type",
    "StatusEquals": "status",
}
_TIMES = ("ScheduledTime", "CreationTime", "LastModifiedTime")


class Executions:
    """Serves executions."""

    def __init__(self) -> None:
        self.operations: Mapping[str, Operation] = {"ListMonitoringExecutions": self._list}

    def _list(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        found = [execution for execution in region.executions if _fits(execution, request)]
        by = request.get("SortBy", "CreationTime")
        if by == "Status":
            found.sort(key=lambda execution: execution.status)
        else:
            found.sort(key=lambda execution: float(execution.summary()[by]))
        if request.get("SortOrder", "Descending") == "Descending":
            found.reverse()
        start = _start(request.get("NextToken"))
        end = start + request.get("MaxResults", _DEFAULT_PAGE)
        answer: Answer = {"MonitoringExecutionSummaries": [execution.summary() for execution in found[start:end]]}
        if end < len(found):
            answer["NextToken"] = str(end)
        return answer


def _fits(execution: MonitoringExecution, request: Request) -> bool:
    for name, attribute in _EQUAL.items():
        if name in request and getattr(execution, attribute) != request[name]:
            return False
    summary = execution.summary()
    for name in _TIMES:
        before, after = request.get(f"{name}Before"), request.get(f"{name}After")
        if before is not None and not summary[name] < _timestamp(before):
            return False
        if after is not None and not summary[name] > _timestamp(after):
            return False
    return True


def _timestamp(value: Any) -> float:
    return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else float(value)


def _start(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdecimal():
        raise validation_error(f"Invalid NextToken: {token}")
    return int(token)
