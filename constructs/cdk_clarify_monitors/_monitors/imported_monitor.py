"""ImportedMonitor: a monitor that another app, stack, account or region has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam

from .._base.grants import ResultLocation
from .._base.model_bias_monitor_base import ModelBiasMonitorBase
from .._base.model_explainability_monitor_base import ModelExplainabilityMonitorBase
from .._base.monitor_base import ClarifyMonitorBase
from .._config.analysis.analysis_config import BiasAnalysisConfig, ExplainabilityAnalysisConfig
from .._config.monitoring_kind import MonitoringKind
from .._config.schedule_expression import hours_between_executions, runs_once, validate_schedule_expression
from .._observability.graphs import BaselineValue
from .._observability.metrics import MetricSource
from .._observability.rules import execution_detail
from .._resources.stack import takes_permissions
from .._spec.s3_location import S3Location
from .._validation import (
    BUCKET,
    ID,
    KEY,
    ROLE,
    SCOPE,
    STRING_TOKEN,
    InvalidValue,
    NamedMembers,
    Validated,
    boolean,
    check_free,
    instance_of,
    is_token,
    s3_uri,
    stack_of,
    text,
    validated_by,
)
from .._validation.sagemaker import NAME
from .other_spellings import MEMBERS

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

_RESOURCE: Final = "monitoring-schedule"
_TOKEN: Final = f"(?:{STRING_TOKEN.pattern})"
_ARN: Final = re.compile(
    rf"arn:(?:aws[a-z-]*|{_TOKEN}):sagemaker:(?P<region>[a-z0-9-]+|{_TOKEN}):(?P<account>\d{{12}}|{_TOKEN}):"
    rf"{_RESOURCE}/(?P<name>.+)",
    re.DOTALL,
)
_ANY_ARN: Final = re.compile(r"arn:[^:]*:(?P<service>[^:]*):[^:]*:[^:]*:(?P<kind>[^:/]*)")
_ASKED_FROM: Final = "where the monitor is imported (from_monitoring_schedule_name or from_monitoring_schedule_arn)"


@dataclass(frozen=True, kw_only=True)
class ImportedSettings(Validated):
    """What the app says of an imported monitor; None: it says nothing. The methods that import document it."""

    endpoint_name: str | None = field(metadata=validated_by(NAME, optional=True))
    batch_transform: bool = field(metadata=validated_by(boolean))
    analysis_config: BiasAnalysisConfig | ExplainabilityAnalysisConfig | None
    output_s3_uri: str | None = field(metadata=validated_by(s3_uri(512), optional=True))
    output_kms_key: kms.IKey | None = field(metadata=validated_by(KEY, optional=True))
    bucket: s3.IBucket | None = field(metadata=validated_by(BUCKET, optional=True))
    role: iam.IRole | None = field(metadata=validated_by(ROLE, optional=True))
    schedule_cron_expression: str | None = field(metadata=validated_by(validate_schedule_expression, optional=True))

    def check_for(self, kind: MonitoringKind) -> None:
        """Check what depends on the kind of monitor, or on each other."""
        if self.analysis_config is not None:
            config = BiasAnalysisConfig if kind.subject == "bias" else ExplainabilityAnalysisConfig
            instance_of(config)("analysis_config", self.analysis_config)
        if self.batch_transform and self.endpoint_name is not None:
            remedy = "a monitor has an endpoint or watches batch transform jobs"
            raise InvalidValue("endpoint_name", "be left out with batch_transform=True", self.endpoint_name, remedy)
        if self.bucket is not None:
            self._check_bucket(self.bucket)

    def _check_bucket(self, bucket: s3.IBucket) -> None:
        if self.output_s3_uri is None:
            raise InvalidValue(
                "output_s3_uri", "be given with 'bucket'", None, "say where in the bucket the results are"
            )
        name, place = bucket.bucket_name, S3Location.parse(self.output_s3_uri)
        if place.bucket != name and not is_token(name) and not is_token(place.bucket):
            must = f"lie in the given bucket {name!r}"
            raise InvalidValue(
                "output_s3_uri", must, self.output_s3_uri, "leave 'bucket' out, or pass the one of the URI"
            )


@dataclass(frozen=True)
class ImportedSchedule:
    """The name and ARN of a schedule; region and account are None where they are the stack's, or not known."""

    name: str
    arn: str
    account: str | None = None
    region: str | None = None

    @classmethod
    def named(cls, scope: Construct, name: str) -> ImportedSchedule:
        """The schedule of a name, in the account and region of the stack around a construct."""
        SCOPE("scope", scope)
        if isinstance(name, str) and name.startswith("arn:"):
            raise InvalidValue("monitoring_schedule_name", "be a name", name, "use from_monitoring_schedule_arn")
        NAME("monitoring_schedule_name", name)
        return cls(name, stack_of(scope).format_arn(service="sagemaker", resource=_RESOURCE, resource_name=name))

    @classmethod
    def of_arn(cls, scope: Construct, arn: str) -> ImportedSchedule:
        """The schedule of an ARN."""
        SCOPE("scope", scope)
        stack = stack_of(scope)
        text()("monitoring_schedule_arn", arn)
        if STRING_TOKEN.match(arn):
            parts = stack.split_arn(arn, cdk.ArnFormat.SLASH_RESOURCE_NAME)
            return cls(cast("str", parts.resource_name), arn)
        match = _ARN.fullmatch(arn)
        if not match:
            must = (
                "be the ARN of a monitoring schedule (arn:aws:sagemaker:<region>:<account>:monitoring-schedule/<name>)"
            )
            raise InvalidValue("monitoring_schedule_arn", must, arn, _instead_of(arn))
        NAME("monitoring_schedule_arn", match["name"])
        return cls(match["name"], arn, _literal(match["account"]), _literal(match["region"]))


