"""Executions of a monitoring schedule."""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from cdk_clarify_monitors_operations._aws import Aws, S3Location, utc
from cdk_clarify_monitors_operations._errors import InvalidArgument, NoProcessingJob, NotSupported, ResultMissing
from cdk_clarify_monitors_operations._logs import LogLine
from cdk_clarify_monitors_operations._processing_job import JobInput, ProcessingJob
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.data._captured_data import FailureExplanation, explain
from cdk_clarify_monitors_operations.data._files import Constraints, ConstraintViolations, Violation

if TYPE_CHECKING:
    import boto3
else:
    from cdk_clarify_monitors_operations._aws import boto3

#: The statuses of an execution that has ended.
FINISHED: Final = frozenset({"Completed", "CompletedWithViolations", "Failed", "Stopped"})
STATUSES: Final = ("Pending", "InProgress", "Stopping", *sorted(FINISHED))

_SECOND: Final = timedelta(seconds=1)

# The first of a bias execution's two jobs. The execution names it until the second has started.
_MERGE_JOB: Final = "groundtruth-merge-"


@dataclass(frozen=True)
class S3File(Record):
    """A file in S3."""

    s3_uri: str
    size: int
    last_modified: datetime


@dataclass(frozen=True)
class ClarifyMonitoringExecution(Record):
    """An execution of a monitoring schedule, as it was when it was listed.

    Attributes:
        status: `Pending`, `InProgress`, `Completed`, `CompletedWithViolations`, `Failed`, `Stopping` or `Stopped`.
        scheduled_time: When it was due, in UTC.
        failure_reason: Why it failed, in SageMaker's words.
        processing_job_arn: The ARN of its processing job; None if it has none, as after `Job inputs had no data`.
        monitoring_schedule_name: The schedule's name.
        job_definition_name: The job definition that it used; None if SageMaker does not tell.
        endpoint_name: The endpoint that was monitored; None for a batch transform.
        creation_time: When it began, in UTC.
        last_modified_time: When its status last changed, in UTC.
    """

    status: str
    scheduled_time: datetime | None
    failure_reason: str | None
    processing_job_arn: str | None
    monitoring_schedule_name: str | None
    job_definition_name: str | None = None
    endpoint_name: str | None = None
    creation_time: datetime | None = None
    last_modified_time: datetime | None = None
    _aws: Aws = field(default_factory=Aws, repr=False, compare=False)

    @classmethod
    def _of_summary(cls, aws: Aws, summary: Mapping[str, Any]) -> Self:
        return cls(
            status=summary["MonitoringExecutionStatus"],
            scheduled_time=utc(summary["ScheduledTime"]),
            failure_reason=summary.get("FailureReason"),
            processing_job_arn=summary.get("ProcessingJobArn"),
            monitoring_schedule_name=summary["MonitoringScheduleName"],
            job_definition_name=summary.get("MonitoringJobDefinitionName"),
            endpoint_name=summary.get("EndpointName"),
            creation_time=utc(summary["CreationTime"]),
            last_modified_time=utc(summary["LastModifiedTime"]),
            _aws=aws,
        )

    @classmethod
    def from_processing_arn(cls, processing_job_arn: str, session: boto3.Session | None = None) -> Self:
        """Find an execution by its processing job.

        Args:
            processing_job_arn: The job's ARN.
            session: A boto3 session. Default: one from the environment.

        Raises:
            InvalidArgument: It is not the ARN of a processing job.
            JobNotFound: There is no such job, or it no longer exists.
        """
        return cls._of_job(Aws(session), processing_job_arn)

    @classmethod
    def _of_job(cls, aws: Aws, processing_job_arn: str) -> Self:
        found = ProcessingJob(aws, _job_name(processing_job_arn)).describe()
        schedule = found.get("MonitoringScheduleArn")
        return cls(
            status=found["ProcessingJobStatus"],
            scheduled_time=None,
            failure_reason=found.get("FailureReason"),
            processing_job_arn=found["ProcessingJobArn"],
            monitoring_schedule_name=schedule.rpartition("/")[2] if schedule else None,
            creation_time=utc(found.get("CreationTime")),
            last_modified_time=utc(found.get("LastModifiedTime")),
            _aws=aws,
        )

    def __str__(self) -> str:
        if self.scheduled_time is None:
            return f"The execution with the processing job {self.processing_job_name}"
        moment = f"{self.scheduled_time:%Y-%m-%dT%H:%MZ}"
        return f"The execution of {self.monitoring_schedule_name} that was due at {moment}"

    # The job

    @property
    def processing_job_name(self) -> str | None:
        """The name of its processing job; None if it has none."""
        return _job_name(self.processing_job_arn) if self.processing_job_arn else None

    @functools.cached_property
    def job(self) -> ProcessingJob:
        """Its processing job.

        Raises:
            NoProcessingJob: It has none; `reason` is its FailureReason.
        """
        name = self.processing_job_name
        if name is None:
            reason = self.failure_reason
            ends = f"{self.status}: {reason}" if reason else self.status
            advice = ". explain_failure() tells what was looked for, and what is there" if reason else ""
            verb = "started no processing job" if self.status in FINISHED else "has not started a processing job yet"
            raise NoProcessingJob(
                f"{self} {verb}: {ends}{advice}",
                schedule=self.monitoring_schedule_name,
                reason=reason,
            )
        return ProcessingJob(self._aws, name, self.monitoring_schedule_name)

    @property
    def inputs(self) -> list[JobInput]:
        """What its job reads."""
        return self.job.inputs

    @property
    def output_s3_uri(self) -> str | None:
        """Where its job writes."""
        return self.job.output_s3_uri

    @property
    def output_kms_key(self) -> str | None:
        """The key that encrypts its results."""
        return self.job.output_kms_key

    def describe(self) -> dict[str, Any]:
        """Return SageMaker's description of its job, as it is now."""
        return self.job.describe()

    def stop(self) -> None:
        """Stop its job. The schedule goes on."""
        self.job.stop()

    def logs(self, *, follow: bool = False) -> Iterator[LogLine]:
        """Yield the lines of its job's log, oldest first.

        Args:
            follow: Whether to continue until the job ends. If the job fails, this raises an error after the last line.
        """
        return self.job.logs(follow=follow)

    # Now

    def refresh(self) -> Self:
        """Return the execution as it is now."""
        if self.scheduled_time is None:
            return type(self)._of_job(self._aws, self.processing_job_arn or "")
        for page in self._aws.pages(
            "sagemaker",
            "ListMonitoringExecutions",
            MonitoringScheduleName=self.monitoring_schedule_name,
            ScheduledTimeAfter=self.scheduled_time - _SECOND,
            ScheduledTimeBefore=self.scheduled_time + _SECOND,
        ):
            for summary in page["MonitoringExecutionSummaries"]:
                if utc(summary["ScheduledTime"]) == self.scheduled_time and utc(summary["CreationTime"]) == (
                    self.creation_time
                ):
                    return type(self)._of_summary(self._aws, summary)
        return self

    def wait(self, *, timeout: float | None = None) -> Self:
        """Wait for its end, of both jobs of a bias monitor.

        Args:
            timeout: Seconds. Default: as long as it takes.

        Returns:
            The finished execution.

        Raises:
            JobFailed: A job failed.
            NoProcessingJob: It failed without a job.
            WaitTimeout: It took longer. It goes on.
        """
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        now = self
        while now.processing_job_arn is None and now.status not in FINISHED:
            now = self._aws.wait(
                now.refresh,
                lambda found: bool(found.processing_job_arn) or found.status in FINISHED,
                str(self),
                timeout=end - time.monotonic(),
                schedule=self.monitoring_schedule_name,
            )
        now.job.wait(timeout=end - time.monotonic())
        finished = now.job.processing_job_name
        if finished.startswith(_MERGE_JOB) and self.scheduled_time is not None:
            # Between the two jobs, the execution still names the first.
            now = self._aws.wait(
                now.refresh,
                lambda found: found.processing_job_name != finished or found.status in FINISHED,
                str(self),
                timeout=end - time.monotonic(),
                schedule=self.monitoring_schedule_name,
            )
            now.job.wait(timeout=end - time.monotonic())
        return now.refresh()

    # Results

    def constraint_violations(self, file_name: str = "constraint_violations.json") -> ConstraintViolations:
        """Read its file of violations.

        Args:
            file_name: The file's name.

        Raises:
            ResultMissing: The job completed, and there is no such file: Clarify writes it only if there are violations.
            NoProcessingJob: It has no job.
            JobFailed: Its job failed or was stopped, and wrote none.
            NotReady: Its job runs.
            AccessDenied: The caller may not read it.
            InvalidFile: It is not a JSON object, or is too large.
        """
        try:
            return self.job.read_result(ConstraintViolations, file_name)
        except ResultMissing as error:
            raise ResultMissing(
                f"{error}. Clarify writes this file only if there are violations; without any, violations() returns an "
                "empty list",
                schedule=self.monitoring_schedule_name,
                job_name=error.job_name,
                uri=error.uri,
                reason=error.reason,
            ) from error

    def violations(self) -> list[Violation]:
        """Read its violations; an empty list if it completed without any.

        Raises:
            ResultMissing: There are violations, but their file is gone.
            NoProcessingJob: It has no job.
            JobFailed: Its job failed or was stopped.
            NotReady: Its job runs.
            AccessDenied: The caller may not read the file.
            InvalidFile: The file does not have Clarify's structure.
        """
        try:
            found = self.constraint_violations().violations()
        except ResultMissing as error:
            if self._has_violations(error.reason):
                raise
            return []
        own = {"scheduled_time": self.scheduled_time, "job_name": self.processing_job_name}
        return [Violation(**{f.name: getattr(each, f.name) for f in fields(each)} | own) for each in found]

    def _has_violations(self, exit_message: str | None) -> bool:
        return self.status == "CompletedWithViolations" or (exit_message or "").startswith("CompletedWithViolations")

    def analysis(self) -> Constraints:
        """Read its `analysis.json`, to compare with a baseline by `drift`, or to use as new constraints.

        Raises:
            ResultMissing: The job completed, and the file is not there.
            NoProcessingJob: It has no job.
            JobFailed: Its job failed or was stopped.
            NotReady: Its job runs.
            AccessDenied: The caller may not read it.
            InvalidFile: It is not a JSON object, or is too large.
        """
        return self.job.read_result(Constraints, "analysis.json")

    def files(self) -> Iterator[S3File]:
        """Yield the files of its output, including the reports."""
        folder = self.output_s3_uri
        if folder is None:
            return
        place = S3Location.of(folder.rstrip("/") + "/")
        for page in self._aws.pages("s3", "ListObjectsV2", Bucket=place.bucket, Prefix=place.key):
            for entry in page.get("Contents", ()):
                yield S3File(f"s3://{place.bucket}/{entry['Key']}", entry["Size"], entry["LastModified"])

    def statistics(self, **_: object) -> None:
        """Raise: Clarify has no statistics.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported(f"{type(self).__name__} doesn't support statistics.")

    def explain_failure(self) -> FailureExplanation:
        """Explain why it failed. For `Job inputs had no data`, say where the execution looked, and what is there now.

        Raises:
            InvalidArgument: It has not failed.
        """
        if self.status not in ("Failed", "Stopped"):
            raise InvalidArgument(f"{self} has not failed: it is {self.status}", schedule=self.monitoring_schedule_name)
        if self.processing_job_arn is not None:
            return FailureExplanation(str(self.job.failure()), self.failure_reason, ())
        return explain(self._aws, self.monitoring_schedule_name or "", self.scheduled_time, self.failure_reason)


def execution_of_summary(aws: Aws, summary: Mapping[str, Any]) -> ClarifyMonitoringExecution:
    """Return the execution of a summary, such as ListMonitoringExecutions gives."""
    return ClarifyMonitoringExecution._of_summary(aws, summary)


def executions_of(
    aws: Aws,
    schedule: str,
    *,
    status: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    newest_first: bool = True,
    limit: int | None = None,
) -> Iterator[ClarifyMonitoringExecution]:
    """Yield the executions of a schedule. Pages are read when they are needed, of the size that `limit` calls for."""
    pages = aws.pages(
        "sagemaker",
        "ListMonitoringExecutions",
        MonitoringScheduleName=schedule,
        SortBy="ScheduledTime",
        SortOrder="Descending" if newest_first else "Ascending",
        StatusEquals=status,
        # Whether SageMaker's bounds are inclusive is not documented: ask for a little more.
        ScheduledTimeAfter=since and since - _SECOND,
        ScheduledTimeBefore=until and until + _SECOND,
        MaxResults=min(limit or 100, 100),
    )
    found = (
        execution_of_summary(aws, summary)
        for page in pages
        for summary in page["MonitoringExecutionSummaries"]
        if (since is None or summary["ScheduledTime"] >= since) and (until is None or summary["ScheduledTime"] < until)
    )
    return itertools.islice(found, limit)


def execution_of_job(aws: Aws, processing_job_arn: str) -> ClarifyMonitoringExecution:
    """Return the execution of a processing job."""
    return ClarifyMonitoringExecution._of_job(aws, processing_job_arn)


def _job_name(arn: str) -> str:
    parts = arn.split(":", 5) if isinstance(arn, str) else []
    if len(parts) != 6 or parts[2] != "sagemaker" or not parts[5].startswith("processing-job/"):
        raise InvalidArgument(f"'processing_job_arn' must be the ARN of a processing job, got {arn!r}")
    return parts[5].removeprefix("processing-job/")
