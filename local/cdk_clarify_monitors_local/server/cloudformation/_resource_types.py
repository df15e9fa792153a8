"""The CloudFormation resource types of Clarify monitors and of endpoints, in terms of the SageMaker API.

What the types lack, rename or restrict against the API follows their registry schemas. A test compares every
property path here with the schemas that cfn-lint brings along.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._platform import Scope
from cdk_clarify_monitors_local.server._requests import input_shape
from cdk_clarify_monitors_local.server.sagemaker import ControlPlane

_JOB_INPUTS = ("EndpointInput", "BatchTransformInput")

#: Members of the API that a type does not have.
_MISSING = {
    "ModelBias": ("ExcludeFeaturesAttribute",),
    "ModelExplainability": (
        "ExcludeFeaturesAttribute",
        "StartTimeOffset",
        "EndTimeOffset",
        "ProbabilityThresholdAttribute",
    ),
}

#: Members of a type that the API does not have. The types take them, and do nothing with most.
_ONLY_IN_CLOUDFORMATION = {
    "ModelBias": ("EndpointName",),
    "ModelExplainability": ("EndpointName",),
    "Schedule": ("EndpointName", "FailureReason", "LastMonitoringExecutionSummary", "MonitoringScheduleStatus"),
    "Endpoint": ("ExcludeRetainedVariantProperties", "RetainAllVariantProperties", "RetainDeploymentConfig"),
}

#: Members of the API that the types of endpoints do not have, wherever they stand.
_MISSING_ANYWHERE = {
    "AcceleratorType",
    "AdditionalModelDataSources",
    "ContainerMetricsConfig",
    "ETag",
    "ManifestEtag",
    "ManifestS3Uri",
}


@dataclass(frozen=True)
class ResourceType:
    """A resource type, as the emulator's CloudFormation drives it.

    Attributes:
        name: The type's name, e.g. `AWS::SageMaker::MonitoringSchedule`.
        create_only: The properties whose change replaces the resource.
        name_property: The property that names the resource.
        generates_name: Whether CloudFormation makes up a name if none is given.
        create: Takes the scope and the properties, returns the physical id and the attributes.
        update: The same with the physical id; None if every change replaces.
        delete: Takes the scope and the physical id.
        tag: Adds tags, which do not count towards the limit; takes the scope, the physical id and the tags.
    """

    name: str
    create_only: tuple[str, ...]
    name_property: str
    generates_name: bool
    create: Callable[[Scope, Mapping[str, Any]], tuple[str, dict[str, str]]]
    update: Callable[[Scope, str, Mapping[str, Any]], tuple[str, dict[str, str]]] | None
    delete: Callable[[Scope, str], None]
    tag: Callable[[Scope, str, Mapping[str, str]], None]


class PropertyError(ValueError):
    """Properties that a resource type's schema does not allow."""


def resource_types(control_plane: ControlPlane) -> Iterator[ResourceType]:
    """Yield the types, working on the given control plane."""
    yield _job_definition(control_plane, "ModelBias")
    yield _job_definition(control_plane, "ModelExplainability")
    yield _monitoring_schedule(control_plane)
    yield _model(control_plane)
    yield _part_of_endpoint(control_plane, "EndpointConfig")
    yield _endpoint(control_plane)


