"""The provider behind the custom resources: the Lambda functions that run baselining jobs, once per stack."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import jsii

from ._acknowledged import acknowledge, cdk_nag_is_loaded, wildcards
from ._batch import Batch
from ._functions_network import functions_network_of, network_policy
from ._statements import allow, unique

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import IConstruct

    from ._functions_network import FunctionsNetwork
    from ._job_role import JobRole
    from ._stack import StackEnvironment
    from ._statements import Statement

_ID = "ClarifyBaselineProvider"
_HANDLER_ROLE = "HandlerRole"
_REMOVAL_POLICY = "RemovalPolicy"
_HANDLERS = ("OnEvent", "IsComplete")
_FRAMEWORK_ID = "Framework"
_FRAMEWORK_FUNCTIONS = ("framework-onEvent", "framework-isComplete", "framework-onTimeout")

_EC2 = "aws-cdk-lib.aws_ec2"
_IAM = "aws-cdk-lib.aws_iam"
_LAMBDA = "aws-cdk-lib.aws_lambda"
_LOGS = "aws-cdk-lib.aws_logs"

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
        self._stack = environment.stack
        self._allowed: set[str] = set()
        self._has_removal_policy = False
        self._passed_roles: list[JobRole] = []
        functions_network = functions_network_of(environment)
        networking = network_policy(environment) if functions_network else []
        batch = Batch()
        scope = batch.new("constructs.Construct", self._stack, _ID)
        retention = batch.get(f"{_LOGS}.RetentionDays", "THREE_MONTHS")
        log_group = batch.new(f"{_LOGS}.LogGroup", scope, "Logs", {"retention": retention})
        logging = allow(["logs:CreateLogStream", "logs:PutLogEvents"], batch.get(log_group, "logGroupArn"))
        principal = batch.new(f"{_IAM}.ServicePrincipal", "lambda.amazonaws.com")
        policy = {"Version": "2012-10-17", "Statement": [logging, *networking]}

        def role(id_: str) -> str:
            document = batch.call(f"{_IAM}.PolicyDocument", "fromJson", policy)
            properties = {"assumedBy": principal, "inlinePolicies": {"Function": document}}
            return batch.new(f"{_IAM}.Role", scope, id_, properties)

        handler_role = role(_HANDLER_ROLE)
        # Before the CDK looks whether the role's policy has become too long, and divides it.
        pass_role = _PassRole(self, self._passed_roles)
        batch.call(batch.call("aws-cdk-lib.Aspects", "of", handler_role), "add", pass_role, {"priority": _FIRST})
        network = _network(batch, scope, functions_network) if functions_network else {}
        common = {
            # What is compiled or typed there must not change the asset's hash.
            "code": batch.call(
                f"{_LAMBDA}.Code",
                "fromAsset",
                str(resources.files("cdk_clarify_monitors_lambda")),
                {"exclude": ["**/__pycache__", "**/*.pyc", "py.typed"]},
            ),
            "runtime": batch.get(f"{_LAMBDA}.Runtime", "PYTHON_3_14"),
            "timeout": batch.call("aws-cdk-lib.Duration", "minutes", _HANDLER_TIMEOUT_IN_MINUTES),
            "role": handler_role,
            "logGroup": log_group,
            **network,
        }

        def handler(id_: str, function: str, description: str) -> str:
            properties = {**common, "handler": f"handler.{function}", "description": description}
            return batch.new(f"{_LAMBDA}.Function", scope, id_, properties)

        framework = batch.new(
            "aws-cdk-lib.custom_resources.Provider",
            scope,
            _FRAMEWORK_ID,
            {
                "onEventHandler": handler(
                    _HANDLERS[0], "on_event", "Starts or stops the baselining job of a Clarify monitor"
                ),
                "isCompleteHandler": handler(
                    _HANDLERS[1], "is_complete", "Waits for the baselining job of a Clarify monitor"
                ),
                "queryInterval": batch.call("aws-cdk-lib.Duration", "seconds", _QUERY_INTERVAL_IN_SECONDS),
                "totalTimeout": batch.call("aws-cdk-lib.Duration", "hours", 1),
                "logGroup": log_group,
                "frameworkOnEventRole": role("FrameworkOnEventRole"),
                "frameworkCompleteAndTimeoutRole": role("FrameworkCompleteRole"),
                **network,
            },
        )
        self.service_token = batch.answer(batch.get(framework, "serviceToken"))
        if cdk_nag_is_loaded():
            self._acknowledge(networking)

    def allow(self, batch: Batch, statements: Sequence[Statement]) -> None:
        """Let the handlers do more; what they may do already is not added again."""
        added = [statement for statement in statements if repr(statement) not in self._allowed]
        if not added:
            return
        batch.afterwards(lambda: self._allowed.update(map(repr, added)))
        role = batch.child(self._stack, _ID, _HANDLER_ROLE)
        for statement in added:
            batch.call(role, "addToPolicy", batch.call(f"{_IAM}.PolicyStatement", "fromJson", statement))
        if cdk_nag_is_loaded() and (reasons := wildcards(self._stack, added, _WILDCARDS)):
            acknowledge(batch, role, reasons)

    def allow_to_pass(self, batch: Batch, role: JobRole) -> None:
        """Let the handlers pass a role to SageMaker: that very role and no other."""
        batch.afterwards(lambda: self._passed_roles.append(role))

    def allow_removal(self, batch: Batch, statements: Sequence[Statement]) -> str:
        """Let the handlers delete what a monitor wrote.

        In a policy of its own: a custom resource that depends on it is deleted while the rights are still there.

        Returns:
            What stands for the policy in the batch.
        """
        scope = batch.child(self._stack, _ID)
        if self._has_removal_policy:
            policy = batch.child(scope, _REMOVAL_POLICY)
        else:
            roles = [batch.child(scope, _HANDLER_ROLE)]
            policy = batch.new(f"{_IAM}.Policy", scope, _REMOVAL_POLICY, {"roles": roles})
            batch.afterwards(self._remember_removal_policy)
        for statement in statements:
            batch.call(policy, "addStatements", batch.call(f"{_IAM}.PolicyStatement", "fromJson", statement))
        if cdk_nag_is_loaded():
            acknowledge(batch, policy, wildcards(self._stack, statements, _WILDCARDS))
        return policy

    def _remember_removal_policy(self) -> None:
        self._has_removal_policy = True

    def _acknowledge(self, networking: Sequence[Statement]) -> None:
        batch = Batch()
        scope = batch.child(self._stack, _ID)
        functions = [(each,) for each in _HANDLERS] + [(_FRAMEWORK_ID, each) for each in _FRAMEWORK_FUNCTIONS]
        arns = [batch.get(batch.child(scope, *path), "functionArn") for path in functions]
        found = batch.run()
        versions = [f"{found[arn]}:*" for arn in arns]
        batch = Batch()
        reasons = {
            **_REASONS,
            **wildcards(self._stack, [allow("lambda:InvokeFunction", versions)], _FRAMEWORK),
            **wildcards(self._stack, networking, _NETWORK),
        }
        acknowledge(batch, batch.child(self._stack, _ID), reasons)
        batch.run()


@jsii.implements(cdk.IAspect)
class _PassRole:
    """Adds the permission to pass roles when the app is synthesized: one call into jsii for many roles."""

    def __init__(self, provider: BaselineProvider, roles: Sequence[JobRole]) -> None:
        self._provider, self._roles = provider, roles
        self._done = False

    def visit(self, node: IConstruct) -> None:
        if self._done:  # by the role itself: the others are what is in it
            return
        self._done = True
        batch = Batch()
        arns = unique(role.arn_in(batch) for role in self._roles)
        condition = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        for start in range(0, len(arns), _ROLES_PER_STATEMENT):
            passed = arns[start : start + _ROLES_PER_STATEMENT]
            self._provider.allow(batch, [allow("iam:PassRole", passed, condition)])
        batch.run()


def _network(batch: Batch, scope: str, network: FunctionsNetwork) -> dict[str, Any]:
    """The network of the functions, as they take it."""
    groups: Sequence[Any] | None = network.security_groups
    if groups is None:
        group = batch.new(
            f"{_EC2}.SecurityGroup",
            scope,
            "SecurityGroup",
            {
                "vpc": network.vpc,
                "allowAllOutbound": False,
                "description": "Functions that run the baselining jobs of Clarify monitors",
            },
        )
        anywhere, https = batch.call(f"{_EC2}.Peer", "anyIpv4"), batch.call(f"{_EC2}.Port", "tcp", _HTTPS)
        batch.call(group, "addEgressRule", anywhere, https, "AWS APIs")
        groups = [group]
    subnets = {"vpcSubnets": network.vpc_subnets} if network.vpc_subnets else {}
    return {"vpc": network.vpc, "securityGroups": list(groups), **subnets}
