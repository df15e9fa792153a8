"""The policies under a judge that refuses: the embedded AWS with IAM enforced, over TLS."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import ClarifyDashboard, DataCapture, ModelBiasMonitorConstruct, SHAPConfig
from cdk_clarify_monitors_local import Capture, EmbeddedAws
from tests.support.embedded_aws.account import Account, Monitor
from tests.support.embedded_aws.monitors import (
    ENDPOINT,
    HEADERS,
    bias_monitor_of_model,
    explainability_monitor,
    patients,
    put_data,
)
from tests.support.templates.iam import as_list

pytestmark = pytest.mark.deploy


@pytest.fixture(scope="module")
def account(diabetes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account with IAM enforced."""
    with EmbeddedAws(models={"diabetes-model": diabetes_model}, auth=True, asks_every=0.3) as aws:
        account = Account(aws, tmp_path_factory.mktemp("assemblies"))
        put_data(account)
        account.create_bucket("ground-truth")
        account.create_bucket(_CAPTURED)
        yield account


_CAPTURED = "captured-by-the-endpoint"
_PATIENT = [50.0, 1, 25.7, 93.0, 186, 113.0, 48.0, 4.0, 4.62, 91]


def _both(stack: cdk.Stack, seed: int = 1) -> ModelBiasMonitorConstruct:
    explainability_monitor(
        stack, explainability_config=SHAPConfig([_PATIENT], num_samples=60, agg_method="mean_abs", seed=seed)
    )
    capture = DataCapture(s3.Bucket.from_bucket_name(stack, "Captured", _CAPTURED), "data-capture")
    return bias_monitor_of_model(stack, data_capture=capture)


def _changed(stack: cdk.Stack) -> None:
    bias = _both(stack, seed=2)
    ClarifyDashboard(stack, "Dashboard", monitors=[bias], dashboard_name="enforced", baseline_metrics=["DPPL"])


def test_a_deployment_an_update_and_a_deletion_pass(account: Any) -> None:
    stack = account.stack("Enforced")
    stack.deploy(_both)
    first = stack.monitor("Explainability")
    stack.deploy(_changed)
    assert stack.monitor("Explainability").constraints_uri != first.constraints_uri
    _assert_drift_is_found(account, stack.monitor("Bias"))
    bucket = stack.bucket
    stack.delete()
    assert account.files(f"s3://{bucket}/")  # kept


def _assert_drift_is_found(account: Account, bias: Monitor) -> None:
    """What the endpoint captured is read by the rights that `data_capture` gives; so is the dashboard's baseline."""
    due = datetime(2026, 3, 1, 11, tzinfo=UTC)
    moment, people = due - timedelta(minutes=30), patients()[:60]
    captures = [
        Capture(
            ",".join(person[name] for name in HEADERS[:-1]), "0.9" if person["sex"] == "2" else "0.1", moment, f"r-{n}"
        )
        for n, person in enumerate(people)
    ]
    place = f"s3://{_CAPTURED}/data-capture"
    account.aws.add_endpoint(ENDPOINT, capture=place)
    account.aws.put_captures(place, ENDPOINT, captures)
    labels = {f"r-{number}": int(person["target"]) for number, person in enumerate(people)}
    account.aws.put_ground_truth("s3://ground-truth/labels", labels, collected=moment)
    execution = account.aws.execute_schedule(bias.schedule["MonitoringScheduleName"], scheduled_time=due)
    assert execution["MonitoringExecutionStatus"] == "CompletedWithViolations", execution.get("FailureReason")
    body = json.loads(account.client("cloudwatch").get_dashboard(DashboardName="enforced")["DashboardBody"])
    (lines,) = (
        w["properties"]["annotations"]["horizontal"] for w in body["widgets"] if "annotations" in w["properties"]
    )
    (facet,) = account.json(bias.constraints_uri)["post_training_bias_metrics"]["facets"]["sex"]
    (dppl,) = (metric["value"] for metric in facet["metrics"] if metric["name"] == "DPPL")
    assert lines == [{"value": dppl, "label": "baseline", "yAxis": "left"}]


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


@pytest.mark.slow
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
