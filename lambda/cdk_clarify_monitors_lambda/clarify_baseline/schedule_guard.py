"""`Custom::ClarifyScheduleGuard`: holds CloudFormation up while a schedule that it is about to delete is busy.

There is one in a stack, and it depends on every schedule: so it is deleted before them, and updated before those are
deleted that it no longer lists.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .aws.log import Log
from .aws.schedules import PATIENCE_SECONDS, Schedules
from .model.cfn_request import Request
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
        """Take a request on."""
        request = Request.of(event, self._clock())
        return request.taken_on(request.physical_resource_id or _PHYSICAL_ID)

    def is_complete(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Look whether all schedules are idle that are about to go.

        Raises:
            BaselineError: One is busy for longer than CloudFormation waits. Nothing has been deleted.
        """
        now = self._clock()
        request = Request.of(event, now)
        log, elapsed = Log.of(request), request.elapsed(now)
        found = (self._schedules.obstacle(name, elapsed, log) for name in _about_to_go(request))
        obstacles = [obstacle for obstacle in found if obstacle]
        if obstacles and elapsed >= PATIENCE_SECONDS:
            log.write("failed", reason=obstacles)
            raise BaselineError(
                f"After {PATIENCE_SECONDS} s {obstacles[0]}.",
                "SageMaker would refuse to delete it. Try again when that has ended, or stop its processing job.",
            )
        if obstacles:
            log.write("waiting", reason=obstacles)
        return {"IsComplete": not obstacles}


def _about_to_go(request: Request) -> list[str]:
    listed = request.properties["Schedules"]
    if request.kind == "Delete":
        return sorted(listed)
    return sorted(set((request.old_properties or {}).get("Schedules", [])) - set(listed))
