"""An execution of a monitoring schedule, as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server.processing._processing_job import ProcessingJob

#: The statuses of executions that are over.
ENDED = ("Completed", "CompletedWithViolations", "Failed", "Stopped")


class MonitoringExecution:
    """An execution.

    Args:
        schedule_name: Its schedule's name.
        monitoring_type: `ModelBias` or `ModelExplainability`.
        definition_name: The job definition's name.
        endpoint_name: The endpoint's name, None for batch transforms.
        scheduled: When it was due.
        clock: Dates it.
    """

    def __init__(
        self,
        schedule_name: str,
        monitoring_type: str,
        definition_name: str,
        endpoint_name: str | None,
        scheduled: datetime,
        clock: Clock,
    ) -> None:
        self.schedule_name = schedule_name
        self.monitoring_type = monitoring_type
        self.definition_name = definition_name
        self.endpoint_name = endpoint_name
        self.scheduled = scheduled
        self._clock = clock
        self.created = self.modified = clock.timestamp()
        self.status = "Pending"
        self.failure_reason: str | None = None
        self.job: ProcessingJob | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in ENDED

    def begin(self, job: ProcessingJob) -> None:
        """Note its processing job: the merge job first, then the one that analyses."""
        self.job = job
        self._move("InProgress")

    def end(self, status: str, failure_reason: str | None = None) -> None:
        """Note its end."""
        self.failure_reason = failure_reason
        self._move(status)

    def summary(self) -> dict[str, Any]:
        """Return its MonitoringExecutionSummary."""
        optional = {
            "ProcessingJobArn": None if self.job is None else self.job.arn,
            "EndpointName": self.endpoint_name,
            "FailureReason": self.failure_reason,
        }
        return {
            "MonitoringScheduleName": self.schedule_name,
            "ScheduledTime": self.scheduled.timestamp(),
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "MonitoringExecutionStatus": self.status,
            **{name: value for name, value in optional.items() if value is not None},
        }

    def _move(self, status: str) -> None:
        self.status = status
        self.modified = self._clock.timestamp()
