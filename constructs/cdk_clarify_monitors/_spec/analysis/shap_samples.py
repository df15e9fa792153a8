"""How many samples determine SHAP values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ..._config.analysis.data_config import DataConfig
from ..._config.dataset_types import IMAGE, WITH_COLUMNS
from ..._validation import is_token
from .analysis_spec import AnalysisSpec, Note


def sufficient_samples(features: int) -> int:
    """The number of samples from which on Kernel SHAP's equations have one solution for every record.

    From there on, the shap library evaluates each feature alone and each feature left out; below, it draws all subsets
    at random. What Clarify's own container does is not published.
    """
    return max(1, math.ceil(2 * (features - 1) * sum(1 / size for size in range(1, features)) - 1e-6))


def too_few_samples(analysis: AnalysisSpec, data_config: DataConfig | None) -> list[Note]:
    """Notes on jobs whose samples may not determine their SHAP values.

    Args:
        analysis: What the jobs analyse.
        data_config: The data set of the baselining job.
    """
    columns = None if data_config is None else _feature_count(data_config)
    messages = (
        message
        for document, headers in ((analysis.baselining, None), (analysis.monitoring, _headers(analysis.monitoring)))
        for message in _few_samples(document or {}, [count for count in (columns, headers) if count is not None])
    )
    return [Note("num-samples", message) for message in dict.fromkeys(messages)]


def _headers(monitoring: Mapping[str, Any] | None) -> int | None:
    """The number of headers of an explainability monitor's executions, which are the features'."""
    headers = (monitoring or {}).get("headers")
    return None if headers is None or is_token(headers) else len(headers)


def _few_samples(document: Mapping[str, Any], counts: list[int]) -> Iterator[str]:
    """What is to be said about an analysis config.

    Args:
        document: The analysis config.
        counts: What is known of the number of features. Columns that the model does not get may be among those that are
            counted, so the least holds.
    """
    shap = document.get("methods", {}).get("shap", {})
    samples = shap.get("num_samples")
    # Texts and images are taken apart into features whose number only the job knows.
    if samples is None or is_token(samples) or "text_config" in shap or "image_config" in shap:
        return
    explained = shap.get("features_to_explain")
    if explained is not None and not is_token(explained):
        counts = [*counts, len(explained)]
    counts = [*counts, *_lengths(shap.get("baseline"))]
    needed = sufficient_samples(min(counts, default=0))
    if samples < needed:
        yield (
            f"'num_samples' is {samples}, too few to determine the SHAP values of {min(counts)} features for certain: "
            f"baseline and violations may be chance; give at least {needed}"
        )


def _lengths(baseline: Any) -> Iterator[int]:
    """The numbers of values in the rows of a SHAP baseline, as far as they are known."""
    rows = [baseline] if isinstance(baseline, Mapping) else baseline if isinstance(baseline, list) else []
    for row in rows:
        values = row
        if isinstance(row, Mapping):
            lists = [value for value in row.values() if isinstance(value, list)]
            values = lists[0] if len(lists) == 1 else row
        if not isinstance(values, str) and not is_token(values) and not _nested(values):
            yield len(values)


def _nested(values: Any) -> bool:
    items = values.values() if isinstance(values, Mapping) else values
    return any(isinstance(item, (list, Mapping)) for item in items)


def _feature_count(data_config: DataConfig) -> int | None:
    """The number of features that the model gets; None: not known."""
    kind, headers, file = data_config.dataset_type, data_config.headers, data_config._file
    if kind == IMAGE or is_token(kind) or is_token(headers) or data_config.time_series_data_config is not None:
        return None
    width = None if file is None else file.width
    label = data_config.label
    predicted = data_config.predicted_label if data_config.predicted_label_dataset_uri is None else None
    others: list[str | int | None] = [data_config.joinsource, *(data_config.excluded_columns or ())]
    if kind in WITH_COLUMNS:
        others += [label, predicted]
        count = width if headers is None else len(headers)
    else:
        # Of JSON the headers name what the expressions find, too, and a file's width is of the features alone.
        named = None if headers is None else len(headers) - (label is not None) - (predicted is not None)
        count = named if width is None else width
    if count is None:
        return None
    places = {headers.index(other) if headers and other in headers else other for other in others if other is not None}
    return count - sum(isinstance(place, int) or is_token(place) for place in places)
