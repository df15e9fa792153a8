"""The longest text that CloudFormation and SageMaker take is taken, and one more character is refused at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import aws_cdk as cdk
import botocore.session
import pytest
from aws_cdk import aws_kms as kms
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from cdk_clarify_monitors import (
    BatchTransformInput,
    EndpointInput,
    ModelPredictedLabelConfig,
    MonitoringDatasetFormat,
    NetworkConfig,
)
from cdk_clarify_monitors_lambda.clarify_baseline.model.baselining_job import BaseliningJob
from cdk_clarify_monitors_lambda.clarify_baseline.properties import Properties
from tests.support.monitors.builders import (
    FEATURE_FLAGS,
    bias_monitor,
    data_config,
    document_of,
    explainability_monitor,
    only,
    template_of,
)

TYPES = ("ModelBiasJobDefinition", "ModelExplainabilityJobDefinition", "MonitoringSchedule")
JOB = "ProcessingJob"

# Chosen by the library or by another construct, and never near the limit.
NOT_OF_THE_USER = {
    "AppSpecification/ImageUri",
    "JobOutputConfig/KmsKeyId",
    "JobOutputConfig/MonitoringOutputs/[]/S3Output/LocalPath",
    "JobResources/ClusterConfig/VolumeKmsKeyId",
    "MonitoringScheduleConfig/MonitoringJobDefinitionName",
    "MonitoringScheduleConfig/ScheduleConfig/ScheduleExpression",  # one of a few forms
    "ProcessingJob/AppSpecification/ImageUri",
    "ProcessingJob/ProcessingInputs/[]/S3Input/LocalPath",
    "ProcessingJob/ProcessingOutputConfig/KmsKeyId",
    "ProcessingJob/ProcessingOutputConfig/Outputs/[]/S3Output/LocalPath",
    "ProcessingJob/ProcessingResources/ClusterConfig/VolumeKmsKeyId",
    "ProcessingJob/RoleArn",
    "RoleArn",
}


def uri(length: int) -> str:
    return f"s3://{'b' * 63}/{'k' * (length - 69)}"


def endpoint(**changes: Any) -> dict[str, Any]:
    return {"endpoint_input": EndpointInput(**{"endpoint_name": "e", "destination": "/opt/x", **changes})}


def batch(**changes: Any) -> dict[str, Any]:
    required = {
        "data_captured_destination_s3_uri": uri(100),
        "destination": "/opt/x",
        "dataset_format": MonitoringDatasetFormat.csv(),
    }
    return {"endpoint_input": None, "batch_transform_input": BatchTransformInput(**{**required, **changes})}


def vpc(**changes: Any) -> dict[str, Any]:
    return {"network_config": NetworkConfig(**{"security_group_ids": ["sg-1"], "subnets": ["subnet-1"], **changes})}


def jsonlines(**changes: Any) -> dict[str, Any]:
    return {"data_config": data_config(dataset_type="application/jsonlines", **changes)}


# The arguments that make the text at a path so long.
CASES: dict[str, Callable[[int], dict[str, Any]]] = {
    "AppSpecification/ConfigUri": lambda n: {
        **dict.fromkeys(("data_config", "bias_config", "model_config", "model_predicted_label_config")),
        "analysis_config": uri(n),
    },
    "AppSpecification/Environment/*": lambda n: {"env": {"A": "x" * n}},
    "BaselineConfig/ConstraintsResource/S3Uri": lambda n: {"constraints": uri(n)},
    "JobInput/BatchTransformInput/DataCapturedDestinationS3Uri": lambda n: batch(
        data_captured_destination_s3_uri=uri(n)
    ),
    "JobInput/BatchTransformInput/EndTimeOffset": lambda n: batch(end_time_offset=f"-P{'1' * (n - 3)}D"),
    "JobInput/BatchTransformInput/FeaturesAttribute": lambda n: batch(features_attribute="x" * n),
    "JobInput/BatchTransformInput/InferenceAttribute": lambda n: batch(inference_attribute="x" * n),
    "JobInput/BatchTransformInput/LocalPath": lambda n: batch(destination="/" * n),
    "JobInput/BatchTransformInput/ProbabilityAttribute": lambda n: batch(probability_attribute="x" * n),
    "JobInput/BatchTransformInput/StartTimeOffset": lambda n: batch(start_time_offset=f"-P{'1' * (n - 3)}D"),
    "JobInput/EndpointInput/EndTimeOffset": lambda n: endpoint(end_time_offset=f"-P{'1' * (n - 3)}D"),
    "JobInput/EndpointInput/EndpointName": lambda n: endpoint(endpoint_name="x" * n),
    "JobInput/EndpointInput/FeaturesAttribute": lambda n: endpoint(features_attribute="x" * n),
    "JobInput/EndpointInput/InferenceAttribute": lambda n: endpoint(inference_attribute="x" * n),
    "JobInput/EndpointInput/LocalPath": lambda n: endpoint(destination="/" * n),
    "JobInput/EndpointInput/ProbabilityAttribute": lambda n: endpoint(probability_attribute="x" * n),
    "JobInput/EndpointInput/StartTimeOffset": lambda n: endpoint(start_time_offset=f"-P{'1' * (n - 3)}D"),
    "JobInput/GroundTruthS3Input/S3Uri": lambda n: {"ground_truth_input": uri(n)},
    "JobOutputConfig/MonitoringOutputs/[]/S3Output/S3Uri": lambda n: {"output_s3_uri": uri(n)},
    "MonitoringScheduleConfig/ScheduleConfig/DataAnalysisEndTime": lambda n: {
        "schedule_cron_expression": "NOW",
        "data_analysis_start_time": "-PT2H",
        "data_analysis_end_time": f"-PT{'1'.zfill(n - 4)}H",
    },
    "MonitoringScheduleConfig/ScheduleConfig/DataAnalysisStartTime": lambda n: {
        "schedule_cron_expression": "NOW",
        "data_analysis_start_time": f"-PT{'2'.zfill(n - 4)}H",
        "data_analysis_end_time": "-PT1H",
    },
    "MonitoringScheduleName": lambda n: {"monitor_schedule_name": "x" * n},
    "NetworkConfig/VpcConfig/SecurityGroupIds/[]": lambda n: vpc(security_group_ids=[f"sg-{'1' * (n - 3)}"]),
    "NetworkConfig/VpcConfig/Subnets/[]": lambda n: vpc(subnets=[f"subnet-{'1' * (n - 7)}"]),
    "Tags/[]/Key": lambda n: {"tags": {"x" * n: ""}},
    "Tags/[]/Value": lambda n: {"tags": {"a": "x" * n}},
    "ProcessingJob/Environment/*": lambda n: {"env": {"A": "x" * n}},
    "ProcessingJob/NetworkConfig/VpcConfig/SecurityGroupIds/[]": lambda n: vpc(
        security_group_ids=[f"sg-{'1' * (n - 3)}"]
    ),
    "ProcessingJob/NetworkConfig/VpcConfig/Subnets/[]": lambda n: vpc(subnets=[f"subnet-{'1' * (n - 7)}"]),
    "ProcessingJob/ProcessingInputs/[]/S3Input/S3Uri": lambda n: {
        "data_config": data_config(s3_data_input_path=uri(n))
    },
}
# Filled in from what the baselining job reads.
FILLED_IN: dict[str, Callable[[int], dict[str, Any]]] = {
    "JobInput/EndpointInput/FeaturesAttribute": lambda n: jsonlines(features="x" * n),
    "JobInput/EndpointInput/InferenceAttribute": lambda n: {
        "model_predicted_label_config": ModelPredictedLabelConfig(label="x" * n)
    },
    "JobInput/EndpointInput/ProbabilityAttribute": lambda n: {
        "model_predicted_label_config": ModelPredictedLabelConfig(probability="x" * n)
    },
}
BY_PATH = pytest.mark.parametrize(("path", "arguments"), [*CASES.items(), *FILLED_IN.items()])
# A folder with the job's name is made below it, and a file in that.
COMPOSED = "ProcessingJob/ProcessingOutputConfig/Outputs/[]/S3Output/S3Uri"


def _bounded(schema: dict[str, Any], node: dict[str, Any], path: str = "") -> Iterator[tuple[str, int]]:
    """The paths of texts with a limit in CloudFormation's schema."""
    if "$ref" in node:
        node = schema["definitions"][node["$ref"].rpartition("/")[2]]
    if node.get("type") == "string" and "maxLength" in node:
        yield path[1:], node["maxLength"]
    for name, inner in node.get("properties", {}).items():
        yield from _bounded(schema, inner, f"{path}/{name}")
    for inner in node.get("patternProperties", {}).values():
        yield from _bounded(schema, inner, f"{path}/*")
    if "items" in node:
        yield from _bounded(schema, node["items"], f"{path}/[]")


