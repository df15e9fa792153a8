"""The SHAP baseline: what the configuration gives, or what clustering makes of the data set.

Clarify clusters by K-means, or by K-prototypes if there are categories; its scaling, weights and seed are not
documented. Here both are K-means on standardized numbers and one-hot encoded categories.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jmespath
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from cdk_clarify_monitors_local.container._analysis_config import JSON_TYPES, AnalysisConfig
from cdk_clarify_monitors_local.container._dataset import documents
from cdk_clarify_monitors_local.container._errors import CustomerError, check_parquet_can_be_read
from cdk_clarify_monitors_local.container._storage import read_objects

_DEFAULT_CLUSTERS = 12
# Different categories are then as far apart as numbers by 0.7 standard deviations: K-prototypes' usual weight.
_CATEGORY_SCALE = 0.5
_MAX_RECORDS = 5_000  # clustered within seconds; a hundred thousand take minutes
# The commonest categories of a column that clusters are told apart by; columns of names have thousands.
_MAX_CATEGORIES = 50

Array = np.ndarray[Any, np.dtype[Any]]


def given_baseline(config: AnalysisConfig, features: pd.DataFrame) -> pd.DataFrame | None:
    """Return the configuration's baseline; None: it has none.

    Missing values are replaced by the data set's mean, or by its most frequent category.

    Args:
        config: The configuration.
        features: The data set.

    Raises:
        CustomerError: It does not fit the data set.
    """
    baseline = None if config.shap is None else config.shap.baseline
    if baseline is None:
        return None
    if isinstance(baseline, str):
        table = _read(config, baseline, features.columns)
    else:
        table = pd.DataFrame(list(_rows(baseline, config.features, features.columns)))
    if table.shape[1] != features.shape[1]:
        raise CustomerError(
            f"The SHAP baseline has {table.shape[1]} values in a row, but there are {features.shape[1]} features: "
            f"{', '.join(map(str, features.columns))}."
        )
    table.columns = features.columns
    for name in table.columns[table.isna().any(axis=0)]:
        column = features[name]
        table[name] = table[name].fillna(
            column.mean() if pd.api.types.is_numeric_dtype(column) else column.mode().iloc[0]
        )
    return table


def clustered_baseline(records: Array, is_category: Sequence[bool], count: int | None, seed: int | None) -> Array:
    """Return one typical record of each cluster of the data set.

    A typical record has, of each number, the value nearest to the cluster's mean, and of each category the most
    frequent one. The same data set and seed give the same records. Of a large data set, a random part is clustered.

    Args:
        records: The data set, with its categories as numbers.
        is_category: Which columns are categories.
        count: The number of clusters, at most that of different records. Default: 12.
        seed: For the first guess at the clusters. Default: 0.
    """
    categories = np.asarray(is_category, dtype=bool)
    if len(records) > _MAX_RECORDS:
        chosen = np.random.default_rng(seed or 0).choice(len(records), _MAX_RECORDS, replace=False)
        records = records[np.sort(chosen)]
    complete = _without_missing(records, categories)
    parts = []
    if not categories.all():
        parts.append(StandardScaler().fit_transform(complete[:, ~categories]))
    if categories.any():
        encoder = OneHotEncoder(sparse_output=False, max_categories=_MAX_CATEGORIES)
        parts.append(encoder.fit_transform(complete[:, categories]) * _CATEGORY_SCALE)
    points = np.hstack(parts)
    clusters = min(count or _DEFAULT_CLUSTERS, len(np.unique(points, axis=0)))
    cluster_of = KMeans(clusters, n_init=10, random_state=seed or 0).fit_predict(points)
    return np.array(
        [
            [
                _most_frequent(column) if categories[place] else _nearest_to_mean(column)
                for place, column in enumerate(complete[cluster_of == cluster].T)
            ]
            for cluster in range(clusters)
        ]
    )


def _without_missing(records: Array, categories: Array) -> Array:
    complete = np.array(records, dtype=float)
    for place in np.flatnonzero(~categories):
        column = complete[:, place]
        missing = np.isnan(column)
        if missing.any():
            column[missing] = 0.0 if missing.all() else column[~missing].mean()
    return complete


def _nearest_to_mean(column: Array) -> float:
    """A value that occurs: numbers may stand for categories, and counts have no decimals."""
    return float(column[np.abs(column - column.mean()).argmin()])


def _most_frequent(column: Array) -> float:
    values, counts = np.unique(column, return_counts=True)
    return float(values[counts.argmax()])


def _read(config: AnalysisConfig, uri: str, names: Sequence[str] | pd.Index) -> pd.DataFrame:
    """Read a baseline in the data set's format."""
    rows: list[list[Any]] = []
    tables: list[pd.DataFrame] = []
    for name, content in read_objects(uri):
        if config.dataset_type in JSON_TYPES:
            for document in documents(config.dataset_type, name, content):
                rows += _rows([document], config.features, names)
        else:
            tables.append(_read_table(config.dataset_type, name, content))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(rows)


def _read_table(dataset_type: str, name: str, content: io.BytesIO) -> pd.DataFrame:
    try:
        if dataset_type == "application/x-parquet":
            check_parquet_can_be_read()
            return pd.read_parquet(content)
        return pd.read_csv(content, header=None)
    except (ValueError, OSError) as error:  # pandas' and pyarrow's parsers
        raise CustomerError(f"The SHAP baseline {name} cannot be read as {dataset_type}: {error}") from error


def _rows(baseline: Any, path: str | None, names: Sequence[str] | pd.Index) -> Iterator[list[Any]]:
    """Yield the rows of a baseline: lists, or records or documents in the data set's form."""
    for item in [baseline] if isinstance(baseline, Mapping) else baseline:
        located = None if path is None or isinstance(item, list) else jmespath.search(path, item)
        yield from _rows_in(located or item, names)


def _rows_in(item: Any, names: Sequence[str] | pd.Index) -> Iterator[list[Any]]:
    """Yield the rows in a list of values, an object with a value for each feature, or what has these in it."""
    if isinstance(item, list):
        if not any(isinstance(value, (list, Mapping)) for value in item):
            yield item
        else:
            for part in item:
                yield from _rows_in(part, names)
        return
    if isinstance(item, Mapping):
        if all(name in item for name in names):
            yield [item[name] for name in names]
            return
        nested = [value for value in item.values() if isinstance(value, (list, Mapping))]
        if len(nested) == 1:
            yield from _rows_in(nested[0], names)
            return
    raise CustomerError(f"The SHAP baseline has a row that is neither a list nor a record of the features: {item!r}.")
