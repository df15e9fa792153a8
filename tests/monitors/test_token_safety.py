"""Values that are known at deployment only stay in their places: nothing else changes with them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import BiasConfig, EndpointInput
from tests.monitors.late_values import deployed, new_app, number, text
from tests.support.monitors.builders import bias_monitor, data_config, model_config

HOSTILE = [
    'with "quotes" and \\ backslashes \\"',
    '"}], "methods": {"evil": {}}, "x": [{"',
    "two\nlines\tand\r\nmore\x00\x1f\x7f",
    "ünïcödé 漢字 🦜 \u2028\u2029 \ufeff",
    '${Token[TOKEN.1]} {{resolve:ssm:x}} ${AWS::Region} {"Ref": "X"}',
    "null",
    "0.5",
    "",
    " ",
    "~0~1/../..",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_cannot_break_out_of_its_place(tmp_path: Path, value: Any) -> None:
    def make(stack: cdk.Stack) -> None:
        given = text(stack, "Given")
        bias_monitor(
            stack,
            data_config=data_config(headers=[given, "age"], label=given, predicted_label=f"before {given} after"),
            bias_config=BiasConfig([given], "age", cast("list[int | str]", [40, given])),
            model_config=model_config(custom_attributes=given),
            endpoint_input=EndpointInput("loans-endpoint", "/opt/ml/x", inference_attribute=given),
        )

    result = deployed(tmp_path, make, Given=value)
    assert result.monitoring_config == {
        "label_values_or_threshold": [value],
        "facet": [{"name_or_index": "age", "value_or_threshold": [40, value]}],
        "headers": [value, "age"],
        "label": value,
    }
    assert result.baselining_config == {
        **result.monitoring_config,
        "dataset_type": "text/csv",
        "predicted_label": f"before {value} after",
        "probability_threshold": 0.8,
        "methods": {
            "report": {"name": "report", "title": "Analysis Report"},
            "pre_training_bias": {"methods": "all"},
            "post_training_bias": {"methods": "all"},
        },
        "predictor": {
            "model_name": "loans",
            "initial_instance_count": 1,
            "instance_type": "ml.m5.large",
            "custom_attributes": value,
        },
    }
    assert result.job_definition["ModelBiasJobInput"]["EndpointInput"]["InferenceAttribute"] == value


@pytest.mark.parametrize("column", HOSTILE[:5])
def test_a_literal_cannot_break_out_of_its_place_either(tmp_path: Path, column: Any) -> None:
    column = column.replace("${Token[TOKEN.1]}", "")  # what looks like a token is one
    result = deployed(
        tmp_path,
        lambda stack: bias_monitor(
            stack,
            data_config=data_config(headers=[column, "age"], label=column),
            model_config=model_config(model_name=text(stack, "Model")),
        ),
        Model="loans",
    )
    assert result.monitoring_config["headers"] == result.baselining_config["headers"] == [column, "age"]
    assert result.baselining_config["predictor"]["model_name"] == "loans"


# ---------------------------------------------------------------- names
def test_names_do_not_come_from_tokens(tmp_path: Path) -> None:
    """A token's text differs from one synthesis to the next; a name that did would replace everything each time."""

    def synthesized(outdir: Path, tokens_before: int) -> str:
        app = new_app(outdir)
        for _ in range(tokens_before):
            cdk.Token.as_string({"Ref": "any"})
            cdk.Token.as_number({"Ref": "any"})
        stack = cdk.Stack(app, "Stack")
        bias_monitor(
            stack,
            endpoint_input=text(stack, "Endpoint"),
            data_config=data_config(s3_data_input_path=f"s3://{text(stack, 'Bucket')}/x", label=number(stack, "Label")),
            model_config=model_config(model_name=text(stack, "Model")),
        )
        app.synth()
        return (outdir / "Stack.template.json").read_text()

    first, second = synthesized(tmp_path / "1", 0), synthesized(tmp_path / "2", 25)
    assert first == second
    assert re.search(r"[$#]\{Token|TOKEN|e\+289", first) is None


def test_another_value_is_another_baseline_and_the_same_monitor(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        bias_monitor(stack, model_config=model_config(model_name=text(stack, "Model")))

    first = deployed(tmp_path / "1", make, Model="loans-1")
    again = deployed(tmp_path / "2", make, Model="loans-1")
    other = deployed(tmp_path / "3", make, Model="loans-2")
    assert first.processing_jobs == again.processing_jobs
    assert first.processing_jobs[0]["ProcessingJobName"] != other.processing_jobs[0]["ProcessingJobName"]
    assert first.schedule["MonitoringScheduleName"] == other.schedule["MonitoringScheduleName"]


def test_a_key_that_is_a_token_is_refused_first(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match="env"):
        bias_monitor(stack, env={cdk.Aws.REGION: "x"})
    assert stack.node.children == []
