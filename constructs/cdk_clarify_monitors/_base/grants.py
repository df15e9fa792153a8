"""Permissions on a monitor, for whoever is given them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from .._lazy_module import LazyModule
from .._spec.s3_location import S3Location
from .._validation import GRANTEE, InvalidType, InvalidValue, is_token, text

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from constructs import Construct
else:
    iam = LazyModule("aws_cdk.aws_iam")

START_STOP: Final = (
    "sagemaker:DescribeMonitoringSchedule",
    "sagemaker:StartMonitoringSchedule",
    "sagemaker:StopMonitoringSchedule",
)

# What `grant_read` of the CDK's buckets allows.
_READ_OBJECTS: Final = ("s3:GetObject*", "s3:GetBucket*", "s3:List*")
_ACTION: Final = text(pattern=r"[a-z0-9-]+:[A-Za-z*?]+", form="service:Action")


@dataclass(frozen=True)
class ResultLocation:
    """Where the results of a monitor's executions are.

    Attributes:
        uri: The S3 URI below which they are.
        bucket: The bucket that has them, as a construct; None: only its name is known.
        key: The key that encrypts them, if it is not the bucket's.
    """

    uri: str
    bucket: s3.IBucket | None
    key: kms.IKey | None


def grant(grantee: iam.IGrantable, actions: Sequence[str], arns: Sequence[str]) -> iam.Grant:
    """Let somebody do something with a monitor's schedule.

    Args:
        grantee: Who.
        actions: IAM's names of what, such as sagemaker:DescribeMonitoringSchedule.
        arns: The ARNs of the schedule.

    Raises:
        ValueError: There are no actions, or one has no service.
        TypeError: A value is of the wrong type.
    """
    GRANTEE("grantee", grantee)
    if not actions:
        raise InvalidValue("actions", "have at least one item", [*actions], f"write grant(grantee, {START_STOP[0]!r})")
    for action in actions:
        if isinstance(action, str) and not is_token(action) and ":" not in action:
            raise InvalidValue("actions", "have IAM's form", action, f"write 'sagemaker:{action}'")
        _ACTION("actions", action)
    return iam.Grant.add_to_principal(grantee=grantee, actions=[*actions], resource_arns=[*arns])


def check_statement(statement: object) -> None:
    """Refuse what is no statement of a policy.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(statement, iam.PolicyStatement):
        remedy = "write iam.PolicyStatement(actions=['s3:GetObject'], resources=[…])"
        raise InvalidType("statement", "be an iam.PolicyStatement", statement, remedy)


def grant_read(scope: Construct, grantee: iam.IGrantable, results: ResultLocation) -> iam.Grant:
    """Let somebody read the results of a monitor's executions, and decrypt them.

    Args:
        scope: The monitor.
        grantee: Who.
        results: Where they are.

    Raises:
        TypeError: A value is of the wrong type.
    """
    GRANTEE("grantee", grantee)
    place = S3Location.parse(results.uri).as_pattern().below("*")
    if results.bucket is not None and place.parent is None:
        granted = results.bucket.grant_read(grantee, place.key)
    else:
        start = f"arn:{cdk.Stack.of(scope).partition}:s3:::"
        arns = [f"{start}{place.bucket}", f"{start}{place.path}"]
        granted = iam.Grant.add_to_principal(grantee=grantee, actions=[*_READ_OBJECTS], resource_arns=arns)
    return granted.combine(results.key.grant_decrypt(grantee)) if results.key is not None else granted
