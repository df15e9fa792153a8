"""What a Create or an Update decides when it takes the claim: the inputs, the baseline, and the job for it."""

from typing import NamedTuple

from ..aws import Services
from ..aws.processing_jobs import MAX_JOBS, JobRecord
from ..model.baselining_job import BaseliningJob
from ..model.canonical_json import digest
from ..model.cfn_request import CfnRequest
from ..model.claim import Claim, InputDigests
from ..model.desired_baseline import DesiredBaseline
from ..model.errors import BaselineError
from ..model.fingerprint import base_name_in, identify, job_name, job_number, properties_digest
from ..model.properties import Baselining, ConfigAsset, Properties

_LINK_SECONDS = 4200  # a custom resource is answered within an hour, then the next one of the chain is requested
_MAX_ADOPTED = 10


class RequestContext(NamedTuple):
    """A Create or an Update, and the claims that it finds."""

    request: CfnRequest
    properties: Properties
    old_properties: Properties | None
    current: Claim | None
    """The claim that the request takes over."""
    other_links: list[Claim]
    """The claims of the other resources of the chain."""

    @property
    def current_has_id(self) -> bool:
        """True if the current claim is for the baseline that CloudFormation knows."""
        return self.current is not None and self.current.physical_resource_id == self.request.physical_resource_id

    @property
    def current_has_old_properties(self) -> bool:
        """True if the current claim is of the request that had the old properties.

        After a failed rollback, the old properties are those of the update before it, but the id is not.
        """
        if self.current is None or not self.current_has_id:
            return False
        # None: another version, which did not note the digest.
        return self.current.request_digest in (None, digest(self.request.old_properties))

    @property
    def unawaited_base_name(self) -> str | None:
        """Base name of a job that the stack lives with, and nobody has waited for: the clean-up will stop it."""
        if self.current and self.current_has_id and self.current.hands_over and not self.current.has_failed:
            return self.current.job_base_name
        return None

    @property
    def rolls_back(self) -> bool:
        """True if an Update leads back from a request that has failed, here or at a later link of the chain."""
        current, old = self.current, self.request.old_properties
        if current is None or old is None or current.request_digest != digest(old):
            return False
        later = [
            claim for claim in self.other_links if claim.started_at > current.started_at and not claim.is_of_delete
        ]
        return any(claim.has_failed for claim in (current, *later))

    @property
    def restores_unawaited_job(self) -> bool:
        """True if a rollback leads back to a job that only had to start: it counts, whatever has become of it."""
        baselining = self.properties.baselining
        answers_when_started = bool(baselining and baselining.hand_over and baselining.hand_over.is_when_started)
        return answers_when_started and self.rolls_back

    def previous_link(self, now: float) -> Claim | None:
        """The claim of the resource before this one in the chain, if this deployment has answered it for the same job.

        That job is taken as it is: if it has failed since, this resource has to report it.
        """
        baselining = self.properties.baselining
        if baselining is None:
            return None
        earliest = max(self.current.started_at if self.current else 0.0, now - _LINK_SECONDS)
        own_digest = properties_digest(self.properties)
        links = [
            claim
            for claim in self.other_links
            if claim.hands_over
            and not claim.is_of_delete
            and claim.started_at > earliest
            and claim.link <= baselining.link
            and claim.inputs.properties == own_digest
        ]
        return max(links, key=lambda claim: claim.started_at, default=None)


