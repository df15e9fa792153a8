"""What the two monitors share: the resources from the role to the schedule."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._base.grants import ResultLocation, check_statement
from .._base.monitor_base import ClarifyMonitorBase
from .._config.analysis.data_config import DataConfig
from .._config.constraints import Constraints
from .._config.monitor_settings import MonitorSettings
from .._config.monitoring_kind import BIAS
from .._config.schedule_expression import hours_between_executions, runs_once
from .._lazy_module import LazyModule
from .._observability.graphs import BaselineValue
from .._observability.metrics import MetricSource
from .._observability.rules import execution_detail
from .._permissions.functions_policy import reading_policy
from .._permissions.keys import EncryptionKey
from .._spec.analysis.analysis_spec import AnalysisSpec
from .._spec.baseline_answer import values_that_fit
from .._spec.custom_resource_document import to_text
from .._spec.monitor_spec import MonitorSpec
from .._spec.monitoring_target import MonitoringTarget
from .._spec.naming import MonitorNames
from .._spec.s3_layout import S3Layout
from .._spec.s3_location import S3Location
from .._spec.several_instances import check_several_instances
from .._validation import (
    GRANTEE,
    ID,
    InvalidType,
    InvalidValue,
    MembersOfClasses,
    NamedArguments,
    check_free,
    is_token,
    text,
)
from . import _jsii
from .config_assets import check_size
from .monitor_document import monitor_document
from .property_injection import UNASKED
from .stack import MonitoredStack

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_s3 as s3

else:
    ec2 = LazyModule("aws_cdk.aws_ec2")
    s3 = LazyModule("aws_cdk.aws_s3")


class _MonitorMeta(jsii.JSIIMeta, MembersOfClasses):
    """The metaclass of monitors, which says what to do in place of using members of the SDK's monitors."""


