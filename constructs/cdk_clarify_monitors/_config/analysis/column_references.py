"""The columns that facets, groups, features and SHAP baselines refer to, and the check that headers have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..._validation import InvalidValue, check_column, is_token
from .bias_config import BiasConfig, facets_of
from .explainability_config import PDPConfig, SHAPConfig


def facets_and_group(bias_config: BiasConfig) -> Iterator[tuple[str, Any]]:
    """Yield the columns that a bias configuration refers to, each with the path of its argument."""
    has_several = isinstance(bias_config.facet_name, tuple)
    for i, (facet, _) in enumerate(facets_of(bias_config)):
        yield f"facet_name[{i}]" if has_several else "facet_name", facet
    if bias_config.group_name is not None:
        yield "group_name", bias_config.group_name


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
