"""What a Delete is for, and what it does with the claim: the last column of the table in model/claim.py."""

from enum import StrEnum
from typing import NamedTuple

from ..model.cfn_request import CfnRequest
from ..model.claim import Claim, InputDigests
from ..model.fingerprint import base_name_in, identify, properties_digest
from ..model.properties import Properties
from ..model.s3_uri import S3Uri


class ClaimState(StrEnum):
    """A row of the table."""

    ABSENT = "is not there"
    NAMES_REQUEST = "names a request"
    NAMES_DELETE = "names a Delete"
    NAMES_THIS_DELETE = "names this Delete"
    UNREADABLE = "cannot be read"


class ClaimAction(StrEnum):
    """What a Delete does."""

    NAME_DELETE = "name the Delete"
    REMOVE = "remove the claim"
    KEEP = "leave the claim and its jobs"
    NOTHING = "nothing"


class ClaimView(NamedTuple):
    """What a Delete sees before it decides."""

    state: ClaimState
    has_result: bool = False
    """The claim's job has its result; without a claim, any job of the deleted baseline."""
    is_answered: bool = False
    """The claim's job has completed, or it runs and is handed over: CloudFormation has its attributes."""
    is_owned: bool = True
    """The claim is for the deleted baseline, not for the one that has replaced it."""


def decide(view: ClaimView) -> ClaimAction:
    """Decide what a Delete does with the claim."""
    match view.state:
        case ClaimState.ABSENT | ClaimState.UNREADABLE:
            return ClaimAction.NOTHING if view.has_result else ClaimAction.NAME_DELETE
        case ClaimState.NAMES_REQUEST:
            if (view.has_result or view.is_answered) and not view.is_owned:
                return ClaimAction.KEEP
            return ClaimAction.REMOVE if view.has_result else ClaimAction.NAME_DELETE
        case ClaimState.NAMES_DELETE:
            return ClaimAction.NAME_DELETE
        case ClaimState.NAMES_THIS_DELETE:
            return ClaimAction.NOTHING


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

    def state(self, claim: Claim) -> ClaimState:
        """The row of the table for a claim."""
        if not claim.is_of_delete:
            return ClaimState.NAMES_REQUEST
        is_this = claim.request_id == self.request.request_id
        return ClaimState.NAMES_THIS_DELETE if is_this else ClaimState.NAMES_DELETE

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
