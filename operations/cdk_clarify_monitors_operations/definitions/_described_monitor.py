"""What a monitor is: SageMaker's descriptions of its schedule and job definition, in the field's words."""

from __future__ import annotations

from typing import Any

from cdk_clarify_monitors_operations._aws import Aws
from cdk_clarify_monitors_operations._records import to_json
from cdk_clarify_monitors_operations.definitions._definition_changes import METRICS_FLAG
from cdk_clarify_monitors_operations.definitions._inputs import NetworkConfig
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import Descriptions
from cdk_clarify_monitors_operations.definitions._stack import stack_of


class DescribedMonitor:
    """SageMaker's description of a monitor, as it was when it was attached or last refreshed."""

    def __init__(self, aws: Aws, described: Descriptions) -> None:
        self._aws, self._described = aws, described
        self._all_tags: dict[str, str] | None = None

    @property
    def monitoring_schedule_name(self) -> str:
        """The schedule's name."""
        return str(self._described.schedule["MonitoringScheduleName"])

    @property
    def monitoring_schedule_arn(self) -> str:
        """The schedule's ARN."""
        return str(self._described.schedule["MonitoringScheduleArn"])

    @property
    def monitoring_type(self) -> str:
        """`ModelBias` or `ModelExplainability`."""
        return self._described.kind

    @property
    def status(self) -> str:
        """The schedule's status: `Pending`, `Scheduled`, `Stopped` or `Failed`."""
        return str(self._described.schedule["MonitoringScheduleStatus"])

    @property
    def failure_reason(self) -> str | None:
        """Why the schedule failed, in SageMaker's words."""
        return self._described.schedule.get("FailureReason")

    @property
    def schedule_expression(self) -> str | None:
        """When it runs: a cron expression, or `NOW`."""
        return self._described.schedule_config.get("ScheduleExpression")

    @property
    def job_definition_name(self) -> str:
        """The name of its job definition."""
        return self._described.definition_name

    @property
    def endpoint_name(self) -> str | None:
        """The endpoint that it watches; None for batch transforms."""
        return self._described.endpoint_name

    @property
    def ground_truth_s3_uri(self) -> str | None:
        """Where it looks for labels; None for explainability monitors."""
        return self._described.ground_truth_s3_uri

    @property
    def output_s3_uri(self) -> str | None:
        """The folder below which executions write their results."""
        return self._described.output_s3_uri

    @property
    def analysis_config_s3_uri(self) -> str:
        """Its `analysis_config.json`."""
        return str(self._described.part("AppSpecification")["ConfigUri"])

    @property
    def baselining_job_name(self) -> str | None:
        """The baselining job that its job definition names."""
        return self._described.part("BaselineConfig").get("BaseliningJobName")

    @property
    def constraints_s3_uri(self) -> str | None:
        """The file of constraints that its job definition names."""
        uri: str | None = self._described.part("BaselineConfig").get("ConstraintsResource", {}).get("S3Uri")
        return uri

    @property
    def role(self) -> str:
        """The ARN of its jobs' role."""
        return str(self._described.definition["RoleArn"])

    def _cluster(self, name: str) -> Any:
        return self._described.definition["JobResources"]["ClusterConfig"].get(name)

    @property
    def instance_count(self) -> int:
        """How many instances its jobs have."""
        return int(self._cluster("InstanceCount"))

    @property
    def instance_type(self) -> str:
        """The type of these instances."""
        return str(self._cluster("InstanceType"))

    @property
    def volume_size_in_gb(self) -> int:
        """The size of their volumes."""
        return int(self._cluster("VolumeSizeInGB"))

    @property
    def volume_kms_key(self) -> str | None:
        """The key of their volumes."""
        key: str | None = self._cluster("VolumeKmsKeyId")
        return key

    @property
    def output_kms_key(self) -> str | None:
        """The key that encrypts their results."""
        return self._described.part("JobOutputConfig").get("KmsKeyId")

    @property
    def max_runtime_in_seconds(self) -> int | None:
        """How long a job may take; None for SageMaker's default."""
        runtime: int | None = (self._described.definition.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds")
        return runtime

    @property
    def env(self) -> dict[str, str] | None:
        """The environment variables of its jobs, including `publish_cloudwatch_metrics`."""
        return self._described.part("AppSpecification").get("Environment")

    @property
    def publishes_metrics(self) -> bool:
        """Whether executions publish metrics to CloudWatch."""
        return (self.env or {}).get(METRICS_FLAG) == "Enabled"

    @property
    def network_config(self) -> NetworkConfig | None:
        """The network of its jobs."""
        config = self._described.definition.get("NetworkConfig")
        return NetworkConfig.from_request(config) if config else None

    @property
    def tags(self) -> dict[str, str]:
        """The schedule's tags, without those of AWS.

        Raises:
            AccessDenied: The caller may not list them.
        """
        return {key: value for key, value in self._tags().items() if not key.startswith("aws:")}

    def _tags(self) -> dict[str, str]:
        if self._all_tags is None:
            pages = self._aws.pages("sagemaker", "ListTags", ResourceArn=self.monitoring_schedule_arn)
            self._all_tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
        return self._all_tags

    @property
    def stack_name(self) -> str | None:
        """The CloudFormation stack that made the schedule; None if none did.

        Raises:
            AccessDenied: The caller may not find out.
        """
        return stack_of(self._aws, self.monitoring_schedule_arn, self._tags())

    def to_dict(self) -> dict[str, Any]:
        """Return what it is, as JSON can hold it."""
        names = (
            "monitoring_schedule_name",
            "monitoring_schedule_arn",
            "monitoring_type",
            "status",
            "failure_reason",
            "schedule_expression",
            "job_definition_name",
            "endpoint_name",
            "ground_truth_s3_uri",
            "output_s3_uri",
            "analysis_config_s3_uri",
            "baselining_job_name",
            "constraints_s3_uri",
            "role",
            "instance_count",
            "instance_type",
            "volume_size_in_gb",
            "volume_kms_key",
            "output_kms_key",
            "max_runtime_in_seconds",
            "env",
            "network_config",
            "publishes_metrics",
        )
        return {name: to_json(getattr(self, name)) for name in names}
