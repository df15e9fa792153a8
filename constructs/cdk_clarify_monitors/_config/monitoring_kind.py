"""SageMaker's names and limits per monitoring type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class MonitoringKind:
    """A kind of monitor.

    Attributes:
        monitoring_type: What SageMaker calls it, alone and in the names of its job definitions' members.
        subject: What it is about, in names of metrics and ARNs.
        longest_hourly_execution: How many seconds an execution may take if there is one each hour. Source:
            [MonitoringStoppingCondition](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html).
        reads: What of an endpoint's data the executions read: requests (Input), responses (Output).
        unsupported_by_cloudformation: The options of inputs that CloudFormation's resource type has no property for.
    """

    monitoring_type: str
    subject: str
    longest_hourly_execution: int
    reads: tuple[str, ...]
    unsupported_by_cloudformation: tuple[str, ...]

    @property
    def resource_type(self) -> str:
        """CloudFormation's type of its job definitions."""
        return f"AWS::SageMaker::{self.monitoring_type}JobDefinition"

    @property
    def arn_type(self) -> str:
        """What stands before the name in the ARNs of its job definitions."""
        return f"model-{self.subject}-job-definition"

    def metric_namespace(self, endpoint_name: str | None) -> str:
        """The namespace of the metrics that its executions publish.

        Args:
            endpoint_name: The endpoint that is monitored; None: batch transform jobs are.
        """
        group = "Endpoints" if endpoint_name else "ModelMonitoring"
        return f"aws/sagemaker/{group}/{self.subject}-metrics"


BIAS: Final = MonitoringKind(
    monitoring_type="ModelBias",
    subject="bias",
    longest_hourly_execution=1800,
    reads=("Input", "Output"),
    unsupported_by_cloudformation=("exclude_features_attribute",),
)
EXPLAINABILITY: Final = MonitoringKind(
    monitoring_type="ModelExplainability",
    subject="explainability",
    longest_hourly_execution=3600,
    reads=("Input",),
    unsupported_by_cloudformation=(
        "exclude_features_attribute",
        "start_time_offset",
        "end_time_offset",
        "probability_threshold_attribute",
    ),
)