def _bounded_in_api(shape: Any, path: str = "") -> Iterator[tuple[str, int]]:
    """The same of a request of the API."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from _bounded_in_api(member, f"{path}/{name}")
    elif shape.type_name == "list":
        yield from _bounded_in_api(shape.member, f"{path}/[]")
    elif shape.type_name == "map":
        yield from _bounded_in_api(shape.value, f"{path}/*")
    elif shape.type_name == "string" and "max" in shape.metadata:
        yield path[1:], shape.metadata["max"]


def _plain(path: str) -> str:
    """A path without the kind of monitor."""
    return path.removeprefix("ModelBias").removeprefix("ModelExplainability")


def limits() -> dict[str, int]:
    """The lower one of CloudFormation's and the API's limit of each text, by its path."""
    found: dict[str, int] = {}

    def note(path: str, limit: int) -> None:
        found[path] = min(limit, found.get(path, limit))

    model = botocore.session.get_session().get_service_model("sagemaker")
    for type_ in TYPES:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", f"AWS::SageMaker::{type_}").schema
        both = (_bounded(schema, schema), _bounded_in_api(model.operation_model(f"Create{type_}").input_shape))
        for path, limit in (pair for pairs in both for pair in pairs):
            note(_plain(path), limit)
    for path, limit in _bounded_in_api(model.operation_model("CreateProcessingJob").input_shape):
        note(f"{JOB}/{path}", limit)
    return found


LIMITS = limits()


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The texts in a rendered value by their paths; functions of CloudFormation count as one."""
    if isinstance(value, str) or (isinstance(value, dict) and next(iter(value), "").startswith(("Fn::", "Ref"))):
        yield path[1:], value if isinstance(value, str) else ""
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}/{'*' if path.endswith('/Environment') else name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, f"{path}/[]")


