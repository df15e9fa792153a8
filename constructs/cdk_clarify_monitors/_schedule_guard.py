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
    from constructs import IConstruct

    from ._provider import BaselineProvider

RESOURCE_TYPE = "Custom::ClarifyScheduleGuard"


@jsii.implements(cdk.IAspect)
class ScheduleGuard:
    """A stack's guard.

    It is an aspect of its own resource: when the app is synthesized all schedules are known, and two calls into jsii
    are enough for all of them.
    """

    def __init__(self, stack: cdk.Stack, provider: BaselineProvider) -> None:
        self._schedules: dict[str, cdk.CfnResource] = {}
        self._resource = cdk.CfnResource(
            stack, "ClarifyScheduleGuard", type=RESOURCE_TYPE, properties={"ServiceToken": provider.service_token}
        )
        cdk.Aspects.of(self._resource).add(self)

    def watch(self, name: str, schedule: cdk.CfnResource) -> None:
        """Hold up the deletion of a schedule."""
        self._schedules[name] = schedule

    def visit(self, node: IConstruct) -> None:
        """Complete the resource. The order of the names does not depend on the order of the monitors."""
        self._resource.add_property_override("Schedules", sorted(self._schedules))
        self._resource.node.add_dependency(*self._schedules.values())
