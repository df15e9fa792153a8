"""smclarify's metrics of many records: the same values, without its loops over records in Python.

Four of smclarify's functions visit each record, or all records for each value of a column, in Python. With a million
records that takes from a quarter of an hour to days. Their replacements compute the same on whole columns; the search
for neighbours in the Flip Test is scikit-learn's in both.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn.neighbors import KNeighborsClassifier
from smclarify import util
from smclarify.bias import metrics, report
from smclarify.bias.metrics import common, constants, posttraining

_MEMORY_OF_DISTANCES = 64  # MiB; scikit-learn's default is 1024


@contextmanager
def vectorized() -> Iterator[None]:
    """Let smclarify compute on whole columns, for as long as the context lasts."""
    flip_test = metrics.POSTTRAINING_METRICS.index(posttraining.FT)
    replaced = [(module, name, getattr(module, name)) for module, name, _ in _REPLACEMENTS]
    metrics.POSTTRAINING_METRICS[flip_test] = _flip_test
    for module, name, replacement in _REPLACEMENTS:
        setattr(module, name, replacement)
    try:
        yield
    finally:
        metrics.POSTTRAINING_METRICS[flip_test] = posttraining.FT
        for module, name, function in replaced:
            setattr(module, name, function)


def _in_any_interval(column: pd.Series[Any], intervals: pd.IntervalIndex[Any]) -> pd.Series[Any]:
    """Whether each value is in one of some intervals that are open on the left."""
    found = np.zeros(len(column), dtype=bool)
    values = column.to_numpy()
    for interval in intervals:
        found |= (interval.left < values) & (values <= interval.right)
    return pd.Series(found, index=column.index, name=column.name)


def _distribution(values: pd.Series[Any]) -> list[tuple[Any, float]]:
    """Each value with its share, in the order of the values."""
    distinct, counts = np.unique(values.to_numpy(), return_counts=True)
    return list(zip(distinct.tolist(), (counts / len(values)).tolist(), strict=True))


def _conditional_demographic_disparity(
    feature: pd.Series[Any],  # smclarify counts its rows, which need not be
    sensitive_facet_index: pd.Series[bool],
    label_index: pd.Series[bool],
    group_variable: pd.Series[Any] | None,
) -> float:
    """CDD: the mean of the groups' demographic disparities, weighted by their sizes."""
    if group_variable is None or group_variable.empty:
        raise ValueError("Group variable is empty or not provided")
    common.require(sensitive_facet_index.dtype == bool, "sensitive_facet_index must be of type bool")
    common.require(label_index.dtype == bool, "label_index must be of type bool")
    groups = np.unique(group_variable)
    facet, positive = sensitive_facet_index.to_numpy(), label_index.to_numpy()
    if not positive.any():
        raise ValueError("No positive labels in set")
    if positive.all():
        raise ValueError("No negative labels in set")
    values = np.asarray(group_variable)
    places = pd.Index(groups).get_indexer(pd.Index(values))
    is_in_group = (places >= 0) & ~pd.isna(values)  # what is missing equals no group, not even itself

    def count(rows: np.ndarray[Any, np.dtype[np.bool_]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.bincount(places[is_in_group & rows], minlength=len(groups)).astype(float)

    def share_of_facet(rows: np.ndarray[Any, np.dtype[np.bool_]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        total = count(rows)
        shares = np.zeros_like(total)
        np.divide(count(rows & facet), total, out=shares, where=total != 0)
        return shares

    sizes = count(np.ones_like(facet))
    disparities = share_of_facet(~positive) - share_of_facet(positive)
    found: float = common.divide(np.sum(sizes * disparities), np.sum(sizes))
    return found


@functools.wraps(posttraining.FT)
def _flip_test(
    df: pd.DataFrame, sensitive_facet_index: pd.Series[bool], positive_predicted_label_index: pd.Series[bool]
) -> float:
    common.require(sensitive_facet_index.dtype == bool, "sensitive_facet_index must be of type bool")
    common.require(positive_predicted_label_index.dtype == bool, "positive_predicted_label_index must be of type bool")
    facet, predicted = sensitive_facet_index.to_numpy(), positive_predicted_label_index.to_numpy()
    if not facet.any():
        raise ValueError("Facet set is empty")
    if facet.all():
        raise ValueError("Negated Facet set is empty")
    if len(df.columns) != len(df.select_dtypes([np.number, bool]).columns):
        raise ValueError("FlipTest does not support non-numeric columns")
    records = np.array(df)
    advantaged, others = records[~facet], records[facet]
    is_few = len(advantaged) <= constants.FT_SAMPLES_COUNT_THRESHOLD
    neighbors = constants.FT_MIN_NEIGHBOR if is_few else constants.FT_DEFAULT_NEIGHBOR
    knn = KNeighborsClassifier(n_neighbors=neighbors).fit(advantaged, predicted[~facet])
    counts = np.ones(len(others), dtype=int)
    if knn._fit_method == "kd_tree":
        # A tree answers the same for the same record, and searches the longest for records that there are many of.
        others, counts = _distinct(others)
    with sklearn.config_context(working_memory=_MEMORY_OF_DISTANCES):
        nearest = knn.kneighbors(others, return_distance=False)
    # The number of neighbors is odd: a majority is the most frequent prediction.
    flipped = counts[2 * predicted[~facet][nearest].sum(axis=1) > neighbors].sum()
    found: float = common.divide(int(predicted[facet].sum()) - int(flipped), int(facet.sum()))
    return found


def _distinct(records: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, np.dtype[np.int_]]]:
    """Return the distinct rows, and how often there is each."""
    rows = np.ascontiguousarray(records, dtype=float)
    as_bytes = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    _, first, counts = np.unique(as_bytes, return_index=True, return_counts=True)
    return rows[first], counts


#: Functions of smclarify: the module that looks the function up, its name there, what takes its place.
_REPLACEMENTS: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
    (report, "_continuous_data_idx", _in_any_interval),
    (util, "pdf", _distribution),
    (common, "CDD", _conditional_demographic_disparity),
)
