"""A Delete is polled: it stops the jobs of a baseline, and removes their files if the user has asked for that."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from ..aws.claim_store import StoredClaim
from ..aws.errors import AWS_ERRORS, IAM_SECONDS, describe, is_denied, is_retryable, is_transient
from ..aws.processing_jobs import JobRecord
from ..aws.services import Services
from ..model.baselining_job import BaseliningJob
from ..model.cfn_request import CfnRequest
from ..model.claim import Claim, InputDigests, claim_location
from ..model.errors import BaselineError
from ..model.fingerprint import (
    base_name_in,
    identify,
    job_name,
    job_number,
    monitoring_uri,
    properties_digest,
)
from ..model.properties import Properties
from ..model.s3_uri import S3Uri

_SETTLE_SECONDS = 10  # by then a call that was under way when this request came in has had its effect
_STOPPING_SECONDS = 600  # then SageMaker is trusted to end a job that it says is Stopping
_GIVE_UP_SECONDS = 900
_OBJECTS_PER_POLL = 300


class DeleteContext(NamedTuple):
    """The baseline that a Delete is for.

    The properties identify it. The physical id does not always: CloudFormation makes one up if it deletes a resource
    before its Create was answered.
    """

    request: CfnRequest
    properties: Properties
    claim_uri: S3Uri | None
    elapsed: float
    """Seconds since the Delete was received."""

    def base_names(self, claim: Claim | None) -> set[str]:
        """The base names that the deleted baseline's jobs can have."""
        in_id = base_name_in(self.request.physical_resource_id)
        base_names = {in_id} if in_id else set()
        if self.properties.baselining is None:
            return base_names
        if not self.properties.baselining.dataset_identity:
            datasets: set[str | None] = {None}
        elif in_id or claim is None:
            datasets = set()
        else:
            own_digest = properties_digest(self.properties)
            candidates = (claim.inputs, claim.former_inputs)
            datasets = {inputs.dataset for inputs in candidates if inputs and inputs.properties == own_digest}
        computed = {identify(self.properties, dataset).job_base_name for dataset in datasets}
        return base_names | {name for name in computed if name}

    def owns(self, claim: Claim) -> bool:
        """True if the claim is for the deleted baseline."""
        if base_name_in(self.request.physical_resource_id):
            return self.request.physical_resource_id == claim.physical_resource_id
        return claim.inputs.properties == properties_digest(self.properties)

    def early_claim(self, now: float) -> Claim:
        """The claim of a Delete that may have overtaken its Create."""
        return Claim(
            request_id=self.request.request_id,
            started_at=now,
            physical_resource_id=self.request.physical_resource_id,
            job_base_name=None,
            job_name=None,
            inputs=InputDigests(properties_digest(self.properties), None),
            hands_over=False,
            has_overtaken_create=base_name_in(self.request.physical_resource_id) is None,
        )


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
            patience = _GIVE_UP_SECONDS if is_transient(error) else IAM_SECONDS if is_denied(error) else 0
            if elapsed < patience:
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
        except ValueError as error:  # from another version of the library: no obstacle
            self._log.write("properties are not understood", reason=str(error))
            return None

    def _step(self, context: DeleteContext) -> bool:
        base_names, kept, claim = self._call_off(context)
        kept = kept | self._base_names_of_earlier_links(context)
        numbers = {base_name: self._numbers(context, base_name, claim) for base_name in sorted(base_names)}
        if self._stop(numbers, kept, context.elapsed) or self._attempts.may_still_start(
            claim.create_calls if claim else (), base_names - kept, self._clock()
        ):
            return False
        return context.elapsed >= _GIVE_UP_SECONDS or self._remove_outputs(context.properties, base_names, kept)

    # ------------------------------------------------------------------ the claim
    def _call_off(self, context: DeleteContext) -> tuple[set[str], set[str], Claim | None]:
        """Revoke the claim, so that no waiter starts another job.

        Returns:
            The base names of the deleted baseline's jobs; that of the baseline with which the resource lives on, if it
            does; and the claim. They can be equal: two baselines with different monitoring configs have one job.
        """
        stored = self._read(context)
        if context.claim_uri and stored.claim is None and not self._has_completed(context):
            # This request may have overtaken the Create, which must not find the way clear when it comes.
            stored = self._write(context, context.early_claim(self._clock()), stored)
            self._sleep(_SETTLE_SECONDS)
            stored = self._read(context)
        claim, base_names = stored.claim, context.base_names(stored.claim)
        if claim is None:
            return base_names, set(), None
        job = self._jobs.describe(claim.job_name) if claim.job_name else None
        has_result = self._has_result(context, claim, job)
        is_answered = has_result or (job and (job.has_completed or (claim.hands_over and job.is_running)))
        if is_answered and not context.owns(claim):
            self._forget(context, claim, stored)
            return base_names, {claim.job_base_name} if claim.job_base_name else set(), claim
        if has_result:
            self._remove_claim(context)
        elif claim.request_id != context.request.request_id:
            # Not removed: a request without an answer may be delivered once more, and has to find out.
            self._write(context, claim.taken_by_delete(context.request, self._clock()), stored)
        if claim.job_name and job is None and not has_result:  # its waiter may be about to start it
            self._sleep(_SETTLE_SECONDS)
        return base_names | ({claim.job_base_name} if claim.job_base_name else set()), set(), claim

    def _has_completed(self, context: DeleteContext) -> bool:
        """True if the deleted baseline has a result, as far as SageMaker and S3 tell."""
        baselining = context.properties.baselining
        if baselining is None:
            return False
        for base_name in sorted(context.base_names(None)):
            numbers = self._numbers(context, base_name, None)
            names = {job.name for job in self._attempts.records(base_name, numbers) if job.has_completed}
            if names or self._results(context, base_name, numbers):
                return True
        return False

    def _results(self, context: DeleteContext, base_name: str, numbers: list[int]) -> bool:
        baselining = context.properties.baselining
        with self._even_without_s3(context):
            jobs = [BaseliningJob(baselining, job_name(base_name, number)) for number in numbers] if baselining else []
            return any(self._attempts.has_result(job, self._jobs.describe(job.name)) for job in jobs)
        return False

    def _base_names_of_earlier_links(self, context: DeleteContext) -> set[str]:
        """The base names of jobs that an earlier link of the chain has answered for."""
        baselining = context.properties.baselining
        if baselining is None or baselining.link == 1 or context.claim_uri is None:
            return set()
        with self._even_without_s3(context):
            links = self._claims.of_other_links(context.claim_uri)
            earlier = (claim for claim in links if claim.job_name and claim.link < baselining.link)
            return {claim.job_base_name for claim in earlier if claim.job_base_name}
        return set()

    def _numbers(self, context: DeleteContext, base_name: str, claim: Claim | None) -> list[int]:
        """The numbers of a baseline's jobs, as far as the claim and S3 tell."""
        names = [claim.job_name, *(call.job_name for call in claim.create_calls)] if claim else []
        numbers = [number for name in names if name and (number := job_number(base_name, name))]
        with self._even_without_s3(context):
            if context.properties.baselining:
                numbers += self._attempts.numbers(base_name, context.properties.baselining)
        return numbers

    def _has_result(self, context: DeleteContext, claim: Claim, record: JobRecord | None) -> bool:
        if context.properties.baselining is None or claim.job_name is None:
            return False
        with self._even_without_s3(context):
            return self._attempts.has_result(BaseliningJob(context.properties.baselining, claim.job_name), record)
        return False

    def _forget(self, context: DeleteContext, claim: Claim, stored: StoredClaim) -> None:
        """Remove the deleted baseline from the claim: no rollback leads back to it."""
        former = claim.former_inputs
        if former and former.properties == properties_digest(context.properties):
            self._write(context, claim.without_former_inputs(), stored)

    def _read(self, context: DeleteContext) -> StoredClaim:
        with self._even_without_s3(context):
            if context.claim_uri:
                return self._claims.read(context.claim_uri)
        return StoredClaim()

    def _write(self, context: DeleteContext, claim: Claim, over: StoredClaim) -> StoredClaim:
        with self._even_without_s3(context):
            if context.claim_uri:
                return self._claims.write(context.claim_uri, claim, context.properties.upload_kms_key_id, over)
        return over

    def _remove_claim(self, context: DeleteContext) -> None:
        with self._even_without_s3(context):
            if context.claim_uri:
                self._claims.remove(context.claim_uri)

    @contextmanager
    def _even_without_s3(self, context: DeleteContext) -> Iterator[None]:
        """Go on without a bucket that is deleted, or no longer permitted."""
        try:
            yield
        except AWS_ERRORS as error:
            if is_retryable(error, context.elapsed):
                raise
            self._log.write("going on without S3", reason=describe(error))

    # ------------------------------------------------------------------ the jobs
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

    # ------------------------------------------------------------------ the files
    def _remove_outputs(self, properties: Properties, base_names: set[str], kept: set[str]) -> bool:
        baselining = properties.baselining
        if baselining is None or not baselining.remove_outputs:
            return True
        # Another baseline never shares this one's monitoring config, though it may share its job.
        configs = [uri for base_name in sorted(base_names) if (uri := monitoring_uri(properties, base_name))]
        try:
            folders = [
                folder for name in sorted(base_names - kept) for folder in self._attempts.folders(name, baselining)
            ]
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
