"""What S3 refuses about a URI is refused when an object is made, by the rule that the Lambda function has, too."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import Constraints, DataConfig, SHAPConfig
from cdk_clarify_monitors_lambda.clarify_baseline.s3_uri import S3Uri
from tests.support.monitors.builders import bias_monitor
from tests.support.monitors.calls import batch, data, settings

ACCEPTED = [
    "s3://abc",
    "s3://abc/",
    f"s3://{'b' * 63}/key",
    "s3://my.bucket-1/key",
    "s3://1bucket/key",
    "s3://xn-bucket/key",
    "s3://sthree/key",
    "s3://bucket-s3alias-1/key",
    "s3://bucket.mrap.x/key",
    "s3://192.168.5.4x/key",
    "s3://192.168.5/key",
    "s3://sagemaker-us-west-2-123456789012/key",
    "s3://logs-111122223333-eu-central-1-an/key",  # of an account's own namespace
    "s3://My_Bucket/key",  # made in us-east-1 before March 2018
    "s3://bucket/a//b",
    "s3://bucket/ä b/*?${x}/%2F/...",
    f"s3://bucket/{'k' * 1011}",
]
REFUSED = {
    "s3://": "3 to 63 letters",
    "s3:///key": "3 to 63 letters",
    "s3://ab/key": "3 to 63 letters",
    f"s3://{'b' * 64}/key": "3 to 63 letters",
    "s3://-bucket/key": "3 to 63 letters",
    "s3://bucket-/key": "3 to 63 letters",
    "s3://.bucket/key": "3 to 63 letters",
    "s3://bucket./key": "3 to 63 letters",
    "s3://_bucket/key": "3 to 63 letters",
    "s3://my bucket/key": "3 to 63 letters",
    "s3://büro/key": "3 to 63 letters",
    "s3://bucket?/key": "3 to 63 letters",
    "s3://bucket\n/key": "3 to 63 letters",
    "s3://arn:aws:s3:eu-central-1:111122223333:accesspoint/x/key": "3 to 63 letters",
    "s3://my..bucket/key": "two adjacent dots",
    "s3://192.168.5.4/key": "IP address",
    "s3://xn--bucket/key": "xn--…",
    "s3://sthree-bucket/key": "sthree-…",
    "s3://sthree-configurator/key": "sthree-…",
    "s3://amzn-s3-demo-bucket/key": "amzn-s3-demo-…",
    "s3://mine-abcdefgh-s3alias/key": "…-s3alias",
    "s3://mine--ol-s3/key": "…--ol-s3",
    "s3://mine.mrap/key": "….mrap",
    "s3://mine--usw2-az1--x-s3/key": "…--x-s3",
    "s3://mine--table-s3/key": "…--table-s3",
    "s3://bucket/a/../b": r"segments \. and \.\.",
    "s3://bucket/./b": r"segments \. and \.\.",
    "s3://bucket/..": r"segments \. and \.\.",
    "s3://bucket/a\nb": "control characters",
    "s3://bucket/a\x00b": "control characters",
    "s3://bucket/a\x85b": "control characters",
    "s3://bucket/a\u2028b": "control characters",
    "s3://bucket/\ud800": "encodable as UTF-8",
    f"s3://bucket/{'ä' * 513}": "a key of at most 1024 bytes",
}
NO_URI = ["bucket/key", "S3://bucket/key", "s3:/bucket/key", "https://bucket/key", "/tmp/data.csv", " s3://bucket/key"]


@pytest.mark.parametrize("uri", ACCEPTED)
def test_what_s3_takes_is_taken_by_both(uri: str) -> None:
    assert DataConfig(uri).s3_data_input_path == uri
    assert str(S3Uri.parse(uri, "place")) == uri.rstrip("/")


@pytest.mark.parametrize(("uri", "reason"), REFUSED.items())
def test_what_s3_refuses_is_refused_by_both(uri: str, reason: str) -> None:
    with pytest.raises(ValueError, match=rf"'s3_data_input_path' must .*{reason}.*, got "):
        DataConfig(uri)
    with pytest.raises(ValueError, match=rf"place must .*{reason}.*, got "):
        S3Uri.parse(uri, "place")


@pytest.mark.parametrize("uri", NO_URI)
def test_what_is_no_s3_uri_is_refused_by_both(uri: str) -> None:
    with pytest.raises(ValueError, match=r"'s3_data_input_path' must be the URI of something in S3, got .*from_asset"):
        DataConfig(uri)
    with pytest.raises(ValueError, match=r"place must be an S3 URI, got .*: write s3://bucket/prefix"):
        S3Uri.parse(uri, "place")


@pytest.mark.parametrize(
    ("argument", "make"),
    [
        ("s3_output_path", lambda uri: data(s3_output_path=uri)),
        ("s3_analysis_config_output_path", lambda uri: data(s3_analysis_config_output_path=uri)),
        ("facet_dataset_uri", lambda uri: data(facet_dataset_uri=uri)),
        ("predicted_label_dataset_uri", lambda uri: data(predicted_label_dataset_uri=uri)),
        ("baseline", lambda uri: SHAPConfig(uri)),
        ("constraints_file_s3_uri", lambda uri: Constraints.from_s3_uri(uri)),
        ("constraints", lambda uri: settings(constraints=uri)),
        ("output_s3_uri", lambda uri: settings(output_s3_uri=uri)),
        ("data_capture_s3_uri", lambda uri: settings(data_capture_s3_uri=uri)),
        ("data_captured_destination_s3_uri", lambda uri: batch(data_captured_destination_s3_uri=uri)),
    ],
)
def test_every_uri_is_checked(argument: Any, make: Any) -> None:
    with pytest.raises(ValueError, match=f"'{argument}' must be an S3 URI with a bucket"):
        make("s3://my..bucket/key")


@pytest.mark.parametrize("name", ["mine--ol-s3", "mine-abcdefgh-s3alias", "sthree-mine", "amzn-s3-demo-bucket"])
def test_the_name_of_a_given_bucket_is_checked(name: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    bucket = s3.Bucket.from_bucket_name(stack, "Given", name)
    with pytest.raises(
        ValueError, match=f"'bucket' must be an S3 URI with a general purpose bucket.*, got 's3://{name}'"
    ):
        bias_monitor(stack, bucket=bucket)
    assert [child.node.id for child in stack.node.children] == ["Given"]
