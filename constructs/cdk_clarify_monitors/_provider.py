"""The provider behind the custom resources: the Lambda functions that run baselining jobs, once per stack."""

from __future__ import annotations

from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import Construct

from ._acknowledged import acknowledge, cdk_nag_is_loaded, wildcards
from ._functions_network import functions_network_of, network_policy
from ._statements import allow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import IConstruct

    from ._functions_network import FunctionsNetwork
    from ._stack import StackEnvironment
    from ._statements import Statement

# Between two questions whether a job has ended: what CloudFormation learns late at most.
_QUERY_INTERVAL_IN_SECONDS = 10
_HANDLER_TIMEOUT_IN_MINUTES = 5

# The CDK divides a policy that is too long between its statements.
_ROLES_PER_STATEMENT = 50
_FIRST = 0  # of the priorities of aspects

_HTTPS = 443

_WILDCARDS = (
    "The names of all monitors of this stack start like this: CloudFormation cleans a removed monitor up after the "
    "permissions for it would be gone; see docs/security.md of cdk-clarify-monitors."
)
_NETWORK = "Lambda manages the interfaces of functions in a VPC, and takes no role that is confined to some of them."
_FRAMEWORK = "The CDK's provider framework may invoke these functions of its own stack in any version."
_REASONS = {
    "AwsSolutions-L1": "The functions run on the version of Python that this release of the library is made for.",
    "AwsSolutions-SF1": "The waiter does one thing, call a function until it is done. The function logs each call.",
    "AwsSolutions-SF2": "The waiter does one thing, call a function until it is done: there is no path to trace.",
}


class BaselineProvider:
    """A stack's provider: its service token, and the role to which each monitor adds what its baseline needs."""

    def __init__(self, environment: StackEnvironment) -> None:
        # Imported here: an app whose monitors need no custom resource does not pay for them.
        from aws_cdk import aws_lambda as lambda_
        from aws_cdk import aws_logs as logs
        from aws_cdk import custom_resources

        self._stack = environment.stack
        self._scope = scope = Construct(environment.stack, "ClarifyBaselineProvider")
        log_group = logs.LogGroup(scope, "Logs", retention=logs.RetentionDays.THREE_MONTHS)
        principal = iam.ServicePrincipal("lambda.amazonaws.com")
        logging = [allow(["logs:CreateLogStream", "logs:PutLogEvents"], log_group.log_group_arn)]
        functions_network = functions_network_of(environment)
        networking = network_policy(environment) if functions_network else []
        network = _network(scope, functions_network) if functions_network else {}

        def role(id_: str) -> iam.Role:
            policy = {"Version": "2012-10-17", "Statement": [*logging, *networking]}
            return iam.Role(
                scope, id_, assumed_by=principal, inline_policies={"Function": iam.PolicyDocument.from_json(policy)}
            )

        self._role = role("HandlerRole")
        self._allowed: set[str] = set()
        self._passed_roles: dict[str, None] = {}  # in the order of the monitors
        code = lambda_.Code.from_asset(
            str(resources.files("cdk_clarify_monitors_lambda")),
            # What is compiled or typed there must not change the asset's hash.
            exclude=["**/__pycache__", "**/*.pyc", "py.typed"],
        )
        runtime = lambda_.Runtime.PYTHON_3_14
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
                **network,
            )

        on_event = handler("OnEvent", "on_event", "Starts or stops the baselining job of a Clarify monitor")
        is_complete = handler("IsComplete", "is_complete", "Waits for the baselining job of a Clarify monitor")
        framework = custom_resources.Provider(
            scope,
            "Framework",
            on_event_handler=on_event,
            is_complete_handler=is_complete,
            query_interval=cdk.Duration.seconds(_QUERY_INTERVAL_IN_SECONDS),
            total_timeout=cdk.Duration.hours(1),
            log_group=log_group,
            framework_on_event_role=role("FrameworkOnEventRole"),
            framework_complete_and_timeout_role=role("FrameworkCompleteRole"),
            **network,
        )
        self.service_token: str = framework.service_token
        if cdk_nag_is_loaded():
            functions = [child for child in framework.node.children if isinstance(child, lambda_.Function)]
            versions = [f"{function.function_arn}:*" for function in (on_event, is_complete, *functions)]
            acknowledge(
                scope,
                {
                    **_REASONS,
                    **wildcards(self._stack, [allow("lambda:InvokeFunction", versions)], _FRAMEWORK),
                    **wildcards(self._stack, networking, _NETWORK),
                },
            )

    def allow_removal(self, statements: Sequence[Statement]) -> iam.Policy:
        """Let the handlers delete what a monitor wrote.

        In a policy of its own: a custom resource that depends on it is deleted while the rights are still there.
        """
        for statement in statements:
            self._removal.add_statements(iam.PolicyStatement.from_json(statement))
        if cdk_nag_is_loaded():
            acknowledge(self._removal, wildcards(self._stack, statements, _WILDCARDS))
        return self._removal

    def allow_to_pass(self, role_arn: str) -> None:
        """Let the handlers pass a role to SageMaker: that very role and no other."""
        if not self._passed_roles:
            # Before the CDK looks whether the role's policy has become too long, and divides it.
            cdk.Aspects.of(self._role).add(_PassRole(self, self._passed_roles), priority=_FIRST)
        self._passed_roles[role_arn] = None

    @cached_property
    def _removal(self) -> iam.Policy:
        return iam.Policy(self._scope, "RemovalPolicy", roles=[self._role])

    def allow(self, statements: Sequence[Statement]) -> None:
        """Let the handlers do more; what they may do already is not added again."""
        added = []
        for statement in statements:
            text = repr(statement)
            if text not in self._allowed:
                self._allowed.add(text)
                self._role.add_to_policy(iam.PolicyStatement.from_json(statement))
                added.append(statement)
        if cdk_nag_is_loaded() and (reasons := wildcards(self._stack, added, _WILDCARDS)):
            acknowledge(self._role, reasons)


@jsii.implements(cdk.IAspect)
class _PassRole:
    """Adds the permission to pass roles when the app is synthesized: two calls into jsii for many roles."""

    def __init__(self, provider: BaselineProvider, role_arns: Mapping[str, None]) -> None:
        self._provider, self._role_arns = provider, role_arns

    def visit(self, node: IConstruct) -> None:
        arns = list(self._role_arns)
        condition = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        for start in range(0, len(arns), _ROLES_PER_STATEMENT):
            passed = arns[start : start + _ROLES_PER_STATEMENT]
            self._provider.allow([allow("iam:PassRole", passed, condition)])


def _network(scope: Construct, network: FunctionsNetwork) -> dict[str, Any]:
    """The network of the functions, as they take it."""
    from aws_cdk import aws_ec2 as ec2

    groups = network.security_groups
    if groups is None:
        group = ec2.SecurityGroup(
            scope,
            "SecurityGroup",
            vpc=network.vpc,
            allow_all_outbound=False,
            description="Functions that run the baselining jobs of Clarify monitors",
        )
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(_HTTPS), "AWS APIs")
        groups = [group]
    return {"vpc": network.vpc, "vpc_subnets": network.vpc_subnets, "security_groups": list(groups)}
