"""Deletes a schedule and its job definitions. What is gone already is done, so that it can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._aws import Aws
from ._errors import NotFound, ScheduleFailed
from ._schedule_descriptions import describe_schedule


class ScheduleDeletion:
    """The deletion of one schedule, which may take several calls."""

    def __init__(self, aws: Aws, schedule: str) -> None:
        self._aws, self._schedule = aws, schedule
        self._sent = False

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
            if not self._sent:
                if check is not None:
                    check()
                if status == "Pending":
                    # SageMaker refuses to delete it now; it may be about to go already.
                    status = self._wait_while_pending()
                self._aws.call("sagemaker", "DeleteMonitoringSchedule", MonitoringScheduleName=self._schedule)
                self._sent = True
            if wait:
                self._wait_until_gone(status)
        except NotFound as error:
            if error.schedule != self._schedule:
                raise
            return True
        return False

    def _describe(self) -> dict[str, Any]:
        return describe_schedule(self._aws, self._schedule)

    def _wait_while_pending(self) -> str:
        found = self._aws.wait(
            self._describe,
            lambda description: description["MonitoringScheduleStatus"] != "Pending",
            f"The monitoring schedule {self._schedule}, which is Pending,",
            schedule=self._schedule,
        )
        return str(found["MonitoringScheduleStatus"])

    def _wait_until_gone(self, status_before: str) -> None:
        """Wait for the error that it does not exist; whatever its status, it is there until then."""

        def is_gone(found: dict[str, Any]) -> bool:
            if found["MonitoringScheduleStatus"] == "Failed" != status_before:
                reason = found.get("FailureReason")
                self._sent = False
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
