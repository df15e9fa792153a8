"""Every combination of the arguments that depend on each other works, or is refused by a message of the library."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BiasAnalysisConfig,
    BiasConstraint,
    ExplainabilityAnalysisConfig,
    ModelPredictedLabelConfig,
    PDPConfig,
    SHAPConfig,
)
from cdk_clarify_monitors._spec.analysis.analysis_spec import AnalysisSpec
from cdk_clarify_monitors._validation import InvalidType, InvalidValue
from tests.support.monitors.calls import (
    URI,
    analysed_bias,
    bias,
    data,
    explained,
    model,
    time_series_data,
    time_series_model,
)

SHAP, PDP, FORECAST = SHAPConfig(), PDPConfig(features=["age"]), AsymmetricShapleyValueConfig()

BIAS_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "data_config": (None, data(), data(predicted_label="p"), data(predicted_label_dataset_uri=URI)),
    "bias_config": (None, bias()),
    "model_config": (None, model()),
    "model_predicted_label_config": (None, ModelPredictedLabelConfig(probability_threshold=0.5)),
    "analysis_config": (None, "", URI, BiasAnalysisConfig(bias())),
    "constraints_overrides": (None, [], [BiasConstraint("DPPL", at_most=0.1)]),
    "baselining": (True, False),
}
EXPLAINABILITY_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "data_config": (None, data(), time_series_data()),
    "explainability_config": (None, SHAP, PDP, [SHAP, PDP], FORECAST),
    "model_config": (None, model(), time_series_model()),
    "model_scores": (None, "", 0, ModelPredictedLabelConfig(label="score")),
    "analysis_config": (None, "", URI, ExplainabilityAnalysisConfig(SHAP, model())),
    "baselining": (True, False),
}


def combinations(arguments: Mapping[str, tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*arguments.values()):
        yield dict(zip(arguments, values, strict=True))


def bias_can_work(given: Mapping[str, Any]) -> bool:
    has_config = bool(given["analysis_config"])
    if given["data_config"] is None:
        others = ("bias_config", "model_config", "model_predicted_label_config", "constraints_overrides")
        return has_config and not any(given[name] for name in others)
    if not given["baselining"]:
        return (has_config or given["bias_config"] is not None) and not given["constraints_overrides"]
    predictions = ("predicted_label", "predicted_label_dataset_uri")
    has_predictions = any(getattr(given["data_config"], name) is not None for name in predictions)
    return given["bias_config"] is not None and (given["model_config"] is not None or has_predictions)


def explainability_can_work(given: Mapping[str, Any]) -> bool:
    config, methods, asked = given["analysis_config"], given["explainability_config"], given["model_config"]
    if given["data_config"] is None:
        unused = methods is None and given["model_scores"] in (None, "")
        return bool(config) and unused and (asked is None or isinstance(config, str))
    if methods is None or asked is None:
        return bool(config) and not given["baselining"]
    forecasts = (
        given["data_config"].time_series_data_config is not None,
        asked.time_series_model_config is not None,
        methods is FORECAST,
    )
    return all(forecasts) or not any(forecasts)


def check(given: Mapping[str, Any], analysis: AnalysisSpec) -> None:
    config = given["analysis_config"]
    assert (analysis.baselining is not None) is (given["data_config"] is not None and given["baselining"])
    assert analysis.monitoring_uri == (config if isinstance(config, str) and config else None)
    assert (analysis.monitoring is None) is (analysis.monitoring_uri is not None)
    if config and not isinstance(config, str):
        assert analysis.monitoring == config.to_analysis_config()
    assert len(analysis.constraints_overrides) == len(given.get("constraints_overrides") or ())


@pytest.mark.parametrize(
    ("arguments", "analysed", "can_work"),
    [
        pytest.param(BIAS_ARGUMENTS, analysed_bias, bias_can_work, id="bias"),
        pytest.param(EXPLAINABILITY_ARGUMENTS, explained, explainability_can_work, id="explainability"),
    ],
)
def test_arguments_work_together_or_are_refused(arguments: Any, analysed: Any, can_work: Any) -> None:
    for given in combinations(arguments):
        if can_work(given):
            check(given, analysed(**given))
        else:
            with pytest.raises((InvalidValue, InvalidType), match=r"^'[\w\[\]']+' must .+, got ") as refused:
                analysed(**given)
            assert refused.value.argument in given
