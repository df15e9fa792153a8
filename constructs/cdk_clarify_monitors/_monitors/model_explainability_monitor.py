"""The monitor of feature attribution drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from aws_cdk import aws_iam as iam
from constructs import Construct

from .._base.interfaces import IModelExplainabilityMonitor
from .._base.model_explainability_monitor_base import ModelExplainabilityMonitorBase
from .._config.analysis.analysis_config import ExplainabilityAnalysisConfig
from .._config.analysis.data_config import DataConfig
from .._config.analysis.explainability_config import ExplainabilityConfig
from .._config.analysis.model_config import ModelConfig, ModelPredictedLabelConfig
from .._config.baseline_options import BaselineOptions
from .._config.constraints import Constraints
from .._config.data_capture import DataCapture
from .._config.monitor_input import BatchTransformInput, EndpointInput
from .._config.monitor_settings import MonitorSettings
from .._config.monitoring_kind import EXPLAINABILITY
from .._config.network_config import NetworkConfig
from .._lazy_module import LazyModule
from .._resources import _jsii
from .._resources.monitor import ClarifyMonitor
from .._resources.property_injection import property_injectable
from .._spec.analysis.explainability import ask_monitored_endpoint, explainability_analysis, with_notes
from .._spec.monitoring_target import resolve_target
from .._validation import InvalidValue
from .imported_monitor import ImportedModelExplainabilityMonitor, ImportedSchedule, ImportedSettings
from .other_spellings import COMMON, MEMBERS

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sagemaker as sagemaker
else:
    ec2 = LazyModule("aws_cdk.aws_ec2")
    kms = LazyModule("aws_cdk.aws_kms")
    s3 = LazyModule("aws_cdk.aws_s3")
    sagemaker = LazyModule("aws_cdk.aws_sagemaker")


@property_injectable
class ModelExplainabilityMonitorConstruct(
    ClarifyMonitor,
    ModelExplainabilityMonitorBase,
    jsii_type=f"{_jsii.ASSEMBLY}.ModelExplainabilityMonitorConstruct",
):
    """A SageMaker Clarify monitor that watches a model for feature attribution drift.

    With `data_config` and without `constraints` the deployment runs a baselining job over the training data, and starts
    the schedule with the constraints that the job suggested.

    Source:
    [feature attribution drift](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift.html).
    """

    PROPERTY_INJECTION_ID: ClassVar[str] = f"{_jsii.ASSEMBLY}.ModelExplainabilityMonitorConstruct"

    _members_instead = MEMBERS
    _instead_of: ClassVar[Mapping[str, str]] = {
        **COMMON,
        "groundtruthinput": "leave it out: attributions need no labels",
        "groundtruths3input": "leave it out: attributions need no labels",
        "biasconfig": "use ModelBiasMonitorConstruct, or write explainability_config=SHAPConfig(…)",
        "modelpredictedlabelconfig": "write model_scores={value}",
        "shapconfig": "write explainability_config={value}",
        "explainabilityanalysisconfig": "write analysis_config={value}",
    }

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  CDK's name
        *,
        endpoint_input: str | EndpointInput | sagemaker.CfnEndpoint | sagemaker.IEndpoint | None = None,
        batch_transform_input: BatchTransformInput | None = None,
        data_config: DataConfig | None = None,
        explainability_config: ExplainabilityConfig | Sequence[ExplainabilityConfig] | None = None,
        model_config: ModelConfig | None = None,
        model_scores: int | str | ModelPredictedLabelConfig | None = None,
        analysis_config: str | ExplainabilityAnalysisConfig | None = None,
        constraints: str | Constraints | None = None,
        constraints_overrides: None = None,
        output_s3_uri: str | None = None,
        monitor_schedule_name: str | None = None,
        schedule_cron_expression: str | None = None,
        enable_cloudwatch_metrics: bool | None = True,
        data_analysis_start_time: str | None = None,
        data_analysis_end_time: str | None = None,
        role: iam.IRole | None = None,
        instance_count: int = 1,
        instance_type: str = "ml.m5.xlarge",
        volume_size_in_gb: int = 30,
        volume_kms_key: kms.IKey | None = None,
        output_kms_key: kms.IKey | None = None,
        max_runtime_in_seconds: int | None = None,
        base_job_name: str | None = None,
        env: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        network_config: NetworkConfig | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        bucket: s3.IBucket | None = None,
        data_capture_s3_uri: str | None = None,
        data_capture: DataCapture | None = None,
        baseline: BaselineOptions | None = None,
    ) -> None:
        """Put a feature attribution monitor on an endpoint or a batch transform.

        Args:
            scope: The construct around this one.
            id: The construct's id, unique in `scope`.
            endpoint_input: The endpoint that is monitored: a `CfnEndpoint` of the app, its name, or either with
                details. Its data capture must be on. Give either this or `batch_transform_input`.
            batch_transform_input: The batch transform jobs that are monitored.
            data_config: The data set that the baseline is computed from. Default: no baselining job.
            explainability_config: The method or methods of explanation. Required with `data_config`.
            model_config: The model that is asked for predictions, by the baselining job and by every execution. With an
                `analysis_config` in S3, it says which model the role may use.
            model_scores: Index or JMESPath expression of the scores in the model's output; or an object that also has
                the headers of several labels. Default: the whole output.
            analysis_config: What the executions analyse, as an object or as the S3 URI of an `analysis_config.json`.
                Default: what the baselining job analysed, for the columns that captured data has.
            constraints: S3 URI of existing constraints (an analysis.json). With it, no baselining job runs;
                `data_config` and the arguments that go with it still define the analysis config. Default: the
                constraints that the baselining job suggests.
            constraints_overrides: Refused, with the reason: an execution compares the ranking of all features (nDCG)
                with a limit that SageMaker has fixed; it does not compare single attributions.
            output_s3_uri: S3 URI below which the monitoring executions write, used unchanged. Default: a folder in the
                monitor's bucket.
            monitor_schedule_name: Name of the schedule, at most 63 characters. Default: generated from the construct's
                path.
            schedule_cron_expression: See `CronExpressionGenerator`. Default: SageMaker runs the monitor daily, at a
                time of its choice.
            enable_cloudwatch_metrics: Whether the executions publish metrics; None leaves it to `env`. Default: True.
            data_analysis_start_time: Start of the data that an execution analyses, as an ISO 8601 offset like `-PT1H`.
                Default: the schedule's last period.
            data_analysis_end_time: End of the data that an execution analyses, in the same form. Default: as above.
            role: The role of the jobs. Permissions are added to it if the role can be changed. Default: a new role with
                just the permissions that the jobs need.
            instance_count: Instances of each job, 1 to 100. Default: 1.
            instance_type: Their type. Default: ml.m5.xlarge.
            volume_size_in_gb: Their storage in GB, 1 to 16384. Default: 30.
            volume_kms_key: Key that encrypts the instances' volumes. Default: SageMaker's own.
            output_kms_key: Key that encrypts results and analysis configs. Default: the bucket's.
            max_runtime_in_seconds: SageMaker stops a job after this many seconds: 1 to 86400, and at most the
                schedule's period. Default: SageMaker's own limit.
            base_job_name: Prefix of the generated names. Default: the construct's path.
            env: Environment variables of the executions: at most 50, including the one for `enable_cloudwatch_metrics`.
                Default: none.
            tags: Tags of the jobs, the job definition and the schedule. Default: only those of `Tags.of`.
            network_config: Isolation and encryption of the jobs' network, and a VPC as ids. Default: SageMaker's own
                network.
            vpc: The VPC of the jobs. Default: that of `network_config`, if any.
            vpc_subnets: Which of its subnets, 1 to 16. Default: the private ones, as usual in the CDK.
            security_groups: The jobs' security groups, 1 to 5. Default: a new one that allows all outbound traffic, and
                inbound traffic only from the other instances of the same job.
            bucket: The bucket for everything that has no other location. Default: one new bucket for all monitors of
                the stack; it is kept when the stack is deleted.
            data_capture_s3_uri: Where the endpoint's data capture writes, so that the role may read there; SageMaker
                finds the location itself. Default: the location in the endpoint's configuration, if the app creates
                both and no role is given. Otherwise none: grant access with `capture_bucket.grant_read(monitor)`.
            data_capture: The same as an object that the endpoint's configuration also uses. The role may read there,
                and decrypt with its key. Default: see `data_capture_s3_uri`.
            baseline: How the baselining job runs. Default: `BaselineOptions()`.

        Raises:
            ValueError: An argument's value is invalid, alone or together with others. Nothing has been created.
            TypeError: An argument is of the wrong type.
        """
        if constraints_overrides is not None:
            reason = "an execution compares the ranking of all features (nDCG), with a limit that SageMaker has fixed"
            raise InvalidValue("constraints_overrides", "be left out", constraints_overrides, reason)
        settings = MonitorSettings(
            constraints=constraints,
            constraints_overrides=None,
            output_s3_uri=output_s3_uri,
            monitor_schedule_name=monitor_schedule_name,
            schedule_cron_expression=schedule_cron_expression,
            enable_cloudwatch_metrics=enable_cloudwatch_metrics,
            data_analysis_start_time=data_analysis_start_time,
            data_analysis_end_time=data_analysis_end_time,
            role=role,
            instance_count=instance_count,
            instance_type=instance_type,
            volume_size_in_gb=volume_size_in_gb,
            volume_kms_key=volume_kms_key,
            output_kms_key=output_kms_key,
            max_runtime_in_seconds=max_runtime_in_seconds,
            base_job_name=base_job_name,
            env=env,
            tags=tags,
            network_config=network_config,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            security_groups=security_groups,
            bucket=bucket,
            data_capture_s3_uri=data_capture_s3_uri,
            data_capture=data_capture,
            baseline=baseline,
        )
        settings.check_for(EXPLAINABILITY)
        analysis = explainability_analysis(
            data_config=data_config,
            model_config=model_config,
            explainability_config=explainability_config,
            model_scores=model_scores,
            analysis_config=analysis_config,
            baselining=not settings.constraints_s3_uri,
        )
        monitored = resolve_target(
            endpoint_input=endpoint_input,
            batch_transform_input=batch_transform_input,
            attributes=analysis.attributes,
            kind=EXPLAINABILITY,
        )
        analysis = ask_monitored_endpoint(analysis, monitored.endpoint_name)
        super().__init__(
            scope,
            id,
            analysis=with_notes(analysis, data_config),
            data_config=data_config,
            monitored=monitored,
            settings=settings,
        )

    @classmethod
    def from_monitoring_schedule_name(
        cls,
        scope: Construct,
        id: str,  # noqa: A002  CDK's name
        monitoring_schedule_name: str,
        *,
        endpoint_name: str | None = None,
        batch_transform: bool = False,
        analysis_config: ExplainabilityAnalysisConfig | None = None,
        output_s3_uri: str | None = None,
        output_kms_key: kms.IKey | None = None,
        bucket: s3.IBucket | None = None,
        role: iam.IRole | None = None,
        schedule_cron_expression: str | None = None,
    ) -> IModelExplainabilityMonitor:
        """Refer to an explainability monitor that another app, or another stack, makes in this account and region.

        For metrics, rules, alarms and grants. Synthesis cannot check whether the schedule exists and is of this kind;
        for another kind of schedule, metrics would have no data. A method that needs an argument which is not given
        raises an error.

        Args:
            scope: The construct around this one.
            id: The construct's id, unique in `scope`.
            monitoring_schedule_name: The name of the monitoring schedule.
            endpoint_name: The name of the endpoint that is monitored. Metrics need it. Default: not known.
            batch_transform: Whether batch transform jobs are monitored. Without an endpoint, metrics need this.
                Default: False.
            analysis_config: What the executions analyse. Metrics take their labels from it. Default: not known.
            output_s3_uri: S3 URI below which the executions write. Rules and `grant_read_results` need it. Default: not
                known.
            output_kms_key: The key that encrypts the results, if it is not the bucket's. Default: none.
            bucket: The bucket with the results. With it, `grant_read_results` knows the bucket's key, and changes its
                policy if this app creates the bucket. Default: the bucket that `output_s3_uri` names.
            role: The role of the jobs. With it, the monitor can get grants, and rules can distinguish its events from
                those of monitors with the same output. Default: not known.
            schedule_cron_expression: When the monitor runs. Metrics and alarms take their period from it. Default: not
                known; metrics use an hour.

        Raises:
            ValueError: A value is invalid. Nothing has been created.
            TypeError: A value is of the wrong type.
        """
        settings = ImportedSettings(
            endpoint_name=endpoint_name,
            batch_transform=batch_transform,
            analysis_config=analysis_config,
            output_s3_uri=output_s3_uri,
            output_kms_key=output_kms_key,
            bucket=bucket,
            role=role,
            schedule_cron_expression=schedule_cron_expression,
        )
        schedule = ImportedSchedule.named(scope, monitoring_schedule_name)
        return ImportedModelExplainabilityMonitor(scope, id, schedule=schedule, settings=settings)

    @classmethod
    def from_monitoring_schedule_arn(
        cls,
        scope: Construct,
        id: str,  # noqa: A002  CDK's name
        monitoring_schedule_arn: str,
        *,
        endpoint_name: str | None = None,
        batch_transform: bool = False,
        analysis_config: ExplainabilityAnalysisConfig | None = None,
        output_s3_uri: str | None = None,
        output_kms_key: kms.IKey | None = None,
        bucket: s3.IBucket | None = None,
        role: iam.IRole | None = None,
        schedule_cron_expression: str | None = None,
    ) -> IModelExplainabilityMonitor:
        """Refer to an explainability monitor that another app, or another stack, makes in any account and region.

        For metrics, rules, alarms and grants. Synthesis cannot check whether the schedule exists and is of this kind;
        for another kind of schedule, metrics would have no data. A method that needs an argument which is not given
        raises an error.

        Args:
            scope: The construct around this one.
            id: The construct's id, unique in `scope`.
            monitoring_schedule_arn: The ARN of the monitoring schedule. If its account or region is a CDK token, the
                stack's is used.
            endpoint_name: The name of the endpoint that is monitored. Metrics need it. Default: not known.
            batch_transform: Whether batch transform jobs are monitored. Without an endpoint, metrics need this.
                Default: False.
            analysis_config: What the executions analyse. Metrics take their labels from it. Default: not known.
            output_s3_uri: S3 URI below which the executions write. Rules and `grant_read_results` need it. Default: not
                known.
            output_kms_key: The key that encrypts the results, if it is not the bucket's. Default: none.
            bucket: The bucket with the results. With it, `grant_read_results` knows the bucket's key, and changes its
                policy if this app creates the bucket. Default: the bucket that `output_s3_uri` names.
            role: The role of the jobs. With it, the monitor can get grants, and rules can distinguish its events from
                those of monitors with the same output. Default: not known.
            schedule_cron_expression: When the monitor runs. Metrics and alarms take their period from it. Default: not
                known; metrics use an hour.

        Raises:
            ValueError: A value is invalid. Nothing has been created.
            TypeError: A value is of the wrong type.
        """
        settings = ImportedSettings(
            endpoint_name=endpoint_name,
            batch_transform=batch_transform,
            analysis_config=analysis_config,
            output_s3_uri=output_s3_uri,
            output_kms_key=output_kms_key,
            bucket=bucket,
            role=role,
            schedule_cron_expression=schedule_cron_expression,
        )
        schedule = ImportedSchedule.of_arn(scope, monitoring_schedule_arn)
        return ImportedModelExplainabilityMonitor(scope, id, schedule=schedule, settings=settings)
