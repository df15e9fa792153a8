"""The role that the baselining job and the monitoring executions run under."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from ._acknowledged import acknowledge, cdk_nag_is_loaded, wildcards
from ._batch import Batch
from ._job_permissions import (
    PRINCIPAL,
    JobAccess,
    Statements,
    job_policy,
    own_policy,
    shared_policies,
    trust_conditions,
    trust_policy,
)

if TYPE_CHECKING:
    from constructs import Construct, IConstruct

    from ._stack import StackEnvironment
    from ._statements import Statement

_IAM = "aws-cdk-lib.aws_iam"
_ID = "Role"
_POLICY_NAME = "ClarifyJobs"
_WILDCARDS = (
    "The policy names what the monitor's jobs read, write and call, each down to the prefix that is known: SageMaker "
    "and Clarify choose the rest of a name when a job runs. '*' alone stands for actions without a resource level; "
    "see docs/security.md of cdk-clarify-monitors."
)


@dataclass(frozen=True, kw_only=True)
class JobRole:
    """A role of jobs.

    Attributes:
        arn_in: Gives its ARN in a batch: the one that makes the monitor's resources, or one after it.
        find: Gives the role itself, when it is made.
    """

    arn_in: Callable[[Batch], str]
    find: Callable[[], iam.IRole]


def new_role(
    batch: Batch, scope: Construct, environment: StackEnvironment, access: JobAccess, *, customized: bool
) -> JobRole:
    """A new role with just the permissions that the jobs need.

    What is about this monitor is in an inline policy. What is the same for many, in managed policies of the stack: that
    keeps the template small, and the CDK's list of changed permissions short.

    Args:
        batch: Makes the monitor's resources.
        scope: The monitor.
        environment: Its stack.
        access: What the jobs touch.
        customized: Whether `iam.Role.customize_roles` may put another role in its place, which it does with L2
            constructs only.
    """
    if customized:
        return _customized_role(batch, scope, environment, access)
    policies = shared_policies(access)
    statements = own_policy(environment, access)
    resource = batch.new(
        f"{_IAM}.CfnRole",
        scope,
        _ID,
        {
            "assumeRolePolicyDocument": environment.once(trust_policy(environment)),
            "managedPolicyArns": [_managed_policy(environment, name, policies[name]) for name in policies],
            "policies": [{"policyName": _POLICY_NAME, "policyDocument": _policy(map(environment.once, statements))}],
        },
    )
    if cdk_nag_is_loaded():
        _acknowledge(batch, resource, environment, environment.substituted(statements))

    def imported() -> iam.IRole:
        batch = Batch()
        name = batch.answer(batch.get(batch.child(scope, _ID), "ref"))
        return iam.Role.from_role_name(scope, "Grants", name)

    return JobRole(arn_in=lambda batch: batch.get(batch.child(scope, _ID), "attrArn"), find=cache(imported))


def _customized_role(batch: Batch, scope: Construct, environment: StackEnvironment, access: JobAccess) -> JobRole:
    statements = job_policy(environment, access)
    document = batch.call(f"{_IAM}.PolicyDocument", "fromJson", _policy(statements))
    principal = batch.new(f"{_IAM}.ServicePrincipal", PRINCIPAL, {"conditions": trust_conditions(environment)})
    properties = {"assumedBy": principal, "inlinePolicies": {_POLICY_NAME: document}}
    batch.new(f"{_IAM}.Role", scope, _ID, properties)

    def answer_findings() -> None:
        role = scope.node.find_child(_ID)
        # A role that is reported and made has the policy twice, beside it as well; one that is not made has none.
        for place in (role.node.default_child, role.node.try_find_child(_POLICY_NAME)):
            if place:
                _acknowledge_now(place, environment, statements)

    if cdk_nag_is_loaded():
        batch.afterwards(answer_findings)
    return JobRole(
        arn_in=lambda batch: batch.get(batch.child(scope, _ID), "roleArn"),
        find=lambda: cast("iam.IRole", scope.node.find_child(_ID)),
    )


def given_role(
    batch: Batch, scope: Construct, environment: StackEnvironment, access: JobAccess, role: iam.IRole, *, apart: bool
) -> JobRole:
    """A user's own role, with the permissions added that the jobs need.

    A role that takes none (imported as immutable, or from another account) stays as it is; a warning lists what to add.

    Args:
        batch: Makes the monitor's resources.
        scope: The monitor.
        environment: Its stack.
        access: What the jobs touch.
        role: The role.
        apart: Whether the permissions refer to something that may depend on the role's own policy.
    """
    statements = job_policy(environment, access)
    arn = role.role_arn

    def add_permissions() -> None:
        if apart or role.stack is not environment.stack:
            # In the stack of the role, the policy would refer to what this stack makes, and this stack to the role.
            taken = _add_policy(scope, environment, role, statements)
        else:
            taken = _add_statements(scope, role, statements)
        if not taken:
            cdk.Annotations.of(scope).add_warning_v2(
                "cdk-clarify-monitors:role",
                "the given 'role' takes no permissions from here: add these statements to it by hand: "
                + json.dumps(environment.stack.resolve(statements)),
            )

    batch.afterwards(add_permissions)
    return JobRole(arn_in=lambda _: arn, find=lambda: role)


def _add_statements(scope: Construct, role: iam.IRole, statements: Iterable[Statement]) -> bool:
    """Add to the role's policy, which the monitor waits for. Return whether the role takes anything."""
    for statement in statements:
        result = role.add_to_principal_policy(iam.PolicyStatement.from_json(statement))
        if result.policy_dependable:
            scope.node.add_dependency(result.policy_dependable)
    # An immutable role says that it added the statements; that it did not, only its missing policy tells.
    return any(isinstance(child, iam.Policy) for child in role.node.children)


def _add_policy(scope: Construct, environment: StackEnvironment, role: iam.IRole, statements: list[Statement]) -> bool:
    """Make a policy of the monitor's, which the monitor waits for. Return whether the role takes it."""
    policy = iam.Policy(scope, "JobPolicy", statements=[iam.PolicyStatement.from_json(each) for each in statements])
    role.attach_inline_policy(policy)
    scope.node.add_dependency(policy)
    resource = policy.node.default_child
    assert isinstance(resource, iam.CfnPolicy)  # noqa: S101  a policy has one
    if cdk_nag_is_loaded():
        _acknowledge_now(resource, environment, statements)
    return bool(environment.stack.resolve(resource.roles))


def _managed_policy(environment: StackEnvironment, name: str, statements: Statements) -> str:
    """The ARN of a managed policy that the roles of a stack have in common."""
    if name not in environment.managed_policies:
        allowed = environment.substituted(statements(environment))
        batch = Batch()
        document = {"policyDocument": _policy(allowed)}
        resource = batch.new(f"{_IAM}.CfnManagedPolicy", environment.stack, name, document)
        if cdk_nag_is_loaded():
            _acknowledge(batch, resource, environment, allowed)
        environment.managed_policies[name] = batch.answer(batch.get(resource, "ref"))
    return environment.managed_policies[name]


def _policy(statements: Iterable[Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def _acknowledge(
    batch: Batch, resource: IConstruct | str, environment: StackEnvironment, statements: list[Statement]
) -> None:
    # On the resource that has the policy: users may add policies of their own to the role.
    acknowledge(batch, resource, wildcards(environment.stack, statements, _WILDCARDS))


def _acknowledge_now(resource: IConstruct, environment: StackEnvironment, statements: list[Statement]) -> None:
    batch = Batch()
    _acknowledge(batch, resource, environment, statements)
    batch.run()
