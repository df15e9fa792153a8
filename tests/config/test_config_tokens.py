"""Values that are known at deployment only pass every check, alone and inside of lists."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BatchTransformInput,
    BiasAnalysisConfig,
    BiasConfig,
    Constraints,
    CronExpressionGenerator,
    DataConfig,
    EndpointInput,
    ExplainabilityAnalysisConfig,
    ImageConfig,
    ModelConfig,
    ModelPredictedLabelConfig,
    NetworkConfig,
    PDPConfig,
    SegmentationConfig,
    SHAPConfig,
    TextConfig,
)
from cdk_clarify_monitors._spec.analysis.bias import bias_analysis
from cdk_clarify_monitors._spec.analysis.explainability import explainability_analysis
from cdk_clarify_monitors._validation import is_token
from tests.support.monitors.calls import schedule, settings, watched

TEXT = cdk.Token.as_string({"Ref": "Parameter"})
NUMBER: Any = cdk.Token.as_number({"Ref": "Number"})
LIST = cdk.Token.as_list({"Ref": "List"})


def test_tokens_are_told_from_values_without_asking_the_cdk() -> None:
    assert all(map(is_token, (TEXT, f"s3://{TEXT}/x", NUMBER, LIST, tuple(LIST))))
    assert not any(map(is_token, ("", "${x}", 0, -1e200, -math.inf, True, None, [], ["a"], {"a": 1})))


# Each object, and an argument that has to have come through as it was given.
CONFIGURATIONS: list[tuple[Any, str, Any]] = [
    (DataConfig(TEXT), "s3_data_input_path", TEXT),
    (DataConfig(f"s3://{TEXT}/x", label=TEXT, headers=["a", TEXT]), "headers", ("a", TEXT)),
    (DataConfig(f"s3://{TEXT}/x", label=NUMBER, headers=["a"], joinsource=TEXT), "label", NUMBER),
    (DataConfig(TEXT, headers=LIST, label="y", excluded_columns=["z"]), "headers", tuple(LIST)),
    (DataConfig(TEXT, headers=["a"], excluded_columns=LIST), "excluded_columns", tuple(LIST)),
    (DataConfig(TEXT, dataset_type=TEXT, predicted_label="p"), "dataset_type", TEXT),
    (BiasConfig(LIST, TEXT, LIST, TEXT), "facet_values_or_threshold", tuple(LIST)),
    (BiasConfig([TEXT, NUMBER], [TEXT, NUMBER], [[TEXT], LIST]), "label_values_or_threshold", (TEXT, NUMBER)),
    (ModelConfig(TEXT, NUMBER, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT), "instance_count", NUMBER),
    (ModelConfig(endpoint_name=TEXT), "endpoint_name", TEXT),
    (
        ModelConfig(endpoint_name="e", content_type="application/jsonlines", content_template=TEXT),
        "content_template",
        TEXT,
    ),
    (ModelPredictedLabelConfig(TEXT, NUMBER, NUMBER, LIST), "probability_threshold", NUMBER),
    (SHAPConfig([[TEXT, NUMBER]], NUMBER, TEXT, seed=NUMBER, features_to_explain=LIST), "num_samples", NUMBER),
    (SHAPConfig(TEXT), "baseline", TEXT),
    (PDPConfig(LIST, NUMBER, NUMBER), "features", tuple(LIST)),
    (TextConfig(TEXT, TEXT), "language", TEXT),
    (ImageConfig(TEXT, NUMBER, TEXT, NUMBER, NUMBER, NUMBER, NUMBER), "context", NUMBER),
    (AsymmetricShapleyValueConfig(TEXT, TEXT, NUMBER, TEXT), "granularity", TEXT),
    (AsymmetricShapleyValueConfig("chronological", "fine_grained", NUMBER), "num_samples", NUMBER),
    (SegmentationConfig(TEXT, [[TEXT]], TEXT, LIST), "display_aliases", tuple(LIST)),
    (BiasAnalysisConfig(BiasConfig([1], "f"), LIST, TEXT), "headers", tuple(LIST)),
    (
        ExplainabilityAnalysisConfig(SHAPConfig([[1, 2]]), ModelConfig(endpoint_name=TEXT), LIST, LIST),
        "label_headers",
        tuple(LIST),
    ),
    (Constraints.from_s3_uri(TEXT), "constraints_file_s3_uri", TEXT),
    (NetworkConfig(security_group_ids=LIST, subnets=[TEXT]), "security_group_ids", tuple(LIST)),
    (EndpointInput(TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, NUMBER), "start_time_offset", TEXT),
    (BatchTransformInput(TEXT, TEXT, {"Parquet": {}}, TEXT, TEXT), "data_captured_destination_s3_uri", TEXT),
]


@pytest.mark.parametrize(("config", "argument", "value"), CONFIGURATIONS, ids=lambda value: type(value).__name__)
def test_tokens_pass_every_check(config: Any, argument: str, value: Any) -> None:
    assert getattr(config, argument) == value


def test_tokens_reach_the_analysis_configs_of_a_bias_monitor() -> None:
    analysis = bias_analysis(
        data_config=DataConfig(TEXT, headers=LIST, label=TEXT),
        bias_config=BiasConfig(LIST, TEXT),
        model_config=ModelConfig(endpoint_name=TEXT),
        model_predicted_label_config=ModelPredictedLabelConfig(TEXT, NUMBER, NUMBER),
        analysis_config=None,
    )

    assert analysis.baselining is not None
    assert analysis.baselining["headers"] == LIST
    assert analysis.baselining["probability_threshold"] == NUMBER
    assert analysis.monitoring == {
        "headers": LIST,
        "label": TEXT,
        "label_values_or_threshold": LIST,
        "facet": [{"name_or_index": TEXT}],
    }
    assert analysis.attributes["inference_attribute"] == TEXT
    # A number becomes text here, as the API wants it: a token stays a token.
    probability = analysis.attributes["probability_attribute"]
    assert isinstance(probability, str)
    assert cdk.Stack().resolve(probability) == {"Ref": "Number"}


def test_tokens_reach_explainability_analysis_configs() -> None:
    analysis = explainability_analysis(
        data_config=DataConfig(TEXT, headers=["a", TEXT], label="a"),
        explainability_config=SHAPConfig([[1]], features_to_explain=["z"]),
        model_config=ModelConfig(endpoint_name=TEXT),
        model_scores=TEXT,
        analysis_config=None,
    )

    assert analysis.monitoring is not None
    assert analysis.monitoring["headers"] == [TEXT]
    assert analysis.attributes == {"inference_attribute": TEXT}


def test_tokens_pass_as_inputs_and_schedules() -> None:
    request = watched("ModelExplainability", endpoint_input=TEXT)
    schedule(TEXT, data_analysis_start_time=TEXT, data_analysis_end_time="-PT1H", max_runtime_in_seconds=NUMBER)
    schedule("cron(0 * ? * * *)", max_runtime_in_seconds=NUMBER)
    schedule(CronExpressionGenerator.daily_every_x_hours(TEXT, TEXT))
    schedule(CronExpressionGenerator.daily(TEXT))

    assert request["EndpointInput"]["EndpointName"] == TEXT


def test_tokens_pass_as_variables_and_tags() -> None:
    given = settings(env={"STAGE": TEXT}, tags={"team": TEXT})

    assert given.env == {"STAGE": TEXT}
    assert given.tags == {"team": TEXT}


@pytest.mark.parametrize(
    ("argument", "make"),
    [
        ("baseline[0]", lambda: SHAPConfig(baseline=[{TEXT: 1}])),
        ("baseline[0]['a'][1]", lambda: SHAPConfig(baseline=[{"a": [1, {f"x{TEXT}": 1}]}])),
        (
            "baseline['static_covariates']",
            lambda: AsymmetricShapleyValueConfig(baseline={"static_covariates": {TEXT: ["Rome"]}}),
        ),
        ("body_dict", lambda: Constraints({TEXT: 1}, TEXT)),
    ],
)
def test_json_key_that_is_a_token_is_refused(argument: str, make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must have literals as keys, got '.*': use tokens in the values") as refused:
        make()
    assert str(refused.value).startswith(f"'{argument}' must ")


def test_facets_have_to_be_known_when_the_app_is_synthesized() -> None:
    with pytest.raises(ValueError, match="'facet_name' must be known when the app is synthesized"):
        BiasConfig([1], LIST)
