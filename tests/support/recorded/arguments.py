"""From a case's arguments to those of the construct: one call for the SDK's three, with CDK's types."""

import enum
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

import cdk_clarify_monitors
from tests.support.recorded.record import Case

SUGGEST, SCHEDULE = "suggest_baseline", "create_monitoring_schedule"

# Arguments of the SDK that the constructs do not have, and why.
DROPPED = {
    "sagemaker_session": "there is none; its default bucket is the construct's `bucket`",
    "kms_key": "of suggest_baseline: it encrypts the uploaded config, which output_kms_key or the bucket does here",
    "job_name": "the name ends in a fingerprint of the inputs: an update needs a new one, a rollback the old one",
    "wait": "a deployment always waits",
}


def construct_arguments(case: Case, stack: cdk.Stack) -> dict[str, Any]:
    """What the construct gets for a case.

    Raises:
        ValueError: The library refuses an argument.
        TypeError: The library refuses an argument.
    """
    given = {**case.settings, **case.arguments_of(SUGGEST), **case.arguments_of(SCHEDULE)}
    arguments = {name: made(value) for name, value in given.items() if name not in DROPPED}
    if SCHEDULE not in case.calls:
        # A construct always makes a schedule; what it says there is not compared with anything.
        arguments["endpoint_input"] = "any-endpoint"
        if case.monitor == "ModelBiasMonitor":
            arguments["ground_truth_input"] = "s3://any-bucket/ground-truth"
        if SUGGEST not in case.calls:
            arguments["analysis_config"] = "s3://any-bucket/analysis_config.json"
    if role := arguments.get("role"):
        arguments["role"] = iam.Role.from_role_arn(stack, "Role", role_arn(case, role))
    for name in ("volume_kms_key", "output_kms_key"):
        if key := arguments.get(name):
            arguments[name] = kms.Key.from_key_arn(stack, name, key_arn(case, key))
    if (tags := arguments.get("tags")) is not None:
        pairs = tags.items() if isinstance(tags, dict) else ((tag["Key"], tag["Value"]) for tag in tags)
        arguments["tags"] = {key: str(value) for key, value in pairs}  # the SDK makes strings of the values
    return {**arguments, "bucket": s3.Bucket.from_bucket_name(stack, "Bucket", case.bucket)}


def role_arn(case: Case, role: str) -> str:
    """The ARN of a role given by ARN or by name: names were looked up, with this answer."""
    partition = "aws-cn" if case.region.startswith("cn-") else "aws-us-gov" if "-gov-" in case.region else "aws"
    return role if role.startswith("arn:") else f"arn:{partition}:iam::{case.account}:role/service-role/{role}"


def key_arn(case: Case, key: str) -> str:
    """The ARN of a KMS key given by ARN or by id: the constructs take keys."""
    return key if key.startswith("arn:") else f"arn:aws:kms:{case.region}:{case.account}:key/{key}"


def made(value: Any) -> Any:
    """A recorded argument; where it says `$type`, a call of that class or static method of the library."""
    if isinstance(value, list):
        return [made(item) for item in value]
    if not isinstance(value, dict):
        return value
    kwargs = {name: made(item) for name, item in value.items() if name != "$type"}
    if "$type" not in value:
        return kwargs
    maker: Any = cdk_clarify_monitors
    for name in value["$type"].split("."):
        maker = getattr(maker, name)
    return maker(*kwargs.values()) if isinstance(maker, enum.EnumMeta) else maker(**kwargs)
