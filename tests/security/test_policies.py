"""What holds for every policy of a stack, whoever made it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import NetworkConfig
from tests.support.monitors.builders import FEATURE_FLAGS, bias_monitor, data_config, explainability_monitor
from tests.support.templates.iam import ACCOUNT, REGION, Synthesize, Template, as_list

# Resource types by action, as the Service Authorization Reference has them; cfn-lint brings a copy.
_REFERENCE = json.loads(resources.files("cfnlint.data.AdditionalSpecs").joinpath("Policies.json").read_text())

# Actions that have a resource type and are allowed on `*` nevertheless.
_CONFINED_OTHERWISE = {
    "cloudwatch:PutMetricData": "the resource type is for metrics of data sets; the namespace is a condition",
}

# IAM's limits, in characters without white space:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_INLINE_POLICIES, _MANAGED_POLICY, _ATTACHED_POLICIES, _TRUST_POLICY = 10_240, 6_144, 10, 2_048
_LONGEST_ROLE_NAME = 64


@pytest.fixture
def template(stack: cdk.Stack, synthesize: Any) -> Template:
    network = NetworkConfig(subnets=["subnet-1"], security_group_ids=["sg-1"])
    bias_monitor(stack, network_config=network)
    explainability_monitor(stack)
    found: Template = synthesize(stack)
    return found


def _statements(template: Template) -> Iterator[dict[str, Any]]:
    for role in template.of_type("AWS::IAM::Role"):
        for policy in template.policies(role):
            yield from policy["Statement"]


def test_actions_are_listed_one_by_one(template: Any) -> None:
    actions = {action for statement in _statements(template) for action in as_list(statement["Action"])}
    assert [action for action in actions if "*" in action or "?" in action] == []
    assert all("NotAction" not in statement and "NotResource" not in statement for statement in _statements(template))


def test_a_bare_wildcard_stands_only_where_iam_needs_it(template: Any) -> None:
    bare = {
        action
        for statement in _statements(template)
        if "*" in as_list(statement["Resource"])
        for action in as_list(statement["Action"])
    }
    with_resources = {
        action
        for action in bare
        for service, name in [action.lower().split(":")]
        if _REFERENCE[service]["Actions"][name].get("Resources")
    }
    assert with_resources == set(_CONFINED_OTHERWISE)
    assert "ecr:GetAuthorizationToken" in bare


def test_every_action_is_one_that_aws_has(template: Any) -> None:
    for statement in _statements(template):
        for action in as_list(statement["Action"]):
            service, name = action.lower().split(":")
            assert name in _REFERENCE[service]["Actions"], action


def test_roles_are_passed_one_by_one_to_sagemaker_only(template: Any) -> None:
    passing = [s for s in _statements(template) if any(a.startswith("iam:") for a in as_list(s["Action"]))]
    assert [s["Action"] for s in passing] == ["iam:PassRole"]
    jobs = sorted(id_ for id_ in template.of_type("AWS::IAM::Role") if id_.startswith(("Bias", "Explainability")))
    for statement in passing:
        assert sorted(as_list(statement["Resource"])) == [f"arn:aws:iam::{ACCOUNT}:role/{id_}" for id_ in jobs]
        assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_no_role_has_a_managed_policy_of_aws(template: Any) -> None:
    arns = {arn for role in template.of_type("AWS::IAM::Role").values() for arn in role.get("ManagedPolicyArns", ())}
    assert arns == set(template.of_type("AWS::IAM::ManagedPolicy"))  # by reference: of this very stack


def test_every_role_trusts_one_service(template: Any) -> None:
    trusted = {
        id_: [statement["Principal"] for statement in role["AssumeRolePolicyDocument"]["Statement"]]
        for id_, role in template.of_type("AWS::IAM::Role").items()
    }
    assert all(len(principals) == 1 and list(principals[0]) == ["Service"] for principals in trusted.values())


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_other_partitions_are_named_by_their_arns(
    app: cdk.App, synthesize: Synthesize, region: Any, partition: Any
) -> None:
    environment = cdk.Environment(account=ACCOUNT, region=region)
    stack = cdk.Stack(app, "Elsewhere", env=environment)
    bias_monitor(stack, network_config=NetworkConfig(subnets=["subnet-1"], security_group_ids=["sg-1"]))
    template = synthesize(stack, partition)
    arns = {arn for s in _statements(template) for arn in as_list(s["Resource"]) if arn.startswith("arn:")}
    assert arns
    assert {arn.split(":")[1] for arn in arns} == {partition}
    assert ":aws:" not in json.dumps(template.content["Resources"])


def test_an_unknown_region_leaves_the_partition_open(app: cdk.App, synthesize: Synthesize) -> None:
    stack = cdk.Stack(app, "Anywhere")
    bias_monitor(stack)
    assert "arn:aws:" not in json.dumps(synthesize(stack).content["Resources"])


@pytest.mark.slow
@pytest.mark.parametrize("minimized", [True, False])
def test_110_monitors_stay_within_the_limits_of_iam(tmp_path: Path, minimized: Any) -> None:
    """With and without the CDK's flag that merges statements; each with two configs in assets of its own."""
    flags = {**FEATURE_FLAGS, "@aws-cdk/aws-iam:minimizePolicies": minimized}
    app = cdk.App(outdir=str(tmp_path), context=flags, analytics_reporting=False)
    stack = cdk.Stack(app, "Loans", env=cdk.Environment(account=ACCOUNT, region=REGION))
    for number in range(110):
        headers = ["approved", "age", *(f"monitor_{number}_column_{column}" for column in range(400))]
        bias_monitor(stack, f"Bias{number:03}", data_config=data_config(headers=headers))
    template = Template(app.synth().get_stack_by_name("Loans").template)
    assert len(template.content["Resources"]) <= 500
    for id_, role in template.of_type("AWS::IAM::Role").items():
        managed = template.managed(id_)
        assert sum(map(_size, template.inline(id_))) <= _INLINE_POLICIES, id_
        assert all(_size(policy) <= _MANAGED_POLICY for policy in managed), id_
        assert len(managed) <= _ATTACHED_POLICIES, id_
        assert _size(role["AssumeRolePolicyDocument"]) <= _TRUST_POLICY
    passing = [s for s in template.role("ClarifyBaselineProviderHandlerRole") if s["Action"] == "iam:PassRole"]
    assert sum(len(as_list(statement["Resource"])) for statement in passing) == 110
    assert json.dumps(template.role("ClarifyBaselineProviderHandlerRole")).count("-assets-") == 220


def _size(policy: dict[str, Any]) -> int:
    """The characters that IAM counts, with roles of the longest names that CloudFormation makes up."""
    text = json.dumps(policy, separators=(",", ":"))
    roles = text.count(":role/")
    return len(text) + sum(_LONGEST_ROLE_NAME - len(part.split('"')[0]) for part in text.split(":role/")[1:]) * bool(
        roles
    )
