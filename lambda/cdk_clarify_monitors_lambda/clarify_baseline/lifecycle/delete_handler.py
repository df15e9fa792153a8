"""A Delete: no job is left running; results go only if the user asked for that. What a claim is: model/claim.py."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from ..aws.claim_store import Found
from ..aws.errors import AWS_ERRORS, IAM_SECONDS, described, is_denied, is_transient, may_pass
from ..aws.processing_jobs import Job
from ..aws.services import Services
from ..model.baselining_job import BaseliningJob
from ..model.cfn_request import Request
from ..model.claim import Claim, Inputs, claim_uri
from ..model.errors import BaselineError
from ..model.fingerprint import identify, job_name, job_number, job_stem, monitoring_uri, properties_digest, stem_in
from ..model.properties import Properties
from ..model.s3_uri import S3Uri
from .baseline_waiter import CREATE_SECONDS

_SETTLE_SECONDS = 10  # by then a call that was under way when this request came in has had its effect
_STOPPING_SECONDS = 600  # then SageMaker is trusted to end a job that it says is Stopping
_GIVE_UP_SECONDS = 900
_OBJECTS_PER_POLL = 300


class Deletion(NamedTuple):
    """What a Delete is about.

    That is read from the properties, not from the physical id, for CloudFormation makes one up if it deletes a
    resource before its Create has answered.
    """

    request: Request
    properties: Properties
    place: S3Uri | None
    """Of the claim."""
    elapsed: float
    """Seconds since the Delete came in."""

    def stems(self, claim: Claim | None) -> set[str]:
        """Of the names of the jobs that the deleted baseline can have."""
        in_id = stem_in(self.request.physical_resource_id)
        own = {in_id} if in_id else set()
        if self.properties.baselining is None:
            return own
        if not self.properties.baselining.dataset_identity:
            datasets: set[str | None] = {None}
        elif in_id or claim is None:
            datasets = set()
        else:
            known, digest = (claim.inputs, claim.former_inputs), properties_digest(self.properties)
            datasets = {inputs.dataset for inputs in known if inputs and inputs.properties == digest}
        return own | {stem for dataset in datasets if (stem := identify(self.properties, dataset).stem)}

    def is_about(self, claim: Claim) -> bool:
        """Is the claim for the deleted baseline?"""
        if stem_in(self.request.physical_resource_id):
            return self.request.physical_resource_id == claim.physical_resource_id
        return claim.inputs.properties == properties_digest(self.properties)

    def early_claim(self, now: float) -> Claim:
        """Of a Delete that may have overtaken its Create."""
        return Claim(
            request_id=self.request.request_id,
            started_at=now,
            physical_resource_id=self.request.physical_resource_id,
            stem=None,
            job_name=None,
            inputs=Inputs(properties_digest(self.properties), None),
            hands_over=False,
            has_overtaken_create=stem_in(self.request.physical_resource_id) is None,
        )


class Removal:
    """Takes down what a baseline has running."""

    def __init__(self, services: Services) -> None:
        self._jobs, self._storage, self._claims = services.jobs, services.storage, services.claims
        self._attempts = services.attempts
        self._clock, self._sleep, self._log = services.clock, services.sleep, services.log

    def poll(self, request: Request) -> bool:
        """Go one step further.

        Returns:
            Is everything done?

        Raises:
            BaselineError: A job may be running, and SageMaker refuses to stop it.
        """
        elapsed = request.elapsed(self._clock())
        properties = self._properties(request)
        try:
            if properties is None:
                stem = stem_in(request.physical_resource_id)
                return not (stem and self._stop({stem: []}, set(), elapsed))
            return self._step(Deletion(request, properties, claim_uri(request, properties), elapsed))
        except AWS_ERRORS as error:
            patience = _GIVE_UP_SECONDS if is_transient(error) else IAM_SECONDS if is_denied(error) else 0
            if elapsed < patience:
                self._log.write("waiting", reason=described(error))
                return False
            if not _may_not_look(error):
                raise BaselineError(described(error), "A baselining job may be left running.") from error
            # CloudFormation takes the rights for a removed monitor's own job names away before it deletes the monitor.
            # Its baseline was answered by an earlier deployment then.
            self._log.write("going on without SageMaker", reason=described(error))
            return True

    def _properties(self, request: Request) -> Properties | None:
        try:
            return Properties.parse(request.properties)
        except ValueError as error:  # from another version of the library: no obstacle
            self._log.write("properties are not understood", reason=str(error))
            return None

    def _step(self, deletion: Deletion) -> bool:
        stems, kept, claim = self._call_off(deletion)
        kept = kept | self._of_links_before(deletion)
        numbers = {stem: self._numbers(deletion, stem, claim) for stem in sorted(stems)}
        if self._stop(numbers, kept, deletion.elapsed) or self._may_still_start(claim, stems - kept):
            return False
        return deletion.elapsed >= _GIVE_UP_SECONDS or self._remove_outputs(deletion.properties, stems, kept)

    # ------------------------------------------------------------------ the claim
    def _call_off(self, deletion: Deletion) -> tuple[set[str], set[str], Claim | None]:
        """See to it that no waiter starts a job any more.

        Returns:
            The stems of the deleted baseline's jobs; that of the baseline with which the resource lives on, if it
            does; and the claim. The stems can be the same: two baselines with other monitoring configs have one job.
        """
        found = self._read(deletion)
        if deletion.place and found.claim is None and not self._has_completed(deletion):
            # This request may have overtaken the Create, which must not find the way clear when it comes.
            found = self._write(deletion, deletion.early_claim(self._clock()), found)
            self._sleep(_SETTLE_SECONDS)
            found = self._read(deletion)
        claim, stems = found.claim, deletion.stems(found.claim)
        if claim is None:
            return stems, set(), None
        job = self._jobs.describe(claim.job_name) if claim.job_name else None
        has_result = self._has_result(deletion, claim, job)
        is_answered = has_result or (job and (job.has_completed or (claim.hands_over and job.is_running)))
        if is_answered and not deletion.is_about(claim):
            self._forget(deletion, claim, found)
            return stems, {claim.stem} if claim.stem else set(), claim
        if has_result:
            self._remove_claim(deletion)
        elif claim.request_id != deletion.request.request_id:
            # Not removed: a request without an answer may be delivered once more, and has to find out.
            self._write(deletion, claim.called_off(deletion.request, self._clock()), found)
        if claim.job_name and job is None and not has_result:  # its waiter may be about to start it
            self._sleep(_SETTLE_SECONDS)
        return stems | ({claim.stem} if claim.stem else set()), set(), claim

    def _has_completed(self, deletion: Deletion) -> bool:
        """Whether the deleted baseline has a result, as far as SageMaker and S3 know."""
        baselining = deletion.properties.baselining
        if baselining is None:
            return False
        for stem in sorted(deletion.stems(None)):
            numbers = self._numbers(deletion, stem, None)
            names = {job.name for job in self._attempts.records(stem, numbers) if job.has_completed}
            if names or self._results(deletion, stem, numbers):
                return True
        return False

    def _results(self, deletion: Deletion, stem: str, numbers: list[int]) -> bool:
        baselining = deletion.properties.baselining
        with self._even_without_s3(deletion):
            jobs = [BaseliningJob(baselining, job_name(stem, number)) for number in numbers] if baselining else []
            return any(self._attempts.result_of(job, self._jobs.describe(job.name)) for job in jobs)
        return False

    def _of_links_before(self, deletion: Deletion) -> set[str]:
        """The stems of jobs that another resource has answered for, which waits for the same job before this one."""
        baselining = deletion.properties.baselining
        if baselining is None or baselining.link == 1 or deletion.place is None:
            return set()
        with self._even_without_s3(deletion):
            links = self._claims.of_other_links(deletion.place)
            return {claim.stem for claim in links if claim.stem and claim.job_name and claim.link < baselining.link}
        return set()

    def _may_still_start(self, claim: Claim | None, stems: set[str]) -> bool:
        """Whether a call that was under way may yet start a job."""
        return any(
            self._clock() - call.at < CREATE_SECONDS and self._jobs.describe(call.job_name) is None
            for call in (claim.starting if claim else ())
            if job_stem(call.job_name) in stems
        )

    def _numbers(self, deletion: Deletion, stem: str, claim: Claim | None) -> list[int]:
        """The numbers of a baseline's jobs, as far as they are known without SageMaker."""
        names = [claim.job_name, *(call.job_name for call in claim.starting)] if claim else []
        numbers = [number for name in names if name and (number := job_number(stem, name))]
        with self._even_without_s3(deletion):
            if deletion.properties.baselining:
                numbers += self._attempts.numbers(stem, deletion.properties.baselining)
        return numbers

    def _has_result(self, deletion: Deletion, claim: Claim, record: Job | None) -> bool:
        if deletion.properties.baselining is None or claim.job_name is None:
            return False
        with self._even_without_s3(deletion):
            return self._attempts.result_of(BaseliningJob(deletion.properties.baselining, claim.job_name), record)
        return False

    def _forget(self, deletion: Deletion, claim: Claim, found: Found) -> None:
        """No rollback leads back to a baseline that is cleaned up."""
        former = claim.former_inputs
        if former and former.properties == properties_digest(deletion.properties):
            self._write(deletion, claim.without_former_inputs(), found)

    def _read(self, deletion: Deletion) -> Found:
        with self._even_without_s3(deletion):
            if deletion.place:
                return self._claims.read(deletion.place)
        return Found()

    def _write(self, deletion: Deletion, claim: Claim, over: Found) -> Found:
        with self._even_without_s3(deletion):
            if deletion.place:
                return self._claims.write(deletion.place, claim, deletion.properties.upload_kms_key_id, over)
        return over

    def _remove_claim(self, deletion: Deletion) -> None:
        with self._even_without_s3(deletion):
            if deletion.place:
                self._claims.remove(deletion.place)

    @contextmanager
    def _even_without_s3(self, deletion: Deletion) -> Iterator[None]:
        """Go on without a bucket that is gone, or that the user has closed."""
        try:
            yield
        except AWS_ERRORS as error:
            if may_pass(error, deletion.elapsed):
                raise
            self._log.write("going on without S3", reason=described(error))

    # ------------------------------------------------------------------ the jobs
    def _stop(self, numbers: Mapping[str, Sequence[int]], kept: set[str], elapsed: float) -> list[str]:
        """Stop the jobs with these numbers, by the stems of their names, and name those to wait for."""
        stems = [stem for stem in numbers if stem not in kept]
        alive = [job.name for stem in stems for job in self._stop_all(stem, numbers[stem], lives_on=bool(kept))]
        if alive:
            self._log.write("stopping", jobs=alive)
        return alive if elapsed < _STOPPING_SECONDS else []

    def _stop_all(self, stem: str, numbers: Sequence[int], *, lives_on: bool) -> list[Job]:
        try:
            return self._attempts.stop_all(stem, numbers)
        except AWS_ERRORS as error:
            if not (lives_on and is_denied(error)):
                raise
            # The rights are for the present job names, and these may begin otherwise.
            self._log.write("could not look for jobs of a former baseline", jobs=stem, reason=described(error))
            return []

    # ------------------------------------------------------------------ the files
    def _remove_outputs(self, properties: Properties, stems: set[str], kept: set[str]) -> bool:
        baselining = properties.baselining
        if baselining is None or not baselining.remove_outputs:
            return True
        # Another baseline never shares this one's monitoring config, though it may share its job.
        configs = [uri for stem in sorted(stems) if (uri := monitoring_uri(properties, stem))]
        try:
            folders = [folder for stem in sorted(stems - kept) for folder in self._attempts.folders(stem, baselining)]
            found = [uri for folder in folders for uri in self._storage.below(folder, _OBJECTS_PER_POLL)]
            for uri in (*found[:_OBJECTS_PER_POLL], *configs):
                self._storage.delete(uri)
        except AWS_ERRORS as error:
            if is_transient(error):
                raise
            self._log.write("outputs are left behind", reason=described(error))
            return True
        return len(found) < _OBJECTS_PER_POLL


def _may_not_look(error: BaseException) -> bool:
    return is_denied(error) and getattr(error, "operation_name", "") == "DescribeProcessingJob"
