"""Checks of facets and features against the columns of the data set and of captured data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ..._config.analysis.analysis_config import BiasAnalysisConfig
from ..._config.analysis.bias_config import BiasConfig
from ..._config.analysis.column_references import (
    check_apart,
    check_baseline_rows,
    check_facets,
    doubtful_columns,
    facets_and_group,
    features_of,
)
from ..._config.analysis.data_config import DataConfig
from ..._config.analysis.explainability_config import SHAPConfig
from ..._config.dataset_types import IMAGE, JSON, JSON_LINES
from ..._validation import InvalidValue, check_column, has_token, is_token
from .analysis_spec import Note
from .captured_columns import CapturedColumns, captured_columns, outcome_columns

_OR_ANALYSIS_CONFIG: Final = "or describe the captured data in 'analysis_config'"


def check_facets_exist(data_config: DataConfig, bias_config: BiasConfig) -> None:
    """Refuse facets and groups that are columns neither of the data set nor of the facet data set.

    Raises:
        ValueError: There is no such column.
    """
    if data_config.headers is None or (data_config.facet_dataset_uri is not None and data_config.facet_headers is None):
        return
    check_facets(bias_config, (*data_config.headers, *(data_config.facet_headers or ())))


def check_facets_apart(data_config: DataConfig, bias_config: BiasConfig) -> None:
    """Refuse facets and groups that are the label, and a group that is the only facet.

    Raises:
        ValueError: They are one column.
    """
    # Which of the headers is the label's in JSON, is not certain.
    columns = [] if data_config.dataset_type in (JSON, JSON_LINES) else outcome_columns(data_config)
    check_apart(bias_config, [(name, column) for name, column in columns if name == "label"])


def facets_beside_outcomes(data_config: DataConfig, bias_config: BiasConfig) -> Iterator[Note]:
    """Notes on facets and groups that seem to be the label, the predicted label or each other."""
    for message in doubtful_columns(bias_config, outcome_columns(data_config), data_config.headers):
        yield Note("facet", message)


def facets_beside_label(config: BiasAnalysisConfig) -> Iterator[Note]:
    """Notes on facets and groups of a given analysis config that seem to be its label, or each other.

    Raises:
        ValueError: They are one column.
    """
    outcomes = [("label", config.label)]
    check_apart(config.bias_config, outcomes)
    for message in doubtful_columns(config.bias_config, outcomes, config.headers):
        yield Note("facet", message)


def unnamed_facets(data_config: DataConfig, bias_config: BiasConfig) -> Iterator[Note]:
    """Notes on facets by name in JSON without headers, which has no names of its own.

    No error: AWS does not say what Clarify calls such columns.
    """
    if data_config.dataset_type not in (JSON, JSON_LINES) or data_config.headers is not None:
        return
    for argument, column in facets_and_group(bias_config):
        if isinstance(column, str) and not is_token(column):
            message = (
                f"nothing says which feature is {argument!r} {column!r}, as JSON has no names of columns: give "
                "'headers' of 'data_config', the names of the features in their order, then that of the label"
            )
            yield Note("headers", message)


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


def _check_feature_captured(
    argument: str, feature: str | int, data_config: DataConfig, captured: CapturedColumns
) -> None:
    if data_config.headers is not None:
        check_column(argument, feature, data_config.headers)
    excluded_by = captured.excluding_argument(feature)
    if excluded_by is not None:
        must = "be a feature that the model gets"
        raise InvalidValue(argument, must, feature, f"by '{excluded_by}' it is none; remove it here or there")


def _is_in_facet_dataset_only(column: Any, data_config: DataConfig) -> bool:
    headers, facet_headers = data_config.headers, data_config.facet_headers
    if data_config.facet_dataset_uri is None or is_token(column) or is_token(headers) or has_token(headers):
        return False
    if headers is None:
        return facet_headers is not None and not is_token(facet_headers) and column in facet_headers
    return column not in headers if isinstance(column, str) else column >= len(headers)
