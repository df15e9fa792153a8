"""A request of CloudFormation, as CDK's provider framework passes it to on_event once, and to is_complete repeatedly.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

_RECEIVED_AT = "ReceivedAt"  # the framework adds what on_event returns to the event of is_complete


class CfnRequest(NamedTuple):
    """A Create, an Update or a Delete of one resource."""

    kind: str
    """Create | Update | Delete"""
    request_id: str
    """The same in each delivery of the request."""
    stack_id: str
    logical_resource_id: str
    physical_resource_id: str
    """Empty in a Create."""
    properties: Mapping[str, Any]
    old_properties: Mapping[str, Any] | None
    """In an Update only."""
    received_at: float
    """Seconds since the epoch."""

    @classmethod
    def from_event(cls, event: Mapping[str, Any], now: float) -> Self:
        """Read an event of on_event, received now, or of is_complete, received before."""
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

    def on_event_response(self, physical_resource_id: str) -> dict[str, Any]:
        """What on_event returns: the resource's id, and the time for is_complete."""
        return {"PhysicalResourceId": physical_resource_id, _RECEIVED_AT: self.received_at}

    def elapsed(self, now: float) -> float:
        """Seconds since the request was received."""
        return now - self.received_at
