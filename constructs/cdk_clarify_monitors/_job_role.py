"""The role that the baselining job and the monitoring executions run under."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from ._acknowledged import acknowledge, cdk_nag_is_loaded, wildcards
from ._job_permissions import JobAccess, job_policy, trust_conditions

if TYPE_CHECKING:
    from ._stack import StackEnvironment

_WILDCARDS = (
    "The policy names what the monitor's jobs read, write and call, each down to the prefix that is known: SageMaker "
    "and Clarify choose the rest of a name when a job runs. '*' alone stands for actions without a resource level; "
    "see docs/security.md of cdk-clarify-monitors."
)


def new_role(scope: Construct, environment: StackEnvironment, access: JobAccess) -> iam.IRole:
    """A new role with just the permissions that the jobs need, in one inline policy."""
    statements = job_policy(environment, access)
    role = iam.Role(
        scope,
        "Role",
        assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com", conditions=trust_conditions(environment)),
        inline_policies={
            "ClarifyJobs": iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements})
        },
    )
    # On the resource that has the inline policy: users may add policies of their own to the role.
    if cdk_nag_is_loaded() and (resource := role.node.default_child):
        acknowledge(resource, wildcards(environment.stack, statements, _WILDCARDS))
    return role


def extend_role(scope: Construct, environment: StackEnvironment, access: JobAccess, role: iam.IRole) -> None:
    """Give a user's own role the permissions that the jobs need.

    A role that takes none (imported as immutable, or from another account) stays as it is; a warning lists what to add.
    """
    statements = job_policy(environment, access)
    for statement in statements:
        result = role.add_to_principal_policy(iam.PolicyStatement.from_json(statement))
        if result.policy_dependable:
            scope.node.add_dependency(result.policy_dependable)
    # An immutable role says that it added the statements; that it did not, only its missing policy tells.
    if not any(isinstance(child, iam.Policy) for child in role.node.children):
        cdk.Annotations.of(scope).add_warning_v2(
            "cdk-clarify-monitors:role",
            "the given 'role' takes no permissions from here: add these statements to it by hand: "
            + json.dumps(environment.stack.resolve(statements)),
        )
