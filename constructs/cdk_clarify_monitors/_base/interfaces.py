"""IClarifyMonitor and its kinds: what a monitor offers to others, whether this app makes it or another one did.

Protocols, as the interfaces of the CDK are in Python: annotate arguments with them, so that they take both. The
constructs, and what their `from_…` methods return, implement them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

import aws_cdk as cdk
from constructs import Construct, Node

from .._config.bias_metric_threshold import BiasMetricThreshold
from .._lazy_module import LazyModule
from .._observability.alarms import MonitorAlarms

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_events as events
    from aws_cdk import aws_iam as iam
else:
    cloudwatch = LazyModule("aws_cdk.aws_cloudwatch")
    events = LazyModule("aws_cdk.aws_events")
    iam = LazyModule("aws_cdk.aws_iam")


@runtime_checkable
class IClarifyMonitor(Protocol):
    """A Clarify monitor, of this app or of another one."""

    @property
    def node(self) -> Node:
        """The node of the construct tree."""

    @property
    def stack(self) -> cdk.Stack:
        """The stack of the monitor, or of the reference to it."""

    @property
    def monitoring_schedule_name(self) -> str:
        """The name of the monitoring schedule."""

    @property
    def monitoring_schedule_arn(self) -> str:
        """The ARN of the monitoring schedule."""

    @property
    def endpoint_name(self) -> str | None:
        """The name of the endpoint that is monitored; None: batch transform jobs are, or it is not known."""

    @property
    def output_s3_uri(self) -> str | None:
        """The S3 URI below which the monitoring executions write their reports; None: not known."""

    @property
    def role(self) -> iam.IRole | None:
        """The role that the monitoring executions run under; None: not known."""

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role as the principal of grants: `bucket.grant_read(monitor)`."""

    def metric(
        self,
        metric_name: str,
        *,
        account: str | None = None,
        color: str | None = None,
        dimensions_map: Mapping[str, str] | None = None,
        label: str | None = None,
        period: cdk.Duration | None = None,
        region: str | None = None,
        statistic: str | None = None,
        unit: cloudwatch.Unit | None = None,
    ) -> cloudwatch.Metric:
        """A metric of this monitor's executions, by its name and all dimensions that CloudWatch shows of it."""

    def on_event(
        self,
        id: str,  # noqa: A002  CDK's name
        *,
        target: events.IRuleTarget | None = None,
        description: str | None = None,
        event_pattern: events.EventPattern | None = None,
        rule_name: str | None = None,
        cross_stack_scope: Construct | None = None,
    ) -> events.Rule:
        """Add a rule for each status change of the jobs that SageMaker runs for this monitor's schedule."""

    def on_violations(
        self,
        id: str,  # noqa: A002  CDK's name
        *,
        target: events.IRuleTarget | None = None,
        description: str | None = None,
        event_pattern: events.EventPattern | None = None,
        rule_name: str | None = None,
        cross_stack_scope: Construct | None = None,
    ) -> events.Rule:
        """Add a rule for executions that found violations. See `on_event`."""

    def on_execution_failed(
        self,
        id: str,  # noqa: A002  CDK's name
        *,
        target: events.IRuleTarget | None = None,
        description: str | None = None,
        event_pattern: events.EventPattern | None = None,
        rule_name: str | None = None,
        cross_stack_scope: Construct | None = None,
    ) -> events.Rule:
        """Add a rule for executions that failed or were stopped."""

    def add_alarms(
        self,
        id: str = "Alarms",  # noqa: A002  CDK's name
        *,
        violations: bool = True,
        execution_failed: bool = True,
        executions_stopped: bool | None = None,
        period: cdk.Duration | None = None,
        actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> MonitorAlarms:
        """Add alarms on the monitor's executions: on violations, on failures, and on missing executions."""

    def add_monitoring_alert(
        self,
        id: str,  # noqa: A002  CDK's name
        *,
        monitoring_alert_name: str,
        datapoints_to_alert: int,
        evaluation_period: int,
    ) -> cdk.CfnResource:
        """Set SageMaker's own alert on the schedule: some violations among the latest executions."""

    def dashboard_widgets(
        self, *, executions: bool = True, baseline_metrics: Sequence[str] = ()
    ) -> list[cloudwatch.IWidget]:
        """The widgets that show this monitor on a dashboard."""

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Grant actions on the monitoring schedule."""

    def grant_start_stop(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant starting, stopping and describing the monitoring schedule. See `grant`."""

    def grant_read_results(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant reading and decrypting the executions' results."""

    def add_to_role_policy(self, statement: iam.PolicyStatement) -> None:
        """Give the monitor's jobs more permissions: add a statement to the policy of their role."""


@runtime_checkable
class IModelBiasMonitor(IClarifyMonitor, Protocol):
    """A monitor of bias drift, of this app or of another one."""

    def metric_bias(
        self,
        metric: str,
        *,
        facet: str | int | None = None,
        facet_value: str | float | None = None,
        label: str | int | None = None,
        label_value: str | float | None = None,
        bias_stage: Literal["Pre-training", "Post-Training"] | None = None,
        statistic: str = "Average",
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """A bias metric of this monitor's executions."""

    def add_alarms(
        self,
        id: str = "Alarms",  # noqa: A002  CDK's name
        *,
        violations: bool = True,
        execution_failed: bool = True,
        executions_stopped: bool | None = None,
        bias_metrics: Sequence[BiasMetricThreshold] = (),
        period: cdk.Duration | None = None,
        actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> MonitorAlarms:
        """Add alarms on the monitor's executions, and on bias metrics with limits of your own."""

    def dashboard_widgets(
        self,
        *,
        executions: bool = True,
        bias_metrics: Sequence[BiasMetricThreshold] | None = None,
        baseline_metrics: Sequence[str] = (),
    ) -> list[cloudwatch.IWidget]:
        """The widgets that show this monitor on a dashboard."""


@runtime_checkable
class IModelExplainabilityMonitor(IClarifyMonitor, Protocol):
    """A monitor of feature attribution drift, of this app or of another one."""

    def metric_feature_attribution(
        self,
        feature: str,
        *,
        label: str | int | None = None,
        statistic: str = "Average",
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """The global SHAP value of a feature in this monitor's executions."""

    def metric_expected_value(
        self, *, label: str | int | None = None, statistic: str = "Average", period: cdk.Duration | None = None
    ) -> cloudwatch.Metric:
        """The model's output for the SHAP baseline in this monitor's executions."""

    def dashboard_widgets(
        self,
        *,
        executions: bool = True,
        features: Sequence[str] | None = None,
        labels: Sequence[str | int] | None = None,
        baseline_metrics: Sequence[str] = (),
    ) -> list[cloudwatch.IWidget]:
        """The widgets that show this monitor on a dashboard."""
