"""The analysis itself: from the configuration and the data set to the results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cdk_clarify_monitors_local.container import (
    _bias,
    _dataset,
    _model,
    _partial_dependence,
    _results,
)
from cdk_clarify_monitors_local.container._analysis_config import AnalysisConfig, parse
from cdk_clarify_monitors_local.container._dataset import Dataset
from cdk_clarify_monitors_local.container._model import Model
from cdk_clarify_monitors_local.container._progress import say


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
        for name in config.predictor.wire_format:
            say(f"predictor.{name} has no effect here: there is no endpoint to talk to")
    output.mkdir(parents=True, exist_ok=True)
    analysis = _bias_metrics(config, dataset, model)
    warnings: list[str] = []
    if model is not None:
        explanations, warnings = _explanations(config, dataset, model, output)
        if explanations:
            analysis["explanations"] = explanations
    _results.write_report(output, config.title, analysis, warnings)
    _results.write_analysis(output, analysis)


def _bias_metrics(config: AnalysisConfig, dataset: Dataset, model: Model | None) -> dict[str, Any]:
    analysis: dict[str, Any] = {}
    if config.pre_training_metrics is not None:
        analysis["pre_training_bias_metrics"] = _bias.pre_training_metrics(config, dataset)
    if config.post_training_metrics is not None:
        predicted = _predicted_labels(config, dataset, model)
        analysis["post_training_bias_metrics"] = _bias.post_training_metrics(config, dataset, predicted)
    return analysis


def _predicted_labels(config: AnalysisConfig, dataset: Dataset, model: Model | None) -> pd.Series[Any]:
    """Return the predicted labels: those in the data if there are any, else the model's."""
    if dataset.predicted_label is not None:
        return dataset.table[dataset.predicted_label]
    if model is None or dataset.label is None:
        raise AssertionError("the configuration was not checked")
    return model.labels(dataset.model_input, dataset.table[dataset.label], config.probability_threshold)


def _explanations(
    config: AnalysisConfig, dataset: Dataset, model: Model, output: Path
) -> tuple[dict[str, Any], list[str]]:
    """Return the explanations, and what their reader has to know."""
    explanations: dict[str, Any] = {}
    warnings: list[str] = []
    attributions = None
    if config.shap is not None:
        # Importing shap takes two seconds, which a job without it need not wait for.
        from cdk_clarify_monitors_local.container import _shap

        explanation = _shap.explain(config.shap, dataset, model)
        warnings += explanation.warnings
        summary = explanation.summary(config.shap.agg_method)
        attributions = summary[explanation.scores[0]]["global_shap_values"]
        explanations["kernel_shap"] = summary
        if config.shap.save_local_values:
            _results.write_local_values(output, explanation)
    if config.partial_dependence is not None:
        explanations["pdp"] = _partial_dependence.plots(config.partial_dependence, dataset, model, attributions)
    return explanations, warnings
