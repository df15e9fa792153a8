"""What the graphs of a bias monitor show: metrics with their limits, and all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from .._config.bias_metric_threshold import BiasMetricThreshold
from .._config.bias_metrics import PRE_TRAINING
from .._spec.metric_dimensions import bias_dimensions, published_bias_metrics
from .._validation import InvalidType, InvalidValue, is_token
from .graphs import BaselineValue, Graph, Line, Series, items_at

_ARGUMENT: Final = "bias_metrics"
# Its values go up to infinity, which would flatten all others.
_ALONE: Final = "DI"

# The dimensions that tell a group, by the arguments that ask for them.
_GROUP: Final = {"facet": "Facet", "facet_value": "FacetValue", "label": "Label", "label_value": "LabelValue"}

Key = tuple[str, ...]


@dataclass(frozen=True)
class ConstraintLines:
    """What the executions of a monitor are compared with, as far as synthesis knows it.

    Attributes:
        limits: The limits in place of suggested constraints, as in `Custom::ClarifyBaseline`.
        baseline: The content of a given constraints file; empty: unknown.
        shown: The metrics whose baseline has a line in any case.
        is_computed: Whether the baselining job of the deployment computes it.
    """

    limits: Sequence[Mapping[str, Any]] = ()
    baseline: Mapping[str, Any] = field(default_factory=dict)
    shown: Sequence[str] = ()
    is_computed: bool = False

    def overrides(self, series: Series) -> Sequence[float]:
        """The limits of the user's own for a metric, which are distances from 0."""
        return [
            limit["AtMost"]
            for limit in self.limits
            if limit["Metric"] == series.label
            and limit.get("Facet") in (None, series.dimensions["Facet"])
            and str(limit.get("FacetValue")) in ("None", series.dimensions["FacetValue"])
            and not is_token(limit["AtMost"])
        ]

    def of(self, series: Series) -> Iterator[Line]:
        """The lines on the graph of a metric."""
        for limit in self.overrides(series):
            yield Line(limit, "constraint")
            if limit:
                yield Line(-limit, "constraint")
        if self.is_computed and series.label in self.shown:
            group = [(name, series.dimensions[name]) for name in ("Facet", "FacetValue")]
            yield Line(BaselineValue(series.label, (("Metric", series.label), *group)), "baseline")
        for value in self._baseline_values(series):
            yield Line(value, "baseline")

    def _baseline_values(self, series: Series) -> Iterator[float]:
        stage = "pre_training" if series.label in PRE_TRAINING else "post_training"
        groups = items_at(self.baseline, f"{stage}_bias_metrics", "facets", series.dimensions["Facet"])
        for group in groups:
            # CloudWatch and the file may write a threshold in two ways.
            if len(groups) == 1 or str(group.get("value_or_threshold")) == series.dimensions["FacetValue"]:
                for metric in items_at(group, "metrics"):
                    value = metric.get("value")
                    if metric.get("name") == series.label and isinstance(value, (int, float)):
                        yield value


def threshold_series(config: Mapping[str, Any] | None, thresholds: Sequence[BiasMetricThreshold]) -> list[Series]:
    """The metrics that thresholds are about.

    Args:
        config: The analysis config of the executions; None: unknown.
        thresholds: The thresholds.

    Raises:
        ValueError: A metric is not published, or is there twice, or its dimensions are not known.
        TypeError: A value is of the wrong type.
    """
    found: dict[Key, str] = {}
    series = []
    for number, threshold in enumerate(thresholds):
        argument = f"{_ARGUMENT}[{number}]"
        try:
            each = _series(config, threshold.metric, **threshold.dimensions())
        except (InvalidType, InvalidValue) as error:
            raise error.with_argument(f"{argument}.{error.argument}") from None
        if (key := _key(each)) in found:
            raise InvalidValue(argument, f"be about something else than {found[key]}", threshold, "join their limits")
        found[key] = argument
        series.append(each)
    return series


def limit_graphs(
    config: Mapping[str, Any] | None,
    thresholds: Sequence[BiasMetricThreshold],
    constraints: ConstraintLines,
) -> list[Graph]:
    """The graphs of the metrics that thresholds are about, one for each.

    Args:
        config: The analysis config of the executions; None: unknown.
        thresholds: The thresholds.
        constraints: What the executions are compared with.
    """
    pairs = zip(threshold_series(config, thresholds), thresholds, strict=True)
    return [_alone(series, [*_limits(threshold), *constraints.of(series)]) for series, threshold in pairs]


