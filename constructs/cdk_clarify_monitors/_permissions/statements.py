"""IAM policy statements as JSON: cheaper to make than `iam.PolicyStatement`, and as easy to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .._spec.s3_location import S3Location
from .._validation import is_token

if TYPE_CHECKING:
    from .._spec.stack_environment import StackEnvironment

Statement = dict[str, Any]


def allow(
    actions: str | list[str], resources: str | list[str], conditions: Mapping[str, Any] | None = None
) -> Statement:
    """A statement that allows actions on resources."""
    statement: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": conditions} if conditions else statement


def object_arns(environment: StackEnvironment, patterns: Iterable[S3Location]) -> list[str]:
    """The ARNs of objects, given as locations whose keys are patterns."""
    return without_redundant(f"arn:{environment.partition}:s3:::{pattern.path}" for pattern in patterns)


def bucket_arns(environment: StackEnvironment, locations: Iterable[S3Location]) -> list[str]:
    """The ARNs of the buckets that locations lie in."""
    return unique(f"arn:{environment.partition}:s3:::{location.bucket}" for location in locations)


def list_bucket_statements(environment: StackEnvironment, patterns: Iterable[S3Location]) -> Iterator[Statement]:
    """Statements that allow to list a bucket under the prefixes of some locations, whose keys are patterns."""
    prefixes: dict[str, list[str]] = {}
    for pattern in patterns:
        prefixes.setdefault(pattern.bucket, []).append(pattern.listed)
    for bucket, listed in prefixes.items():
        arn = f"arn:{environment.partition}:s3:::{bucket}"
        yield allow("s3:ListBucket", arn, {"StringLike": {"s3:prefix": without_redundant(listed)}})


def sagemaker_arns(environment: StackEnvironment, kind: str, name: str) -> list[str]:
    """The ARNs that a SageMaker resource may go by: some are lower-cased, whatever the name (boto/boto3#4606).

    CloudFormation cannot lower-case a name that is known at deployment only: `Ref` of the resource has the ARN then.
    """
    spellings = [name] if is_token(name) else unique([name, name.lower()])
    return [environment.arn("sagemaker", f"{kind}/{spelling}") for spelling in spellings]


def unique(items: Iterable[str]) -> list[str]:
    """The items in their order, each once."""
    return list(dict.fromkeys(items))


def without_redundant(patterns: Iterable[str]) -> list[str]:
    """The patterns in their order, without those that another one includes."""
    kept: list[str] = []
    for pattern in unique(patterns):
        if any("*" in other and _includes(other, pattern) for other in kept):
            continue
        if "*" in pattern:
            kept = [other for other in kept if not _includes(pattern, other)]
        kept.append(pattern)
    return kept


def _includes(pattern: str, other: str) -> bool:
    # A wildcard of the other is matched by one of the pattern's, whatever it stands for. Escaped ones are rare.
    if "${*}" in pattern or "${*}" in other:
        return False
    first, *middle, last = pattern.split("*")
    position, end = len(first), len(other) - len(last)
    if position > end or not (other.startswith(first) and other.endswith(last)):
        return False
    for part in middle:
        position = other.find(part, position, end)
        if position < 0:
            return False
        position += len(part)
    return True
