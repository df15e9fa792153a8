"""Monitoring schedules: does an execution stand in the way of a change?

SageMaker refuses to change or delete a schedule while an execution is pending, running or stopping, and CloudFormation
neither waits nor tries again. So it is held up until the execution has ended. An execution is never stopped: its
results are wanted, and its processing job has a name that no permission could be confined to.
"""

from typing import TYPE_CHECKING

from .errors import AWS_ERRORS, described, is_missing, may_pass
from .log import Log

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PATIENCE_SECONDS = 3300
"""So long a change is held up at most: CloudFormation gives a custom resource an hour."""

_UNDER_WAY = frozenset(("Pending", "InProgress", "Stopping"))


class Schedules:
    """What SageMaker says about schedules."""

    def __init__(self, sagemaker: "SageMakerClient") -> None:
        self._sagemaker = sagemaker

    def obstacle(self, name: str, elapsed: float, log: Log) -> str | None:
        """What stands in the way of a change now.

        If SageMaker refuses to tell, CloudFormation goes on and finds out. An accident that goes by, like throttling,
        is an obstacle: it is asked again.

        Args:
            name: The schedule's name.
            elapsed: Seconds since the request came in.
            log: Where it is noted that SageMaker does not tell.

        Returns:
            Words for it; None if nothing does, or if nothing is known.
        """
        try:
            answer = self._sagemaker.describe_monitoring_schedule(MonitoringScheduleName=name)
        except AWS_ERRORS as error:
            if is_missing(error):
                return None
            if may_pass(error, elapsed):
                return described(error)
            log.write("going on without the schedule's state", schedule=name, reason=described(error))
            return None
        execution = answer.get("LastMonitoringExecutionSummary")
        if execution is None or (status := execution["MonitoringExecutionStatus"]) not in _UNDER_WAY:
            return None
        job = execution.get("ProcessingJobArn", "").rpartition("/")[2] or "that has no job yet"
        return f"the monitoring schedule {name} is busy: its execution {job} has the status {status}"
