"""What the columns of a data set say about the rest of a configuration: which names exist, and how many features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ._bias_config import BiasConfig, facets_of
from ._captured import captured_columns, features_of
from ._checks import InvalidValue, check_column, has_token, is_token, shown
from ._column import Column, comparable
from ._data_config import IMAGE, WITH_COLUMNS, DataConfig
from ._explainability_config import SHAPConfig

_OR_CONFIG: Final = "or describe the captured data in 'analysis_config'"


def check_facets(bias_config: BiasConfig, headers: Sequence[str]) -> None:
    """Refuse facets and groups that are no columns."""
    for argument, column in _facets_and_group(bias_config):
        check_column(argument, column, headers)


def check_facets_of(data_config: DataConfig, bias_config: BiasConfig) -> None:
    """Refuse facets and groups that are columns neither of the data set nor of the facet data set."""
    if data_config.headers is None or (data_config.facet_dataset_uri is not None and data_config.facet_headers is None):
        return
    check_facets(bias_config, (*data_config.headers, *(data_config.facet_headers or ())))


def check_captured_facets(data_config: DataConfig, bias_config: BiasConfig) -> None:
    """Refuse facets and groups that captured data do not have."""
    captured = captured_columns(data_config, with_label=True)
    for argument, column in _facets_and_group(bias_config):
        why = captured.why_missing(column)
        if why is None and _is_in_facet_data_set_only(column, data_config):
            why = "facet_dataset_uri"
        if why is not None:
            must = "be a column of the captured data, which is all that executions read"
            remedy = f"by '{why}' the model does not get it; choose another column, {_OR_CONFIG}"
            raise InvalidValue(argument, must, column, remedy)


def check_features(methods: Sequence[Any], headers: Sequence[str]) -> None:
    """Refuse features that are no columns, and rows of a SHAP baseline with more values than there are features."""
    for method in methods:
        for argument, feature in features_of(method):
            check_column(argument, feature, headers)
        if isinstance(method, SHAPConfig):
            _check_baseline(method, headers)


def check_features_of(data_config: DataConfig, methods: Sequence[Any]) -> None:
    """Refuse features that the model does not get, and rows of a SHAP baseline that are not one value per feature."""
    if data_config.dataset_type == IMAGE or data_config.time_series_data_config is not None:
        return
    captured = captured_columns(data_config, with_label=False, methods=methods)
    for method in methods:
        for argument, feature in features_of(method):
            if data_config.headers is not None:
                check_column(argument, feature, data_config.headers)
            why = captured.why_missing(feature)
            if why is not None:
                must = "be a feature that the model gets"
                raise InvalidValue(argument, must, feature, f"by '{why}' it is none; remove it here or there")
        if isinstance(method, SHAPConfig) and captured.headers is not None:
            _check_baseline(method, captured.headers, least=len(captured.headers) if captured.certain else 0)


def feature_count(data_config: DataConfig) -> int | None:
    """The number of features that the model gets; None: not known."""
    kind, headers, file = data_config.dataset_type, data_config.headers, data_config._file
    if kind == IMAGE or is_token(kind) or is_token(headers) or data_config.time_series_data_config is not None:
        return None
    width = None if file is None else file.width
    label = data_config.label
    predicted = data_config.predicted_label if data_config.predicted_label_dataset_uri is None else None
    others: list[Any] = [data_config.joinsource, *(data_config.excluded_columns or ())]
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


def check_values_of(data_config: DataConfig, bias_config: BiasConfig) -> None:
    """Refuse facet and label values that a local data file does not have, or has nothing but."""
    if data_config._file is None:
        return
    # Where there is a data set of facets, too, it is not known what an index counts.
    by_index = data_config.facet_dataset_uri is None
    several = isinstance(bias_config.facet_name, tuple)
    asked: list[tuple[str, Any, Any]] = [
        (f"facet_values_or_threshold[{i}]" if several else "facet_values_or_threshold", facet, values)
        for i, (facet, values) in enumerate(facets_of(bias_config))
        if isinstance(facet, str) or by_index
    ]
    if data_config.label is not None:
        asked.append(("label_values_or_threshold", data_config.label, bias_config.label_values_or_threshold))
    columns = data_config._file.columns([name for _, name, _ in asked if not is_token(name)])
    for argument, name, values in asked:
        if name in columns:
            _check_values(argument, name, values, columns[name])


def _facets_and_group(bias_config: BiasConfig) -> Iterator[tuple[str, Any]]:
    """The columns that a bias configuration names, each with its place among the arguments."""
    several = isinstance(bias_config.facet_name, tuple)
    for i, (facet, _) in enumerate(facets_of(bias_config)):
        yield f"facet_name[{i}]" if several else "facet_name", facet
    if bias_config.group_name is not None:
        yield "group_name", bias_config.group_name


def _is_in_facet_data_set_only(column: Any, data_config: DataConfig) -> bool:
    headers, facet_headers = data_config.headers, data_config.facet_headers
    if data_config.facet_dataset_uri is None or is_token(column) or is_token(headers) or has_token(headers):
        return False
    if headers is None:
        return facet_headers is not None and not is_token(facet_headers) and column in facet_headers
    return column not in headers if isinstance(column, str) else column >= len(headers)


def _check_baseline(shap: SHAPConfig, headers: Sequence[str], least: int = 0) -> None:
    # Texts and images are taken apart, so their rows have other lengths.
    if is_token(headers) or shap.text_config is not None or shap.image_config is not None:
        return
    most = len(headers)
    for i, row in enumerate(shap.baseline if isinstance(shap.baseline, tuple) else ()):
        if isinstance(row, tuple) and not is_token(row) and not least <= len(row) <= most:
            count = str(most) if least == most else f"at most {most}"
            must = f"have {count} values, one for each of the features {list(headers)}"
            raise InvalidValue(f"baseline[{i}]", must, row, "leave out the label and what else the model does not get")


def _check_values(argument: str, name: object, values: Any, column: Column) -> None:
    """Refuse values that do not split a column in two."""
    if column.values is not None and len(column.values) == 1:
        must = f"be about a column with different values, and column {name!r} has only {list(column.values.values())}"
        raise InvalidValue(argument, must, values, "choose another column or data file")
    if values is None or is_token(values) or has_token(values):
        return
    wanted = [comparable(value) for value in values]
    if len(wanted) == 1 and column.numeric and isinstance(wanted[0], float):
        outside = not column.minimum <= wanted[0] < column.maximum
        if outside and (column.values is None or wanted[0] not in column.values):
            must = f"be a value of column {name!r}, or a threshold within its {column.minimum:g} to {column.maximum:g}"
            raise InvalidValue(f"{argument}[0]", must, values[0])
        return
    if column.values is None:
        return
    known = shown(list(column.values.values()))
    for i, key in enumerate(wanted):
        if key not in column.values:
            must = f"be one of the values {known} of column {name!r}"
            raise InvalidValue(f"{argument}[{i}]", must, values[i], _no_threshold(key, column))
    if set(wanted) == set(column.values):
        raise InvalidValue(argument, f"leave out at least one of the values {known} of column {name!r}", values)


def _no_threshold(value: object, column: Column) -> str:
    """Why a number that a column does not have is no threshold either."""
    if not isinstance(value, float):
        return ""
    why = "a threshold stands alone" if column.numeric else "the column is not numeric"
    return f"it is no threshold either: {why}"
