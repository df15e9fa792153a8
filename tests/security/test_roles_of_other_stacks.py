"""A given role may belong to another stack, such as one with all the roles of a team: no stack then needs the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from tests.support.monitors.builders import bias_monitor
from tests.support.templates.annotations import warnings_of
from tests.support.templates.iam import ACCOUNT

_PRINCIPAL = iam.ServicePrincipal("sagemaker.amazonaws.com")
_ARN = f"arn:aws:iam::{ACCOUNT}:role/given"


def _resources(app: cdk.App, stack: cdk.Stack, type_: str) -> dict[str, Any]:
    template = app.synth().get_stack_by_name(stack.stack_name).template
    return {id_: each for id_, each in template.get("Resources", {}).items() if each["Type"] == type_}


@pytest.fixture
def roles(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Roles")


@pytest.fixture
def monitors(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Monitors")


@pytest.mark.parametrize(
    "make",
    [
        lambda stack: iam.Role(stack, "Given", assumed_by=_PRINCIPAL),
        lambda stack: iam.Role.from_role_arn(stack, "Given", _ARN),
    ],
    ids=["made", "imported"],
)
def test_the_permissions_are_in_the_stack_of_the_monitor(
    app: cdk.App, roles: cdk.Stack, monitors: cdk.Stack, make: Callable[[cdk.Stack], iam.IRole]
) -> None:
    bias_monitor(monitors, "Monitor", role=make(roles))

    assert _resources(app, roles, "AWS::IAM::Policy") == {}
    policies = _resources(app, monitors, "AWS::IAM::Policy")
    (policy,) = (id_ for id_ in policies if id_.startswith("MonitorJobPolicy"))
    assert "InvokeEndpoint" in json.dumps(policies[policy])
    (baseline,) = _resources(app, monitors, "Custom::ClarifyBaseline").values()
    assert policy in baseline["DependsOn"]
    assert roles.dependencies == []


@pytest.mark.parametrize(
    "make",
    [
        lambda stack: iam.Role(stack, "Given", assumed_by=_PRINCIPAL).without_policy_updates(),
        lambda stack: iam.Role.from_role_arn(stack, "Given", _ARN, mutable=False),
    ],
    ids=["without policy updates", "immutable"],
)
def test_a_role_that_takes_nothing_is_warned_of(
    app: cdk.App, roles: cdk.Stack, monitors: cdk.Stack, make: Callable[[cdk.Stack], iam.IRole]
) -> None:
    bias_monitor(monitors, "Monitor", role=make(roles))

    (warning,) = warnings_of(monitors)
    assert warning.startswith("the given 'role' takes no permissions")
    assert [id_ for id_ in _resources(app, monitors, "AWS::IAM::Policy") if id_.startswith("Monitor")] == []


def test_monitors_that_share_constraints_may_share_a_role(app: cdk.App, monitors: cdk.Stack) -> None:
    role = iam.Role(monitors, "Given", assumed_by=_PRINCIPAL)
    champion = bias_monitor(monitors, "Champion", role=role)
    bias_monitor(monitors, "Challenger", role=role, constraints=champion.constraints_s3_uri)

    # The role's own policy comes before the champion's baseline, whose answer the challenger's refers to.
    policies = _resources(app, monitors, "AWS::IAM::Policy")
    baselines = _resources(app, monitors, "Custom::ClarifyBaseline")
    (champions,) = (id_ for id_ in baselines if id_.startswith("Champion"))
    (apart,) = (id_ for id_ in policies if id_.startswith("ChallengerJobPolicy"))
    assert champions in json.dumps(policies[apart])
    assert [id_ for id_, policy in policies.items() if id_ != apart and champions in json.dumps(policy)] == []
