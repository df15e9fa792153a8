"""The CloudFormation resource types have the properties of their registry schemas, as cfn-lint brings them along."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from cdk_clarify_monitors_local.server._clients import Clients
from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._faults import Faults
from cdk_clarify_monitors_local.server._models import ModelFiles
from cdk_clarify_monitors_local.server._platform import Credentials, Scope
from cdk_clarify_monitors_local.server.cloudformation._resource_types import PropertyError, ResourceType, resource_types
from cdk_clarify_monitors_local.server.sagemaker import ControlPlane
from cdk_clarify_monitors_local.server.serving._serving import Serving

SCOPE = Scope("123456789012", "eu-west-1")
ROLE = "arn:aws:iam::123456789012:role/a-role"


ENDPOINT: dict[str, dict[str, Any]] = {
    "CreateModel": {"ModelName": "a-model", "PrimaryContainer": {"Image": "image"}},
    "CreateEndpointConfig": {
        "EndpointConfigName": "a-config",
        "ProductionVariants": [
            {
                "VariantName": "AllTraffic",
                "ModelName": "a-model",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
    },
    "CreateEndpoint": {"EndpointName": "an-endpoint", "EndpointConfigName": "a-config"},
}


class Platform:
    """An account with every role that is asked for."""

    def trust_policy(self, scope: Scope, role_arn: str) -> Mapping[str, Any]:
        return {"Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}}]}

    def role_credentials(self, scope: Scope, role_arn: str, session_name: str) -> Credentials:
        raise AssertionError("no job is started here")

    def owner_credentials(self, scope: Scope) -> Credentials:
        raise AssertionError("nothing is captured here")

    def denial(self, *args: Any, **kwargs: Any) -> None:
        return None

    def publish(self, *args: Any) -> None:
        return None

    def put_metrics(self, *args: Any) -> None:
        raise AssertionError("no schedule is executed here")


def new_control_plane(runner: Any, faults: Faults) -> ControlPlane:
    """SageMaker in an account with every role and an endpoint, whose jobs are all run by the same runner."""
    platform, clients, models = Platform(), Clients("http://127.0.0.1:1", None), ModelFiles()
    serving = Serving(platform, clients, models, Clock())
    control_plane = ControlPlane(platform, runner, faults, serving=serving, transforms=runner)
    for operation, request in ENDPOINT.items():
        control_plane.call(SCOPE, operation, request)
    return control_plane


class NoRunner:
    """Starts nothing."""

    def start(self, *args: Any) -> None:
        raise AssertionError("no job is started here")


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def control_plane(faults: Faults) -> ControlPlane:
    return new_control_plane(NoRunner(), faults)


@pytest.fixture
def types(control_plane: ControlPlane) -> dict[str, ResourceType]:
    return {resource_type.name.rpartition("::")[2]: resource_type for resource_type in resource_types(control_plane)}


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", f"AWS::SageMaker::{name}").schema
    return found


def bias_definition() -> dict[str, Any]:
    return {
        "JobDefinitionName": "a-definition",
        "RoleArn": ROLE,
        "ModelBiasAppSpecification": {"ImageUri": "image", "ConfigUri": "s3://bucket/analysis_config.json"},
        "ModelBiasJobInput": {
            "EndpointInput": {"EndpointName": "an-endpoint", "LocalPath": "/opt/ml/processing/input"},
            "GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"},
        },
        "ModelBiasJobOutputConfig": {
            "MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://bucket/out", "LocalPath": "/opt/ml/processing/output"}}]
        },
        "JobResources": {
            "ClusterConfig": {"InstanceCount": "1", "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30.0}
        },
    }


def explainability_definition() -> dict[str, Any]:
    text = json.dumps(bias_definition()).replace("ModelBias", "ModelExplainability")
    properties: dict[str, Any] = json.loads(text)
    del properties["ModelExplainabilityJobInput"]["GroundTruthS3Input"]
    return properties


PROPERTIES = {
    "ModelBiasJobDefinition": bias_definition,
    "ModelExplainabilityJobDefinition": explainability_definition,
}


def property_paths(node: dict[str, Any], root: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every property that a schema allows."""
    while "$ref" in node:
        node = root["definitions"][node["$ref"].rpartition("/")[2]]
    if node.get("type") == "array":
        yield from property_paths(node["items"], root, (*path, "0"))
    for name, child in node.get("properties", {}).items():
        yield (*path, name)
        yield from property_paths(child, root, (*path, name))


