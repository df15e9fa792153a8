"""Executions of monitoring schedules: list."""

from __future__ import annotations

from collections.abc import Mapping

from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request


class Executions:
    """Serves executions."""

    def __init__(self) -> None:
        self.operations: Mapping[str, Operation] = {"ListMonitoringExecutions": self._list}

    def _list(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        # Schedules are kept, not carried out: there is no endpoint whose captured data could be analysed.
        return {"MonitoringExecutionSummaries": []}
