"""The custom resources' handlers, in the protocol of CDK's provider framework.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html#provider-framework
"""

import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING or __package__:
    from .clarify_baseline.aws.retry_policy import CLIENT_CONFIG
    from .clarify_baseline.custom_resource import CustomResource
    from .clarify_baseline.schedule_guard import RESOURCE_TYPE as SCHEDULE_GUARD
    from .clarify_baseline.schedule_guard import ScheduleGuard
else:  # on Lambda this folder is the root of the zip, and this module is in no package
    from clarify_baseline.aws.retry_policy import CLIENT_CONFIG
    from clarify_baseline.custom_resource import CustomResource
    from clarify_baseline.schedule_guard import RESOURCE_TYPE as SCHEDULE_GUARD
    from clarify_baseline.schedule_guard import ScheduleGuard


def on_event(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Receive a request of CloudFormation."""
    return _custom_resource(event["ResourceType"]).on_event(event)


def is_complete(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Advance a request by one step; called every few seconds until it is complete."""
    return _custom_resource(event["ResourceType"]).is_complete(event)


@cache
def _custom_resource(resource_type: str) -> CustomResource | ScheduleGuard:
    sagemaker, clock = boto3.client("sagemaker", config=CLIENT_CONFIG), lambda: time.time()
    if resource_type == SCHEDULE_GUARD:
        return ScheduleGuard(sagemaker=sagemaker, clock=clock)
    return CustomResource(
        sagemaker=sagemaker,
        s3=boto3.client("s3", config=CLIENT_CONFIG),
        clock=clock,
        sleep=lambda seconds: time.sleep(seconds),
    )
