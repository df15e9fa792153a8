"""A Create or an Update comes in: it takes the claim and decides which job it will be. What a claim is: claims.py."""

from collections.abc import Iterator
from contextlib import contextmanager

from .baselining_job import BaseliningJob
from .claims import Claim, Found, Inputs
from .errors import AWS_ERRORS, BaselineError, SupersededError, described, is_denied, is_transient
from .identity import identify, properties_digest, stem_in
from .jobs import MAX_JOBS
from .properties import Baselining, Properties
from .request import Request
from .s3_uri import S3Uri
from .services import Services
from .work import Work

_DELAYS = (1, 2, 4, 8, 15, 15, 15)  # a minute: here nobody calls again, as is_complete is called


class Takeover:
    """Starts and writes nothing but the claim.

    If the provider framework fails right afterwards, it swallows CloudFormation's Delete: a job would run on.
    """

    def __init__(self, services: Services) -> None:
        self._jobs, self._storage, self._claims = services.jobs, services.storage, services.claims
        self._clock, self._sleep, self._log = services.clock, services.sleep, services.log

    def claim(self, request: Request) -> Claim:
        """Take over. The same request delivered again gets the same claim.

        Raises:
            BaselineError: The properties are wrong, or AWS refuses for longer than it does after a deployment.
        """
        try:
            properties = Properties.parse(request.properties)
            old = self._old_properties(request)
            for delay in _DELAYS:
                try:
                    return self._claim(request, properties, old)
                except AWS_ERRORS as error:
                    if not (is_transient(error) or is_denied(error)):
                        raise
                    self._log.write("waiting", reason=described(error), seconds=delay)
                    self._sleep(delay)
            return self._claim(request, properties, old)
        except ValueError as error:
            raise BaselineError(str(error)) from error
        except AWS_ERRORS as error:
            raise BaselineError(described(error)) from error

    def _old_properties(self, request: Request) -> Properties | None:
        try:
            return None if request.old_properties is None else Properties.parse(request.old_properties)
        except ValueError as error:  # from another version of the library: no obstacle
            self._log.write("old properties are not understood", reason=str(error))
            return None

    # ------------------------------------------------------------------ the claim changes hands
    def _claim(self, request: Request, properties: Properties, old: Properties | None) -> Claim:
        place, old_place = self._claims.place(request, properties), self._claims.place(request, old)
        moved_from = None if old_place == place else old_place
        found = self._claims.read(place) if place else Found()
        holder = found.claim or (self._read_if_possible(moved_from) if moved_from else None)
        if holder and holder.request_id == request.request_id:
            claim = holder
        else:
            if holder:
                _check_is_newest(request, holder)
            claim = self._new_claim(request, properties, old, holder)
            if place:
                self._claims.write(place, claim, properties.upload_kms_key_id, found)
        if moved_from:  # a waiter that looks there finds that it is called off
            self._remove_if_possible(moved_from)
        return claim

    def _read_if_possible(self, place: S3Uri) -> Claim | None:
        with self._no_obstacle("the former claim cannot be read"):
            return self._claims.read(place).claim
        return None

    def _remove_if_possible(self, place: S3Uri) -> None:
        with self._no_obstacle("the former claim cannot be removed"):
            self._claims.remove(place)

    @contextmanager
    def _no_obstacle(self, event: str) -> Iterator[None]:
        """Go on if S3 refuses for good: the former place may be gone, or closed to us."""
        try:
            yield
        except AWS_ERRORS as error:
            if is_transient(error):
                raise
            self._log.write(event, reason=described(error))

    # ------------------------------------------------------------------ what stands in it
    def _new_claim(
        self, request: Request, properties: Properties, old: Properties | None, holder: Claim | None
    ) -> Claim:
        inputs, former_inputs = self._inputs(properties, holder)
        identity = identify(properties, inputs.dataset)
        others = {
            holder.stem if holder else None,
            identify(old).stem if old else None,
            stem_in(request.physical_resource_id),
        }
        claim = Claim(
            request_id=request.request_id,
            started_at=self._clock(),
            physical_resource_id=identity.physical_resource_id,
            stem=identity.stem,
            job_name=self._choose_job(properties.baselining, identity.stem),
            inputs=inputs,
            hands_over=properties.baselining is not None and properties.baselining.hand_over is not None,
            supersedes=tuple(sorted(stem for stem in others if stem and stem != identity.stem)),
            former_requests=holder.requests() if holder else (),
            former_inputs=former_inputs,
        )
        Work(properties, claim).check_answer(request)
        return claim

    def _inputs(self, properties: Properties, holder: Claim | None) -> tuple[Inputs, Inputs | None]:
        """What the baseline is computed from, and what that was computed from to which a rollback would go back."""
        own = properties_digest(properties)
        back_to = holder.former_inputs if holder else None
        if holder and back_to and back_to.properties == own != holder.inputs.properties:
            return back_to, None  # a rollback: the data set counts as it was, or there would be a new job
        inputs = Inputs(own, self._dataset(properties.baselining))
        return inputs, holder.inputs if holder and holder.inputs.dataset else None

    def _dataset(self, baselining: Baselining | None) -> str | None:
        if baselining is None or not baselining.dataset_identity:
            return None
        return self._storage.dataset_digest(
            baselining.dataset, (baselining.output_location, baselining.config_location)
        )

    def _choose_job(self, baselining: Baselining | None, stem: str | None) -> str | None:
        """The name of the job that has the result, or will have it, or is free."""
        if baselining is None or stem is None:
            return None
        name = stem
        for name, job in self._jobs.numbered(stem):
            if job is None or job.is_running:
                return name
            if job.has_completed and self._storage.exists(BaseliningJob(baselining, name).constraints_uri):
                return name
            self._log.write("no result to be had from an earlier job", job=name, status=job.status)
        raise BaselineError(
            f"{MAX_JOBS} baselining jobs for the same inputs have come to nothing, the last one was {name}.",
            "Change the inputs, or BaselineOptions(version=...).",
        )


def _check_is_newest(request: Request, holder: Claim) -> None:
    """Refuse a request that comes late.

    Raises:
        SupersededError: It has lost the claim before, or a Delete has come in since it did.
    """
    lost_it = request.request_id in holder.former_requests
    is_deleted = holder.is_of_delete and holder.started_at > request.received_at
    if lost_it or is_deleted:
        raise SupersededError("CloudFormation has sent a newer request for this resource.")