@jsii.implements(iam.IGrantable, cdk.ITaggable)
class ClarifyMonitor(
    NamedArguments, ClarifyMonitorBase, metaclass=_MonitorMeta, jsii_type=f"{_jsii.ASSEMBLY}.MonitorResources"
):
    """A Clarify monitor: a role, a baseline, a job definition and a schedule.

    The public classes define and check what differs between the two kinds, before the first resource is created.
    `monitor-resources.js` creates the resources, from one message to the CDK's process.
    """

    # The id under which property injectors of the CDK change the arguments of monitors of a kind.
    PROPERTY_INJECTION_ID: ClassVar[str]

    _is_injected: bool

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  CDK's name
        *,
        analysis: AnalysisSpec,
        data_config: DataConfig | None,
        monitored: MonitoringTarget,
        settings: MonitorSettings,
    ) -> None:
        ID("id", id)
        stack = MonitoredStack.of(scope)
        baselined = data_config if analysis.baselining is not None else None
        shared_name = _check_in_stack(stack, settings, analysis, data_config, monitored)
        check_several_instances(settings, baselined, monitored)
        names = MonitorNames(stack.environment.name, stack.path_of(scope, id), settings.base_job_name)
        bucket = stack.monitor_bucket(settings.bucket, baselined)
        references = _references(settings)
        self._is_in_vpc = settings.vpc is not None
        settings = settings.in_vpc(stack.security_group_id)
        self._monitor_spec = MonitorSpec(
            kind=self._kind,
            settings=settings,
            analysis=analysis,
            baselined=baselined,
            monitored=monitored,
            names=names,
            s3_layout=S3Layout.of(names, settings, analysis, baselined, monitored, bucket),
        )
        kept = stack.kept.check(settings, baselined, analysis.monitoring_uri, stack.canonical)
        self._create(scope, id, self._document(stack), references)
        stack.statements.mark_sent()
        stack.kept.keep(kept)
        if shared_name:
            cdk.Annotations.of(self).add_warning_v2("cdk-clarify-monitors:schedule-name", shared_name)

    def _document(self, stack: MonitoredStack) -> str:
        """What JavaScript makes the monitor of."""
        stack.prepare_images()
        settings = self._monitor_spec.settings
        data_keys = EncryptionKey.of(
            settings.output_kms_key, settings.bucket.encryption_key if settings.bucket else None
        )
        injection_id = None if self._is_injected else self.PROPERTY_INJECTION_ID
        document = {**monitor_document(self._monitor_spec, stack, data_keys), "injectionId": injection_id}
        return json.dumps(document, separators=(",", ":"))

    def _create(self, scope: Construct, id_: str, document: str, references: Mapping[str, Any]) -> None:
        try:
            jsii.create(type(self), self, [scope, id_, document, references])
        except RuntimeError as error:
            if "already a Construct with name" in str(error):
                check_free(scope, id_)
            if UNASKED not in str(error):
                scope.node.try_remove_child(id_)  # half a monitor
            raise

    # ---------------------------------------------------------------- attributes
    @property
    def monitoring_schedule_name(self) -> str:
        """The name of the monitoring schedule, as its L1 construct (`node.default_child`) has it."""
        return self._text("monitoringScheduleName")

    @property
    def monitoring_schedule_arn(self) -> str:
        """The ARN of the monitoring schedule."""
        return self._text("monitoringScheduleArn")

    @property
    def job_definition_name(self) -> str:
        """The name of the job definition: CloudFormation creates a new definition for each change."""
        return self._text("jobDefinitionName")

    @property
    def job_definition_arn(self) -> str:
        """The ARN of the job definition."""
        return self._text("jobDefinitionArn")

    @property
    def baselining_job_name(self) -> str | None:
        """The name of the baselining job that suggested the constraints; None: no baselining job."""
        return self._text("baseliningJobName") if self._monitor_spec.baselined else None

    @property
    def constraints_s3_uri(self) -> str | None:
        """The S3 URI of the constraints; None: there are none.

        These are the given constraints, or those that the baselining job suggested, with any `constraints_overrides`.
        """
        if given := self._monitor_spec.settings.constraints_s3_uri:
            return given
        return self._text("suggestedConstraintsS3Uri") if self._monitor_spec.baselined else None

    @property
    def analysis_config_s3_uri(self) -> str:
        """The S3 URI of the analysis config that the monitoring executions use."""
        return self._monitor_spec.analysis.monitoring_uri or self._text("analysisConfigS3Uri")

    @property
    def endpoint_name(self) -> str | None:
        """The name of the endpoint that is monitored; None: batch transform jobs are."""
        return self._monitor_spec.monitored.endpoint_name or None

    @property
    def output_s3_uri(self) -> str:
        """The S3 URI below which the monitoring executions write their reports."""
        return self._monitor_spec.s3_layout.output_s3_uri

    @property
    def stack(self) -> cdk.Stack:
        """The stack around the monitor."""
        return cdk.Stack.of(self)

    @property
    def bucket(self) -> s3.IBucket | None:
        """The bucket that this monitor writes to: the given one, or else one that the stack's monitors share.

        None: no bucket is given, and everything that the monitor writes has another location.
        """
        return cast("s3.IBucket | None", jsii.get(self, "bucket"))

    @property
    def role(self) -> iam.IRole:
        """The role that the baselining job and the monitoring executions run under: an `iam.Role` if none was given.

        The baselining job starts after all permissions that you grant to the role are in place.
        """
        return cast("iam.IRole", jsii.get(self, "role"))

    @property
    @jsii.member(jsii_name="grantPrincipal")
    def grant_principal(self) -> iam.IPrincipal:
        """The role as the principal of grants: `bucket.grant_read(monitor)`."""
        return cast("iam.IPrincipal", jsii.get(self, "grantPrincipal"))

    @property
    @jsii.member(jsii_name="tags")
    def tags(self) -> cdk.TagManager:
        """The tags of the baselining job, from `Tags.of(…)`; the other resources have their own."""
        return cast("cdk.TagManager", jsii.get(self, "tags"))

    @property
    @jsii.member(jsii_name="connections")
    def connections(self) -> ec2.Connections:
        """The jobs' connections: `monitor.connections.allow_to(…)`, `other.connections.allow_from(monitor, …)`.

        Raises:
            ValueError: The monitor has no `vpc`. A `network_config` only has the ids of groups, which have connections
                of their own.
        """
        if not self._is_in_vpc:
            remedy = "write vpc=… in place of the ids in a 'network_config'"
            raise InvalidValue("vpc", "be given for a monitor to have connections", None, remedy)
        return cast("ec2.Connections", jsii.get(self, "connections"))

    # ---------------------------------------------------------------- lifecycle
    def expire_results(self, after: cdk.Duration, *, merged_after: cdk.Duration | None = None) -> None:
        """Let S3 delete the executions' results after some time.

        An hourly monitor writes a report each hour. The baseline is kept. Captured data and ground truth are in your
        own buckets, which need their own rules.

        Args:
            after: How long results are kept: whole days.
            merged_after: How long a bias monitor's merged files, which contain all captured records again, are kept:
                whole days, at most `after`. Nothing reads them after their execution has ended. Default: as long as the
                results.

        Raises:
            ValueError: The results have another place, the bucket is none of the app's own, or nothing is merged; or
                there is a rule for the place already, or a monitor of the app reads something there.
            TypeError: It is not a duration.
        """
        days = _whole_days("after", after)
        merged_days = None if merged_after is None else _whole_days("merged_after", merged_after)
        uri, bucket = self.output_s3_uri, self.bucket
        location = S3Location.parse(uri)
        prefix = f"{location.key}/"
        if not location.key or not isinstance(bucket, s3.Bucket) or not self._is_in_bucket(location):
            remedy = f"add a lifecycle rule with prefix {prefix!r} where the bucket is made"
            if not location.key:
                remedy = "a rule would take in all that is in the bucket: write the results below a prefix"
            raise InvalidValue("output_s3_uri", "be in a bucket of the app that the monitor has", uri, remedy)
        if merged_after is not None and merged_days is not None:
            if self._monitor_spec.kind is not BIAS:
                raise InvalidValue(
                    "merged_after", "be left out", f"{merged_days:g} days", "this monitor merges nothing"
                )
            if not is_token(days) and not is_token(merged_days) and merged_days > days:
                raise InvalidValue("merged_after", f"be at most {days:g} days, as 'after'", f"{merged_days:g} days")
        stack = MonitoredStack.of(self)
        stack.kept.expire(stack.canonical(location.uri))
        if merged_after is not None:
            bucket.add_lifecycle_rule(prefix=f"{prefix}merge/", expiration=merged_after)
        bucket.add_lifecycle_rule(prefix=prefix, expiration=after)

    # ---------------------------------------------------------------- permissions
    def grant_read_baseline(self, grantee: iam.IGrantable) -> None:
        """Let a principal, such as another account, read this monitor's baselines, to use them as `constraints`.

        For a principal of another account, this changes the policies of the bucket and of its key. The principal needs
        the same permissions in its own account. A monitor with `constraints` has them for the bucket; for the key, use
        `key.grant_decrypt(monitor)`.

        Args:
            grantee: Who may read, such as `iam.AccountPrincipal("222222222222")`. It may also list the bucket, as
                processing jobs do.

        Raises:
            ValueError: There is no baselining job, or the app does not create the bucket with its results.
            TypeError: It is not a principal.
        """
        _check_grantee(grantee)
        spec, bucket = self._monitor_spec, self.bucket
        results = spec.s3_layout.baselining_results
        if spec.baselined is None or results is None:
            given = spec.settings.constraints_s3_uri
            remedy = "this monitor computes no baseline: grant where its constraints come from"
            raise InvalidValue("constraints", "be left out", given, remedy)
        folder = results.location.as_pattern().below(f"{spec.names.job_prefix}-*")
        if not isinstance(bucket, s3.Bucket) or not self._is_in_bucket(results.location):
            remedy = f"allow s3:GetObject on {folder.key!r} where the bucket is made"
            raise InvalidValue("s3_output_path", "be in a bucket of the app that the monitor has", folder.uri, remedy)
        for action, resource in (
            ("s3:GetObject", bucket.arn_for_objects(folder.key)),
            ("s3:ListBucket", bucket.bucket_arn),
        ):
            granted = iam.Grant.add_to_principal_or_resource(
                grantee=grantee, actions=[action], resource_arns=[resource], resource=bucket
            )
        if key := spec.settings.output_kms_key or bucket.encryption_key:
            decrypts = key.grant_decrypt(grantee)
            # What the CDK says of success counts a statement that an imported key did not take.
            statement = decrypts.resource_statement
            taken = decrypts.success and (
                statement is None or key.add_to_resource_policy(statement, True).statement_added
            )
            remedy = "allow kms:Decrypt in the key's policy, which is not this app's to change"
        else:
            taken = granted.resource_statement is None or not self._is_encrypted_by_aws_key(bucket)
            remedy = "give the bucket a kms.Key of its own, as nobody can allow anything with AWS's (aws/s3)"
        if not taken:
            message = f"whoever may read the baselines by 'grant_read_baseline' cannot decrypt them: {remedy}"
            cdk.Annotations.of(self).add_warning_v2("cdk-clarify-monitors:baseline-key", message)

    def add_to_role_policy(self, statement: iam.PolicyStatement) -> None:
        """Give the monitor's jobs more permissions: add a statement to the policy of their role.

        The baselining job waits for the statement. A role of yours that cannot be changed stays as it is, and a warning
        has the statement.

        Args:
            statement: The statement.

        Raises:
            TypeError: It is not a statement.
        """
        check_statement(statement)
        jsii.invoke(self, "addToRolePolicy", [statement])

    # ---------------------------------------------------------------- parts
    def _is_in_bucket(self, location: S3Location) -> bool:
        """Whether a place is in the bucket that the monitor has."""
        bucket, stack = self.bucket, MonitoredStack.of(self)
        names = {stack.environment.bucket_name} if self._monitor_spec.settings.bucket is None else set()
        return bucket is not None and location.bucket in {*names, bucket.bucket_name}

    def _is_encrypted_by_aws_key(self, bucket: s3.Bucket) -> bool:
        resource = cast("s3.CfnBucket", bucket.node.default_child)
        encryption = json.dumps(cdk.Stack.of(bucket).resolve(resource.bucket_encryption))
        return '"aws:kms' in encryption and "kmsMasterKeyId" not in encryption

    @property
    def _analysis_config(self) -> Mapping[str, Any] | None:
        return self._monitor_spec.analysis.monitoring

    @property
    def _baselining_config(self) -> Mapping[str, Any] | None:
        return self._monitor_spec.analysis.baselining

    @property
    def _hours_between_executions(self) -> int | None:
        expression = self._monitor_spec.settings.schedule_cron_expression
        return None if expression is not None and is_token(expression) else hours_between_executions(expression)

    @property
    def _runs_once(self) -> bool:
        return runs_once(self._monitor_spec.settings.schedule_cron_expression)

    @property
    def _constraint_limits(self) -> Sequence[Mapping[str, Any]]:
        return self._monitor_spec.analysis.constraints_overrides

    @property
    def _given_constraints(self) -> Mapping[str, Any]:
        constraints = self._monitor_spec.settings.constraints
        return (constraints.body_dict or {}) if isinstance(constraints, Constraints) else {}

    def _room_for_values(self, metrics: Sequence[str]) -> int:
        settings = self._monitor_spec.settings
        if self._given_constraints:
            return 0
        if settings.constraints_s3_uri is not None:
            must = "be left out where the content of the 'constraints' is not known"
            raise InvalidValue("baseline_metrics", must, metrics, "pass Constraints(body_dict, …)")
        if self._monitor_spec.baselined is None:
            must, remedy = "be left out without a baseline", "pass a 'data_config', which a baselining job reads"
            raise InvalidValue("baseline_metrics", must, metrics, remedy)
        if settings.baseline and not settings.baseline.wait:
            must = "be left out with BaselineOptions(wait=False)"
            raise InvalidValue("baseline_metrics", must, metrics, "the deployment ends before there are values")
        return values_that_fit(self._monitor_spec)

    def _baseline_value(self, value: BaselineValue) -> float:
        stack = MonitoredStack.of(self)
        statements = reading_policy(stack.environment, self._monitor_spec)
        access = {"handler": stack.statements.of(statements), "statements": stack.statements.unsent}
        token = jsii.invoke(self, "baselineValue", [to_text(dict(value.place)), json.dumps(access)])
        stack.statements.mark_sent()
        return cast("float", token)

    @property
    def _schedule_identity(self) -> tuple[str, str, str]:
        return *MonitoredStack.of(self).location, self._monitor_spec.schedule_name

    def _check_is_here(self, what: str) -> None:
        """It is where its stack is."""

    def _metric_source(self) -> MetricSource:
        spec = self._monitor_spec
        _check_published(spec.settings)
        endpoint = {"Endpoint": spec.monitored.endpoint_name} if spec.monitored.endpoint_name else {}
        schedule = {"MonitoringSchedule": self._text("monitoringScheduleNameToken")}
        hours = hours_between_executions(spec.settings.schedule_cron_expression)
        return MetricSource(spec.metric_namespace, {**endpoint, **schedule}, period_in_hours=hours)

    def _execution_detail(self) -> Mapping[str, Any]:
        spec = self._monitor_spec
        return execution_detail(
            role_arn=self.role.role_arn,
            output_s3_uri=spec.s3_layout.output_s3_uri,
            job_prefix=spec.names.job_prefix if spec.baselined else None,
        )

    def _result_location(self) -> ResultLocation:
        settings, uri = self._monitor_spec.settings, self.output_s3_uri
        given = settings.bucket
        is_inside = settings.output_s3_uri is None or (given and S3Location.parse(uri).bucket == given.bucket_name)
        return ResultLocation(uri, self.bucket if is_inside else None, settings.output_kms_key)

    def _schedule_arns(self) -> list[str]:
        # By the name, not by the resource's attribute: whoever is granted something need not wait for the schedule.
        environment, spec = MonitoredStack.of(self).environment, self._monitor_spec
        names = [self._text("monitoringScheduleNameToken")]
        if not is_token(spec.schedule_name) and spec.schedule_name != spec.schedule_name.lower():
            names.append(spec.schedule_name.lower())
        return [environment.arn("sagemaker", f"monitoring-schedule/{name}") for name in names]

    def _text(self, name: str) -> str:
        """A property of the construct in JavaScript."""
        return cast("str", jsii.get(self, name))


