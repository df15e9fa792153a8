"""SageMaker's own alert on a monitoring schedule, as a resource of CloudFormation.

`AWS::SageMaker::MonitoringScheduleAlert` is in CloudFormation's reference; aws-cdk-lib has no L1 for it yet. Not tried
on AWS. Sources: the resource type, and the limits of
[UpdateMonitoringAlert](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateMonitoringAlert.html).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .._validation import ID, InvalidValue, Validated, check_free, integer, is_token, validated_by
from .._validation.sagemaker import NAME
from .once_only import OnceOnly

if TYPE_CHECKING:
    import aws_cdk as cdk
    from constructs import Construct

RESOURCE_TYPE: Final = "AWS::SageMaker::MonitoringScheduleAlert"
_UNKNOWN_TYPE: Final = "CloudFormation-Validate::F3006"

_NAMES: Final = OnceOnly("monitoring_alert_name", "alert of the schedule")


@dataclass(frozen=True, kw_only=True)
class AlertSettings(Validated):
    """What `add_monitoring_alert` is asked for; it documents the arguments."""

    monitoring_alert_name: str = field(metadata=validated_by(NAME))
    datapoints_to_alert: int = field(metadata=validated_by(integer(1, 100)))
    evaluation_period: int = field(metadata=validated_by(integer(1, 100)))

    def _check_together(self) -> None:
        points, periods = self.datapoints_to_alert, self.evaluation_period
        if not is_token(points) and not is_token(periods) and points > periods:
            must = f"be at most the evaluation_period, {periods}"
            raise InvalidValue("datapoints_to_alert", must, points, "an alert looks at no more executions")


def make_alert(
    scope: Construct, id_: str, schedule_name: str, schedule: tuple[str, str, str], settings: AlertSettings
) -> cdk.CfnResource:
    """Make the resource.

    Args:
        scope: The monitor.
        id_: The resource's id.
        schedule_name: The name of the monitor's schedule.
        schedule: Account, region and name, by which monitors of one schedule are known.
        settings: What it is asked for.

    Raises:
        ValueError: The id is taken, or the schedule has an alert of this name.
    """
    import aws_cdk as cdk

    ID("id", id_)
    check_free(scope, id_)
    _NAMES.check(scope, settings.monitoring_alert_name, *schedule)
    alert = cdk.CfnResource(
        scope,
        id_,
        type=RESOURCE_TYPE,
        properties={
            "DatapointsToAlert": settings.datapoints_to_alert,
            "EvaluationPeriod": settings.evaluation_period,
            "MonitoringAlertName": settings.monitoring_alert_name,
            "MonitoringScheduleName": schedule_name,
        },
    )
    _NAMES.add(alert, settings.monitoring_alert_name, *schedule)
    resource = scope.node.default_child
    if resource is not None:
        alert.node.add_dependency(resource)
    _acknowledge_type(alert)
    return alert


def _acknowledge_type(alert: cdk.CfnResource) -> None:
    """Tell those who check templates that the type exists, as long as their lists lack it."""
    import aws_cdk as cdk

    alert.add_metadata("cfn-lint", {"config": {"ignore_checks": ["E3006"]}})
    if hasattr(cdk, "Validations"):  # an older CDK has no check of its own
        reason = f"{RESOURCE_TYPE} is in CloudFormation's reference"
        cdk.Validations.of(alert).acknowledge(cdk.Acknowledgment(id=_UNKNOWN_TYPE, reason=reason))
