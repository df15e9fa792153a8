"""Partial dependence plots: how the score changes with one feature, averaged over the records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cdk_clarify_monitors_local.container._analysis_config import PartialDependence
from cdk_clarify_monitors_local.container._dataset import Dataset
from cdk_clarify_monitors_local.container.model._model import Model


def plots(
    config: PartialDependence, dataset: Dataset, model: Model, attributions: Mapping[str, float] | None
) -> list[dict[str, Any]]:
    """Return the `pdp` of analysis.json.

    Args:
        config: Which features, and how fine.
        dataset: The data.
        model: The model.
        attributions: The features' global SHAP values, to choose by when no features are given.
    """
    records = dataset.model_input
    if config.features:
        names = [dataset.feature(feature, "methods.pdp.features") for feature in config.features]
    else:
        ranked = sorted((attributions or {}).items(), key=lambda item: -abs(item[1]))
        names = [name for name, _ in ranked[: config.top_k_features]]
    return [_plot(name, records, model, config.grid_resolution) for name in names]


def _plot(name: str, records: pd.DataFrame, model: Model, resolution: int) -> dict[str, Any]:
    column = records[name]
    numerical = pd.api.types.is_numeric_dtype(column)
    if numerical:
        values: list[Any] = np.linspace(column.min(), column.max(), resolution).tolist()
        counts, _ = np.histogram(column, bins=resolution)
        distribution = (counts / len(column)).tolist()
    else:
        shares = column.value_counts(normalize=True).sort_index()
        values, distribution = [str(value) for value in shares.index], [float(share) for share in shares]
    predictions = [model.explained_scores(records.assign(**{name: value})).mean(axis=0) for value in values]
    return {
        "feature_name": name,
        "data_type": "numerical" if numerical else "categorical",
        "feature_values": values,
        "data_distribution": distribution,
        "model_predictions": np.asarray(predictions).T.tolist(),
        "label_headers": model.score_names(len(predictions[0])),
    }
