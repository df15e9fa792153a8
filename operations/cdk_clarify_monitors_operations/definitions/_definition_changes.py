"""A job definition changed: what is given is merged into what is there."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Protocol, runtime_checkable

from cdk_clarify_monitors_operations._aws import S3Location, join_uri
from cdk_clarify_monitors_operations._errors import InvalidChange, NothingToUpdate
from cdk_clarify_monitors_operations.data._files import Constraints
from cdk_clarify_monitors_operations.definitions._inputs import (
    BatchTransformInput,
    EndpointInput,
    NetworkConfig,
    Removal,
)
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import Descriptions
from cdk_clarify_monitors_operations.definitions._time_offsets import NOW, check_day, check_expression, check_window

METRICS_FLAG: Final = "publish_cloudwatch_metrics"

_DEFAULT_SOURCE: Final = {"S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"}
_ENDPOINT_PATH: Final = "/opt/ml/processing/input/endpoint"

#: What changes the schedule, not the definition.
_OF_THE_SCHEDULE: Final = ("schedule_cron_expression", "data_analysis_start_time", "data_analysis_end_time")


@runtime_checkable
class AnalysisConfig(Protocol):
    """An analysis configuration of `cdk_clarify_monitors`, such as `BiasAnalysisConfig`."""

    def to_analysis_config(self) -> Mapping[str, Any]:
        """Return the document that becomes `analysis_config.json`."""


_TYPES: Final[Mapping[str, tuple[Any, str]]] = {
    "endpoint_input": ((str, EndpointInput), "the endpoint's name or an EndpointInput of this package"),
    "batch_transform_input": (BatchTransformInput, "a BatchTransformInput of this package"),
    "analysis_config": ((str, Mapping, AnalysisConfig), "an S3 URI, a document, or an analysis configuration"),
    "constraints": ((str, Constraints, Removal), "an S3 URI or Constraints of this package"),
    "role": (str, "the ARN or the name of a role"),
    "instance_type": (str, "a string such as ml.m5.xlarge"),
    "volume_kms_key": ((str, Removal), "the id or the ARN of a key"),
    "output_kms_key": ((str, Removal), "the id or the ARN of a key"),
    "network_config": ((NetworkConfig, Removal), "a NetworkConfig of this package"),
    "enable_cloudwatch_metrics": (bool, "a bool"),
}


@dataclass(frozen=True)
class Changes:
    """The arguments of `update_monitoring_schedule`. None means that nothing changes."""

    endpoint_input: str | EndpointInput | None = None
    ground_truth_input: str | None = None
    analysis_config: str | Mapping[str, Any] | AnalysisConfig | None = None
    output_s3_uri: str | None = None
    constraints: str | Constraints | Removal | None = None
    schedule_cron_expression: str | None = None
    enable_cloudwatch_metrics: bool | None = None
    role: str | None = None
    instance_count: int | None = None
    instance_type: str | None = None
    volume_size_in_gb: int | None = None
    volume_kms_key: str | Removal | None = None
    output_kms_key: str | Removal | None = None
    max_runtime_in_seconds: int | Removal | None = None
    env: Mapping[str, str | None] | None = None
    network_config: NetworkConfig | Removal | None = None
    batch_transform_input: BatchTransformInput | None = None
    data_analysis_start_time: str | None = None
    data_analysis_end_time: str | None = None

    @property
    def names(self) -> list[str]:
        """The arguments that are given."""
        return [each.name for each in fields(self) if getattr(self, each.name) is not None]

    @property
    def touches_definition(self) -> bool:
        """Whether anything beside the schedule's times is given."""
        return any(name not in _OF_THE_SCHEDULE for name in self.names)

    def check(self, kind: str, schedule: str) -> None:
        """Refuse what cannot work, whatever the definition is.

        Raises:
            NothingToUpdate: Nothing is given.
            InvalidChange: A value cannot work.
        """
        if not self.names:
            raise NothingToUpdate("Nothing to update.", schedule=schedule)
        if self.endpoint_input is not None and self.batch_transform_input is not None:
            raise InvalidChange(
                "A monitor watches either an endpoint or batch transforms: give only one of 'endpoint_input' and "
                "'batch_transform_input'",
                schedule=schedule,
            )
        if self.ground_truth_input is not None and kind != "ModelBias":
            raise InvalidChange("'ground_truth_input' is for bias monitors only", schedule=schedule)
        for name, (types, allowed) in _TYPES.items():
            value = getattr(self, name)
            if value is not None and not isinstance(value, types):
                raise InvalidChange(f"'{name}' must be {allowed}, got {value!r}")
        self._check_uris()
        self._check_numbers()
        self._check_env()

    def _check_uris(self) -> None:
        for name in ("ground_truth_input", "output_s3_uri"):
            if (uri := getattr(self, name)) is not None:
                S3Location.of(uri, name)
        for name in ("analysis_config", "constraints"):
            if isinstance(uri := getattr(self, name), str):
                S3Location.of(uri, name)

    def _check_numbers(self) -> None:
        for name in ("instance_count", "volume_size_in_gb", "max_runtime_in_seconds"):
            number = getattr(self, name)
            if number is None or isinstance(number, Removal):
                continue
            if not isinstance(number, int) or isinstance(number, bool) or number < 1:
                raise InvalidChange(f"'{name}' must be a whole number of 1 or more, got {number!r}")

    def _check_env(self) -> None:
        if self.env is None:
            return
        if not isinstance(self.env, Mapping) or not all(
            isinstance(name, str) and isinstance(value, str | None) for name, value in self.env.items()
        ):
            raise InvalidChange(f"'env' must be a mapping of strings; None removes a variable. Got {self.env!r}")


