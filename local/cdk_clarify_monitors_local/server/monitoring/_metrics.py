"""Publishes the metrics of executions."""

from __future__ import annotations

import logging

from cdk_clarify_monitors_local.server._platform import Platform
from cdk_clarify_monitors_local.server.cloudwatch._clarify_metrics import clarify_metrics, namespace
from cdk_clarify_monitors_local.server.monitoring._executor import ExecutionResult

_log = logging.getLogger("sagemaker")


class MetricsPublisher:
    """Puts the metrics of executions into CloudWatch, with the rights of the jobs' role.

    Args:
        platform: The emulator.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def publish(self, result: ExecutionResult) -> None:
        """Publish the metrics of an execution, dated by the start of its window, which AWS does not document."""
        if result.analysis is None or not result.publishes_metrics:
            return
        plan = result.plan
        name = namespace(is_bias=plan.is_bias, of_endpoint=plan.endpoint_name is not None)
        role = self._platform.role_credentials(plan.scope, plan.definition["RoleArn"], "SageMaker")
        denial = self._platform.denial(
            plan.scope, role.access_key, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": name}
        )
        if denial is not None:
            _log.warning("no metrics of %s: %s", plan.schedule_name, denial)
            return
        found = clarify_metrics(
            result.analysis, result.config, endpoint=plan.endpoint_name, schedule=plan.schedule_name
        )
        self._platform.put_metrics(plan.scope, name, list(found), plan.start)
