"""What the two monitors share: the resources from the role to the schedule."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from . import _l1, _requests
from ._baseline import Baseline
from ._baseline_options import BaselineOptions
from ._clarify_image import REGIONS_WITHOUT_RESOURCE_TYPES, check_region
from ._custom_resource_document import summary
from ._foreign_bucket import warn_of_foreign_bucket
from ._garbage import garbage_collection_paused
from ._handler_permissions import HandlerAccess
from ._isolation import warn_of_isolation
from ._job_permissions import DATA_KEY_ACTIONS, VOLUME_KEY_ACTIONS, JobAccess
from ._job_role import JobRole, given_role, new_role
from ._keys import EncryptionKey, warn_of_other_accounts
from ._naming import MonitorNames
from ._observability import execution_rule, metric, metric_namespace
from ._places import Places
from ._requests import JobIdentity
from ._s3 import starting_with
from ._stack import StackEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_events as events
    from aws_cdk import aws_s3 as s3

    from ._analysis import Analysis
    from ._data_config import DataConfig
    from ._monitor_input import MonitoringType
    from ._requests import Request
    from ._settings import MonitorSettings

_JOB_DEFINITIONS: dict[MonitoringType, Any] = {
    "ModelBias": sagemaker.CfnModelBiasJobDefinition,
    "ModelExplainability": sagemaker.CfnModelExplainabilityJobDefinition,
}

# As the names of metrics have them.
_KINDS: dict[MonitoringType, str] = {"ModelBias": "bias", "ModelExplainability": "explainability"}

# Of the document that the custom resource gets.
_DOCUMENT_VERSION = 1


@jsii.implements(iam.IGrantable, cdk.ITaggable)
class ClarifyMonitor(Construct):
    """A Clarify monitor: a role, a baseline, a job definition and a schedule.

    The public classes shape and check what differs between the two kinds, before the first resource is made.
    """

    @garbage_collection_paused()
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  CDK's name
        *,
        monitoring_type: MonitoringType,
        analysis: Analysis,
        data_config: DataConfig | None,
        job_input: Request,
        settings: MonitorSettings,
    ) -> None:
        environment = StackEnvironment.of(scope)
        check_region(environment)
        super().__init__(scope, id)
        if environment.region in REGIONS_WITHOUT_RESOURCE_TYPES:
            cdk.Annotations.of(self).add_warning_v2(
                "cdk-clarify-monitors:region",
                f"CloudFormation's published schemas have no {monitoring_type}JobDefinition in {environment.region}: "
                "the deployment fails there unless AWS has added it since",
            )
        self._environment = environment
        self._settings = settings
        self._tags: cdk.TagManager | None = None
        self._endpoint_name = job_input.get("EndpointInput", {}).get("EndpointName")
        self._analysis = analysis
        self._names = MonitorNames(environment.name, environment.path_of(scope, id), settings.base_job_name)

        baselined = data_config if analysis.baselining is not None else None
        self._places = Places.of(self._names, settings, analysis, baselined, job_input, self._bucket_name)
        self._data_keys = EncryptionKey.of(
            settings.output_kms_key, settings.bucket.encryption_key if settings.bucket else None
        )
        self._role = self._make_role(scope, monitoring_type, job_input)
        identity = JobIdentity(
            image_uri=environment.image_uri,
            role_arn=self._role.arn,
            volume_kms_key_arn=settings.volume_kms_key.key_arn if settings.volume_kms_key else None,
            output_kms_key_arn=settings.output_kms_key.key_arn if settings.output_kms_key else None,
        )
        schedule_name = self._schedule_name = settings.monitor_schedule_name or self._names.schedule
        definition = partial(
            _requests.job_definition,
            identity,
            settings,
            monitoring_type,
            job_input=job_input,
            output_s3_uri=self.output_s3_uri,
        )
        schedule = partial(_requests.monitoring_schedule, settings, monitoring_type, name=schedule_name)
        self._baseline = self._make_baseline(
            baselined,
            identity,
            schedule_name,
            # All that makes CloudFormation update the schedule, but for what the baseline itself answers.
            summary(
                {
                    "Definition": definition(
                        config_uri=analysis.monitoring_uri or "", constraints_uri=settings.constraints_s3_uri
                    ),
                    "Schedule": schedule(job_definition_name=""),
                }
            ),
        )
        self._definition = _JOB_DEFINITIONS[monitoring_type](
            self,
            "JobDefinition",
            **_l1.keyword_arguments(
                definition(config_uri=self.analysis_config_s3_uri, constraints_uri=self.constraints_s3_uri)
            ),
        )
        self._definition_arn: str = self._definition.attr_job_definition_arn
        # Neither Ref nor an attribute of the resource type is the name; its ARN ends in it.
        self._definition_name = cdk.Arn.extract_resource_name(
            self._definition_arn, _requests.DEFINITION_ARN_TYPES[monitoring_type]
        )
        self._schedule = sagemaker.CfnMonitoringSchedule(
            self, "Resource", **_l1.keyword_arguments(schedule(job_definition_name=self.job_definition_name))
        )
        if self._baseline:
            environment.schedule_guard.watch(schedule_name, self._schedule)

    # ---------------------------------------------------------------- attributes
    @property
    def monitoring_schedule_name(self) -> str:
        """The name of the monitoring schedule."""
        return self._schedule_name

    @property
    def monitoring_schedule_arn(self) -> str:
        """The ARN of the monitoring schedule."""
        return self._schedule.attr_monitoring_schedule_arn

    @property
    def job_definition_name(self) -> str:
        """The name of the job definition: CloudFormation makes a new one for each change."""
        return self._definition_name

    @property
    def job_definition_arn(self) -> str:
        """The ARN of the job definition."""
        return self._definition_arn

    @property
    def baselining_job_name(self) -> str | None:
        """The name of the baselining job that suggested the constraints; None: no baselining job."""
        return (
            self._baseline.answer("BaseliningJobName") if self._baseline and self._places.baselining_results else None
        )

    @property
    def constraints_s3_uri(self) -> str | None:
        """The S3 URI of the constraints, given or suggested by the baselining job; None: there are none."""
        if self._settings.constraints_s3_uri:
            return self._settings.constraints_s3_uri
        return self._baseline.answer("ConstraintsS3Uri") if self._baseline and self._places.baselining_results else None

    @property
    def analysis_config_s3_uri(self) -> str:
        """The S3 URI of the analysis config that the monitoring executions use."""
        if self._analysis.monitoring_uri:
            return self._analysis.monitoring_uri
        assert self._baseline  # noqa: S101  it writes every config that is not given
        return self._baseline.answer("AnalysisConfigS3Uri")

    @property
    def output_s3_uri(self) -> str:
        """The S3 URI below which the monitoring executions write their reports."""
        return self._places.output_s3_uri

    @property
    def bucket(self) -> s3.IBucket:
        """The bucket for what this monitor writes: the given one, else one that the stack's monitors share."""
        return self._settings.bucket or self._environment.bucket

    @property
    def role(self) -> iam.IRole:
        """The role that the baselining job and the monitoring executions run under."""
        return self._role_for_grants()

    @property
    @jsii.member(jsii_name="grantPrincipal")
    def grant_principal(self) -> iam.IPrincipal:
        """The role as the principal of grants: `bucket.grant_read(monitor)`."""
        return self._role_for_grants().grant_principal

    @property
    @jsii.member(jsii_name="tags")
    def tags(self) -> cdk.TagManager:
        """The tags of the baselining job, as `Tags.of(…)` finds them; the other resources have their own."""
        if self._tags is None:
            given = [cdk.CfnTag(key=tag["Key"], value=tag["Value"]) for tag in _requests.tags(self._settings)]
            self._tags = cdk.TagManager(cdk.TagType.STANDARD, "AWS::SageMaker::ProcessingJob", given)
            if self._baseline:
                self._baseline.tag(self._tags.rendered_tags)
        return self._tags

    # ---------------------------------------------------------------- events
    def on_violations(
        self,
        id: str,  # noqa: A002  CDK's name
        *,
        target: events.IRuleTarget | None = None,
        description: str | None = None,
    ) -> events.Rule:
        """Add a rule for executions that found the constraints violated.

        Args:
            id: The rule's id, unique in the monitor.
            target: What the event goes to. Default: none, add some with `rule.add_target`.
            description: The rule's description. Default: none.
        """
        violated = {"ProcessingJobStatus": ["Completed"], "ExitMessage": [{"prefix": "CompletedWithViolations"}]}
        return execution_rule(self, id, self.output_s3_uri, violated, target, description)

    def on_execution_failed(
        self,
        id: str,  # noqa: A002  CDK's name
        *,
        target: events.IRuleTarget | None = None,
        description: str | None = None,
    ) -> events.Rule:
        """Add a rule for executions that failed or were stopped.

        Args:
            id: The rule's id, unique in the monitor.
            target: What the event goes to. Default: none, add some with `rule.add_target`.
            description: The rule's description. Default: none.
        """
        failed = {"ProcessingJobStatus": ["Failed", "Stopped"]}
        return execution_rule(self, id, self.output_s3_uri, failed, target, description)

    # ---------------------------------------------------------------- parts
    def _metric(
        self, kind: str, name: str, dimensions: Mapping[str, str], statistic: str, period: cdk.Duration | None
    ) -> cloudwatch.Metric:
        return metric(
            kind,
            name,
            endpoint_name=self._endpoint_name,
            schedule_name=self.monitoring_schedule_name,
            dimensions=dimensions,
            statistic=statistic,
            period=period,
        )

    def _bucket_name(self) -> str:
        return self._settings.bucket.bucket_name if self._settings.bucket else self._environment.bucket_name

    def _role_for_grants(self) -> iam.IRole:
        """The role, which is about to get more permissions: the baselining job starts after it has them."""
        if self._baseline:
            self._baseline.wait_for(self._role.construct)
        return self._role.construct

    def _make_role(self, scope: Construct, monitoring_type: MonitoringType, job_input: Request) -> JobRole:
        settings, analysis, places = self._settings, self._analysis, self._places
        configs = [config for config in (analysis.monitoring, analysis.baselining) if config]
        access = JobAccess(
            reads=places.job_reads,
            writes=places.job_writes,
            metric_namespace=metric_namespace(_KINDS[monitoring_type], of_endpoint="EndpointInput" in job_input),
            merges="GroundTruthS3Input" in job_input,
            predictor=next((config["predictor"] for config in configs if "predictor" in config), {}),
            network_config=settings.network_config,
            volume_keys=EncryptionKey.of(settings.volume_kms_key),
            data_keys=self._data_keys,
        )
        warn_of_isolation(self, settings.network_config, configs)
        warn_of_other_accounts(self, self._environment, access.data_keys, DATA_KEY_ACTIONS)
        warn_of_other_accounts(self, self._environment, access.volume_keys, VOLUME_KEY_ACTIONS)
        if settings.bucket:
            warn_of_foreign_bucket(self, self._environment, settings.bucket)
        if settings.role is None:
            customized = self._environment.customizes_roles(scope)
            return new_role(self, self._environment, access, customized=customized)
        return given_role(self, self._environment, access, settings.role)

    def _make_baseline(
        self, baselined: DataConfig | None, identity: JobIdentity, schedule_name: str, schedule_inputs: Sequence[Any]
    ) -> Baseline | None:
        """The custom resource, if there is anything for it to do."""
        settings, analysis, places = self._settings, self._analysis, self._places
        if not (places.monitoring_configs or places.baselining_configs):
            return None
        options = settings.baseline or BaselineOptions()
        document: dict[str, Any] = {
            "Version": _DOCUMENT_VERSION,
            "Name": self._names.unique,
            "Schedule": schedule_name,
        }
        if self._names.job_prefix != self._names.unique:
            document["NamePrefix"] = self._names.job_prefix
        if places.monitoring_configs:
            document["Monitoring"] = {
                "Location": places.monitoring_configs.location.uri,
                "AnalysisConfig": analysis.monitoring,
            }
        if baselined and places.baselining_configs and places.baselining_results:
            document["Baselining"] = {
                "AnalysisConfig": analysis.baselining,
                "ProcessingJob": _requests.processing_job(
                    identity, settings, options, baselined, places.baselining_results.location.uri
                ),
                **({"BaselineVersion": options.version} if options.version else {}),
                **({"DatasetIdentity": True} if options.dataset_identity else {}),
            }
            if places.baselining_configs != places.baselining_results:
                document["Baselining"]["ConfigLocation"] = places.baselining_configs.location.uri
        if identity.output_kms_key_arn:
            document["UploadKmsKeyId"] = identity.output_kms_key_arn
        access = HandlerAccess(
            configs=places.config_patterns,
            claims=places.claim_patterns,
            results=places.result_patterns,
            removes=options.remove_outputs,
            dataset=starting_with(baselined.s3_data_input_path) if baselined and options.dataset_identity else None,
            job_pattern=self._names.job_pattern if baselined else None,
            schedule=settings.monitor_schedule_name or self._names.schedule_pattern,
            job_role_arn=identity.role_arn,
            keys=self._data_keys,
        )
        return Baseline(self, self._environment, document, options, access, schedule_inputs, _requests.tags(settings))
