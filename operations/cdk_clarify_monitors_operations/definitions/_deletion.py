"""Deletes a schedule and its job definitions. What is gone already is done, so that it can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cdk_clarify_monitors_operations._aws import Aws
from cdk_clarify_monitors_operations._errors import NotFound, ScheduleFailed
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import describe_schedule, wait_while_pending


class ScheduleDeletion:
    """The deletion of one schedule, which may take several calls."""

    def __init__(self, aws: Aws, schedule: str) -> None:
        self._aws, self._schedule = aws, schedule
        # The status before the request; None while none is under way.
        self._status_before: str | None = None

    def carry_out(self, check: Callable[[], None] | None, wait: bool) -> bool:
        """Ask for the schedule, and send only what is left.

        Args:
            check: Refuses to delete it, by an error.
            wait: Whether to wait until it is gone.

        Returns:
            Whether it is gone.

        Raises:
            ServiceError: SageMaker refuses it.
            ScheduleFailed: The deletion failed.
            WaitTimeout: It took too long.
        """
        try:
            status = self._describe()["MonitoringScheduleStatus"]
            if self._status_before is None or status == "Failed":
                if check is not None:
                    check()
                if status == "Pending":
                    # SageMaker refuses to delete it now; it may be about to go already.
                    status = wait_while_pending(self._aws, self._schedule)["MonitoringScheduleStatus"]
                self._aws.call("sagemaker", "DeleteMonitoringSchedule", MonitoringScheduleName=self._schedule)
                self._status_before = str(status)
            if wait:
                self._wait_until_gone(self._status_before)
        except NotFound as error:
            if error.schedule != self._schedule:
                raise
            self._status_before = None
            return True
        return False

    def _describe(self) -> dict[str, Any]:
        return describe_schedule(self._aws, self._schedule)

    def _wait_until_gone(self, status_before: str) -> None:
        """Wait for the error that it does not exist; whatever its status, it is there until then."""
        has_begun = False

        def is_gone(found: dict[str, Any]) -> bool:
            nonlocal has_begun
            has_begun |= found["MonitoringScheduleStatus"] != status_before
            if has_begun and found["MonitoringScheduleStatus"] == "Failed":
                reason = found.get("FailureReason")
                self._status_before = None
                raise ScheduleFailed(
                    f"The monitoring schedule {self._schedule} could not be deleted: "
                    f"{reason or 'SageMaker gives no reason'}",
                    schedule=self._schedule,
                    reason=reason,
                )
            return False

        self._aws.wait(self._describe, is_gone, f"The deletion of {self._schedule}", schedule=self._schedule)


def delete_definition(aws: Aws, kind: str, name: str) -> None:
    """Delete a job definition, if it is there."""
    try:
        aws.call("sagemaker", f"Describe{kind}JobDefinition", JobDefinitionName=name)
        aws.call("sagemaker", f"Delete{kind}JobDefinition", JobDefinitionName=name)
    except NotFound:
        return
