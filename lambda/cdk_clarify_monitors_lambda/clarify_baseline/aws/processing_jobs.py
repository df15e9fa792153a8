"""SageMaker's processing jobs."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from ..model.baselining_job import BaseliningJob
from ..model.claim import CreateCall
from ..model.errors import BaselineError
from ..model.fingerprint import base_name_of, job_name, job_number
from ..model.properties import Baselining
from ..model.s3_uri import S3Uri
from .errors import is_missing
from .retry_policy import CREATE_CALL_SECONDS
from .storage import Storage

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

MAX_JOBS = 100
LOG_GROUP = "/aws/sagemaker/ProcessingJobs"


class JobRecord(NamedTuple):
    """SageMaker's record of a processing job."""

    name: str
    status: str
    """InProgress | Completed | Failed | Stopping | Stopped"""
    failure_reason: str
    exit_message: str

    @property
    def is_running(self) -> bool:
        """True if it runs and was not stopped."""
        return self.status == "InProgress"

    @property
    def has_completed(self) -> bool:
        """True if it has ended with success."""
        return self.status == "Completed"

    @property
    def has_ended(self) -> bool:
        """True if its status is final."""
        return self.status in {"Completed", "Failed", "Stopped"}

    def failure(self) -> BaselineError:
        """The error of a deployment whose job has ended without a result."""
        reasons = [self.failure_reason, f"ExitMessage: {self.exit_message}" if self.exit_message else ""]
        return BaselineError(
            list(filter(None, reasons)) or "SageMaker gives no reason; somebody may have stopped the job.",
            f"The baselining job {self.name} has the status {self.status}.",
            logs_of(self.name),
        )


def logs_of(name: str) -> str:
    """The sentence that tells where a job's logs are."""
    return f"Logs: log group {LOG_GROUP}, log streams {name}/."


class ProcessingJobs:
    """Describes, creates and stops processing jobs."""

    def __init__(self, sagemaker: "SageMakerClient") -> None:
        self._sagemaker = sagemaker

    def describe(self, name: str) -> JobRecord | None:
        """SageMaker's record of a job; None: there was no such job, or its record was deleted."""
        try:
            response = self._sagemaker.describe_processing_job(ProcessingJobName=name)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return JobRecord(
            name=name,
            status=response["ProcessingJobStatus"],
            failure_reason=response.get("FailureReason", ""),
            exit_message=response.get("ExitMessage", ""),
        )

    def create(self, request: Mapping[str, Any]) -> None:
        """Start a job."""
        self._sagemaker.create_processing_job(**request)

    def stop(self, name: str) -> None:
        """Stop a job if it is running. It may take two minutes to end."""
        record = self.describe(name)
        if record is None or not record.is_running:
            return
        try:
            self._sagemaker.stop_processing_job(ProcessingJobName=name)
        except ClientError:
            record = self.describe(name)  # it may have ended between the two calls
            if record is None or record.is_running:
                raise


class JobAttempts:
    """The jobs for one baseline: the first one, and the retries after one has come to nothing.

    Their names end in a number. DeleteProcessingJob removes the records of ended jobs and frees their names, but each
    job's config is in S3 before it starts, and results stay there.
    """

    def __init__(self, jobs: ProcessingJobs, storage: Storage) -> None:
        self._jobs, self._storage = jobs, storage

    def numbers(self, job_base_name: str, baselining: Baselining) -> list[int]:
        """The numbers of the jobs that have files in S3, in ascending order."""
        locations = {baselining.config_location, baselining.output_location}
        names = {name for location in locations for name in self._storage.subfolders(location, job_base_name)}
        return sorted(number for name in names if (number := job_number(job_base_name, name)))

    def records(self, job_base_name: str, numbers: Iterable[int] = ()) -> Iterator[JobRecord]:
        """SageMaker's records of the jobs: up to the highest of these numbers, and then up to the first gap."""
        highest = max(numbers, default=0)
        for number in range(1, MAX_JOBS + 1):
            record = self._jobs.describe(job_name(job_base_name, number))
            if record:
                yield record
            elif number > highest:
                return

    def has_result(self, job: BaseliningJob, record: JobRecord | None) -> bool:
        """True if the job has suggested constraints. A deleted record was of a job that had ended."""
        return (record is None or record.has_completed) and self._storage.exists(job.constraints_uri)

    def has_no_output(self, job: BaseliningJob) -> bool:
        """True if no job has written to the output folder; a config may be there."""
        return all(uri == job.config_uri for uri in self._storage.list_folder(job.output_folder, limit=2))

    def stop_all(self, job_base_name: str, numbers: Iterable[int] = ()) -> list[JobRecord]:
        """Stop the jobs for a baseline, whatever their numbers.

        Returns:
            Those that had not ended yet.
        """
        alive = [record for record in self.records(job_base_name, numbers) if not record.has_ended]
        for record in alive:
            self._jobs.stop(record.name)
        return alive

    def may_still_start(self, calls: Iterable[CreateCall], base_names: Collection[str], now: float) -> bool:
        """True if a call that is under way may yet start a job for one of these baselines."""
        return any(
            now - call.at < CREATE_CALL_SECONDS and self._jobs.describe(call.job_name) is None
            for call in calls
            if base_name_of(call.job_name) in base_names
        )

    def folders(self, job_base_name: str, baselining: Baselining) -> list[S3Uri]:
        """The output and config folders of the jobs for a baseline."""
        names = [job_name(job_base_name, number) for number in self.numbers(job_base_name, baselining)]
        jobs = [BaseliningJob(baselining, name) for name in names]
        return [folder for job in jobs for folder in (job.output_folder, job.config_folder)]
