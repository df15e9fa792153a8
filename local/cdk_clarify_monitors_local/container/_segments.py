"""Segments of the data set, and their metrics.

What Clarify writes for `segment_config` is not documented. Here analysis.json has them as `segments`, beside the
metrics of the whole data set, which constraints are made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from smclarify.bias.metrics.common import DataType, series_datatype

from cdk_clarify_monitors_local.container._analysis_config import AnalysisConfig, Segments
from cdk_clarify_monitors_local.container._dataset import Dataset
from cdk_clarify_monitors_local.container._errors import CustomerError

_DEFAULT = "__default__"
_INTERVAL = re.compile(r"\s*([\[(])\s*([^,\s]+)\s*,\s*([^,\s]+)\s*([\])])\s*")

Rows = np.ndarray[Any, np.dtype[np.bool_]]

#: Returns metrics of some rows of a data set.
Metrics = Callable[[Dataset, Rows], Mapping[str, Any]]


def segment_metrics(config: AnalysisConfig, dataset: Dataset, metrics: Metrics) -> list[dict[str, Any]]:
    """Return the `segments` of analysis.json: for each segment its values, its number of records and its metrics.

    Args:
        config: The configuration.
        dataset: The whole data set.
        metrics: What to compute for a segment. If it raises a CustomerError, that is the segment's `error`.

    Raises:
        CustomerError: A segment's column does not exist, or its values do not fit the column.
    """
    typed = _with_types_of_whole(config, dataset)
    return [
        {
            **({"config_name": segments.name} if segments.name is not None else {}),
            "name": column,
            "segments": [
                {"segment": name, "value": values, "records": int(rows.sum()), **_metrics(typed, rows, metrics)}
                for name, values, rows in _segments(segments, dataset.table[column])
            ],
        }
        for segments in config.segments
        for column in [dataset.column(segments.locator, "segment_config.name_or_index")]
    ]


def _metrics(dataset: Dataset, rows: Rows, metrics: Metrics) -> Mapping[str, Any]:
    if not rows.any():
        return {"error": "The segment has no records."}
    try:
        return metrics(replace(dataset, table=dataset.table[rows].reset_index(drop=True)), rows)
    except CustomerError as error:  # a segment may lack a facet's group, or a label
        return {"error": str(error)}


def _segments(segments: Segments, column: pd.Series[Any]) -> Iterator[tuple[str, Sequence[Any], Rows]]:
    """Yield name, values and rows of each segment, and of what is in none."""
    names = list(segments.aliases or ())
    covered = np.zeros(len(column), dtype=bool)
    for place, values in enumerate(segments.values):
        rows = np.logical_or.reduce([_rows(column, value) for value in values])
        covered |= rows
        yield names[place] if names else ", ".join(map(str, values)), values, rows
    yield names[-1] if len(names) > len(segments.values) else _DEFAULT, [], ~covered


def _rows(column: pd.Series[Any], value: Any) -> Rows:
    """Return the rows with a value, or with a number in an interval."""
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return np.asarray(column.notna() & (column.astype(str) == str(value)), dtype=bool)
    low, high = _limits(value, str(column.name))
    numbers = column.to_numpy(dtype=float)
    return np.asarray((numbers >= low) & (numbers <= high))


def _limits(value: Any, column: str) -> tuple[float, float]:
    """Return the lowest and the highest number that a value or an interval selects."""
    interval = _INTERVAL.fullmatch(str(value))
    try:
        if interval is None:
            return float(value), float(value)
        low, high = float(interval[2]), float(interval[3])
    except ValueError as error:
        raise CustomerError(
            f"'segment_config.segments' has {value!r} for the numbers of column '{column}': write numbers, or an "
            "interval such as '(2, 5]'."
        ) from error
    return (
        low if interval[1] == "[" else float(np.nextafter(low, np.inf)),
        high if interval[4] == "]" else float(np.nextafter(high, -np.inf)),
    )


def _with_types_of_whole(config: AnalysisConfig, dataset: Dataset) -> Dataset:
    """Give labels and facets of whole numbers the types that say what smclarify takes them for in the whole data set.

    It tells values from thresholds by how many different numbers there are among the records, of which a segment has
    fewer.
    """
    columns = {dataset.column(facet.locator, "facet"): facet.values for facet in config.facets}
    if dataset.label is not None:
        columns[dataset.label] = config.label_values
    types = {}
    for name, values in columns.items():
        column = dataset.table[name]
        if pd.api.types.is_integer_dtype(column):
            is_category = series_datatype(column, list(values or ())) == DataType.CATEGORICAL
            types[name] = "category" if is_category else "float64"
    return replace(dataset, table=dataset.table.astype(types))
