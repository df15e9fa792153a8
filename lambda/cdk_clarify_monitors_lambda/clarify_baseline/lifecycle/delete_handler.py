"""A Delete is polled: it stops the jobs of a baseline, and removes their files if the user has asked for that."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ..aws import Services
from ..aws.claim_store import StoredClaim
from ..aws.errors import AWS_ERRORS, describe, is_denied, is_transient
from ..aws.processing_jobs import JobRecord
from ..aws.retry_policy import RETRY_POLICY
from ..model.baselining_job import BaseliningJob
from ..model.cfn_request import CfnRequest
from ..model.claim import Claim, claim_location
from ..model.errors import BaselineError
from ..model.fingerprint import base_name_in, job_name, job_number, monitoring_uri, properties_digest
from ..model.properties import Properties
from .delete_decision import ClaimAction, ClaimState, ClaimView, DeleteContext, decide

_T = TypeVar("_T")
_SETTLE_SECONDS = 10  # then a call that was under way when this request was received has had its effect
_STOPPING_SECONDS = 600  # then SageMaker is trusted to end a job that it says is Stopping
_GIVE_UP_SECONDS = 900
_OBJECTS_PER_POLL = 300


class DeleteHandler:
    """Stops what a baseline has running."""

    def __init__(self, services: Services) -> None:
        self._jobs, self._storage, self._claims = services.jobs, services.storage, services.claims
        self._attempts = services.attempts
        self._clock, self._sleep, self._log = services.clock, services.sleep, services.log

    def poll(self, request: CfnRequest) -> bool:
        """Advance by one step.

        Returns:
            True if everything is done.

        Raises:
            BaselineError: SageMaker refuses to stop a job that may be running.
        """
        elapsed = request.elapsed(self._clock())
        properties = self._properties(request)
        try:
            if properties is None:
                base_name = base_name_in(request.physical_resource_id)
                return not (base_name and self._stop({base_name: []}, set(), elapsed))
            return self._step(DeleteContext(request, properties, claim_location(request, properties), elapsed))
        except AWS_ERRORS as error:
            if elapsed < _GIVE_UP_SECONDS and RETRY_POLICY.is_retryable(error, elapsed):
                self._log.write("waiting", reason=describe(error))
                return False
            if not _is_describe_denied(error):
                raise BaselineError(describe(error), "A baselining job may be left running.") from error
            # CloudFormation removes the permissions for a monitor's own job names before it deletes the monitor.
            # An earlier deployment has answered for its baseline then.
            self._log.write("going on without SageMaker", reason=describe(error))
            return True

    def _properties(self, request: CfnRequest) -> Properties | None:
        try:
            return Properties.parse(request.properties)
        except ValueError as error:  # another version of the library has written them: no obstacle
            self._log.write("properties are not understood", reason=str(error))
            return None

    def _step(self, context: DeleteContext) -> bool:
        claim, lives_on = self._settle_claim(context)
        in_claim = {claim.job_base_name} if claim and claim.job_base_name else set()
        # They can be equal: two baselines with different monitoring configs have one job.
        base_names = context.base_names(claim) | (set() if lives_on else in_claim)
        kept = (in_claim if lives_on else set()) | self._base_names_of_earlier_links(context)
        numbers = {base_name: self._numbers(context, base_name, claim) for base_name in sorted(base_names)}
        if self._stop(numbers, kept, context.elapsed):
            return False
        if claim and self._attempts.may_still_start(claim.create_calls, base_names - kept, self._clock()):
            return False
        return context.elapsed >= _GIVE_UP_SECONDS or self._remove_outputs(context.properties, base_names, kept)

    def _settle_claim(self, context: DeleteContext) -> tuple[Claim | None, bool]:
        """Carry out what `decide` says, so that no waiter starts another job.

        Returns:
            The claim that was there, and whether the resource lives on with its baseline.
        """
        stored = self._read(context)
        if context.claim_uri and stored.claim is None:
            state = ClaimState.ABSENT if stored.is_readable else ClaimState.UNREADABLE
            if decide(ClaimView(state, has_result=self._has_completed(context))) is ClaimAction.NAME_DELETE:
                self._write(context, context.early_claim(self._clock()), stored)
                self._sleep(_SETTLE_SECONDS)  # the Create that it may have overtaken may be about to write
                stored = self._read(context)
        claim = stored.claim
        if claim is None:
            return None, False
        record = self._jobs.describe(claim.job_name) if claim.job_name else None
        action = decide(self._view(context, claim, record))
        if action is ClaimAction.KEEP:
            self._forget(context, claim, stored)
        elif action is ClaimAction.REMOVE:
            self._remove_claim(context)
        elif action is ClaimAction.NAME_DELETE:
            # Not removed: a request without an answer may be delivered again, and must find that it was deleted.
            self._write(context, claim.taken_by_delete(context.request, self._clock()), stored)
            if claim.job_name and record is None:  # its waiter may be about to start it
                self._sleep(_SETTLE_SECONDS)
        return claim, action is ClaimAction.KEEP

    def _view(self, context: DeleteContext, claim: Claim, record: JobRecord | None) -> ClaimView:
        return ClaimView(
            context.state(claim),
            has_result=self._has_result(context, claim, record),
            is_answered=record is not None and (record.has_completed or (claim.hands_over and record.is_running)),
            is_owned=context.owns(claim),
        )

    def _has_completed(self, context: DeleteContext) -> bool:
        """True if the deleted baseline has a result, as far as SageMaker and S3 tell."""
        baselining = context.properties.baselining
        if baselining is None:
            return False
        for base_name in sorted(context.base_names(None)):
            numbers = self._numbers(context, base_name, None)
            if any(record.has_completed for record in self._attempts.records(base_name, numbers)):
                return True
            jobs = [BaseliningJob(baselining, job_name(base_name, number)) for number in numbers]
            if self._unless_s3_refuses(context, self._any_result, jobs):
                return True
        return False

    def _any_result(self, jobs: Sequence[BaseliningJob]) -> bool:
        return any(self._attempts.has_result(job, self._jobs.describe(job.name)) for job in jobs)

    def _has_result(self, context: DeleteContext, claim: Claim, record: JobRecord | None) -> bool:
        if context.properties.baselining is None or claim.job_name is None:
            return False
        job = BaseliningJob(context.properties.baselining, claim.job_name)
        return bool(self._unless_s3_refuses(context, self._attempts.has_result, job, record))

    def _forget(self, context: DeleteContext, claim: Claim, stored: StoredClaim) -> None:
        """Remove the deleted baseline from the claim: no rollback leads back to it."""
        former = claim.former_inputs
        if former and former.properties == properties_digest(context.properties):
            self._write(context, claim.without_former_inputs(), stored)

    def _read(self, context: DeleteContext) -> StoredClaim:
        stored = context.claim_uri and self._unless_s3_refuses(context, self._claims.read, context.claim_uri)
        return stored or StoredClaim()

    def _write(self, context: DeleteContext, claim: Claim, over: StoredClaim) -> None:
        uri, key = context.claim_uri, context.properties.upload_kms_key_id
        if uri:
            self._unless_s3_refuses(context, self._claims.write, uri, claim, key, over)

    def _remove_claim(self, context: DeleteContext) -> None:
        if context.claim_uri:
            self._unless_s3_refuses(context, self._claims.remove, context.claim_uri)

    def _unless_s3_refuses(self, context: DeleteContext, call: Callable[..., _T], *args: object) -> _T | None:
        """Make a call, but go on without a bucket that is deleted or no longer permitted."""
        try:
            return call(*args)
        except AWS_ERRORS as error:
            if RETRY_POLICY.is_retryable(error, context.elapsed):
                raise
            self._log.write("going on without S3", reason=describe(error))
            return None

    def _base_names_of_earlier_links(self, context: DeleteContext) -> set[str]:
        """The base names of jobs that an earlier link of the chain has answered for."""
        baselining, uri = context.properties.baselining, context.claim_uri
        if baselining is None or baselining.link == 1 or uri is None:
            return set()
        links = self._unless_s3_refuses(context, self._claims.of_other_links, uri) or []
        earlier = (claim for claim in links if claim.job_name and claim.link < baselining.link)
        return {claim.job_base_name for claim in earlier if claim.job_base_name}

    def _numbers(self, context: DeleteContext, base_name: str, claim: Claim | None) -> list[int]:
        """The numbers of a baseline's jobs, as far as the claim and S3 tell."""
        names = [claim.job_name, *(call.job_name for call in claim.create_calls)] if claim else []
        numbers = [number for name in names if name and (number := job_number(base_name, name))]
        baselining = context.properties.baselining
        if baselining is None:
            return numbers
        return numbers + (self._unless_s3_refuses(context, self._attempts.numbers, base_name, baselining) or [])

    def _stop(self, numbers: Mapping[str, Sequence[int]], kept: set[str], elapsed: float) -> list[str]:
        """Stop the jobs with these numbers, by their base names, and return the names of those to wait for."""
        stopped = (self._stop_all(name, numbers[name], lives_on=bool(kept)) for name in numbers if name not in kept)
        alive = [record.name for records in stopped for record in records]
        if alive:
            self._log.write("stopping", jobs=alive)
        return alive if elapsed < _STOPPING_SECONDS else []

    def _stop_all(self, base_name: str, numbers: Sequence[int], *, lives_on: bool) -> list[JobRecord]:
        try:
            return self._attempts.stop_all(base_name, numbers)
        except AWS_ERRORS as error:
            if not (lives_on and is_denied(error)):
                raise
            # The permissions are for the present job names, and these may have another prefix.
            self._log.write("could not look for jobs of a former baseline", jobs=base_name, reason=describe(error))
            return []

    def _remove_outputs(self, properties: Properties, base_names: set[str], kept: set[str]) -> bool:
        baselining = properties.baselining
        if baselining is None or not baselining.remove_outputs:
            return True
        # Another baseline never shares this one's monitoring config, though it may share its job.
        configs = [uri for base_name in sorted(base_names) if (uri := monitoring_uri(properties, base_name))]
        removed = sorted(base_names - kept)
        try:
            folders = [folder for name in removed for folder in self._attempts.folders(name, baselining)]
            outputs = [uri for folder in folders for uri in self._storage.list_folder(folder, _OBJECTS_PER_POLL)]
            for uri in (*outputs[:_OBJECTS_PER_POLL], *configs):
                self._storage.delete(uri)
        except AWS_ERRORS as error:
            if is_transient(error):
                raise
            self._log.write("outputs are left behind", reason=describe(error))
            return True
        return len(outputs) < _OBJECTS_PER_POLL


def _is_describe_denied(error: BaseException) -> bool:
    return is_denied(error) and getattr(error, "operation_name", "") == "DescribeProcessingJob"
