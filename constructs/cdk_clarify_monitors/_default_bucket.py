"""The bucket for what the monitors of a stack write, unless they are given one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._acknowledged import acknowledge, cdk_nag_is_loaded
from ._batch import Batch

if TYPE_CHECKING:
    import aws_cdk as cdk

BUCKET_ID = "ClarifyMonitorBucket"

_S3 = "aws-cdk-lib.aws_s3"
_ACCESS_LOGS = (
    "Where access is logged is for the account to decide, by CloudTrail data events or a bucket of its own: a monitor "
    "that is given a 'bucket' uses that one."
)


def make_bucket(stack: cdk.Stack) -> tuple[str, str]:
    """Make a bucket: encrypted, private, over TLS only, and kept when the stack is deleted.

    Its logical id is the construct's: it stands in the template many times, and the CDK computes others each time anew.

    Returns:
        Its name and its logical id, as tokens.
    """
    batch = Batch()
    bucket = batch.new(
        f"{_S3}.Bucket",
        stack,
        BUCKET_ID,
        {
            "blockPublicAccess": batch.get(f"{_S3}.BlockPublicAccess", "BLOCK_ALL"),
            "encryption": batch.get(f"{_S3}.BucketEncryption", "S3_MANAGED"),
            "enforceSSL": True,
            "minimumTLSVersion": 1.2,
            "removalPolicy": batch.get("aws-cdk-lib.RemovalPolicy", "RETAIN"),
        },
    )
    name = batch.get(bucket, "bucketName")
    resource = batch.get(batch.get(bucket, "node"), "defaultChild")
    batch.call(resource, "overrideLogicalId", BUCKET_ID)
    logical_id = batch.get(resource, "logicalId")
    if cdk_nag_is_loaded():
        acknowledge(batch, bucket, {"AwsSolutions-S1": _ACCESS_LOGS})
    made = batch.run()
    return made[name], made[logical_id]
