"""`Custom::ClarifyScheduleGuard`: makes CloudFormation wait while a schedule that it is about to delete is busy.

A stack has one, which depends on every schedule. So it is deleted before the schedules, and updated before those that
it no longer lists are deleted.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .aws.log import Log
from .aws.schedules import MAX_WAIT_SECONDS, Schedules
from .model.cfn_request import CfnRequest
from .model.errors import BaselineError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

RESOURCE_TYPE = "Custom::ClarifyScheduleGuard"

_PHYSICAL_ID = "monitoring-schedules"


class ScheduleGuard:
    """The custom resource. It changes nothing."""

    def __init__(self, *, sagemaker: "SageMakerClient", clock: Callable[[], float]) -> None:
        self._schedules, self._clock = Schedules(sagemaker), clock

    def on_event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Receive a request."""
        request = CfnRequest.from_event(event, self._clock())
        return request.on_event_response(request.physical_resource_id or _PHYSICAL_ID)

    def is_complete(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Check that all schedules that are about to be deleted are idle.

        Raises:
            BaselineError: One stays busy for longer than CloudFormation waits. Nothing has been deleted.
        """
        now = self._clock()
        request = CfnRequest.from_event(event, now)
        log, elapsed = Log.for_request(request), request.elapsed(now)
        checks = (self._schedules.busy_reason(name, elapsed, log) for name in _schedules_to_delete(request))
        busy_reasons = [reason for reason in checks if reason]
        if busy_reasons and elapsed >= MAX_WAIT_SECONDS:
            log.write("failed", reason=busy_reasons)
            raise BaselineError(
                f"After {MAX_WAIT_SECONDS} s {busy_reasons[0]}.",
                "SageMaker would refuse to delete it. Try again when that has ended, or stop its processing job.",
            )
        if busy_reasons:
            log.write("waiting", reason=busy_reasons)
        return {"IsComplete": not busy_reasons}


def _schedules_to_delete(request: CfnRequest) -> list[str]:
    names = request.properties["Schedules"]
    if request.kind == "Delete":
        return sorted(names)
    return sorted(set((request.old_properties or {}).get("Schedules", [])) - set(names))