def rendered(stack: cdk.Stack) -> list[tuple[str, str]]:
    """All texts of a monitor's requests."""
    template = template_of(stack)
    found = []
    for type_ in TYPES:
        for resource in template.find_resources(f"AWS::SageMaker::{type_}").values():
            found += [(_plain(path), text) for path, text in _texts(resource["Properties"], "")]
    if template.find_resources("Custom::ClarifyBaseline"):
        job = document_of(template).get("Baselining", {}).get(JOB, {})
        found += [(f"{JOB}/{path}", text) for path, text in _texts(job, "")]
    return found


@pytest.fixture
def app() -> cdk.App:
    return cdk.App(context=FEATURE_FLAGS, analytics_reporting=False)


@pytest.mark.parametrize("make", [bias_monitor, explainability_monitor])
@pytest.mark.parametrize("watched", [endpoint, batch])
def test_every_limit_of_what_is_asked_for_is_tested(app: cdk.App, make: Any, watched: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    offsets = {"start_time_offset": "-PT2H", "end_time_offset": "-PT1H"} if make is bias_monitor else {}
    attributes = dict.fromkeys(("features_attribute", "inference_attribute", "probability_attribute"), "x")
    make(
        stack,
        **watched(**offsets, **attributes),
        **vpc(),
        schedule_cron_expression="NOW",
        data_analysis_start_time="-PT2H",
        data_analysis_end_time="-PT1H",
        volume_kms_key=kms.Key(stack, "Volume"),
        output_kms_key=kms.Key(stack, "Output"),
        env={"A": "x"},
        tags={"a": "x"},
    )
    bounded = {path for path, _ in rendered(stack)} & LIMITS.keys()
    assert len(bounded) > 20
    assert bounded <= CASES.keys() | NOT_OF_THE_USER | {COMPOSED}


@BY_PATH
def test_the_longest_text_is_accepted(app: cdk.App, path: Any, arguments: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    bias_monitor(stack, **arguments(LIMITS[path]))
    assert max(len(text) for where, text in rendered(stack) if where == path) == LIMITS[path]


@BY_PATH
def test_one_more_character_is_refused(app: cdk.App, path: Any, arguments: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    with pytest.raises(ValueError, match=f"must have at most {LIMITS[path]} characters, got .*: .*{LIMITS[path] + 1}"):
        bias_monitor(stack, **arguments(LIMITS[path] + 1))
    assert stack.node.children == []


@pytest.mark.parametrize("argument", ["s3_output_path", "s3_analysis_config_output_path"])
def test_what_is_composed_of_the_longest_prefix_fits(app: cdk.App, argument: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    longest = next(n for n in range(1024, 0, -1) if _is_accepted(argument, n))
    assert not _is_accepted(argument, longest + 1)
    bias_monitor(stack, base_job_name="x" * 39, data_config=data_config(**{argument: uri(longest)}))
    template = template_of(stack)
    properties = only(template, "Custom::ClarifyBaseline")
    document = Properties.parse({"Baseline": properties["Baseline"], "Tokens": _resolved(properties["Tokens"])})
    assert document.baselining
    job = BaseliningJob(document.baselining, f"{'x' * 39}-0123456789abcdef-100")
    composed = [job.output_folder, job.constraints_uri, job.config_uri]
    composed.append(document.baselining.config_location.join(document.name, "request-0123456789abcdef.json"))
    assert all(len(str(each)) <= LIMITS["BaselineConfig/ConstraintsResource/S3Uri"] for each in composed)


def _is_accepted(argument: str, length: int) -> bool:
    try:
        data_config(**{argument: uri(length)})
    except ValueError:
        return False
    return True


def _resolved(tokens: dict[str, Any]) -> dict[str, Any]:
    """Tokens as CloudFormation hands them over; what they are does not matter."""
    return {
        kind: dict.fromkeys(values, "s3://bucket/x" if kind == "String" else "1") for kind, values in tokens.items()
    }


def test_a_long_text_that_is_not_filled_in_is_no_matter(app: cdk.App) -> None:
    own = endpoint(features_attribute="features", inference_attribute="label")
    label = ModelPredictedLabelConfig(label="x" * 300)
    bias_monitor(cdk.Stack(app, "Stack"), **own, **jsonlines(features="x" * 300), model_predicted_label_config=label)


def test_a_token_has_any_length(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack")
    text = cdk.CfnParameter(stack, "Text").value_as_string
    bias_monitor(
        stack,
        output_s3_uri=f"s3://{text}/{'k' * 600}",
        model_predicted_label_config=ModelPredictedLabelConfig(label=f"{text}{'x' * 300}"),
    )
