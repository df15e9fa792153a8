"""A Create or an Update comes in: it takes the claim (model/claim.py) and decides which job it will be."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..aws.claim_store import Found
from ..aws.errors import AWS_ERRORS, described, is_denied, is_transient
from ..aws.job_attempts import MAX_JOBS
from ..aws.processing_jobs import Job
from ..aws.services import Services
from ..model.baselining_job import BaseliningJob
from ..model.canonical_json import digest
from ..model.cfn_request import Request
from ..model.claim import Claim, Inputs, claim_uri
from ..model.desired_baseline import Work
from ..model.errors import BaselineError, SupersededError
from ..model.fingerprint import identify, job_name, job_number, properties_digest, stem_in
from ..model.properties import Baselining, ConfigAsset, Properties, old_properties
from ..model.s3_uri import S3Uri

_DELAYS = (1, 2, 4, 8, 15, 15, 15)  # a minute: here nobody calls again, as is_complete is called
# So long Lambda tries to deliver an event.
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
_DELIVERY_SECONDS = 6 * 3600
_LINK_SECONDS = 4200  # a custom resource is answered within an hour, and the next one asked then
_ADOPTED = 10


class Takeover:
    """Starts and writes nothing but the claim.

    If the provider framework fails right afterwards, it swallows CloudFormation's Delete: a job would run on.
    """

    def __init__(self, services: Services) -> None:
        self._jobs, self._storage, self._claims = services.jobs, services.storage, services.claims
        self._attempts = services.attempts
        self._clock, self._sleep, self._log = services.clock, services.sleep, services.log

    def claim(self, request: Request) -> Claim:
        """Take over. The same request delivered again gets the same claim.

        Raises:
            BaselineError: The properties are wrong, or AWS refuses for longer than it does after a deployment.
        """
        try:
            properties = Properties.parse(request.properties)
            old = old_properties(request)
            if old is None and request.old_properties is not None:
                self._log.write("old properties are not understood")
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

    # ------------------------------------------------------------------ the claim changes hands
    def _claim(self, request: Request, properties: Properties, old: Properties | None) -> Claim:
        place, old_place = claim_uri(request, properties), claim_uri(request, old)
        moved_from = None if old_place == place else old_place
        found = self._claims.read(place) if place else Found()
        holder = found.claim or (self._read_if_possible(moved_from) if moved_from else None)
        if holder and holder.request_id == request.request_id:
            claim = holder
        else:
            if holder and place:
                self._check_is_newest(request, holder, place, found, properties)
            claim = self._new_claim(request, properties, old, holder, place)
            if place:
                self._claims.write(place, claim, properties.upload_kms_key_id, found)
        if moved_from:  # a waiter that looks there finds that it is called off
            self._remove_if_possible(moved_from)
        return claim

    def _check_is_newest(
        self, request: Request, holder: Claim, place: S3Uri, found: Found, properties: Properties
    ) -> None:
        """Refuse a request that comes late.

        Raises:
            SupersededError: It has lost the claim before; a Delete has come in since it did; or a Delete came in before
                it that had overtaken it.
        """
        lost_it = request.request_id in holder.former_requests
        is_deleted = holder.is_of_delete and holder.started_at > request.received_at
        is_overtaken = (
            request.kind == "Create"
            and holder.has_overtaken_create
            and request.received_at - holder.started_at < _DELIVERY_SECONDS
        )
        if is_overtaken:  # one Create, not those that a later deployment may send
            self._claims.write(place, holder.without_create(request), properties.upload_kms_key_id, found)
        if lost_it or is_deleted or is_overtaken:
            raise SupersededError(
                "CloudFormation has sent a newer request for this resource.",
                "If this is the newest one, deploy once more.",
            )

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
        self,
        request: Request,
        properties: Properties,
        old: Properties | None,
        holder: Claim | None,
        place: S3Uri | None,
    ) -> Claim:
        others = self._claims.of_other_links(place) if place else []
        before = self._link_before(properties, holder, others)
        inputs, former_inputs = self._inputs(request, properties, old, holder)
        if before:
            inputs = before.inputs  # the data set may have changed since: the job is for what it was
        adopted = self._adopted(request, properties, old, holder, inputs)
        computed = identify(properties, inputs.dataset).stem
        stem = dict(adopted).get(computed, computed) if computed else None
        superseded = {
            holder.stem if holder else None,
            identify(old).stem if old else None,
            stem_in(request.physical_resource_id),
        }
        baselining = properties.baselining
        rolls_back = _rolls_back(request, holder, others)
        goes_on = baselining is not None and baselining.hand_over is not None and baselining.hand_over.is_when_started
        present = holder if holder and holder.stem == stem and holder.job_name else None
        # What the stack lives with goes on until the clean-up after a success.
        answered = holder.stem if holder and _is_answered_before_its_end(holder, request) else None
        if before:
            chosen = before.job_name
        elif goes_on and rolls_back and stem:
            # Whatever has become of it: it was answered for, and nobody waits for it.
            chosen = present.job_name if present else self._answered_job(baselining, stem)
        else:
            chosen = self._choose_job(baselining, stem, holder)
        claim = Claim(
            request_id=request.request_id,
            started_at=self._clock(),
            physical_resource_id=identify(properties, inputs.dataset, stem).physical_resource_id,
            stem=stem,
            job_name=chosen,
            inputs=inputs,
            hands_over=baselining is not None and baselining.hand_over is not None,
            supersedes=tuple(sorted(other for other in superseded if other and other not in (stem, answered))),
            former_requests=holder.requests() if holder else (),
            former_inputs=former_inputs,
            link=baselining.link if baselining else 1,
            starting=holder.starting if holder else (),
            adopted=adopted,
            request_digest=digest(request.properties),
            keeps_job=(goes_on and rolls_back)
            or any(
                claim.job_name == chosen and (claim.keeps_job or (claim is present and claim.hands_over))
                for claim in (present, before)
                if claim
            ),
            rolls_back=rolls_back,
        )
        Work(properties, claim).check_answer(request)
        return claim

    def _link_before(self, properties: Properties, holder: Claim | None, others: list[Claim]) -> Claim | None:
        """The claim of the resource that this deployment has answered before this one, for the same job.

        That job is taken as it is: if it has failed meanwhile, nobody has told so yet.
        """
        if properties.baselining is None:
            return None
        earliest = max(holder.started_at if holder else 0.0, self._clock() - _LINK_SECONDS)
        own = properties_digest(properties)
        links = [
            claim
            for claim in others
            if claim.hands_over
            and not claim.is_of_delete
            and claim.started_at > earliest
            and claim.link <= properties.baselining.link
            and claim.inputs.properties == own
        ]
        return max(links, key=lambda claim: claim.started_at, default=None)

    def _inputs(
        self, request: Request, properties: Properties, old: Properties | None, holder: Claim | None
    ) -> tuple[Inputs, Inputs | None]:
        """What the baseline is computed from, and what that was computed from to which a rollback would go back."""
        own = properties_digest(properties)
        back_to = holder.former_inputs if holder else None
        if holder and back_to and back_to.properties == own != holder.inputs.properties:
            return back_to, None  # a rollback: the data set counts as it was, or there would be a new job
        inputs = Inputs(own, self._dataset(properties.baselining))
        if holder is None or not holder.inputs.dataset:
            return inputs, None
        if old and _is_of_old(request, holder):  # another version may have made another digest of the properties
            return inputs, holder.inputs._replace(properties=properties_digest(old))
        return inputs, holder.inputs

    def _dataset(self, baselining: Baselining | None) -> str | None:
        if baselining is None or not baselining.dataset_identity:
            return None
        return self._storage.dataset_digest(
            baselining.dataset, (baselining.output_location, baselining.config_location)
        )

    def _adopted(
        self,
        request: Request,
        properties: Properties,
        old: Properties | None,
        holder: Claim | None,
        inputs: Inputs,
    ) -> tuple[tuple[str, str], ...]:
        """The stems that another version of the library has made.

        The resource's id has the stem of the present baseline. If this version would make another stem of the same
        inputs, that baseline is kept for them: now, or when a rollback or a later update goes back to them.
        """
        known = dict(holder.adopted) if holder else {}
        kept, stem = stem_in(request.physical_resource_id), identify(properties, inputs.dataset).stem
        if old is None or old.baselining is None or not kept or not stem:
            return tuple(known.items())
        is_present = holder is not None and holder.physical_resource_id == request.physical_resource_id
        former = holder.inputs.dataset if holder and is_present else None
        if old.baselining.dataset_identity != (former is not None):
            return tuple(known.items())
        before = identify(old, former).stem
        same = [before] if holder and _is_of_old(request, holder) else []
        if kept != stem not in known and before == identify(self._in_one_form(properties, old), inputs.dataset).stem:
            same.append(stem)
            self._log.write("the baseline of another version is kept", jobs=kept)
        new = {each: kept for each in same if each and each != kept and each not in known}
        return tuple({**known, **new}.items())[-_ADOPTED:]

    def _in_one_form(self, properties: Properties, old: Properties) -> Properties:
        """The properties with their config in them, as an older version had it, where it is an asset now."""
        now, before = properties.baselining, old.baselining
        if now is None or before is None or not isinstance(now.analysis_config, ConfigAsset):
            return properties
        if isinstance(before.analysis_config, ConfigAsset):
            return properties
        config = now.analysis_config.fill(self._storage.read_document(now.analysis_config.location))
        return properties._replace(baselining=now._replace(analysis_config=config))

    # ------------------------------------------------------------------ which job
    def _choose_job(self, baselining: Baselining | None, stem: str | None, holder: Claim | None) -> str | None:
        """The name of the job that has the result, or will have it, or is free."""
        if baselining is None or stem is None:
            return None
        numbers = self._attempts.numbers(stem, baselining)
        present = job_number(stem, holder.job_name) if holder and holder.job_name else None
        # The present one first: it has the constraints that were reviewed.
        for number in dict.fromkeys((*([present] if present else []), *reversed(numbers))):
            job = BaseliningJob(baselining, job_name(stem, number))
            if self._is_to_be_had(job, self._jobs.describe(job.name)):
                return job.name
        for number in range(max(numbers, default=1), MAX_JOBS + 1):
            job = BaseliningJob(baselining, job_name(stem, number))
            record = self._jobs.describe(job.name)
            if self._is_to_be_had(job, record) or (record is None and self._attempts.is_untouched(job)):
                return job.name
        raise BaselineError(
            f"{MAX_JOBS} baselining jobs for the same inputs have come to nothing, the last one was {job.name}.",
            "Change the inputs, or BaselineOptions(version=...).",
        )

    def _answered_job(self, baselining: Baselining | None, stem: str) -> str | None:
        """The name of the job that an earlier deployment has not waited for."""
        numbers = self._attempts.numbers(stem, baselining) if baselining else []
        if baselining is None or not numbers:
            return self._choose_job(baselining, stem, None)
        names = [job_name(stem, number) for number in reversed(numbers)]
        jobs = (BaseliningJob(baselining, name) for name in names)
        return next((job.name for job in jobs if self._is_to_be_had(job, self._jobs.describe(job.name))), names[0])

    def _is_to_be_had(self, job: BaseliningJob, record: Job | None) -> bool:
        """Whether the job has the result, or will have it."""
        found = (record is not None and record.is_running) or self._attempts.result_of(job, record)
        if not found and record:
            self._log.write("no result to be had from an earlier job", job=job.name, status=record.status)
        return found


def _is_of_old(request: Request, holder: Claim) -> bool:
    """Whether the present claim is of the request that came with an update's old properties.

    After a rollback that has failed, the old properties are those of the update before it, but the id is not.
    """
    return holder.physical_resource_id == request.physical_resource_id and holder.request_digest in (
        None,  # it is from a version that did not note it
        digest(request.old_properties),
    )


def _is_answered_before_its_end(holder: Claim, request: Request) -> bool:
    """Whether the stack lives with a job that nobody has waited for: its clean-up will stop that."""
    is_present = holder.physical_resource_id == request.physical_resource_id
    return is_present and holder.hands_over and not holder.has_failed


def _rolls_back(request: Request, holder: Claim | None, others: list[Claim]) -> bool:
    """Whether an update leads back from a request that has failed here, or at a resource that waits after this one."""
    if holder is None or request.old_properties is None or holder.request_digest != digest(request.old_properties):
        return False
    later = [claim for claim in others if claim.started_at > holder.started_at and not claim.is_of_delete]
    return any(claim.has_failed for claim in (holder, *later))
