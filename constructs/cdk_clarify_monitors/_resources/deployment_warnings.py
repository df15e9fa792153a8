"""What the deployment of a monitor may fail of, and what only others can allow.

Each warning is as `monitor-resources.js` takes it: an id, a message, and a statement that the message ends in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .._permissions.job_policy import DATA_KEY_ACTIONS, VOLUME_KEY_ACTIONS
from .._spec.clarify_image import REGIONS_WITHOUT_RESOURCE_TYPES
from .._validation import is_token

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3

    from .._permissions.job_policy import JobAccess
    from .._permissions.keys import EncryptionKey
    from .._spec.monitor_spec import MonitorSpec
    from .._spec.stack_environment import StackEnvironment

DeploymentWarning = dict[str, Any]


def deployment_warnings(
    spec: MonitorSpec, environment: StackEnvironment, access: JobAccess
) -> Iterator[DeploymentWarning]:
    """The warnings of a monitor.

    Args:
        spec: What it is to be.
        environment: Its stack's environment.
        access: What its jobs touch.
    """
    settings = spec.settings
    if environment.region in REGIONS_WITHOUT_RESOURCE_TYPES:
        message = (
            f"CloudFormation's published schemas have no {spec.kind.monitoring_type}JobDefinition in "
            f"{environment.region}: the deployment fails there unless AWS has added it since"
        )
        yield {"id": "region", "message": message}
    if access.predictors and settings.network_config and settings.network_config.enable_network_isolation:
        # No error: the same jobs may work with another version of the container. Source:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html#clarify-vpc-model
        message = (
            "the jobs run in network isolation ('enable_network_isolation' of 'network_config'), where Clarify can "
            "call neither a model nor an endpoint: turn it off and give the jobs a VPC, or give the predictions "
            "('predicted_label' or 'predicted_label_dataset_uri' of 'data_config') in place of 'model_config'"
        )
        yield {"id": "network-isolation", "message": message}
    yield from _foreign_keys(environment, access.data_keys, DATA_KEY_ACTIONS)
    yield from _foreign_keys(environment, access.volume_keys, VOLUME_KEY_ACTIONS)
    if settings.bucket:
        yield from _foreign_bucket(environment, settings.bucket)


def _foreign_keys(
    environment: StackEnvironment, keys: Sequence[EncryptionKey], actions: Sequence[str]
) -> Iterator[DeploymentWarning]:
    """What the policies of other accounts' keys need: there a role's own policy is not enough."""
    for key in keys:
        if not is_token(key.arn) and environment.is_foreign(key.arn.split(":")[4]):
            yield {
                "id": "key",
                "message": f"the key {key.arn} belongs to another account: add this statement to its policy by hand",
                "statement": _for_account(environment, actions, "*"),
            }


def _foreign_bucket(environment: StackEnvironment, bucket: s3.IBucket) -> Iterator[DeploymentWarning]:
    """What the policy of another account's bucket needs. Source: [granting cross-account bucket permissions][1].

    [1]: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-walkthroughs-managing-access-example2.html
    """
    if environment.is_foreign(bucket.env.account):
        arn = bucket.bucket_arn
        actions = ["s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]
        yield {
            "id": "bucket",
            "message": "the given 'bucket' belongs to another account: add this statement to its policy by hand",
            "statement": _for_account(environment, actions, [arn, f"{arn}/*"]),
        }


def _for_account(environment: StackEnvironment, actions: Sequence[str], resource: str | list[str]) -> dict[str, Any]:
    root = f"arn:{environment.partition}:iam::{environment.account}:root"
    return {"Effect": "Allow", "Principal": {"AWS": root}, "Action": [*actions], "Resource": resource}
