"""The claim: which request of CloudFormation may act for a resource.

When another resource fails, CloudFormation sends the next request for this one while the waiter of the last one still
polls. So each resource has an object in S3, the claim, that names the request in charge. Requests change it like this:

    the claim          a Create or an Update              a Delete (delete_decision.py)
    -----------------  ---------------------------------  --------------------------------------------------------
    is not there       names the request                  names the Delete: a Create that it has overtaken must not
                                                          find the way clear. Stays away if there is a result.
    names a request    names the new request              is removed if the result is there, for nobody waits then;
                                                          else names the Delete.
                                                          Stays if it has an answered job for another baseline: the
                                                          Delete is the clean-up after the update to that.
    names a Delete     names the request, unless the      names the new Delete
                       Delete is newer, or has overtaken
                       this Create
    names this Delete                                     stays
    cannot be read     names the request                  as if it were not there

* A request that is delivered again finds its own claim, and repeats what is written there.
* A request that has lost its claim is remembered in it, so that it does not win it back when delivered again.
* An update to another location of the claim removes the one at the old location.
* Resources that wait for one job in turn (a chain) have a claim each. A later one takes the job of the one before it,
  and its Delete leaves that job alone.

A waiter acts only as long as the claim names its request. Before it starts a job it writes so into the claim that it
has read: S3 refuses if another request has taken over. Whoever takes over later waits until that call has had effect.

Claims are encrypted by S3 itself (SSE-S3), so that no user's KMS key can block an update.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from .canonical_json import digest
from .cfn_request import CfnRequest
from .properties import Properties
from .s3_uri import S3Uri

FILE_PREFIX = "request-"
_REMEMBERED_REQUESTS = 10


class CreateCall(NamedTuple):
    """A call of CreateProcessingJob that may be under way."""

    job_name: str
    at: float
    """Seconds since the epoch."""


class InputDigests(NamedTuple):
    """Digests of what a baseline is computed from."""

    properties: str
    dataset: str | None
    """Of the data set's objects, with `dataset_identity`."""


class Claim(NamedTuple):
    """The request in charge, and what was decided when it was received."""

    request_id: str
    started_at: float
    """Seconds since the epoch."""
    physical_resource_id: str
    job_base_name: str | None
    job_name: str | None
    """The only job that this request may start or adopt; None for a Delete."""
    inputs: InputDigests
    hands_over: bool
    """The request is answered before the job has ended."""
    supersedes: tuple[str, ...] = ()
    """Base names of the jobs to stop."""
    former_requests: tuple[str, ...] = ()
    """Requests that have lost this claim."""
    former_inputs: InputDigests | None = None
    """Inputs of the baseline that a rollback would restore, with `dataset_identity`."""
    link: int = 1
    """The resource's place in the chain of those that wait for one job in turn."""
    create_calls: tuple[CreateCall, ...] = ()
    """Calls that may be under way, also of requests that have lost this claim."""
    adopted_base_names: tuple[tuple[str, str], ...] = ()
    """Job base names of this version, with those of another version for the same inputs."""
    has_overtaken_create: bool = False
    """The request is a Delete whose Create has not been received yet."""
    request_digest: str | None = None
    """Digest of the request's properties: a rollback carries them as old properties."""
    keeps_job: bool = False
    """An earlier request was answered for the job: the stack lives with it even if this request fails."""
    has_failed: bool = False
    """CloudFormation was told that the request has failed."""
    rolls_back: bool = False
    """The request leads back from one that has failed."""

    def to_json(self) -> dict[str, Any]:
        """The form in S3 and in the waiter's event. Other versions of the library read it."""
        return {
            "RequestId": self.request_id,
            "StartedAt": self.started_at,
            "PhysicalResourceId": self.physical_resource_id,
            "Stem": self.job_base_name,
            "JobName": self.job_name,
            "Properties": self.inputs.properties,
            "Dataset": self.inputs.dataset,
            "HandsOver": self.hands_over,
            "Supersedes": list(self.supersedes),
            "FormerRequests": list(self.former_requests),
            "FormerDataset": list(self.former_inputs) if self.former_inputs else None,
            "Link": self.link,
            "Starting": [list(call) for call in self.create_calls],
            "Adopted": [list(pair) for pair in self.adopted_base_names],
            "HasOvertakenCreate": self.has_overtaken_create,
            "RequestDigest": self.request_digest,
            "KeepsJob": self.keeps_job,
            "HasFailed": self.has_failed,
            "RollsBack": self.rolls_back,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The reverse of `to_json`.

        Raises:
            KeyError: The claim is from another version of the library.
        """
        former = value["FormerDataset"]
        return cls(
            request_id=value["RequestId"],
            started_at=value["StartedAt"],
            physical_resource_id=value["PhysicalResourceId"],
            job_base_name=value["Stem"],
            job_name=value["JobName"],
            inputs=InputDigests(value["Properties"], value["Dataset"]),
            hands_over=value["HandsOver"],
            supersedes=tuple(value["Supersedes"]),
            former_requests=tuple(value["FormerRequests"]),
            former_inputs=InputDigests(former[0], former[1]) if former else None,
            link=value.get("Link", 1),
            create_calls=tuple(CreateCall(*call) for call in value.get("Starting", ())),
            adopted_base_names=tuple((new, old) for new, old in value.get("Adopted", ())),
            has_overtaken_create=value.get("HasOvertakenCreate", False),
            request_digest=value.get("RequestDigest"),
            keeps_job=value.get("KeepsJob", False),
            has_failed=value.get("HasFailed", False),
            rolls_back=value.get("RollsBack", False),
        )

    @property
    def is_of_delete(self) -> bool:
        """True if a Delete holds the claim: no other claim without a job is ever written."""
        return self.job_name is None

    def past_requests(self) -> tuple[str, ...]:
        """The requests that have lost the claim once another one takes it."""
        return (*self.former_requests, self.request_id)[-_REMEMBERED_REQUESTS:]

    def taken_by_delete(self, request: CfnRequest, now: float) -> Self:
        """The claim of a Delete that takes it over: no waiter starts a job any more."""
        return self._replace(
            request_id=request.request_id, started_at=now, job_name=None, former_requests=self.past_requests()
        )

    def failed(self) -> Self:
        """The claim once CloudFormation is told that the request has failed."""
        return self._replace(has_failed=True)

    def without_former_inputs(self) -> Self:
        """The claim once the former baseline is cleaned up: no rollback leads back to it."""
        return self._replace(former_inputs=None)

    def without_create(self, request: CfnRequest) -> Self:
        """The claim of a Delete once the Create that it has overtaken was received and refused."""
        former = (*self.former_requests, request.request_id)[-_REMEMBERED_REQUESTS:]
        return self._replace(has_overtaken_create=False, former_requests=former)

    def with_create_call(self, job_name: str, now: float) -> Self:
        """The claim of a waiter that is about to start a job."""
        return self._replace(create_calls=(*self.without_create_call(job_name).create_calls, CreateCall(job_name, now)))

    def without_create_call(self, job_name: str) -> Self:
        """The claim once SageMaker has refused to start the job."""
        return self._replace(create_calls=tuple(call for call in self.create_calls if call.job_name != job_name))


def claim_location(request: CfnRequest, properties: Properties | None) -> S3Uri | None:
    """The URI of the claim for a request's resource, by its new or old properties; None: there is no job."""
    if properties is None or properties.baselining is None:
        return None
    resource = digest([request.stack_id, request.logical_resource_id])
    return properties.baselining.config_location.join(properties.name, f"{FILE_PREFIX}{resource[:16]}.json")
