"""What a monitor tells CloudWatch and EventBridge, as objects that alarms, dashboards and rules take.

Sources: the metrics of
[bias drift](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-cw.html) and of
[feature attribution drift](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift-cw.html);
the [events of SageMaker](https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_events as events
    from constructs import Construct

    from ._monitor_input import MonitoringType


_KINDS: dict[MonitoringType, str] = {"ModelBias": "bias", "ModelExplainability": "explainability"}


def metric_namespace(monitoring_type: MonitoringType, *, of_endpoint: bool) -> str:
    """The namespace of the metrics that the monitoring executions publish.

    Args:
        monitoring_type: The kind of monitor.
        of_endpoint: Whether an endpoint is monitored; if not, batch transforms are.
    """
    return f"aws/sagemaker/{'Endpoints' if of_endpoint else 'ModelMonitoring'}/{_KINDS[monitoring_type]}-metrics"


def metric(
    monitoring_type: MonitoringType,
    name: str,
    *,
    endpoint_name: str | None,
    schedule_name: str,
    dimensions: Mapping[str, str],
    statistic: str,
    period: cdk.Duration | None,
) -> cloudwatch.Metric:
    """A metric that the monitoring executions publish.

    Args:
        monitoring_type: The kind of monitor.
        name: The metric's name.
        endpoint_name: The monitored endpoint; None: batch transforms are monitored.
        schedule_name: The monitoring schedule.
        dimensions: The dimensions that the kind has.
        statistic: CloudWatch's statistic.
        period: The period of the statistic. Default: one hour, the shortest period of a schedule.
    """
    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch

    endpoint = {"Endpoint": endpoint_name} if endpoint_name else {}
    return cloudwatch.Metric(
        namespace=metric_namespace(monitoring_type, of_endpoint=endpoint_name is not None),
        metric_name=name,
        dimensions_map={**endpoint, "MonitoringSchedule": schedule_name, **dimensions},
        statistic=statistic,
        period=period or cdk.Duration.hours(1),
    )


def execution_rule(
    scope: Construct,
    id: str,  # noqa: A002  CDK's name
    output_s3_uri: str,
    detail: Mapping[str, Any],
    target: events.IRuleTarget | None,
    description: str | None,
) -> events.Rule:
    """A rule on the processing jobs that SageMaker runs for a monitor's schedule.

    The event mirrors DescribeProcessingJob. Its output URI lies below the monitor's, which tells whose job it is.
    """
    from aws_cdk import aws_events as events

    output = {"Outputs": {"S3Output": {"S3Uri": [{"prefix": output_s3_uri}]}}}
    return events.Rule(
        scope,
        id,
        description=description,
        event_pattern=events.EventPattern(
            source=["aws.sagemaker"],
            detail_type=["SageMaker Processing Job State Change"],
            detail={**detail, "ProcessingOutputConfig": output},
        ),
        targets=[target] if target else None,
    )
