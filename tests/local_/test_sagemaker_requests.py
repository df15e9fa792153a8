"""SageMaker requests are checked against AWS's description of the API."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._requests import check_request, compile_pattern, input_shape
from tests.support.recorded.record import FILES

JOB: dict[str, Any] = {
    "ProcessingJobName": "a-job",
    "RoleArn": "arn:aws:iam::123456789012:role/a-role",
    "AppSpecification": {"ImageUri": "123.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-clarify-processing:1.0"},
    "ProcessingResources": {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
    },
}


def set_in(document: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        document = document[parent]
    document[last] = value


def test_a_complete_request_is_accepted() -> None:
    check_request("CreateProcessingJob", JOB)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("ProcessingJobName", "-bad", "at 'processingJobName' failed to satisfy constraint: Member must satisfy"),
        ("ProcessingJobName", "a" * 64, "regular expression pattern"),
        ("ProcessingJobName", None, "Value 'null' at 'processingJobName'"),
        ("ProcessingJobName", 5, "Member must be of type string"),
        ("RoleArn", "short", "length greater than or equal to 20"),
        ("ProcessingResources.ClusterConfig.InstanceType", "ml.huge", "enum value set: [ml."),
        ("ProcessingResources.ClusterConfig.InstanceCount", 101, "value less than or equal to 100"),
        ("ProcessingResources.ClusterConfig.InstanceCount", 0, "value greater than or equal to 1"),
        ("ProcessingResources.ClusterConfig.InstanceCount", "1", "Member must be of type integer"),
        ("ProcessingResources.ClusterConfig.InstanceCount", True, "Member must be of type integer"),
        ("ProcessingResources.ClusterConfig.Colour", "red", "Unknown parameter 'Colour'"),
        ("StoppingCondition", {"MaxRuntimeInSeconds": 777601}, "value less than or equal to 777600"),
        ("Tags", [{"Key": "k" * 129, "Value": ""}], "'tags.1.member.key'"),
        ("Tags", [{"Key": "new\nline", "Value": ""}], "regular expression"),
        ("Tags", {"key": "value"}, "Member must be a list"),
        ("Environment", {"1NAME": "x"}, "'environment.1NAME.key'"),
        ("Environment", ["x"], "Member must be a map"),
        ("NetworkConfig", "none", "Member must be a structure"),
    ],
)  # fmt: skip
def test_a_violation_is_named(path: str, value: Any, message: str) -> None:
    request = copy.deepcopy(JOB)
    set_in(request, path, value)

    with pytest.raises(ApiError) as raised:
        check_request("CreateProcessingJob", request)

    assert raised.value.code == "ValidationException"
    assert message in str(raised.value)


def test_all_violations_are_told_at_once() -> None:
    with pytest.raises(ApiError, match=r"^4 validation errors detected: "):
        check_request("CreateProcessingJob", {})


def test_tags_may_have_letters_of_any_script() -> None:
    check_request("CreateProcessingJob", {**JOB, "Tags": [{"Key": "équipe", "Value": "公平 1:2"}]})


@pytest.mark.parametrize(
    "operation",
    [
        "CreateProcessingJob",
        "CreateModelBiasJobDefinition",
        "CreateModelExplainabilityJobDefinition",
        "CreateMonitoringSchedule",
    ],
)
def test_every_pattern_of_the_model_compiles(operation: str) -> None:
    seen: set[str] = set()
    patterns: list[str] = []

    def walk(shape: Any) -> None:
        if shape.name in seen:
            return
        seen.add(shape.name)
        patterns.extend([shape.metadata["pattern"]] if "pattern" in shape.metadata else [])
        members: dict[str, Callable[[], list[Any]]] = {
            "structure": lambda: list(shape.members.values()),
            "list": lambda: [shape.member],
            "map": lambda: [shape.key, shape.value],
        }
        for member in members.get(shape.type_name, list)():
            walk(member)

    walk(input_shape(operation))

    assert patterns
    assert all(compile_pattern(pattern) for pattern in patterns)


def recorded_requests() -> list[Any]:
    found = []
    for path in FILES:
        expected = json.loads(path.read_text())["expected"]
        if expected["outcome"] != "ok":
            continue
        job = (expected.get("baselining") or {}).get("create_processing_job")
        monitoring = expected.get("monitoring") or {}
        requests = {
            "CreateProcessingJob": job,
            monitoring.get("operation", ""): monitoring.get("create_job_definition"),
            "CreateMonitoringSchedule": monitoring.get("create_monitoring_schedule"),
        }
        found += [
            pytest.param(operation, request, id=f"{path.stem}-{operation}")
            for operation, request in requests.items()
            if request
        ]
    return found


@pytest.mark.parametrize(("operation", "request_"), recorded_requests())
def test_what_the_sagemaker_sdk_sends_is_accepted(operation: str, request_: dict[str, Any]) -> None:
    # The SDK documents FastFile, which is in no version of the API.
    if '"FastFile"' in json.dumps(request_):
        with pytest.raises(ApiError, match="s3InputMode"):
            check_request(operation, request_)
    else:
        check_request(operation, request_)