class JobChoice:
    """Which of the jobs for a baseline counts: one with a result, one that runs, or a new one."""

    def __init__(self, services: Services) -> None:
        self._jobs, self._attempts, self._log = services.jobs, services.attempts, services.log

    def choose(self, baselining: Baselining, base_name: str, current: Claim | None) -> str:
        """The name of a job that has the result, or will have it; else the first free name.

        Raises:
            BaselineError: No name is free.
        """
        numbers = self._attempts.numbers(base_name, baselining)
        current_number = job_number(base_name, current.job_name) if current and current.job_name else None
        # The current job first: its constraints are those that were reviewed.
        for number in dict.fromkeys((*([current_number] if current_number else []), *reversed(numbers))):
            job = BaseliningJob(baselining, job_name(base_name, number))
            if self._is_usable(job, self._jobs.describe(job.name)):
                return job.name
        for number in range(max(numbers, default=1), MAX_JOBS + 1):
            job = BaseliningJob(baselining, job_name(base_name, number))
            record = self._jobs.describe(job.name)
            if self._is_usable(job, record) or (record is None and self._attempts.has_no_output(job)):
                return job.name
        raise BaselineError(
            f"{MAX_JOBS} baselining jobs for the same inputs have come to nothing, the last one was {job.name}.",
            "Change the inputs, or BaselineOptions(version=...).",
        )

    def unawaited(self, baselining: Baselining, base_name: str) -> str:
        """The name of a job that an earlier deployment has not waited for, whatever has become of it."""
        numbers = self._attempts.numbers(base_name, baselining)
        if not numbers:
            return self.choose(baselining, base_name, None)
        names = [job_name(base_name, number) for number in reversed(numbers)]
        jobs = (BaseliningJob(baselining, name) for name in names)
        return next((job.name for job in jobs if self._is_usable(job, self._jobs.describe(job.name))), names[0])

    def _is_usable(self, job: BaseliningJob, record: JobRecord | None) -> bool:
        is_usable = (record is not None and record.is_running) or self._attempts.has_result(job, record)
        if not is_usable and record:
            self._log.write("no result to be had from an earlier job", job=job.name, status=record.status)
        return is_usable


