"""MonitorSettings: the arguments of both monitors but for the analysis and the monitored input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self

from .._validation import (
    BUCKET,
    KEY,
    ROLE,
    SECURITY_GROUP,
    VPC,
    InvalidValue,
    Validated,
    boolean,
    has_token,
    instance_of,
    is_token,
    list_of,
    s3_uri,
    string_mapping,
    text,
    validated_by,
)
from .._validation.sagemaker import (
    INSTANCE_COUNT,
    INSTANCE_TYPE,
    MAX_RUNTIME_IN_SECONDS,
    NAME,
    NAME_BASE,
    TIME_OFFSET,
    VOLUME_SIZE_IN_GB,
)
from .baseline_options import BaselineOptions
from .bias_constraint import BiasConstraint
from .constraints import Constraints
from .data_capture import DataCapture
from .network_config import NetworkConfig, check_security_groups, subnet_ids
from .schedule_expression import check_schedule, validate_schedule_expression

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

    from .monitoring_kind import MonitoringKind

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringAppSpecification.html
_MAX_VARIABLES: Final = 50
_METRICS_VARIABLE: Final = "publish_cloudwatch_metrics"
_VARIABLE_NAME: Final = text(
    pattern="[a-zA-Z_][a-zA-Z0-9_]*", form="letters, digits and underscores, no digit first", max_length=256
)
_VARIABLE: Final = text(max_length=256)

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html: letters, numbers and spaces of all languages.
_MAX_TAGS: Final = 50
_TAG: Final = r"[\w \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.:/=+\-@]*"
_TAG_FORM: Final = "letters, digits, spaces and _.:/=+-@"
_TAG_KEY: Final = text(pattern=rf"(?!(?i:aws:)){_TAG}", form=f"{_TAG_FORM}, without aws: at the start", max_length=128)
_TAG_VALUE: Final = text(pattern=_TAG, form=_TAG_FORM, max_length=256, may_be_empty=True)


def _constraints(name: str, value: Any) -> Any:
    return value if isinstance(value, Constraints) else s3_uri()(name, value)


def _subnet_selection(name: str, value: Any) -> Any:
    from aws_cdk import aws_ec2 as ec2

    return instance_of(ec2.SubnetSelection)(name, ec2.SubnetSelection(**value) if isinstance(value, Mapping) else value)


@dataclass(frozen=True, kw_only=True)
class MonitorSettings(Validated):
    """The arguments of both monitors' constructors, which document them and hold their defaults; None: not given."""

    constraints: str | Constraints | None = field(metadata=validated_by(_constraints, optional=True))
    constraints_overrides: Sequence[BiasConstraint] | None = field(
        metadata=validated_by(list_of(instance_of(BiasConstraint), may_be_empty=True), optional=True)
    )
    output_s3_uri: str | None = field(metadata=validated_by(s3_uri(512), optional=True))
    monitor_schedule_name: str | None = field(metadata=validated_by(NAME, optional=True))
    schedule_cron_expression: str | None = field(metadata=validated_by(validate_schedule_expression, optional=True))
    enable_cloudwatch_metrics: bool | None = field(metadata=validated_by(boolean, optional=True))
    data_analysis_start_time: str | None = field(metadata=validated_by(TIME_OFFSET, optional=True))
    data_analysis_end_time: str | None = field(metadata=validated_by(TIME_OFFSET, optional=True))
    role: iam.IRole | None = field(metadata=validated_by(ROLE, optional=True))
    instance_count: int = field(metadata=validated_by(INSTANCE_COUNT))
    instance_type: str = field(metadata=validated_by(INSTANCE_TYPE))
    volume_size_in_gb: int = field(metadata=validated_by(VOLUME_SIZE_IN_GB))
    volume_kms_key: kms.IKey | None = field(metadata=validated_by(KEY, optional=True))
    output_kms_key: kms.IKey | None = field(metadata=validated_by(KEY, optional=True))
    max_runtime_in_seconds: int | None = field(metadata=validated_by(MAX_RUNTIME_IN_SECONDS, optional=True))
    base_job_name: str | None = field(metadata=validated_by(NAME_BASE, optional=True))
    env: Mapping[str, str] | None = field(
        metadata=validated_by(string_mapping(_MAX_VARIABLES, _VARIABLE_NAME, _VARIABLE), optional=True)
    )
    tags: Mapping[str, str] | None = field(
        metadata=validated_by(string_mapping(_MAX_TAGS, _TAG_KEY, _TAG_VALUE), optional=True)
    )
    network_config: NetworkConfig | None = field(metadata=validated_by(instance_of(NetworkConfig), optional=True))
    vpc: ec2.IVpc | None = field(metadata=validated_by(VPC, optional=True))
    vpc_subnets: ec2.SubnetSelection | None = field(metadata=validated_by(_subnet_selection, optional=True))
    security_groups: Sequence[ec2.ISecurityGroup] | None = field(
        metadata=validated_by(list_of(SECURITY_GROUP, unique=True, max_items=5), optional=True)
    )
    bucket: s3.IBucket | None = field(metadata=validated_by(BUCKET, optional=True))
    data_capture_s3_uri: str | None = field(metadata=validated_by(s3_uri(512), optional=True))
    data_capture: DataCapture | None = field(metadata=validated_by(instance_of(DataCapture), optional=True))
    baseline: BaselineOptions | None = field(metadata=validated_by(instance_of(BaselineOptions), optional=True))

    def _check_together(self) -> None:
        if self.base_job_name and is_token(self.base_job_name):
            # It is cut and takes part in names, and a token's text differs from one synthesis to the next.
            raise InvalidValue("base_job_name", "be a literal", self.base_job_name, "use a plain string")
        self._check_network()
        if self.data_capture and self.data_capture_s3_uri:
            must, remedy = "be left out with 'data_capture'", "that says where the endpoint captures its data"
            raise InvalidValue("data_capture_s3_uri", must, self.data_capture_s3_uri, remedy)
        if self.constraints_overrides:
            self._check_overrides(self.constraints_overrides)
        if len(self.execution_environment) > _MAX_VARIABLES:
            must = f"have at most {_MAX_VARIABLES - 1} entries with 'enable_cloudwatch_metrics'"
            remedy = (
                f"it has {len(self.env or ())}, {_METRICS_VARIABLE} comes on top, and SageMaker takes {_MAX_VARIABLES}"
            )
            raise InvalidValue("env", must, self.env, remedy)

    def _check_network(self) -> None:
        for name in ("vpc_subnets", "security_groups"):
            if self.vpc is None and (value := getattr(self, name)) is not None:
                raise InvalidValue(name, "be left out without 'vpc'", value, "give the VPC that they are of")
        if self.vpc and self.network_config and self.network_config.subnets is not None:
            must = "be left out with the 'subnets' of 'network_config'"
            raise InvalidValue("vpc", must, self.vpc, "give subnets and security groups in one of the two only")

    def _check_overrides(self, overrides: Sequence[BiasConstraint]) -> None:
        if self.constraints:
            remedy = "they are for suggested constraints; write your limits into the file"
            raise InvalidValue("constraints_overrides", "be left out with 'constraints'", overrides, remedy)
        if self.baseline and not self.baseline.wait:
            must = "be left out with BaselineOptions(wait=False)"
            remedy = "the job has not suggested constraints by then"
            raise InvalidValue("constraints_overrides", must, overrides, remedy)

    @property
    def execution_environment(self) -> dict[str, str]:
        """The environment variables of the executions: `env`, and the variable that turns metrics on or off."""
        variables = dict(self.env or {})
        if self.enable_cloudwatch_metrics is not None:
            variables[_METRICS_VARIABLE] = "Enabled" if self.enable_cloudwatch_metrics else "Disabled"
        return variables

    @property
    def constraints_s3_uri(self) -> str | None:
        """The S3 URI of the constraints; None: the baselining job suggests them."""
        constraints = self.constraints
        return constraints.constraints_file_s3_uri if isinstance(constraints, Constraints) else constraints

    @property
    def baselining_instance_count(self) -> int:
        """The number of instances of the baselining job."""
        return (self.baseline and self.baseline.instance_count) or self.instance_count

    @property
    def is_distributed(self) -> bool:
        """Whether several instances work on one job, as far as it is known."""
        return any(is_token(count) or count > 1 for count in (self.instance_count, self.baselining_instance_count))

    def in_vpc(self, default_security_group_id: Callable[[], str]) -> Self:
        """These settings with the network of `vpc` as ids, in `network_config`.

        Args:
            default_security_group_id: The id of the security group if none is given.
        """
        if self.vpc is None:
            return self
        groups = self.security_groups
        check_security_groups(self.vpc, groups or ())
        network_config = replace(
            self.network_config or NetworkConfig(),
            subnets=subnet_ids(self.vpc, self.vpc_subnets),
            security_group_ids=[group.security_group_id for group in groups or ()] or [default_security_group_id()],
        )
        return replace(self, network_config=network_config, vpc=None, vpc_subnets=None, security_groups=None)

    @property
    def captured_s3_uri(self) -> str | None:
        """The S3 URI below which the endpoint captures its data; None: nobody said."""
        return self.data_capture.s3_uri if self.data_capture else self.data_capture_s3_uri

    def check_for(self, kind: MonitoringKind) -> None:
        """Check the schedule and the data capture by the limits of a monitoring type.

        Raises:
            ValueError: SageMaker would refuse the schedule, or the executions would not find what they read.
        """
        if self.data_capture:
            options = self.data_capture.capture_options
            if missing := [mode for mode in kind.reads if mode not in options and not has_token(options)]:
                must = f"have {' and '.join(map(repr, missing))} for {kind.monitoring_type} monitors"
                remedy = f"write DataCapture(…, capture_options={list(kind.reads)})"
                raise InvalidValue("data_capture.capture_options", must, options, remedy)
        check_schedule(
            schedule_cron_expression=self.schedule_cron_expression,
            data_analysis_start_time=self.data_analysis_start_time,
            data_analysis_end_time=self.data_analysis_end_time,
            max_runtime_in_seconds=self.max_runtime_in_seconds,
            kind=kind,
        )
