"""The columns that facets, groups, features and SHAP baselines refer to, and the check that headers have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..._validation import InvalidValue, check_column, format_value, is_token
from .bias_config import BiasConfig, facets_of
from .explainability_config import PDPConfig, SHAPConfig


def facets_and_group(bias_config: BiasConfig) -> Iterator[tuple[str, Any]]:
    """Yield the columns that a bias configuration refers to, each with the path of its argument."""
    has_several = isinstance(bias_config.facet_name, tuple)
    for i, (facet, _) in enumerate(facets_of(bias_config)):
        yield f"facet_name[{i}]" if has_several else "facet_name", facet
    if bias_config.group_name is not None:
        yield "group_name", bias_config.group_name


def is_same_column(column: Any, other: Any, headers: Sequence[str] | None = None) -> bool:
    """Whether two references, by name or by index, are to one column, as far as synthesis knows it.

    Args:
        column: A column.
        other: Another one, or the same.
        headers: The names of the columns, by which a name is told to be the same as an index. None: it is not.
    """
    if is_token(column) or is_token(other):
        return False
    if type(column) is type(other):
        return bool(column == other)
    if headers is None or is_token(headers):
        return False
    name, index = (column, other) if isinstance(column, str) else (other, column)
    is_index = isinstance(index, int) and index < len(headers)
    return is_index and headers[index] == name


def check_apart(bias_config: BiasConfig, outcomes: Iterable[tuple[str, Any]]) -> None:
    """Refuse facets and groups that are the outcome, or a group that is the only facet.

    A name and an index are one column by the headers only, which may be wrong: that is for `doubtful_columns` to say.

    Args:
        bias_config: The facets and the group.
        outcomes: The columns of labels, each with what to call it.

    Raises:
        ValueError: The metrics would compare a column with itself.
    """
    for argument, column in facets_and_group(bias_config):
        for name, outcome in outcomes:
            if outcome is not None and is_same_column(column, outcome):
                must = f"be another column than the '{name}' {format_value(outcome)}"
                raise InvalidValue(argument, must, column, "name a column that tells groups of people apart")
    facet, group = bias_config.facet_name, bias_config.group_name
    if group is not None and not isinstance(facet, tuple) and is_same_column(group, facet):
        must = f"be another column than the 'facet_name' {format_value(facet)}"
        remedy = "within a group all would be of one facet, with nobody to compare with"
        raise InvalidValue("group_name", must, group, f"{remedy}; leave it out, or name another column")


def doubtful_columns(
    bias_config: BiasConfig, outcomes: Iterable[tuple[str, Any]], headers: Sequence[str] | None
) -> Iterator[str]:
    """Yield what is to be said of facets and groups that seem to be the outcome, or each other.

    Args:
        bias_config: The facets and the group, which `check_apart` has passed.
        outcomes: The columns of labels, each with what to call it.
        headers: The names of the columns; None: unknown.
    """
    columns = [*facets_and_group(bias_config)]
    for argument, column in columns:
        for name, outcome in outcomes:
            both = f"'{argument}' {format_value(column)} and the '{name}' {format_value(outcome)}"
            if is_same_column(column, outcome, headers):
                yield f"{both} are one column by 'headers': name a column that tells groups of people apart"
            elif headers is None and _differ_in_case(column, outcome):
                yield f"{both} differ in case only, and Clarify finds columns by the very name: is it one column?"
    group = bias_config.group_name
    for argument, facet in columns:
        both = f"'group_name' {format_value(group)} and '{argument}' {format_value(facet)}"
        if group is None or argument == "group_name":
            continue
        if is_same_column(group, facet, headers):
            yield f"{both} are one column: within a group all are of one side of that facet, so its CDDL says nothing"
        elif headers is None and _differ_in_case(group, facet):
            yield f"{both} differ in case only, and Clarify finds columns by the very name: is it one column?"


def _differ_in_case(column: Any, other: Any) -> bool:
    both_are_names = isinstance(column, str) and isinstance(other, str) and not is_token(column) and not is_token(other)
    return both_are_names and column.casefold() == other.casefold()


def features_argument(method: Any) -> str | None:
    """The argument of an explainability configuration that names features; None: it has none."""
    return {SHAPConfig: "features_to_explain", PDPConfig: "features"}.get(type(method))


def features_of(method: Any) -> list[tuple[str, str | int]]:
    """The features that an explainability configuration refers to, each with the path of its argument."""
    argument = features_argument(method)
    if argument is None:
        return []
    return [(f"{argument}[{i}]", feature) for i, feature in enumerate(getattr(method, argument) or ())]


def check_facets(bias_config: BiasConfig, headers: Sequence[str]) -> None:
    """Refuse facets and groups that are not among the headers.

    Raises:
        ValueError: There is no such column.
    """
    for argument, column in facets_and_group(bias_config):
        check_column(argument, column, headers)


def check_features(methods: Sequence[Any], headers: Sequence[str]) -> None:
    """Refuse features that are not among the headers, and rows of a SHAP baseline with more values than headers.

    Raises:
        ValueError: There is no such feature, or a row is too long.
    """
    for method in methods:
        for argument, feature in features_of(method):
            check_column(argument, feature, headers)
        if isinstance(method, SHAPConfig):
            check_baseline_rows(method, headers)


def check_baseline_rows(shap: SHAPConfig, features: Sequence[str], min_length: int = 0) -> None:
    """Refuse rows of a SHAP baseline whose number of values does not fit the features.

    Args:
        shap: The configuration with the baseline.
        features: The names of the features: the greatest number of values of a row.
        min_length: The least number of values of a row.

    Raises:
        ValueError: A row is too long or too short.
    """
    # Texts and images are split into features of their own, so their rows have other lengths.
    if is_token(features) or shap.text_config is not None or shap.image_config is not None:
        return
    max_length = len(features)
    for i, row in enumerate(shap.baseline if isinstance(shap.baseline, tuple) else ()):
        if isinstance(row, tuple) and not is_token(row) and not min_length <= len(row) <= max_length:
            count = str(max_length) if min_length == max_length else f"at most {max_length}"
            must = f"have {count} values, one for each of the features {list(features)}"
            raise InvalidValue(f"baseline[{i}]", must, row, "leave out the label and what else the model does not get")
