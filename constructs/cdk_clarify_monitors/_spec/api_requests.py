"""The requests to SageMaker that a monitor stands for, in the API's own form.

What SageMaker's Python SDK sends is the reference; CloudFormation keeps the API's names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from .._config.analysis.data_config import DataConfig
    from .._config.baseline_options import BaselineOptions
    from .._config.monitor_settings import MonitorSettings
    from .._config.monitoring_kind import MonitoringKind
    from .._config.network_config import NetworkConfig
    from .stack_environment import StackEnvironment

ApiRequest = dict[str, Any]

_INPUT_PATH = "/opt/ml/processing/input/data"
_OUTPUT_PATH = "/opt/ml/processing/output"


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """What all requests of one monitor have in common, as ARNs and URIs (or tokens of them)."""

    image_uri: str
    volume_kms_key_arn: str | None
    output_kms_key_arn: str | None

    @classmethod
    def of(cls, environment: StackEnvironment, settings: MonitorSettings) -> Self:
        """What the requests of a monitor in a stack have in common."""
        return cls(
            image_uri=environment.image.uri,
            volume_kms_key_arn=settings.volume_kms_key.key_arn if settings.volume_kms_key else None,
            output_kms_key_arn=settings.output_kms_key.key_arn if settings.output_kms_key else None,
        )


def processing_job(
    context: JobContext,
    settings: MonitorSettings,
    options: BaselineOptions,
    data_config: DataConfig,
    output_prefix: str,
) -> ApiRequest:
    """CreateProcessingJob of the baselining job.

    The custom resource adds what it alone knows: the name, the folder below `output_prefix`, and where the analysis
    config lies. The role's place is there and empty, to be filled when there is a role.
    """
    dataset = {
        "S3Uri": data_config.s3_data_input_path,
        "LocalPath": _INPUT_PATH,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": data_config.s3_compression_type,
    }
    result = {
        "S3Uri": output_prefix,
        "LocalPath": _OUTPUT_PATH,
        # Images come with one result file each: uploaded as they are made.
        "S3UploadMode": "Continuous" if data_config.dataset_type == "application/x-image" else "EndOfJob",
    }
    request = _without_none(
        ProcessingInputs=[{"InputName": "dataset", "S3Input": dataset}],
        ProcessingOutputConfig=_without_none(
            Outputs=[{"OutputName": "analysis_result", "S3Output": result}],
            KmsKeyId=context.output_kms_key_arn,
        ),
        ProcessingResources=_cluster(
            context,
            settings.baselining_instance_count,
            options.instance_type or settings.instance_type,
            options.volume_size_in_gb or settings.volume_size_in_gb,
        ),
        AppSpecification={"ImageUri": context.image_uri},
        Environment=dict(settings.env or {}) or None,
        NetworkConfig=network(settings.network_config),
        StoppingCondition=_stopping_condition(options.max_runtime_in_seconds or settings.max_runtime_in_seconds),
    )
    return {**request, "RoleArn": None}


def job_definition(
    context: JobContext,
    settings: MonitorSettings,
    kind: MonitoringKind,
    *,
    job_input: ApiRequest,
    output_s3_uri: str,
) -> ApiRequest:
    """CreateModelBiasJobDefinition or CreateModelExplainabilityJobDefinition, but for role, config and constraints.

    Without a name: CloudFormation replaces a definition for every change, and could not if the name were taken.
    """
    environment = settings.execution_environment or None
    output = {"S3Uri": output_s3_uri, "LocalPath": _OUTPUT_PATH, "S3UploadMode": "Continuous"}
    parts = _without_none(
        AppSpecification=_without_none(ImageUri=context.image_uri, Environment=environment),
        JobInput=job_input,
        JobOutputConfig=_without_none(MonitoringOutputs=[{"S3Output": output}], KmsKeyId=context.output_kms_key_arn),
    )
    return {f"{kind.monitoring_type}{name}": part for name, part in parts.items()} | _without_none(
        JobResources=_cluster(context, settings.instance_count, settings.instance_type, settings.volume_size_in_gb),
        NetworkConfig=network(settings.network_config),
        StoppingCondition=_stopping_condition(settings.max_runtime_in_seconds),
        Tags=tags(settings) or None,
    )


def monitoring_schedule(settings: MonitorSettings, kind: MonitoringKind, *, name: str) -> ApiRequest:
    """CreateMonitoringSchedule, but for the job definition's name.

    Without an expression SageMaker runs daily at a time of its choice.
    """
    schedule = None
    if settings.schedule_cron_expression:
        schedule = _without_none(
            ScheduleExpression=settings.schedule_cron_expression,
            DataAnalysisStartTime=settings.data_analysis_start_time,
            DataAnalysisEndTime=settings.data_analysis_end_time,
        )
    config = _without_none(MonitoringType=kind.monitoring_type, ScheduleConfig=schedule)
    return _without_none(MonitoringScheduleName=name, MonitoringScheduleConfig=config, Tags=tags(settings) or None)


def tags(settings: MonitorSettings) -> list[ApiRequest]:
    """The tags that are given."""
    return [{"Key": key, "Value": value} for key, value in (settings.tags or {}).items()]


def _cluster(context: JobContext, count: int, instance_type: str, volume_size_in_gb: int) -> ApiRequest:
    return {
        "ClusterConfig": _without_none(
            InstanceCount=count,
            InstanceType=instance_type,
            VolumeSizeInGB=volume_size_in_gb,
            VolumeKmsKeyId=context.volume_kms_key_arn,
        )
    }


def network(config: NetworkConfig | None) -> ApiRequest | None:
    """The network that jobs run in."""
    if config is None:
        return None
    vpc = None
    if config.subnets is not None and config.security_group_ids is not None:
        vpc = {"SecurityGroupIds": list(config.security_group_ids), "Subnets": list(config.subnets)}
    return _without_none(
        EnableNetworkIsolation=bool(config.enable_network_isolation),
        EnableInterContainerTrafficEncryption=config.encrypt_inter_container_traffic,
        VpcConfig=vpc,
    )


def _stopping_condition(seconds: int | None) -> ApiRequest | None:
    return {"MaxRuntimeInSeconds": seconds} if seconds else None


def _without_none(**members: Any) -> ApiRequest:
    """The members that are not None."""
    return {name: member for name, member in members.items() if member is not None}
