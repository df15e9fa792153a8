"""The account's id, which may change before anything is deployed."""

from __future__ import annotations

import os

from cdk_clarify_monitors_local.server._platform import Scope
from cdk_clarify_monitors_local.server.ministack._private_names import RESPONSES, S3, module_values, private
from cdk_clarify_monitors_local.server.sagemaker import ControlPlane


def move_account(control_plane: ControlPlane, account: str, region: str) -> None:
    """Give the account another id and the session another region; buckets and endpoints come along.

    Args:
        control_plane: SageMaker.
        account: The account's new id.
        region: The session's new region.
    """
    old = Scope(os.environ["MINISTACK_ACCOUNT_ID"], os.environ["MINISTACK_REGION"])
    os.environ["MINISTACK_ACCOUNT_ID"], os.environ["MINISTACK_REGION"] = account, region
    for value in module_values(S3):
        if isinstance(value, private(RESPONSES, "AccountScopedDict")):
            kept = value.to_dict()
            value.clear()
            value.update(
                value.from_dict({(account if key[0] == old.account else key[0], *key[1:]): kept[key] for key in kept})
            )
    control_plane.move_endpoints(old, Scope(account, region))