def _job_definition(control_plane: ControlPlane, kind: str) -> ResourceType:
    name = f"AWS::SageMaker::{kind}JobDefinition"
    operation = f"Create{kind}JobDefinition"

    def create(scope: Scope, properties: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        request = _request(name, operation, kind, properties)
        arn = control_plane.call(scope, operation, request)["JobDefinitionArn"]
        described = control_plane.call(scope, f"Describe{kind}JobDefinition", _named("JobDefinitionName", arn))
        return arn, {"JobDefinitionArn": arn, "CreationTime": str(described["CreationTime"])}

    def delete(scope: Scope, physical_id: str) -> None:
        _delete(control_plane, scope, f"Delete{kind}JobDefinition", _named("JobDefinitionName", physical_id))

    return ResourceType(
        name=name,
        create_only=(*input_shape(operation).members, *_ONLY_IN_CLOUDFORMATION[kind]),
        name_property="JobDefinitionName",
        generates_name=True,
        create=create,
        update=None,
        delete=delete,
        tag=functools.partial(_add_tags, control_plane),
    )


def _monitoring_schedule(control_plane: ControlPlane) -> ResourceType:
    name = "AWS::SageMaker::MonitoringSchedule"

    def attributes(scope: Scope, arn: str) -> dict[str, str]:
        described = control_plane.call(scope, "DescribeMonitoringSchedule", _named("MonitoringScheduleName", arn))
        return {
            "MonitoringScheduleArn": arn,
            "CreationTime": str(described["CreationTime"]),
            "LastModifiedTime": str(described["LastModifiedTime"]),
        }

    def create(scope: Scope, properties: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        request = _request(name, "CreateMonitoringSchedule", "Schedule", properties)
        arn = control_plane.call(scope, "CreateMonitoringSchedule", request)["MonitoringScheduleArn"]
        return arn, attributes(scope, arn)

    def update(scope: Scope, physical_id: str, properties: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        request = _request(name, "CreateMonitoringSchedule", "Schedule", properties)
        tags = request.pop("Tags", [])
        control_plane.call(scope, "UpdateMonitoringSchedule", request)
        _replace_tags(control_plane, scope, physical_id, tags)
        return physical_id, attributes(scope, physical_id)

    def delete(scope: Scope, physical_id: str) -> None:
        _delete(control_plane, scope, "DeleteMonitoringSchedule", _named("MonitoringScheduleName", physical_id))

    return ResourceType(
        name=name,
        create_only=("MonitoringScheduleName",),
        name_property="MonitoringScheduleName",
        generates_name=False,
        create=create,
        update=update,
        delete=delete,
        tag=functools.partial(_add_tags, control_plane),
    )


def _model(control_plane: ControlPlane) -> ResourceType:
    def tag(scope: Scope, arn: str, tags: Mapping[str, str]) -> None:
        _add_tags(control_plane, scope, arn, tags)
        name = arn.rpartition("/")[2]
        control_plane.serving.models.also_called(name, tags.get("aws:cloudformation:logical-id", name))

    return dataclasses.replace(_part_of_endpoint(control_plane, "Model"), tag=tag)


def _endpoint(control_plane: ControlPlane) -> ResourceType:
    kind = _part_of_endpoint(control_plane, "Endpoint")

    def update(scope: Scope, physical_id: str, properties: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        named = {"EndpointName": physical_id.rpartition("/")[2]}
        request = {**_request(kind.name, "CreateEndpoint", "Endpoint", properties), **named}
        tags = request.pop("Tags", [])
        control_plane.call(scope, "UpdateEndpoint", request)
        _replace_tags(control_plane, scope, physical_id, tags)
        return physical_id, {"EndpointArn": physical_id, **named}

    return dataclasses.replace(kind, create_only=("EndpointName",), update=update)


def _part_of_endpoint(control_plane: ControlPlane, kind: str) -> ResourceType:
    """Return a type that has the members of its Create operation, and is replaced by every change."""
    name, operation = f"AWS::SageMaker::{kind}", f"Create{kind}"

    def create(scope: Scope, properties: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        request = _request(name, operation, kind, properties)
        arn = control_plane.call(scope, operation, request)[f"{kind}Arn"]
        return arn, {f"{kind}Arn": arn, f"{kind}Name": arn.rpartition("/")[2]}

    def update(scope: Scope, physical_id: str, properties: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        _replace_tags(control_plane, scope, physical_id, properties.get("Tags", []))
        return physical_id, {f"{kind}Arn": physical_id, f"{kind}Name": physical_id.rpartition("/")[2]}

    def delete(scope: Scope, physical_id: str) -> None:
        _delete(control_plane, scope, f"Delete{kind}", _named(f"{kind}Name", physical_id))

    return ResourceType(
        name=name,
        create_only=tuple(member for member in input_shape(operation).members if member != "Tags"),
        name_property=f"{kind}Name",
        generates_name=True,
        create=create,
        update=update,
        delete=delete,
        tag=functools.partial(_add_tags, control_plane),
    )


def _request(type_name: str, operation: str, kind: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a resource's properties into the request that creates it.

    Raises:
        PropertyError: A property that the type does not have, or lacks.
    """
    wanted = {key: value for key, value in properties.items() if key not in _ONLY_IN_CLOUDFORMATION.get(kind, ())}
    request: dict[str, Any] = copy.deepcopy(wanted)
    if kind in _MISSING:
        _check_job_input(type_name, kind, request.get(f"{kind}JobInput"))
    request = _coerced(input_shape(operation), request)
    unknown = sorted(_unknown(input_shape(operation), request, "#"))
    if unknown:
        raise PropertyError(f"Properties validation failed for resource of type {type_name}: {'; '.join(unknown)}")
    return request


def _check_job_input(type_name: str, kind: str, job_input: Any) -> None:
    """Apply the differences between the type's and the API's job input; changes the input to the API's form."""
    if not isinstance(job_input, dict):
        return
    where = f"#/{kind}JobInput"
    if kind == "ModelBias" and "GroundTruthS3Input" in job_input and "S3Uri" not in job_input["GroundTruthS3Input"]:
        raise PropertyError(
            f"Properties validation failed for resource of type {type_name}: "
            f"{where}/GroundTruthS3Input: required key [S3Uri] not found"
        )
    for name in _JOB_INPUTS:
        part = job_input.get(name)
        if not isinstance(part, dict):
            continue
        for key in _MISSING[kind]:
            if key in part:
                raise PropertyError(
                    f"Properties validation failed for resource of type {type_name}: "
                    f"{where}/{name}: extraneous key [{key}] is not permitted"
                )
        dataset_format = part.get("DatasetFormat")
        # A boolean here, an empty structure in the API.
        if isinstance(dataset_format, dict) and _boolean(dataset_format.pop("Parquet", False)):
            dataset_format["Parquet"] = {}


def _unknown(shape: Any, value: Any, path: str) -> Iterator[str]:
    """Yield the properties that the schema has no place for, worded as CloudFormation words it."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for name, item in value.items():
            if name in shape.members and name not in _MISSING_ANYWHERE:
                yield from _unknown(shape.members[name], item, f"{path}/{name}")
            else:
                yield f"{path}: extraneous key [{name}] is not permitted"
    elif shape.type_name == "list" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown(shape.member, item, f"{path}/{index}")


def _coerced(shape: Any, value: Any) -> Any:
    """Give scalars the API's types: templates may carry numbers and booleans as text, and text as numbers."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        members = shape.members
        return {name: _coerced(members[name], item) if name in members else item for name, item in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_coerced(shape.member, item) for item in value]
    if kind == "map" and isinstance(value, Mapping):
        return {key: _coerced(shape.value, item) for key, item in value.items()}
    if kind == "boolean" and isinstance(value, str):
        return _boolean(value)
    if kind in ("integer", "long", "float", "double") and isinstance(value, str):
        return _number(value)
    if kind in ("integer", "long") and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "string" and isinstance(value, bool):
        return "true" if value else "false"
    if kind == "string" and isinstance(value, int | float):
        return str(value)
    return value


def _boolean(value: Any) -> bool:
    return str(value).lower() == "true"


def _number(value: str) -> int | float | str:
    for number in (int, float):
        try:
            return number(value)
        except ValueError:
            continue
    return value  # the check of the request names it


def _named(parameter: str, arn: str) -> dict[str, str]:
    return {parameter: arn.rpartition("/")[2]}


def _delete(control_plane: ControlPlane, scope: Scope, operation: str, request: Mapping[str, str]) -> None:
    try:
        control_plane.call(scope, operation, request)
    except ApiError as error:
        is_gone = error.code == "ResourceNotFound" or str(error).startswith("Could not find ")
        if not is_gone:  # otherwise deleted by hand: CloudFormation goes on
            raise


def _replace_tags(control_plane: ControlPlane, scope: Scope, arn: str, tags: list[dict[str, str]]) -> None:
    old = control_plane.call(scope, "ListTags", {"ResourceArn": arn})["Tags"]
    own = {tag["Key"] for tag in old if not tag["Key"].startswith("aws:")}
    gone = own - {tag["Key"] for tag in tags}
    if gone:
        control_plane.call(scope, "DeleteTags", {"ResourceArn": arn, "TagKeys": sorted(gone)})
    if tags:
        control_plane.call(scope, "AddTags", {"ResourceArn": arn, "Tags": tags})


def _add_tags(control_plane: ControlPlane, scope: Scope, arn: str, tags: Mapping[str, str]) -> None:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    control_plane.call(scope, "AddTags", {"ResourceArn": arn, "Tags": listed})