class ImportedMonitor(NamedMembers, ClarifyMonitorBase, cdk.Resource):
    """A monitor that this app does not make: nothing of it is in the template."""

    _members_instead = MEMBERS

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  CDK's name
        *,
        schedule: ImportedSchedule,
        settings: ImportedSettings,
    ) -> None:
        ID("id", id)
        settings.check_for(self._kind)
        check_free(scope, id)
        # The environment is known before the construct: `env` of a resource is where it is, not where the stack goes.
        where = schedule.arn if schedule.account is not None or is_token(schedule.arn) else None
        super().__init__(scope, id, environment_from_arn=where)
        self._schedule = schedule
        self._settings = settings
        self._unknown_principal: iam.IPrincipal | None = None

    # ---------------------------------------------------------------- attributes
    @property
    def monitoring_schedule_name(self) -> str:
        """The name of the monitoring schedule."""
        return self._schedule.name

    @property
    def monitoring_schedule_arn(self) -> str:
        """The ARN of the monitoring schedule."""
        return self._schedule.arn

    @property
    def endpoint_name(self) -> str | None:
        """The name of the endpoint that is monitored; None: batch transform jobs are, or it is not known."""
        return self._settings.endpoint_name

    @property
    def output_s3_uri(self) -> str | None:
        """The S3 URI below which the monitoring executions write their reports; None: not known."""
        return self._settings.output_s3_uri

    @property
    def role(self) -> iam.IRole | None:
        """The role that the monitoring executions run under; None: not known."""
        return self._settings.role

    @property
    @jsii.member(jsii_name="grantPrincipal")
    def grant_principal(self) -> iam.IPrincipal:
        """The role as the principal of grants; if it is not known, one that warns of what it would need."""
        role = self._settings.role
        if role is not None:
            return role.grant_principal
        if self._unknown_principal is None:
            # Its type in Python lacks an optional member of the interface.
            self._unknown_principal = cast("iam.IPrincipal", iam.UnknownPrincipal(resource=self))
        return self._unknown_principal

    # ---------------------------------------------------------------- permissions
    def add_to_role_policy(self, statement: iam.PolicyStatement) -> None:
        """Give the monitor's jobs more permissions: add a statement to the policy of their role.

        A role that is not known, or that takes no permissions from here, such as one of another account, stays as it
        is, and a warning has the statement.

        Args:
            statement: The statement.

        Raises:
            TypeError: It is none.
        """
        super().add_to_role_policy(statement)
        role = self._settings.role
        if role is not None and not takes_permissions(role):
            shown = json.dumps(self.stack.resolve(statement.to_statement_json()), separators=(",", ":"))
            message = "the role of the monitor takes no permissions from here: add this statement to it by hand"
            cdk.Annotations.of(self).add_warning_v2("cdk-clarify-monitors:role-statement", f"{message}: {shown}")

    # ---------------------------------------------------------------- parts
    @property
    def _analysis_config(self) -> Mapping[str, Any] | None:
        config = self._settings.analysis_config
        return None if config is None else config.to_analysis_config()

    def _room_for_values(self, metrics: Sequence[str]) -> int:
        must, remedy = "be left out for an imported monitor", "show its baseline in the app that makes it"
        raise InvalidValue("baseline_metrics", must, metrics, remedy)

    def _baseline_value(self, value: BaselineValue) -> float:
        raise AssertionError("no baseline is known")  # pragma: no cover

    @property
    def _hours_between_executions(self) -> int | None:
        expression = self._settings.schedule_cron_expression
        return None if expression is None or is_token(expression) else hours_between_executions(expression)

    @property
    def _runs_once(self) -> bool:
        return runs_once(self._settings.schedule_cron_expression)

    @property
    def _schedule_identity(self) -> tuple[str, str, str]:
        here, there = self.stack, self._schedule
        return there.account or here.account, there.region or here.region, there.name

    def _check_is_here(self, what: str) -> None:
        stack, schedule = self.stack, self._schedule
        pairs = (("account", stack.account, schedule.account), ("region", stack.region, schedule.region))
        for name, actual, expected in pairs:
            if expected is not None and not is_token(actual) and actual != expected:
                remedy = f"make {what} in a stack of {expected}"
                raise InvalidValue(name, f"be the monitor's, {expected}, for {what}", actual, remedy)

    def _metric_source(self) -> MetricSource:
        endpoint_name = self._settings.endpoint_name
        if endpoint_name is None and not self._settings.batch_transform:
            remedy = f"pass endpoint_name='…', or batch_transform=True, {_ASKED_FROM}"
            raise InvalidValue("endpoint_name", "be given where metrics are asked for", None, remedy)
        endpoint = {} if endpoint_name is None else {"Endpoint": endpoint_name}
        return MetricSource(
            self._kind.metric_namespace(endpoint_name),
            {**endpoint, "MonitoringSchedule": self._schedule.name},
            period_in_hours=self._hours_between_executions or 1,
            account=self._schedule.account,
            region=self._schedule.region,
        )

    def _execution_detail(self) -> Mapping[str, Any]:
        role = self._settings.role
        uri = self._output_s3_uri("where rules are asked for")
        self._warn_of_other_bus()
        return execution_detail(role_arn=role.role_arn if role else None, output_s3_uri=uri, job_prefix=None)

    def _result_location(self) -> ResultLocation:
        settings = self._settings
        uri = self._output_s3_uri("where results are to be read")
        return ResultLocation(uri, settings.bucket, settings.output_kms_key)

    def _schedule_arns(self) -> list[str]:
        name, arn = self._schedule.name, self._schedule.arn
        # Some of SageMaker's ARNs are in lower case, whatever the name: https://github.com/boto/boto/issues/4606
        if is_token(name) or name == name.lower():
            return [arn]
        return [arn, f"{arn.removesuffix(name)}{name.lower()}"]

    def _output_s3_uri(self, where: str) -> str:
        uri = self._settings.output_s3_uri
        if uri is None:
            remedy = f"pass output_s3_uri='s3://…', below which the executions write, {_ASKED_FROM}"
            raise InvalidValue("output_s3_uri", f"be given {where}", None, remedy)
        return uri

    def _warn_of_other_bus(self) -> None:
        """Events stay in the account and region of the monitor, unless something there sends them on."""
        stack, schedule = self.stack, self._schedule
        pairs = [("account", schedule.account, stack.account), ("region", schedule.region, stack.region)]
        if any(theirs and not is_token(ours) and theirs != ours for _, theirs, ours in pairs):
            place = ", ".join(f"{name} {theirs}" for name, theirs, _ in pairs if theirs)
            message = (
                f"the monitor's events are those of {place}: a rule here sees them only if a rule there sends them to "
                f"this account's event bus"
            )
            cdk.Annotations.of(self).add_warning_v2("cdk-clarify-monitors:event-bus", message)


@jsii.implements(iam.IGrantable)
class ImportedModelBiasMonitor(ImportedMonitor, ModelBiasMonitorBase):
    """A bias monitor that this app does not make."""


@jsii.implements(iam.IGrantable)
class ImportedModelExplainabilityMonitor(ImportedMonitor, ModelExplainabilityMonitorBase):
    """An explainability monitor that this app does not make."""


def _literal(part: str) -> str | None:
    return None if is_token(part) else part


def _instead_of(arn: str) -> str:
    """What to pass in place of an ARN that is none of a schedule's."""
    match = _ANY_ARN.match(arn)
    if not match:
        return "for a name, use from_monitoring_schedule_name" if ":" not in arn else "check its form"
    if match["service"] != "sagemaker":
        return f"this one is of {match['service'] or 'no service'}"
    if match["kind"] == _RESOURCE:
        return "check its form"
    return f"this one is of {match['kind']!r}: pass the monitoring_schedule_arn of the monitor"
