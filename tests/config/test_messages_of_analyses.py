"""What is refused as the analysis of a monitor: arguments that do not fit together."""

from __future__ import annotations

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BiasAnalysisConfig,
    ExplainabilityAnalysisConfig,
    PDPConfig,
    SHAPConfig,
)
from tests.config.calls import (
    HEADERS,
    URI,
    analysed_bias,
    bias,
    data,
    explained,
    explained_columns,
    explained_series,
    model,
    series,
    time_series_data,
    time_series_model,
)
from tests.config.refusals import TYPE, VALUE, Refusal, check_message, each

REFUSALS: list[Refusal] = [
    # ---------------------------------------------------------------- analysis configs
    (TYPE, "bias_config", "'b'", lambda: BiasAnalysisConfig("b")),  # type: ignore[arg-type]
    (VALUE, "facet_name", "'sex'", lambda: BiasAnalysisConfig(bias(), headers=["age"])),
    (VALUE, "facet_name[1]", "'z'", lambda: BiasAnalysisConfig(bias(facet_name=["sex", "z"]), headers=HEADERS)),
    (VALUE, "group_name", "'g'", lambda: BiasAnalysisConfig(bias(group_name="g"), headers=HEADERS)),
    (VALUE, "headers", "['a', 'a']", lambda: BiasAnalysisConfig(bias(), headers=["a", "a"])),
    (TYPE, "label", "1.5", lambda: BiasAnalysisConfig(bias(), label=1.5)),  # type: ignore[arg-type]
    (TYPE, "explainability_config", "None", lambda: ExplainabilityAnalysisConfig(None, model())),  # type: ignore[arg-type]
    (TYPE, "explainability_config", "'shap'", lambda: ExplainabilityAnalysisConfig("shap", model())),  # type: ignore[arg-type]
    (VALUE, "explainability_config", "[]", lambda: ExplainabilityAnalysisConfig([], model())),
    (VALUE, "explainability_config", "PDPConfig(", lambda: ExplainabilityAnalysisConfig(PDPConfig(), model())),
    (
        VALUE,
        "explainability_config",
        "[SHAPConfig(",
        lambda: ExplainabilityAnalysisConfig([SHAPConfig(), SHAPConfig()], model()),
    ),
    (
        VALUE,
        "explainability_config",
        "[AsymmetricShapleyValueConfig(",
        lambda: ExplainabilityAnalysisConfig([AsymmetricShapleyValueConfig()], model()),
    ),
    (TYPE, "model_config", "'m'", lambda: ExplainabilityAnalysisConfig(SHAPConfig(), "m")),  # type: ignore[arg-type]
    (
        VALUE,
        "features_to_explain[0]",
        "'z'",
        lambda: ExplainabilityAnalysisConfig(SHAPConfig(features_to_explain=["z"]), model(), headers=["a"]),
    ),
    (
        VALUE,
        "baseline[0]",
        "[1, 2]",
        lambda: ExplainabilityAnalysisConfig(SHAPConfig(baseline=[[1, 2]]), model(), headers=["a"]),
    ),
    (TYPE, "label_headers", "'yes'", lambda: ExplainabilityAnalysisConfig(SHAPConfig(), model(), label_headers="yes")),
    # ---------------------------------------------------------------- what a bias monitor analyses
    (TYPE, "data_config", "'d'", lambda: analysed_bias(data_config="d")),
    (TYPE, "bias_config", "'b'", lambda: analysed_bias(data_config=data(), bias_config="b")),
    (TYPE, "model_config", "'m'", lambda: analysed_bias(data_config=data(), model_config="m")),
    (TYPE, "model_predicted_label_config", "0", lambda: analysed_bias(model_predicted_label_config=0)),
    (VALUE, "analysis_config", "None", lambda: analysed_bias()),
    (VALUE, "analysis_config", "None", lambda: analysed_bias(analysis_config="")),
    (VALUE, "analysis_config", "'config.json'", lambda: analysed_bias(analysis_config="config.json")),
    (TYPE, "analysis_config", "SHAPConfig", lambda: analysed_bias(analysis_config=SHAPConfig())),
    (VALUE, "data_config", "None", lambda: analysed_bias(bias_config=bias())),
    (VALUE, "data_config", "None", lambda: analysed_bias(analysis_config=URI, model_config=model())),
    (VALUE, "bias_config", "None", lambda: analysed_bias(data_config=data(), model_config=model())),
    (VALUE, "model_config", "None", lambda: analysed_bias(data_config=data(), bias_config=bias())),
    (
        VALUE,
        "facet_name",
        "'sex'",
        lambda: analysed_bias(data_config=data(headers=["age"]), bias_config=bias(), model_config=model()),
    ),
    (
        VALUE,
        "facet_name",
        "9",
        lambda: analysed_bias(data_config=data(headers=HEADERS), bias_config=bias(facet_name=9), model_config=model()),
    ),
    (
        VALUE,
        "group_name",
        "'g'",
        lambda: analysed_bias(
            data_config=data(headers=HEADERS), bias_config=bias(group_name="g"), model_config=model()
        ),
    ),
    (
        VALUE,
        "data_config",
        "TimeSeriesDataConfig(",
        lambda: analysed_bias(data_config=time_series_data(), bias_config=bias(), model_config=model()),
    ),
    (
        VALUE,
        "model_config",
        "TimeSeriesModelConfig(",
        lambda: analysed_bias(data_config=data(), bias_config=bias(), model_config=time_series_model()),
    ),
    # ---------------------------------------------------------------- what an explainability monitor analyses
    (TYPE, "data_config", "'d'", lambda: explained(data_config="d")),
    (TYPE, "explainability_config", "'shap'", lambda: explained(data_config=data(), explainability_config="shap")),
    (TYPE, "model_scores", "0.5", lambda: explained(data_config=data(), model_scores=0.5)),
    (VALUE, "analysis_config", "None", lambda: explained()),
    (TYPE, "analysis_config", "BiasAnalysisConfig(", lambda: explained(analysis_config=BiasAnalysisConfig(bias()))),
    (VALUE, "data_config", "None", lambda: explained(explainability_config=SHAPConfig(), model_config=model())),
    (VALUE, "data_config", "None", lambda: explained(analysis_config=URI, model_scores=0)),
    (VALUE, "explainability_config", "None", lambda: explained(data_config=data(), model_config=model())),
    (VALUE, "model_config", "None", lambda: explained(data_config=data(), explainability_config=SHAPConfig())),
    (VALUE, "explainability_config", "PDPConfig(", lambda: explained_columns([PDPConfig()])),
    (VALUE, "features[1]", "'z'", lambda: explained_columns(PDPConfig(features=["age", "z"]))),
    (VALUE, "features_to_explain[0]", "7", lambda: explained_columns(SHAPConfig(features_to_explain=[7]))),
    (VALUE, "baseline[1]", "[1, 2, 3]", lambda: explained_columns(SHAPConfig([[1, 2], [1, 2, 3]]), label="y")),
    (VALUE, "baseline[0]", "[1]", lambda: explained_columns(SHAPConfig([[1]]), label="y")),
    (VALUE, "baseline[0]", "[1]", lambda: explained_columns(SHAPConfig([[1]]), label=0)),
    (VALUE, "baseline[0]", "[]", lambda: explained_columns(SHAPConfig([[]]), label="y", excluded_columns=["sex"])),
    (
        VALUE,
        "data_config",
        "None",
        lambda: explained(
            data_config=data(), model_config=time_series_model(), explainability_config=AsymmetricShapleyValueConfig()
        ),
    ),
    (
        VALUE,
        "model_config",
        "None",
        lambda: explained(
            data_config=time_series_data(), model_config=model(), explainability_config=AsymmetricShapleyValueConfig()
        ),
    ),
    (VALUE, "data_config", "TimeSeriesDataConfig(", lambda: explained_series(SHAPConfig())),
    (
        VALUE,
        "model_config",
        "TimeSeriesModelConfig(",
        lambda: explained(data_config=data(), model_config=time_series_model(), explainability_config=SHAPConfig()),
    ),
    (
        VALUE,
        "baseline['static_covariates']",
        "{'i': [1]}",
        lambda: explained_series(AsymmetricShapleyValueConfig(baseline={"static_covariates": {"i": [1]}})),
    ),
    (
        VALUE,
        "baseline['static_covariates']['i']",
        "[1, 2]",
        lambda: explained(
            data_config=data(dataset_type="application/json", time_series_data_config=series(static_covariates=["c"])),
            model_config=time_series_model(),
            explainability_config=AsymmetricShapleyValueConfig(baseline={"static_covariates": {"i": [1, 2]}}),
        ),
    ),
]


@each(REFUSALS)
def test_the_message_names_the_argument_and_shows_the_value(refusal: Refusal) -> None:
    check_message(refusal)
