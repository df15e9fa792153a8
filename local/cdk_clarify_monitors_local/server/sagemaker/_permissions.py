"""What a request needs beside the permission for its own operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server._errors import ApiError, validation_error
from cdk_clarify_monitors_local.server._platform import Caller, Platform, Scope
from cdk_clarify_monitors_local.server.sagemaker._region import Request

_SERVICE = "sagemaker.amazonaws.com"


class Permissions:
    """Asks the emulator's IAM.

    Args:
        platform: The emulator.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def check_create(self, scope: Scope, arn: str, request: Request, caller: Caller | None) -> None:
        """Check the role of a new resource, and that the caller may pass it on and may tag.

        Args:
            scope: The account and region of the request.
            arn: The new resource's ARN.
            request: The request that creates it.
            caller: Who asks. None for CloudFormation, whose own permissions are not in question here.

        Raises:
            ApiError: A permission is missing, or SageMaker cannot assume the role.
        """
        if caller is not None and request.get("Tags"):
            self._require(scope, caller, "sagemaker:AddTags", arn)
        role = request.get("RoleArn") or request.get("ExecutionRoleArn")
        if role is None:
            return
        if caller is not None:
            self._require(scope, caller, "iam:PassRole", role, {"iam:PassedToService": _SERVICE})
        policy = self._platform.trust_policy(scope, role)
        if policy is None or not _trusts_sagemaker(policy):
            raise validation_error(
                f"Could not assume role {role}. Please ensure that the role exists and allows principal "
                f"'{_SERVICE}' to assume the role."
            )

    def _require(
        self, scope: Scope, caller: Caller, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> None:
        denial = self._platform.denial(scope, caller.access_key, action, resource, context)
        if denial is not None:
            raise ApiError("AccessDeniedException", denial)


def _trusts_sagemaker(policy: Mapping[str, Any]) -> bool:
    statements = policy.get("Statement", [])
    for statement in [statements] if isinstance(statements, Mapping) else statements:
        principal = statement.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, Mapping) else []
        trusted = [services] if isinstance(services, str) else services
        if statement.get("Effect") == "Allow" and _SERVICE in trusted:
            return True
    return False
