"""SageMaker's processing jobs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from ..model.errors import BaselineError
from .errors import is_missing

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

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
