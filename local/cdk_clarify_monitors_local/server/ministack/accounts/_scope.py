"""The account and region that MiniStack works in, kept by it for each request."""

from __future__ import annotations

from contextlib import AbstractContextManager

from cdk_clarify_monitors_local.server._platform import Scope
from cdk_clarify_monitors_local.server.ministack._private_names import RESPONSES, private


def current_scope() -> Scope:
    """Return the account and region of the request that is being served."""
    return Scope(private(RESPONSES, "get_account_id")(), private(RESPONSES, "get_region")())


def scoped(scope: Scope) -> AbstractContextManager[None]:
    """Let MiniStack work in an account and region where there is no request, e.g. in a job's thread."""
    context: AbstractContextManager[None] = private(RESPONSES, "request_scope")(scope.account, scope.region)
    return context
