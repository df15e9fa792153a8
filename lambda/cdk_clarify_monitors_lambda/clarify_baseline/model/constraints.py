"""Constraints: what a baselining job suggested, and limits of the user's own in place of some values."""

import copy
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

_STAGES = ("pre_training_bias_metrics", "post_training_bias_metrics")
# A threshold stands in the file with the largest value of the data: 40 is "(40, 79]".
_INTERVAL = re.compile(r"\((?P<threshold>[^,]+), [^\]]+\]")
_PARITY_OF_DI = 1


class _Constraint(NamedTuple):
    """A metric of a group."""

    name: str
    facet: str
    facet_value: str
    metric: dict[str, Any]
    """The object in analysis.json."""


def with_overrides(analysis: Mapping[str, Any], overrides: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Replace suggested values by limits.

    An execution violates a constraint if its value is farther from 0: abs(current) > abs(constraint). So a limit is a
    distance from 0, and replaces any value: numbers of either sign, `"Infinity"` and null, which nothing violates. Of
    several limits for one constraint, the one with a facet wins over the one for all facets, and the one with a facet's
    value over both.

    Args:
        analysis: The baselining job's analysis.json; it is not changed.
        overrides: The limits: `Metric`, `AtMost`, and, for one facet or one of its groups only, `Facet` and
            `FacetValue`. A string `FacetValue` is the group's `value_or_threshold` to the letter; a number is a value,
            or a threshold.

    Raises:
        ValueError: A limit matches nothing in the file, is no distance from 0, or is there twice.
    """
    try:
        overridden = copy.deepcopy(dict(analysis))
        constraints = list(_constraints(overridden))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"the suggested constraints are malformed: {error!r}") from error
    chosen: dict[int, Mapping[str, Any]] = {}
    for override in sorted(overrides, key=_specificity):
        limit = _limit(override)
        for constraint in _matching(constraints, override):
            other = chosen.get(id(constraint.metric))
            if other and _specificity(other) == _specificity(override):
                raise ValueError(
                    f"constraints_overrides has two limits for {constraint.name} of the facet {constraint.facet!r}, "
                    f"value {constraint.facet_value!r}: {other['AtMost']} and {override['AtMost']}"
                )
            chosen[id(constraint.metric)] = override
            constraint.metric["value"] = limit
            constraint.metric.pop("error", None)  # the reason of a missing value
    return overridden


def baseline_value(analysis: Any, wanted: Mapping[str, str]) -> float | None:
    """A value of analysis.json for a dashboard; None: there is none that is a number.

    Args:
        analysis: The baselining job's analysis.json.
        wanted: Dimensions in CloudWatch: `Metric`, `Facet` and `FacetValue`, or, for an expected value, `Label`.
    """
    try:
        if "Label" in wanted:
            value = analysis["explanations"]["kernel_shap"][wanted["Label"]]["expected_value"]
        else:
            name = wanted["Metric"], wanted["Facet"]
            values = {each.facet_value: each.metric["value"] for each in _constraints(analysis) if each[:2] == name}
            # CloudWatch writes a threshold in another way. It has one group.
            value = values.popitem()[1] if len(values) == 1 else values[wanted["FacetValue"]]
    except (AttributeError, KeyError, TypeError):
        return None
    return float(value) if _is_finite(value) else None


def _constraints(analysis: Mapping[str, Any]) -> Iterator[_Constraint]:
    for stage in _STAGES:
        for facet, groups in analysis.get(stage, {}).get("facets", {}).items():
            for group in groups:
                for metric in group["metrics"]:
                    yield _Constraint(metric["name"], facet, str(group["value_or_threshold"]), metric)


def _specificity(override: Mapping[str, Any]) -> int:
    return ("Facet" in override) + ("FacetValue" in override)


def _limit(override: Mapping[str, Any]) -> float:
    """The limit. The constructs cannot check it if it is a CDK token."""
    metric, limit = override["Metric"], override["AtMost"]
    if not _is_finite(limit) or limit < 0:
        raise ValueError(f"the limit of {metric} in constraints_overrides must be a number of at least 0, got {limit}")
    if metric == "DI" and limit < _PARITY_OF_DI:
        raise ValueError(
            f"the limit of DI in constraints_overrides must be at least {_PARITY_OF_DI}, its value where groups fare "
            f"alike, got {limit}: a floor is not possible"
        )
    return float(limit)


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _matching(constraints: list[_Constraint], override: Mapping[str, Any]) -> list[_Constraint]:
    metric = override["Metric"]
    matching = [constraint for constraint in constraints if constraint.name == metric]
    if not matching:
        raise _no_match(f"the metric {metric!r}", (constraint.name for constraint in constraints))
    if "Facet" in override:
        facets = [constraint.facet for constraint in matching]
        matching = [constraint for constraint in matching if constraint.facet == override["Facet"]]
        if not matching:
            raise _no_match(f"the facet {override['Facet']!r} of {metric}", facets)
    if "FacetValue" in override:
        values = [constraint.facet_value for constraint in matching]
        matching = [constraint for constraint in matching if _is_value(constraint.facet_value, override["FacetValue"])]
        if not matching:
            raise _no_match(f"the value {override['FacetValue']!r} of the facet {override.get('Facet')!r}", values)
    return matching


def _no_match(what: str, candidates: Iterable[str]) -> ValueError:
    names = ", ".join(map(repr, dict.fromkeys(candidates))) or "none"
    return ValueError(f"constraints_overrides limits {what}, which is not in the suggested constraints: {names}")


def _is_value(written: str, value: object) -> bool:
    """True if the file writes this value or threshold like that."""
    if isinstance(value, bool):
        return written.lower() == str(value).lower()
    if isinstance(value, str):
        return written == value
    interval = _INTERVAL.fullmatch(written)
    try:
        return float(interval["threshold"] if interval else written) == value
    except ValueError:
        return False
