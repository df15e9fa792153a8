"""Counts of a monitor's executions: rules without targets, whose triggers EventBridge counts.

Source: the [metrics of EventBridge](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html). That
rules without targets are counted was not tried on AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from .rules import COMPLETED, FAILED, VIOLATED, execution_rule, without_merging

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_events as events
    from constructs import Construct

# By what they count: what events say, the rule's id, the label and the colour of its metric.
_OUTCOMES: Final[Mapping[str, tuple[Mapping[str, Any], str, str, str]]] = {
    "completed": (COMPLETED, "Completed", "Completed", "#2ca02c"),
    "violated": (VIOLATED, "Violated", "Violations found", "#ff7f0e"),
    "failed": (FAILED, "Failed", "Failed or stopped", "#d62728"),
}
OUTCOMES: Final = tuple(_OUTCOMES)


class ExecutionCounts:
    """The rules that count a monitor's executions; each is made when it is first asked for.

    Args:
        monitor: The monitor.
    """

    ID: Final = "ExecutionCounts"

    def __init__(self, monitor: Construct) -> None:
        self._monitor = monitor
        self._scope: Construct | None = None
        self._rules: dict[str, events.Rule] = {}

    def metric(
        self, outcome: str, own: Mapping[str, Any], period: cdk.Duration, *, for_graph: bool = False
    ) -> cloudwatch.Metric:
        """How often executions had an outcome.

        Args:
            outcome: One of `OUTCOMES`.
            own: What tells the events about the monitor's executions from others.
            period: The period of the sum.
            for_graph: Whether it has a label and a colour. An alarm would become one of metric math by them.
        """
        from aws_cdk import aws_cloudwatch as cloudwatch

        pattern, id_, label, color = _OUTCOMES[outcome]
        if outcome not in self._rules:
            self._rules[outcome] = self._make(id_, {**pattern, **_own(outcome, own)})
        rule = self._rules[outcome]
        counted = cloudwatch.Metric(
            namespace="AWS/Events",
            metric_name="TriggeredRules",
            dimensions_map={"RuleName": rule.rule_name},
            statistic="Sum",
            period=period,
            label=label if for_graph else None,
            color=color if for_graph else None,
        )
        return counted.attach_to(rule)

    def _make(self, id_: str, own: Mapping[str, Any]) -> events.Rule:
        from constructs import Construct

        if self._scope is None:
            self._scope = Construct(self._monitor, self.ID)
        return execution_rule(
            self._monitor,
            id_,
            own,
            description="Counts executions of the monitor, for alarms and dashboards",
            # A name only if a dashboard of another region or account refers to the rule.
            rule_name=cdk.PhysicalName.GENERATE_IF_NEEDED,
            cross_stack_scope=self._scope,
        )


def _own(outcome: str, own: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the events say: a job that only merges in the ground truth completes nothing, but can fail."""
    return without_merging(own) if outcome == "completed" else own
