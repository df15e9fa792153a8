"""The arguments that both monitors take, apart from what is analysed and what is monitored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

from ._baseline_options import INSTANCE_TYPE, BaselineOptions
from ._checks import (
    Checked,
    InvalidType,
    InvalidValue,
    argument,
    boolean,
    instance_of,
    integer,
    is_token,
    s3_uri,
    text,
)
from ._constraints import Constraints
from ._frozen import FrozenMapping
from ._network_config import NetworkConfig
from ._schedule_expression import check_schedule

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

    from ._monitor_input import MonitoringType

# SageMaker's pattern for the names of jobs and schedules.
_NAME_PATTERN = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"
_NAME_FORM = "made of letters, digits and single or repeated hyphens between them"
_NAME_LENGTH = 63


def _construct(factory: str) -> Any:
    """A CDK construct: an interface of CDK's, so all that can be told is that it is no literal."""

    def rule(name: str, value: Any) -> Any:
        if isinstance(value, str | int | float | bool | Mapping):
            raise InvalidType(name, "be a CDK construct", value, f"wrap it: {factory}")
        return value

    return rule


def _strings(max_items: int, key_length: int, value_length: int, *, value_min: int = 0) -> Any:
    def rule(name: str, value: Any) -> FrozenMapping:
        if not isinstance(value, Mapping):
            raise InvalidType(name, "be a mapping of strings to strings", value, f"write {name}={{'key': 'value'}}")
        if len(value) > max_items:
            raise InvalidValue(name, f"have at most {max_items} entries", value, f"it has {len(value)}")
        for key, item in value.items():
            text(max_length=key_length)(f"{name} key", key)
            if is_token(key):
                raise InvalidValue(f"{name} key", "be a literal", key, "use tokens in the values only")
            text(max_length=value_length, may_be_empty=value_min == 0)(f"{name}[{key!r}]", item)
        return FrozenMapping(value)

    return rule


def _constraints(name: str, value: Any) -> Any:
    return value if isinstance(value, Constraints) else s3_uri()(name, value)


@dataclass(frozen=True, kw_only=True)
class MonitorSettings(Checked):
    """What the constructors of both monitors document; None stands for what was not given."""

    constraints: str | Constraints | None = field(default=None, metadata=argument(_constraints))
    output_s3_uri: str | None = field(default=None, metadata=argument(s3_uri(512)))
    monitor_schedule_name: str | None = field(
        default=None, metadata=argument(text(pattern=_NAME_PATTERN, form=_NAME_FORM, max_length=_NAME_LENGTH))
    )
    schedule_cron_expression: str | None = field(default=None, metadata=argument(text()))
    enable_cloudwatch_metrics: bool | None = field(default=None, metadata=argument(boolean))
    data_analysis_start_time: str | None = field(default=None, metadata=argument(text()))
    data_analysis_end_time: str | None = field(default=None, metadata=argument(text()))
    role: iam.IRole | None = field(default=None, metadata=argument(_construct("iam.Role.from_role_arn(…)")))
    instance_count: int = field(default=1, metadata=argument(integer(1, 100)))
    instance_type: str = field(default="ml.m5.xlarge", metadata=argument(INSTANCE_TYPE))
    volume_size_in_gb: int = field(default=30, metadata=argument(integer(1, 16384)))
    volume_kms_key: kms.IKey | None = field(default=None, metadata=argument(_construct("kms.Key.from_key_arn(…)")))
    output_kms_key: kms.IKey | None = field(default=None, metadata=argument(_construct("kms.Key.from_key_arn(…)")))
    max_runtime_in_seconds: int | None = field(default=None, metadata=argument(integer(1, 86400)))
    base_job_name: str | None = field(default=None, metadata=argument(text(pattern=_NAME_PATTERN, form=_NAME_FORM)))
    env: Mapping[str, str] | None = field(default=None, metadata=argument(_strings(50, 256, 256, value_min=1)))
    tags: Mapping[str, str] | None = field(default=None, metadata=argument(_strings(50, 128, 256)))
    network_config: NetworkConfig | None = field(default=None, metadata=argument(instance_of(NetworkConfig)))
    bucket: s3.IBucket | None = field(default=None, metadata=argument(_construct("s3.Bucket.from_bucket_name(…)")))
    data_capture_s3_uri: str | None = field(default=None, metadata=argument(s3_uri(512)))
    baseline: BaselineOptions | None = field(default=None, metadata=argument(instance_of(BaselineOptions)))

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        """The settings among the arguments of a monitor's constructor."""
        return cls(**{each.name: arguments[each.name] for each in fields(cls)})

    def _check_together(self) -> None:
        if self.base_job_name and is_token(self.base_job_name):
            # It is cut and takes part in names, and a token's text differs from one synthesis to the next.
            raise InvalidValue("base_job_name", "be a literal", self.base_job_name, "use a plain string")

    @property
    def constraints_s3_uri(self) -> str | None:
        """The S3 URI of the given constraints."""
        given = self.constraints
        return given.constraints_file_s3_uri if isinstance(given, Constraints) else given

    def check_for(self, monitoring_type: MonitoringType) -> None:
        """Check what depends on the kind of monitor.

        Raises:
            ValueError: SageMaker would refuse the schedule.
        """
        check_schedule(
            schedule_cron_expression=self.schedule_cron_expression,
            data_analysis_start_time=self.data_analysis_start_time,
            data_analysis_end_time=self.data_analysis_end_time,
            max_runtime_in_seconds=self.max_runtime_in_seconds,
            monitoring_type=monitoring_type,
        )
