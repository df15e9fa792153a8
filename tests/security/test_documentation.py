"""docs/security.md lists exactly what the roles of a stack may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import BaselineFunctions, BaselineOptions, BiasConstraint, DataCapture, NetworkConfig
from tests.support.monitors.builders import bias_monitor, data_config, explainability_monitor, model_config
from tests.support.repository import ROOT
from tests.support.templates.iam import ACCOUNT, REGION, Template, as_list

Row = tuple[str, str, str]

# How the documentation calls the roles, by the start of their logical ids.
ROLES = {
    "BiasRole": "jobs",
    "ExplainabilityRole": "jobs",
    "ClarifyBaselineProviderHandlerRole": "functions",
    "ClarifyBaselineProviderFrameworkOnEventRole": "framework, onEvent",
    "ClarifyBaselineProviderFrameworkCompleteRole": "framework, isComplete and onTimeout",
    "ClarifyBaselineProviderFrameworkwaiterstatemachineRole": "framework, waiter",
}

# How it calls what has another name in each stack.
_NAMES = [
    ("clarifymonitorbucket", "BUCKET"),
    (r"(loans-(bias|explainability)-\w{8})/(\w+)/\1-", r"\1/\3/MONITOR-"),
    (r"loans-(bias|explainability)-\w{8}", "MONITOR"),
    (r"loans-\*", "STACK-*"),
    (r"ClarifyBaselineProviderLogs\w{8}", "LOGS"),
    (r"role/(Bias|Explainability)Role\w{8}", "role/JOBS"),
    (r"ClarifyBaselineProvider(OnEvent|IsComplete)\w{8}", r"\1"),
    (r"ClarifyBaselineProviderFrameworkframework(\w+?)\w{8}(?=:|$)", r"framework-\1"),
    (r"ClarifyBaselineProviderFrameworkwaiterstatemachine\w{8}", "states:WAITER"),
    (r"^arn:aws:", ""),
    (rf"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}/\w{{64}}\.json", "ASSETS/CONFIG.json"),
    (f":{REGION}:{ACCOUNT}:", ":"),
    (f":{REGION}:", ":"),
    (r"iam::\d{12}:", "iam:"),
    (r"s3:::", "s3:"),
]


@pytest.fixture
def template(stack: cdk.Stack, synthesize: Any) -> Template:
    """All that a policy can have in it."""
    subnet = ["subnet-0123456789abcdef0"]
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=["a"],
        private_subnet_ids=subnet,
        private_subnet_route_table_ids=["r"],
    )
    BaselineFunctions.of(stack).run_in_vpc(vpc)
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/"
    bias_monitor(
        stack,
        data_config=data_config(headers=["approved", "age", *(f"column_{number}" for number in range(1000))]),
        data_capture=DataCapture(
            s3.Bucket.from_bucket_name(stack, "Data", "data"),
            "captured",
            kms_key=kms.Key.from_key_arn(stack, "Captured", f"{key}CAPTURED"),
        ),
        output_kms_key=kms.Key.from_key_arn(stack, "Output", f"{key}OUTPUT"),
        volume_kms_key=kms.Key.from_key_arn(stack, "Volume", f"{key}VOLUME"),
        network_config=NetworkConfig(subnets=["subnet-SUBNET"], security_group_ids=["sg-GROUP"]),
        baseline=BaselineOptions(remove_outputs=True, dataset_identity=True),
        constraints_overrides=[BiasConstraint("DPPL", at_most=0.1)],
    )
    endpoint = model_config(model_name=None, instance_count=None, instance_type=None, endpoint_name="shap-endpoint")
    explainability_monitor(stack, model_config=endpoint)
    found: Template = synthesize(stack)
    return found


def rows_of(template: Template) -> set[Row]:
    """Role, action and resource of all that is allowed."""
    return {
        (ROLES[next(start for start in ROLES if id_.startswith(start))], action, shown(resource))
        for id_ in template.of_type("AWS::IAM::Role")
        for policy in template.policies(id_)
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def shown(arn: str) -> str:
    """An ARN as the documentation writes it."""
    for pattern, name in _NAMES:
        arn = re.sub(pattern, name, arn)
    return arn


def documented_rows() -> Iterator[Row]:
    """The rows of the table, with lists of actions and resources taken apart."""
    for line in (ROOT / "docs" / "security.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0] in ROLES.values():
            role, actions, resources, why = cells
            assert len(why) > 10, line
            for action in re.findall(r"`([^`]+)`", actions):
                for resource in re.findall(r"`([^`]+)`", resources):
                    yield role, action, resource


def test_the_table_lists_what_is_allowed_and_nothing_else(template: Any) -> None:
    allowed, documented = rows_of(template), set(documented_rows())
    assert sorted(allowed - documented) == []
    assert sorted(documented - allowed) == []


def test_every_wildcard_has_its_reason(template: Any) -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    bare = {action for _, action, resource in rows_of(template) if resource == "*"}
    section = text.partition("## Wildcards")[2].partition("\n## ")[0]
    assert [action for action in sorted(bare) if f"`{action}`" not in section] == []