def all_graphs(
    config: Mapping[str, Any] | None,
    thresholds: Iterable[Sequence[BiasMetricThreshold]],
    constraints: ConstraintLines,
) -> list[Graph]:
    """The graphs of all metrics that a bias monitor publishes.

    Args:
        config: The analysis config of the executions; None: unknown.
        thresholds: What alarms go by, for each call that added some.
        constraints: What the executions are compared with.

    Raises:
        ValueError: It is not known which they are.
    """
    limited: dict[Key, tuple[Series, list[Line]]] = {}
    for some in thresholds:
        for series, threshold in zip(threshold_series(config, some), some, strict=True):
            limited.setdefault(_key(series), (series, []))[1].extend(_limits(threshold))
    shared: dict[str, list[Series]] = {}
    for series in _published(config, [series for series, _ in limited.values()]):
        key = _key(series)
        if key in limited or series.label in constraints.shown or constraints.overrides(series):
            limited.setdefault(key, (series, []))
        else:
            shared.setdefault(_title(series), []).append(series)
    alone = [_alone(series, [*lines, *constraints.of(series)]) for series, lines in limited.values()]
    return [*alone, *(Graph(title, series) for title, series in shared.items())]


def _published(config: Mapping[str, Any] | None, chosen: Sequence[Series]) -> Iterator[Series]:
    """All metrics that a monitor publishes.

    Args:
        config: The analysis config of the executions; None: unknown.
        chosen: The metrics that alarms watch. Where the config does not tell the dimensions of a facet's metrics, those
            of its chosen ones are taken.

    Raises:
        ValueError: Their dimensions are not known.
    """
    facets = [facet["name_or_index"] for facet in (config or {}).get("facet", ())]
    # The only one is found without its name, and an index is no name that CloudWatch would show.
    names = facets if len(facets) > 1 and all(isinstance(facet, str) for facet in facets) else [None]
    for name in names:
        for group in _groups(config, name, chosen):
            for metric in published_bias_metrics(config):
                yield _series(config, metric, **group)


def _groups(config: Mapping[str, Any] | None, facet: str | None, chosen: Sequence[Series]) -> list[dict[str, Any]]:
    """What to ask for, for each group of a facet: nothing but the facet, where the config tells the rest."""
    try:
        _series(config, "DPPL", facet=facet)
    except InvalidValue as error:
        own = [series.dimensions for series in chosen if facet in (None, series.dimensions["Facet"])]
        groups = dict.fromkeys(tuple(dimensions[name] for name in _GROUP.values()) for dimensions in own)
        if groups:
            return [dict(zip(_GROUP, values, strict=True)) for values in groups]
        about = "" if facet is None else f"facet={facet!r}, "
        example = f"BiasMetricThreshold('DPPL', {about}{error.argument}='…', max_value=0.1)"
        must = f"be given to 'add_alarms' before, as the '{error.argument}' in the metrics' dimensions is not known"
        remedy = f"write monitor.add_alarms(bias_metrics=[{example}]) with what CloudWatch shows, and all are shown"
        raise InvalidValue(_ARGUMENT, must, None, remedy) from None
    return [{"facet": facet}]


def _series(config: Mapping[str, Any] | None, metric: str, **asked: Any) -> Series:
    nothing = dict.fromkeys(("facet", "facet_value", "label", "label_value", "bias_stage"))
    return Series(f"bias_metric_{metric}", bias_dimensions(config, metric, **{**nothing, **asked}), metric)


def _key(series: Series) -> Key:
    return series.name, *series.dimensions.values()


def _title(series: Series) -> str:
    facet = f"{series.dimensions['Facet']} {series.dimensions['FacetValue']}"
    return f"{series.label if series.label == _ALONE else series.dimensions['BiasStage']}: {facet}"


def _alone(series: Series, lines: Sequence[Line]) -> Graph:
    facet = f"{series.dimensions['Facet']} {series.dimensions['FacetValue']}"
    return Graph(f"{series.label}: {facet}", [series], lines)


def _limits(threshold: BiasMetricThreshold) -> Iterator[Line]:
    if threshold.max_value is not None:
        yield Line(threshold.max_value, "max_value")
    if threshold.min_value is not None:
        yield Line(threshold.min_value, "min_value")
