"""The columns of captured data: those of the data set that the model receives, and the label where it is merged in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._config.analysis.column_references import features_of
from ..._config.analysis.data_config import DataConfig
from ..._config.analysis.explainability_config import SHAPConfig
from ..._config.dataset_types import JSON, JSON_LINES
from ..._config.files.json_file import JsonFile
from ..._config.files.json_path import find_by_path, header_index_of
from ..._validation import has_token, is_token, to_json


@dataclass(frozen=True)
class CapturedColumns:
    """The columns of a data set, and which of them captured data lack.

    Attributes:
        dataset_headers: The names of the data set's columns; None: unknown.
        excluded_by: The argument that excludes a column from captured data, by the column's index, or by its name where
            the index is unknown.
        is_complete: Whether all excluded columns are known; False: some are known at deployment only.
    """

    dataset_headers: Sequence[str] | None
    excluded_by: Mapping[str | int, str]
    is_complete: bool

    @property
    def headers(self) -> list[str] | None:
        """The names of the captured columns; None: unknown."""
        if self.dataset_headers is None or is_token(self.dataset_headers):
            return None if self.dataset_headers is None else list(self.dataset_headers)
        return [header for i, header in enumerate(self.dataset_headers) if i not in self.excluded_by]

    def excluding_argument(self, column: str | int) -> str | None:
        """The argument that excludes a column from captured data; None: none does."""
        return None if is_token(column) else self.excluded_by.get(_index_or_name(column, self.dataset_headers))

    def to_captured(self, column: Any) -> Any:
        """Convert a column of the data set to the same column of captured data: indices shift, names stay."""
        by_name = self.dataset_headers is None and any(isinstance(excluded, str) for excluded in self.excluded_by)
        if not isinstance(column, int) or by_name or is_token(self.dataset_headers):
            return column
        return column - sum(isinstance(excluded, int) and excluded < column for excluded in self.excluded_by)


def captured_columns(data_config: DataConfig, *, with_label: bool, methods: Sequence[Any] = ()) -> CapturedColumns:
    """Determine the columns of captured data.

    Args:
        data_config: The data set.
        with_label: Whether captured data are merged with the ground truth, which adds the label.
        methods: The explainability configurations, whose SHAP baseline can tell the number of features of JSON.
    """
    headers, label = data_config.headers, data_config.label
    is_json = data_config.dataset_type in (JSON, JSON_LINES) and data_config.time_series_data_config is None
    exclusions = [
        (argument, _index_or_name(column, headers)) for argument, column in _excluded_columns(data_config, is_json)
    ]
    excluded_by: dict[str | int, str] = {}
    for argument, column in exclusions:
        if not is_token(column):
            excluded_by.setdefault(column, argument)
    labels = _label_headers_of_json(data_config, methods, excluded_by) if is_json else {}
    for argument, index in labels.items():
        excluded_by.setdefault(index, argument)
    if with_label and label is not None:
        excluded_by.pop(labels.get("label", _index_or_name(label, headers)), None)
    is_unknown = is_token(headers) or any(
        is_token(column) or (isinstance(column, str) and has_token(headers)) for _, column in exclusions
    )
    return CapturedColumns(headers, excluded_by, is_complete=not is_unknown)


def outcome_columns(data_config: DataConfig) -> list[tuple[str, Any]]:
    """The columns of the label and the predicted label, as `headers` have them, each with its argument.

    Expressions into JSON are columns only where headers name them. An index into one data set is none into another,
    such as that of the facets, unless headers tell how many columns go before.
    """
    if data_config.dataset_type in (JSON, JSON_LINES):
        return [*_label_headers_of_json(data_config, (), {}).items()]
    columns: list[tuple[str, Any]] = [("label", data_config.label)]
    if data_config.predicted_label_dataset_uri is None or isinstance(data_config.predicted_label, str):
        columns.append(("predicted_label", data_config.predicted_label))
    has_two_counts = data_config.facet_dataset_uri is not None and data_config.headers is None
    return [each for each in columns if isinstance(each[1], str) or (each[1] is not None and not has_two_counts)]


def _excluded_columns(data_config: DataConfig, is_json: bool) -> list[tuple[str, Any]]:
    """The columns that the model does not receive, each with the argument that says so."""
    columns: list[tuple[str, Any]] = [("excluded_columns", column) for column in data_config.excluded_columns or ()]
    columns.append(("joinsource", data_config.joinsource))
    if not is_json:
        if data_config.predicted_label_dataset_uri is None:
            columns.append(("predicted_label", data_config.predicted_label))
        columns.append(("label", data_config.label))
    return [(argument, column) for argument, column in columns if column is not None]


def _index_or_name(column: Any, headers: Sequence[str] | None) -> Any:
    """The index of a column; its name where the index is unknown."""
    if isinstance(column, str) and headers is not None and column in headers:
        return headers.index(column)
    return column


def _label_headers_of_json(
    data_config: DataConfig, methods: Sequence[Any], excluded_by: Mapping[Any, str]
) -> dict[str, int]:
    """Find the headers of the label and the predicted label of JSON: by name, or else the last headers.

    Headers name the features, then the label, then the predicted label; naming the last two is optional.
    """
    headers = data_config.headers
    if headers is None or is_token(headers):
        return {}
    label, predicted_label = data_config.label, data_config.predicted_label
    by_name = {"predicted_label": header_index_of(predicted_label, headers), "label": header_index_of(label, headers)}
    remaining = _count_label_headers(data_config, headers, methods, excluded_by, by_name)
    indices: dict[str, int] = {}
    min_remaining = {"predicted_label": int(label is not None), "label": 0}  # after this one, before the last header
    for argument, expression in (("predicted_label", predicted_label), ("label", label)):
        if expression is None or not remaining:
            continue
        index = by_name[argument]
        if index is None and remaining > min_remaining[argument]:
            index = _last_unexplained(headers, indices.values(), methods)
        if index is not None:
            indices[argument] = index
            remaining -= 1
    return indices


def _count_label_headers(
    data_config: DataConfig,
    headers: Sequence[str],
    methods: Sequence[Any],
    excluded_by: Mapping[Any, str],
    by_name: Mapping[str, int | None],
) -> int:
    """How many headers name the label or the predicted label: by the file, by a SHAP baseline, or by default."""
    file = data_config._file
    if isinstance(file, JsonFile) and file.width is not None:
        return len(headers) - file.width
    label_is_given = data_config.label is not None
    if by_name["label"] is None:
        excluded_count = sum(index in range(len(headers)) for index in excluded_by)
        row_lengths = _baseline_row_lengths(methods, data_config.features)
        counts = {len(headers) - excluded_count - length for length in row_lengths}
        max_count = label_is_given + (data_config.predicted_label is not None)
        if len(counts) == 1 and counts <= {*range(max_count + 1)}:
            return counts.pop()
    return label_is_given + (by_name["predicted_label"] is not None)


def _last_unexplained(headers: Sequence[str], taken: Collection[int], methods: Sequence[Any]) -> int | None:
    """The last header that is not taken; None: it is the only one, or a feature to explain or to plot."""
    free = [i for i in range(len(headers)) if i not in taken]
    if len(free) <= 1:
        return None
    features = [feature for method in methods for _, feature in features_of(method)]
    is_explained = any(_index_or_name(feature, headers) == free[-1] for feature in features)
    return None if is_explained else free[-1]


def _baseline_row_lengths(methods: Sequence[Any], features: str | None) -> set[int]:
    """The numbers of values in the rows of a SHAP baseline: lists, or objects with the features inside."""
    lengths = set()
    for method in methods:
        if not isinstance(method, SHAPConfig) or method.text_config is not None or isinstance(method.baseline, str):
            continue
        baseline = to_json(method.baseline)
        for row in baseline if isinstance(baseline, list) else [baseline]:
            values = row if isinstance(row, list) else find_by_path(row, features)
            is_nested = isinstance(values, list) and values and isinstance(values[0], list)
            rows = values if is_nested else [values]
            lengths |= {len(row) for row in rows if isinstance(row, list) and not is_token(row)}
    return lengths
