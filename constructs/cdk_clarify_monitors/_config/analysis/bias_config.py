"""BiasConfig: which outcome is positive, and for which groups of people the metrics are computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Self

from ..._validation import (
    InvalidType,
    InvalidValue,
    Validator,
    column,
    data_value,
    is_token,
    list_of,
    to_json,
    validated_by,
)
from .document import AnalysisConfigSection, errors_at, join_path, require_known_keys

# Values of the positive label or of a facet, or one threshold.
Values = Sequence[int | float | str | bool]

_values: Final = list_of(data_value)


def _one_or_more(rule: Validator) -> Validator:
    """A single value that keeps a rule, or a list of them."""
    several = list_of(rule)

    def either(argument: str, value: Any) -> Any:
        return several(argument, value) if isinstance(value, (list, tuple)) else rule(argument, value)

    return either


def _values_of_facets(argument: str, value: Any) -> Any:
    """Values of one facet, or a list with the values (or None) of each."""
    if isinstance(value, (list, tuple)) and any(item is None or isinstance(item, (list, tuple)) for item in value):
        return tuple(None if item is None else _values(f"{argument}[{i}]", item) for i, item in enumerate(value))
    return _values(argument, value)


@dataclass(frozen=True)
class BiasConfig(AnalysisConfigSection):
    """What the bias metrics compare: the positive outcome, for the sensitive groups (facets) of the data set.

    Whether a single number is a value or a threshold, the data decide: a value in a column of whole numbers, if the
    different ones are fewer than 5 % of the rows, and a threshold in other columns of numbers. See
    [A number: value or threshold?](../concepts.md#a-number-value-or-threshold)

    See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html.

    Args:
        label_values_or_threshold: Label values that are the positive outcome, or one threshold that positive labels are
            above.
        facet_name: The facets: one column, or a list of columns, each by name or zero-based index.
        facet_values_or_threshold: For one facet: the values of the sensitive group, or one threshold that it is above.
            For a list of facets: one such list, or None, for each. Default: each value of a facet in turn.
        group_name: The column, by name or index, that conditional demographic disparity is computed by. Default: none.

    Raises:
        ValueError: A value is wrong, or there are not as many lists of values as facets.
        TypeError: A value is of the wrong type.
    """

    label_values_or_threshold: Values = field(metadata=validated_by(_values, "label_values_or_threshold"))
    facet_name: str | int | Sequence[str] | Sequence[int] = field(metadata=validated_by(_one_or_more(column)))
    facet_values_or_threshold: Values | Sequence[Values | None] | None = field(
        default=None, metadata=validated_by(_values_of_facets)
    )
    group_name: str | int | None = field(default=None, metadata=validated_by(column, "group_variable"))

    _FACET_KEYS: ClassVar[set[str]] = {"name_or_index", "value_or_threshold"}

    def _check_together(self) -> None:
        names: Any = self.facet_name
        values: Any = self.facet_values_or_threshold
        if not isinstance(names, tuple):
            if values is not None and any(value is None or isinstance(value, tuple) for value in values):
                remedy = "or give a list of facets"
                raise InvalidType("facet_values_or_threshold", "be a flat list for the one facet", values, remedy)
            return
        if is_token(names):
            must = "be known when the app is synthesized: the analysis config has one entry for each facet"
            raise InvalidValue("facet_name", must, names)
        if values is not None:
            self._check_values_of_facets(names, values)
        # Equal configurations have one form: a list of one facet is that facet, and values of none are no values.
        if len(names) == 1:
            self._set("facet_name", names[0])
            self._set("facet_values_or_threshold", values[0] if values else None)
        elif values is not None and all(value is None for value in values):
            self._set("facet_values_or_threshold", None)

    def _check_values_of_facets(self, names: tuple[Any, ...], values: tuple[Any, ...]) -> None:
        if len(values) != len(names):
            must = f"have {len(names)} items, one list or None for each of the facets {list(names)}"
            raise InvalidValue("facet_values_or_threshold", must, values)
        for i, (name, value) in enumerate(zip(names, values, strict=True)):
            if value is not None and not isinstance(value, tuple):
                must = f"be a list with values of facet {name!r}, or None"
                raise InvalidType(f"facet_values_or_threshold[{i}]", must, value, f"write [{value!r}]")

    @classmethod
    def _keys(cls) -> set[str]:
        return super()._keys() | {"facet"}

    def _to_json(self) -> dict[str, Any]:
        keys = ("name_or_index", "value_or_threshold")
        facets = [dict(zip(keys, map(to_json, facet), strict=True)) for facet in facets_of(self)]
        return {**super()._to_json(), "facet": [{k: v for k, v in f.items() if v is not None} for f in facets]}

    @classmethod
    def _from_json(cls, part: Mapping[str, Any], path: str, **arguments: Any) -> Self:
        where = join_path(path, "facet")
        facets = part.get("facet")
        if not isinstance(facets, (list, tuple)) or not facets:
            raise InvalidType(where, "be a list with at least one facet", facets)
        for i, facet in enumerate(facets):
            if require_known_keys(facet, cls._FACET_KEYS, f"{where}[{i}]").get("name_or_index") is None:
                raise InvalidType(f"{where}[{i}].name_or_index", "be given", None)
        arguments["facet_name"] = [facet["name_or_index"] for facet in facets]
        arguments["facet_values_or_threshold"] = [facet.get("value_or_threshold") for facet in facets]
        paths = {"facet_name": where, "facet_values_or_threshold": where}
        for i in range(len(facets)):
            paths[f"facet_name[{i}]"] = f"{where}[{i}].name_or_index"
            paths[f"facet_values_or_threshold[{i}]"] = f"{where}[{i}].value_or_threshold"
        return errors_at(paths, lambda: super(BiasConfig, cls)._from_json(part, path, **arguments))


def facets_of(config: BiasConfig) -> list[tuple[str | int, Values | None]]:
    """Each facet with its values."""
    names: Any = config.facet_name
    values: Any = config.facet_values_or_threshold
    if not isinstance(names, tuple):
        return [(names, values)]
    return list(zip(names, values or [None] * len(names), strict=True))
