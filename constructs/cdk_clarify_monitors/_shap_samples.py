"""How many samples determine SHAP values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from ._checks import is_token
from ._columns import feature_count

if TYPE_CHECKING:
    from constructs import Construct

    from ._analysis import Analysis
    from ._data_config import DataConfig


def sufficient_samples(features: int) -> int:
    """The number of samples from which on Kernel SHAP's equations have one solution for every record.

    From there on, the shap library evaluates each feature alone and each feature left out; below, it draws all subsets
    at random. What Clarify's own container does is not published.
    """
    return max(1, math.ceil(2 * (features - 1) * sum(1 / size for size in range(1, features)) - 1e-6))


def warn_of_few_samples(scope: Construct, analysis: Analysis, data_config: DataConfig | None) -> None:
    """Warn if a job's samples may not determine its SHAP values.

    Args:
        scope: The monitor.
        analysis: What its jobs analyse.
        data_config: The data set of the baselining job.
    """
    columns = None if data_config is None else feature_count(data_config)
    messages = {
        message: None
        for document, headers in ((analysis.baselining, None), (analysis.monitoring, _headers(analysis.monitoring)))
        for message in _few_samples(document or {}, [count for count in (columns, headers) if count is not None])
    }
    for message in messages:
        cdk.Annotations.of(scope).add_warning_v2("cdk-clarify-monitors:num-samples", message)


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
