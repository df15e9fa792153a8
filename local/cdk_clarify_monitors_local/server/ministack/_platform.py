"""MiniStack, as the SageMaker control plane sees it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cdk_clarify_monitors_local.server._platform import Credentials, Scope
from cdk_clarify_monitors_local.server.cloudwatch._clarify_metrics import Metric
from cdk_clarify_monitors_local.server.ministack._private_names import (
    APP,
    CLOUDWATCH,
    EVENT_BRIDGE,
    IAM,
    IAM_ACTIONS,
    IAM_EVALUATOR,
    LAMBDA_RUNTIME,
    private,
)
from cdk_clarify_monitors_local.server.ministack.accounts._scope import scoped


class MiniStackPlatform:
    """A `Platform`: MiniStack's roles, IAM and event bus."""

    def trust_policy(self, scope: Scope, role_arn: str) -> Mapping[str, Any] | None:
        """Return a role's trust policy, None if there is no such role."""
        with scoped(scope):
            role = private(IAM, "_roles").get(role_arn.rpartition("/")[2])
        if role is None:
            return None
        document = role.get("AssumeRolePolicyDocument") or {}
        return json.loads(document) if isinstance(document, str) else document

    def role_credentials(self, scope: Scope, role_arn: str, session_name: str) -> Credentials:
        """Return credentials of a session of the role."""
        session = {
            "FunctionArn": f"arn:aws:lambda:{scope.region}:{scope.account}:function:{session_name}",
            "FunctionName": session_name,
            "Role": role_arn,
        }
        found = private(LAMBDA_RUNTIME, "execution_credentials")(session)
        return Credentials(found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], found["AWS_SESSION_TOKEN"])

    def owner_credentials(self, scope: Scope) -> Credentials:
        """Return the credentials of an account's owner; of another account, those of a role that need not exist."""
        if scope.account != os.environ["MINISTACK_ACCOUNT_ID"]:
            return self.role_credentials(scope, f"arn:aws:iam::{scope.account}:role/Owner", "Owner")
        return Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], "")

    def denial(
        self, scope: Scope, access_key: str, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> str | None:
        """Return AWS's message if IAM denies the action."""
        if not private(APP, "AUTH"):
            return None
        service = action.partition(":")[0]
        with scoped(scope):
            denied = private(IAM_EVALUATOR, "enforce")(
                access_key, action, service, scope.region, resource_arn=resource, service_context=dict(context or {})
            )
        if denied is None:
            return None
        decision = getattr(denied, "decision", None)
        if decision is None:  # the key itself is refused
            return str(denied.message)
        message = private(IAM_ACTIONS, "identity_denial_message")
        return str(message(action, denied.principal_arn, resource, decision == "Deny"))

    def publish(self, scope: Scope, detail_type: str, resource: str, detail: Mapping[str, Any]) -> None:
        """Send an event of `aws.sagemaker` to the account's default event bus."""
        entry = {
            "Source": "aws.sagemaker",
            "DetailType": detail_type,
            "Resources": [resource],
            "Detail": json.dumps(detail),
        }
        with scoped(scope):
            private(EVENT_BRIDGE, "_put_events")({"Entries": [entry]}, allow_aws_source=True)

    def put_metrics(self, scope: Scope, namespace: str, metrics: Sequence[Metric], time: datetime) -> None:
        """Put metrics into CloudWatch, all of the same time."""
        store = private(CLOUDWATCH, "_store_datum")
        with scoped(scope):
            for metric in metrics:
                dimensions = dict(metric.dimensions)
                store(namespace, metric.name, dimensions, time.timestamp(), "None", metric.value, None, None, None)
            private(CLOUDWATCH, "_evaluate_all_alarms")()
