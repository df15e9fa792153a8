"""What BiasConfig, ModelConfig and ModelPredictedLabelConfig refuse."""

from __future__ import annotations

import numpy as np

from cdk_clarify_monitors import ModelConfig, ModelPredictedLabelConfig, TimeSeriesModelConfig
from tests.config.calls import bias, model
from tests.config.refusals import INFINITY, NAN, TYPE, VALUE, Refusal, check_message, each

REFUSALS: list[Refusal] = [
    # ---------------------------------------------------------------- BiasConfig
    (TYPE, "label_values_or_threshold", "1", lambda: bias(label_values_or_threshold=1)),
    (TYPE, "label_values_or_threshold", "None", lambda: bias(label_values_or_threshold=None)),
    (VALUE, "label_values_or_threshold", "[]", lambda: bias(label_values_or_threshold=[])),
    (TYPE, "label_values_or_threshold[0]", "None", lambda: bias(label_values_or_threshold=[None])),
    (VALUE, "label_values_or_threshold[0]", "nan", lambda: bias(label_values_or_threshold=[NAN])),
    (TYPE, "label_values_or_threshold[0]", "int64(1)", lambda: bias(label_values_or_threshold=[np.int64(1)])),
    (TYPE, "facet_name", "None", lambda: bias(facet_name=None)),
    (VALUE, "facet_name", "''", lambda: bias(facet_name="")),
    (VALUE, "facet_name", "[]", lambda: bias(facet_name=[])),
    (VALUE, "facet_name", "-1", lambda: bias(facet_name=-1)),
    (TYPE, "facet_name[1]", "1.5", lambda: bias(facet_name=["a", 1.5])),
    (TYPE, "facet_values_or_threshold", "40", lambda: bias(facet_values_or_threshold=40)),
    (VALUE, "facet_values_or_threshold", "[]", lambda: bias(facet_values_or_threshold=[])),
    (TYPE, "facet_values_or_threshold", "[['F']]", lambda: bias(facet_values_or_threshold=[["F"]])),
    (
        VALUE,
        "facet_values_or_threshold",
        "[[1]]",
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[[1]]),
    ),
    (
        TYPE,
        "facet_values_or_threshold[1]",
        "'M'",
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[["F"], "M"]),
    ),
    (
        VALUE,
        "facet_values_or_threshold[0]",
        "[]",
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[[], None]),
    ),
    (
        VALUE,
        "facet_values_or_threshold[1][0]",
        "inf",
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[["F"], [INFINITY]]),
    ),
    (TYPE, "group_name", "['g']", lambda: bias(group_name=["g"])),
    # ---------------------------------------------------------------- ModelConfig
    (VALUE, "model_name", "None", lambda: ModelConfig()),
    (VALUE, "instance_type", "None", lambda: ModelConfig("m", 1)),
    (VALUE, "model_name", "'my model'", lambda: model(model_name="my model")),
    (VALUE, "model_name", "'mmm", lambda: model(model_name="m" * 64)),
    (TYPE, "instance_count", "True", lambda: model(instance_count=True)),
    (TYPE, "instance_count", "'1'", lambda: model(instance_count="1")),
    (VALUE, "instance_count", "0", lambda: model(instance_count=0)),
    (VALUE, "instance_type", "'m5.large'", lambda: model(instance_type="m5.large")),
    (VALUE, "accept_type", "'image/png'", lambda: model(accept_type="image/png")),
    (
        VALUE,
        "accept_type",
        "'text/csv'",
        lambda: model(accept_type="text/csv", time_series_model_config=TimeSeriesModelConfig("f")),
    ),
    (VALUE, "content_type", "'image/jpg'", lambda: model(content_type="image/jpg")),
    (
        VALUE,
        "content_type",
        "'text/csv'",
        lambda: model(content_type="text/csv", time_series_model_config=TimeSeriesModelConfig("f")),
    ),
    (VALUE, "content_template", "None", lambda: model(content_type="application/jsonlines")),
    (VALUE, "content_template", "'x'", lambda: model(content_type="application/jsonlines", content_template="x")),
    (
        VALUE,
        "content_template",
        "'x'",
        lambda: model(content_type="application/json", content_template="x", record_template="$features"),
    ),
    (VALUE, "record_template", "None", lambda: model(content_type="application/json", content_template="$records")),
    (
        VALUE,
        "record_template",
        "'x'",
        lambda: model(content_type="application/json", content_template="$records", record_template="x"),
    ),
    (TYPE, "content_template", "{'a': 'b'}", lambda: model(content_template={"a": "b"})),
    (VALUE, "custom_attributes", "'ä'", lambda: model(custom_attributes="ä")),
    (VALUE, "custom_attributes", "'aaa", lambda: model(custom_attributes="a" * 1025)),
    (TYPE, "accelerator_type", "1", lambda: model(accelerator_type=1)),
    (VALUE, "endpoint_name_prefix", "'~invalid'", lambda: model(endpoint_name_prefix="~invalid")),
    (VALUE, "endpoint_name_prefix", "'p'", lambda: model(endpoint_name_prefix="p")),
    (VALUE, "endpoint_name_prefix", "'shadow'", lambda: ModelConfig(endpoint_name="e", endpoint_name_prefix="shadow")),
    (TYPE, "target_model", "1", lambda: model(target_model=1)),
    (VALUE, "endpoint_name", "'e'", lambda: model(endpoint_name="e")),
    (VALUE, "endpoint_name", "'e_1'", lambda: ModelConfig(endpoint_name="e_1")),
    (TYPE, "time_series_model_config", "'f'", lambda: model(time_series_model_config="f")),
    (TYPE, "forecast", "1", lambda: TimeSeriesModelConfig(1)),  # type: ignore[arg-type]
    (VALUE, "forecast", "''", lambda: TimeSeriesModelConfig("")),
    # ---------------------------------------------------------------- ModelPredictedLabelConfig
    (TYPE, "label", "[0]", lambda: ModelPredictedLabelConfig(label=[0])),  # type: ignore[arg-type]
    (VALUE, "probability", "-1", lambda: ModelPredictedLabelConfig(probability=-1)),
    (TYPE, "probability_threshold", "got 1: write 1.0", lambda: ModelPredictedLabelConfig(probability_threshold=1)),
    (TYPE, "probability_threshold", "True", lambda: ModelPredictedLabelConfig(probability_threshold=True)),
    (TYPE, "probability_threshold", "'0.5'", lambda: ModelPredictedLabelConfig(probability_threshold="0.5")),  # type: ignore[arg-type]
    (VALUE, "probability_threshold", "nan", lambda: ModelPredictedLabelConfig(probability_threshold=NAN)),
    (TYPE, "label_headers", "got 'yes': write ['yes']", lambda: ModelPredictedLabelConfig(label_headers="yes")),
    (TYPE, "label_headers[0]", "0.5", lambda: ModelPredictedLabelConfig(label_headers=[0.5])),  # type: ignore[list-item]
]


@each(REFUSALS)
def test_the_message_names_the_argument_and_shows_the_value(refusal: Refusal) -> None:
    check_message(refusal)