def changed_schedule_config(old: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """Return when the schedule runs after the changes.

    Raises:
        InvalidChange: It cannot run so.
    """
    config = dict(old)
    expression, start, end = (getattr(changes, name) for name in _OF_THE_SCHEDULE)
    if expression is not None:
        if config.get("ScheduleExpression") == NOW != expression:
            # The window was that of the one execution; a recurring one has its own.
            config = {}
        config["ScheduleExpression"] = check_expression(expression)
    for name, value in (("DataAnalysisStartTime", start), ("DataAnalysisEndTime", end)):
        if value is not None:
            config[name] = value
    begins, ends = config.get("DataAnalysisStartTime"), config.get("DataAnalysisEndTime")
    names = ("data_analysis_start_time", "data_analysis_end_time")
    if (start is not None or end is not None) and "ScheduleExpression" not in config:
        raise InvalidChange(f"'{names[0]}' and '{names[1]}' need a 'schedule_cron_expression'")
    if config.get("ScheduleExpression") == NOW:
        if begins is None or ends is None:
            raise InvalidChange(f"The schedule expression NOW needs both '{names[0]}' and '{names[1]}'")
        check_day(begins, ends, *names)
    else:
        check_window(begins, ends, *names)
    return config


def changed_definition(
    described: Descriptions, changes: Changes, *, role_arn: str | None, config_uri: str | None, constraints: str | None
) -> dict[str, Any]:
    """Return the request for the changed definition, without its name and tags.

    Args:
        described: The schedule and its definition.
        changes: The changes.
        role_arn: The role's ARN, if it changes.
        config_uri: The URI of the analysis config, if it changes.
        constraints: The URI of the constraints, if they change.

    Raises:
        InvalidChange: The definition would not be whole.
    """
    kind = described.kind
    request: dict[str, Any] = copy.deepcopy(described.request)
    application = request[f"{kind}AppSpecification"]
    if config_uri is not None:
        application["ConfigUri"] = config_uri
    _set_or_remove(application, "Environment", _environment(application.get("Environment"), changes))

    if isinstance(changes.constraints, Removal):
        request.pop(f"{kind}BaselineConfig", None)
    elif constraints is not None:
        # Beside the name of a baselining job, it is not documented which of the two counts.
        request[f"{kind}BaselineConfig"] = {"ConstraintsResource": {"S3Uri": constraints}}

    request[f"{kind}JobInput"] = _job_input(request[f"{kind}JobInput"], changes)
    _change_output(request[f"{kind}JobOutputConfig"], changes)
    cluster = request["JobResources"]["ClusterConfig"]
    for name, value in (
        ("InstanceCount", changes.instance_count),
        ("InstanceType", changes.instance_type),
        ("VolumeSizeInGB", changes.volume_size_in_gb),
        ("VolumeKmsKeyId", changes.volume_kms_key),
    ):
        _change(cluster, name, value)
    if role_arn is not None:
        request["RoleArn"] = role_arn
    runtime = changes.max_runtime_in_seconds
    _change(request, "StoppingCondition", {"MaxRuntimeInSeconds": runtime} if isinstance(runtime, int) else runtime)
    network = changes.network_config
    _change(request, "NetworkConfig", network.to_request() if isinstance(network, NetworkConfig) else network)
    return request


def _change(target: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(value, Removal):
        target.pop(name, None)
    elif value is not None:
        target[name] = value


def _set_or_remove(target: dict[str, Any], name: str, value: Mapping[str, Any]) -> None:
    if value:
        target[name] = dict(value)
    else:
        target.pop(name, None)


def _environment(old: Mapping[str, str] | None, changes: Changes) -> dict[str, str]:
    environment = dict(old or {})
    if changes.env is not None and not changes.env:
        environment = {name: value for name, value in environment.items() if name == METRICS_FLAG}
    for name, value in (changes.env or {}).items():
        _change(environment, name, Removal.REMOVE if value is None else value)
    if changes.enable_cloudwatch_metrics is not None:
        environment[METRICS_FLAG] = "Enabled" if changes.enable_cloudwatch_metrics else "Disabled"
    return environment


def _job_input(old: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    job_input = dict(old)
    if changes.endpoint_input is not None:
        given = changes.endpoint_input
        part = {"EndpointName": given} if isinstance(given, str) else given.to_request()
        job_input.pop("BatchTransformInput", None)
        base = old.get("EndpointInput") or {**_DEFAULT_SOURCE, "LocalPath": _ENDPOINT_PATH}
        job_input["EndpointInput"] = _whole({**base, **part}, "endpoint_input", EndpointName="endpoint_name")
    if changes.batch_transform_input is not None:
        job_input.pop("EndpointInput", None)
        base = old.get("BatchTransformInput") or _DEFAULT_SOURCE
        job_input["BatchTransformInput"] = _whole(
            {**base, **changes.batch_transform_input.to_request()},
            "batch_transform_input",
            DataCapturedDestinationS3Uri="data_captured_destination_s3_uri",
            DatasetFormat="dataset_format",
            LocalPath="destination",
        )
    if changes.ground_truth_input is not None:
        job_input["GroundTruthS3Input"] = {"S3Uri": changes.ground_truth_input}
    return job_input


def _whole(part: dict[str, Any], argument: str, **required: str) -> dict[str, Any]:
    missing = [f"'{name}'" for key, name in required.items() if not part.get(key)]
    if missing:
        raise InvalidChange(f"'{argument}' must have {', '.join(missing)}: the monitor has no such input yet")
    check_window(part.get("StartTimeOffset"), part.get("EndTimeOffset"), "start_time_offset", "end_time_offset")
    return part


def _change_output(output: dict[str, Any], changes: Changes) -> None:
    if changes.output_s3_uri is not None:
        output["MonitoringOutputs"][0]["S3Output"]["S3Uri"] = changes.output_s3_uri
    _change(output, "KmsKeyId", changes.output_kms_key)


def document_of(config: Mapping[str, Any] | AnalysisConfig) -> dict[str, Any]:
    """Return the document of an analysis configuration.

    Raises:
        InvalidChange: JSON cannot hold it.
    """
    document = dict(config.to_analysis_config() if isinstance(config, AnalysisConfig) else config)
    try:
        json.dumps(document, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidChange(f"'analysis_config' must be a JSON document: {error}") from error
    return document


def digest(document: Any) -> str:
    """Return a short digest of a JSON document."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()[:16]


# ---------------------------------------------------------------- names
def definition_name(schedule: str, request: Mapping[str, Any]) -> str:
    """Return the name of a definition: the same for the same content, so that an interrupted update is taken up."""
    return f"{_name_start(schedule)}-{digest([schedule, request])}"


def is_made_for(schedule: str, definition: str) -> bool:
    """Whether a definition has a name that `definition_name` gives for this schedule."""
    return bool(re.fullmatch(rf"{re.escape(_name_start(schedule))}-[0-9a-f]{{16}}", definition))


def _name_start(schedule: str) -> str:
    return schedule[:46].rstrip("-")


def config_place(output_s3_uri: str, schedule: str, document: Mapping[str, Any]) -> str:
    """Return where an analysis config is stored: the same for the same content."""
    return join_uri(output_s3_uri, schedule, "analysis-config", digest(document), "analysis_config.json")
