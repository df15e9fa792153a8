"""Which request of CloudFormation may act for a resource.

CloudFormation sends the next request for a resource while the waiter of the last one may still poll: it does not wait
for an answer once something else in the stack has failed. A waiter cannot be called off, so it must find out. The
claim is a small object in S3 that names the request in charge. Every new request overwrites it; a Delete removes it if
nobody can be waiting any more. A waiter acts only as long as the claim is its own. It looks again after it has
started a job, and a new request looks for jobs after it has written its claim: one of the two sees the other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from .canonical import digest, document
from .properties import Properties
from .s3_uri import S3Uri
from .storage import Content, Storage

_REMEMBERED = 10


@dataclass(frozen=True)
class Claim:
    """A Create or an Update, and what was decided when it came in."""

    request_id: str
    started_at: float
    """Seconds since the epoch."""
    physical_resource_id: str
    stem: str | None
    job_name: str | None
    """The one job that this request may start or adopt."""
    properties: str
    """Digest of the properties."""
    dataset: str | None
    """Digest of the data set, if it counts."""
    hands_over: bool
    """Is it answered before the job has ended?"""
    supersedes: tuple[str, ...] = ()
    """Stems of the jobs that must not run on."""
    former_requests: tuple[str, ...] = ()
    """Requests that lost their claim: one of them delivered again must not win it back."""
    former_dataset: tuple[str, str | None] | None = None
    """Digests of properties and data set of the baseline that a rollback would go back to."""

    def to_json(self) -> dict[str, Any]:
        """For the object in S3, and for the waiter's event."""
        return {
            "RequestId": self.request_id,
            "StartedAt": self.started_at,
            "PhysicalResourceId": self.physical_resource_id,
            "Stem": self.stem,
            "JobName": self.job_name,
            "Properties": self.properties,
            "Dataset": self.dataset,
            "HandsOver": self.hands_over,
            "Supersedes": list(self.supersedes),
            "FormerRequests": list(self.former_requests),
            "FormerDataset": list(self.former_dataset) if self.former_dataset else None,
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
            properties=value["Properties"],
            dataset=value["Dataset"],
            hands_over=value["HandsOver"],
            supersedes=tuple(value["Supersedes"]),
            former_requests=tuple(value["FormerRequests"]),
            former_dataset=(former[0], former[1]) if former else None,
        )

    def requests(self) -> tuple[str, ...]:
        """All requests that the next claim has to remember."""
        return (*self.former_requests, self.request_id)[-_REMEMBERED:]

    @property
    def is_of_delete(self) -> bool:
        """Has a Delete called everybody off?"""
        return self.job_name is None

    def called_off_by(self, request_id: str, now: float) -> Self:
        """The claim of a Delete, under which nobody may start a job."""
        return replace(self, request_id=request_id, started_at=now, job_name=None, former_requests=self.requests())

    def without_former_dataset(self) -> Self:
        """The claim once the former baseline is gone."""
        return replace(self, former_dataset=None)


@dataclass(frozen=True)
class Held:
    """What lies at the claim's place."""

    content: Content | None
    claim: Claim | None
    """None if nothing lies there, or nothing that this version understands."""


class Claims:
    """The claims in S3."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    @staticmethod
    def place(properties: Properties | None, event: Mapping[str, Any]) -> S3Uri | None:
        """Where the claim for a resource lies; None if it has no job that could be left over."""
        if properties is None or properties.baselining is None:
            return None
        resource = digest([event["StackId"], event["LogicalResourceId"]])
        return properties.baselining.config_location.join(properties.name, f"request-{resource[:16]}.json")

    def read(self, place: S3Uri) -> Held:
        """What lies there."""
        content = self._storage.read(place)
        if content is None:
            return Held(None, None)
        try:
            return Held(content, Claim.from_json(json.loads(content.body)))
        except (ValueError, KeyError, TypeError, IndexError):
            return Held(content, None)

    def write(self, place: S3Uri, claim: Claim, kms_key_id: str | None, over: Held) -> None:
        """Take over from whom held it when it was read, unless somebody else was quicker."""
        self._storage.write(place, document(claim.to_json()), kms_key_id, over.content)

    def remove(self, place: S3Uri) -> None:
        """Call off whoever holds the claim."""
        self._storage.delete(place)
