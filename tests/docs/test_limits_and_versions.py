"""docs/limits.md and docs/versions.md: each number is the code's, the lock's or the project's."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.aws_cloudwatch_actions import OpsItemSeverity, SsmAction

from cdk_clarify_monitors import (
    BaselineOptions,
    BatchTransformInput,
    DataCapture,
    DataConfig,
    EndpointInput,
    ModelConfig,
    MonitoringDatasetFormat,
    NetworkConfig,
)
from cdk_clarify_monitors._config.files.column_profile import _MAX_DISTINCT_VALUES
from cdk_clarify_monitors._config.files.json_file import _MAX_DOCUMENT_BYTES
from cdk_clarify_monitors._fleets.capacity import _MOST_MONITORS
from cdk_clarify_monitors._observability import graphs
from cdk_clarify_monitors._resources.config_assets import _LARGEST
from cdk_clarify_monitors_lambda.clarify_baseline.model.desired_baseline import _MAX_RESPONSE_BYTES
from cdk_clarify_monitors_lambda.clarify_baseline.model.s3_uri import MAX_KEY_BYTES
from tests.support.environments import ENVIRONMENTS
from tests.support.monitors.builders import bias_monitor
from tests.support.pages import rows
from tests.support.repository import ROOT

LIMITS = {row[0].content: row[1].content for row in rows(ROOT / "docs" / "limits.md")}
VERSIONS = [[cell.content for cell in row] for row in rows(ROOT / "docs" / "versions.md")]


def numbers(name: str) -> list[int]:
    """The numbers in the limit of the first row whose first cell begins so."""
    limit = next(limit for first, limit in LIMITS.items() if first.startswith(name))
    return [int(number) for number in re.findall(r"\d+", limit)]


def uri(length: int) -> str:
    return f"s3://bucket/{'k' * (length - 12)}"


def endpoint_input(**changes: Any) -> EndpointInput:
    return EndpointInput("endpoint", "/opt/ml/processing/input", **changes)


def model(**changes: Any) -> ModelConfig:
    return ModelConfig("model", 1, "ml.m5.large", **changes)


def capture(stack: cdk.Stack, **changes: Any) -> DataCapture:
    return DataCapture(s3.Bucket.from_bucket_name(stack, "Bucket", "bucket"), "captured", **changes)


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


SEVERITY = OpsItemSeverity.HIGH

#: By the beginning of a row: which of its numbers, and what takes it and refuses one more.
HIGHEST: dict[str, tuple[int, Callable[[cdk.Stack, int], object]]] = {
    "`instance_count`": (1, lambda stack, n: bias_monitor(stack, instance_count=n)),
    "`volume_size_in_gb`": (1, lambda stack, n: bias_monitor(stack, volume_size_in_gb=n)),
    "`max_runtime_in_seconds`, executions": (1, lambda stack, n: bias_monitor(stack, max_runtime_in_seconds=n)),
    "`BaselineOptions(max_runtime": (1, lambda _, n: BaselineOptions(max_runtime_in_seconds=n)),
    "`BaselineOptions(timeout": (1, lambda _, n: BaselineOptions(timeout=cdk.Duration.hours(n))),
    "`monitor_schedule_name`": (0, lambda stack, n: bias_monitor(stack, monitor_schedule_name="n" * n)),
    "`env`": (
        0,
        lambda stack, n: bias_monitor(stack, env=dict.fromkeys(names("N", n - 1), "v"), enable_cloudwatch_metrics=True),
    ),
    "`tags`": (0, lambda stack, n: bias_monitor(stack, tags=dict.fromkeys(names("n", n), "v"))),
    "`security_groups`": (0, lambda _, n: NetworkConfig(subnets=["subnet-1"], security_group_ids=names("sg-", n))),
    "`subnets`": (0, lambda _, n: NetworkConfig(subnets=names("subnet-", n), security_group_ids=["sg-1"])),
    "`output_s3_uri`": (
        0,
        lambda _, n: BatchTransformInput(uri(n), "/opt/ml/processing/input", MonitoringDatasetFormat.csv()),
    ),
    "other S3 URIs": (0, lambda _, n: DataConfig(uri(n))),
    "`features_attribute`": (0, lambda _, n: endpoint_input(features_attribute="f" * n)),
    "`start_time_offset`, `end_time_offset`": (
        0,
        lambda _, n: endpoint_input(start_time_offset="-PT" + "1" * (n - 4) + "H"),
    ),
    "`probability_threshold_attribute`": (1, lambda _, n: endpoint_input(probability_threshold_attribute=n)),
    "`custom_attributes`": (0, lambda _, n: model(custom_attributes="c" * n)),
    "`DataCapture(sampling": (1, lambda stack, n: capture(stack, sampling_percentage=n)),
    "`DataCapture(csv": (0, lambda stack, n: capture(stack, csv_content_types=names("text/t", n))),
    "actions of an alarm": (0, lambda stack, n: bias_monitor(stack).add_alarms(actions=[SsmAction(SEVERITY)] * n)),
}


@pytest.mark.parametrize("name", HIGHEST)
def test_the_highest_value_is_taken_and_one_more_is_refused(name: str) -> None:
    position, take = HIGHEST[name]
    highest = numbers(name)[position]
    app = cdk.App(analytics_reporting=False)
    take(cdk.Stack(app, "Taken"), highest)
    with pytest.raises(ValueError, match=r"'\w+(\[.*\])?' must "):
        take(cdk.Stack(app, "Refused"), highest + 1)


def test_the_limits_of_stacks_and_files_are_the_codes() -> None:
    input_limit = int(re.findall(r"LARGEST_INPUT = (\d+)", _validations())[0])
    assert any(f"[{input_limit}]" in row[-1].content for row in rows(ROOT / "docs" / "limits.md"))
    assert numbers("the custom resource's properties") == [(input_limit - 8192) // 2]
    assert numbers("monitors in a stack") == [_MOST_MONITORS]
    assert LIMITS["an analysis config"].startswith(f"{_LARGEST} bytes")
    assert numbers("the custom resource's answer")[0] == _MAX_RESPONSE_BYTES
    assert numbers("a key in S3") == [MAX_KEY_BYTES]
    shown = [graphs.METRICS_OF_A_GRAPH, graphs.METRICS_OF_A_DASHBOARD, graphs.WIDGETS_OF_A_DASHBOARD]
    assert numbers("metrics of a graph") == shown
    assert numbers("a JSON document") == [_MAX_DOCUMENT_BYTES]
    assert numbers("different values") == [_MAX_DISTINCT_VALUES]


def _validations() -> str:
    package = ROOT / "constructs" / "cdk_clarify_monitors" / "_resources" / "_jsii" / "package"
    return (package / "validations.js").read_text(encoding="utf-8")


# ---------------------------------------------------------------- versions
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
_REQUIREMENTS = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["local"]]


@pytest.mark.parametrize("name", ["aws-cdk-lib", "constructs", "jsii", "boto3", "smclarify", "ministack"])
def test_a_version_of_a_package_is_the_projects_and_the_locks(name: str) -> None:
    (lowest, pinned) = next(row[1:] for row in VERSIONS if row[0].startswith(f"`{name}`"))
    (requirement,) = [each for each in _REQUIREMENTS if re.match(rf"{name}[=<>]", each)]
    words = requirement.removeprefix(name).replace(">=", "").replace("==", "")
    exact = f"{words}, no other" if "==" in requirement else words.replace(",<", ", below ")
    assert lowest == exact
    assert re.findall(rf"^{name}==(\S+)", LOCK, re.MULTILINE) == [pinned]


def test_versions_of_python_and_node_are_those_that_run() -> None:
    told = {row[0]: row[1:] for row in VERSIONS}
    pythons = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    nodes = sorted({environment.node for environment in ENVIRONMENTS})
    assert told["Python"] == [PROJECT["requires-python"].removeprefix(">="), f"{pythons[0]} to {pythons[-1]}"]
    assert told["Node.js"] == [str(nodes[0]), " and ".join(map(str, nodes))]
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert told["`aws-cdk`, the command"][1] == package["dependencies"]["aws-cdk"]
    for environment in ENVIRONMENTS:
        assert told[f"`{environment.name}`"][:2] == [environment.python, str(environment.node)]
