"""Alerts of monitoring schedules: list, and list their history."""

from __future__ import annotations

from collections.abc import Mapping

from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._monitoring_schedules import schedule_of
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request


class Alerts:
    """Serves alerts. There are none: SageMaker makes one with each schedule, its name and numbers undocumented."""

    def __init__(self) -> None:
        self.operations: Mapping[str, Operation] = {
            "ListMonitoringAlerts": self._list,
            "ListMonitoringAlertHistory": self._list_history,
        }

    def _list(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        schedule_of(region, request)
        return {}  # the model allows no empty list

    def _list_history(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return {}
