"""A Create or an Update goes on: one step a poll, each of which can be repeated."""

from . import canonical
from .baselining_job import BaseliningJob
from .claims import Claim
from .errors import (
    AWS_ERRORS,
    IAM_SECONDS,
    BaselineError,
    SupersededError,
    described,
    is_denied,
    is_name_taken,
    is_quota_exhausted,
    is_quota_too_small,
    is_role_not_ready,
    may_pass,
)
from .jobs import logs_of
from .properties import HandOver, Properties
from .request import Request
from .s3_uri import S3Uri
from .schedules import PATIENCE_SECONDS
from .services import Services
from .work import Work

_ROLE_SECONDS = 120  # a new role can be assumed after some seconds
_QUOTA_SECONDS = 600  # a raised quota holds after some minutes
_RESULT_SECONDS = 5  # from a job's end until its files must be listed
_POLL_SECONDS = 15  # a little more than the waiter's interval


class Deployment:
    """Makes a baseline, or finds it made."""

    def __init__(self, services: Services) -> None:
        self._jobs, self._storage, self._claims = services.jobs, services.storage, services.claims
        self._schedules = services.schedules
        self._clock, self._sleep, self._log = services.clock, services.sleep, services.log

    def poll(self, request: Request, claim: Claim) -> dict[str, str] | None:
        """Go one step further.

        Args:
            request: CloudFormation's.
            claim: What was decided when it came in.

        Returns:
            The resource's attributes, or None: not yet.

        Raises:
            BaselineError: The deployment has failed. Its job is stopped, as far as AWS lets us.
        """
        properties = Properties.parse(request.properties)
        work = Work(properties, claim)
        try:
            data = self._step_or_wait(work, self._claims.place(request, properties))
        except SupersededError:
            raise
        except Exception:
            self._stop_if_possible(claim.job_name)
            raise
        if data is not None and request.kind == "Update" and self._schedule_is_busy(work):
            return None
        return data

    def _step_or_wait(self, work: Work, place: S3Uri | None) -> dict[str, str] | None:
        try:
            return self._step(work, place)
        except AWS_ERRORS as error:
            if not _is_worth_waiting(error, self._elapsed(work)):
                would_be = [f"The baselining job would be {work.job.name}."] if work.job else []
                raise BaselineError(described(error), *would_be) from error
            if self._elapsed(work) + _POLL_SECONDS >= work.timeout:
                return self._at_timeout(work, described(error))
            self._log.write("waiting", reason=described(error))
            return None

    def _step(self, work: Work, place: S3Uri | None) -> dict[str, str] | None:
        if work.job is None or place is None:
            return self._finish(work)
        self._check_claim(work.claim, place)
        job = self._jobs.describe(work.job.name)
        if job and job.has_completed:
            self._check_result(work.job.constraints_uri, job.name)
            return self._finish(work)
        if job and job.has_ended:
            raise job.failure()
        if job and job.is_running and work.hand_over == HandOver.WHEN_STARTED:
            return self._finish(work)
        if self._elapsed(work) >= work.timeout:
            return self._at_timeout(work, f"its status is {job.status}" if job else "it was not started")
        if job is None:
            self._start(work, work.job, place)
        return None

    # ------------------------------------------------------------------ steps
    def _check_claim(self, claim: Claim, place: S3Uri) -> None:
        """Find out whether this waiter is called off; if so, stop its job, unless that is another request's now.

        Raises:
            SupersededError: It is.
        """
        holder = self._claims.read(place).claim
        if holder and holder.request_id == claim.request_id:
            return
        if claim.job_name and not (holder and holder.job_name == claim.job_name):
            self._jobs.stop(claim.job_name)
        by = f"the request {holder.request_id} has taken over" if holder else f"there is no {place}"
        raise SupersededError(f"This request for the baselining job {claim.job_name} is called off: {by}.")

    def _start(self, work: Work, job: BaseliningJob, place: S3Uri) -> None:
        self._stop_superseded(work)
        self._write_configs(work)
        try:
            self._jobs.create(job.create_request(work.properties.tags))
            self._log.write("started", job=job.name)
        except AWS_ERRORS as error:
            if not is_name_taken(error):
                raise
            self._log.write("already started", job=job.name)  # by a call whose answer was lost
        self._check_claim(work.claim, place)  # a request that came in meanwhile may have looked for the job too early

    def _check_result(self, constraints: S3Uri, job_name: str) -> None:
        if self._storage.exists(constraints):
            return
        self._sleep(_RESULT_SECONDS)
        if not self._storage.exists(constraints):
            raise BaselineError(
                f"The baselining job {job_name} is Completed, but there is no {constraints}.", logs_of(job_name)
            )

    def _finish(self, work: Work) -> dict[str, str]:
        self._stop_superseded(work)
        self._write_configs(work)
        return work.answer()

    def _stop_superseded(self, work: Work) -> None:
        for stem in work.claim.supersedes:
            try:
                for job in self._jobs.stop_all(stem):
                    self._log.write("stopped a superseded job", job=job.name)
            except AWS_ERRORS as error:
                if not is_denied(error) or self._elapsed(work) < IAM_SECONDS:
                    raise
                # The rights are for the present job names, and these may begin otherwise.
                self._log.write("could not look for superseded jobs", jobs=stem, reason=described(error))

    def _write_configs(self, work: Work) -> None:
        """Write the configs that are not there. Their keys follow from their content: nothing is ever overwritten."""
        for uri, config in work.configs():
            if not self._storage.exists(uri):
                self._storage.write(uri, canonical.document(config), work.properties.upload_kms_key_id)
                self._log.write("wrote a config", uri=str(uri))

    # ------------------------------------------------------------------ ends
    def _at_timeout(self, work: Work, reason: str) -> dict[str, str]:
        if work.hand_over == HandOver.AT_TIMEOUT:
            self._log.write("handed over", job=work.claim.job_name, reason=reason)
            return work.answer()
        if work.job is None:
            raise BaselineError(f"The analysis config could not be written in {work.timeout} s: {reason}.")
        raise BaselineError(
            f"The baselining job {work.job.name} has not completed in {work.timeout} s: {reason}.",
            "It is stopped. Give it more time with BaselineOptions(timeout=...); the next deployment starts it again.",
            logs_of(work.job.name),
        )

    def _stop_if_possible(self, job_name: str | None) -> None:
        try:
            if job_name:
                self._jobs.stop(job_name)
        except AWS_ERRORS as error:  # CloudFormation's rollback will try again
            self._log.write("could not stop the job", job=job_name, reason=described(error))

    def _schedule_is_busy(self, work: Work) -> bool:
        """Does CloudFormation, which goes on to the schedule next, have to wait for an execution?"""
        elapsed = self._elapsed(work)
        # Another resource of the chain comes before the schedule.
        if work.hand_over == HandOver.AT_TIMEOUT or elapsed >= PATIENCE_SECONDS:
            return False
        obstacle = self._schedules.obstacle(work.properties.schedule_name, elapsed, self._log)
        if obstacle:
            self._log.write("waiting", reason=obstacle)
        return obstacle is not None

    def _elapsed(self, work: Work) -> float:
        # Not since this delivery of the request came in: delivered twice, it has the time of one.
        return self._clock() - work.claim.started_at


def _is_worth_waiting(error: BaseException, elapsed: float) -> bool:
    if is_quota_exhausted(error):
        return elapsed < _QUOTA_SECONDS or not is_quota_too_small(error)
    if is_role_not_ready(error):
        return elapsed < _ROLE_SECONDS
    return may_pass(error, elapsed)
