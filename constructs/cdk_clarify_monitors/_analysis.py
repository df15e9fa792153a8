"""From a monitor's configuration to the two analysis configs: the baselining job's and the monitoring executions'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ._analysis_config import BiasAnalysisConfig, ExplainabilityAnalysisConfig, explainability_config_rule, methods_of
from ._analysis_part import BIAS_METHODS, REPORT, merged
from ._bias_config import BiasConfig
from ._bias_constraint import BiasConstraint, overrides_for
from ._checks import InvalidType, InvalidValue, column, given, is_token, s3_uri
from ._columns import check_facets_of, check_features_of, check_values_of
from ._data_config import DataConfig
from ._derived_config import derived_bias_config, derived_explainability_config
from ._explainability_config import AsymmetricShapleyValueConfig, ExplainabilityConfig
from ._model_config import ModelConfig, ModelPredictedLabelConfig

# What names a model or an endpoint in a `predictor` section.
_PREDICTOR_KEYS: Final = ("model_name", "endpoint_name", "endpoint_name_prefix")
# What an endpoint or batch transform input can be told about the model's output, by the argument that it comes from.
_ATTRIBUTES: Final = {"label": "inference_attribute", "probability": "probability_attribute"}


@dataclass(frozen=True)
class Analysis:
    """What a monitor analyses.

    Attributes:
        baselining: Content of the baselining job's analysis_config.json; None: there is not enough to baseline with.
        monitoring: Content of the monitoring executions' analysis_config.json; None: it is given as an S3 URI.
        monitoring_uri: That S3 URI, or None.
        attributes: Where the baselining job finds features and predictions: what an endpoint or batch transform input
            leaves open is filled in from here.
        predictors: The models and endpoints that the jobs ask, by the keys that name them in an analysis config; empty:
            none, or one that only an analysis config in S3 names.
        constraints_overrides: Limits in place of constraints that the baselining job suggests, as the custom resource
            is told.
    """

    baselining: Mapping[str, Any] | None
    monitoring: Mapping[str, Any] | None
    monitoring_uri: str | None
    attributes: Mapping[str, str | float]
    predictors: Sequence[Mapping[str, Any]]
    constraints_overrides: Sequence[Mapping[str, Any]] = ()


def bias_analysis(
    *,
    data_config: DataConfig | None,
    bias_config: BiasConfig | None,
    model_config: ModelConfig | None,
    model_predicted_label_config: ModelPredictedLabelConfig | None,
    analysis_config: str | BiasAnalysisConfig | None,
    constraints_overrides: Sequence[BiasConstraint] | None = None,
    baselining: bool = True,
) -> Analysis:
    """What a bias monitor analyses.

    Args:
        data_config: The data set of the baselining job.
        bias_config: The facets; required with `data_config`.
        model_config: The model; required with `data_config`, unless that has predicted labels.
        model_predicted_label_config: Where the predictions are in the model's output.
        analysis_config: What the executions analyse, if it is not what the baselining job analyses.
        constraints_overrides: Limits in place of constraints that the baselining job suggests.
        baselining: Whether a baselining job is wanted; False: there are constraints already.

    Raises:
        ValueError: If a value is missing, or two of them do not go together.
        TypeError: If a value is of the wrong type.
    """
    _check_types(
        data_config=(data_config, DataConfig),
        bias_config=(bias_config, BiasConfig),
        model_config=(model_config, ModelConfig),
        model_predicted_label_config=(model_predicted_label_config, ModelPredictedLabelConfig),
    )
    uri, monitoring = _given_config(analysis_config, BiasAnalysisConfig)
    if data_config is None:
        given_without = {"bias_config": bias_config, "model_config": model_config}
        _refuse_without_data(
            uri or monitoring, given_without | {"model_predicted_label_config": model_predicted_label_config}
        )
        overrides_for(constraints_overrides or (), baselining=None, monitoring=monitoring)
        return Analysis(None, monitoring, uri, {}, ())
    if data_config.time_series_data_config is not None:
        must = "have no 'time_series_data_config': there are no bias metrics for time series"
        raise InvalidValue("data_config", must, data_config.time_series_data_config)
    if model_config is not None and model_config.time_series_model_config is not None:
        must = "have no 'time_series_model_config': there are no bias metrics for time series"
        raise InvalidValue("model_config", must, model_config.time_series_model_config)
    if bias_config is not None:
        check_facets_of(data_config, bias_config)
        check_values_of(data_config, bias_config)
    if bias_config is None and (baselining or not given(analysis_config)):
        raise InvalidValue("bias_config", "be given with 'data_config'", None, "say what bias means with a BiasConfig")
    has_predictions = data_config.predicted_label_dataset_uri is not None or data_config.predicted_label is not None
    if baselining and model_config is None and not has_predictions:
        remedy = "or give data_config a predicted_label or a predicted_label_dataset_uri"
        raise InvalidValue("model_config", "be given with 'data_config'", None, remedy)

    baseline = None
    if bias_config is not None:
        if baselining:
            methods = {"methods": {**REPORT, **BIAS_METHODS}}
            predictor = _predictor(model_config, model_predicted_label_config)
            parts = (data_config.to_analysis_config(), bias_config.to_analysis_config(), methods, predictor)
            baseline = merged(*parts)
        if not given(analysis_config):
            monitoring = derived_bias_config(data_config, bias_config).to_analysis_config()
    attributes = _bias_attributes(data_config, model_predicted_label_config)
    overrides = overrides_for(constraints_overrides or (), baselining=baseline, monitoring=monitoring)
    return Analysis(baseline, monitoring, uri, attributes, _predictors_in(baseline), overrides)


def explainability_analysis(
    *,
    data_config: DataConfig | None,
    model_config: ModelConfig | None,
    explainability_config: ExplainabilityConfig | Sequence[ExplainabilityConfig] | None,
    model_scores: int | str | ModelPredictedLabelConfig | None,
    analysis_config: str | ExplainabilityAnalysisConfig | None,
    baselining: bool = True,
) -> Analysis:
    """What an explainability monitor analyses.

    Args:
        data_config: The data set of the baselining job.
        model_config: The model; required with `data_config`.
        explainability_config: The methods of explanation; required with `data_config`.
        model_scores: Where the scores are in the model's output.
        analysis_config: What the executions analyse, if it is not what the baselining job analyses.
        baselining: Whether a baselining job is wanted; False: there are constraints already.

    Raises:
        ValueError: If a value is missing, or two of them do not go together.
        TypeError: If a value is of the wrong type.
    """
    _check_types(data_config=(data_config, DataConfig), model_config=(model_config, ModelConfig))
    if explainability_config is not None:
        explainability_config_rule("explainability_config", explainability_config)
    scores = _scores(model_scores)
    uri, monitoring = _given_config(analysis_config, ExplainabilityAnalysisConfig)
    if data_config is None:
        others = {"explainability_config": explainability_config, "model_scores": scores and model_scores}
        # With a config in S3 it tells which model the role is for.
        _refuse_without_data(uri or monitoring, others | ({} if uri else {"model_config": model_config}))
        return Analysis(None, monitoring, uri, {}, _predictors_in(monitoring, _predictor(model_config, None)))
    methods = methods_of(explainability_config) if explainability_config is not None else ()
    needed = baselining or not given(analysis_config)
    for name, value in (("explainability_config", explainability_config), ("model_config", model_config)):
        if value is None and needed:
            raise InvalidValue(name, "be given with 'data_config'", None)
    if model_config is not None and methods:
        _check_time_series(data_config, model_config, methods)
    check_features_of(data_config, methods)

    baseline = None
    if model_config is not None and methods:
        if baselining:
            explained = merged(*(method.to_analysis_config() for method in methods))
            predictor = _predictor(model_config, scores)
            baseline = merged(data_config.to_analysis_config(), {"methods": REPORT}, explained, predictor)
        if not given(analysis_config):
            label_headers = None if scores is None else scores.label_headers
            derived = derived_explainability_config(data_config, methods, model_config, label_headers)
            monitoring = derived.to_analysis_config()
    attributes: dict[str, str | None] = {
        "features_attribute": data_config.features,
        "inference_attribute": None if scores is None else _as_text(scores.label),
    }
    known = {name: value for name, value in attributes.items() if value is not None}
    return Analysis(
        baseline, monitoring, uri, known, _predictors_in(monitoring, baseline, _predictor(model_config, None))
    )


def _check_types(**arguments: tuple[object, type[Any]]) -> None:
    for name, (value, cls) in arguments.items():
        if value is not None and not isinstance(value, cls):
            raise InvalidType(name, f"be a {cls.__name__}", value)


def _given_config(value: object, cls: type[Any]) -> tuple[str | None, dict[str, Any] | None]:
    """The S3 URI or the content of an analysis config that was given."""
    if not given(value):
        return None, None
    if isinstance(value, str):
        return str(s3_uri()("analysis_config", value)), None
    if not isinstance(value, cls):
        article = "an" if cls is ExplainabilityAnalysisConfig else "a"
        raise InvalidType("analysis_config", f"be an S3 URI or {article} {cls.__name__}", value)
    return None, value.to_analysis_config()


def _refuse_without_data(analysis_config: object, others: Mapping[str, object]) -> None:
    for name, value in others.items():
        if value is not None:
            must = f"be given with '{name}'"
            raise InvalidValue("data_config", must, None, f"say where the data set is, or leave '{name}' out")
    if analysis_config is None:
        remedy = "give it, or data_config and its kin for a baselining job"
        raise InvalidValue("analysis_config", "be given without 'data_config'", None, remedy)


def _predictor(
    model_config: ModelConfig | None, model_predicted_label_config: ModelPredictedLabelConfig | None
) -> dict[str, Any]:
    """The model and how to read its predictions; without a model only the threshold."""
    labels = {} if model_predicted_label_config is None else model_predicted_label_config.to_analysis_config()
    if model_config is None:
        return _only(labels, "probability_threshold")
    return merged(model_config.to_analysis_config(), labels)


def uris_in_config(config: Mapping[str, Any] | None) -> Iterator[str]:
    """The data that an analysis config points at."""
    config = config or {}
    methods = config.get("methods", {})
    candidates = [config.get("facet_dataset_uri"), config.get("predicted_label_dataset_uri")]
    candidates += [methods.get(name, {}).get("baseline") for name in ("shap", "asymmetric_shapley_value")]
    yield from (uri for uri in candidates if isinstance(uri, str))


def _predictors_in(*documents: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The models and endpoints that documents name, each once."""
    found: list[Mapping[str, Any]] = []
    for content in documents:
        predictor = _only((content or {}).get("predictor", {}), *_PREDICTOR_KEYS)
        if predictor and predictor not in found:
            found.append(predictor)
    return found


