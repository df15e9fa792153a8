"""S3 refuses a request that expects a bucket to belong to another account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from cdk_clarify_monitors_local import EmbeddedAws

pytestmark = pytest.mark.deploy

CALLS: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "HeadBucket": lambda s3, bucket: s3.head_bucket(**bucket),
    "ListObjectsV2": lambda s3, bucket: s3.list_objects_v2(**bucket),
    "ListObjectVersions": lambda s3, bucket: s3.list_object_versions(**bucket),
    "GetBucketLocation": lambda s3, bucket: s3.get_bucket_location(**bucket),
    "PutBucketTagging": lambda s3, bucket: s3.put_bucket_tagging(Tagging={"TagSet": []}, **bucket),
    "HeadObject": lambda s3, bucket: s3.head_object(Key="key", **bucket),
    "GetObject": lambda s3, bucket: s3.get_object(Key="key", **bucket),
    "PutObject": lambda s3, bucket: s3.put_object(Key="other", Body=b"body", **bucket),
    "PutObject with a condition": lambda s3, bucket: s3.put_object(Key="new", Body=b"", IfNoneMatch="*", **bucket),
    "DeleteObject": lambda s3, bucket: s3.delete_object(Key="nothing", **bucket),
    "DeleteObjects": lambda s3, bucket: s3.delete_objects(Delete={"Objects": [{"Key": "nothing"}]}, **bucket),
    "CreateMultipartUpload": lambda s3, bucket: s3.create_multipart_upload(Key="parts", **bucket),
    "CopyObject": lambda s3, bucket: s3.copy_object(Key="copy", CopySource=f"{bucket['Bucket']}/key", **bucket),
    "CopyObject from": lambda s3, bucket: s3.copy_object(
        Bucket=bucket["Bucket"],
        Key="copy",
        CopySource={"Bucket": bucket["Bucket"], "Key": "key"},
        ExpectedSourceBucketOwner=bucket["ExpectedBucketOwner"],
    ),
}


@pytest.fixture
def bucket(embedded_aws: EmbeddedAws) -> str:
    """A bucket with an object."""
    s3, name = embedded_aws.client("s3"), f"owned-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": embedded_aws.region})
    s3.put_object(Bucket=name, Key="key", Body=b"body")
    return name


@pytest.mark.parametrize(
    ("expected", "status", "code"),
    [
        ("210987654321", 403, "AccessDenied"),
        ("000000000000", 403, "AccessDenied"),
        ("12345678901", 400, "InvalidBucketOwnerAWSAccountID"),
        ("1234567890123", 400, "InvalidBucketOwnerAWSAccountID"),
        ("arn:aws:iam::123456789012:root", 400, "InvalidBucketOwnerAWSAccountID"),
    ],
)
def test_another_owner_is_refused(
    embedded_aws: EmbeddedAws, bucket: str, expected: str, status: int, code: str
) -> None:
    s3 = embedded_aws.client("s3")

    for name, call in CALLS.items():
        with pytest.raises(ClientError) as raised:
            call(s3, {"Bucket": bucket, "ExpectedBucketOwner": expected})

        answer = raised.value.response
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == status, name
        assert answer["Error"]["Code"] in (code, str(status)), name  # HEAD has no body
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["key"]


def test_the_owner_is_served(embedded_aws: EmbeddedAws, bucket: str) -> None:
    s3 = embedded_aws.client("s3")

    for call in CALLS.values():
        call(s3, {"Bucket": bucket, "ExpectedBucketOwner": embedded_aws.account})


def test_a_bucket_that_is_not_there_belongs_to_nobody(embedded_aws: EmbeddedAws) -> None:
    s3 = embedded_aws.client("s3")

    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.list_objects_v2(Bucket="no-such-bucket-at-all", ExpectedBucketOwner="210987654321")
