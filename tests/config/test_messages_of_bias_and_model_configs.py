"""What BiasConfig, ModelConfig and ModelPredictedLabelConfig refuse."""

from __future__ import annotations

import numpy as np

from cdk_clarify_monitors import ModelConfig, ModelPredictedLabelConfig, TimeSeriesModelConfig
from tests.config.refusals import INFINITY, NAN, TYPE, VALUE, Refusal, check_message, each
from tests.support.monitors.calls import bias, model

REFUSALS: list[Refusal] = [
    # ---------------------------------------------------------------- BiasConfig
    (TYPE, "'label_values_or_threshold' must be a list, got 1: write [1]", lambda: bias(label_values_or_threshold=1)),
    (TYPE, "'label_values_or_threshold' must be given, got None", lambda: bias(label_values_or_threshold=None)),
    (
        VALUE,
        "'label_values_or_threshold' must have at least one item, got []",
        lambda: bias(label_values_or_threshold=[]),
    ),
    (
        TYPE,
        "'label_values_or_threshold[0]' must be a string, a number, True or False, got None",
        lambda: bias(label_values_or_threshold=[None]),
    ),
    (
        VALUE,
        "'label_values_or_threshold[0]' must be a finite number, got nan: JSON knows neither NaN nor Infinity",
        lambda: bias(label_values_or_threshold=[NAN]),
    ),
    (
        TYPE,
        (
            "'label_values_or_threshold[0]' must be a string, a number, True or False, got np.int64(1): "
            "call its .tolist()"
        ),
        lambda: bias(label_values_or_threshold=[np.int64(1)]),
    ),
    (TYPE, "'facet_name' must be given, got None", lambda: bias(facet_name=None)),
    (VALUE, "'facet_name' must not be empty, got ''", lambda: bias(facet_name="")),
    (VALUE, "'facet_name' must have at least one item, got []", lambda: bias(facet_name=[])),
    (VALUE, "'facet_name' must be at least 0, got -1", lambda: bias(facet_name=-1)),
    (
        TYPE,
        "'facet_name[1]' must be a name (string) or a zero-based index (integer), got 1.5",
        lambda: bias(facet_name=["a", 1.5]),
    ),
    (
        TYPE,
        "'facet_values_or_threshold' must be a list, got 40: write [40]",
        lambda: bias(facet_values_or_threshold=40),
    ),
    (
        VALUE,
        "'facet_values_or_threshold' must have at least one item, got []",
        lambda: bias(facet_values_or_threshold=[]),
    ),
    (
        TYPE,
        "'facet_values_or_threshold' must be a flat list for the one facet, got [['F']]: or give a list of facets",
        lambda: bias(facet_values_or_threshold=[["F"]]),
    ),
    (
        VALUE,
        (
            "'facet_values_or_threshold' must have 2 items, one list or None for each of the facets ['a', "
            "'b'], got [[1]]"
        ),
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[[1]]),
    ),
    (
        TYPE,
        "'facet_values_or_threshold[1]' must be a list, got 'M': write ['M']",
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[["F"], "M"]),
    ),
    (
        VALUE,
        "'facet_values_or_threshold[0]' must have at least one item, got []",
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[[], None]),
    ),
    (
        VALUE,
        "'facet_values_or_threshold[1][0]' must be a finite number, got inf: JSON knows neither NaN nor Infinity",
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[["F"], [INFINITY]]),
    ),
    (
        TYPE,
        "'group_name' must be a name (string) or a zero-based index (integer), got ['g']",
        lambda: bias(group_name=["g"]),
    ),
    # ---------------------------------------------------------------- ModelConfig
    (
        VALUE,
        (
            "'model_name' must be given without 'endpoint_name', got None: give model_name, instance_count "
            "and instance_type together, or endpoint_name"
        ),
        lambda: ModelConfig(),
    ),
    (
        VALUE,
        (
            "'instance_type' must be given without 'endpoint_name', got None: give model_name, "
            "instance_count and instance_type together, or endpoint_name"
        ),
        lambda: ModelConfig("m", 1),
    ),
    (
        VALUE,
        "'model_name' must be letters, digits and hyphens, no hyphen first or last, got 'my model'",
        lambda: model(model_name="my model"),
    ),
    (
        VALUE,
        f"'model_name' must have at most 63 characters, got '{'m' * 64}': it has 64",
        lambda: model(model_name="m" * 64),
    ),
    (TYPE, "'instance_count' must be an integer, got True", lambda: model(instance_count=True)),
    (TYPE, "'instance_count' must be an integer, got '1': write 1", lambda: model(instance_count="1")),
    (VALUE, "'instance_count' must be at least 1, got 0", lambda: model(instance_count=0)),
    (
        VALUE,
        "'instance_type' must be an instance type of SageMaker's, like ml.m5.xlarge, got 'm5.large'",
        lambda: model(instance_type="m5.large"),
    ),
    (
        VALUE,
        (
            "'accept_type' must be one of 'text/csv', 'application/jsonlines', 'application/json', "
            "'application/x-parquet', got 'image/png'"
        ),
        lambda: model(accept_type="image/png"),
    ),
    (
        VALUE,
        (
            "'accept_type' must be 'application/json' or 'application/jsonlines' with "
            "'time_series_model_config', got 'text/csv'"
        ),
        lambda: model(accept_type="text/csv", time_series_model_config=TimeSeriesModelConfig("f")),
    ),
    (
        VALUE,
        (
            "'content_type' must be one of 'text/csv', 'application/jsonlines', 'application/json', "
            "'application/x-parquet', 'image/jpeg', 'image/png', 'application/x-npy', got 'image/jpg': did you mean "
            "'image/jpeg'?"
        ),
        lambda: model(content_type="image/jpg"),
    ),
    (
        VALUE,
        (
            "'content_type' must be 'application/json' or 'application/jsonlines' with "
            "'time_series_model_config', got 'text/csv'"
        ),
        lambda: model(content_type="text/csv", time_series_model_config=TimeSeriesModelConfig("f")),
    ),
    (
        VALUE,
        "'content_template' must have the placeholder $features with content_type 'application/jsonlines', got None",
        lambda: model(content_type="application/jsonlines"),
    ),
    (
        VALUE,
        "'content_template' must have the placeholder $features with content_type 'application/jsonlines', got 'x'",
        lambda: model(content_type="application/jsonlines", content_template="x"),
    ),
    (
        VALUE,
        (
            "'content_template' must have the placeholder $records or $record with content_type "
            "'application/json', got 'x'"
        ),
        lambda: model(content_type="application/json", content_template="x", record_template="$features"),
    ),
    (
        VALUE,
        (
            "'record_template' must have the placeholder $features, $features_kvp, or ${A} for a feature A "
            "with content_type 'application/json', got None"
        ),
        lambda: model(content_type="application/json", content_template="$records"),
    ),
    (
        VALUE,
        (
            "'record_template' must have the placeholder $features, $features_kvp, or ${A} for a feature A "
            "with content_type 'application/json', got 'x'"
        ),
        lambda: model(content_type="application/json", content_template="$records", record_template="x"),
    ),
    (TYPE, "'content_template' must be a string, got ['b']", lambda: model(content_template=["b"])),
    (TYPE, "'content_template['a']' must be a string, got 1: write '1'", lambda: model(content_template={"a": 1})),
    (VALUE, "'content_template' must have at least one entry, got {}", lambda: model(content_template={})),
    (VALUE, "'custom_attributes' must be ASCII, got 'ä'", lambda: model(custom_attributes="ä")),
    (
        VALUE,
        f"'custom_attributes' must have at most 1024 characters, got '{'a' * 198}…: it has 1025",
        lambda: model(custom_attributes="a" * 1025),
    ),
    (TYPE, "'accelerator_type' must be a string, got 1: write '1'", lambda: model(accelerator_type=1)),
    (
        VALUE,
        (
            "'endpoint_name_prefix' must be letters, digits and hyphens, at least two of them letters or "
            "digits, no hyphen first, got '~invalid'"
        ),
        lambda: model(endpoint_name_prefix="~invalid"),
    ),
    (
        VALUE,
        (
            "'endpoint_name_prefix' must be letters, digits and hyphens, at least two of them letters or "
            "digits, no hyphen first, got 'p'"
        ),
        lambda: model(endpoint_name_prefix="p"),
    ),
    (
        VALUE,
        "'endpoint_name_prefix' must be left out with 'endpoint_name', got 'shadow': no endpoint is created then",
        lambda: ModelConfig(endpoint_name="e", endpoint_name_prefix="shadow"),
    ),
    (TYPE, "'target_model' must be a string, got 1: write '1'", lambda: model(target_model=1)),
    (
        VALUE,
        (
            "'endpoint_name' must be left out with 'model_name', got 'e': give either endpoint_name or "
            "model_name, instance_count and instance_type"
        ),
        lambda: model(endpoint_name="e"),
    ),
    (
        VALUE,
        "'endpoint_name' must be letters, digits and hyphens, no hyphen first or last, got 'e_1'",
        lambda: ModelConfig(endpoint_name="e_1"),
    ),
    (
        TYPE,
        "'time_series_model_config' must be a TimeSeriesModelConfig, got 'f': make one with TimeSeriesModelConfig(…)",
        lambda: model(time_series_model_config="f"),
    ),
    (TYPE, "'forecast' must be a string, got 1: write '1'", lambda: TimeSeriesModelConfig(1)),  # type: ignore[arg-type]
    (VALUE, "'forecast' must not be empty, got ''", lambda: TimeSeriesModelConfig("")),
    # ---------------------------------------------------------------- ModelPredictedLabelConfig
    (
        TYPE,
        "'label' must be a name (string) or a zero-based index (integer), got [0]",
        lambda: ModelPredictedLabelConfig(label=[0]),  # type: ignore[arg-type]
    ),
    (VALUE, "'probability' must be at least 0, got -1", lambda: ModelPredictedLabelConfig(probability=-1)),
    (
        TYPE,
        "'probability_threshold' must be a float, got 1: write 1.0",
        lambda: ModelPredictedLabelConfig(probability_threshold=1),
    ),
    (
        TYPE,
        "'probability_threshold' must be a float, got True",
        lambda: ModelPredictedLabelConfig(probability_threshold=True),
    ),
    (
        TYPE,
        "'probability_threshold' must be a float, got '0.5'",
        lambda: ModelPredictedLabelConfig(probability_threshold="0.5"),  # type: ignore[arg-type]
    ),
    (
        VALUE,
        "'probability_threshold' must be a finite number, got nan: JSON knows neither NaN nor Infinity",
        lambda: ModelPredictedLabelConfig(probability_threshold=NAN),
    ),
    (
        TYPE,
        "'label_headers' must be a list, got 'yes': write ['yes']",
        lambda: ModelPredictedLabelConfig(label_headers="yes"),
    ),
    (
        TYPE,
        "'label_headers[0]' must be a string or an integer, got 0.5",
        lambda: ModelPredictedLabelConfig(label_headers=[0.5]),  # type: ignore[list-item]
    ),
]


@each(REFUSALS)
def test_the_message_names_the_argument_and_shows_the_value(refusal: Refusal) -> None:
    check_message(refusal)