def _bias_attributes(data_config: DataConfig, predicted: ModelPredictedLabelConfig | None) -> dict[str, str | float]:
    attributes: dict[str, Any] = {"features_attribute": data_config.features}
    if predicted is not None:
        attributes |= {attribute: _as_text(getattr(predicted, name)) for name, attribute in _ATTRIBUTES.items()}
        attributes["probability_threshold_attribute"] = predicted.probability_threshold
    return {name: value for name, value in attributes.items() if value is not None}


def _scores(model_scores: object) -> ModelPredictedLabelConfig | None:
    """Where the scores are, in one form for both ways of saying it."""
    if not given(model_scores):
        return None
    if isinstance(model_scores, ModelPredictedLabelConfig):
        return model_scores
    return ModelPredictedLabelConfig(label=column("model_scores", model_scores))  # type: ignore[arg-type]


def _as_text(place: str | int | float | None) -> str | None:
    if isinstance(place, float) and is_token(place):
        from aws_cdk import Token  # only whoever gave a token needs CDK here

        return Token.as_string(place)
    return None if place is None else str(place)


def _check_time_series(data_config: DataConfig, model_config: ModelConfig, methods: tuple[Any, ...]) -> None:
    """Time series in data, model and method: in all three or in none."""
    asymmetric = next((method for method in methods if isinstance(method, AsymmetricShapleyValueConfig)), None)
    parts = {
        "data_config": ("time_series_data_config", data_config.time_series_data_config),
        "model_config": ("time_series_model_config", model_config.time_series_model_config),
    }
    for name, (inner, value) in parts.items():
        if asymmetric is not None and value is None:
            raise InvalidValue(name, f"have a '{inner}' with an AsymmetricShapleyValueConfig", None)
        if asymmetric is None and value is not None:
            remedy = "explain time series with an AsymmetricShapleyValueConfig"
            raise InvalidValue(name, f"have no '{inner}' with SHAP or PDP", value, remedy)
    series = data_config.time_series_data_config
    if asymmetric is None or series is None or not isinstance(asymmetric.baseline, Mapping):
        return
    _check_covariates(asymmetric.baseline.get("static_covariates"), series.static_covariates)


def _check_covariates(values_by_item: Mapping[str, Any] | None, covariates: Sequence[str | int] | None) -> None:
    """The baseline of static covariates has one value for each of them."""
    argument = "baseline['static_covariates']"
    if values_by_item is None or is_token(covariates):
        return
    if covariates is None:
        must = "be left out: 'time_series_data_config' has no 'static_covariates'"
        raise InvalidValue(argument, must, values_by_item)
    for item_id, values in values_by_item.items():
        if len(values) != len(covariates) and not is_token(values):
            must = f"have one value for each of the static covariates {list(covariates)}"
            raise InvalidValue(f"{argument}[{item_id!r}]", must, values)


def _only(content: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: content[key] for key in keys if key in content}
