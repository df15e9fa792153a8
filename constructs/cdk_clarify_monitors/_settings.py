"""The arguments that both monitors take, apart from what is analysed and what is monitored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, Self

from ._baseline_options import BaselineOptions
from ._bias_constraint import BiasConstraint
from ._checks import (
    Checked,
    InvalidType,
    InvalidValue,
    Rule,
    argument,
    boolean,
    instance_of,
    is_token,
    list_of,
    s3_uri,
    text,
)
from ._constraints import Constraints
from ._frozen import FrozenMapping
from ._network_config import NetworkConfig
from ._sagemaker_rules import (
    INSTANCE_COUNT,
    INSTANCE_TYPE,
    MAX_RUNTIME_IN_SECONDS,
    NAME,
    NAME_BASE,
    TIME_OFFSET,
    VOLUME_SIZE_IN_GB,
)
from ._schedule_expression import check_schedule, schedule_expression

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

    from ._monitoring_kind import MonitoringKind

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringAppSpecification.html
_MOST_VARIABLES: Final = 50
_METRICS_VARIABLE: Final = "publish_cloudwatch_metrics"
_VARIABLE_NAME: Final = text(
    pattern="[a-zA-Z_][a-zA-Z0-9_]*", form="letters, digits and underscores, no digit first", max_length=256
)
_VARIABLE: Final = text(max_length=256)

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html: letters, numbers and spaces of all languages.
_MOST_TAGS: Final = 50
_TAG: Final = r"[\w \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.:/=+\-@]*"
_TAG_FORM: Final = "letters, digits, spaces and _.:/=+-@"
_TAG_KEY: Final = text(pattern=rf"(?!(?i:aws:)){_TAG}", form=f"{_TAG_FORM}, without aws: at the start", max_length=128)
_TAG_VALUE: Final = text(pattern=_TAG, form=_TAG_FORM, max_length=256, may_be_empty=True)


def _construct(interface: str, member: str, factory: str) -> Rule:
    """A CDK construct with a member of an interface of CDK's: an L1 has others, and fails when it is used."""

    def rule(name: str, value: Any) -> Any:
        # The class is asked: each member of the construct is a call into JavaScript. Of what is imported, the CDK knows
        # the interface only, and Python gets a proxy that looks for members when they are needed.
        if not (hasattr(type(value), member) or hasattr(type(value), "__getattr__")):
            raise InvalidType(name, f"be {interface}", value, f"wrap it: {factory}")
        return value

    return rule


_ROLE: Final = _construct("an iam.IRole", "role_arn", "iam.Role.from_role_arn(…)")
_KEY: Final = _construct("a kms.IKey", "key_arn", "kms.Key.from_key_arn(…)")
_BUCKET: Final = _construct("an s3.IBucket", "bucket_arn", "s3.Bucket.from_bucket_name(…)")


def _strings(most: int, key_rule: Rule, value_rule: Rule) -> Rule:
    """A mapping of strings to strings."""

    def rule(name: str, value: Any) -> FrozenMapping:
        if not isinstance(value, Mapping):
            raise InvalidType(name, "be a mapping of strings to strings", value, f"write {name}={{'key': 'value'}}")
        if len(value) > most:
            raise InvalidValue(name, f"have at most {most} entries", value, f"it has {len(value)}")
        for key, item in value.items():
            key_rule(f"{name} key", key)
            if is_token(key):
                raise InvalidValue(f"{name} key", "be a literal", key, "use tokens in the values only")
            value_rule(f"{name}[{key!r}]", item)
        return FrozenMapping(value)

    return rule


def _constraints(name: str, value: Any) -> Any:
    return value if isinstance(value, Constraints) else s3_uri()(name, value)


