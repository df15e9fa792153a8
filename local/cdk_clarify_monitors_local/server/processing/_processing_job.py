"""One processing job: the request it was made with, and how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._platform import Scope

_DEFAULT_MAX_RUNTIME = 86_400  # seconds; SageMaker's own default
_MAX_MESSAGE = 1024  # FailureReason and ExitMessage hold no more


class ProcessingJob:
    """A processing job, as the API shows it.

    Args:
        scope: The account and region it is in.
        arn: Its ARN.
        request: The request to CreateProcessingJob, without tags.
        clock: Dates it. How long it may run is a matter of real time.
        schedule_arn: The monitoring schedule that it is an execution of, None for any other job.
        endpoint_model: The name of the model behind the endpoint that is monitored; None: there is none.
    """

    def __init__(
        self,
        scope: Scope,
        arn: str,
        request: Mapping[str, Any],
        clock: Clock,
        schedule_arn: str | None = None,
        endpoint_model: str | None = None,
    ) -> None:
        self.scope = scope
        self.arn = arn
        self.request = request
        self.schedule_arn = schedule_arn
        self.endpoint_model = endpoint_model
        self._clock = clock
        self._began = time.monotonic()
        self.name: str = request["ProcessingJobName"]
        self.status = "InProgress"
        self.created = clock.timestamp()
        self.modified = self.created
        self.started: float | None = None
        self.ended: float | None = None
        self.failure_reason: str | None = None
        self.exit_message: str | None = None
        self.stop_requested = threading.Event()
        self.over = threading.Event()

    @property
    def is_active(self) -> bool:
        """Whether the job still holds instances."""
        return self.status in ("InProgress", "Stopping")

    @property
    def instance_count(self) -> int:
        """How many instances the job takes."""
        return int(self.request["ProcessingResources"]["ClusterConfig"]["InstanceCount"])

    @property
    def max_runtime(self) -> int:
        """After how many seconds SageMaker stops the job."""
        return int(self.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", _DEFAULT_MAX_RUNTIME))

    @property
    def seconds_run(self) -> float:
        """For how long it has run."""
        return time.monotonic() - self._began

    @property
    def seconds_left(self) -> float:
        """After how many seconds SageMaker stops the job; negative if it should have."""
        return self.max_runtime - self.seconds_run

    @property
    def outputs(self) -> list[Mapping[str, Any]]:
        """Where in the container results appear, and where in S3 they go: the `S3Output` of each output."""
        return [output["S3Output"] for output in self.request.get("ProcessingOutputConfig", {}).get("Outputs", ())]

    def begin(self) -> None:
        """Note that its instances are there."""
        self.started = self._clock.timestamp()
        self._began = time.monotonic()

    def stop(self) -> bool:
        """Ask the job to stop; False if it does not run."""
        if self.status != "InProgress":
            return False
        self._move("Stopping")
        self.stop_requested.set()
        return True

    def finish(self, status: str, *, failure_reason: str | None = None, exit_message: str | None = None) -> None:
        """Move the job to its final status."""
        self.failure_reason = failure_reason and failure_reason[:_MAX_MESSAGE]
        self.exit_message = exit_message and exit_message[:_MAX_MESSAGE]
        self.ended = self._clock.timestamp()
        self._move(status)

    def describe(self) -> dict[str, Any]:
        """Return the answer to DescribeProcessingJob."""
        optional = {
            "ProcessingStartTime": self.started,
            "ProcessingEndTime": self.ended,
            "FailureReason": self.failure_reason,
            "ExitMessage": self.exit_message,
            "MonitoringScheduleArn": self.schedule_arn,
        }
        return {
            "StoppingCondition": {"MaxRuntimeInSeconds": self.max_runtime},
            **self.request,
            "ProcessingJobArn": self.arn,
            "ProcessingJobStatus": self.status,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            **{name: value for name, value in optional.items() if value is not None},
        }

    def event(self) -> dict[str, Any]:
        """Return the detail of an event of it: what DescribeProcessingJob answers, with times in milliseconds."""
        return {name: int(value * 1000) if name.endswith("Time") else value for name, value in self.describe().items()}

    def summary(self) -> dict[str, Any]:
        """Return the job's entry in the answer to ListProcessingJobs."""
        shown = (
            "ProcessingJobName",
            "ProcessingJobArn",
            "CreationTime",
            "ProcessingEndTime",
            "LastModifiedTime",
            "ProcessingJobStatus",
            "FailureReason",
            "ExitMessage",
        )
        description = self.describe()
        return {name: description[name] for name in shown if name in description}

    def _move(self, status: str) -> None:
        self.status = status
        self.modified = self._clock.timestamp()
