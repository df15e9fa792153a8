"""The provider behind the custom resources: the Lambda functions that run baselining jobs, once per stack."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._stack import StackEnvironment
    from ._statements import Statement

# Between two questions whether a job has ended: what CloudFormation learns late at most.
_QUERY_INTERVAL_IN_SECONDS = 10
_HANDLER_TIMEOUT_IN_MINUTES = 5


class BaselineProvider:
    """A stack's provider: its service token, and the role to which each monitor adds what its baseline needs."""

    def __init__(self, environment: StackEnvironment) -> None:
        # Imported here: an app whose monitors need no custom resource does not pay for them.
        from aws_cdk import aws_lambda as lambda_
        from aws_cdk import aws_logs as logs
        from aws_cdk import custom_resources

        scope = Construct(environment.stack, "ClarifyBaselineProvider")
        log_group = logs.LogGroup(scope, "Logs", retention=logs.RetentionDays.THREE_MONTHS)
        principal = iam.ServicePrincipal("lambda.amazonaws.com")
        writes_logs = {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": log_group.log_group_arn,
        }
        logging = iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": [writes_logs]})

        def role(id_: str) -> iam.Role:
            return iam.Role(scope, id_, assumed_by=principal, inline_policies={"Logs": logging})

        self._role = role("HandlerRole")
        self._allowed: set[str] = set()
        code = lambda_.Code.from_asset(
            str(resources.files("cdk_clarify_monitors_lambda")),
            # What is compiled or typed there must not change the asset's hash.
            exclude=["**/__pycache__", "**/*.pyc", "py.typed"],
        )
        runtime = lambda_.Runtime.PYTHON_3_13
        timeout = cdk.Duration.minutes(_HANDLER_TIMEOUT_IN_MINUTES)

        def handler(id_: str, function: str, description: str) -> lambda_.Function:
            return lambda_.Function(
                scope,
                id_,
                code=code,
                handler=f"handler.{function}",
                runtime=runtime,
                timeout=timeout,
                role=self._role,
                log_group=log_group,
                description=description,
            )

        self.service_token: str = custom_resources.Provider(
            scope,
            "Framework",
            on_event_handler=handler("OnEvent", "on_event", "Starts or stops the baselining job of a Clarify monitor"),
            is_complete_handler=handler(
                "IsComplete", "is_complete", "Waits for the baselining job of a Clarify monitor"
            ),
            query_interval=cdk.Duration.seconds(_QUERY_INTERVAL_IN_SECONDS),
            total_timeout=cdk.Duration.hours(1),
            log_group=log_group,
            framework_on_event_role=role("FrameworkOnEventRole"),
            framework_complete_and_timeout_role=role("FrameworkCompleteRole"),
        ).service_token

    def allow(self, statements: Sequence[Statement]) -> None:
        """Let the handlers do more; what they may do already is not added again."""
        for statement in statements:
            text = json.dumps(statement, sort_keys=True)
            if text not in self._allowed:
                self._allowed.add(text)
                self._role.add_to_policy(iam.PolicyStatement.from_json(statement))