class ClaimBuilder:
    """Makes the claim of a Create or an Update."""

    def __init__(self, services: Services) -> None:
        self._storage, self._clock, self._log = services.storage, services.clock, services.log
        self._job_choice = JobChoice(services)

    def build(self, context: RequestContext) -> Claim:
        """Decide what the claim says."""
        request, properties, current = context.request, context.properties, context.current
        previous_link = context.previous_link(self._clock())
        inputs, former_inputs = self._inputs(context)
        if previous_link:
            inputs = previous_link.inputs  # the data set may have changed since: the job is for what it was
        adopted = self._adopted_base_names(context, inputs)
        computed = identify(properties, inputs.dataset).job_base_name
        base_name = dict(adopted).get(computed, computed) if computed else None
        same_baseline = current if current and current.job_base_name == base_name and current.job_name else None
        chosen = self._job_name(context, base_name, same_baseline, previous_link)
        claim = Claim(
            request_id=request.request_id,
            started_at=self._clock(),
            physical_resource_id=identify(properties, inputs.dataset, base_name).physical_resource_id,
            job_base_name=base_name,
            job_name=chosen,
            inputs=inputs,
            hands_over=properties.baselining is not None and properties.baselining.hand_over is not None,
            supersedes=_superseded_base_names(context, base_name),
            former_requests=current.past_requests() if current else (),
            former_inputs=former_inputs,
            link=properties.baselining.link if properties.baselining else 1,
            create_calls=current.create_calls if current else (),
            adopted_base_names=adopted,
            request_digest=digest(request.properties),
            keeps_job=context.restores_unawaited_job or _was_answered(chosen, same_baseline, previous_link),
            rolls_back=context.rolls_back,
        )
        DesiredBaseline(properties, claim).check_response_size(request)
        return claim

    def _job_name(
        self, context: RequestContext, base_name: str | None, same_baseline: Claim | None, previous_link: Claim | None
    ) -> str | None:
        baselining = context.properties.baselining
        if previous_link:
            return previous_link.job_name
        if baselining is None or base_name is None:
            return None
        if not context.restores_unawaited_job:
            return self._job_choice.choose(baselining, base_name, context.current)
        return same_baseline.job_name if same_baseline else self._job_choice.unawaited(baselining, base_name)

    def _inputs(self, context: RequestContext) -> tuple[InputDigests, InputDigests | None]:
        """The inputs of the baseline, and those of the baseline that a rollback would restore."""
        current, old = context.current, context.old_properties
        own_digest = properties_digest(context.properties)
        former = current.former_inputs if current else None
        if current and former and former.properties == own_digest != current.inputs.properties:
            return former, None  # a rollback: the data set counts as it was, or there would be a new job
        inputs = InputDigests(own_digest, self._dataset(context.properties.baselining))
        if current is None or not current.inputs.dataset:
            return inputs, None
        if old and context.current_has_old_properties:  # another version may have computed another digest
            return inputs, current.inputs._replace(properties=properties_digest(old))
        return inputs, current.inputs

    def _dataset(self, baselining: Baselining | None) -> str | None:
        if baselining is None or not baselining.dataset_identity:
            return None
        return self._storage.dataset_digest(
            baselining.dataset, (baselining.output_location, baselining.config_location)
        )

    def _adopted_base_names(self, context: RequestContext, inputs: InputDigests) -> tuple[tuple[str, str], ...]:
        """The base names that another version of the library has given to baselines.

        The resource's id has the base name of the present baseline. If this version computes another one from the same
        inputs, the baseline is kept for them, also when a rollback or a later update goes back to them.
        """
        current, old = context.current, context.old_properties
        adopted = dict(current.adopted_base_names) if current else {}
        kept = base_name_in(context.request.physical_resource_id)
        base_name = identify(context.properties, inputs.dataset).job_base_name
        if old is None or old.baselining is None or not kept or not base_name:
            return tuple(adopted.items())
        old_dataset = current.inputs.dataset if current and context.current_has_id else None
        if old.baselining.dataset_identity != (old_dataset is not None):
            return tuple(adopted.items())
        old_base_name = identify(old, old_dataset).job_base_name
        same_inputs = [old_base_name] if context.current_has_old_properties else []
        if base_name != kept and base_name not in adopted:
            comparable = self._with_embedded_config(context.properties, old)
            if old_base_name == identify(comparable, inputs.dataset).job_base_name:
                same_inputs.append(base_name)
                self._log.write("the baseline of another version is kept", jobs=kept)
        new = {name: kept for name in same_inputs if name and name != kept and name not in adopted}
        return tuple({**adopted, **new}.items())[-_MAX_ADOPTED:]

    def _with_embedded_config(self, properties: Properties, old: Properties) -> Properties:
        """The properties with the content of their config, if it is an asset now and was none in an older version."""
        baselining, old_baselining = properties.baselining, old.baselining
        if baselining is None or old_baselining is None or not isinstance(baselining.analysis_config, ConfigAsset):
            return properties
        if isinstance(old_baselining.analysis_config, ConfigAsset):
            return properties
        asset = baselining.analysis_config
        config = asset.fill(self._storage.read_document(asset.location))
        return properties._replace(baselining=baselining._replace(analysis_config=config))


def _superseded_base_names(context: RequestContext, base_name: str | None) -> tuple[str, ...]:
    """Base names of jobs that nobody needs once this request is in charge."""
    old = context.old_properties
    former = {
        context.current.job_base_name if context.current else None,
        identify(old).job_base_name if old else None,
        base_name_in(context.request.physical_resource_id),
    }
    return tuple(sorted(name for name in former if name and name not in (base_name, context.unawaited_base_name)))


def _was_answered(job_name: str | None, same_baseline: Claim | None, previous_link: Claim | None) -> bool:
    """True if an earlier request was answered for the job before it had ended."""
    if same_baseline and same_baseline.hands_over and same_baseline.job_name == job_name:
        return True
    return any(claim.keeps_job for claim in (same_baseline, previous_link) if claim and claim.job_name == job_name)
