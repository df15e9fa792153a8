"""The claim: which request of CloudFormation may act for a resource.

Once something else in the stack has failed, CloudFormation sends the next request for a resource without an answer to
the last one, whose waiter still polls. A waiter cannot be called off, so it must find out: for each resource there is
an object in S3, the claim, that names the request in charge. The requests move it on like this:

    the claim           a Create or an Update             a Delete (delete_handler.py)
                        comes in (create_or_update.py)
    ------------------  --------------------------------  ---------------------------------------------------------
    is not there        names the request                 names the Delete: a Create that it has overtaken must not
                                                          find the way clear. No need to if there is a result.
    names a request     names the new request             is removed if the result is there, for nobody waits then;
                                                          else names the Delete.
                                                          Stays if it has an answered job for another baseline: the
                                                          Delete is the clean-up after the update to that.
    names a Delete      names the request, unless the     names the new Delete
                        Delete is newer, or has overtaken
                        this Create
    cannot be read      names the request                 names the Delete

* The same request delivered again finds its own claim, and does again what is written there.
* A request that has lost its claim is remembered in it: delivered again, it does not win it back.
* An update to another place for the claim removes the one at the old place.
* Resources that wait for one job in turn have a claim each. One that comes later takes the job of the one before it,
  and its Delete leaves that job alone.

A waiter acts only as long as the claim names its own request. Before it starts a job it writes so into
the claim, over the very claim that it has read: if somebody has taken over meanwhile, S3 refuses. Whoever takes over
later knows from there that a call may be under way, and waits until it has had its effect.

S3 encrypts claims with a key of its own: the users' keys come and go, and must not be in the way of an update.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from .canonical_json import digest
from .cfn_request import Request
from .properties import Properties
from .s3_uri import S3Uri

_REMEMBERED = 10
FILE_PREFIX = "request-"


class Starting(NamedTuple):
    """A call of CreateProcessingJob that may be under way."""

    job_name: str
    at: float
    """Seconds since the epoch."""


class Inputs(NamedTuple):
    """Digests of what a baseline is computed from."""

    properties: str
    dataset: str | None
    """Of the data set's objects, if they count."""


class Claim(NamedTuple):
    """The request in charge, and what was decided when it came in."""

    request_id: str
    started_at: float
    """Seconds since the epoch."""
    physical_resource_id: str
    stem: str | None
    """Of the names of the jobs for its baseline."""
    job_name: str | None
    """The one job that this request may start or adopt; None for a Delete, or if there is none to be."""
    inputs: Inputs
    hands_over: bool
    """Is it answered before the job has ended?"""
    supersedes: tuple[str, ...] = ()
    """Stems of the jobs that must not run on."""
    former_requests: tuple[str, ...] = ()
    """Requests that have lost their claim."""
    former_inputs: Inputs | None = None
    """Of the baseline that a rollback would go back to, if its data set counts."""
    link: int = 1
    """The resource's place among those that wait for one job in turn."""
    starting: tuple[Starting, ...] = ()
    """Calls that may be under way, also of requests that have lost their claim."""
    adopted: tuple[tuple[str, str], ...] = ()
    """Stems that this version would give, and those that another version has given for the same inputs."""
    has_overtaken_create: bool = False
    """Is it of a Delete whose Create has not come yet?"""
    request_digest: str | None = None
    """Digest of all properties of the request: an update back comes with them as the old ones."""
    keeps_job: bool = False
    """Was the job answered for before, so that the stack lives with it even if this request fails?"""
    has_failed: bool = False
    """Was CloudFormation told that the request has failed?"""
    rolls_back: bool = False
    """Does the request lead back from one that has failed?"""

    def to_json(self) -> dict[str, Any]:
        """For the object in S3, and for the waiter's event."""
        return {
            "RequestId": self.request_id,
            "StartedAt": self.started_at,
            "PhysicalResourceId": self.physical_resource_id,
            "Stem": self.stem,
            "JobName": self.job_name,
            "Properties": self.inputs.properties,
            "Dataset": self.inputs.dataset,
            "HandsOver": self.hands_over,
            "Supersedes": list(self.supersedes),
            "FormerRequests": list(self.former_requests),
            "FormerDataset": list(self.former_inputs) if self.former_inputs else None,
            "Link": self.link,
            "Starting": [list(call) for call in self.starting],
            "Adopted": [list(pair) for pair in self.adopted],
            "HasOvertakenCreate": self.has_overtaken_create,
            "RequestDigest": self.request_digest,
            "KeepsJob": self.keeps_job,
            "HasFailed": self.has_failed,
            "RollsBack": self.rolls_back,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The reverse.

        Raises:
            KeyError: It is from another version of the library.
        """
        former = value["FormerDataset"]
        return cls(
            request_id=value["RequestId"],
            started_at=value["StartedAt"],
            physical_resource_id=value["PhysicalResourceId"],
            stem=value["Stem"],
            job_name=value["JobName"],
            inputs=Inputs(value["Properties"], value["Dataset"]),
            hands_over=value["HandsOver"],
            supersedes=tuple(value["Supersedes"]),
            former_requests=tuple(value["FormerRequests"]),
            former_inputs=Inputs(former[0], former[1]) if former else None,
            link=value.get("Link", 1),
            starting=tuple(Starting(*call) for call in value.get("Starting", ())),
            adopted=tuple((new, old) for new, old in value.get("Adopted", ())),
            has_overtaken_create=value.get("HasOvertakenCreate", False),
            request_digest=value.get("RequestDigest"),
            keeps_job=value.get("KeepsJob", False),
            has_failed=value.get("HasFailed", False),
            rolls_back=value.get("RollsBack", False),
        )

    @property
    def is_of_delete(self) -> bool:
        """Has a Delete called everybody off? Other claims without a job are never written."""
        return self.job_name is None

    def requests(self) -> tuple[str, ...]:
        """The requests that have lost their claim once this one is overwritten."""
        return (*self.former_requests, self.request_id)[-_REMEMBERED:]

    def called_off(self, by: Request, now: float) -> Self:
        """What a Delete makes of the claim: nobody may start a job."""
        return self._replace(request_id=by.request_id, started_at=now, job_name=None, former_requests=self.requests())

    def failed(self) -> Self:
        """The claim once CloudFormation is told that the request has failed."""
        return self._replace(has_failed=True)

    def without_former_inputs(self) -> Self:
        """The claim once the former baseline is gone."""
        return self._replace(former_inputs=None)

    def without_create(self, request: Request) -> Self:
        """The claim of a Delete once the Create that it has overtaken has come, and was refused."""
        former = (*self.former_requests, request.request_id)[-_REMEMBERED:]
        return self._replace(has_overtaken_create=False, former_requests=former)

    def with_start(self, job_name: str, now: float) -> Self:
        """The claim of a waiter that is about to start a job."""
        return self._replace(starting=(*self.without_start(job_name).starting, Starting(job_name, now)))

    def without_start(self, job_name: str) -> Self:
        """The claim once SageMaker has refused to start the job."""
        return self._replace(starting=tuple(call for call in self.starting if call.job_name != job_name))


def claim_uri(request: Request, properties: Properties | None) -> S3Uri | None:
    """Where the claim for a request's resource lies.

    Args:
        request: For its resource.
        properties: The resource's properties, present or former.

    Returns:
        None if it has no job that could be left over.
    """
    if properties is None or properties.baselining is None:
        return None
    resource = digest([request.stack_id, request.logical_resource_id])
    return properties.baselining.config_location.join(properties.name, f"{FILE_PREFIX}{resource[:16]}.json")
