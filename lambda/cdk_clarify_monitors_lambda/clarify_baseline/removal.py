"""Delete: no job is left running; results go only if the user asked for that."""

from collections.abc import Mapping
from typing import Any

from .claims import Claim
from .errors import AWS_ERRORS, IAM_SECONDS, BaselineError, described, is_denied, is_transient
from .identity import identify, monitoring_uri, physical_resource_id, properties_digest, stem_in
from .jobs import Job
from .properties import Properties
from .s3_uri import S3Uri
from .services import Services

_SETTLE_SECONDS = 10  # by then a call that was under way when this request came in has had its effect
_STOPPING_SECONDS = 600  # then SageMaker is trusted to end a job that it says is Stopping
_GIVE_UP_SECONDS = 900
_OBJECTS_PER_POLL = 300


class Removal:
    """Takes down what a baseline has running.

    What it was is read from the properties, not from the physical id, for CloudFormation makes one up if it deletes
    a resource before its Create has answered.
    """

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
            return self._step(event, elapsed)
        except AWS_ERRORS as error:
            patience = _GIVE_UP_SECONDS if is_transient(error) else IAM_SECONDS if is_denied(error) else 0
            if elapsed >= patience:
                raise BaselineError(described(error), "A baselining job may be left running.") from error
            self._log.write("waiting", reason=described(error))
            return False

    def _step(self, event: Mapping[str, Any], elapsed: float) -> bool:
        properties = self._properties(event)
        place = self._claims.place(properties, event)
        held = self._claim(place, elapsed) if place else None
        if place and held is None:  # this request may have overtaken the Create
            self._sleep(_SETTLE_SECONDS)
            held = self._claim(place, elapsed)
        stems, kept = _stems(event, properties, held), None
        if properties and place and held:
            job = self._jobs.describe(held.job_name) if held.job_name else None
            is_answered = job is not None and job.status == "Completed"
            if not is_answered or _is_of(event, properties, held):
                self._call_off(event, properties, place, held, is_answered, elapsed)
                stems |= {held.stem} if held.stem else set()
                if held.job_name and job is None:  # its waiter may be about to start it
                    self._sleep(_SETTLE_SECONDS)
            else:  # the resource lives on with another baseline, and this one is cleaned up after the update
                self._forget(place, held, properties, elapsed)
                kept = held
        alive = [
            job.name for stem in sorted(stems) if not (kept and kept.stem == stem) for job in self._stop_all(stem, kept)
        ]
        if alive and elapsed < _STOPPING_SECONDS:
            self._log.write("stopping", jobs=alive)
            return False
        return elapsed >= _GIVE_UP_SECONDS or self._remove_outputs(properties, stems, kept)

    def _stop_all(self, stem: str, kept: Claim | None) -> list[Job]:
        try:
            return self._jobs.stop_all(stem)
        except AWS_ERRORS as error:
            if not (kept and is_denied(error)):
                raise
            # The rights are for the present job names, and these may begin otherwise.
            self._log.write("could not look for jobs of a former baseline", jobs=stem, reason=described(error))
            return []

    def _properties(self, event: Mapping[str, Any]) -> Properties | None:
        try:
            return Properties.parse(event["ResourceProperties"])
        except ValueError as error:  # from another version of the library: no obstacle
            self._log.write("properties are not understood", reason=str(error))
            return None

    def _claim(self, place: S3Uri, elapsed: float) -> Claim | None:
        try:
            return self._claims.read(place)
        except AWS_ERRORS as error:
            self._tolerate(error, elapsed)
            return None

    def _call_off(
        self,
        event: Mapping[str, Any],
        properties: Properties,
        place: S3Uri,
        held: Claim,
        is_answered: bool,
        elapsed: float,
    ) -> None:
        try:
            if is_answered:
                self._claims.remove(place)
            elif held.request_id != event["RequestId"]:
                # Kept, so that the request is known if it is delivered once more.
                self._claims.write(place, held.called_off_by(event["RequestId"]), properties.upload_kms_key_id)
        except AWS_ERRORS as error:
            self._tolerate(error, elapsed)

    def _tolerate(self, error: BaseException, elapsed: float) -> None:
        """Go on without a bucket that is gone, or that the user has closed."""
        if is_transient(error) or (is_denied(error) and elapsed < IAM_SECONDS):
            raise error
        self._log.write("going on without S3", reason=described(error))

    def _forget(self, place: S3Uri, held: Claim, properties: Properties, elapsed: float) -> None:
        """No rollback leads back to a baseline that is cleaned up."""
        if held.former_dataset and held.former_dataset[0] == properties_digest(properties):
            try:
                self._claims.write(place, held.without_former_dataset(), properties.upload_kms_key_id)
            except AWS_ERRORS as error:
                self._tolerate(error, elapsed)

    def _remove_outputs(self, properties: Properties | None, stems: set[str], kept: Claim | None) -> bool:
        baselining = properties.baselining if properties else None
        if properties is None or baselining is None or not baselining.remove_outputs:
            return True
        folders = [
            location.join(name)
            for stem in sorted(stems)
            if not (kept and kept.stem == stem)
            for name, _ in self._jobs.numbered(stem)
            for location in (baselining.output_location, baselining.config_location)
        ]
        files = [
            uri
            for stem in sorted(stems)
            if (uri := monitoring_uri(properties, stem))
            and not (kept and kept.physical_resource_id == physical_resource_id(stem, uri))
        ]
        try:
            found = [uri for folder in folders for uri in self._storage.below(folder, _OBJECTS_PER_POLL)]
            for uri in (*found[:_OBJECTS_PER_POLL], *files):
                self._storage.delete(uri)
        except AWS_ERRORS as error:
            if is_transient(error):
                raise
            self._log.write("outputs are left behind", reason=described(error))
            return True
        return len(found) < _OBJECTS_PER_POLL


def _stems(event: Mapping[str, Any], properties: Properties | None, held: Claim | None) -> set[str]:
    """Names of the jobs that the deleted baseline can have."""
    in_id = stem_in(event["PhysicalResourceId"])
    stems = {in_id} if in_id else set()
    if properties is None or properties.baselining is None:
        return stems
    if not properties.baselining.dataset_identity:
        datasets: set[str | None] = {None}
    elif in_id or held is None:
        datasets = set()
    else:
        known = (held.properties, held.dataset), held.former_dataset or ("", None)
        datasets = {dataset for digest, dataset in known if digest == properties_digest(properties)}
    return stems | {stem for dataset in datasets if (stem := identify(properties, dataset).stem)}


def _is_of(event: Mapping[str, Any], properties: Properties, held: Claim) -> bool:
    """Is the claim for the deleted baseline?"""
    physical_id: str = event["PhysicalResourceId"]
    if properties.baselining and properties.baselining.dataset_identity and stem_in(physical_id):
        return physical_id == held.physical_resource_id
    return held.properties == properties_digest(properties)
