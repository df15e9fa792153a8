"""Monitors that are seldom met."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_clarify_monitors import DataConfig
from tests.support.monitors.builders import ENVIRONMENT, FEATURE_FLAGS, bias_monitor, template_of


def test_the_arn_of_the_schedule_is_its_attribute(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    (logical_id,) = template_of(stack).find_resources("AWS::SageMaker::MonitoringSchedule")
    assert stack.resolve(monitor.monitoring_schedule_arn) == {"Fn::GetAtt": [logical_id, "MonitoringScheduleArn"]}


def test_an_answer_of_the_baseline_is_one_token_at_each_read(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    assert monitor.constraints_s3_uri == monitor.constraints_s3_uri
    assert monitor.baselining_job_name == monitor.baselining_job_name


def test_grants_work_without_a_custom_resource(stack: cdk.Stack) -> None:
    monitor = bias_monitor(
        stack,
        data_config=None,
        bias_config=None,
        model_config=None,
        model_predicted_label_config=None,
        analysis_config="s3://data/analysis_config.json",
        constraints="s3://data/analysis.json",
    )
    s3.Bucket(stack, "More").grant_read(monitor)
    template = template_of(stack)
    template.resource_count_is("Custom::ClarifyBaseline", 0)
    assert [id_ for id_ in template.find_resources("AWS::IAM::Policy") if id_.startswith("Bias")]


@pytest.mark.parametrize("name", ["tags", "env"])
def test_more_entries_than_sagemaker_takes_are_refused(stack: cdk.Stack, name: str) -> None:
    changes: dict[str, Any] = {name: {f"key{number}": "x" for number in range(51)}}
    with pytest.raises(ValueError, match=rf"'{name}' must have at most 50 entries, got .*: it has 51"):
        bias_monitor(stack, **changes)


def test_monitors_in_a_nested_stack_are_named_by_their_parent(stack: cdk.Stack) -> None:
    nested = cdk.NestedStack(cdk.NestedStack(stack, "Outer"), "Inner")
    bias_monitor(nested)
    (schedule,) = template_of(nested).find_resources("AWS::SageMaker::MonitoringSchedule").values()
    assert schedule["Properties"]["MonitoringScheduleName"].startswith("stack-outerinnerbias-")


def test_the_bucket_can_be_given_another_logical_id_afterwards(stack: cdk.Stack) -> None:
    """As for a bucket that is to be kept under the id that it had before it came from here."""
    bucket = bias_monitor(stack).bucket
    assert isinstance(bucket, s3.Bucket)
    assert isinstance(bucket.node.default_child, s3.CfnBucket)
    bucket.node.default_child.override_logical_id("KeptBucket")
    template = template_of(stack)
    template.has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Retain"})
    text = json.dumps(template.to_json())
    assert '"Ref": "KeptBucket"' in text
    assert "${KeptBucket}" in text
    assert not re.search(r"ClarifyMonitorBucket[\"}]", text)


def test_a_refused_monitor_takes_nothing_from_the_next(stack: cdk.Stack) -> None:
    """Its statements, for instance, are the same as the next one's."""
    Construct(stack, "Bias")
    with pytest.raises(ValueError, match="'id' must be unique in 'Stack', got 'Bias'"):
        bias_monitor(stack)
    bias_monitor(stack, "Second")
    apart = cdk.Stack(cdk.App(context=FEATURE_FLAGS, analytics_reporting=False), "Stack", env=ENVIRONMENT)
    bias_monitor(apart, "Second")
    assert template_of(stack).to_json() == template_of(apart).to_json()


@pytest.mark.parametrize("id_", [5, None])
def test_an_id_is_a_string(stack: cdk.Stack, id_: Any) -> None:
    with pytest.raises(TypeError, match=f"'id' must be a string, got {id_}"):
        bias_monitor(stack, id_)
    assert stack.node.children == []


def test_two_monitors_of_a_stack_cannot_have_the_same_schedule(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, "First", monitor_schedule_name="loans")
    with pytest.raises(ValueError, match="'monitor_schedule_name' must be the name of one schedule only, got 'loans'"):
        bias_monitor(stack, "Second", monitor_schedule_name="loans")
    assert stack.node.try_find_child("Second") is None
    bias_monitor(cdk.Stack(app, "Other"), "Second", monitor_schedule_name="loans")


def test_a_data_set_of_another_region_is_refused(app: cdk.App, tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text("label,age\n" + "1,30\n0,40\n" * 30)
    west = cdk.Stack(app, "West", env=cdk.Environment(account="111111111111", region="eu-west-1"))
    east = cdk.Stack(app, "East", env=cdk.Environment(account="111111111111", region="us-east-1"))
    data = DataConfig.from_asset(west, "Data", path, label="label")
    for config in (data, replace(data, s3_output_path="s3://loans/baseline")):
        with pytest.raises(ValueError, match=r"'data_config' must have its asset in .*us-east-1\).*eu-west-1"):
            bias_monitor(east, data_config=config)
    assert east.node.children == []
    bias_monitor(west, data_config=data)
    bias_monitor(cdk.Stack(app, "Anywhere"), data_config=data)  # where that is, the app does not know
