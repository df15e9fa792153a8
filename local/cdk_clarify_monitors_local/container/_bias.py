"""Bias metrics, by AWS's own library for them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pandas as pd
from smclarify.bias import report

from cdk_clarify_monitors_local.container._analysis_config import AnalysisConfig
from cdk_clarify_monitors_local.container._dataset import Dataset
from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.container._vectorized_metrics import vectorized

# The library logs a stack trace for every metric that does not apply; the metric's own `error` says it.
logging.getLogger("smclarify").setLevel(logging.CRITICAL)


def pre_training_metrics(config: AnalysisConfig, dataset: Dataset) -> dict[str, Any]:
    """Compute the metrics of the data, as `pre_training_bias_metrics` of analysis.json."""
    return _metrics(config, dataset, report.StageType.PRE_TRAINING, config.pre_training_metrics or [], None)


def post_training_metrics(config: AnalysisConfig, dataset: Dataset, predicted: pd.Series) -> dict[str, Any]:
    """Compute the metrics of the predictions, as `post_training_bias_metrics` of analysis.json."""
    return _metrics(config, dataset, report.StageType.POST_TRAINING, config.post_training_metrics or [], predicted)


def _metrics(
    config: AnalysisConfig, dataset: Dataset, stage: Any, names: Sequence[str], predicted: pd.Series | None
) -> dict[str, Any]:
    label, values = dataset.label or "", list(config.label_values or ())
    # Only what the model sees takes part in metrics that compare records (FT).
    group = None
    if config.group_variable is not None:
        group = dataset.table[dataset.column(config.group_variable, "group_variable")]
    facets: dict[str, list[Any]] = {}
    try:
        observed = dataset.table[label]
        with vectorized():
            for facet in config.facets:
                column = dataset.column(facet.locator, "facet")
                columns = [*dataset.features, *([] if column in dataset.features else [column])]
                facets.setdefault(column, []).extend(
                    report.bias_report(
                        dataset.table[columns],
                        report.FacetColumn(column, list(facet.values) if facet.values else None),
                        report.LabelColumn(label, observed, values),
                        stage,
                        None if predicted is None else report.LabelColumn("predicted_label", predicted, values),
                        metrics=list(names),
                        group_variable=group if group is not None else pd.Series(dtype=object),
                    )
                )
            threshold = report.label_value_or_threshold(observed, values)
    except (ValueError, RuntimeError, TypeError, KeyError) as error:
        raise CustomerError(str(error)) from error
    return {"label": label, "facets": facets, "label_value_or_threshold": threshold}
