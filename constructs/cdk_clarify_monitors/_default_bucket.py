"""The bucket for what the monitors of a stack write, unless they are given one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from ._acknowledged import acknowledge, cdk_nag_is_loaded

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3

_ACCESS_LOGS = (
    "Where access is logged is for the account to decide, by CloudTrail data events or a bucket of its own: a monitor "
    "that is given a 'bucket' uses that one."
)


def default_bucket(stack: cdk.Stack) -> s3.Bucket:
    """A bucket: encrypted, private, over TLS only, and kept when the stack is deleted."""
    from aws_cdk import aws_s3 as s3  # imported here: an app that brings its own buckets may do without

    bucket = s3.Bucket(
        stack,
        "ClarifyMonitorBucket",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    if cdk_nag_is_loaded():
        acknowledge(bucket, {"AwsSolutions-S1": _ACCESS_LOGS})
    return bucket
