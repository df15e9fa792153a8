"""What holds CloudFormation up while a schedule is busy that it is about to delete: a custom resource once per stack.

SageMaker refuses to delete a schedule while one of its executions is under way; CloudFormation neither waits nor tries
again. This resource depends on every schedule, so CloudFormation turns to it before it deletes any of them. Updates of
a schedule are held up by the monitor's own custom resource, which comes before the schedule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii

from ._batch import Batch

if TYPE_CHECKING:
    from constructs import IConstruct

RESOURCE_TYPE = "Custom::ClarifyScheduleGuard"

_ID = "ClarifyScheduleGuard"


@jsii.implements(cdk.IAspect)
class ScheduleGuard:
    """A stack's guard.

    It is an aspect of its own resource: when the app is synthesized all schedules are known, and one call into jsii is
    enough to name all of them.
    """

    def __init__(self, stack: cdk.Stack, service_token: str) -> None:
        self._stack = stack
        self._names: list[str] = []
        batch = Batch()
        resource = batch.new(
            "aws-cdk-lib.CfnResource",
            stack,
            _ID,
            {"type": RESOURCE_TYPE, "properties": {"ServiceToken": service_token}},
        )
        batch.call(batch.call("aws-cdk-lib.Aspects", "of", resource), "add", self)
        batch.run()

    def watch(self, batch: Batch, name: str, schedule: str) -> None:
        """Hold up the deletion of a schedule that the batch makes."""
        batch.call(batch.get(batch.child(self._stack, _ID), "node"), "addDependency", schedule)
        batch.afterwards(lambda: self._names.append(name))

    def visit(self, node: IConstruct) -> None:
        """Complete the resource. The order of the names does not depend on the order of the monitors."""
        assert isinstance(node, cdk.CfnResource)  # noqa: S101  the guard's own
        node.add_property_override("Schedules", sorted(self._names))
