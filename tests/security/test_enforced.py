"""The policies under a judge that refuses: the embedded AWS with IAM enforced, over TLS."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_clarify_monitors import SHAPConfig
from cdk_clarify_monitors_local import EmbeddedAws
from tests.support.embedded_aws.account import Account
from tests.support.embedded_aws.monitors import bias_monitor_of_model, explainability_monitor, put_data
from tests.support.templates.iam import as_list

pytestmark = pytest.mark.deploy


@pytest.fixture(scope="module")
def account(diabetes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account with IAM enforced."""
    with EmbeddedAws(models={"diabetes-model": diabetes_model}, auth=True, asks_every=0.3) as aws:
        account = Account(aws, tmp_path_factory.mktemp("assemblies"))
        put_data(account)
        yield account


def _both(stack: Any) -> None:
    bias_monitor_of_model(stack)
    explainability_monitor(stack)


def _changed(stack: Any) -> None:
    bias_monitor_of_model(stack)
    explainability_monitor(stack, explainability_config=SHAPConfig(num_samples=60, agg_method="mean_abs", seed=2))


def test_a_deployment_an_update_and_a_deletion_pass(account: Any) -> None:
    stack = account.stack("Enforced")
    stack.deploy(_both)
    first = stack.monitor("Explainability")
    stack.deploy(_changed)
    assert stack.monitor("Explainability").constraints_uri != first.constraints_uri
    bucket = stack.bucket
    stack.delete()
    assert account.files(f"s3://{bucket}/")  # kept


# The actions of the jobs' role that the embedded AWS has an opinion of, and one of the framework's. For those of the
# functions themselves see test_handler_permissions: they are patient with a refusal, because IAM takes its time on AWS.
_JOBS = [
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "sagemaker:AddTags",
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateEndpointConfig",
    "sagemaker:DeleteEndpoint",
    "sagemaker:DeleteEndpointConfig",
    "sagemaker:DescribeEndpoint",
    "sagemaker:DescribeEndpointConfig",
    "sagemaker:DescribeModel",
    "sagemaker:InvokeEndpoint",
]
_NEEDED = [
    *(("BiasRole", action) for action in _JOBS),
    ("ClarifyBaselineProviderFrameworkOnEventRole", "states:StartExecution"),
]


def test_a_deployment_without_any_one_of_the_actions_fails(account: Any) -> None:
    assembly = account.synthesize("Without", bias_monitor_of_model)
    whole = account.publish(assembly, "Without")
    stacks = {}
    for number, (role, action) in enumerate(_NEEDED):
        template = copy.deepcopy(whole)
        assert _take_away(template, role, action) > 0, (role, action)
        stack = stacks[role, action] = account.stack(f"Without{number}")
        stack.begin_template(template)
    for stack in stacks.values():
        stack.finish()
    assert {what: stack.status for what, stack in stacks.items() if stack.status != "ROLLBACK_COMPLETE"} == {}
    told = re.compile(r"not authorized|AccessDenied|\(403\)")
    assert {what: stack.failures for what, stack in stacks.items() if not told.search(str(stack.failures))} == {}


def _take_away(template: dict[str, Any], role: str, action: str) -> int:
    """Take an action out of the policies of a role; return from how many statements."""
    count = 0
    for document in _documents(template, role):
        for statement in list(document["Statement"]):
            actions = as_list(statement["Action"])
            if action in actions:
                count += 1
                statement["Action"] = [each for each in actions if each != action]
                if not statement["Action"]:
                    document["Statement"].remove(statement)
    return count


def _documents(template: dict[str, Any], role: str) -> Iterator[dict[str, Any]]:
    """The policies of a role: its own, those that belong to it, and managed ones that it has."""
    for id_, resource in template["Resources"].items():
        properties = resource["Properties"] if id_.startswith(role) else {}
        yield from (policy["PolicyDocument"] for policy in properties.get("Policies", ()))
        if "PolicyDocument" in properties:
            yield properties["PolicyDocument"]
        for arn in properties.get("ManagedPolicyArns", ()):
            yield template["Resources"][arn["Ref"]]["Properties"]["PolicyDocument"]
