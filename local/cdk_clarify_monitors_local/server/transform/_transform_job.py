"""A transform job, as the API shows it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._platform import Scope

_MAX_REASON = 1024  # characters


class TransformJob:
    """A transform job.

    Args:
        scope: Its account and region.
        arn: Its ARN.
        request: The request that created it, without tags.
        role_arn: Its model's role; None if that has none.
        clock: Dates it.
    """

    def __init__(self, scope: Scope, arn: str, request: Mapping[str, Any], role_arn: str | None, clock: Clock) -> None:
        self.scope = scope
        self.arn = arn
        self.request = request
        self.role_arn = role_arn
        self.name: str = request["TransformJobName"]
        self.status = "InProgress"
        self.failure_reason: str | None = None
        self.stop_requested = threading.Event()
        self._clock = clock
        self.created = clock.now()
        self.started = self.created
        self._ended: float | None = None
        self._modified = self.created.timestamp()

    def stop(self) -> bool:
        """Ask the job to stop; False if it does not run."""
        if self.status != "InProgress":
            return False
        self.status = "Stopping"
        self._modified = self._clock.timestamp()
        self.stop_requested.set()
        return True

    def begin(self) -> None:
        """Note that its instances are there."""
        self.started = self._clock.now()

    def finish(self, status: str, failure_reason: str | None = None) -> None:
        """Move the job to its final status."""
        self.failure_reason = failure_reason and failure_reason[:_MAX_REASON]
        self._ended = self._modified = self._clock.timestamp()
        self.status = status

    def describe(self) -> dict[str, Any]:
        """Return the answer to DescribeTransformJob."""
        optional = {"TransformEndTime": self._ended, "FailureReason": self.failure_reason}
        return {
            **self.request,
            "TransformJobArn": self.arn,
            "TransformJobStatus": self.status,
            "CreationTime": self.created.timestamp(),
            "TransformStartTime": self.started.timestamp(),
            **{name: value for name, value in optional.items() if value is not None},
        }

    def summary(self) -> dict[str, Any]:
        """Return what ListTransformJobs shows, and filters by."""
        return {**self.describe(), "LastModifiedTime": self._modified}
