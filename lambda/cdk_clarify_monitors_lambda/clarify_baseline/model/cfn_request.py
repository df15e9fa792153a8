"""A request of CloudFormation, as CDK's provider framework hands it to on_event, and to is_complete every few seconds.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

_RECEIVED_AT = "ReceivedAt"  # what on_event answers, the framework adds to the event that is_complete gets


class Request(NamedTuple):
    """A Create, an Update or a Delete of one resource."""

    kind: str
    """Create | Update | Delete"""
    request_id: str
    """The same if the request is delivered once more."""
    stack_id: str
    logical_resource_id: str
    physical_resource_id: str
    """Empty for a Create: there is none yet."""
    properties: Mapping[str, Any]
    old_properties: Mapping[str, Any] | None
    """Only of an Update."""
    received_at: float
    """Seconds since the epoch."""

    @classmethod
    def of(cls, event: Mapping[str, Any], now: float) -> Self:
        """Read an event of on_event, which comes in now, or one of is_complete, which came in before."""
        return cls(
            kind=event["RequestType"],
            request_id=event["RequestId"],
            stack_id=event["StackId"],
            logical_resource_id=event["LogicalResourceId"],
            physical_resource_id=event.get("PhysicalResourceId", ""),
            properties=event["ResourceProperties"],
            old_properties=event.get("OldResourceProperties"),
            received_at=event.get(_RECEIVED_AT, now),
        )

    def taken_on(self, physical_resource_id: str) -> dict[str, Any]:
        """What on_event answers: the resource's id, and what is_complete has to know."""
        return {"PhysicalResourceId": physical_resource_id, _RECEIVED_AT: self.received_at}

    def elapsed(self, now: float) -> float:
        """Seconds since it came in."""
        return now - self.received_at