@dataclass(frozen=True, kw_only=True)
class MonitorSettings(Checked):
    """What the constructors of both monitors document, and give defaults; None stands for what was not given."""

    constraints: str | Constraints | None = field(metadata=argument(_constraints, optional=True))
    constraints_overrides: Sequence[BiasConstraint] | None = field(
        metadata=argument(list_of(instance_of(BiasConstraint), may_be_empty=True), optional=True)
    )
    output_s3_uri: str | None = field(metadata=argument(s3_uri(512), optional=True))
    monitor_schedule_name: str | None = field(metadata=argument(NAME, optional=True))
    schedule_cron_expression: str | None = field(metadata=argument(schedule_expression, optional=True))
    enable_cloudwatch_metrics: bool | None = field(metadata=argument(boolean, optional=True))
    data_analysis_start_time: str | None = field(metadata=argument(TIME_OFFSET, optional=True))
    data_analysis_end_time: str | None = field(metadata=argument(TIME_OFFSET, optional=True))
    role: iam.IRole | None = field(metadata=argument(_ROLE, optional=True))
    instance_count: int = field(metadata=argument(INSTANCE_COUNT))
    instance_type: str = field(metadata=argument(INSTANCE_TYPE))
    volume_size_in_gb: int = field(metadata=argument(VOLUME_SIZE_IN_GB))
    volume_kms_key: kms.IKey | None = field(metadata=argument(_KEY, optional=True))
    output_kms_key: kms.IKey | None = field(metadata=argument(_KEY, optional=True))
    max_runtime_in_seconds: int | None = field(metadata=argument(MAX_RUNTIME_IN_SECONDS, optional=True))
    base_job_name: str | None = field(metadata=argument(NAME_BASE, optional=True))
    env: Mapping[str, str] | None = field(
        metadata=argument(_strings(_MOST_VARIABLES, _VARIABLE_NAME, _VARIABLE), optional=True)
    )
    tags: Mapping[str, str] | None = field(metadata=argument(_strings(_MOST_TAGS, _TAG_KEY, _TAG_VALUE), optional=True))
    network_config: NetworkConfig | None = field(metadata=argument(instance_of(NetworkConfig), optional=True))
    bucket: s3.IBucket | None = field(metadata=argument(_BUCKET, optional=True))
    data_capture_s3_uri: str | None = field(metadata=argument(s3_uri(512), optional=True))
    baseline: BaselineOptions | None = field(metadata=argument(instance_of(BaselineOptions), optional=True))

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        """The settings among the arguments of a monitor's constructor."""
        return cls(**{each.name: arguments[each.name] for each in fields(cls)})

    def _check_together(self) -> None:
        if self.base_job_name and is_token(self.base_job_name):
            # It is cut and takes part in names, and a token's text differs from one synthesis to the next.
            raise InvalidValue("base_job_name", "be a literal", self.base_job_name, "use a plain string")
        if self.constraints_overrides:
            self._check_overrides(self.constraints_overrides)
        if len(self.execution_environment) > _MOST_VARIABLES:
            must = f"have at most {_MOST_VARIABLES - 1} entries with 'enable_cloudwatch_metrics'"
            remedy = (
                f"it has {len(self.env or ())}, {_METRICS_VARIABLE} comes on top, and SageMaker takes {_MOST_VARIABLES}"
            )
            raise InvalidValue("env", must, self.env, remedy)

    def _check_overrides(self, overrides: Sequence[BiasConstraint]) -> None:
        if self.constraints:
            remedy = "they are for suggested constraints; write your limits into the file"
            raise InvalidValue("constraints_overrides", "be left out with 'constraints'", overrides, remedy)
        if self.baseline and not self.baseline.wait:
            must, remedy = (
                "be left out with BaselineOptions(wait=False)",
                "the job has not suggested constraints by then",
            )
            raise InvalidValue("constraints_overrides", must, overrides, remedy)

    @property
    def execution_environment(self) -> dict[str, str]:
        """The environment variables of the executions: the given ones, and the one that turns metrics on or off."""
        variables = dict(self.env or {})
        if self.enable_cloudwatch_metrics is not None:
            variables[_METRICS_VARIABLE] = "Enabled" if self.enable_cloudwatch_metrics else "Disabled"
        return variables

    @property
    def constraints_s3_uri(self) -> str | None:
        """The S3 URI of the given constraints."""
        given = self.constraints
        return given.constraints_file_s3_uri if isinstance(given, Constraints) else given

    def check_for(self, kind: MonitoringKind) -> None:
        """Check what depends on the kind of monitor.

        Raises:
            ValueError: SageMaker would refuse the schedule.
        """
        check_schedule(
            schedule_cron_expression=self.schedule_cron_expression,
            data_analysis_start_time=self.data_analysis_start_time,
            data_analysis_end_time=self.data_analysis_end_time,
            max_runtime_in_seconds=self.max_runtime_in_seconds,
            kind=kind,
        )
