"""Processing jobs: of an execution, and of a baseline."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cdk_clarify_monitors_operations._aws import Aws, join_uri
from cdk_clarify_monitors_operations._errors import (
    InvalidArgument,
    JobFailed,
    JobNotFound,
    NotFound,
    NotReady,
    NotSupported,
    ResultMissing,
    ServiceError,
    about,
)
from cdk_clarify_monitors_operations._logs import LOG_GROUP, LogLine, follow_log, log_lines
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.data._files import Constraints, MonitoringFile, read_file

if TYPE_CHECKING:
    import boto3
else:
    from cdk_clarify_monitors_operations._aws import boto3

_LOGGER = logging.getLogger(__name__)

_File = TypeVar("_File", bound=MonitoringFile)

_LOG_PLACE: Final = f"CloudWatch Logs, {LOG_GROUP},"

ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})


@dataclass(frozen=True)
class JobInput(Record):
    """An input of a processing job.

    Attributes:
        name: The input's name.
        s3_uri: Where the data comes from; None for an input that is not in S3.
        local_path: Where it goes in the container.
    """

    name: str
    s3_uri: str | None
    local_path: str | None


class ProcessingJob:
    """A processing job. Its description is read when it is first needed.

    Attributes:
        processing_job_name: The job's name.
    """

    processing_job_name: str

    def __init__(self, aws: Aws, processing_job_name: str, monitoring_schedule_name: str | None = None) -> None:
        self._aws, self.processing_job_name = aws, processing_job_name
        self._schedule = monitoring_schedule_name
        self._described: dict[str, Any] | None = None

    def _about(self) -> AbstractContextManager[None]:
        return about(schedule=self._schedule, job_name=self.processing_job_name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.processing_job_name!r})"

    def describe(self) -> dict[str, Any]:
        """Return SageMaker's description of the job, as it is now.

        Raises:
            JobNotFound: There is no such job, or it no longer exists.
        """
        try:
            with self._about():
                found = self._aws.call("sagemaker", "DescribeProcessingJob", ProcessingJobName=self.processing_job_name)
        except NotFound as error:
            raise JobNotFound(
                f"There is no processing job {self.processing_job_name} in {self._aws.region}, or no longer: "
                f"{error.reason}",
                action=error.action,
                code=error.code,
                reason=error.reason,
                schedule=self._schedule,
                job_name=self.processing_job_name,
            ) from error
        return {name: value for name, value in found.items() if name != "ResponseMetadata"}

    @property
    def _description(self) -> dict[str, Any]:
        """What does not change while a job runs.

        Not a `functools.cached_property`: in Python 3.11 all objects share its lock, so that threads would ask
        SageMaker one after the other.
        """
        if self._described is None:
            self._described = self.describe()
        return self._described

    @property
    def status(self) -> str:
        """The job's status now, such as `InProgress` or `Completed`."""
        return str(self.describe()["ProcessingJobStatus"])

    @property
    def processing_job_arn(self) -> str:
        """The job's ARN."""
        return str(self._description["ProcessingJobArn"])

    @property
    def inputs(self) -> list[JobInput]:
        """What the job reads."""
        found = []
        for entry in self._description.get("ProcessingInputs", ()):
            source = entry.get("S3Input") or {}
            path = source.get("LocalPath") or entry.get("DatasetDefinition", {}).get("LocalPath")
            found.append(JobInput(entry["InputName"], source.get("S3Uri"), path))
        return found

    def data_inputs(self, prefixes: tuple[str, ...]) -> list[str]:
        """The S3 URIs of the folders that inputs with these names are read from, without those of lists of files."""
        found = []
        for entry in self._description.get("ProcessingInputs", ()):
            source = entry.get("S3Input") or {}
            if entry["InputName"].startswith(prefixes) and source.get("S3DataType") != "ManifestFile":
                found.append(str(source["S3Uri"]))
        return found

    @property
    def output_s3_uri(self) -> str | None:
        """Where the job writes its results; None if it has no output."""
        for output in self._description.get("ProcessingOutputConfig", {}).get("Outputs", ()):
            if "S3Output" in output:
                return str(output["S3Output"]["S3Uri"])
        return None

    @property
    def output_kms_key(self) -> str | None:
        """The key that encrypts its results."""
        key: str | None = self._description.get("ProcessingOutputConfig", {}).get("KmsKeyId")
        return key

    def to_dict(self) -> dict[str, Any]:
        """Return name and places as JSON can hold them."""
        return {
            "processing_job_name": self.processing_job_name,
            "inputs": [each.to_dict() for each in self.inputs],
            "output_s3_uri": self.output_s3_uri,
            "output_kms_key": self.output_kms_key,
        }

    def wait(self, *, timeout: float | None = None) -> None:
        """Wait for the job's end. A stopped job has ended, too.

        Args:
            timeout: Seconds. Default: as long as it takes, since SageMaker stops a job at its own limit.

        Raises:
            JobFailed: It failed.
            WaitTimeout: It took longer. The job goes on.
        """
        description = self._aws.wait(
            self.describe,
            lambda found: found["ProcessingJobStatus"] in ENDED,
            f"The processing job {self.processing_job_name}",
            timeout=float("inf") if timeout is None else timeout,
            schedule=self._schedule,
            job_name=self.processing_job_name,
        )
        self._check_not_failed(description)

    def _check_not_failed(self, description: dict[str, Any]) -> None:
        if description["ProcessingJobStatus"] == "Failed":
            raise self._failure(description)
        if description["ProcessingJobStatus"] == "Stopped":
            _LOGGER.warning("The processing job %s was stopped.", self.processing_job_name)

    def stop(self) -> None:
        """Stop the job. It takes some time; `wait` waits for it."""
        with self._about():
            self._aws.call("sagemaker", "StopProcessingJob", ProcessingJobName=self.processing_job_name)

    def logs(self, *, follow: bool = False) -> Iterator[LogLine]:
        """Yield the lines of the job's log, oldest first, of all its instances.

        Args:
            follow: Whether to continue until the job ends. If the job fails, this raises an error after the last line.

        Raises:
            JobFailed: With `follow`: the job failed.
        """
        if not follow:
            with self._about():
                return log_lines(self._aws, self.processing_job_name)
        return self._followed()

    def _followed(self) -> Iterator[LogLine]:
        last: dict[str, Any] = {}

        def is_over() -> bool:
            last.update(self.describe())
            return last["ProcessingJobStatus"] in ENDED

        with self._about():
            yield from follow_log(self._aws, self.processing_job_name, is_over)
        self._check_not_failed(last)

    def failure(self) -> JobFailed:
        """Return the failure as an error, with status, FailureReason, ExitMessage and the location of the log.

        Raises:
            JobNotFound: There is no such job, or it no longer exists.
        """
        return self._failure(self.describe())

    def _failure(self, description: dict[str, Any], uri: str | None = None) -> JobFailed:
        status = description["ProcessingJobStatus"]
        failure, exit_message = description.get("FailureReason"), description.get("ExitMessage")
        if failure and exit_message and exit_message in failure:  # as of Clarify's jobs: "ClientError: " and the same
            exit_message = None
        reason = " ".join(filter(None, (failure, exit_message))) or None
        message = f"The processing job {self.processing_job_name} is {status}: {reason or 'SageMaker gives no reason'}"
        return JobFailed(
            f"{message.removesuffix('.')}. Its log is in {_LOG_PLACE} under {self.processing_job_name}/"
            + (f"; {uri} was not written" if uri else ""),
            schedule=self._schedule,
            job_name=self.processing_job_name,
            status=status,
            reason=reason,
            uri=uri,
        )

    def read_result(self, kind: type[_File], file_name: str, output_s3_uri: str | None = None) -> _File:
        """Read a file of the job's output.

        Raises:
            ResultMissing: The job completed, and the file is not there.
            JobFailed: The job failed or was stopped, and the file is not there.
            NotReady: The job runs, and the file is not there yet.
            AccessDenied: The caller may not read it.
            InvalidFile: It is not a JSON object, or is too large.
        """
        with self._about():
            return self._read(kind, file_name, output_s3_uri or self.output_s3_uri)

    def _read(self, kind: type[_File], file_name: str, folder: str | None) -> _File:
        if folder is None:
            raise ResultMissing(
                f"The processing job {self.processing_job_name} has no output, so there is no {file_name}",
                job_name=self.processing_job_name,
            )
        uri = join_uri(folder, file_name)
        try:
            file = read_file(kind, self._aws, uri)
        except ResultMissing as missing:
            raise self._why_missing(missing, uri) from missing
        file.kms_key = self._known_output_kms_key()
        return file

    def _known_output_kms_key(self) -> str | None:
        try:
            return self.output_kms_key
        except ServiceError:  # the record of the job is gone, or must not be read; the result was
            return None

    def _why_missing(self, missing: ResultMissing, uri: str) -> Exception:
        try:
            description = self.describe()
        except JobNotFound:
            return ResultMissing(
                f"{uri} does not exist, and the processing job {self.processing_job_name} is gone",
                job_name=self.processing_job_name,
                uri=uri,
            )
        status = description["ProcessingJobStatus"]
        if status == "Completed":
            return ResultMissing(
                f"{uri} does not exist, although the processing job {self.processing_job_name} is Completed",
                job_name=self.processing_job_name,
                uri=uri,
                reason=description.get("ExitMessage") or missing.reason,
            )
        if status in ENDED:
            return self._failure(description, uri)
        return NotReady(
            f"{uri} does not exist yet: the processing job {self.processing_job_name} is {status}",
            job_name=self.processing_job_name,
            uri=uri,
            reason=status,
        )


