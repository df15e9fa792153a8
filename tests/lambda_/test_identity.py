"""Names and keys, and what they follow from."""

import json
import re
from typing import Any

import pytest

from cdk_clarify_monitors_lambda.clarify_baseline.identity import identify
from cdk_clarify_monitors_lambda.clarify_baseline.model.fingerprint import base_name_in, job_name
from cdk_clarify_monitors_lambda.clarify_baseline.properties import Properties
from tests.support.simulation.simulated_aws import SimulatedAws
from tests.support.simulation.simulated_cloudformation import Response, Stack, document, properties, variant

PROCESSING_JOB_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")  # of the API


def _base_name(more: dict[str, Any] | None = None, **changes: Any) -> str | None:
    return identify(Properties.parse(properties(document(**changes), **(more or {})))).job_base_name


@pytest.mark.parametrize(
    "changes",
    [
        {"Name": "Other"},
        {"NamePrefix": "other"},
        {"Baselining/AnalysisConfig": {"label": "other"}},
        {"Baselining/BaselineVersion": "2"},
        {"Baselining/ConfigLocation": "s3://monitor/elsewhere"},
        {"Baselining/ProcessingJob/RoleArn": "arn:aws:iam::999999999999:role/job"},
        {"Baselining/ProcessingJob/AppSpecification": {"ImageUri": "123.dkr.ecr.eu-west-1.amazonaws.com/clarify:1.0"}},
        {"Baselining/ProcessingJob/Environment": {"a": "b"}},
        {"Baselining/ProcessingJob/ProcessingInputs": [{"InputName": "dataset", "S3Input": {"S3Uri": "s3://other/x"}}]},
    ],
)
def test_a_change_of_the_inputs_makes_another_baseline(changes: dict[str, Any]) -> None:
    assert _base_name(**changes) != _base_name()


@pytest.mark.parametrize(
    "changes",
    [
        {"Baselining/TimeoutSeconds": 1},
        {"Baselining/RemoveOutputs": True},
        {"Baselining/ConstraintsOverrides": [{"Metric": "DPPL", "AtMost": 0.1}]},
        {"Baselining/ConfigLocation": "s3://monitor/baselining-config//"},
        {"Monitoring/AnalysisConfig": {"label": "other"}},
        {"Monitoring/Location": "s3://monitor/elsewhere"},
        {"UploadKmsKeyId": "arn:aws:kms:us-west-2:123456789012:key/1"},
        {"Baselining/Link": 2},
        {"Baselining/HandOver": "WhenStartedOrAtTimeout"},
        {"Baselining/ProcessingJob/RoleArn": "arn:aws:iam::123456789012:role/other"},
        {"Baselining/ProcessingJob/StoppingCondition": {"MaxRuntimeInSeconds": 60}},
        {"Baselining/ProcessingJob/NetworkConfig": {"EnableNetworkIsolation": True}},
        {"Baselining/ProcessingJob/ProcessingResources": {"ClusterConfig": {"InstanceCount": 4}}},
        {"Baselining/ProcessingJob/ProcessingOutputConfig/KmsKeyId": "arn:aws:kms:us-west-2:123456789012:key/1"},
    ],
)
def test_any_other_change_makes_no_other_baseline(changes: dict[str, Any]) -> None:
    assert _base_name(**changes) == _base_name()


def test_tags_make_no_other_baseline() -> None:
    assert _base_name({"Tags": [{"Key": "a", "Value": "b"}], "StackTags": [{"Key": "c", "Value": "d"}]}) == _base_name()


