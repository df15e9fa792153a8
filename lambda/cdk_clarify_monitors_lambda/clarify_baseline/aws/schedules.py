"""Monitoring schedules that are busy with an execution.

SageMaker refuses to change or delete a schedule during an execution, and CloudFormation neither waits nor retries. So
the custom resources wait. They never stop an execution: its results are wanted, and no permission could be confined to
its processing job, whose name SageMaker chooses.
"""

from typing import TYPE_CHECKING

from .errors import AWS_ERRORS, describe, is_missing
from .log import Log
from .retry_policy import RETRY_POLICY

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

MAX_WAIT_SECONDS = 3300
"""The longest wait: CloudFormation gives a custom resource an hour."""

_BUSY_STATUSES = frozenset(("Pending", "InProgress", "Stopping"))


class Schedules:
    """Describes monitoring schedules."""

    def __init__(self, sagemaker: "SageMakerClient") -> None:
        self._sagemaker = sagemaker

    def busy_reason(self, name: str, elapsed: float, log: Log) -> str | None:
        """Why a schedule cannot be changed now.

        Returns:
            None if the schedule is idle, does not exist, or SageMaker refuses to describe it: CloudFormation finds out.
        """
        try:
            schedule = self._sagemaker.describe_monitoring_schedule(MonitoringScheduleName=name)
        except AWS_ERRORS as error:
            if is_missing(error):
                return None
            if RETRY_POLICY.is_retryable(error, elapsed):
                return describe(error)
            log.write("going on without the schedule's state", schedule=name, reason=describe(error))
            return None
        execution = schedule.get("LastMonitoringExecutionSummary")
        if execution is None or (status := execution["MonitoringExecutionStatus"]) not in _BUSY_STATUSES:
            return None
        job = execution.get("ProcessingJobArn", "").rpartition("/")[2] or "that has no job yet"
        return f"the monitoring schedule {name} is busy: its execution {job} has the status {status}"
