"""The whole template of each construct, to be looked at when it changes: `pytest --snapshot-update` renews them."""

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support.monitors.builders import bias_monitor, explainability_monitor, template_of

_HASH = re.compile(r"\b[0-9a-f]{64}\b")


@pytest.fixture
def json_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def masked(template: Any) -> Any:
    """A template without what changes with each line of the Lambda function's code, or with the CDK's version."""
    masked = json.loads(_HASH.sub("<asset>", json.dumps(template)))
    masked.get("Mappings", {}).pop("LatestNodeRuntimeMap", None)
    for name, resource in masked["Resources"].items():
        if "ProviderFramework" in name and "Runtime" in resource["Properties"]:
            resource["Properties"]["Runtime"] = "<runtime>"
    return masked


def readable(template: dict[str, Any]) -> dict[str, Any]:
    """A template with the document of the custom resource as the JSON that it is."""
    (baseline,) = (r for r in template["Resources"].values() if r["Type"] == "Custom::ClarifyBaseline")
    baseline["Properties"]["Baseline"] = json.loads(baseline["Properties"]["Baseline"])
    return template


def test_the_template_of_a_bias_monitor_is_unchanged(stack: cdk.Stack, json_snapshot: Any) -> None:
    bias_monitor(stack)
    assert readable(masked(template_of(stack).to_json())) == json_snapshot


def test_the_template_of_an_explainability_monitor_is_unchanged(stack: cdk.Stack, json_snapshot: Any) -> None:
    explainability_monitor(stack)
    assert readable(masked(template_of(stack).to_json())) == json_snapshot
