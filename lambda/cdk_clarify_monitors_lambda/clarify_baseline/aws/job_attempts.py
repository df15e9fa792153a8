"""The jobs for one baseline: the first one, and those that were started after one had come to nothing.

Their names differ in a number. SageMaker does not tell all of them: jobs that have ended can be deleted
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteProcessingJob.html), and then their names are free
again. What is in S3 counts: each job's config is written before it starts, and a result stays.
"""

from collections.abc import Iterable, Iterator

from ..model.baselining_job import BaseliningJob
from ..model.fingerprint import job_name, job_number
from ..model.properties import Baselining
from ..model.s3_uri import S3Uri
from .processing_jobs import Job, Jobs
from .storage import Storage

MAX_JOBS = 100


class Attempts:
    """What SageMaker and S3 know of the jobs for a baseline."""

    def __init__(self, jobs: Jobs, storage: Storage) -> None:
        self._jobs, self._storage = jobs, storage

    def numbers(self, stem: str, baselining: Baselining) -> list[int]:
        """The numbers of the jobs that have left something in S3, lowest first."""
        locations = {baselining.config_location, baselining.output_location}
        names = {name for location in locations for name in self._storage.folders(location, stem)}
        return sorted(number for name in names if (number := job_number(stem, name)))

    def records(self, stem: str, numbers: Iterable[int] = ()) -> Iterator[Job]:
        """The jobs that SageMaker has records of, lowest number first.

        Args:
            stem: Of the jobs' names.
            numbers: Those that are known. Jobs after them are found as long as there is no gap.
        """
        highest = max(numbers, default=0)
        for number in range(1, MAX_JOBS + 1):
            job = self._jobs.describe(job_name(stem, number))
            if job:
                yield job
            elif number > highest:
                return

    def result_of(self, job: BaseliningJob, record: Job | None) -> bool:
        """Whether the job has a result: a record that is deleted was of a job that had ended."""
        return (record is None or record.has_completed) and self._storage.exists(job.constraints_uri)

    def is_untouched(self, job: BaseliningJob) -> bool:
        """Whether no job has written to the folder of this one's results."""
        found = self._storage.below(job.output_folder, limit=2)
        return all(uri == job.config_uri for uri in found)

    def stop_all(self, stem: str, numbers: Iterable[int] = ()) -> list[Job]:
        """Stop the jobs for one baseline, whatever their numbers.

        Returns:
            Those that had not ended yet.
        """
        alive = [job for job in self.records(stem, numbers) if not job.has_ended]
        for job in alive:
            self._jobs.stop(job.name)
        return alive

    def folders(self, stem: str, baselining: Baselining) -> list[S3Uri]:
        """Where the jobs for one baseline have written, and what they have read lies."""
        jobs = [BaseliningJob(baselining, job_name(stem, number)) for number in self.numbers(stem, baselining)]
        return [folder for job in jobs for folder in (job.output_folder, job.config_folder)]
