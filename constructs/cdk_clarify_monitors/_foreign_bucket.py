"""A bucket of another account, whose own policy has to allow what a role's policy allows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk

from ._validation import is_token

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

    from ._stack import StackEnvironment


def warn_of_foreign_bucket(scope: Construct, environment: StackEnvironment, bucket: s3.IBucket) -> None:
    """Tell what the policy of the monitor's bucket needs, if the CDK knows that it belongs to another account.

    Source:
    [granting cross-account bucket permissions](https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-walkthroughs-managing-access-example2.html).

    Args:
        scope: The monitor.
        environment: The monitor's stack.
        bucket: The bucket that it is given.
    """
    account = bucket.env.account
    if is_token(account) or is_token(environment.account) or account == environment.account:
        return
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{environment.partition}:iam::{environment.account}:root"},
        "Action": ["s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"],
        "Resource": [bucket.bucket_arn, f"{bucket.bucket_arn}/*"],
    }
    cdk.Annotations.of(scope).add_warning_v2(
        "cdk-clarify-monitors:bucket",
        "the given 'bucket' belongs to another account: add this statement to its policy by hand: "
        + json.dumps(environment.stack.resolve(statement)),
    )
