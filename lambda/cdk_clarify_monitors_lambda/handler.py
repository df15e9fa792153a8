"""The custom resource's handlers, in the protocol of CDK's provider framework.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html#provider-framework
"""

import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING or __package__:
    from .clarify_baseline.custom_resource import CustomResource
else:  # on Lambda this folder is the root of the zip, and this module is in no package
    from clarify_baseline.custom_resource import CustomResource

_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4})


def on_event(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Take a request of CloudFormation on."""
    return _custom_resource().on_event(event)


def is_complete(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Go one step further with a request, every few seconds until it is done."""
    return _custom_resource().is_complete(event)


@cache
def _custom_resource() -> CustomResource:
    return CustomResource(
        sagemaker=boto3.client("sagemaker", config=_CONFIG),
        s3=boto3.client("s3", config=_CONFIG),
        clock=lambda: time.time(),
        sleep=lambda seconds: time.sleep(seconds),
    )
