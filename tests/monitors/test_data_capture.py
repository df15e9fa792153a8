"""DataCapture: what the endpoint's configuration, its execution role and the monitor are told by one object."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

from cdk_clarify_monitors import BatchTransformInput, DataCapture, MonitoringDatasetFormat
from tests.support.monitors.builders import bias_monitor, explainability_monitor, only, template_of
from tests.support.templates.annotations import warnings_of
from tests.support.templates.lint import findings

BATCH = BatchTransformInput("s3://data/captured", "/captured", MonitoringDatasetFormat.csv())


@pytest.fixture
def bucket(stack: cdk.Stack) -> s3.Bucket:
    return s3.Bucket(stack, "Captured")


def warnings(stack: cdk.Stack) -> list[str]:
    return warnings_of(stack, "cdk-clarify-monitors:")


def endpoint(stack: cdk.Stack, capture: DataCapture | None) -> sagemaker.CfnEndpoint:
    variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
        variant_name="AllTraffic",
        model_name="loans",
        initial_instance_count=1,
        instance_type="ml.m5.large",
        initial_variant_weight=1,
    )
    config = sagemaker.CfnEndpointConfig(
        stack,
        "Config",
        production_variants=[variant],
        data_capture_config=capture.data_capture_config if capture else None,
    )
    return sagemaker.CfnEndpoint(stack, "Endpoint", endpoint_config_name=config.attr_endpoint_config_name)


def test_the_configuration_of_the_endpoint_gets_everything(stack: cdk.Stack, bucket: s3.Bucket) -> None:
    key = kms.Key(stack, "Key")
    endpoint(
        stack,
        DataCapture(
            bucket,
            "loans/captured/",
            sampling_percentage=20,
            csv_content_types=[],
            json_content_types=["application/json", "application/jsonlines"],
            kms_key=key,
        ),
    )

    template = template_of(stack)
    assert only(template, "AWS::SageMaker::EndpointConfig")["DataCaptureConfig"] == {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "DestinationS3Uri": {"Fn::Join": ["", ["s3://", stack.resolve(bucket.bucket_name), "/loans/captured"]]},
        "KmsKeyId": stack.resolve(key.key_arn),
        "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json", "application/jsonlines"]},
    }
    assert findings(json.dumps(template.to_json()), "eu-central-1") == []


def test_all_requests_and_responses_are_the_default(stack: cdk.Stack) -> None:
    capture = DataCapture(s3.Bucket.from_bucket_name(stack, "Bucket", "captured"), "loans")
    endpoint(stack, capture)

    assert capture.s3_uri == "s3://captured/loans"
    assert only(template_of(stack), "AWS::SageMaker::EndpointConfig")["DataCaptureConfig"] == {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "DestinationS3Uri": "s3://captured/loans",
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
    }


def test_the_endpoint_and_the_monitor_agree(stack: cdk.Stack, bucket: s3.Bucket) -> None:
    capture = DataCapture(bucket, "captured")
    bias_monitor(stack, endpoint_input=endpoint(stack, capture), data_capture=capture)

    assert warnings(stack) == []


def test_a_capture_is_a_value(stack: cdk.Stack, bucket: s3.Bucket) -> None:
    capture = DataCapture(bucket, "captured", capture_options=["Input", "Output"])

    assert capture == DataCapture(bucket, "captured/") == copy.deepcopy(capture)
    assert hash(capture) == hash(DataCapture(bucket, "captured"))
    assert capture != DataCapture(s3.Bucket(stack, "Other"), "captured")
    assert replace(capture, prefix="other").s3_uri == f"s3://{bucket.bucket_name}/other"
    with pytest.raises(AttributeError):
        capture.prefix = "other"  # type: ignore[misc]


# ---------------------------------------------------------------- what is refused
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no sampling": ({"sampling_percentage": 0}, "'sampling_percentage' must be at least 1, got 0"),
    "more than all": ({"sampling_percentage": 101}, "'sampling_percentage' must be at most 100, got 101"),
    "a slash first": (
        {"prefix": "/captured"},
        "'prefix' must be a key prefix, without the bucket and without a slash first, got '/captured': write "
        "'data-capture', for instance",
    ),
    "a URI": (
        {"prefix": "s3://bucket/captured"},
        "'prefix' must be a key prefix, without the bucket and without a slash first, got 's3://bucket/captured': "
        "write 'data-capture', for instance",
    ),
    "nothing": ({"prefix": ""}, "'prefix' must not be empty, got ''"),
    "a way up": ({"prefix": "a/../b"}, "'prefix' must have neither control characters nor the segments . and .., got"),
    "too long": ({"prefix": "a" * 444}, "'prefix' must have at most 443 characters, got 'aaa"),
    "no side": ({"capture_options": []}, "'capture_options' must have at least one item, got []"),
    "a side twice": ({"capture_options": ["Input", "Input"]}, "'capture_options' must name 'Input' only once, got"),
    "the SDK's word": (
        {"capture_options": ["REQUEST"]},
        "'capture_options[0]' must be one of 'Input', 'Output', got 'REQUEST': write 'Input'",
    ),
    "both in one": (
        {"capture_options": ["InputAndOutput"]},
        "'capture_options[0]' must be one of 'Input', 'Output', got 'InputAndOutput': write 'Input' and 'Output'",
    ),
    "no content type": (
        {"csv_content_types": [], "json_content_types": []},
        "'csv_content_types' must have at least one item without 'json_content_types', got []: executions read CSV",
    ),
    "no form of a content type": (
        {"csv_content_types": ["csv"]},
        "'csv_content_types[0]' must be a content type such as text/csv, got 'csv'",
    ),
}


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_captures_nothing_of_use_is_refused(bucket: s3.Bucket, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        DataCapture(**{"bucket": bucket, "prefix": "captured", **changes})


def test_what_is_no_bucket_key_or_role_is_refused(stack: cdk.Stack, bucket: s3.Bucket) -> None:
    arn = "arn:aws:iam::111111111111:role/endpoint"
    untyped: Any = DataCapture
    with pytest.raises(TypeError, match=r"'bucket' must be an s3.IBucket, got 'captured': wrap it: s3\.Bucket"):
        untyped("captured", "loans")
    with pytest.raises(TypeError, match=r"'kms_key' must be a kms.IKey, got 'alias/loans': wrap it: kms\.Alias"):
        untyped(bucket, "loans", kms_key="alias/loans")
    with pytest.raises(TypeError, match=r"'grantee' must be an iam.IGrantable, got 'arn:.*': wrap it: iam\.Role"):
        untyped(bucket, "loans").grant_write(arn)
    with pytest.raises(TypeError, match=r"'enable_capture' must be left out: DataCapture has no such argument"):
        untyped(bucket, "loans", enable_capture=True)


@pytest.mark.parametrize(
    ("make", "changes", "message"),
    [
        (
            bias_monitor,
            {"capture": {"capture_options": ["Input"]}},
            r"'data_capture.capture_options' must have 'Output' for ModelBias monitors, got \['Input'\]: write ",
        ),
        (
            explainability_monitor,
            {"capture": {"capture_options": ["Output"]}},
            r"'data_capture.capture_options' must have 'Input' for ModelExplainability monitors, got \['Output'\]",
        ),
        (
            bias_monitor,
            {"data_capture_s3_uri": "s3://captured/loans"},
            r"'data_capture_s3_uri' must be left out with 'data_capture', got 's3://captured/loans'",
        ),
        (
            bias_monitor,
            {"endpoint_input": None, "batch_transform_input": BATCH},
            r"'data_capture' must be left out with 'batch_transform_input', got DataCapture\(",
        ),
    ],
)
def test_a_capture_that_does_not_fit_the_monitor_is_refused(
    stack: cdk.Stack, bucket: s3.Bucket, make: Any, changes: dict[str, Any], message: str
) -> None:
    capture = DataCapture(bucket, "captured", **changes.pop("capture", {}))
    with pytest.raises(ValueError, match=message):
        make(stack, data_capture=capture, **changes)
    assert [child.node.id for child in stack.node.children] == ["Captured"]


def test_a_uri_in_place_of_the_object_is_refused(stack: cdk.Stack) -> None:
    untyped: Any = "s3://captured/loans"
    with pytest.raises(TypeError, match="'data_capture' must be a DataCapture, got 's3://captured/loans'"):
        bias_monitor(stack, data_capture=untyped)


def test_attributions_need_no_responses(stack: cdk.Stack, bucket: s3.Bucket) -> None:
    capture = DataCapture(bucket, "captured", capture_options=["Input"])
    explainability_monitor(stack, endpoint_input=endpoint(stack, capture), data_capture=capture)

    assert warnings(stack) == []


# ---------------------------------------------------------------- what is warned of
def test_an_endpoint_that_captures_no_responses_is_warned_of(stack: cdk.Stack, bucket: s3.Bucket) -> None:
    capture = DataCapture(bucket, "captured", capture_options=["Input"])
    bias_monitor(stack, endpoint_input=endpoint(stack, capture))

    (warning,) = warnings(stack)
    assert warning.startswith("the endpoint captures no responses: turn on data capture of requests and responses")


def test_an_endpoint_without_the_given_capture_is_warned_of(stack: cdk.Stack, bucket: s3.Bucket) -> None:
    bias_monitor(stack, endpoint_input=endpoint(stack, None), data_capture=DataCapture(bucket, "captured"))

    (warning,) = warnings(stack)
    assert warning.startswith("the endpoint captures nothing: turn on data capture")


def test_an_endpoint_that_captures_elsewhere_is_warned_of(stack: cdk.Stack, bucket: s3.Bucket) -> None:
    served = endpoint(stack, DataCapture(bucket, "captured"))
    bias_monitor(stack, endpoint_input=served, data_capture=DataCapture(bucket, "other"))

    (warning,) = warnings(stack)
    assert warning.startswith(
        "the endpoint captures its data elsewhere than the given 'data_capture' says: write "
        "data_capture_config=capture.data_capture_config in Stack/Config, with the same DataCapture"
    )


def test_a_bucket_or_key_of_another_account_needs_its_owner(stack: cdk.Stack) -> None:
    given = s3.Bucket.from_bucket_attributes(stack, "Given", bucket_name="given", account="999999999999")
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:999999999999:key/1234abcd")
    bias_monitor(stack, data_capture=DataCapture(given, "captured", kms_key=key))

    of_key, of_bucket = warnings(stack)
    assert '"Action":["kms:Decrypt"]' in of_key
    assert "the bucket of 'data_capture' belongs to another account" in of_bucket
    assert '"Action":["s3:GetObject","s3:ListBucket"]' in of_bucket


# ---------------------------------------------------------------- the endpoint's role
def test_the_execution_role_of_the_endpoint_may_write(stack: cdk.Stack, bucket: s3.Bucket) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    key = kms.Key(stack, "Key")
    grant = DataCapture(bucket, "team*/captured", kms_key=key).grant_write(role)

    assert grant.success
    policy = only(template_of(stack), "AWS::IAM::Policy")
    objects, uses = policy["PolicyDocument"]["Statement"]
    assert "s3:PutObject" in objects["Action"]
    arn = {"Fn::GetAtt": [stack.resolve(bucket.bucket_name)["Ref"], "Arn"]}
    assert objects["Resource"] == {"Fn::Join": ["", [arn, "/team${*}/captured/*"]]}
    assert uses["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert uses["Resource"] == stack.resolve(key.key_arn)
