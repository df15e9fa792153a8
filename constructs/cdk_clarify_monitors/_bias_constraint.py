"""BiasConstraint: a limit of the user's own in place of a suggested constraint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Final

from ._bias_metrics import OF_GROUPS, POST_TRAINING, PRE_TRAINING
from ._checks import (
    Checked,
    InvalidType,
    InvalidValue,
    argument,
    column,
    data_value,
    has_token,
    is_token,
    number,
    one_of,
)

_ARGUMENT: Final = "constraints_overrides"
_PARITY_OF_DI: Final = 1
_NO_FLOOR: Final = "an execution violates a constraint if its value is farther from 0, so there are no floors"


def _distance(name: str, value: Any) -> float:
    distance: float = number()(name, value)
    if not is_token(distance) and distance < 0:
        remedy = "the limit is a distance from 0, for values of either sign"
        raise InvalidValue(name, "be at least 0", value, remedy)
    return float(distance)


def _floor(name: str, value: Any) -> None:
    raise InvalidValue(name, "be left out", value, _NO_FLOOR)


def _facet(name: str, value: Any) -> Any:
    if isinstance(value, float) and is_token(value):
        raise InvalidValue(name, "be a literal if it is an index", value, "give the facet's name")
    return column(name, value)


@dataclass(frozen=True)
class BiasConstraint(Checked):
    """A limit of your own for a bias metric, in place of the value that the baselining job suggests.

    An execution violates it if the metric is farther from 0: abs(value) > at_most. SageMaker
    [compares](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-violations.html) so with
    suggested values, too. A limit can be wider or narrower than the suggested one. It holds for both signs, and it
    cannot be a floor, such as DI >= 0.8.

    DI is 1 where groups fare alike, but is measured from 0 like all others: a limit of 1.25 says that the facet may
    have 1.25 times the others' rate at most, and nothing of how much less. DPPL is about the same rates, and is 0 at
    parity.

    Args:
        metric: The metric's short name, like DPPL.
        at_most: How far from 0 the metric may be, at least 0. Required.
        facet: The facet, as in `bias_config`. Default: every facet.
        facet_value: One group of the facet: its value or threshold as a number, as in `bias_config`, or a string as
            `value_or_threshold` has it in `analysis.json`. Default: every group of the facet.
        at_least: Refused, with the reason: there are no floors.

    Raises:
        ValueError: A value cannot work, such as a floor.
        TypeError: A value is of the wrong type, or missing.
    """

    metric: str = field(metadata=argument(one_of(*PRE_TRAINING, *POST_TRAINING)))
    _: KW_ONLY
    # Without at_most and with at_least, the reason is to be heard: hence a default.
    at_most: float | None = field(default=None, metadata=argument(_distance))
    facet: str | int | None = field(default=None, metadata=argument(_facet, keeps_empty=True))
    facet_value: str | float | None = field(default=None, metadata=argument(data_value, keeps_empty=True))
    at_least: None = field(default=None, repr=False, metadata=argument(_floor, keeps_empty=True))

    def _check_together(self) -> None:
        if self.at_most is None:
            raise InvalidType("at_most", "be given", None)
        if self.facet_value is not None and self.facet is None:
            raise InvalidValue("facet", "be given with 'facet_value'", None, "say whose value it is")
        if self.metric == "DI" and not is_token(self.at_most) and self.at_most < _PARITY_OF_DI:
            must = f"be at least {_PARITY_OF_DI} for DI, its value where groups fare alike"
            raise InvalidValue("at_most", must, self.at_most, f"{_NO_FLOOR}; limit DPPL, which is 0 there")


def overrides_for(
    overrides: Sequence[BiasConstraint],
    *,
    baselining: Mapping[str, Any] | None,
    monitoring: Mapping[str, Any] | None,
) -> list[dict[str, Any]]:
    """The limits as the custom resource is told.

    Args:
        overrides: The limits.
        baselining: The baselining job's analysis config; None: there is no job.
        monitoring: The executions' analysis config; None: it is in S3, and its content not known.

    Raises:
        ValueError: A limit is about nothing that the monitor computes, or is given twice.
    """
    if not overrides:
        return []
    if baselining is None:
        remedy = "they change constraints that a baselining job suggests, and there is none"
        raise InvalidValue(_ARGUMENT, "be left out without 'data_config'", overrides, remedy)
    first: dict[tuple[Any, ...], int] = {}
    documents = []
    for i, override in enumerate(overrides):
        name = f"{_ARGUMENT}[{i}]"
        if override.metric in OF_GROUPS and monitoring is not None and "group_variable" not in monitoring:
            must = f"be about another metric than {override.metric}, which needs a 'group_name' in 'bias_config'"
            raise InvalidValue(name, must, override)
        document: dict[str, Any] = {"Metric": override.metric, "AtMost": override.at_most}
        if override.facet is not None:
            document["Facet"] = _facet_name(f"{name}.facet", override.facet, baselining)
        if override.facet_value is not None:
            value = _facet_value(f"{name}.facet_value", override.facet_value, document["Facet"], baselining)
            document["FacetValue"] = value
        key = (override.metric, document.get("Facet"), _written(document.get("FacetValue")))
        if key in first:
            raise InvalidValue(name, f"be about something else than {_ARGUMENT}[{first[key]}]", override)
        first[key] = i
        documents.append(document)
    return documents


def _facet_name(name: str, facet: str | int, config: Mapping[str, Any]) -> str:
    """What analysis.json calls a facet."""
    header = _header(facet, config)
    if header is None:
        raise InvalidValue(name, "be the facet's name: what an index counts is not known", facet)
    known = [_header(each["name_or_index"], config) for each in config["facet"]]
    if header not in known and None not in known and not is_token(header) and not has_token(known):
        raise InvalidValue(name, f"be one of the facets {known} of 'bias_config'", facet)
    return header


def _header(facet: str | int | float, config: Mapping[str, Any]) -> str | None:
    """A facet's name; None: it is an index, and the headers are not known, or those of two data sets."""
    if isinstance(facet, str):
        return facet
    headers = config.get("headers")
    if not headers or is_token(headers) or "facet_dataset_uri" in config or not isinstance(facet, int):
        return None
    return str(headers[facet]) if facet < len(headers) else f"column {facet}"


def _facet_value(name: str, value: str | float, facet: str, config: Mapping[str, Any]) -> str | float:
    """A value as it can be found in analysis.json, which writes a threshold, or several values, in a way of its own."""
    groups = [each for each in config["facet"] if _header(each["name_or_index"], config) == facet]
    known: list[Any] = [group.get("value_or_threshold") for group in groups]
    if is_token(value) or not known or any(values is None or is_token(values) or has_token(values) for values in known):
        return value
    for first, *more in known:
        if not more and (value in (first, str(first))):
            return first  # type: ignore[no-any-return]  # "40" is the threshold 40
        if isinstance(value, str) and (more or not isinstance(first, str)):
            return value
    remedy = "several values are one group: leave it out" if any(len(values) > 1 for values in known) else ""
    raise InvalidValue(name, f"be a value of facet {facet!r} in 'bias_config', one of {known}", value, remedy)


def _written(value: object) -> str | None:
    """A value as text, the same for 1, 1.0 and "1"."""
    if isinstance(value, float) and value.is_integer() and not is_token(value):
        return str(int(value))
    return None if value is None else str(value)
