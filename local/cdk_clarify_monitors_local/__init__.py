"""An embedded AWS to deploy Clarify monitors into: without an AWS account, without Docker, without a network.

It needs the extra `[local]`: `pip install 'cdk-clarify-monitors[local]'`. The command is `clarify-local`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdk_clarify_monitors_local._errors import CdkError, EmbeddedAwsError
from cdk_clarify_monitors_local.captures._captures import Capture

if TYPE_CHECKING:
    from cdk_clarify_monitors_local._embedded_aws import EmbeddedAws

__all__ = ["Capture", "CdkError", "EmbeddedAws", "EmbeddedAwsError"]


def __getattr__(name: str) -> Any:
    """Import what needs the extra on first use, so that the command can say what to install when it is missing."""
    if name == "EmbeddedAws":
        from cdk_clarify_monitors_local._embedded_aws import EmbeddedAws

        return EmbeddedAws
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
