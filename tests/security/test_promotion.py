"""What another account may do with the baselines of a monitor, once it is let."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from tests.support.monitors.builders import bias_monitor, data_config, explainability_monitor, only, template_of

OTHER = "222222222222"


def allowed(stack: cdk.Stack, type_: str, document: str) -> list[dict[str, Any]]:
    """The statements of a resource's policy that name the other account."""
    statements: list[dict[str, Any]] = only(template_of(stack), type_)[document]["Statement"]
    return [each for each in statements if OTHER in json.dumps(each.get("Principal"))]


@pytest.mark.parametrize("make", [bias_monitor, explainability_monitor])
@pytest.mark.parametrize("own", [False, True])
def test_another_account_may_read_baselines_only(stack: cdk.Stack, make: Any, own: bool) -> None:
    monitor = make(stack, bucket=s3.Bucket(stack, "Given") if own else None)
    make(stack, "NotPromoted")

    monitor.grant_read_baseline(iam.AccountPrincipal(OTHER))

    buckets = template_of(stack).find_resources("AWS::S3::BucketPolicy").values()
    statements = [each for bucket in buckets for each in bucket["Properties"]["PolicyDocument"]["Statement"]]
    read, listed = (each for each in statements if OTHER in json.dumps(each["Principal"]))
    assert (read["Action"], listed["Action"]) == ("s3:GetObject", "s3:ListBucket")
    key = read["Resource"]["Fn::Join"][1][-1]
    name = monitor.output_s3_uri.split("/")[3]
    assert key == f"/{name}/baselining/{name}-*"


def test_the_key_of_the_results_is_allowed(stack: cdk.Stack) -> None:
    bias_monitor(stack, output_kms_key=kms.Key(stack, "Key")).grant_read_baseline(iam.AccountPrincipal(OTHER))
    (statement,) = allowed(stack, "AWS::KMS::Key", "KeyPolicy")
    assert statement["Action"] == "kms:Decrypt"


def test_the_key_of_the_bucket_is_allowed(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Given", encryption=s3.BucketEncryption.KMS)
    bias_monitor(stack, bucket=bucket).grant_read_baseline(iam.AccountPrincipal(OTHER))
    (statement,) = allowed(stack, "AWS::KMS::Key", "KeyPolicy")
    assert statement["Action"] == "kms:Decrypt"


IMPORTED = "arn:aws:kms:eu-central-1:111111111111:key/12345678-1234-1234-1234-123456789012"
# What encrypts the baselines: the monitor's arguments, and what is said of it; None: the other account can decrypt.
ENCRYPTIONS: dict[str, tuple[Callable[[cdk.Stack], dict[str, Any]], str | None]] = {
    "imported key": (lambda s: {"output_kms_key": kms.Key.from_key_arn(s, "Key", IMPORTED)}, "allow kms:Decrypt in"),
    "alias": (lambda s: {"output_kms_key": kms.Alias.from_alias_name(s, "Key", "alias/data")}, "allow kms:Decrypt in"),
    "alias of an own key": (
        lambda s: {"output_kms_key": kms.Alias(s, "Alias", alias_name="alias/data", target_key=kms.Key(s, "Key"))},
        None,
    ),
    "AWS's key": (
        lambda s: {"bucket": s3.Bucket(s, "Given", encryption=s3.BucketEncryption.KMS_MANAGED)},
        "give the bucket a kms.Key of its own",
    ),
    "own key": (lambda s: {"output_kms_key": kms.Key(s, "Key")}, None),
    "own bucket's key": (lambda s: {"bucket": s3.Bucket(s, "Given", encryption=s3.BucketEncryption.KMS)}, None),
    "S3's own": (lambda s: {"bucket": s3.Bucket(s, "Given", encryption=s3.BucketEncryption.S3_MANAGED)}, None),
    "nothing": (lambda s: {}, None),
}


@pytest.mark.parametrize(("arguments", "told"), ENCRYPTIONS.values(), ids=ENCRYPTIONS.keys())
def test_a_key_that_another_account_cannot_use_is_told(stack: cdk.Stack, arguments: Any, told: str | None) -> None:
    """Imported keys take no statement, which the CDK does not say; AWS's keys are of one account for ever."""
    monitor = bias_monitor(stack, data_capture_s3_uri="s3://data/captured", **arguments(stack))
    monitor.grant_read_baseline(iam.AccountPrincipal(OTHER))
    warnings = [str(entry.data) for entry in monitor.node.metadata if entry.type == "aws:cdk:warning"]
    assert [told in each for each in warnings if told] == [True] * bool(told)
    assert [each for each in warnings if "baseline-key" in each] == warnings


def test_results_of_a_place_in_the_own_bucket_are_allowed(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Given")
    place = data_config(s3_output_path=f"s3://{bucket.bucket_name}/baselines")
    bias_monitor(stack, bucket=bucket, data_config=place).grant_read_baseline(iam.AccountPrincipal(OTHER))
    read, _ = allowed(stack, "AWS::S3::BucketPolicy", "PolicyDocument")
    assert read["Resource"]["Fn::Join"][1][-1].startswith("/baselines/")


def test_a_role_of_the_account_is_allowed_by_its_own_policy(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    bias_monitor(stack).grant_read_baseline(role)
    found = template_of(stack).find_resources("AWS::IAM::Policy").values()
    (policy,) = (each["Properties"] for each in found if "Reader" in json.dumps(each["Properties"]["Roles"]))
    actions = {each["Action"] for each in policy["PolicyDocument"]["Statement"]}
    assert actions == {"s3:GetObject", "s3:ListBucket"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"constraints": "s3://given/analysis.json"}, "'constraints' must be left out"),
        ({"data_config": data_config(s3_output_path="s3://other/baselines")}, "'s3_output_path' must be in a bucket"),
    ],
)
def test_a_baseline_that_is_elsewhere_cannot_be_granted(stack: cdk.Stack, changes: Any, message: str) -> None:
    monitor = bias_monitor(stack, **changes)
    with pytest.raises(ValueError, match=message):
        monitor.grant_read_baseline(iam.AccountPrincipal(OTHER))


def test_an_imported_bucket_has_no_policy_to_grant_by(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack, bucket=s3.Bucket.from_bucket_name(stack, "Given", "given"))
    with pytest.raises(ValueError, match=r"allow s3:GetObject on '.*/baselining/.*' where the bucket is made"):
        monitor.grant_read_baseline(iam.AccountPrincipal(OTHER))


@pytest.mark.parametrize("grantee", [None, OTHER, "arn:aws:iam::222222222222:root"])
def test_what_is_no_principal_is_refused(stack: cdk.Stack, grantee: Any) -> None:
    with pytest.raises(TypeError, match="'grantee' must be"):
        bias_monitor(stack).grant_read_baseline(grantee)


@pytest.mark.parametrize(
    ("grantee", "message"),
    [
        (
            iam.AccountPrincipal("22222222222"),
            "must be the principal of an account of twelve digits, got '22222222222'",
        ),
        (iam.AccountPrincipal("staging"), "must be the principal of an account of twelve digits"),
        (iam.AnyPrincipal(), "must be somebody"),
        (iam.StarPrincipal(), "must be somebody"),
    ],
    ids=["eleven digits", "name", "any", "star"],
)
def test_who_is_nobody_in_particular_is_refused(stack: cdk.Stack, grantee: Any, message: str) -> None:
    monitor = bias_monitor(stack)
    with pytest.raises(ValueError, match=f"'grantee' {message}"):
        monitor.grant_read_baseline(grantee)
    assert allowed(stack, "AWS::S3::BucketPolicy", "PolicyDocument") == []
