"""A Create or an Update is polled: one step a poll, each of which can be repeated."""

from ..aws import Services
from ..aws.claim_store import StoredClaim
from ..aws.errors import AWS_ERRORS, describe, is_denied, is_name_taken, is_refused, is_transient
from ..aws.processing_jobs import JobRecord, logs_of
from ..aws.retry_policy import RETRY_POLICY
from ..aws.schedules import MAX_WAIT_SECONDS
from ..aws.storage import BaselineFiles
from ..model.baselining_job import BaseliningJob
from ..model.cfn_request import CfnRequest
from ..model.claim import Claim, claim_location
from ..model.desired_baseline import DesiredBaseline
from ..model.errors import BaselineError, SupersededError
from ..model.fingerprint import job_number
from ..model.properties import Properties, old_properties
from ..model.s3_uri import S3Uri

_RESULT_SECONDS = 5  # from a job's end until its files must be listed
_POLL_SECONDS = 15  # a little more than the waiter's interval


class BaselineWaiter:
    """Starts the baselining job, waits for it, and answers."""

    def __init__(self, services: Services) -> None:
        self._jobs, self._storage, self._claims = services.jobs, services.storage, services.claims
        self._schedules, self._attempts = services.schedules, services.attempts
        self._clock, self._sleep, self._log = services.clock, services.sleep, services.log
        self._files = BaselineFiles(services.storage, services.log)

    def poll(self, request: CfnRequest, claim: Claim) -> dict[str, str] | None:
        """Advance by one step.

        Returns:
            The resource's attributes; None: not complete yet.

        Raises:
            BaselineError: The request has failed. Its job is stopped, as far as AWS permits.
        """
        properties = Properties.parse(request.properties)
        desired = DesiredBaseline(properties, claim, old_properties(request))
        claim_uri = claim_location(request, properties)
        try:
            attributes = self._step_or_wait(desired, claim_uri)
        except SupersededError:
            raise
        except Exception:
            self._fail(desired, claim_uri)
            raise
        if attributes is not None and request.kind == "Update" and self._schedule_is_busy(desired):
            return None
        return attributes

    def _step_or_wait(self, desired: DesiredBaseline, claim_uri: S3Uri | None) -> dict[str, str] | None:
        try:
            return self._step(desired, claim_uri)
        except AWS_ERRORS as error:
            if not RETRY_POLICY.is_retryable(error, self._elapsed(desired)):
                would_be = [f"The baselining job would be {desired.job.name}."] if desired.job else []
                raise BaselineError(describe(error), *would_be) from error
            if self._elapsed(desired) + _POLL_SECONDS >= desired.timeout:
                return self._at_timeout(desired, describe(error))
            self._log.write("waiting", reason=describe(error))
            return None

    def _step(self, desired: DesiredBaseline, claim_uri: S3Uri | None) -> dict[str, str] | None:
        job = desired.job
        if job is None or claim_uri is None:
            return self._finish(desired)
        stored = self._check_claim(desired, claim_uri)
        record = self._jobs.describe(job.name)
        if self._counts_as_done(desired, job, record):
            return self._finish(desired)
        if record and record.has_ended:
            raise record.failure()
        if self._elapsed(desired) >= desired.timeout:
            return self._at_timeout(desired, f"its status is {record.status}" if record else "it was not started")
        if record is None:
            self._start(desired, job, claim_uri, stored)
        return None

    def _counts_as_done(self, desired: DesiredBaseline, job: BaseliningJob, record: JobRecord | None) -> bool:
        """True if nothing is left to wait for.

        Raises:
            BaselineError: The job has completed without a result.
        """
        only_has_to_start = desired.hand_over is not None and desired.hand_over.is_when_started
        if only_has_to_start and desired.claim.rolls_back and (record or self._storage.exists(job.config_uri)):
            return True  # a rollback leads back to a job that nobody has waited for: whatever became of it, it stays
        if record is None:
            return self._attempts.has_result(job, record)  # somebody may have deleted the record
        if record.has_completed:
            self._check_result(job)
            return True
        return only_has_to_start and record.is_running

    def _check_claim(self, desired: DesiredBaseline, claim_uri: S3Uri) -> StoredClaim:
        """Return the stored claim. If another request holds it, stop this one's job, unless the new holder adopted it.

        Raises:
            SupersededError: The request has lost the claim.
        """
        claim, stored = desired.claim, self._claims.read(claim_uri)
        holder = stored.claim
        if not stored.is_readable or (holder and holder.request_id == claim.request_id):
            return stored
        if claim.job_name and not (holder and holder.job_name == claim.job_name):
            self._jobs.stop(claim.job_name)
        by = f"the request {holder.request_id} has taken over" if holder else f"there is no {claim_uri}"
        raise SupersededError(f"This request for the baselining job {claim.job_name} is called off: {by}.")

    def _start(self, desired: DesiredBaseline, job: BaseliningJob, claim_uri: S3Uri, stored: StoredClaim) -> None:
        self._stop_superseded(desired)
        claim, key = stored.claim or desired.claim, desired.properties.upload_kms_key_id
        if not any(call.job_name == job.name for call in claim.create_calls):
            # A former job may have left a config that is encrypted with another key. No job reads that any more.
            self._files.write_config(desired, job.config_uri, job.baselining.analysis_config, over=None)
        self._files.write_configs(desired)
        stored = self._claims.write(claim_uri, claim.with_create_call(job.name, self._clock()), key, stored)
        try:
            self._jobs.create(job.create_request(desired.properties.tags))
            self._log.write("started", job=job.name)
        except AWS_ERRORS as error:
            if is_refused(error) and not is_name_taken(error):
                self._claims.write(claim_uri, claim.without_create_call(job.name), key, stored)
            if not is_name_taken(error):
                raise
            self._log.write("already started", job=job.name)  # by a call whose response was lost
        self._check_claim(desired, claim_uri)  # whoever has taken over meanwhile need not wait to see the job

    def _check_result(self, job: BaseliningJob) -> None:
        if self._storage.exists(job.constraints_uri):
            return
        self._sleep(_RESULT_SECONDS)
        if not self._storage.exists(job.constraints_uri):
            raise BaselineError(
                f"The baselining job {job.name} is Completed, but there is no {job.constraints_uri}.",
                logs_of(job.name),
            )

    def _finish(self, desired: DesiredBaseline) -> dict[str, str] | None:
        self._stop_superseded(desired)
        self._files.write_configs(desired)
        self._files.write_constraints(desired)
        claim = desired.claim
        if self._attempts.may_still_start(claim.create_calls, claim.supersedes, self._clock()):
            return None  # such a job would have to be stopped
        return desired.attributes(self._files.baseline_values(desired, self._elapsed(desired)))

    def _stop_superseded(self, desired: DesiredBaseline) -> None:
        for base_name in desired.claim.supersedes:
            try:
                numbers = self._superseded_numbers(base_name, desired)
                for record in self._attempts.stop_all(base_name, numbers):
                    self._log.write("stopped a superseded job", job=record.name)
            except AWS_ERRORS as error:
                if not is_denied(error) or RETRY_POLICY.is_retryable(error, self._elapsed(desired)):
                    raise
                # The permissions are for the present job names, and these may have another prefix.
                self._log.write("could not look for superseded jobs", jobs=base_name, reason=describe(error))

    def _superseded_numbers(self, base_name: str, desired: DesiredBaseline) -> list[int]:
        """The numbers of a superseded baseline's jobs, as far as its locations may still be listed."""
        called = [job_number(base_name, call.job_name) for call in desired.claim.create_calls]
        numbers = [number for number in called if number]
        for properties in (desired.properties, desired.old_properties):
            if properties and properties.baselining:
                try:
                    numbers += self._attempts.numbers(base_name, properties.baselining)
                except AWS_ERRORS as error:
                    if is_transient(error):
                        raise
                    self._log.write("could not list superseded jobs", jobs=base_name, reason=describe(error))
        return numbers

    def _at_timeout(self, desired: DesiredBaseline, reason: str) -> dict[str, str]:
        if desired.hand_over and desired.hand_over.is_at_timeout:
            self._log.write("handed over", job=desired.claim.job_name, reason=reason)
            return desired.attributes()
        if desired.job is None:
            raise BaselineError(f"The analysis config could not be written in {desired.timeout} s: {reason}.")
        outcome = (
            "It goes on, because an earlier deployment did not wait for it."
            if desired.claim.keeps_job
            else "It is stopped, and the next deployment starts it again."
        )
        raise BaselineError(
            f"The baselining job {desired.job.name} has not completed in {desired.timeout} s: {reason}.",
            f"{outcome} Give it more time with BaselineOptions(timeout=...).",
            logs_of(desired.job.name),
        )

    def _fail(self, desired: DesiredBaseline, claim_uri: S3Uri | None) -> None:
        """Leave nothing running that was only for this request, and note in the claim that it has failed."""
        claim = desired.claim
        try:
            if claim.job_name and not claim.keeps_job:
                self._jobs.stop(claim.job_name)
            stored = self._claims.read(claim_uri) if claim_uri else StoredClaim()
            if claim_uri and stored.claim and stored.claim.request_id == claim.request_id:
                self._claims.write(claim_uri, stored.claim.failed(), desired.properties.upload_kms_key_id, stored)
        except AWS_ERRORS as error:  # CloudFormation's rollback will try again
            self._log.write("could not stop the job", job=claim.job_name, reason=describe(error))

    def _schedule_is_busy(self, desired: DesiredBaseline) -> bool:
        """True if CloudFormation, which updates the schedule next, has to wait for an execution."""
        elapsed = self._elapsed(desired)
        # Another resource of the chain comes before the schedule.
        if (desired.hand_over and desired.hand_over.is_at_timeout) or elapsed >= MAX_WAIT_SECONDS:
            return False
        reason = self._schedules.busy_reason(desired.properties.schedule_name, elapsed, self._log)
        if reason:
            self._log.write("waiting", reason=reason)
        return reason is not None

    def _elapsed(self, desired: DesiredBaseline) -> float:
        # Not since the request was received: each delivery of it has another time.
        return self._clock() - desired.claim.started_at
