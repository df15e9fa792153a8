"""SageMaker's processing jobs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from ..model.errors import BaselineError
from .errors import is_missing

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"


class Job(NamedTuple):
    """What SageMaker says about a job."""

    name: str
    status: str
    """InProgress | Completed | Failed | Stopping | Stopped"""
    failure_reason: str
    exit_message: str

    @property
    def is_running(self) -> bool:
        """Does it run, with nobody having stopped it?"""
        return self.status == "InProgress"

    @property
    def has_completed(self) -> bool:
        """Has it ended well?"""
        return self.status == "Completed"

    @property
    def has_ended(self) -> bool:
        """Will its status stay for ever?"""
        return self.status in {"Completed", "Failed", "Stopped"}

    def failure(self) -> BaselineError:
        """Why the deployment fails if this job has ended without a result."""
        said = [self.failure_reason, f"ExitMessage: {self.exit_message}" if self.exit_message else ""]
        return BaselineError(
            list(filter(None, said)) or "SageMaker gives no reason; somebody may have stopped the job.",
            f"The baselining job {self.name} has the status {self.status}.",
            logs_of(self.name),
        )


def logs_of(name: str) -> str:
    """Where a job's logs are, as a sentence."""
    return f"Logs: log group {LOG_GROUP}, log streams {name}/."


class Jobs:
    """The few things done with jobs."""

    def __init__(self, sagemaker: "SageMakerClient") -> None:
        self._sagemaker = sagemaker

    def describe(self, name: str) -> Job | None:
        """SageMaker's record of the job of this name, or None if there is none: it may have been deleted."""
        try:
            answer = self._sagemaker.describe_processing_job(ProcessingJobName=name)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return Job(
            name=name,
            status=answer["ProcessingJobStatus"],
            failure_reason=answer.get("FailureReason", ""),
            exit_message=answer.get("ExitMessage", ""),
        )

    def create(self, request: Mapping[str, Any]) -> None:
        """Start a job."""
        self._sagemaker.create_processing_job(**request)

    def stop(self, name: str) -> None:
        """Stop the job if it is running. It may take two minutes to end."""
        job = self.describe(name)
        if job is None or not job.is_running:
            return
        try:
            self._sagemaker.stop_processing_job(ProcessingJobName=name)
        except ClientError:
            again = self.describe(name)  # it may have ended between the two calls
            if again is None or again.is_running:
                raise
