"""The analysis itself: from the configuration and the data set to the results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cdk_clarify_monitors_local.container import (
    _bias,
    _dataset,
    _partial_dependence,
    _results,
)
from cdk_clarify_monitors_local.container._analysis_config import AnalysisConfig, Predictor, parse
from cdk_clarify_monitors_local.container._dataset import Dataset
from cdk_clarify_monitors_local.container._progress import say
from cdk_clarify_monitors_local.container.model import _model
from cdk_clarify_monitors_local.container.model._model import Model
from cdk_clarify_monitors_local.container.model._model_requests import missing_templates, request_body

if TYPE_CHECKING:
    from cdk_clarify_monitors_local.container.attributions._shap import Explanation

_SHOWN_RECORDS = 2


def analyze(document: Any, data: Path, output: Path, models: Mapping[str, str]) -> None:
    """Carry out the analysis.

    Args:
        document: The content of analysis_config.json.
        data: The folder with the data set.
        output: The folder for the results.
        models: The joblib file of each model, by the model's name.

    Raises:
        CustomerError: The configuration, the data or the model is wrong, or not supported.
    """
    config = parse(document)
    dataset = _dataset.load(config, data)
    say(f"Data set: {len(dataset.table)} records, columns {', '.join(dataset.table.columns)}")
    compute(config, dataset, models, output)


def compute(config: AnalysisConfig, dataset: Dataset, models: Mapping[str, str], output: Path) -> None:
    """Compute what a configuration asks for, and write it.

    Args:
        config: The configuration.
        dataset: The data.
        models: The joblib file of each model, by the model's name.
        output: The folder for the results.

    Raises:
        CustomerError: The data or the model do not fit, or something is not supported.
    """
    model = None
    if config.predictor is not None:
        model = _model.load(config.predictor, models)
    output.mkdir(parents=True, exist_ok=True)
    warnings: list[str] = []
    if config.predictor is not None and model is not None:
        warnings += _exchange_warnings(config.predictor, dataset, model)
    predicted = _predicted_labels(config, dataset, model) if config.post_training_metrics is not None else None
    analysis = _bias_metrics(config, dataset, predicted)
    explanation = None
    if model is not None:
        explanations, explanation = _explanations(config, dataset, model, output)
        if explanations:
            analysis["explanations"] = explanations
    if explanation is not None:
        warnings += explanation.warnings
    if config.segments:
        analysis["segments"] = _segments(config, dataset, predicted, explanation)
    _results.write_report(output, config.title, analysis, warnings)
    _results.write_analysis(output, analysis)


def _exchange_warnings(predictor: Predictor, dataset: Dataset, model: Model) -> list[str]:
    """Show a request to the model as Clarify makes it; return what its reader has to know of requests and answers."""
    records = dataset.model_input.head(_SHOWN_RECORDS)
    say(f"Request to the model as {predictor.content_type}: {request_body(predictor, records).rstrip()}")
    warnings = [
        f"The predictor has no '{name}', which {predictor.content_type} needs: {template} is taken."
        for name, template in missing_templates(predictor).items()
    ]
    warnings += model.answer_parts(records).warnings
    for warning in warnings:
        say(f"Warning: {warning}")
    return warnings


def _bias_metrics(config: AnalysisConfig, dataset: Dataset, predicted: pd.Series[Any] | None) -> dict[str, Any]:
    before = None if config.pre_training_metrics is None else _bias.pre_training_metrics(config, dataset)
    after = None if predicted is None else _bias.post_training_metrics(config, dataset, predicted)
    found = {"post_training_bias_metrics": after, "pre_training_bias_metrics": before}
    return {section: metrics for section, metrics in found.items() if metrics is not None}


def _segments(
    config: AnalysisConfig, dataset: Dataset, predicted: pd.Series[Any] | None, explanation: Explanation | None
) -> list[dict[str, Any]]:
    """Return the metrics of the segments: bias, and global SHAP values of their records."""
    # Importing it takes two seconds as well, and few jobs have segments.
    from cdk_clarify_monitors_local.container._segments import segment_metrics

    def metrics(segment: Dataset, rows: Any) -> dict[str, Any]:
        its_predicted = None if predicted is None else predicted[rows].reset_index(drop=True)
        if its_predicted is not None and segment.label is not None:
            label_type = segment.table[segment.label].dtype
            its_predicted = its_predicted.astype("category" if label_type.name == "category" else label_type)
        found = _bias_metrics(config, segment, its_predicted)
        if explanation is not None and config.shap is not None:
            found["explanations"] = {"kernel_shap": explanation.of(rows).summary(config.shap.agg_method)}
        return found

    return segment_metrics(config, dataset, metrics)


def _predicted_labels(config: AnalysisConfig, dataset: Dataset, model: Model | None) -> pd.Series[Any]:
    """Return the predicted labels: those in the data if there are any, else the model's."""
    if dataset.predicted_label is not None:
        return dataset.table[dataset.predicted_label]
    if model is None or dataset.label is None:
        raise AssertionError("the configuration was not checked")
    return model.labels(dataset.model_input, dataset.table[dataset.label], config.probability_threshold)


def _explanations(
    config: AnalysisConfig, dataset: Dataset, model: Model, output: Path
) -> tuple[dict[str, Any], Explanation | None]:
    """Return the explanations, and the SHAP values that they summarize."""
    explanations: dict[str, Any] = {}
    explanation = attributions = None
    if config.shap is not None:
        # Importing shap takes two seconds, which a job without it need not wait for.
        from cdk_clarify_monitors_local.container.attributions import _shap

        explanation = _shap.explain(config, dataset, model)
        summary = explanation.summary(config.shap.agg_method)
        attributions = summary[explanation.scores[0]]["global_shap_values"]
        explanations["kernel_shap"] = summary
        if config.shap.save_local_values:
            _results.write_local_values(output, explanation)
    if config.partial_dependence is not None:
        explanations["pdp"] = _partial_dependence.plots(config.partial_dependence, dataset, model, attributions)
    return explanations, explanation
