"""Faults that a test asks for: failing jobs, full quotas, refused or lost calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class JobFault:
    """What becomes of the next processing job.

    Attributes:
        failure_reason: The job fails with this reason instead of running. None: it runs.
        exit_message: What the job's container says at its end.
        seconds: The job takes at least this long.
        without_results: The job completes, but writes nothing.
    """

    failure_reason: str | None = None
    exit_message: str | None = None
    seconds: float = 0.0
    without_results: bool = False


@dataclass
class CallFault:
    """What becomes of the next calls of one operation.

    Attributes:
        action: The operation as IAM names it, e.g. `sagemaker:CreateProcessingJob` or `s3:PutObject`.
        code: The error's name, e.g. `ThrottlingException`.
        message: The error's text.
        status: The error's HTTP status.
        times: How many calls are left to fail.
        path_contains: Only calls whose URL path has this text, e.g. an S3 key.
        lose_answer: Whether the call is carried out and only its answer is lost.
    """

    action: str
    code: str
    message: str
    status: int
    times: int = 1
    path_contains: str = ""
    lose_answer: bool = False


class Faults:
    """The faults that are waiting to happen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: list[JobFault] = []
        self._calls: list[CallFault] = []
        self.processing_quota: int | None = None
        self._executing_until: dict[str, float] = {}

    def add(self, document: Mapping[str, Any]) -> None:
        """Add the faults of a request.

        Args:
            document: `{"jobs": [...], "calls": [...], "processing_quota": ..., "executing": {schedule: seconds}}`.
        """
        with self._lock:
            self._jobs += [JobFault(**fields) for fields in document.get("jobs", ())]
            self._calls += [CallFault(**fields) for fields in document.get("calls", ())]
            if "processing_quota" in document:
                self.processing_quota = document["processing_quota"]
            for name, seconds in document.get("executing", {}).items():
                self._executing_until[name] = time.monotonic() + seconds

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._jobs.clear()
            self._calls.clear()
            self.processing_quota = None
            self._executing_until.clear()

    def is_executing(self, schedule: str) -> bool:
        """Whether an execution of the schedule is under way."""
        return time.monotonic() < self._executing_until.get(schedule, 0.0)

    def next_job(self) -> JobFault:
        """Take the fault meant for the job that starts now."""
        with self._lock:
            return self._jobs.pop(0) if self._jobs else JobFault()

    def next_call(self, action: str, path: str) -> CallFault | None:
        """Take the fault meant for this call, if there is one."""
        with self._lock:
            for fault in self._calls:
                if fault.action == action and fault.path_contains in path:
                    fault.times -= 1
                    if fault.times == 0:
                        self._calls.remove(fault)
                    return fault
        return None

    @property
    def any_call(self) -> bool:
        """Whether a call could be hit at all."""
        return bool(self._calls)
