"""A Create or an Update goes on: one step a poll, each of which can be repeated."""

import json
from collections.abc import Mapping
from typing import Any

from ..aws.claim_store import Found
from ..aws.errors import (
    AWS_ERRORS,
    IAM_SECONDS,
    described,
    is_denied,
    is_name_taken,
    is_quota_exhausted,
    is_quota_too_small,
    is_refused,
    is_role_not_ready,
    is_transient,
    may_pass,
)
from ..aws.processing_jobs import Job, logs_of
from ..aws.schedules import PATIENCE_SECONDS
from ..aws.services import Services
from ..aws.storage import NOTHING, sse_kms
from ..model import canonical_json
from ..model.baselining_job import BaseliningJob
from ..model.cfn_request import Request
from ..model.claim import Claim, Starting, claim_uri
from ..model.constraints import with_overrides
from ..model.desired_baseline import Work
from ..model.errors import BaselineError, SupersededError
from ..model.fingerprint import job_number, job_stem
from ..model.properties import AnalysisConfig, ConfigAsset, Properties, old_properties
from ..model.s3_uri import S3Uri

_ROLE_SECONDS = 120  # a new role can be assumed after some seconds
_QUOTA_SECONDS = 600  # a raised quota holds after some minutes
_RESULT_SECONDS = 5  # from a job's end until its files must be listed
_POLL_SECONDS = 15  # a little more than the waiter's interval
CREATE_SECONDS = 120
"""By then a call of CreateProcessingJob has had its effect, or has none: see the client's time-outs in handler.py."""