def refused(resource_type: ResourceType, path: tuple[str, ...]) -> bool:
    """Whether a property is refused as unknown, wherever it stands."""
    value: Any = "x"
    for key in reversed(path):
        value = [value] if key == "0" else {key: value}
    try:
        resource_type.create(SCOPE, value)
    except PropertyError as error:
        return "extraneous key" in str(error)
    except Exception:
        return False
    return False


@pytest.mark.parametrize("name", ["ModelBiasJobDefinition", "ModelExplainabilityJobDefinition", "MonitoringSchedule"])
def test_no_property_of_the_schema_is_refused(name: str, types: dict[str, ResourceType]) -> None:
    read_only = {pointer.rpartition("/")[2] for pointer in schema(name)["readOnlyProperties"]}
    paths = [path for path in property_paths(schema(name), schema(name)) if path[0] not in read_only]

    assert len(paths) > 10
    assert [path for path in paths if refused(types[name], path)] == []


@pytest.mark.parametrize("name", ["ModelBiasJobDefinition", "ModelExplainabilityJobDefinition"])
def test_what_only_the_api_has_is_refused(name: str, types: dict[str, ResourceType]) -> None:
    kind = name.removesuffix("JobDefinition")
    known = set(property_paths(schema(name), schema(name)))
    members = ("ExcludeFeaturesAttribute", "StartTimeOffset", "EndTimeOffset", "ProbabilityThresholdAttribute")
    paths = [
        (f"{kind}JobInput", part, member) for part in ("EndpointInput", "BatchTransformInput") for member in members
    ]

    assert [path for path in paths if refused(types[name], path)] == [path for path in paths if path not in known]


@pytest.mark.parametrize("name", ["ModelBiasJobDefinition", "ModelExplainabilityJobDefinition", "MonitoringSchedule"])
def test_create_only_properties_are_the_schema_s(name: str, types: dict[str, ResourceType]) -> None:
    expected = {pointer.rpartition("/")[2] for pointer in schema(name)["createOnlyProperties"]}

    assert set(types[name].create_only) == expected


@pytest.mark.parametrize("name", PROPERTIES)
def test_the_attributes_are_the_schema_s(name: str, types: dict[str, ResourceType]) -> None:
    physical_id, attributes = types[name].create(SCOPE, PROPERTIES[name]())

    segment = {"ModelBias": "model-bias", "ModelExplainability": "model-explainability"}[
        name.removesuffix("JobDefinition")
    ]
    assert physical_id == f"arn:aws:sagemaker:eu-west-1:123456789012:{segment}-job-definition/a-definition"
    assert {f"/properties/{attribute}" for attribute in attributes} == set(schema(name)["readOnlyProperties"])


def test_scalars_get_the_api_s_types(types: dict[str, ResourceType], control_plane: ControlPlane) -> None:
    properties = bias_definition()
    properties["NetworkConfig"] = {"EnableNetworkIsolation": "true"}
    types["ModelBiasJobDefinition"].create(SCOPE, properties)

    definition = control_plane.call(SCOPE, "DescribeModelBiasJobDefinition", {"JobDefinitionName": "a-definition"})

    assert definition["JobResources"]["ClusterConfig"]["InstanceCount"] == 1
    assert definition["NetworkConfig"]["EnableNetworkIsolation"] is True


def test_parquet_is_a_boolean(types: dict[str, ResourceType], control_plane: ControlPlane) -> None:
    properties = bias_definition()
    properties["ModelBiasJobInput"]["BatchTransformInput"] = {
        "DataCapturedDestinationS3Uri": "s3://bucket/capture",
        "DatasetFormat": {"Parquet": True},
        "LocalPath": "/opt/ml/processing/input",
    }
    types["ModelBiasJobDefinition"].create(SCOPE, properties)

    definition = control_plane.call(SCOPE, "DescribeModelBiasJobDefinition", {"JobDefinitionName": "a-definition"})

    assert definition["ModelBiasJobInput"]["BatchTransformInput"]["DatasetFormat"] == {"Parquet": {}}


