"""Checks of facets, features and values against the columns of the data set and of captured data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..._config.analysis.bias_config import BiasConfig, facets_of
from ..._config.analysis.column_references import check_baseline_rows, check_facets, facets_and_group, features_of
from ..._config.analysis.data_config import DataConfig
from ..._config.analysis.explainability_config import SHAPConfig
from ..._config.dataset_types import IMAGE
from ..._config.files.column_profile import ColumnProfile, normalize
from ..._validation import InvalidValue, check_column, format_value, has_token, is_token
from .captured_columns import CapturedColumns, captured_columns

_OR_ANALYSIS_CONFIG: Final = "or describe the captured data in 'analysis_config'"


def check_facets_exist(data_config: DataConfig, bias_config: BiasConfig) -> None:
    """Refuse facets and groups that are columns neither of the data set nor of the facet data set.

    Raises:
        ValueError: There is no such column.
    """
    if data_config.headers is None or (data_config.facet_dataset_uri is not None and data_config.facet_headers is None):
        return
    check_facets(bias_config, (*data_config.headers, *(data_config.facet_headers or ())))


def check_facets_captured(data_config: DataConfig, bias_config: BiasConfig) -> None:
    """Refuse facets and groups that captured data lack.

    Raises:
        ValueError: A column is not captured.
    """
    captured = captured_columns(data_config, with_label=True)
    for argument, column in facets_and_group(bias_config):
        excluded_by = captured.excluding_argument(column)
        if excluded_by is None and _is_in_facet_dataset_only(column, data_config):
            excluded_by = "facet_dataset_uri"
        if excluded_by is not None:
            must = "be a column of the captured data, which is all that executions read"
            remedy = f"by '{excluded_by}' the model does not get it; choose another column, {_OR_ANALYSIS_CONFIG}"
            raise InvalidValue(argument, must, column, remedy)


def check_features_captured(data_config: DataConfig, methods: Sequence[Any]) -> None:
    """Refuse features that the model does not receive, and rows of a SHAP baseline that do not fit the features.

    Raises:
        ValueError: A feature is not captured, or a row has too many or too few values.
    """
    if data_config.dataset_type == IMAGE or data_config.time_series_data_config is not None:
        return
    captured = captured_columns(data_config, with_label=False, methods=methods)
    for method in methods:
        for argument, feature in features_of(method):
            _check_feature_captured(argument, feature, data_config, captured)
        if isinstance(method, SHAPConfig) and captured.headers is not None:
            min_length = len(captured.headers) if captured.is_complete else 0
            check_baseline_rows(method, captured.headers, min_length)


def check_values_occur(data_config: DataConfig, bias_config: BiasConfig) -> None:
    """Refuse facet and label values that do not split the rows of a local data file in two.

    Raises:
        ValueError: A value occurs in no row, or the values occur in all rows.
    """
    file = data_config._file
    if file is None:
        return
    columns = _columns_with_values(data_config, bias_config)
    profiles = file.profile_columns([column for _, column, _ in columns if not is_token(column)])
    for argument, column, values in columns:
        if column in profiles:
            _check_values(argument, column, values, profiles[column])


def _check_feature_captured(
    argument: str, feature: str | int, data_config: DataConfig, captured: CapturedColumns
) -> None:
    if data_config.headers is not None:
        check_column(argument, feature, data_config.headers)
    excluded_by = captured.excluding_argument(feature)
    if excluded_by is not None:
        must = "be a feature that the model gets"
        raise InvalidValue(argument, must, feature, f"by '{excluded_by}' it is none; remove it here or there")


def _columns_with_values(data_config: DataConfig, bias_config: BiasConfig) -> list[tuple[str, Any, Any]]:
    """The arguments that hold values of a column, each with the column and the values."""
    # Beside a facet data set, an index does not tell which of the two data sets it counts in.
    is_index_certain = data_config.facet_dataset_uri is None
    has_several = isinstance(bias_config.facet_name, tuple)
    columns: list[tuple[str, Any, Any]] = [
        (f"facet_values_or_threshold[{i}]" if has_several else "facet_values_or_threshold", facet, values)
        for i, (facet, values) in enumerate(facets_of(bias_config))
        if isinstance(facet, str) or is_index_certain
    ]
    if data_config.label is not None:
        columns.append(("label_values_or_threshold", data_config.label, bias_config.label_values_or_threshold))
    return columns


def _is_in_facet_dataset_only(column: Any, data_config: DataConfig) -> bool:
    headers, facet_headers = data_config.headers, data_config.facet_headers
    if data_config.facet_dataset_uri is None or is_token(column) or is_token(headers) or has_token(headers):
        return False
    if headers is None:
        return facet_headers is not None and not is_token(facet_headers) and column in facet_headers
    return column not in headers if isinstance(column, str) else column >= len(headers)


def _check_values(argument: str, column: object, values: Any, profile: ColumnProfile) -> None:
    """Refuse values, or a threshold, that do not split a column in two."""
    if profile.values is not None and len(profile.values) == 1:
        must = (
            f"be about a column with different values, and column {column!r} has only {list(profile.values.values())}"
        )
        raise InvalidValue(argument, must, values, "choose another column or data file")
    if values is None or is_token(values) or has_token(values):
        return
    normalized = [normalize(value) for value in values]
    if len(normalized) == 1 and profile.numeric and isinstance(normalized[0], float):
        _check_value_or_threshold(f"{argument}[0]", column, values[0], normalized[0], profile)
    elif profile.values is not None:
        _check_values_among(argument, column, values, normalized, profile, profile.values)


def _check_value_or_threshold(
    argument: str, column: object, value: object, normalized: float, profile: ColumnProfile
) -> None:
    is_threshold = profile.minimum <= normalized < profile.maximum
    if not is_threshold and (profile.values is None or normalized not in profile.values):
        must = f"be a value of column {column!r}, or a threshold within its {profile.minimum:g} to {profile.maximum:g}"
        raise InvalidValue(argument, must, value)


def _check_values_among(
    argument: str,
    column: object,
    values: Sequence[Any],
    normalized: Sequence[object],
    profile: ColumnProfile,
    column_values: Mapping[object, object],
) -> None:
    choices = format_value(list(column_values.values()))
    for i, key in enumerate(normalized):
        if key not in column_values:
            must = f"be one of the values {choices} of column {column!r}"
            raise InvalidValue(f"{argument}[{i}]", must, values[i], _why_no_threshold(key, profile))
    if set(normalized) == set(column_values):
        raise InvalidValue(argument, f"leave out at least one of the values {choices} of column {column!r}", values)


def _why_no_threshold(value: object, profile: ColumnProfile) -> str:
    """The remedy for a number that is not in a column, and is no threshold either; empty: it is no number."""
    if not isinstance(value, float):
        return ""
    why = "a threshold stands alone" if profile.numeric else "the column is not numeric"
    return f"it is no threshold either: {why}"
