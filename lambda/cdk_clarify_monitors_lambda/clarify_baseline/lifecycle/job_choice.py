"""Which of the jobs for a baseline counts: one with a result, one that runs, or a new one."""

from ..aws.job_attempts import MAX_JOBS
from ..aws.processing_jobs import JobRecord
from ..aws.services import Services
from ..model.baselining_job import BaseliningJob
from ..model.claim import Claim
from ..model.errors import BaselineError
from ..model.fingerprint import job_name, job_number
from ..model.properties import Baselining


class JobChoice:
    """Looks at the jobs that there are."""

    def __init__(self, services: Services) -> None:
        self._jobs, self._attempts, self._log = services.jobs, services.attempts, services.log

    def choose(self, baselining: Baselining, base_name: str, current: Claim | None) -> str:
        """The name of a job that has the result, or will have it; else the first free name.

        Raises:
            BaselineError: No name is free.
        """
        numbers = self._attempts.numbers(base_name, baselining)
        current_number = job_number(base_name, current.job_name) if current and current.job_name else None
        # The current job first: its constraints are those that were reviewed.
        for number in dict.fromkeys((*([current_number] if current_number else []), *reversed(numbers))):
            job = BaseliningJob(baselining, job_name(base_name, number))
            if self._is_usable(job, self._jobs.describe(job.name)):
                return job.name
        for number in range(max(numbers, default=1), MAX_JOBS + 1):
            job = BaseliningJob(baselining, job_name(base_name, number))
            record = self._jobs.describe(job.name)
            if self._is_usable(job, record) or (record is None and self._attempts.has_no_output(job)):
                return job.name
        raise BaselineError(
            f"{MAX_JOBS} baselining jobs for the same inputs have come to nothing, the last one was {job.name}.",
            "Change the inputs, or BaselineOptions(version=...).",
        )

    def unawaited(self, baselining: Baselining, base_name: str) -> str:
        """The name of a job that an earlier deployment has not waited for, whatever has become of it."""
        numbers = self._attempts.numbers(base_name, baselining)
        if not numbers:
            return self.choose(baselining, base_name, None)
        names = [job_name(base_name, number) for number in reversed(numbers)]
        jobs = (BaseliningJob(baselining, name) for name in names)
        return next((job.name for job in jobs if self._is_usable(job, self._jobs.describe(job.name))), names[0])

    def _is_usable(self, job: BaseliningJob, record: JobRecord | None) -> bool:
        is_usable = (record is not None and record.is_running) or self._attempts.has_result(job, record)
        if not is_usable and record:
            self._log.write("no result to be had from an earlier job", job=job.name, status=record.status)
        return is_usable