#: Said of a monitor without a baselining job.
NO_BASELINING_JOB: Final = "No baselining job is known: the constraints come from elsewhere, or its record is gone."


class ClarifyBaseliningJob(ProcessingJob):
    """A job that computed, or computes, a baseline."""

    def __init__(
        self,
        processing_job_name: str,
        session: boto3.Session | None = None,
        *,
        output_s3_uri: str | None = None,
        poll_interval: float = 5.0,
    ) -> None:
        """Make an object for a job.

        Args:
            processing_job_name: The job's name.
            session: A boto3 session. Default: one from the environment.
            output_s3_uri: Where it wrote its results. Default: what SageMaker knows; give it if the record of the job
                was deleted.
            poll_interval: Seconds between two requests while waiting.

        Raises:
            InvalidArgument: It is not a valid name.
        """
        if not isinstance(processing_job_name, str) or not processing_job_name:
            raise InvalidArgument(f"'processing_job_name' must be the name of a job, got {processing_job_name!r}")
        super().__init__(Aws(session, poll_interval=poll_interval), processing_job_name)
        self._output_s3_uri = output_s3_uri

    @property
    def output_s3_uri(self) -> str | None:
        """Where the job writes its results."""
        return self._output_s3_uri or super().output_s3_uri

    def suggested_constraints(self) -> Constraints:
        """Read the constraints that the job suggested, its `analysis.json`.

        Raises:
            ResultMissing: The job completed, and the file is not there.
            JobFailed: The job failed or was stopped.
            NotReady: The job runs.
            AccessDenied: The caller may not read it.
            InvalidFile: It is not a JSON object, or is too large.
        """
        return self.read_result(Constraints, "analysis.json")

    def baseline_statistics(self, **_: object) -> None:
        """Raise: Clarify has no statistics.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported(f"{type(self).__name__} doesn't support statistics.")