def test_a_definition_s_name_is_taken_once(types: dict[str, ResourceType]) -> None:
    types["ModelBiasJobDefinition"].create(SCOPE, bias_definition())

    with pytest.raises(Exception, match="already exists"):
        types["ModelBiasJobDefinition"].create(SCOPE, bias_definition())


def test_ground_truth_needs_a_uri(types: dict[str, ResourceType]) -> None:
    properties = bias_definition()
    properties["ModelBiasJobInput"]["GroundTruthS3Input"] = {}

    with pytest.raises(PropertyError, match=r"required key \[S3Uri\] not found"):
        types["ModelBiasJobDefinition"].create(SCOPE, properties)


def schedule(definition: str = "a-definition") -> dict[str, Any]:
    return {
        "MonitoringScheduleName": "a-schedule",
        "MonitoringScheduleConfig": {"MonitoringJobDefinitionName": definition, "MonitoringType": "ModelBias"},
        "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
    }


def test_a_schedule_needs_its_definition(types: dict[str, ResourceType]) -> None:
    with pytest.raises(Exception, match="Could not find requested ModelBias job definition with name: a-definition"):
        types["MonitoringSchedule"].create(SCOPE, schedule())


def test_a_schedule_is_updated_in_place(types: dict[str, ResourceType], control_plane: ControlPlane) -> None:
    for name in ("a-definition", "another"):
        types["ModelBiasJobDefinition"].create(SCOPE, {**bias_definition(), "JobDefinitionName": name})
    arn, _ = types["MonitoringSchedule"].create(SCOPE, schedule())
    update = types["MonitoringSchedule"].update
    assert update is not None

    updated, attributes = update(SCOPE, arn, {**schedule("another"), "Tags": [{"Key": "b", "Value": "3"}]})

    described = control_plane.call(SCOPE, "DescribeMonitoringSchedule", {"MonitoringScheduleName": "a-schedule"})
    assert updated == arn == attributes["MonitoringScheduleArn"]
    assert described["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"] == "another"
    assert control_plane.call(SCOPE, "ListTags", {"ResourceArn": arn})["Tags"] == [{"Key": "b", "Value": "3"}]


def test_a_busy_schedule_is_neither_updated_nor_deleted(
    types: dict[str, ResourceType], control_plane: ControlPlane, faults: Faults
) -> None:
    types["ModelBiasJobDefinition"].create(SCOPE, {**bias_definition(), "JobDefinitionName": "a-definition"})
    arn, _ = types["MonitoringSchedule"].create(SCOPE, schedule())
    update = types["MonitoringSchedule"].update
    assert update is not None
    faults.add({"executing": {"a-schedule": 60}})

    described = control_plane.call(SCOPE, "DescribeMonitoringSchedule", {"MonitoringScheduleName": "a-schedule"})
    assert described["LastMonitoringExecutionSummary"]["MonitoringExecutionStatus"] == "InProgress"
    with pytest.raises(ApiError, match="has an execution running"):
        update(SCOPE, arn, schedule())
    with pytest.raises(ApiError, match="has an execution running"):
        types["MonitoringSchedule"].delete(SCOPE, arn)

    faults.add({"executing": {"a-schedule": 0}})
    assert update(SCOPE, arn, schedule())[0] == arn
    types["MonitoringSchedule"].delete(SCOPE, arn)
    with pytest.raises(ApiError, match="not found"):
        control_plane.call(SCOPE, "DescribeMonitoringSchedule", {"MonitoringScheduleName": "a-schedule"})


def test_what_is_gone_already_can_be_deleted(types: dict[str, ResourceType]) -> None:
    arn, _ = types["ModelBiasJobDefinition"].create(SCOPE, bias_definition())
    types["ModelBiasJobDefinition"].delete(SCOPE, arn)

    types["ModelBiasJobDefinition"].delete(SCOPE, arn)
