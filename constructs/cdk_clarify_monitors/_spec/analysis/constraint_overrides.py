"""Resolves the limits that users set in place of suggested constraints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..._config.analysis.bias_config import ALL
from ..._config.bias_constraint import BiasConstraint
from ..._config.bias_metrics import (
    LEAST_PERCENTAGE_OF_DI,
    OF_GROUPS,
    PRE_TRAINING,
    as_fraction,
    describe_range,
    greatest_distance,
)
from ..._validation import InvalidValue, has_token, is_token
from .analysis_spec import Note

_ARGUMENT: Final = "constraints_overrides"


def resolve_overrides(
    overrides: Sequence[BiasConstraint],
    *,
    baselining: Mapping[str, Any] | None,
    monitoring: Mapping[str, Any] | None,
) -> list[dict[str, Any]]:
    """Convert limits to the form that `Custom::ClarifyBaseline` takes.

    Args:
        overrides: The limits.
        baselining: The baselining job's analysis config; None: there is no job.
        monitoring: The executions' analysis config; None: it is in S3, and its content is unknown.

    Raises:
        ValueError: A limit is for nothing that the monitor computes, or two limits are for the same.
    """
    if not overrides:
        return []
    if baselining is None:
        remedy = "they change constraints that a baselining job suggests, and there is none"
        raise InvalidValue(_ARGUMENT, "be left out without 'data_config'", overrides, remedy)
    arguments: dict[tuple[Any, ...], str] = {}
    documents = []
    for i, override in enumerate(overrides):
        argument = f"{_ARGUMENT}[{i}]"
        _check_metric_computed(argument, override, monitoring)
        _check_metric_suggested(argument, override, baselining)
        document = _to_document(argument, override, baselining)
        target = (override.metric, document.get("Facet"), _as_text(document.get("FacetValue")))
        if target in arguments:
            raise InvalidValue(argument, f"be about something else than {arguments[target]}", override)
        arguments[target] = argument
        documents.append(document)
    return documents


def limits_without_effect(overrides: Sequence[BiasConstraint]) -> Iterator[Note]:
    """Notes on limits that no value of the metric is beyond.

    No error: so a metric can be left out of the comparison.
    """
    for i, override in enumerate(overrides):
        limit = override.at_most
        if limit is None or is_token(limit):
            continue
        about = f"'{_ARGUMENT}[{i}].at_most' {limit:g}"
        if limit >= greatest_distance(override.metric):
            yield Note("limits", f"{about} is never violated: {describe_range(override.metric)}")
        elif override.metric == "DI" and limit >= LEAST_PERCENTAGE_OF_DI:
            yield Note("limits", f"{about} is hardly ever violated: {as_fraction(limit)}, if that is meant")


def given_limits_without_effect(document: Any) -> list[str]:
    """What is said of limits in a given constraints file that no value of their metric is beyond.

    Args:
        document: The content of the file, whose form nobody has checked.
    """
    found = []
    for stage in ("pre_training_bias_metrics", "post_training_bias_metrics"):
        for facet, groups in _members(_members(_members(document).get(stage)).get("facets")).items():
            metrics = [metric for group in _objects(groups) for metric in _objects(group.get("metrics"))]
            for metric in metrics:
                name, limit = metric.get("name"), metric.get("value")
                if not isinstance(name, str) or not isinstance(limit, (int, float)):
                    continue
                if abs(limit) >= greatest_distance(name):
                    found.append(f"{name} {limit:g} of facet {facet!r} ({describe_range(name)})")
    return found


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, Sequence) else []


def _check_metric_computed(argument: str, override: BiasConstraint, monitoring: Mapping[str, Any] | None) -> None:
    if override.metric in OF_GROUPS and monitoring is not None and "group_variable" not in monitoring:
        must = f"be about another metric than {override.metric}, which needs a 'group_name' in 'bias_config'"
        raise InvalidValue(argument, must, override)


def _check_metric_suggested(argument: str, override: BiasConstraint, baselining: Mapping[str, Any]) -> None:
    stage = "pre_training" if override.metric in PRE_TRAINING else "post_training"
    metrics = baselining["methods"].get(f"{stage}_bias", {"methods": []})["methods"]
    if metrics != ALL and override.metric not in metrics and not is_token(override.metric) and not is_token(metrics):
        must = f"be about a metric of '{stage}_methods' in 'bias_config', {metrics}"
        raise InvalidValue(argument, must, override, f"add {override.metric} there, or remove it here")


def _to_document(argument: str, override: BiasConstraint, baselining: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {"Metric": override.metric, "AtMost": override.at_most}
    if override.facet is not None:
        document["Facet"] = _facet_name(f"{argument}.facet", override.facet, baselining)
    if override.facet_value is not None:
        path = f"{argument}.facet_value"
        document["FacetValue"] = _facet_value(path, override.facet_value, document["Facet"], baselining)
    return document


def _facet_name(argument: str, facet: str | int, config: Mapping[str, Any]) -> str:
    """The name of a facet in analysis.json."""
    header = _header(facet, config)
    if header is None:
        raise InvalidValue(argument, "be the facet's name: what an index counts is not known", facet)
    facets = [_header(facet_config["name_or_index"], config) for facet_config in config["facet"]]
    if header not in facets and None not in facets and not is_token(header) and not has_token(facets):
        raise InvalidValue(argument, f"be one of the facets {facets} of 'bias_config'", facet)
    return header


def _header(facet: str | int | float, config: Mapping[str, Any]) -> str | None:
    """The name of a facet; None: it is an index, and the headers are unknown or those of two data sets."""
    if isinstance(facet, str):
        return facet
    headers = config.get("headers")
    if not headers or is_token(headers) or "facet_dataset_uri" in config or not isinstance(facet, int):
        return None
    return str(headers[facet]) if facet < len(headers) else f"column {facet}"


def _facet_value(argument: str, value: str | float, facet: str, config: Mapping[str, Any]) -> str | float:
    """The value as the Lambda function finds it in analysis.json.

    A threshold, and several values together, have a notation of their own there: a string stands for itself.
    """
    matching = [candidate for candidate in config["facet"] if _header(candidate["name_or_index"], config) == facet]
    groups: list[Any] = [candidate.get("value_or_threshold") for candidate in matching]
    if is_token(value) or not groups or any(_is_unresolved(values) for values in groups):
        return value
    for first, *others in groups:
        if not others and (value in (first, str(first))):
            return first  # type: ignore[no-any-return]  # "40" is the threshold 40
        if isinstance(value, str) and (others or not isinstance(first, str)):
            return value
    remedy = "several values are one group: leave it out" if any(len(values) > 1 for values in groups) else ""
    raise InvalidValue(argument, f"be a value of facet {facet!r} in 'bias_config', one of {groups}", value, remedy)


def _is_unresolved(values: Any) -> bool:
    return values is None or is_token(values) or has_token(values)


def _as_text(value: object) -> str | None:
    """The value as text, which is the same for 1, 1.0 and "1"."""
    if isinstance(value, float) and value.is_integer() and not is_token(value):
        return str(int(value))
    return None if value is None else str(value)
