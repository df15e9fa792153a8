"""Resolves the analysis of an explainability monitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..._config.analysis.analysis_config import (
    ExplainabilityAnalysisConfig,
    explainability_methods,
    validate_explainability_config,
)
from ..._config.analysis.data_config import DataConfig
from ..._config.analysis.document import REPORT, merge_documents
from ..._config.analysis.explainability_config import ExplainabilityConfig
from ..._config.analysis.model_config import ModelConfig, ModelPredictedLabelConfig
from ..._validation import InvalidValue, column, is_given
from .analysis_spec import AnalysisSpec, Note
from .arguments import (
    check_given_without_data_config,
    check_types,
    predictor_section,
    predictors_in,
    resolve_analysis_config,
    to_attribute,
)
from .consistency import check_features_captured
from .execution_config import explainability_execution_config
from .predictions import check_places
from .shap_samples import too_few_samples
from .time_series import check_time_series

_UNKNOWN_MODEL: Final = Note(
    "model",
    "the executions ask the model that the 'analysis_config' in S3 names, and the role may not: give it as "
    "'model_config', too, or grant the monitor what its model needs",
)


def explainability_analysis(
    *,
    data_config: DataConfig | None,
    model_config: ModelConfig | None,
    explainability_config: ExplainabilityConfig | Sequence[ExplainabilityConfig] | None,
    model_scores: int | str | ModelPredictedLabelConfig | None,
    analysis_config: str | ExplainabilityAnalysisConfig | None,
    baselining: bool = True,
) -> AnalysisSpec:
    """Resolve the analysis of an explainability monitor.

    Args:
        data_config: The data set of the baselining job.
        model_config: The model; required with `data_config`.
        explainability_config: The methods of explanation; required with `data_config`.
        model_scores: Where the scores are in the model's output.
        analysis_config: The executions' analysis config. Default: derived from the baselining job's.
        baselining: Whether there is a baselining job; False: constraints were given.

    Raises:
        ValueError: A value is missing, or two values do not go together.
        TypeError: A value is of the wrong type.
    """
    check_types(data_config=(data_config, DataConfig), model_config=(model_config, ModelConfig))
    methods = _resolve_methods(explainability_config)
    scores = _resolve_scores(model_scores)
    uri, monitoring = resolve_analysis_config(analysis_config, ExplainabilityAnalysisConfig)
    has_analysis_config = bool(uri or monitoring)
    model_predictor = predictor_section(model_config, None)
    if data_config is None:
        others: dict[str, object] = {
            "explainability_config": explainability_config,
            "model_scores": scores and model_scores,
        }
        if not uri:  # beside an analysis config in S3, the model is given for the role's permissions
            others["model_config"] = model_config
        check_given_without_data_config(uri or monitoring, others)
        return AnalysisSpec(None, monitoring, uri, {}, predictors_in(monitoring, model_predictor))

    if baselining or not has_analysis_config:
        _check_required(explainability_config=explainability_config, model_config=model_config)
    if model_config is not None and methods:
        check_time_series(data_config, model_config, methods)
    check_features_captured(data_config, methods)

    baseline = None
    notes: list[Note] = []
    if model_config is not None and methods and baselining:
        if scores is not None and data_config.time_series_data_config is None:
            notes += check_places("model_scores", scores, model_config, data_config.dataset_type)
        baseline = _baselining_config(data_config, methods, model_config, scores)
    if model_config is not None and methods and not has_analysis_config:
        label_headers = None if scores is None else scores.label_headers
        execution_config = explainability_execution_config(data_config, methods, model_config, label_headers)
        monitoring = execution_config.to_analysis_config()
    return AnalysisSpec(
        baselining=baseline,
        monitoring=monitoring,
        monitoring_uri=uri,
        attributes=_input_attributes(data_config, scores),
        predictors=predictors_in(monitoring, baseline, model_predictor),
        notes=tuple(notes),
    )


def ask_monitored_endpoint(analysis: AnalysisSpec, endpoint_name: str | None) -> AnalysisSpec:
    """Add the monitored endpoint to the predictors of an analysis whose executions are told no other.

    Source: `predictor` is optional in the
    [parameters](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-config-json-monitor-model-explainability-parameters.html).

    Args:
        analysis: The analysis.
        endpoint_name: The monitored endpoint; None: batch transform jobs are monitored.

    Raises:
        ValueError: There is no endpoint to ask.
    """
    if analysis.monitoring is None or predictors_in(analysis.monitoring):
        return analysis
    if endpoint_name is None:
        must = "have a 'model_config' with 'batch_transform_input'"
        raise InvalidValue("analysis_config", must, None, "there is no endpoint that the executions could ask")
    return replace(analysis, predictors=[*analysis.predictors, {"endpoint_name": endpoint_name}])


def with_notes(analysis: AnalysisSpec, data_config: DataConfig | None) -> AnalysisSpec:
    """Add what is to be said of an analysis at synthesis.

    Args:
        analysis: The analysis, with all that its jobs ask.
        data_config: The data set of the baselining job.
    """
    unknown_model = [] if analysis.predictors else [_UNKNOWN_MODEL]
    return replace(analysis, notes=[*analysis.notes, *too_few_samples(analysis, data_config), *unknown_model])


def _resolve_methods(explainability_config: object) -> tuple[Any, ...]:
    if explainability_config is None:
        return ()
    validate_explainability_config("explainability_config", explainability_config)
    return explainability_methods(explainability_config)


def _resolve_scores(model_scores: object) -> ModelPredictedLabelConfig | None:
    """Resolve `model_scores`, a place in the model's output, to the configuration that says the same."""
    if not is_given(model_scores):
        return None
    if isinstance(model_scores, ModelPredictedLabelConfig):
        return model_scores
    return ModelPredictedLabelConfig(label=column("model_scores", model_scores))  # type: ignore[arg-type]


def _check_required(**arguments: object) -> None:
    for name, value in arguments.items():
        if value is None:
            raise InvalidValue(name, "be given with 'data_config'", None)


def _baselining_config(
    data_config: DataConfig,
    methods: Sequence[Any],
    model_config: ModelConfig,
    scores: ModelPredictedLabelConfig | None,
) -> Mapping[str, Any]:
    return merge_documents(
        data_config.to_analysis_config(),
        {"methods": REPORT},
        *(method.to_analysis_config() for method in methods),
        predictor_section(model_config, scores),
    )


def _input_attributes(data_config: DataConfig, scores: ModelPredictedLabelConfig | None) -> dict[str, str | float]:
    attributes = {
        "features_attribute": data_config.features,
        "inference_attribute": None if scores is None else to_attribute(scores.label),
    }
    return {name: value for name, value in attributes.items() if value is not None}
