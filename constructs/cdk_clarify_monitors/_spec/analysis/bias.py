"""Resolves the analysis of a bias monitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..._config.analysis.analysis_config import BiasAnalysisConfig
from ..._config.analysis.bias_config import BiasConfig, bias_methods
from ..._config.analysis.data_config import DataConfig
from ..._config.analysis.document import REPORT, merge_documents
from ..._config.analysis.model_config import ModelConfig, ModelPredictedLabelConfig
from ..._config.bias_constraint import BiasConstraint
from ..._validation import InvalidValue
from .analysis_spec import AnalysisSpec, Note
from .arguments import (
    check_given_without_data_config,
    check_types,
    predictor_section,
    predictors_in,
    resolve_analysis_config,
    to_attribute,
)
from .consistency import (
    check_facets_apart,
    check_facets_exist,
    facets_beside_label,
    facets_beside_outcomes,
    unnamed_facets,
)
from .constraint_overrides import limits_without_effect, resolve_overrides
from .execution_config import bias_execution_config
from .predictions import check_places, labels_that_no_score_becomes, threshold_beside_text, unlocated_predictions
from .selections import check_selections

# No error: the SDK, too, leaves it to the job.
_NO_LABEL: Final = Note(
    "label",
    "bias metrics compare with the true outcome: give 'label' of 'data_config', or the baselining job fails",
)


def bias_analysis(
    *,
    data_config: DataConfig | None,
    bias_config: BiasConfig | None,
    model_config: ModelConfig | None,
    model_predicted_label_config: ModelPredictedLabelConfig | None,
    analysis_config: str | BiasAnalysisConfig | None,
    constraints_overrides: Sequence[BiasConstraint] | None = None,
    baselining: bool = True,
) -> AnalysisSpec:
    """Resolve the analysis of a bias monitor.

    Args:
        data_config: The data set of the baselining job.
        bias_config: The facets; required with `data_config`.
        model_config: The model; required with `data_config`, unless that has predicted labels.
        model_predicted_label_config: Where the predictions are in the model's output.
        analysis_config: The executions' analysis config. Default: derived from the baselining job's.
        constraints_overrides: The user's limits in place of suggested constraints.
        baselining: Whether there is a baselining job; False: constraints were given.

    Raises:
        ValueError: A value is missing, or two values do not go together.
        TypeError: A value is of the wrong type.
    """
    check_types(
        data_config=(data_config, DataConfig),
        bias_config=(bias_config, BiasConfig),
        model_config=(model_config, ModelConfig),
        model_predicted_label_config=(model_predicted_label_config, ModelPredictedLabelConfig),
    )
    uri, monitoring = resolve_analysis_config(analysis_config, BiasAnalysisConfig)
    has_analysis_config = bool(uri or monitoring)
    notes: list[Note] = (
        [*facets_beside_label(analysis_config)] if isinstance(analysis_config, BiasAnalysisConfig) else []
    )
    if data_config is None:
        others = {
            "bias_config": bias_config,
            "model_config": model_config,
            "model_predicted_label_config": model_predicted_label_config,
        }
        check_given_without_data_config(uri or monitoring, others)
        resolve_overrides(constraints_overrides or (), baselining=None, monitoring=monitoring)
        return AnalysisSpec(None, monitoring, uri, {}, (), notes=tuple(notes))

    _check_no_time_series(data_config, model_config)
    if bias_config is not None:
        notes += _check_columns(data_config, bias_config, has_labels=model_predicted_label_config is None)
        if baselining and data_config.label is None:
            notes.append(_NO_LABEL)
    elif baselining or not has_analysis_config:
        raise InvalidValue("bias_config", "be given with 'data_config'", None, "say what bias means with a BiasConfig")
    if baselining:
        _check_predictions_available(data_config, model_config)
        if model_config is not None and bias_config is not None:
            notes += _notes_on_answers(data_config, bias_config, model_config, model_predicted_label_config)

    baseline = None
    if bias_config is not None and baselining:
        baseline = _baselining_config(data_config, bias_config, model_config, model_predicted_label_config)
    if bias_config is not None and not has_analysis_config:
        monitoring = bias_execution_config(data_config, bias_config).to_analysis_config()
    notes += limits_without_effect(constraints_overrides or ())
    return AnalysisSpec(
        baselining=baseline,
        monitoring=monitoring,
        monitoring_uri=uri,
        attributes=_input_attributes(data_config, model_predicted_label_config),
        predictors=predictors_in(baseline),
        constraints_overrides=resolve_overrides(
            constraints_overrides or (), baselining=baseline, monitoring=monitoring
        ),
        notes=notes,
    )


def _check_columns(data_config: DataConfig, bias_config: BiasConfig, *, has_labels: bool) -> list[Note]:
    check_facets_exist(data_config, bias_config)
    check_facets_apart(data_config, bias_config)
    return [
        *check_selections(data_config, bias_config, has_labels=has_labels),
        *unnamed_facets(data_config, bias_config),
        *facets_beside_outcomes(data_config, bias_config),
    ]


def _check_no_time_series(data_config: DataConfig, model_config: ModelConfig | None) -> None:
    if data_config.time_series_data_config is not None:
        must = "have no 'time_series_data_config': there are no bias metrics for time series"
        raise InvalidValue("data_config", must, data_config.time_series_data_config)
    if model_config is not None and model_config.time_series_model_config is not None:
        must = "have no 'time_series_model_config': there are no bias metrics for time series"
        raise InvalidValue("model_config", must, model_config.time_series_model_config)


def _check_predictions_available(data_config: DataConfig, model_config: ModelConfig | None) -> None:
    has_predictions = data_config.predicted_label_dataset_uri is not None or data_config.predicted_label is not None
    if model_config is None and not has_predictions:
        remedy = "or give data_config a predicted_label or a predicted_label_dataset_uri"
        raise InvalidValue("model_config", "be given with 'data_config'", None, remedy)


def _notes_on_answers(
    data_config: DataConfig,
    bias_config: BiasConfig,
    model_config: ModelConfig,
    predicted_label_config: ModelPredictedLabelConfig | None,
) -> list[Note]:
    """Notes on predictions that cannot be found in the model's answers, or that no positive label is among."""
    notes = [*unlocated_predictions(predicted_label_config, model_config, data_config)]
    notes += labels_that_no_score_becomes(predicted_label_config, bias_config)
    if predicted_label_config is not None:
        notes += check_places(
            "model_predicted_label_config", predicted_label_config, model_config, data_config.dataset_type
        )
        notes += threshold_beside_text(predicted_label_config, data_config)
    return notes


def _baselining_config(
    data_config: DataConfig,
    bias_config: BiasConfig,
    model_config: ModelConfig | None,
    predicted_label_config: ModelPredictedLabelConfig | None,
) -> Mapping[str, Any]:
    return merge_documents(
        data_config.to_analysis_config(),
        bias_config.to_analysis_config(),
        {"methods": {**REPORT, **bias_methods(bias_config)}},
        predictor_section(model_config, predicted_label_config),
    )


def _input_attributes(
    data_config: DataConfig, predicted_label_config: ModelPredictedLabelConfig | None
) -> dict[str, str | float]:
    attributes: dict[str, str | float | None] = {"features_attribute": data_config.features}
    if predicted_label_config is not None:
        attributes |= {
            "inference_attribute": to_attribute(predicted_label_config.label),
            "probability_attribute": to_attribute(predicted_label_config.probability),
            "probability_threshold_attribute": predicted_label_config.probability_threshold,
        }
    return {name: value for name, value in attributes.items() if value is not None}
