"""The provider behind the custom resources: the Lambda functions that run baselining jobs, once per stack."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from ._stack import StackEnvironment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_lambda as lambda_

    from ._statements import Statement

_ID = "ClarifyBaselineProvider"
_HANDLER_ROLE_ID = "HandlerRole"
_FRAMEWORK_ID = "Framework"

# Between two questions whether a job has ended: what CloudFormation learns late at most.
_QUERY_INTERVAL_IN_SECONDS = 10
_HANDLER_TIMEOUT_IN_MINUTES = 5


class BaselineProvider:
    """The stack's provider: its service token, and the role to which each monitor adds what its baseline needs."""

    def __init__(self, scope: Construct) -> None:
        self._scope = scope

    @classmethod
    def of(cls, environment: StackEnvironment) -> BaselineProvider:
        """The provider of a stack, made on first use."""
        found = environment.stack.node.try_find_child(_ID)
        return cls(cast(Construct, found) if found else _create(environment))

    @property
    def service_token(self) -> str:
        """The ARN that custom resources name."""
        from aws_cdk import custom_resources

        return cast(custom_resources.Provider, self._scope.node.find_child(_FRAMEWORK_ID)).service_token

    def allow(self, statements: Sequence[Statement]) -> None:
        """Let the handlers do more."""
        role = cast(iam.Role, self._scope.node.find_child(_HANDLER_ROLE_ID))
        for statement in statements:
            role.add_to_principal_policy(iam.PolicyStatement.from_json(statement))


def _create(environment: StackEnvironment) -> Construct:
    # Imported here: an app whose monitors need no custom resource does not pay for them.
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_logs as logs
    from aws_cdk import custom_resources

    scope = Construct(environment.stack, _ID)
    log_group = logs.LogGroup(scope, "Logs", retention=logs.RetentionDays.THREE_MONTHS)

    def role(id_: str) -> iam.Role:
        made = iam.Role(scope, id_, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(made)
        return made

    handler_role = role(_HANDLER_ROLE_ID)
    code = lambda_.Code.from_asset(
        str(resources.files("cdk_clarify_monitors_lambda")),
        # What is compiled or typed there must not change the asset's hash.
        exclude=["**/__pycache__", "**/*.pyc", "py.typed"],
    )

    def handler(id_: str, function: str, description: str) -> lambda_.Function:
        return lambda_.Function(
            scope,
            id_,
            code=code,
            handler=f"handler.{function}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            timeout=cdk.Duration.minutes(_HANDLER_TIMEOUT_IN_MINUTES),
            role=handler_role,
            log_group=log_group,
            description=description,
        )

    custom_resources.Provider(
        scope,
        _FRAMEWORK_ID,
        on_event_handler=handler("OnEvent", "on_event", "Starts or stops the baselining job of a Clarify monitor"),
        is_complete_handler=handler("IsComplete", "is_complete", "Waits for the baselining job of a Clarify monitor"),
        query_interval=cdk.Duration.seconds(_QUERY_INTERVAL_IN_SECONDS),
        total_timeout=cdk.Duration.hours(1),
        log_group=log_group,
        framework_on_event_role=role("FrameworkOnEventRole"),
        framework_complete_and_timeout_role=role("FrameworkCompleteRole"),
    )
    return scope
