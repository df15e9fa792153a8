"""The alert of a monitoring schedule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cdk_clarify_monitors_local.server.sagemaker._monitoring_execution import MonitoringExecution

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

    def summary(self) -> dict[str, Any]:
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
