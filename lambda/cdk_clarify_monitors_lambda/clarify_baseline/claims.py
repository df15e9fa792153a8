"""The claim: which request of CloudFormation may act for a resource.

Once something else in the stack has failed, CloudFormation sends the next request for a resource without an answer to
the last one, whose waiter still polls. A waiter cannot be called off, so it must find out: for each resource there is
an object in S3, the claim, that names the request in charge. The requests move it on like this:

    the claim           a Create or an Update             a Delete (removal.py)
                        comes in (takeover.py)
    ------------------  --------------------------------  ---------------------------------------------------------
    is not there        names the request                 names the Delete: a Create that it has overtaken must not
                                                          find the way clear. No need to if a job has completed.
    names a request     names the new request             is removed if the result is there, for nobody waits then;
                                                          else names the Delete.
                                                          Stays if it has an answered job for another baseline: the
                                                          Delete is the clean-up after the update to that.
    names a Delete      names the request, unless the     names the new Delete
                        Delete is newer

* The same request delivered again finds its own claim, and does again what is written there.
* A request that has lost its claim is remembered in it: delivered again, it does not win it back.
* An update to another place for the claim removes the one at the old place.

A waiter (deployment.py) acts only as long as the claim names its own request. It looks before each step, and again
after it has started a job; a new request looks for jobs after it has written its claim: one of the two sees the other.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from .canonical import digest, document
from .properties import Properties
from .request import Request
from .s3_uri import S3Uri
from .storage import Content, Storage

_REMEMBERED = 10


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

    def without_former_inputs(self) -> Self:
        """The claim once the former baseline is gone."""
        return self._replace(former_inputs=None)


class Found(NamedTuple):
    """What lies at a claim's place."""

    content: Content | None = None
    claim: Claim | None = None
    """None if nothing lies there, or nothing that this version understands."""


class Claims:
    """The claims in S3."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    @staticmethod
    def place(request: Request, properties: Properties | None) -> S3Uri | None:
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
        return properties.baselining.config_location.join(properties.name, f"request-{resource[:16]}.json")

    def read(self, place: S3Uri) -> Found:
        """What lies there."""
        content = self._storage.read(place)
        if content is None:
            return Found()
        try:
            return Found(content, Claim.from_json(json.loads(content.body)))
        except (ValueError, KeyError, TypeError, IndexError):
            return Found(content)

    def write(self, place: S3Uri, claim: Claim, kms_key_id: str | None, over: Found) -> None:
        """Write the claim over what was found, unless somebody else was quicker."""
        self._storage.write(place, document(claim.to_json()), kms_key_id, over.content)

    def remove(self, place: S3Uri) -> None:
        """Remove the claim: whoever holds it is called off."""
        self._storage.delete(place)
