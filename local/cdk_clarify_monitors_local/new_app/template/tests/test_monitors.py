"""What the stack asks CloudFormation for."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

import settings
from monitors import Monitors

CDK_JSON = Path(__file__).parents[1] / "cdk.json"
# Roles and functions are left out: they change with the versions of the libraries.
SHOWN = ("AWS::SageMaker::", "Custom::ClarifyBaseline", "AWS::CloudWatch::", "AWS::SNS::")


@pytest.fixture(scope="module")
def template() -> Template:
    app = cdk.App(context=json.loads(CDK_JSON.read_text())["context"])
    return Template.from_stack(Monitors(app, "Monitors"))


def test_resources_are_those_of_the_snapshot(
    template: Template, snapshot: SnapshotAssertion
) -> None:
    """After a change that you want: `pytest --snapshot-update`; read the difference in git."""
    resources: dict[str, dict[str, Any]] = template.to_json()["Resources"]
    shown = {name: each for name, each in resources.items() if each["Type"].startswith(SHOWN)}
    for each in shown.values():
        if each["Type"] == "Custom::ClarifyBaseline":
            each["Properties"]["Baseline"] = json.loads(each["Properties"]["Baseline"])

    assert shown == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("kind", ["ModelBias", "ModelExplainability"])
def test_both_monitors_watch_the_endpoint(template: Template, kind: str) -> None:
    endpoint = Match.object_like({"EndpointName": settings.ENDPOINT})
    job_input = Match.object_like({"EndpointInput": endpoint})

    template.has_resource_properties(
        f"AWS::SageMaker::{kind}JobDefinition", {f"{kind}JobInput": job_input}
    )