def test_the_order_of_lists_counts_that_of_members_does_not() -> None:
    one, other = {"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1}

    assert _base_name(**{"Baselining/AnalysisConfig": one}) == _base_name(**{"Baselining/AnalysisConfig": other})
    assert _base_name(**{"Baselining/AnalysisConfig": one}) != _base_name(
        **{"Baselining/AnalysisConfig": {"a": 1, "b": [2, 1]}}
    )


def test_a_token_and_its_value_make_the_same_baseline() -> None:
    role = "arn:aws:iam::123456789012:role/job"
    doc = document(**{"Baselining/ProcessingJob/RoleArn": role})
    doc["Baselining"]["ProcessingJob"]["RoleArn"] = None

    tokens = {"String": {"/Baselining/ProcessingJob/RoleArn": role}}
    with_token = identify(Properties.parse(properties(doc, Tokens=tokens)))

    assert with_token.job_base_name == _base_name()


@pytest.mark.parametrize("name", ["x", "x" * 63, "a-" * 31 + "a", "a" * 38 + "-" + "b" * 24, "0", "A--b"])
@pytest.mark.parametrize("number", [1, 2, 10, 100])
def test_job_names_are_valid_and_carry_the_fingerprint(name: str, number: int) -> None:
    base_name = _base_name(Name=name)

    assert base_name
    found = job_name(base_name, number)

    assert PROCESSING_JOB_NAME.fullmatch(found)
    assert re.fullmatch(rf"{name[:39].rstrip('-')}-[0-9a-f]{{16}}{'' if number == 1 else f'-{number}'}", found)


def test_the_names_prefix_is_base_job_name() -> None:
    assert re.fullmatch(r"my-base-job-[0-9a-f]{16}", _base_name(NamePrefix="my-base-job") or "")


def test_the_fingerprint_never_changes_from_version_to_version() -> None:
    # Whoever changes it makes every user's next deployment run every baselining job again.
    assert _base_name() == "Stack-Monitor-1A2B3C4D-503300a9dccdbfc7"
    fingerprint = identify(Properties.parse(properties()))
    assert (
        str(fingerprint.monitoring_uri) == "s3://monitor/config/90021d02a0b635a6696b30d7fa1a6f58/analysis_config.json"
    )
    assert fingerprint.physical_resource_id == "Stack-Monitor-1A2B3C4D-503300a9dccdbfc7-d79594cb"


def test_scripts_find_the_base_name_under_its_former_name() -> None:
    fingerprint = identify(Properties.parse(properties()))

    assert fingerprint.stem == fingerprint.job_base_name == _base_name()


def test_the_physical_id_leads_back_to_the_job() -> None:
    fingerprint = identify(Properties.parse(properties()))

    assert base_name_in(fingerprint.physical_resource_id) == fingerprint.job_base_name
    assert base_name_in("Stack-Baseline-1ABCDEFGHIJKL") is None
    assert base_name_in("AWSCDK::CustomResourceProviderFramework::CREATE_FAILED") is None
    assert base_name_in(identify(Properties.parse(properties(document(Baselining=None)))).physical_resource_id) is None


def test_another_upload_key_gives_another_config(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    first = stack.data

    assert stack.update(variant(1, UploadKmsKeyId="arn:aws:kms:us-west-2:123456789012:key/1"))

    assert len(aws.jobs) == 1
    assert stack.data["AnalysisConfigS3Uri"] != first["AnalysisConfigS3Uri"]
    uploaded = [put for put in aws.puts if put["Key"] in stack.data["AnalysisConfigS3Uri"]]
    assert [(put["ServerSideEncryption"], put["SSEKMSKeyId"], put["ContentType"]) for put in uploaded] == [
        ("aws:kms", "arn:aws:kms:us-west-2:123456789012:key/1", "application/json")
    ]


def test_configs_are_readable_json_in_utf_8(aws: SimulatedAws, stack: Stack) -> None:
    config = {"b": ["é", 1, 1.0, True, None], "a": {"d": 1, "c": 2}}

    stack.create(properties(document(**{"Baselining/AnalysisConfig": config})))

    (put,) = [put for put in aws.puts if put["Key"] in stack.data["BaseliningAnalysisConfigS3Uri"]]
    assert put["Body"].decode() == json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert put["ContentType"] == "application/json"
    assert "ServerSideEncryption" not in put


def test_locations_can_be_bare_buckets(aws: SimulatedAws, stack: Stack) -> None:
    doc = document(**{"Baselining/ConfigLocation": "s3://monitor", "Monitoring/Location": "s3://monitor/"})
    doc["Baselining"]["ProcessingJob"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = "s3://monitor"

    assert stack.create(properties(doc))

    job = stack.data["BaseliningJobName"]
    assert stack.data["ConstraintsS3Uri"] == f"s3://monitor/{job}/analysis.json"
    assert stack.data["BaseliningAnalysisConfigS3Uri"] == f"s3://monitor/{job}/analysis_config.json"
    assert aws.violations == []


def _create_with_long_names(stack: Stack, config: str, monitoring: str, output: str) -> Response:
    """Create a resource whose names, and those of the stack, are all as long as they can be."""
    bucket = f"s3://{'b' * 63}"
    places = {"Baselining/ConfigLocation": f"{bucket}/{config}", "Monitoring/Location": f"{bucket}/{monitoring}"}
    doc = document(Name="n" * 63, **places)
    outputs = doc["Baselining"]["ProcessingJob"]["ProcessingOutputConfig"]["Outputs"]
    outputs[0]["S3Output"]["S3Uri"] = f"{bucket}/{output}"
    arn = "arn:aws-us-gov:cloudformation:us-gov-west-1:123456789012:stack/"
    event = stack.event("Create", properties(doc)) | {
        "StackId": f"{arn}{'s' * 128}/0a1b2c3d-0000-4000-8000-000000000000",
        "LogicalResourceId": "L" * 255,
    }
    return stack.answer_to(event)


def test_the_answer_fits_whatever_the_names_lengths(aws: SimulatedAws, stack: Stack) -> None:
    assert _create_with_long_names(stack, "k" * 900, "k" * 900, "k" * 900).is_success, stack.failures

    assert aws.violations == []


@pytest.mark.parametrize(
    ("prefixes", "message"),
    [
        (("k" * 930, "k" * 970, "k" * 952), "CloudFormation takes answers of 4096 bytes, this one has "),
        (("é" * 465, "é" * 485, "é" * 476), "CloudFormation takes answers of 4096 bytes, this one has "),
        (("k" * 1000, "k", "k"), "an S3 key has at most 1024 bytes, but this prefix is too long: s3://"),
    ],
)
def test_names_that_are_too_long_fail_before_they_cost_anything(
    aws: SimulatedAws, stack: Stack, prefixes: tuple[str, str, str], message: str
) -> None:
    response = _create_with_long_names(stack, *prefixes)

    assert message in response.reason
    assert aws.jobs == {}
    assert aws.puts == []
