"""An embedded AWS to deploy Clarify monitors into: without an AWS account, without Docker, without a network.

It needs the extra `[local]`: `pip install 'cdk-clarify-monitors[local]'`. The command is `clarify-local`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cdk_clarify_monitors_local._cdk_cli import CdkError
    from cdk_clarify_monitors_local._embedded_aws import EmbeddedAws, EmbeddedAwsError

__all__ = ["CdkError", "EmbeddedAws", "EmbeddedAwsError"]


def __getattr__(name: str) -> Any:
    """Import on first use, so that the command can say what to install when the extra is missing."""
    if name == "CdkError":
        from cdk_clarify_monitors_local._cdk_cli import CdkError

        return CdkError
    if name in ("EmbeddedAws", "EmbeddedAwsError"):
        from cdk_clarify_monitors_local import _embedded_aws

        return getattr(_embedded_aws, name)
    raise AttributeError(name)
