"""What holds CloudFormation up while a schedule is busy that it is about to delete: a custom resource once per stack.

SageMaker refuses to delete a schedule while one of its executions is under way; CloudFormation neither waits nor tries
again. This resource depends on every schedule, so CloudFormation turns to it before it deletes any of them. Updates of
a schedule are held up by the monitor's own custom resource, which comes before the schedule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii

if TYPE_CHECKING:
    from ._provider import BaselineProvider

RESOURCE_TYPE = "Custom::ClarifyScheduleGuard"


class ScheduleGuard:
    """A stack's guard."""

    def __init__(self, stack: cdk.Stack, provider: BaselineProvider) -> None:
        self._names: list[str] = []
        self._resource = cdk.CfnResource(
            stack,
            "ClarifyScheduleGuard",
            type=RESOURCE_TYPE,
            properties={
                "ServiceToken": provider.service_token,
                "Schedules": cdk.Lazy.list(_Sorted(self._names)),
            },
        )

    def watch(self, schedule: cdk.CfnResource, name: str) -> None:
        """Hold up the deletion of a schedule."""
        self._names.append(name)
        self._resource.add_resource_dependency(schedule)


@jsii.implements(cdk.IStableListProducer)
class _Sorted:
    """The names at synthesis, in an order that does not depend on the order of the monitors."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def produce(self) -> list[str]:
        return sorted(self._names)