def _check_in_stack(
    stack: MonitoredStack,
    settings: MonitorSettings,
    analysis: AnalysisSpec,
    data_config: DataConfig | None,
    monitored: MonitoringTarget,
) -> str:
    """Refuse what does not go together with the stack, or with what it has already.

    Returns:
        The warning of a schedule's name that another stack may have; empty: there is none.
    """
    check_size(analysis)
    shared_name = stack.check_schedule_name(settings.monitor_schedule_name)
    if data_config:
        stack.check_asset(data_config)
    if settings.vpc is not None:
        stack.check_vpc(settings.vpc)
    if monitored.endpoint_name and is_token(monitored.endpoint_name):
        stack.arns_of([("Endpoint", monitored.endpoint_name)])
    elif settings.data_capture and not monitored.endpoint_name:
        must, remedy = "be left out with 'batch_transform_input'", "that says where the jobs capture their data"
        raise InvalidValue("data_capture", must, settings.data_capture, remedy)
    return shared_name


def _references(settings: MonitorSettings) -> dict[str, Any]:
    """The constructs that JavaScript gets beside the document."""
    groups = [*settings.security_groups] if settings.security_groups else None
    references = {
        "role": settings.role,
        "bucket": settings.bucket,
        "vpc": settings.vpc,
        "securityGroups": groups,
    }
    return {name: reference for name, reference in references.items() if reference is not None}


