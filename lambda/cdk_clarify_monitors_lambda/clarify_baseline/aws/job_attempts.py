"""The baselining jobs for one baseline: the first one, and the retries after one has come to nothing.

Their names end in a number. SageMaker does not list all of them: the records of ended jobs can be deleted
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteProcessingJob.html), which frees their names.
S3 tells the rest: each job's config is written before it starts, and results are kept.
"""

from collections.abc import Collection, Iterable, Iterator

from ..model.baselining_job import BaseliningJob
from ..model.claim import CreateCall
from ..model.fingerprint import base_name_of, job_name, job_number
from ..model.properties import Baselining
from ..model.s3_uri import S3Uri
from .processing_jobs import JobRecord, ProcessingJobs
from .storage import Storage

MAX_JOBS = 100
_CREATE_CALL_SECONDS = 120  # then a call of CreateProcessingJob has had its effect: see the time-outs in handler.py


class JobAttempts:
    """What SageMaker and S3 tell about the jobs for a baseline."""

    def __init__(self, jobs: ProcessingJobs, storage: Storage) -> None:
        self._jobs, self._storage = jobs, storage

    def numbers(self, job_base_name: str, baselining: Baselining) -> list[int]:
        """The numbers of the jobs that have files in S3, in ascending order."""
        locations = {baselining.config_location, baselining.output_location}
        names = {name for location in locations for name in self._storage.subfolders(location, job_base_name)}
        return sorted(number for name in names if (number := job_number(job_base_name, name)))

    def records(self, job_base_name: str, numbers: Iterable[int] = ()) -> Iterator[JobRecord]:
        """SageMaker's records of the jobs, in ascending order of their numbers.

        Args:
            job_base_name: The jobs' base name.
            numbers: Numbers to look at in any case. Those above are looked at up to the first without a record.
        """
        highest = max(numbers, default=0)
        for number in range(1, MAX_JOBS + 1):
            record = self._jobs.describe(job_name(job_base_name, number))
            if record:
                yield record
            elif number > highest:
                return

    def has_result(self, job: BaseliningJob, record: JobRecord | None) -> bool:
        """True if the job has suggested constraints. Without a record it had ended: only such records are deleted."""
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
            now - call.at < _CREATE_CALL_SECONDS and self._jobs.describe(call.job_name) is None
            for call in calls
            if base_name_of(call.job_name) in base_names
        )

    def folders(self, job_base_name: str, baselining: Baselining) -> list[S3Uri]:
        """The output and config folders of the jobs for a baseline."""
        names = [job_name(job_base_name, number) for number in self.numbers(job_base_name, baselining)]
        jobs = [BaseliningJob(baselining, name) for name in names]
        return [folder for job in jobs for folder in (job.output_folder, job.config_folder)]
