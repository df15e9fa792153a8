"""A Create or an Update goes on: one step a poll, each of which can be repeated."""

from collections.abc import Mapping
from typing import Any

from . import canonical
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
    is_transient,
)
from .identity import identify
from .jobs import Job, logs_of
from .properties import HandOver, Properties
from .s3_uri import S3Uri
from .schedules import PATIENCE_SECONDS
from .services import Services
from .work import Work, constraints_uri

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

    def poll(self, event: Mapping[str, Any], claim: Claim) -> dict[str, str] | None:
        """Go one step further.

        Args:
            event: CloudFormation's.
            claim: What was decided when it came in.

        Returns:
            The resource's attributes, or None: not yet.

        Raises:
            BaselineError: The deployment has failed. Its job is stopped, as far as AWS lets us.
        """
        properties = Properties.parse(event["ResourceProperties"])
        work = Work(properties, identify(properties, claim.dataset), claim)
        try:
            data = self._step_or_wait(work, self._claims.place(properties, event))
        except SupersededError:
            raise
        except Exception:
            self._stop_if_possible(claim.job_name)
            raise
        if data is not None and event["RequestType"] == "Update" and self._schedule_is_busy(work):
            return None
        return data

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

    def _step_or_wait(self, work: Work, place: S3Uri | None) -> dict[str, str] | None:
        try:
            return self._step(work, place)
        except AWS_ERRORS as error:
            if not self._may_pass(error, self._elapsed(work)):
                would_be = [f"The baselining job would be {work.job[1]}."] if work.job else []
                raise BaselineError(described(error), *would_be) from error
            if self._elapsed(work) + _POLL_SECONDS >= work.timeout:
                return self._at_timeout(work, described(error))
            self._log.write("waiting", reason=described(error))
            return None

    def _step(self, work: Work, place: S3Uri | None) -> dict[str, str] | None:
        if work.job is None or place is None:
            return self._finish(work)
        self._check_claim(work.claim, place)
        job = self._jobs.describe(work.job[1])
        if job and job.status == "Completed":
            self._check_result(work, job)
            return self._finish(work)
        if job and job.has_ended:
            raise job.failure()
        if job and job.is_running and work.hand_over == HandOver.WHEN_STARTED:
            return self._finish(work)
        if self._elapsed(work) >= work.timeout:
            return self._at_timeout(work, f"its status is {job.status}" if job else "it was not started")
        if job is None:
            self._start(work, place)
        return None

    def _check_claim(self, claim: Claim, place: S3Uri) -> None:
        held = self._claims.read(place).claim
        if held and held.request_id == claim.request_id:
            return
        if claim.job_name and not (held and held.job_name == claim.job_name):
            self._jobs.stop(claim.job_name)
        by = f"the request {held.request_id} has taken over" if held else f"there is no {place}"
        raise SupersededError(f"This request for the baselining job {claim.job_name} is called off: {by}.")

    def _start(self, work: Work, place: S3Uri) -> None:
        self._stop_superseded(work)
        self._write_configs(work)
        try:
            self._jobs.create(work.processing_job())
            self._log.write("started", job=work.claim.job_name)
        except AWS_ERRORS as error:
            if not is_name_taken(error):
                raise
            self._log.write("already started", job=work.claim.job_name)  # by a call whose answer was lost
        self._check_claim(work.claim, place)

    def _check_result(self, work: Work, job: Job) -> None:
        if work.job is None or self._storage.exists(uri := constraints_uri(*work.job)):
            return
        self._sleep(_RESULT_SECONDS)
        if not self._storage.exists(uri):
            raise BaselineError(
                f"The baselining job {job.name} is {job.status}, but there is no {uri}.", logs_of(job.name)
            )

    def _finish(self, work: Work) -> dict[str, str]:
        self._stop_superseded(work)
        self._write_configs(work)
        return work.answer()

    def _at_timeout(self, work: Work, reason: str) -> dict[str, str]:
        if work.hand_over == HandOver.AT_TIMEOUT:
            self._log.write("handed over", job=work.claim.job_name, reason=reason)
            return work.answer()
        if work.job is None:
            raise BaselineError(f"The analysis config could not be written in {work.timeout} s: {reason}.")
        name = work.job[1]
        raise BaselineError(
            f"The baselining job {name} has not completed in {work.timeout} s: {reason}.",
            "It is stopped. Give it more time with BaselineOptions(timeout=...); the next deployment starts it again.",
            logs_of(name),
        )

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

    def _stop_if_possible(self, job_name: str | None) -> None:
        try:
            if job_name:
                self._jobs.stop(job_name)
        except AWS_ERRORS as error:  # CloudFormation's rollback will try again
            self._log.write("could not stop the job", job=job_name, reason=described(error))

    def _may_pass(self, error: BaseException, elapsed: float) -> bool:
        """May the same call succeed in a while?"""
        if is_quota_exhausted(error):
            return elapsed < _QUOTA_SECONDS or not is_quota_too_small(error)
        if is_role_not_ready(error):
            return elapsed < _ROLE_SECONDS
        return is_transient(error) or (is_denied(error) and elapsed < IAM_SECONDS)

    def _elapsed(self, work: Work) -> float:
        return self._clock() - work.claim.started_at