def _check_published(settings: MonitorSettings) -> None:
    """Refuse metrics of which no data would ever come."""
    enabled, remedy = settings.enable_cloudwatch_metrics, "with it the executions publish no metrics"
    if enabled is False:
        raise InvalidValue("enable_cloudwatch_metrics", "be True where metrics are asked for", enabled, remedy)
    published = (settings.env or {}).get("publish_cloudwatch_metrics")
    if enabled is None and published == "Disabled":
        argument = "env['publish_cloudwatch_metrics']"
        raise InvalidValue(argument, "be 'Enabled' where metrics are asked for", published, remedy)


def _check_grantee(grantee: iam.IGrantable) -> None:
    GRANTEE("grantee", grantee)
    if isinstance(grantee, (iam.AnyPrincipal, iam.StarPrincipal)):
        raise InvalidValue("grantee", "be somebody", "*", "name an account: iam.AccountPrincipal('222222222222')")
    if isinstance(grantee, iam.AccountPrincipal):
        text(pattern="[0-9]{12}", form="the principal of an account of twelve digits")("grantee", grantee.account_id)


def _whole_days(name: str, value: cdk.Duration) -> float:
    if not isinstance(value, cdk.Duration):
        raise InvalidType(name, "be a Duration", value, f"write {name}=cdk.Duration.days(90)")
    days = value.to_days(integral=False)
    if not is_token(days) and (days < 1 or days % 1):
        raise InvalidValue(name, "be one or more whole days", f"{days:g} days", f"write {name}=cdk.Duration.days(90)")
    return days
