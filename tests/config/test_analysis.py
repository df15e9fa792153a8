"""What both monitors analyse, beyond the recorded cases: what is accepted, and what goes where."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_clarify_monitors import (
    BiasAnalysisConfig,
    BiasConfig,
    DataConfig,
    ExplainabilityAnalysisConfig,
    ImageConfig,
    ModelConfig,
    ModelPredictedLabelConfig,
    PDPConfig,
    SHAPConfig,
    TextConfig,
)
from cdk_clarify_monitors._spec.analysis.analysis_spec import AnalysisSpec
from tests.support.monitors.calls import HEADERS, URI, analysed_bias, explained

CONFIG_URI = "s3://bucket/analysis_config.json"
MODEL = ModelConfig(endpoint_name="e")
SHAP = {"use_logit": False, "save_local_shap_values": True}


def data(**arguments: Any) -> DataConfig:
    return DataConfig(**{"s3_data_input_path": URI, "headers": HEADERS, "label": "y", **arguments})


# ---------------------------------------------------------------- bias
BIAS = BiasConfig([1], "sex")
FACETS = {"label_values_or_threshold": [1], "facet": [{"name_or_index": "sex"}]}


def test_an_analysis_config_alone_needs_no_data_set() -> None:
    assert analysed_bias(analysis_config=CONFIG_URI) == AnalysisSpec(None, None, CONFIG_URI, {}, ())
    assert analysed_bias(analysis_config=BiasAnalysisConfig(BIAS)) == AnalysisSpec(None, FACETS, None, {}, ())


def test_a_given_analysis_config_stands_beside_the_baseline() -> None:
    other = BiasAnalysisConfig(BiasConfig([0], "age"))

    analysis = analysed_bias(
        data_config=data(features="f"), bias_config=BIAS, model_config=MODEL, analysis_config=other
    )

    assert analysis.monitoring == other.to_analysis_config()
    assert analysis.baselining is not None
    assert analysis.baselining["facet"] == FACETS["facet"]
    assert analysis.attributes == {"features_attribute": "f"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"bias_config": BIAS},
        {"bias_config": BIAS, "model_config": MODEL},
        {"analysis_config": CONFIG_URI},
        {"analysis_config": BiasAnalysisConfig(BIAS)},
    ],
)
def test_with_constraints_a_data_set_shapes_the_executions_only(arguments: dict[str, Any]) -> None:
    analysis = analysed_bias(data_config=data(), baselining=False, **arguments)

    assert analysis.baselining is None
    assert analysis.monitoring_uri == arguments.get("analysis_config") or analysis.monitoring is not None


def test_labels_and_scores_are_handed_on_as_text() -> None:
    predicted = ModelPredictedLabelConfig(label=0, probability="scores", probability_threshold=0.0)

    analysis = analysed_bias(
        data_config=data(), bias_config=BIAS, model_config=MODEL, model_predicted_label_config=predicted
    )

    assert analysis.attributes == {
        "inference_attribute": "0",
        "probability_attribute": "scores",
        "probability_threshold_attribute": 0.0,
    }
    assert analysis.baselining is not None
    assert analysis.baselining["predictor"] == {"endpoint_name": "e", "label": 0, "probability": "scores"}
    assert analysis.baselining["probability_threshold"] == 0.0


@pytest.mark.parametrize(
    ("data_arguments", "bias_config"),
    [
        ({"headers": None}, BiasConfig([1], "anything", group_name="something")),
        ({"headers": None, "label": 0}, BiasConfig(["a", 2, 0.5, True], [7, 8])),
        ({"facet_dataset_uri": URI}, BIAS),
        ({"facet_dataset_uri": URI, "facet_headers": ["id", "group"]}, BIAS),
        ({"excluded_columns": [], "joinsource": "age"}, BIAS),
        ({"excluded_columns": ["y", "age"]}, BIAS),
        ({"dataset_type": "application/jsonlines", "label": "data.label"}, BIAS),
        ({"dataset_type": "application/json", "label": "[*].y", "features": "[*].f"}, BIAS),
        ({"dataset_type": "application/x-parquet"}, BIAS),
        ({"predicted_label": "z", "predicted_label_dataset_uri": URI}, BIAS),
        ({"predicted_label": 1, "predicted_label_dataset_uri": URI, "predicted_label_headers": ["i", "p"]}, BIAS),
    ],
)
def test_what_clarify_can_work_with_is_accepted(data_arguments: dict[str, Any], bias_config: BiasConfig) -> None:
    analysis = analysed_bias(data_config=data(**data_arguments), bias_config=bias_config, model_config=MODEL)

    assert analysis.baselining is not None


# ---------------------------------------------------------------- explainability
def test_a_list_of_methods_goes_into_both_configs() -> None:
    methods = [SHAPConfig(), PDPConfig()]

    analysis = explained(data_config=data(), model_config=MODEL, explainability_config=methods)

    expected = {"shap": SHAP, "pdp": {"grid_resolution": 15, "top_k_features": 10}}
    report = {"report": {"name": "report", "title": "Analysis Report"}}
    assert analysis.baselining is not None
    assert analysis.baselining["methods"] == expected | report
    assert analysis.monitoring == {
        "methods": expected,
        "predictor": {"endpoint_name": "e"},
        "headers": ["age", "sex"],
    }


def test_a_given_analysis_config_takes_a_list_of_methods() -> None:
    config = ExplainabilityAnalysisConfig((SHAPConfig(), PDPConfig()), MODEL, label_headers=["yes"])

    analysis = explained(analysis_config=config)

    assert analysis.monitoring is not None
    assert set(analysis.monitoring["methods"]) == {"shap", "pdp"}
    assert analysis.monitoring["predictor"] == {"endpoint_name": "e", "label_headers": ["yes"]}


@pytest.mark.parametrize(
    ("label", "headers", "features"),
    [
        ("y", ["y", "age"], ["age"]),
        ("y", ["age", "y"], ["age"]),
        (1, ["age", "y"], ["age"]),
        (None, ["age", "y"], ["age", "y"]),
    ],
)
def test_the_label_is_no_feature(label: Any, headers: list[str], features: list[str]) -> None:
    config = data(label=label, headers=headers)

    analysis = explained(data_config=config, model_config=MODEL, explainability_config=SHAPConfig())

    assert analysis.monitoring is not None
    assert analysis.monitoring["headers"] == features


@pytest.mark.parametrize(
    ("scores", "attributes", "predictor"),
    [
        (None, {}, {}),
        ("", {}, {}),
        (0, {"inference_attribute": "0"}, {"label": 0}),
        ("s", {"inference_attribute": "s"}, {"label": "s"}),
        (ModelPredictedLabelConfig(label_headers=["a"]), {}, {"label_headers": ["a"]}),
    ],
)
def test_scores_are_found_where_the_configuration_says(
    scores: Any, attributes: dict[str, str], predictor: dict[str, Any]
) -> None:
    analysis = explained(
        data_config=data(), model_config=MODEL, explainability_config=SHAPConfig(), model_scores=scores
    )

    assert analysis.attributes == attributes
    assert analysis.baselining is not None
    assert analysis.baselining["predictor"] == {"endpoint_name": "e", **predictor}
    assert analysis.monitoring is not None
    label_headers = {key: value for key, value in predictor.items() if key == "label_headers"}
    assert analysis.monitoring["predictor"] == {"endpoint_name": "e", **label_headers}


@pytest.mark.parametrize("analysis_config", [CONFIG_URI, ExplainabilityAnalysisConfig(SHAPConfig(), MODEL)])
def test_constraints_and_config_need_no_model_or_method(analysis_config: Any) -> None:
    analysis = explained(data_config=data(features="f"), analysis_config=analysis_config, baselining=False)

    assert analysis.baselining is None
    assert analysis.attributes == {"features_attribute": "f"}


@pytest.mark.parametrize(
    ("data_arguments", "method"),
    [
        ({}, SHAPConfig([[30, "F"]])),
        ({}, SHAPConfig([[30, None], [30.5, True]])),
        ({}, SHAPConfig([[30, "F"]], features_to_explain=["age", 2])),
        ({"label": None}, SHAPConfig([[1, 30, "F"]])),
        ({"label": None, "headers": None}, SHAPConfig([[1]])),
        ({"excluded_columns": ["sex"]}, SHAPConfig([[30], [40]])),
        ({"joinsource": "sex"}, SHAPConfig([[30]])),
        ({"predicted_label": 2}, SHAPConfig([[30]])),
        ({}, SHAPConfig([["<UNK>"]], text_config=TextConfig("token", "norwegian bokmål"))),
        ({"dataset_type": "application/x-image"}, SHAPConfig(image_config=ImageConfig("IMAGE_CLASSIFICATION"))),
        ({"dataset_type": "application/jsonlines", "features": "f"}, SHAPConfig([{"f": [30, "F"]}])),
        ({"dataset_type": "application/jsonlines"}, SHAPConfig([{"features": [30, "F"]}])),
        ({"dataset_type": "application/json", "features": "f"}, SHAPConfig({"f": [[30, "F"]]})),
        ({"dataset_type": "application/json", "features": "f"}, SHAPConfig([[30, "F"]])),
        ({"dataset_type": "application/json", "features": "f", "label": "z"}, SHAPConfig([[1, 30, "F"]])),
        ({}, PDPConfig(features=["age", 2])),
        ({}, [PDPConfig(features=["age"])]),
    ],
)
def test_baselines_and_features_that_can_be_right_are_accepted(data_arguments: dict[str, Any], method: Any) -> None:
    analysis = explained(data_config=data(**data_arguments), model_config=MODEL, explainability_config=method)

    assert analysis.baselining is not None
