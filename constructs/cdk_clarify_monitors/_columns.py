"""What the columns of a data set say about the rest of a configuration: which names exist, and how many features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._bias_config import BiasConfig, facets_of
from ._checks import InvalidValue, check_column, has_token, is_token, shown
from ._column import Column, comparable
from ._data_config import IMAGE, WITH_COLUMNS, DataConfig
from ._explainability_config import PDPConfig, SHAPConfig


def without_label(data_config: DataConfig) -> list[str]:
    """The headers without the label's, which is no feature: the first that is equal, or the one at the index.

    Raises:
        ValueError: Which header it is will be known at deployment only; one header too many would give every
            attribution to the wrong feature.
    """
    label, headers = data_config.label, data_config.headers or ()
    if isinstance(label, int) and not is_token(headers):
        position: int | None = label
    elif label in headers:
        position = headers.index(str(label))
    elif label is not None and (is_token(label) or is_token(headers) or has_token(headers)):
        argument, value = ("label", label) if is_token(label) else ("headers", headers)
        remedy = "use the literal, or the very same token in 'label' and in 'headers'"
        raise InvalidValue(
            argument, "be known at synthesis, where the label is taken out of the headers", value, remedy
        )
    else:
        position = None
    return [header for i, header in enumerate(headers) if i != position]


def check_facets(bias_config: BiasConfig, headers: Sequence[str]) -> None:
    """Refuse facets and groups that are no columns."""
    several = isinstance(bias_config.facet_name, tuple)
    for i, (facet, _) in enumerate(facets_of(bias_config)):
        check_column(f"facet_name[{i}]" if several else "facet_name", facet, headers)
    if bias_config.group_name is not None:
        check_column("group_name", bias_config.group_name, headers)


def check_facets_of(data_config: DataConfig, bias_config: BiasConfig) -> None:
    """Refuse facets and groups that are columns neither of the data set nor of the facet data set."""
    if data_config.headers is None or (data_config.facet_dataset_uri is not None and data_config.facet_headers is None):
        return
    check_facets(bias_config, (*data_config.headers, *(data_config.facet_headers or ())))


def check_features(
    methods: tuple[Any, ...], headers: Sequence[str], *, most: int | None = None, least: int = 0
) -> None:
    """Refuse features that are no columns, and rows of a SHAP baseline that cannot be one value per feature.

    Args:
        methods: The explainability configurations.
        headers: Names of the columns.
        most: The greatest number of values that a row can have. Default: as many as there are headers.
        least: The least number of values that a row can have.
    """
    for method in methods:
        if isinstance(method, SHAPConfig):
            _check_features("features_to_explain", method.features_to_explain, headers)
            _check_baseline(method, headers, len(headers) if most is None else most, least)
        if isinstance(method, PDPConfig):
            _check_features("features", method.features, headers)


def check_features_of(data_config: DataConfig, methods: tuple[Any, ...]) -> None:
    """Refuse what does not fit a tabular data set, see `check_features`.

    A row of the baseline has the features only, never the label. Whether it has the other columns that the model does
    not get is not documented, so any number from "none of them" to "all of them" passes.
    """
    headers = data_config.headers
    if headers is None or data_config.time_series_data_config is not None or data_config.dataset_type == IMAGE:
        return
    labelled = data_config.label is not None
    others = (data_config.predicted_label, data_config.joinsource, *(data_config.excluded_columns or ()))
    check_features(
        methods,
        headers,
        most=len(headers) - (labelled and data_config.dataset_type in WITH_COLUMNS),
        least=len(headers) - labelled - sum(other is not None for other in others),
    )


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


def _check_features(argument: str, features: Sequence[str | int] | None, headers: Sequence[str]) -> None:
    for i, feature in enumerate(features or ()):
        check_column(f"{argument}[{i}]", feature, headers)


def _check_baseline(shap: SHAPConfig, headers: Sequence[str], most: int, least: int) -> None:
    # Texts and images are taken apart, so their rows have other lengths.
    if is_token(headers) or shap.text_config is not None or shap.image_config is not None:
        return
    for i, row in enumerate(shap.baseline if isinstance(shap.baseline, tuple) else ()):
        if isinstance(row, tuple) and not is_token(row) and not least <= len(row) <= most:
            count = str(most) if least == most else f"{least} to {most}" if least else f"at most {most}"
            must = f"have {count} values, one per feature of the headers {list(headers)}"
            raise InvalidValue(f"baseline[{i}]", must, row, "leave the label out")


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
