"""Delete: no job is left running; results go only if the user asked for that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .claims import Claim, Held
from .errors import AWS_ERRORS, IAM_SECONDS, BaselineError, described, is_denied, is_transient
from .identity import identify, monitoring_uri, properties_digest, stem_in
from .jobs import Job
from .properties import Properties
from .s3_uri import S3Uri
from .services import Services
from .work import constraints_uri

_SETTLE_SECONDS = 10  # by then a call that was under way when this request came in has had its effect
_STOPPING_SECONDS = 600  # then SageMaker is trusted to end a job that it says is Stopping
_GIVE_UP_SECONDS = 900
_OBJECTS_PER_POLL = 300


@dataclass(frozen=True)
class Deletion:
    """A Delete.

    What it is about is read from the properties, not from the physical id, for CloudFormation makes one up if it
    deletes a resource before its Create has answered.
    """

    request_id: str
    physical_id: str
    properties: Properties
    place: S3Uri | None
    """Of the claim."""
    elapsed: float
    """Seconds since it came in."""

    def stems(self, claim: Claim | None) -> set[str]:
        """Names of the jobs that the deleted baseline can have."""
        in_id = stem_in(self.physical_id)
        own = {in_id} if in_id else set()
        if self.properties.baselining is None:
            return own
        if not self.properties.baselining.dataset_identity:
            datasets: set[str | None] = {None}
        elif in_id or claim is None:
            datasets = set()
        else:
            known = (claim.properties, claim.dataset), claim.former_dataset or ("", None)
            datasets = {dataset for digest, dataset in known if digest == properties_digest(self.properties)}
        return own | {stem for dataset in datasets if (stem := identify(self.properties, dataset).stem)}

    def is_about(self, claim: Claim) -> bool:
        """Is the claim for the deleted baseline?"""
        baselining = self.properties.baselining
        if baselining and baselining.dataset_identity and stem_in(self.physical_id):
            return self.physical_id == claim.physical_resource_id
        return claim.properties == properties_digest(self.properties)

    def claim(self, now: float) -> Claim:
        """The claim that calls a Create off before it comes."""
        return Claim(
            request_id=self.request_id,
            started_at=now,
            physical_resource_id=self.physical_id,
            stem=None,
            job_name=None,
            properties=properties_digest(self.properties),
            dataset=None,
            hands_over=False,
        )


class Removal:
    """Takes down what a baseline has running."""

    def __init__(self, services: Services) -> None:
        self._jobs, self._storage, self._claims = services.jobs, services.storage, services.claims
        self._clock, self._sleep, self._log = services.clock, services.sleep, services.log

    def poll(self, event: Mapping[str, Any], started_at: float) -> bool:
        """Go one step further.

        Args:
            event: CloudFormation's.
            started_at: When it came in, in seconds since the epoch.

        Returns:
            Is everything done?

        Raises:
            BaselineError: A job may be running, and SageMaker refuses to stop it.
        """
        elapsed = self._clock() - started_at
        try:
            properties = Properties.parse(event["ResourceProperties"])
        except ValueError as error:  # from another version of the library: no obstacle
            self._log.write("properties are not understood", reason=str(error))
            properties = None
        try:
            if properties is None:
                stem = stem_in(event["PhysicalResourceId"])
                return not self._stop({stem} if stem else set(), None, elapsed)
            place = self._claims.place(properties, event)
            return self._step(Deletion(event["RequestId"], event["PhysicalResourceId"], properties, place, elapsed))
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

    def _step(self, deletion: Deletion) -> bool:
        held = self._read(deletion)
        if deletion.place and held.claim is None and not self._has_completed(deletion.stems(None)):
            # This request may have overtaken the Create, which must not find the way clear when it comes.
            self._write(deletion, deletion.claim(self._clock()), held)
            self._sleep(_SETTLE_SECONDS)
            held = self._read(deletion)
        claim = held.claim
        stems, kept = deletion.stems(claim), None
        if claim:
            job = self._jobs.describe(claim.job_name) if claim.job_name else None
            is_answered = job and (job.status == "Completed" or (claim.hands_over and job.is_running))
            if is_answered and not deletion.is_about(claim):
                # The resource lives on with another baseline, and this one is cleaned up after the update.
                self._forget(deletion, claim, held)
                kept = claim
            else:
                self._call_off(deletion, claim, held)
                stems |= {claim.stem} if claim.stem else set()
                if claim.job_name and job is None:  # its waiter may be about to start it
                    self._sleep(_SETTLE_SECONDS)
        if self._stop(stems, kept, deletion.elapsed):
            return False
        return deletion.elapsed >= _GIVE_UP_SECONDS or self._remove_outputs(deletion.properties, stems, kept)

    # ------------------------------------------------------------------ jobs
    def _has_completed(self, stems: set[str]) -> bool:
        return any(job and job.status == "Completed" for stem in stems for _, job in self._jobs.numbered(stem))

    def _stop(self, stems: set[str], kept: Claim | None, elapsed: float) -> list[str]:
        """Stop the jobs, and name those to wait for."""
        wanted = stems - {kept.stem if kept else None}
        alive = [job.name for stem in sorted(wanted) for job in self._stop_all(stem, kept)]
        if alive:
            self._log.write("stopping", jobs=alive)
        return alive if elapsed < _STOPPING_SECONDS else []

    def _stop_all(self, stem: str, kept: Claim | None) -> list[Job]:
        try:
            return self._jobs.stop_all(stem)
        except AWS_ERRORS as error:
            if not (kept and is_denied(error)):
                raise
            # The rights are for the present job names, and these may begin otherwise.
            self._log.write("could not look for jobs of a former baseline", jobs=stem, reason=described(error))
            return []

    # ------------------------------------------------------------------ the claim
    def _call_off(self, deletion: Deletion, claim: Claim, held: Held) -> None:
        if deletion.place and self._has_result(deletion, claim):
            try:
                self._claims.remove(deletion.place)
            except AWS_ERRORS as error:
                self._tolerate(error, deletion.elapsed)
        elif claim.request_id != deletion.request_id:
            # Not removed: a request without an answer may be delivered once more, and has to find out.
            self._write(deletion, claim.called_off_by(deletion.request_id, self._clock()), held)

    def _has_result(self, deletion: Deletion, claim: Claim) -> bool:
        if deletion.properties.baselining is None or claim.job_name is None:
            return False
        try:
            return self._storage.exists(constraints_uri(deletion.properties.baselining, claim.job_name))
        except AWS_ERRORS as error:
            self._tolerate(error, deletion.elapsed)
            return False

    def _forget(self, deletion: Deletion, claim: Claim, held: Held) -> None:
        """No rollback leads back to a baseline that is cleaned up."""
        if claim.former_dataset and claim.former_dataset[0] == properties_digest(deletion.properties):
            self._write(deletion, claim.without_former_dataset(), held)

    def _read(self, deletion: Deletion) -> Held:
        try:
            return self._claims.read(deletion.place) if deletion.place else Held(None, None)
        except AWS_ERRORS as error:
            self._tolerate(error, deletion.elapsed)
            return Held(None, None)

    def _write(self, deletion: Deletion, claim: Claim, held: Held) -> None:
        try:
            if deletion.place:
                self._claims.write(deletion.place, claim, deletion.properties.upload_kms_key_id, held)
        except AWS_ERRORS as error:
            self._tolerate(error, deletion.elapsed)

    def _tolerate(self, error: BaseException, elapsed: float) -> None:
        """Go on without a bucket that is gone, or that the user has closed."""
        if is_transient(error) or (is_denied(error) and elapsed < IAM_SECONDS):
            raise error
        self._log.write("going on without S3", reason=described(error))

    # ------------------------------------------------------------------ the files
    def _remove_outputs(self, properties: Properties, stems: set[str], kept: Claim | None) -> bool:
        baselining = properties.baselining
        if baselining is None or not baselining.remove_outputs:
            return True
        folders = [
            location.join(name)
            for stem in sorted(stems - {kept.stem if kept else None})
            for name, _ in self._jobs.numbered(stem)
            for location in (baselining.output_location, baselining.config_location)
        ]
        # Another baseline never shares this one's monitoring config, though it may share its job.
        configs = [uri for stem in sorted(stems) if (uri := monitoring_uri(properties, stem))]
        try:
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
