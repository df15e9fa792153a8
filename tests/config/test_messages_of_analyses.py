"""What is refused as the analysis of a monitor: arguments that do not fit together."""

from __future__ import annotations

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BiasAnalysisConfig,
    ExplainabilityAnalysisConfig,
    PDPConfig,
    SHAPConfig,
)
from tests.config.refusals import TYPE, VALUE, Refusal, check_message, each
from tests.support.monitors.calls import (
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

REFUSALS: list[Refusal] = [
    # ---------------------------------------------------------------- analysis configs
    (TYPE, "'bias_config' must be a BiasConfig, got 'b': make one with BiasConfig(…)", lambda: BiasAnalysisConfig("b")),  # type: ignore[arg-type]
    (
        VALUE,
        "'facet_name' must be one of the headers ['age'], got 'sex': correct the name or add it to 'headers'",
        lambda: BiasAnalysisConfig(bias(), headers=["age"]),
    ),
    (
        VALUE,
        (
            "'facet_name[1]' must be one of the headers ['y', 'age', 'sex'], got 'z': correct the name or "
            "add it to 'headers'"
        ),
        lambda: BiasAnalysisConfig(bias(facet_name=["sex", "z"]), headers=HEADERS),
    ),
    (
        VALUE,
        (
            "'group_name' must be one of the headers ['y', 'age', 'sex'], got 'g': correct the name or add "
            "it to 'headers'"
        ),
        lambda: BiasAnalysisConfig(bias(group_name="g"), headers=HEADERS),
    ),
    (
        VALUE,
        "'headers' must name 'a' only once, got ['a', 'a']",
        lambda: BiasAnalysisConfig(bias(), headers=["a", "a"]),
    ),
    (
        TYPE,
        "'label' must be a name (string) or a zero-based index (integer), got 1.5",
        lambda: BiasAnalysisConfig(bias(), label=1.5),  # type: ignore[arg-type]
    ),
    (TYPE, "'explainability_config' must be given, got None", lambda: ExplainabilityAnalysisConfig(None, model())),  # type: ignore[arg-type]
    (
        TYPE,
        (
            "'explainability_config' must be a SHAPConfig, a PDPConfig, an AsymmetricShapleyValueConfig, or "
            "a list of them, got 'shap'"
        ),
        lambda: ExplainabilityAnalysisConfig("shap", model()),  # type: ignore[arg-type]
    ),
    (
        VALUE,
        "'explainability_config' must have at least one item, got []: give a SHAPConfig, for instance",
        lambda: ExplainabilityAnalysisConfig([], model()),
    ),
    (
        VALUE,
        (
            "'explainability_config' must name the features to plot, got PDPConfig(features=None, "
            "grid_resolution=15, top_k_features=10): give PDPConfig(features=[...]), or a SHAPConfig beside "
            "it"
        ),
        lambda: ExplainabilityAnalysisConfig(PDPConfig(), model()),
    ),
    (
        VALUE,
        (
            "'explainability_config' must have no more than one SHAPConfig, got [SHAPConfig(baseline=None, "
            "num_samples=None, agg_method=None, use_logit=False, save_local_shap_values=True, seed=None, "
            "num_clusters=None, text_config=None, image_config=None, features_to_explain=None…: remove the "
            "others"
        ),
        lambda: ExplainabilityAnalysisConfig([SHAPConfig(), SHAPConfig()], model()),
    ),
    (
        VALUE,
        (
            "'explainability_config' must be an AsymmetricShapleyValueConfig alone, not a list with one, "
            "got [AsymmetricShapleyValueConfig(direction='chronological', granularity='timewise', "
            "num_samples=None, baseline=None)]"
        ),
        lambda: ExplainabilityAnalysisConfig([AsymmetricShapleyValueConfig()], model()),
    ),
    (
        TYPE,
        "'model_config' must be a ModelConfig, got 'm': make one with ModelConfig(…)",
        lambda: ExplainabilityAnalysisConfig(SHAPConfig(), "m"),  # type: ignore[arg-type]
    ),
    (
        VALUE,
        "'features_to_explain[0]' must be one of the headers ['a'], got 'z': correct the name or add it to 'headers'",
        lambda: ExplainabilityAnalysisConfig(SHAPConfig(features_to_explain=["z"]), model(), headers=["a"]),
    ),
    (
        VALUE,
        (
            "'baseline[0]' must have at most 1 values, one for each of the features ['a'], got [1, 2]: "
            "leave out the label and what else the model does not get"
        ),
        lambda: ExplainabilityAnalysisConfig(SHAPConfig(baseline=[[1, 2]]), model(), headers=["a"]),
    ),
    (
        TYPE,
        "'label_headers' must be a list, got 'yes': write ['yes']",
        lambda: ExplainabilityAnalysisConfig(SHAPConfig(), model(), label_headers="yes"),
    ),
    # ---------------------------------------------------------------- what a bias monitor analyses
    (
        TYPE,
        "'data_config' must be a DataConfig, got 'd': make one with DataConfig(…)",
        lambda: analysed_bias(data_config="d"),
    ),
    (
        TYPE,
        "'bias_config' must be a BiasConfig, got 'b': make one with BiasConfig(…)",
        lambda: analysed_bias(data_config=data(), bias_config="b"),
    ),
    (
        TYPE,
        "'model_config' must be a ModelConfig, got 'm': make one with ModelConfig(…)",
        lambda: analysed_bias(data_config=data(), model_config="m"),
    ),
    (
        TYPE,
        (
            "'model_predicted_label_config' must be a ModelPredictedLabelConfig, got 0: make one with "
            "ModelPredictedLabelConfig(…)"
        ),
        lambda: analysed_bias(model_predicted_label_config=0),
    ),
    (
        VALUE,
        (
            "'analysis_config' must be given without 'data_config', got None: give it, or data_config and "
            "its kin for a baselining job"
        ),
        lambda: analysed_bias(),
    ),
    (
        VALUE,
        (
            "'analysis_config' must be given without 'data_config', got None: give it, or data_config and "
            "its kin for a baselining job"
        ),
        lambda: analysed_bias(analysis_config=""),
    ),
    (
        VALUE,
        "'analysis_config' must be the URI of something in S3, got 'config.json': write s3://bucket/key",
        lambda: analysed_bias(analysis_config="config.json"),
    ),
    (
        TYPE,
        (
            "'analysis_config' must be an S3 URI or a BiasAnalysisConfig, got SHAPConfig(baseline=None, "
            "num_samples=None, agg_method=None, use_logit=False, save_local_shap_values=True, seed=None, "
            "num_clusters=None, text_config=None, image_config=None, features_to_explain=None): make one with "
            "BiasAnalysisConfig(…)"
        ),
        lambda: analysed_bias(analysis_config=SHAPConfig()),
    ),
    (
        VALUE,
        (
            "'data_config' must be given with 'bias_config', got None: say where the data set is, or leave "
            "'bias_config' out"
        ),
        lambda: analysed_bias(bias_config=bias()),
    ),
    (
        VALUE,
        (
            "'data_config' must be given with 'model_config', got None: say where the data set is, or leave "
            "'model_config' out"
        ),
        lambda: analysed_bias(analysis_config=URI, model_config=model()),
    ),
    (
        VALUE,
        "'bias_config' must be given with 'data_config', got None: say what bias means with a BiasConfig",
        lambda: analysed_bias(data_config=data(), model_config=model()),
    ),
    (
        VALUE,
        (
            "'model_config' must be given with 'data_config', got None: or give data_config a "
            "predicted_label or a predicted_label_dataset_uri"
        ),
        lambda: analysed_bias(data_config=data(), bias_config=bias()),
    ),
    (
        VALUE,
        "'facet_name' must be one of the headers ['age'], got 'sex': correct the name or add it to 'headers'",
        lambda: analysed_bias(data_config=data(headers=["age"]), bias_config=bias(), model_config=model()),
    ),
    (
        VALUE,
        "'facet_name' must be an index into the 3 headers ['y', 'age', 'sex'], got 9: count columns from 0",
        lambda: analysed_bias(data_config=data(headers=HEADERS), bias_config=bias(facet_name=9), model_config=model()),
    ),
    (
        VALUE,
        (
            "'group_name' must be one of the headers ['y', 'age', 'sex'], got 'g': correct the name or add "
            "it to 'headers'"
        ),
        lambda: analysed_bias(
            data_config=data(headers=HEADERS), bias_config=bias(group_name="g"), model_config=model()
        ),
    ),
    (
        VALUE,
        (
            "'data_config' must have no 'time_series_data_config': there are no bias metrics for time "
            "series, got TimeSeriesDataConfig(target_time_series='t', item_id='i', timestamp='s', "
            "related_time_series=None, static_covariates=None, "
            "dataset_format=<TimeSeriesJSONDatasetFormat.COLUMNS: 'columns'>)"
        ),
        lambda: analysed_bias(data_config=time_series_data(), bias_config=bias(), model_config=model()),
    ),
    (
        VALUE,
        (
            "'model_config' must have no 'time_series_model_config': there are no bias metrics for time "
            "series, got TimeSeriesModelConfig(forecast='f')"
        ),
        lambda: analysed_bias(data_config=data(), bias_config=bias(), model_config=time_series_model()),
    ),
    # ---------------------------------------------------------------- what an explainability monitor analyses
    (
        TYPE,
        "'data_config' must be a DataConfig, got 'd': make one with DataConfig(…)",
        lambda: explained(data_config="d"),
    ),
    (
        TYPE,
        (
            "'explainability_config' must be a SHAPConfig, a PDPConfig, an AsymmetricShapleyValueConfig, or "
            "a list of them, got 'shap'"
        ),
        lambda: explained(data_config=data(), explainability_config="shap"),
    ),
    (
        TYPE,
        "'model_scores' must be a name (string) or a zero-based index (integer), got 0.5",
        lambda: explained(data_config=data(), model_scores=0.5),
    ),
    (
        VALUE,
        (
            "'analysis_config' must be given without 'data_config', got None: give it, or data_config and "
            "its kin for a baselining job"
        ),
        lambda: explained(),
    ),
    (
        TYPE,
        (
            "'analysis_config' must be an S3 URI or an ExplainabilityAnalysisConfig, got "
            "BiasAnalysisConfig(bias_config=BiasConfig(label_values_or_threshold=(1,), facet_name='sex', "
            "facet_values_or_threshold=None, group_name=None, pre_training_methods='all', "
            "post_training_methods='all'), …: make one with ExplainabilityAnalysisConfig(…)"
        ),
        lambda: explained(analysis_config=BiasAnalysisConfig(bias())),
    ),
    (
        VALUE,
        (
            "'data_config' must be given with 'explainability_config', got None: say where the data set is, "
            "or leave 'explainability_config' out"
        ),
        lambda: explained(explainability_config=SHAPConfig(), model_config=model()),
    ),
    (
        VALUE,
        (
            "'data_config' must be given with 'model_scores', got None: say where the data set is, or leave "
            "'model_scores' out"
        ),
        lambda: explained(analysis_config=URI, model_scores=0),
    ),
    (
        VALUE,
        "'explainability_config' must be given with 'data_config', got None",
        lambda: explained(data_config=data(), model_config=model()),
    ),
    (
        VALUE,
        "'model_config' must be given with 'data_config', got None",
        lambda: explained(data_config=data(), explainability_config=SHAPConfig()),
    ),
    (
        VALUE,
        (
            "'explainability_config' must name the features to plot, got PDPConfig(features=None, "
            "grid_resolution=15, top_k_features=10): give PDPConfig(features=[...]), or a SHAPConfig beside "
            "it"
        ),
        lambda: explained_columns([PDPConfig()]),
    ),
    (
        VALUE,
        (
            "'features[1]' must be one of the headers ['y', 'age', 'sex'], got 'z': correct the name or add "
            "it to 'headers'"
        ),
        lambda: explained_columns(PDPConfig(features=["age", "z"])),
    ),
    (
        VALUE,
        (
            "'features_to_explain[0]' must be an index into the 3 headers ['y', 'age', 'sex'], got 7: count "
            "columns from 0"
        ),
        lambda: explained_columns(SHAPConfig(features_to_explain=[7])),
    ),
    (
        VALUE,
        (
            "'baseline[1]' must have 2 values, one for each of the features ['age', 'sex'], got [1, 2, 3]: "
            "leave out the label and what else the model does not get"
        ),
        lambda: explained_columns(SHAPConfig([[1, 2], [1, 2, 3]]), label="y"),
    ),
    (
        VALUE,
        (
            "'baseline[0]' must have 2 values, one for each of the features ['age', 'sex'], got [1]: leave "
            "out the label and what else the model does not get"
        ),
        lambda: explained_columns(SHAPConfig([[1]]), label="y"),
    ),
    (
        VALUE,
        (
            "'baseline[0]' must have 2 values, one for each of the features ['age', 'sex'], got [1]: leave "
            "out the label and what else the model does not get"
        ),
        lambda: explained_columns(SHAPConfig([[1]]), label=0),
    ),
    (
        VALUE,
        (
            "'baseline[0]' must have 1 values, one for each of the features ['age'], got []: leave out the "
            "label and what else the model does not get"
        ),
        lambda: explained_columns(SHAPConfig([[]]), label="y", excluded_columns=["sex"]),
    ),
    (
        VALUE,
        "'data_config' must have a 'time_series_data_config' with an AsymmetricShapleyValueConfig, got None",
        lambda: explained(
            data_config=data(), model_config=time_series_model(), explainability_config=AsymmetricShapleyValueConfig()
        ),
    ),
    (
        VALUE,
        "'model_config' must have a 'time_series_model_config' with an AsymmetricShapleyValueConfig, got None",
        lambda: explained(
            data_config=time_series_data(), model_config=model(), explainability_config=AsymmetricShapleyValueConfig()
        ),
    ),
    (
        VALUE,
        (
            "'data_config' must have no 'time_series_data_config' with SHAP or PDP, got "
            "TimeSeriesDataConfig(target_time_series='t', item_id='i', timestamp='s', "
            "related_time_series=None, static_covariates=None, "
            "dataset_format=<TimeSeriesJSONDatasetFormat.COLUMNS: 'columns'>): explain time series with an "
            "AsymmetricShapleyValueConfig"
        ),
        lambda: explained_series(SHAPConfig()),
    ),
    (
        VALUE,
        (
            "'model_config' must have no 'time_series_model_config' with SHAP or PDP, got "
            "TimeSeriesModelConfig(forecast='f'): explain time series with an AsymmetricShapleyValueConfig"
        ),
        lambda: explained(data_config=data(), model_config=time_series_model(), explainability_config=SHAPConfig()),
    ),
    (
        VALUE,
        (
            "'baseline['static_covariates']' must be left out: 'time_series_data_config' has no "
            "'static_covariates', got {'i': [1]}"
        ),
        lambda: explained_series(AsymmetricShapleyValueConfig(baseline={"static_covariates": {"i": [1]}})),
    ),
    (
        VALUE,
        (
            "'baseline['static_covariates']['i']' must have one value for each of the static covariates "
            "['c'], got [1, 2]"
        ),
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
