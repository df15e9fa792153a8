"""The client's errors: one tree, whose members say which schedule, job or file is meant, and why."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


class ClarifyOperationsError(Exception):
    """The base of all errors of this package.

    Attributes:
        schedule: The name of the monitoring schedule that is meant, or None.
        job_name: The name of the processing job that is meant, or None.
        uri: The S3 URI that is meant, or None.
        reason: Why, in the service's words, or None.
    """

    schedule: str | None
    job_name: str | None
    uri: str | None
    reason: str | None

    def __init__(
        self,
        message: str,
        *,
        schedule: str | None = None,
        job_name: str | None = None,
        uri: str | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message)
        self.schedule, self.job_name, self.uri, self.reason = schedule, job_name, uri, reason

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception's own way makes the copy from `args`, which is the message: other processes could not read it.
        return _restored, (type(self), str(self), self.__dict__)


@contextlib.contextmanager
def about(*, schedule: str | None, job_name: str | None) -> Iterator[None]:
    """Let errors name the schedule and the job that they are about, unless they do."""
    try:
        yield
    except ClarifyOperationsError as error:
        error.schedule = error.schedule or schedule
        error.job_name = error.job_name or job_name
        raise


def _restored(kind: type[ClarifyOperationsError], message: str, attributes: dict[str, Any]) -> ClarifyOperationsError:
    error = kind.__new__(kind, message)
    error.__dict__.update(attributes)
    return error


# ---------------------------------------------------------------- what AWS refuses
class ServiceError(ClarifyOperationsError):
    """AWS refused a request; `__cause__` is botocore's exception.

    Attributes:
        action: The IAM action of the request, such as `sagemaker:UpdateMonitoringSchedule`.
        code: The service's error code.
        refused: Whether the service has certainly not carried it out; False if that is unknown.
    """

    action: str
    code: str
    refused: bool

    def __init__(
        self,
        message: str,
        *,
        action: str,
        code: str,
        reason: str | None,
        schedule: str | None = None,
        job_name: str | None = None,
        uri: str | None = None,
        refused: bool = True,
    ) -> None:
        super().__init__(message, schedule=schedule, job_name=job_name, uri=uri, reason=reason)
        self.action, self.code, self.refused = action, code, refused


class NotFound(ServiceError):
    """Something does not exist."""


class ScheduleNotFound(NotFound):
    """There is no monitoring schedule of this name in the session's account and region."""


class DefinitionNotFound(NotFound):
    """A schedule's job definition is gone."""


class JobNotFound(NotFound):
    """There is no such processing job, or it no longer exists."""


class AlertNotFound(ClarifyOperationsError):
    """The schedule has no alert of this name."""


class AccessDenied(ServiceError):
    """The caller lacks a permission.

    Attributes:
        action: The IAM action, such as `s3:GetObject`.
        resource: What it was denied on, such as `s3://bucket/key`.
    """

    resource: str

    def __init__(
        self,
        message: str,
        *,
        action: str,
        resource: str,
        code: str,
        reason: str | None,
        schedule: str | None = None,
        job_name: str | None = None,
        uri: str | None = None,
    ) -> None:
        super().__init__(
            message, action=action, code=code, reason=reason, schedule=schedule, job_name=job_name, uri=uri
        )
        self.resource = resource


# ---------------------------------------------------------------- what cannot work
class InvalidArgument(ClarifyOperationsError, ValueError):
    """An argument's value is invalid."""


class InvalidChange(InvalidArgument):
    """An update is invalid."""


class NothingToUpdate(InvalidArgument):
    """No change was given."""


class NotSupported(ClarifyOperationsError, NotImplementedError):
    """Clarify monitors do not have this, as in the SageMaker SDK."""


class WrongMonitorType(ClarifyOperationsError, TypeError):
    """The schedule is of another type of monitor."""


class ManagedByStack(ClarifyOperationsError):
    """CloudFormation made the schedule, or may have: its next deployment would undo the change.

    Attributes:
        stack: The stack's name; None if it could not be found out.
    """

    stack: str | None

    def __init__(self, message: str, *, stack: str | None, schedule: str) -> None:
        super().__init__(message, schedule=schedule)
        self.stack = stack


# ---------------------------------------------------------------- results that are not there
class NoBaseline(ClarifyOperationsError):
    """The job definition names no baselining job, or no constraints."""


class NoExecutions(ClarifyOperationsError, ValueError):
    """The schedule has not run yet."""


class NoProcessingJob(ClarifyOperationsError, ValueError):
    """The execution started no processing job; `reason` is its FailureReason."""


class JobFailed(ClarifyOperationsError):
    """The processing job failed or was stopped; `reason` is its FailureReason.

    Attributes:
        status: The job's status, `Failed` or `Stopped`.
    """

    status: str

    def __init__(
        self,
        message: str,
        *,
        job_name: str,
        status: str,
        reason: str | None,
        uri: str | None = None,
        schedule: str | None = None,
    ) -> None:
        super().__init__(message, schedule=schedule, job_name=job_name, reason=reason, uri=uri)
        self.status = status


class NotReady(ClarifyOperationsError):
    """The processing job has not finished yet."""


class ResultMissing(ClarifyOperationsError):
    """A file is not there."""


class InvalidFile(ClarifyOperationsError, ValueError):
    """A file is not JSON, is too large, or has the wrong structure."""


# ---------------------------------------------------------------- waits
class ScheduleFailed(ClarifyOperationsError):
    """The schedule is in status Failed; `reason` is its FailureReason."""


class WaitTimeout(ClarifyOperationsError, TimeoutError):
    """Waiting took too long. Nothing is undone."""
