"""BiasMetricThreshold: the values of a bias metric at which an alarm goes off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Literal

from .._validation import (
    InvalidValue,
    Validated,
    column,
    data_value,
    integer,
    is_token,
    number,
    one_of,
    validated_by,
)
from .bias_metrics import (
    FAIR_VALUES,
    LEAST_PERCENTAGE_OF_DI,
    POST_TRAINING,
    PRE_TRAINING,
    RANGES,
    as_fraction,
    describe_range,
    is_percentage,
)


@dataclass(frozen=True)
class BiasMetricThreshold(Validated):
    """A lower or upper limit for a bias metric, or both, for an alarm and the lines on a graph.

    Unlike a `BiasConstraint`, an alarm compares the value with its sign, so it can have a floor, such as
    `min_value=0.8` for DI. It is independent of the constraints, and does not affect whether an execution finds
    violations.

    Args:
        metric: The metric's short name, like DPPL.
        min_value: The alarm goes off below this. Default: no limit.
        max_value: The alarm goes off above this. Default: no limit. Give at least one of the two. Neither is in
            percent; one that no value or the fair one is beyond is warned of.
        facet: The facet, as in the analysis config. Default: the monitor's only one.
        facet_value: Its value or threshold, as in the analysis config. Default: the facet's only one.
        label: The label, as in the analysis config. Default: the monitor's.
        label_value: Its value or threshold, as in the analysis config. Default: the label's only one.
        bias_stage: Whether the metric is about the data or about the predictions. Default: the stage that has the
            metric.
        evaluation_periods: How many of the latest executions count. Default: 1.
        datapoints_to_alarm: How many of them must be beyond the limit. Default: all.

    Raises:
        ValueError: There is no limit, the limits cross, one is in percent, or another value cannot work.
        TypeError: A value is of the wrong type.
    """

    _instead_of: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("atmost", "max", "limit", "threshold"), "write max_value={value}"),
        **dict.fromkeys(("atleast", "min"), "write min_value={value}"),
        "facetname": "write facet={value}",
    }

    metric: str = field(metadata=validated_by(one_of(*PRE_TRAINING, *POST_TRAINING)))
    _: KW_ONLY
    min_value: float | None = field(default=None, metadata=validated_by(number()))
    max_value: float | None = field(default=None, metadata=validated_by(number()))
    facet: str | int | None = field(default=None, metadata=validated_by(column, keeps_empty=True))
    facet_value: str | float | None = field(default=None, metadata=validated_by(data_value, keeps_empty=True))
    label: str | int | None = field(default=None, metadata=validated_by(column, keeps_empty=True))
    label_value: str | float | None = field(default=None, metadata=validated_by(data_value, keeps_empty=True))
    bias_stage: Literal["Pre-training", "Post-Training"] | None = field(
        default=None, metadata=validated_by(one_of("Pre-training", "Post-Training"))
    )
    evaluation_periods: int = field(default=1, metadata=validated_by(integer(1)))
    datapoints_to_alarm: int | None = field(default=None, metadata=validated_by(integer(1)))

    def _check_together(self) -> None:
        low, high = self.min_value, self.max_value
        if low is None and high is None:
            remedy = f"write BiasMetricThreshold({self.metric!r}, max_value=0.1), for instance"
            raise InvalidValue("max_value", "be given without 'min_value'", None, remedy)
        if low is not None and high is not None and not is_token(low) and not is_token(high) and low > high:
            remedy = "no value would be within the limits: exchange them"
            raise InvalidValue("max_value", f"not be below min_value {low!r}", high, remedy)
        for name, limit in (("min_value", low), ("max_value", high)):
            if limit is not None and not is_token(limit) and self.metric in RANGES:
                self._check_range(name, limit)
        needed, periods = self.datapoints_to_alarm, self.evaluation_periods
        if needed is not None and not is_token(needed) and not is_token(periods) and needed > periods:
            must = f"be at most the evaluation_periods, {periods}"
            raise InvalidValue("datapoints_to_alarm", must, needed, "an alarm looks at no more")

    def _check_range(self, name: str, limit: float) -> None:
        """Refuse a limit that each value is beyond, or none, and that is meant in percent."""
        least, most = RANGES[self.metric]
        must = f"be a value that the metric can have: {describe_range(self.metric)}"
        percent = f"; {as_fraction(limit)}" if is_percentage(limit) else ""
        if limit > most if name == "min_value" else limit < least:
            raise InvalidValue(name, must, limit, f"the alarm would always be on{percent}")
        if not least <= limit <= most and percent:
            raise InvalidValue(name, must, limit, f"the alarm would never go off{percent}")
        if self.metric == "DI" and name == "min_value" and limit >= LEAST_PERCENTAGE_OF_DI:
            must = "be a ratio, which is 1 for DI where groups fare alike"
            raise InvalidValue(name, must, limit, f"the alarm would always be on{percent}")

    def doubtful_limits(self) -> Iterator[str]:
        """Yield what is to be said of limits that may be meant but seldom are: of no effect, or beyond what is fair."""
        least, most = RANGES.get(self.metric, (None, None))
        fair = FAIR_VALUES.get(self.metric, 0)
        for name, limit, end in (("min_value", self.min_value, least), ("max_value", self.max_value, most)):
            if limit is None or end is None or is_token(limit):
                continue
            is_floor = name == "min_value"
            if limit <= end if is_floor else limit >= end:
                yield f"'{name}' {limit:g} never lets an alarm go off: {describe_range(self.metric)}"
            elif self.metric == "DI" and limit >= LEAST_PERCENTAGE_OF_DI:
                yield f"'{name}' {limit:g} hardly ever lets an alarm go off: {as_fraction(limit)}, if that is meant"
            elif limit > fair if is_floor else limit < fair:
                yield (
                    f"'{name}' {limit:g} lets the alarm go off at {fair}, where groups fare alike: "
                    f"{describe_range(self.metric)}; that is right only for a model that favours a group anyway"
                )

    def dimensions(self) -> dict[str, Any]:
        """The arguments of `metric_bias` in addition to the metric."""
        names = ("facet", "facet_value", "label", "label_value", "bias_stage")
        return {name: getattr(self, name) for name in names}
