"""Several accounts in one embedded AWS: each has its own of everything, and bucket policies decide who reads."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from cdk_clarify_monitors_local import EmbeddedAws, EmbeddedAwsError

pytestmark = pytest.mark.deploy

OTHER = "222222222222"
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "s3:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.fixture(scope="module")
def other(embedded_aws: EmbeddedAws) -> EmbeddedAws:
    """A second account."""
    return embedded_aws.other_account(OTHER)


def test_another_account_is_another_caller(embedded_aws: EmbeddedAws, other: EmbeddedAws) -> None:
    assert other.client("sts").get_caller_identity()["Account"] == other.account == OTHER
    assert embedded_aws.client("sts").get_caller_identity()["Account"] == embedded_aws.account != OTHER
    assert (other.region, other.endpoint_url) == (embedded_aws.region, embedded_aws.endpoint_url)


def test_accounts_have_endpoints_of_their_own(embedded_aws: EmbeddedAws, other: EmbeddedAws) -> None:
    name = f"endpoint-{uuid4().hex[:8]}"
    other.add_endpoint(name)
    assert f":{OTHER}:" in other.client("sagemaker").describe_endpoint(EndpointName=name)["EndpointArn"]
    with pytest.raises(ClientError, match="Could not find endpoint"):
        embedded_aws.client("sagemaker").describe_endpoint(EndpointName=name)


def test_another_account_can_be_in_another_region(embedded_aws: EmbeddedAws) -> None:
    name, elsewhere = f"endpoint-{uuid4().hex[:8]}", embedded_aws.other_account(OTHER, region="us-east-2")
    elsewhere.add_endpoint(name)
    assert elsewhere.region == elsewhere.environment["AWS_REGION"] == "us-east-2" != embedded_aws.region
    arn = elsewhere.client("sagemaker").describe_endpoint(EndpointName=name)["EndpointArn"]
    assert arn == f"arn:aws:sagemaker:us-east-2:{OTHER}:endpoint/{name}"


def test_a_bucket_policy_lets_another_account_read(embedded_aws: EmbeddedAws, other: EmbeddedAws) -> None:
    s3, bucket = embedded_aws.client("s3"), f"shared-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": embedded_aws.region})
    for key in ("open/file", "shut/file"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"body")
    with pytest.raises(ClientError, match="AccessDenied"):
        other.client("s3").get_object(Bucket=bucket, Key="open/file")

    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "s3:GetObject"}
    statements = [
        {**TLS_ONLY, "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]},
        {**allow, "Resource": f"arn:aws:s3:::{bucket}/open/*"},
    ]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))

    assert other.client("s3").get_object(Bucket=bucket, Key="open/file")["Body"].read() == b"body"
    for key, action in (("shut/file", "get_object"), ("open/file", "delete_object")):
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(other.client("s3"), action)(Bucket=bucket, Key=key)


@pytest.mark.parametrize(
    "account", ["", "22222222222", "2222222222222", "22222222222x", "arn:aws:iam::222222222222:root"]
)
def test_what_is_no_account_is_refused(embedded_aws: EmbeddedAws, account: str) -> None:
    with pytest.raises(ValueError, match="'account' must be twelve digits"):
        embedded_aws.other_account(account)
    with pytest.raises(ValueError, match="'account' must be twelve digits"):
        EmbeddedAws(account=account)


def test_the_account_itself_is_no_other(embedded_aws: EmbeddedAws) -> None:
    with pytest.raises(ValueError, match="not those of this account"):
        embedded_aws.other_account(embedded_aws.account)


def test_without_a_server_there_are_no_accounts() -> None:
    with pytest.raises(EmbeddedAwsError, match="does not run"):
        EmbeddedAws().other_account(OTHER)
