"""Nothing is written where it would be read as a part of the data set, which is all keys that start alike."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import DataConfig
from tests.support.monitors.builders import bias_monitor, data_config, explainability_monitor
from tests.support.monitors.calls import data

TEXT = cdk.Token.as_string({"Ref": "Parameter"})
BUCKET = cdk.Token.as_string({"Ref": "Bucket"})

INSIDE = [
    ("s3://data/train", "s3://data/train/baseline"),
    ("s3://data/train", "s3://data/train"),
    ("s3://data/train", "s3://data/train/"),
    ("s3://data/train/", "s3://data/train"),
    ("s3://data/train/", "s3://data/train/"),
    ("s3://data/train/", "s3://data/train/a/b"),
    ("s3://data/train", "s3://data/training-results"),
    ("s3://data/train.csv", "s3://data/train.csv-results"),
    ("s3://data", "s3://data/anywhere"),
    ("s3://data/", "s3://data/anywhere"),
    ("s3://data", "s3://data"),
    (f"s3://{BUCKET}/train", f"s3://{BUCKET}/train/baseline"),
    (f"s3://data/{TEXT}", f"s3://data/{TEXT}/baseline"),
    (TEXT, TEXT),
    (TEXT, f"{TEXT}/baseline"),
    (f"{TEXT}/train", f"{TEXT}/training-results"),
]
OUTSIDE = [
    ("s3://data/train/", "s3://data/training"),
    ("s3://data/train/", "s3://data/results"),
    ("s3://data/train/part", "s3://data/train"),
    ("s3://data/train.csv", "s3://data/train"),
    ("s3://data/train", "s3://data/Train/baseline"),
    ("s3://data/train", "s3://other/train/baseline"),
    ("s3://data", "s3://data-results/x"),
    ("s3://data//train", "s3://data/train/x"),
    (f"s3://{BUCKET}", f"s3://{BUCKET}-results/x"),
    (f"s3://{BUCKET}/train", "s3://data/train/x"),
    (TEXT, f"{TEXT}-results"),
    (TEXT, "s3://data/train"),
    ("s3://data/train", TEXT),
]
ARGUMENTS = pytest.mark.parametrize("argument", ["s3_output_path", "s3_analysis_config_output_path"])


@ARGUMENTS
@pytest.mark.parametrize(("dataset", "place"), INSIDE, ids=map(str, range(len(INSIDE))))
def test_a_place_in_the_data_set_is_refused(argument: str, dataset: str, place: str) -> None:
    with pytest.raises(ValueError, match=f"'{argument}' must be outside of 's3_data_input_path', .*, got .*: .*prefix"):
        data(s3_data_input_path=dataset, **{argument: place})


@ARGUMENTS
@pytest.mark.parametrize(("dataset", "place"), OUTSIDE, ids=map(str, range(len(OUTSIDE))))
def test_a_place_beside_the_data_set_is_accepted(argument: str, dataset: str, place: str) -> None:
    assert getattr(data(s3_data_input_path=dataset, **{argument: place}), argument) == place


def test_it_is_refused_from_a_file_as_well() -> None:
    with pytest.raises(ValueError, match="'s3_output_path' must be outside"):
        DataConfig.from_analysis_config({"dataset_type": "text/csv"}, "s3://data/train", "s3://data/train/out")


@pytest.mark.parametrize("make", [bias_monitor, explainability_monitor])
@pytest.mark.parametrize(("dataset", "place"), INSIDE, ids=map(str, range(len(INSIDE))))
def test_executions_do_not_write_into_the_data_set(stack: cdk.Stack, make: Any, dataset: Any, place: Any) -> None:
    with pytest.raises(ValueError, match="'output_s3_uri' must be outside of 's3_data_input_path'"):
        make(stack, data_config=data_config(s3_data_input_path=dataset), output_s3_uri=place)
    assert stack.node.children == []


@ARGUMENTS
def test_folders_that_are_made_in_a_place_count(stack: cdk.Stack, argument: Any) -> None:
    """Of the place `s3://data` only what lies in the folder of a job or of the monitor is written."""
    for dataset in ("s3://data/loans", "s3://data/stack-bias"):
        config = data_config(s3_data_input_path=dataset, **{argument: "s3://data"})
        with pytest.raises(ValueError, match=f"'{argument}' must be outside .*, got 's3://data'"):
            bias_monitor(stack, data_config=config, base_job_name="loans-1")
    assert stack.node.children == []


@pytest.mark.parametrize("dataset", ["s3://central", "s3://central/stack-", "s3://central/s"])
def test_the_folders_in_a_given_bucket_count(stack: cdk.Stack, dataset: Any) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Given", "central")
    must = (
        "'s3_data_input_path' must not be a prefix of what the monitor writes to its bucket, 's3://central/stack-bias-"
    )
    with pytest.raises(ValueError, match=must):
        bias_monitor(stack, data_config=data_config(s3_data_input_path=dataset), bucket=bucket)
    assert [child.node.id for child in stack.node.children] == ["Given"]


def test_the_folders_in_the_bucket_of_another_monitor_count(stack: cdk.Stack) -> None:
    bucket = bias_monitor(stack, "First").bucket
    assert bucket is not None
    with pytest.raises(ValueError, match="'s3_data_input_path' must not be a prefix"):
        bias_monitor(stack, "Second", data_config=data_config(s3_data_input_path=f"s3://{bucket.bucket_name}"))
    bias_monitor(stack, "Third", data_config=data_config(s3_data_input_path=f"s3://{bucket.bucket_name}/data/"))


def test_without_a_baselining_job_executions_may_write_there(stack: cdk.Stack) -> None:
    """No job reads the data set then."""
    config = data_config(s3_data_input_path="s3://data/train")
    bias_monitor(stack, data_config=config, output_s3_uri="s3://data/train/results", constraints="s3://data/c.json")
    bias_monitor(stack, "Other", ground_truth_input="s3://data/labels", output_s3_uri="s3://data/labels/results")


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack")
