"""What the two monitors share: the resources from the role to the schedule."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam

from . import _l1, _requests
from ._baseline import Baseline
from ._baseline_document import baseline_documents
from ._batch import Batch, BatchedConstruct
from ._clarify_image import REGIONS_WITHOUT_RESOURCE_TYPES, check_region
from ._config.baseline_options import BaselineOptions
from ._config_assets import check_size
from ._foreign_bucket import warn_of_foreign_bucket
from ._handler_permissions import HandlerAccess
from ._isolation import warn_of_isolation
from ._job_permissions import DATA_KEY_ACTIONS, VOLUME_KEY_ACTIONS, JobAccess
from ._job_role import JobRole, given_role, new_role
from ._keys import EncryptionKey, warn_of_other_accounts
from ._naming import MonitorNames
from ._observability import execution_rule, metric
from ._places import Places
from ._plan import Plan
from ._requests import JobIdentity
from ._stack import StackEnvironment
from ._validation import InvalidType, check_unicode, is_token, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_events as events
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

    from ._config.analysis.data_config import DataConfig
    from ._config.monitor_settings import MonitorSettings
    from ._monitoring_kind import MonitoringKind
    from ._spec.analysis.analysis_spec import AnalysisSpec
    from ._spec.monitoring_target import MonitoringTarget

_SAGEMAKER = "aws-cdk-lib.aws_sagemaker"


@jsii.implements(iam.IGrantable, cdk.ITaggable)
class ClarifyMonitor(BatchedConstruct):
    """A Clarify monitor: a role, a baseline, a job definition and a schedule.

    The public classes shape and check what differs between the two kinds, before the first resource is made.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  CDK's name
        *,
        kind: MonitoringKind,
        analysis: AnalysisSpec,
        data_config: DataConfig | None,
        monitored: MonitoringTarget,
        settings: MonitorSettings,
    ) -> None:
        if not isinstance(id, str):
            raise InvalidType("id", "be a string", id)
        check_unicode("id", id)
        environment = self._environment = StackEnvironment.of(scope)
        check_region(environment)
        check_size(analysis)
        environment.check_schedule_name(settings.monitor_schedule_name)
        if data_config:
            environment.check_asset(data_config)
        baselined = data_config if analysis.baselining is not None else None
        names = MonitorNames(environment.name, environment.path_of(scope, id), settings.base_job_name)
        bucket = settings.bucket
        plan = self._plan = Plan(
            kind=kind,
            settings=settings,
            analysis=analysis,
            baselined=baselined,
            monitored=monitored,
            names=names,
            places=Places.of(
                names,
                settings,
                analysis,
                baselined,
                monitored,
                bucket_name=lambda: bucket.bucket_name if bucket else environment.bucket_name,
                environment_path=f"{environment.account}/{environment.region}",
            ),
        )
        data_keys = EncryptionKey.of(settings.output_kms_key, bucket.encryption_key if bucket else None)
        access = JobAccess.of(plan, data_keys)
        batch = Batch()
        self._role = self._add_role(batch, scope, access)
        identity = JobIdentity.of(environment, settings, self._role.arn_in(batch))
        self._tags: cdk.TagManager | None = None
        self._baseline = self._add_baseline(batch, identity, data_keys)
        definition = self._add_definition(batch, identity)
        schedule = batch.new(
            f"{_SAGEMAKER}.CfnMonitoringSchedule",
            self,
            "Resource",
            _l1.properties(plan.schedule(self._definition_name_in(batch, definition))),
        )
        if self._baseline:
            environment.schedule_guard.watch(batch, plan.schedule_name, schedule)
        if baselined:
            environment.baseline_provider.allow_to_pass(batch, self._role)
        super().__init__(scope, id, batch)
        environment.schedule_names.add(plan.schedule_name)
        self._warn(access)

    # ---------------------------------------------------------------- attributes
    @property
    def monitoring_schedule_name(self) -> str:
        """The name of the monitoring schedule."""
        return self._plan.schedule_name

    @property
    def monitoring_schedule_arn(self) -> str:
        """The ARN of the monitoring schedule."""
        return self._attribute("Resource", "attrMonitoringScheduleArn")

    @cached_property
    def job_definition_name(self) -> str:
        """The name of the job definition: CloudFormation makes a new one for each change."""
        batch = Batch()
        return batch.answer(self._definition_name_in(batch, batch.child(self, "JobDefinition")))

    @property
    def job_definition_arn(self) -> str:
        """The ARN of the job definition."""
        return self._attribute("JobDefinition", "attrJobDefinitionArn")

    @property
    def baselining_job_name(self) -> str | None:
        """The name of the baselining job that suggested the constraints; None: no baselining job."""
        return self._baseline.answer("BaseliningJobName") if self._baseline and self._plan.baselined else None

    @property
    def constraints_s3_uri(self) -> str | None:
        """The S3 URI of the constraints; None: there are none.

        They are the given ones, or those that the baselining job suggested, with any `constraints_overrides` in them.
        """
        if given := self._plan.settings.constraints_s3_uri:
            return given
        return self._baseline.answer("ConstraintsS3Uri") if self._baseline and self._plan.baselined else None

    @property
    def analysis_config_s3_uri(self) -> str:
        """The S3 URI of the analysis config that the monitoring executions use."""
        if given := self._plan.analysis.monitoring_uri:
            return given
        assert self._baseline  # noqa: S101  it writes every config that is not given
        return self._baseline.answer("AnalysisConfigS3Uri")

    @property
    def output_s3_uri(self) -> str:
        """The S3 URI below which the monitoring executions write their reports."""
        return self._plan.places.output_s3_uri

    @property
    def bucket(self) -> s3.IBucket:
        """The bucket for what this monitor writes: the given one, else one that the stack's monitors share.

        The latter is made on first use: here, if everything that the monitor writes was given another place.
        """
        return self._plan.settings.bucket or self._environment.bucket

    @property
    def role(self) -> iam.IRole:
        """The role that the baselining job and the monitoring executions run under.

        One that was made here is an imported role to the CDK: what it is granted goes to a policy of its own. It takes
        no managed policies of AWS; give a `role` that has them.
        """
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
            given = [cdk.CfnTag(key=tag["Key"], value=tag["Value"]) for tag in _requests.tags(self._plan.settings)]
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

        Events tell of the monitor by its role and its output: it needs one of the two for itself.

        Args:
            id: The rule's id, unique in the monitor.
            target: What the event goes to. Default: none, add some with `rule.add_target`.
            description: The rule's description. Default: none.
        """
        violated = {"ProcessingJobStatus": ["Completed"], "ExitMessage": [{"prefix": "CompletedWithViolations"}]}
        return self._execution_rule(id, violated, target, description)

    def on_execution_failed(
        self,
        id: str,  # noqa: A002  CDK's name
        *,
        target: events.IRuleTarget | None = None,
        description: str | None = None,
    ) -> events.Rule:
        """Add a rule for executions that failed or were stopped.

        One whose ground truth could not be merged in is among them; a baselining job is not, the deployment tells.
        See `on_violations`.

        Args:
            id: The rule's id, unique in the monitor.
            target: What the event goes to. Default: none, add some with `rule.add_target`.
            description: The rule's description. Default: none.
        """
        failed = {"ProcessingJobStatus": ["Failed", "Stopped"]}
        return self._execution_rule(id, failed, target, description)

    # ---------------------------------------------------------------- parts
    def _metric(
        self, name: str, dimensions: Mapping[str, str], statistic: str, period: cdk.Duration | None
    ) -> cloudwatch.Metric:
        return metric(self, self._plan, name, dimensions=dimensions, statistic=statistic, period=period)

    def _execution_rule(
        self, id_: str, detail: Mapping[str, Any], target: events.IRuleTarget | None, description: str | None
    ) -> events.Rule:
        text()("id", id_)
        if description is not None:
            text(may_be_empty=True)("description", description)
        batch = Batch()
        arn = batch.answer(self._role.arn_in(batch))
        return execution_rule(
            self, id_, self._plan, role_arn=arn, detail=detail, target=target, description=description
        )

    def _role_for_grants(self) -> iam.IRole:
        """The role, which is about to get more permissions: the baselining job starts after it has them."""
        role = self._role.find()
        if self._baseline:
            self._baseline.wait_for(role)
        return role

    def _warn(self, access: JobAccess) -> None:
        """Tell what the deployment may fail of, and what only others can allow."""
        environment, settings = self._environment, self._plan.settings
        if environment.region in REGIONS_WITHOUT_RESOURCE_TYPES:
            cdk.Annotations.of(self).add_warning_v2(
                "cdk-clarify-monitors:region",
                f"CloudFormation's published schemas have no {self._plan.kind.monitoring_type}JobDefinition in "
                f"{environment.region}: the deployment fails there unless AWS has added it since",
            )
        warn_of_isolation(self, settings.network_config, access.predictors)
        warn_of_other_accounts(self, environment, access.data_keys, DATA_KEY_ACTIONS)
        warn_of_other_accounts(self, environment, access.volume_keys, VOLUME_KEY_ACTIONS)
        if settings.bucket:
            warn_of_foreign_bucket(self, environment, settings.bucket)

    def _add_role(self, batch: Batch, scope: Construct, access: JobAccess) -> JobRole:
        environment, given = self._environment, self._plan.settings.role
        if given is not None:
            apart = is_token(self._plan.settings.constraints_s3_uri)
            return given_role(batch, self, environment, access, given, apart=apart)
        return new_role(batch, self, environment, access, customized=environment.customizes_roles(scope))

    def _add_baseline(self, batch: Batch, identity: JobIdentity, keys: Sequence[EncryptionKey]) -> Baseline | None:
        """The custom resource, if there is anything for it to do."""
        plan = self._plan
        options = plan.settings.baseline or BaselineOptions()
        documents = baseline_documents(plan, options, identity)
        if not documents:
            return None
        return Baseline(
            batch,
            self,
            self._environment,
            documents=documents,
            schedule_inputs=plan.schedule_inputs(identity),
            tags=_requests.tags(plan.settings),
            access=HandlerAccess.of(plan, options, keys),
        )

    def _add_definition(self, batch: Batch, identity: JobIdentity) -> str:
        plan = self._plan

        def answered(attribute: str) -> str:
            assert self._baseline  # noqa: S101  it writes every config, and runs every job, that is not given
            return self._baseline.answer_in(batch, attribute)

        constraints_uri = plan.settings.constraints_s3_uri
        if plan.baselined and not constraints_uri:
            constraints_uri = answered("ConstraintsS3Uri")
        config_uri = plan.analysis.monitoring_uri or answered("AnalysisConfigS3Uri")
        request = plan.definition(identity, config_uri=config_uri, constraints_uri=constraints_uri)
        type_ = f"{_SAGEMAKER}.Cfn{plan.kind.monitoring_type}JobDefinition"
        return batch.new(type_, self, "JobDefinition", _l1.properties(request))

    def _definition_name_in(self, batch: Batch, definition: str) -> str:
        """The name of the job definition: neither Ref nor an attribute of the resource is it; its ARN ends in it."""
        arn = batch.get(definition, "attrJobDefinitionArn")
        return batch.call("aws-cdk-lib.Arn", "extractResourceName", arn, self._plan.kind.arn_type)

    def _attribute(self, id_: str, name: str) -> str:
        """An attribute of one of the monitor's resources."""
        batch = Batch()
        return batch.answer(batch.get(batch.child(self, id_), name))