class Deployment:
    """Makes a baseline, or finds it made."""

    def __init__(self, services: Services) -> None:
        self._jobs, self._storage, self._claims = services.jobs, services.storage, services.claims
        self._schedules, self._attempts = services.schedules, services.attempts
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
        work = Work(properties, claim, old_properties(request))
        try:
            data = self._step_or_wait(work, claim_uri(request, properties))
        except SupersededError:
            raise
        except Exception:
            self._fail(work, claim_uri(request, properties))
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
        found = self._check_claim(work, place)
        job = self._jobs.describe(work.job.name)
        if self._was_answered(work, work.job, job):
            return self._finish(work)
        if job and job.has_completed:
            self._check_result(work.job.constraints_uri, job.name)
            return self._finish(work)
        if job and job.has_ended:
            raise job.failure()
        if job and job.is_running and work.hand_over and work.hand_over.is_when_started:
            return self._finish(work)
        if job is None and self._attempts.result_of(work.job, job):  # somebody has deleted the record
            return self._finish(work)
        if self._elapsed(work) >= work.timeout:
            return self._at_timeout(work, f"its status is {job.status}" if job else "it was not started")
        if job is None:
            self._start(work, work.job, place, found)
        return None

    # ------------------------------------------------------------------ steps
    def _was_answered(self, work: Work, job: BaseliningJob, record: Job | None) -> bool:
        """Whether a rollback leads back to a job that nobody has waited for: whatever became of it, it stays."""
        if not (work.claim.rolls_back and work.hand_over and work.hand_over.is_when_started):
            return False
        return record is not None or self._storage.exists(job.config_uri)

    def _check_claim(self, work: Work, place: S3Uri) -> Found:
        """Find out whether this waiter is called off; if so, stop its job, unless that is another request's now.

        Returns:
            The claim as it is in S3.

        Raises:
            SupersededError: It is called off.
        """
        claim, found = work.claim, self._claims.read(place)
        holder = found.claim
        if not found.is_readable or (holder and holder.request_id == claim.request_id):
            return found
        if claim.job_name and not (holder and holder.job_name == claim.job_name):
            self._jobs.stop(claim.job_name)
        by = f"the request {holder.request_id} has taken over" if holder else f"there is no {place}"
        raise SupersededError(f"This request for the baselining job {claim.job_name} is called off: {by}.")

    def _start(self, work: Work, job: BaseliningJob, place: S3Uri, found: Found) -> None:
        self._stop_superseded(work)
        claim, key = found.claim or work.claim, work.properties.upload_kms_key_id
        if not any(call.job_name == job.name for call in claim.starting):
            # A job before it may have left a config that is encrypted with another key. No job reads that any more.
            self._write_config(work, job.config_uri, job.baselining.analysis_config, over=None)
        self._write_configs(work)
        found = self._claims.write(place, claim.with_start(job.name, self._clock()), key, found)
        try:
            self._jobs.create(job.create_request(work.properties.tags))
            self._log.write("started", job=job.name)
        except AWS_ERRORS as error:
            if is_name_taken(error):
                self._log.write("already started", job=job.name)  # by a call whose answer was lost
            elif is_refused(error):
                self._claims.write(place, claim.without_start(job.name), key, found)
                raise
            else:
                raise
        self._check_claim(work, place)  # whoever has taken over meanwhile need not wait for the job to be seen

    def _check_result(self, constraints: S3Uri, job_name: str) -> None:
        if self._storage.exists(constraints):
            return
        self._sleep(_RESULT_SECONDS)
        if not self._storage.exists(constraints):
            raise BaselineError(
                f"The baselining job {job_name} is Completed, but there is no {constraints}.", logs_of(job_name)
            )

    def _finish(self, work: Work) -> dict[str, str] | None:
        self._stop_superseded(work)
        self._write_configs(work)
        self._write_constraints(work)
        if any(self._may_still_start(call, work) for call in work.claim.starting):
            return None
        return work.answer()

    def _may_still_start(self, call: Starting, work: Work) -> bool:
        """Whether a job of a request before may yet start, which would have to be stopped."""
        is_other = job_stem(call.job_name) in work.claim.supersedes
        return is_other and self._clock() - call.at < CREATE_SECONDS and self._jobs.describe(call.job_name) is None

    def _stop_superseded(self, work: Work) -> None:
        for stem in work.claim.supersedes:
            try:
                numbers = self._numbers(stem, work)
                for job in self._attempts.stop_all(stem, numbers):
                    self._log.write("stopped a superseded job", job=job.name)
            except AWS_ERRORS as error:
                if not is_denied(error) or self._elapsed(work) < IAM_SECONDS:
                    raise
                # The rights are for the present job names, and these may begin otherwise.
                self._log.write("could not look for superseded jobs", jobs=stem, reason=described(error))

    def _numbers(self, stem: str, work: Work) -> list[int]:
        """The numbers of a superseded baseline's jobs, as far as its places may still be looked at."""
        called = [job_number(stem, call.job_name) for call in work.claim.starting]
        numbers = [number for number in called if number]
        for properties in (work.properties, work.old_properties):
            if properties and properties.baselining:
                try:
                    numbers += self._attempts.numbers(stem, properties.baselining)
                except AWS_ERRORS as error:
                    if is_transient(error):
                        raise
                    self._log.write("could not list superseded jobs", jobs=stem, reason=described(error))
        return numbers

    def _write_configs(self, work: Work) -> None:
        """Write the configs that are not there. Their keys follow from their content: nothing is ever overwritten."""
        for uri, config in work.configs():
            if not self._storage.exists(uri):
                self._write_config(work, uri, config)

    def _write_constraints(self, work: Work) -> None:
        """Write the constraints with limits of the user's own beside the suggested ones."""
        uri = work.job.overridden_constraints_uri if work.job else None
        if not work.job or not uri or self._storage.exists(uri):
            return
        suggested = self._storage.read(work.job.constraints_uri)
        if suggested is None:
            raise BaselineError(f"There is no {work.job.constraints_uri}, which constraints_overrides are for.")
        try:
            constraints = with_overrides(json.loads(suggested.body), work.job.baselining.constraints_overrides)
        except ValueError as error:
            raise BaselineError(f"{error}.", f"They are in {work.job.constraints_uri}.") from error
        key = sse_kms(work.properties.upload_kms_key_id)
        self._storage.write(uri, canonical_json.document(constraints), key)
        self._log.write("wrote constraints", uri=str(uri))

    def _write_config(self, work: Work, uri: S3Uri, config: AnalysisConfig, over: str | None = NOTHING) -> None:
        self._storage.write(
            uri, canonical_json.document(self._content(config)), sse_kms(work.properties.upload_kms_key_id), over
        )
        self._log.write("wrote a config", uri=str(uri))

    def _content(self, config: AnalysisConfig) -> Mapping[str, Any]:
        if isinstance(config, ConfigAsset):
            return config.fill(self._storage.read_document(config.location))
        return config

    # ------------------------------------------------------------------ ends
    def _at_timeout(self, work: Work, reason: str) -> dict[str, str]:
        if work.hand_over and work.hand_over.is_at_timeout:
            self._log.write("handed over", job=work.claim.job_name, reason=reason)
            return work.answer()
        if work.job is None:
            raise BaselineError(f"The analysis config could not be written in {work.timeout} s: {reason}.")
        outcome = (
            "It goes on, because an earlier deployment did not wait for it."
            if work.claim.keeps_job
            else "It is stopped, and the next deployment starts it again."
        )
        raise BaselineError(
            f"The baselining job {work.job.name} has not completed in {work.timeout} s: {reason}.",
            f"{outcome} Give it more time with BaselineOptions(timeout=...).",
            logs_of(work.job.name),
        )

    def _fail(self, work: Work, place: S3Uri | None) -> None:
        """Leave nothing running that was only for this request, and note in the claim that it has failed."""
        claim = work.claim
        try:
            if claim.job_name and not claim.keeps_job:
                self._jobs.stop(claim.job_name)
            found = self._claims.read(place) if place else Found()
            if place and found.claim and found.claim.request_id == claim.request_id:
                self._claims.write(place, found.claim.failed(), work.properties.upload_kms_key_id, found)
        except AWS_ERRORS as error:  # CloudFormation's rollback will try again
            self._log.write("could not stop the job", job=claim.job_name, reason=described(error))

    def _schedule_is_busy(self, work: Work) -> bool:
        """Does CloudFormation, which goes on to the schedule next, have to wait for an execution?"""
        elapsed = self._elapsed(work)
        # Another resource of the chain comes before the schedule.
        if (work.hand_over and work.hand_over.is_at_timeout) or elapsed >= PATIENCE_SECONDS:
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
