"""IAM policy statements as JSON: cheaper to make than `iam.PolicyStatement`, and as easy to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ._checks import is_token
from ._s3 import S3Location
from ._stack import StackEnvironment

Statement = dict[str, Any]


def allow(
    actions: str | list[str], resources: str | list[str], conditions: Mapping[str, Any] | None = None
) -> Statement:
    """A statement that allows actions on resources."""
    statement: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": conditions} if conditions else statement


def object_arns(environment: StackEnvironment, patterns: Iterable[S3Location]) -> list[str]:
    """The ARNs of objects, given as locations whose keys are patterns."""
    return unique(f"arn:{environment.partition}:s3:::{place.bucket}/{place.key}" for place in patterns)


def bucket_arns(environment: StackEnvironment, places: Iterable[S3Location]) -> list[str]:
    """The ARNs of the buckets that locations lie in."""
    return unique(f"arn:{environment.partition}:s3:::{place.bucket}" for place in places)


def sagemaker_arns(environment: StackEnvironment, kind: str, name: str) -> list[str]:
    """The ARNs that a SageMaker resource may go by: some are lower-cased, whatever the name (boto/boto3#4606)."""
    names = [name] if is_token(name) else unique([name, name.lower()])
    return [environment.arn("sagemaker", f"{kind}/{each}") for each in names]


def unique(items: Iterable[str]) -> list[str]:
    """The items in their order, each once."""
    return list(dict.fromkeys(items))
