"""A Create or an Update comes in: it takes the resource over and decides which job it will be."""

from collections.abc import Mapping
from typing import Any

from .claims import Claim, Held
from .errors import AWS_ERRORS, BaselineError, SupersededError, described, is_denied, is_transient
from .identity import identify, properties_digest, stem_in
from .jobs import MAX_JOBS
from .properties import Baselining, Properties
from .s3_uri import S3Uri
from .services import Services
from .work import Work, constraints_uri

_DELAYS = (1, 2, 4, 8, 15, 15, 15)  # a minute: here nobody calls again, as is_complete is called


class Takeover:
    """Starts and writes nothing but the claim.

    If the provider framework fails right afterwards, it swallows CloudFormation's Delete: a job would run on.
    """

    def __init__(self, services: Services) -> None:
        self._jobs, self._storage, self._claims = services.jobs, services.storage, services.claims
        self._clock, self._sleep, self._log = services.clock, services.sleep, services.log

    def claim(self, event: Mapping[str, Any]) -> Claim:
        """Take over. The same event delivered again gets the same claim.

        Raises:
            BaselineError: The properties are wrong, or AWS refuses for longer than it does after a deployment.
        """
        begun = self._clock()
        try:
            properties = Properties.parse(event["ResourceProperties"])
            old = self._old_properties(event)
            for delay in _DELAYS:
                try:
                    return self._claim(event, properties, old, begun)
                except AWS_ERRORS as error:
                    if not (is_transient(error) or is_denied(error)):
                        raise
                    self._log.write("waiting", reason=described(error), seconds=delay)
                    self._sleep(delay)
            return self._claim(event, properties, old, begun)
        except ValueError as error:
            raise BaselineError(str(error)) from error
        except AWS_ERRORS as error:
            raise BaselineError(described(error)) from error

    def _old_properties(self, event: Mapping[str, Any]) -> Properties | None:
        try:
            return Properties.parse(event["OldResourceProperties"]) if "OldResourceProperties" in event else None
        except ValueError as error:  # from another version of the library: no obstacle
            self._log.write("old properties are not understood", reason=str(error))
            return None

    def _claim(self, event: Mapping[str, Any], properties: Properties, old: Properties | None, begun: float) -> Claim:
        place, old_place = self._claims.place(properties, event), self._claims.place(old, event)
        moved_from = old_place if old_place != place else None
        found = self._claims.read(place) if place else Held(None, None)
        held = found.claim or (self._read_if_possible(moved_from) if moved_from else None)
        if held and held.request_id == event["RequestId"]:
            claim = held
        else:
            if held and (event["RequestId"] in held.former_requests or (held.is_of_delete and held.started_at > begun)):
                raise SupersededError("CloudFormation has sent a newer request for this resource.")
            claim = self._new_claim(event, properties, old, held)
            if place:
                self._claims.write(place, claim, properties.upload_kms_key_id, found)
        if moved_from:  # a waiter that looks there finds that it is called off
            self._remove_if_possible(moved_from)
        return claim

    def _new_claim(
        self, event: Mapping[str, Any], properties: Properties, old: Properties | None, held: Claim | None
    ) -> Claim:
        own = properties_digest(properties)
        former = held.former_dataset if held and held.properties != own else None
        if former and former[0] == own:  # a rollback: the data set counts as it was, or there would be a new job
            dataset, former = former[1], None
        else:
            dataset = self._dataset(properties.baselining)
            former = (held.properties, held.dataset) if held and held.dataset else None
        identity = identify(properties, dataset)
        others = {
            held.stem if held else None,
            identify(old).stem if old else None,
            stem_in(event.get("PhysicalResourceId", "")),
        }
        claim = Claim(
            request_id=event["RequestId"],
            started_at=self._clock(),
            physical_resource_id=identity.physical_resource_id,
            stem=identity.stem,
            job_name=self._choose(properties.baselining, identity.stem),
            properties=own,
            dataset=dataset,
            hands_over=properties.baselining is not None and properties.baselining.hand_over is not None,
            supersedes=tuple(sorted(stem for stem in others if stem and stem != identity.stem)),
            former_requests=held.requests() if held else (),
            former_dataset=former,
        )
        Work(properties, identity, claim).check_answer(event)
        return claim

    def _dataset(self, baselining: Baselining | None) -> str | None:
        if baselining is None or not baselining.dataset_identity:
            return None
        dataset = baselining.processing_job["ProcessingInputs"][0]["S3Input"]["S3Uri"]
        return self._storage.dataset_digest(dataset, (baselining.output_location, baselining.config_location))

    def _choose(self, baselining: Baselining | None, stem: str | None) -> str | None:
        """The name of the job that has the result, or will have it, or is free."""
        if baselining is None or stem is None:
            return None
        name = stem
        for name, job in self._jobs.numbered(stem):
            if job is None or job.is_running:
                return name
            if job.status == "Completed" and self._storage.exists(constraints_uri(baselining, name)):
                return name
            self._log.write("no result to be had from an earlier job", job=name, status=job.status)
        raise BaselineError(
            f"{MAX_JOBS} baselining jobs for the same inputs have come to nothing, the last one was {name}.",
            "Change the inputs, or BaselineOptions(version=...).",
        )

    def _read_if_possible(self, place: S3Uri) -> Claim | None:
        try:
            return self._claims.read(place).claim
        except AWS_ERRORS as error:
            if is_transient(error):
                raise
            self._log.write("the former claim cannot be read", reason=described(error))
            return None

    def _remove_if_possible(self, place: S3Uri) -> None:
        try:
            self._claims.remove(place)
        except AWS_ERRORS as error:
            if is_transient(error):
                raise
            self._log.write("the former claim cannot be removed", reason=described(error))
