"""What a monitor tells CloudWatch and EventBridge, as objects that alarms, dashboards and rules take.

Sources: the metrics of
[bias drift](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-cw.html) and of
[feature attribution drift](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift-cw.html);
the [events of SageMaker](https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .._validation import InvalidType, InvalidValue, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_events as events
    from constructs import Construct

    from .._config.monitor_settings import MonitorSettings
    from .._spec.monitor_spec import MonitorSpec


# The targets of what rules are often meant to reach, by the class of that.
_TARGETS: Final = {
    "Topic": "SnsTopic",
    "Queue": "SqsQueue",
    "Function": "LambdaFunction",
    "PythonFunction": "LambdaFunction",
    "StateMachine": "SfnStateMachine",
    "LogGroup": "CloudWatchLogGroup",
    "EventBus": "EventBus",
}


# ---------------------------------------------------------------- metrics
def metric(
    scope: Construct,
    spec: MonitorSpec,
    name: str,
    *,
    schedule_name: str,
    dimensions: Mapping[str, str],
    statistic: str,
    period: cdk.Duration | None,
) -> cloudwatch.Metric:
    """A metric that the monitoring executions publish, of the monitor's account and region.

    Args:
        scope: The monitor.
        spec: What it is to be.
        name: The metric's name.
        schedule_name: The name of the monitor's schedule.
        dimensions: The dimensions that the kind of monitor has.
        statistic: CloudWatch's statistic.
        period: The period of the statistic. Default: one hour, the shortest period of a schedule.

    Raises:
        ValueError: The monitor publishes no metrics.
    """
    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch

    _check_published(spec.settings)
    text()("statistic", statistic)
    if period is not None and not isinstance(period, cdk.Duration):
        raise InvalidType("period", "be a Duration", period, "write period=cdk.Duration.hours(1)")
    endpoint = {"Endpoint": spec.monitored.endpoint_name} if spec.monitored.endpoint_name else {}
    found = cloudwatch.Metric(
        namespace=spec.metric_namespace,
        metric_name=name,
        dimensions_map={**endpoint, "MonitoringSchedule": schedule_name, **dimensions},
        statistic=statistic,
        period=period or cdk.Duration.hours(1),
    )
    return found.attach_to(scope)


def check_target(target: object) -> None:
    """Refuse what is no target of a rule, such as a topic by itself.

    Raises:
        TypeError: It is none.
    """
    if not hasattr(type(target), "bind"):
        wrapper = _TARGETS.get(type(target).__name__, "SnsTopic")
        raise InvalidType("target", "be an events.IRuleTarget", target, f"wrap it: aws_events_targets.{wrapper}(…)")


def _check_published(settings: MonitorSettings) -> None:
    """Refuse metrics of which no data would ever come."""
    enabled, remedy = settings.enable_cloudwatch_metrics, "with it the executions publish no metrics"
    if enabled is False:
        raise InvalidValue("enable_cloudwatch_metrics", "be True where metrics are asked for", enabled, remedy)
    published = (settings.env or {}).get("publish_cloudwatch_metrics")
    if enabled is None and published == "Disabled":
        argument = "env['publish_cloudwatch_metrics']"
        raise InvalidValue(argument, "be 'Enabled' where metrics are asked for", published, remedy)


# ---------------------------------------------------------------- events
def execution_rule(
    scope: Construct,
    id: str,  # noqa: A002  CDK's name
    spec: MonitorSpec,
    *,
    role_arn: str,
    detail: Mapping[str, Any],
    target: events.IRuleTarget | None,
    description: str | None,
) -> events.Rule:
    """A rule on the processing jobs that SageMaker runs for a monitor's schedule.

    An event does not name the schedule. It has what DescribeProcessingJob answers, and that tells whose job it is: the
    monitor's role, and an output below the monitor's. SageMaker writes to `<output>/<endpoint>/<schedule>/<date>`; the
    job that merges in the ground truth before, and may fail as well, to `<output>/merge`. (Seen in the log of a model
    quality monitor of an endpoint; not known of Clarify and of batch transforms.) So no more than the output is asked
    for. That events have the ExitMessage is not documented, and was not tried on AWS.

    Args:
        scope: The monitor.
        id: The rule's id.
        spec: What the monitor is to be.
        role_arn: The role of its jobs.
        detail: What else the event says.
        target: What it goes to.
        description: The rule's description.
    """
    from aws_cdk import aws_events as events

    output = {"Outputs": {"S3Output": {"S3Uri": [{"prefix": _folder(spec.s3_layout.output_s3_uri)}]}}}
    return events.Rule(
        scope,
        id,
        description=description,
        event_pattern=events.EventPattern(
            source=["aws.sagemaker"],
            detail_type=["SageMaker Processing Job State Change"],
            detail={**detail, **_no_baselining_job(spec), "RoleArn": [role_arn], "ProcessingOutputConfig": output},
        ),
        targets=[target] if target else None,
    )


def _folder(uri: str) -> str:
    """A prefix that what lies below a URI has, and what lies beside it has not."""
    # What is known at deployment only may end in a slash itself.
    return uri if uri.endswith("]}") else f"{uri.rstrip('/')}/"


def _no_baselining_job(spec: MonitorSpec) -> dict[str, Any]:
    """Leave the baselining job out: it has the same role, and may write to a folder below the executions'."""
    if spec.baselined is None:
        return {}
    return {"ProcessingJobName": [{"anything-but": {"prefix": f"{spec.names.job_prefix}-"}}]}
