"""BiasConstraint: a limit of the user's own in place of a suggested constraint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Final

from .._validation import (
    InvalidType,
    InvalidValue,
    Validated,
    column,
    data_value,
    is_token,
    number,
    one_of,
    validated_by,
)
from .bias_metrics import (
    FAIR_VALUES,
    POST_TRAINING,
    PRE_TRAINING,
    as_fraction,
    describe_range,
    greatest_distance,
    is_percentage,
)

_PARITY_OF_DI: Final = FAIR_VALUES["DI"]
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
class BiasConstraint(Validated):
    """Your own limit for a bias metric, in place of the value that the baselining job suggests.

    An execution violates it if the metric is farther from 0: abs(value) > at_most. SageMaker
    [compares](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-violations.html)
    suggested values in the same way. A limit can be wider or narrower than the suggested one. It applies to both signs,
    and it cannot be a floor, such as DI >= 0.8.

    DI is 1 where groups are treated alike, but is measured from 0 like all other metrics. A limit of 1.25 allows the
    facet at most 1.25 times the others' rate, and does not limit how much lower the rate is. DPPL compares the same
    rates, and is 0 at parity.

    Args:
        metric: The metric's short name, like DPPL.
        at_most: How far from 0 the metric may be, at least 0. It is not in percent: with 1 for DPPL no execution is
            violated, which is warned of, and 10 is refused. Required.
        facet: The facet, as in `bias_config`. Default: every facet.
        facet_value: One group of the facet: its value or threshold as a number, as in `bias_config`, or a string as
            `value_or_threshold` has it in `analysis.json`. Default: every group of the facet.
        at_least: Refused, with the reason: SageMaker has no floors.

    Raises:
        ValueError: A value is invalid, such as a floor.
        TypeError: A value is of the wrong type, or missing.
    """

    _instead_of: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("maxvalue", "max", "limit", "value", "threshold"), "write at_most={value}"),
        **dict.fromkeys(("minvalue", "min"), f"{_NO_FLOOR}; for one, add an alarm with BiasMetricThreshold"),
        "facetname": "write facet={value}",
    }

    metric: str = field(metadata=validated_by(one_of(*PRE_TRAINING, *POST_TRAINING)))
    _: KW_ONLY
    # Without at_most and with at_least, the reason is to be heard: hence a default.
    at_most: float | None = field(default=None, metadata=validated_by(_distance))
    facet: str | int | None = field(default=None, metadata=validated_by(_facet, keeps_empty=True))
    facet_value: str | float | None = field(default=None, metadata=validated_by(data_value, keeps_empty=True))
    at_least: None = field(default=None, repr=False, metadata=validated_by(_floor, keeps_empty=True))

    def _check_together(self) -> None:
        if self.at_most is None:
            raise InvalidType("at_most", "be given", None)
        if self.facet_value is not None and self.facet is None:
            raise InvalidValue("facet", "be given with 'facet_value'", None, "say whose value it is")
        if self.metric == "DI" and not is_token(self.at_most) and self.at_most < _PARITY_OF_DI:
            must = f"be at least {_PARITY_OF_DI} for DI, its value where groups fare alike"
            raise InvalidValue("at_most", must, self.at_most, f"{_NO_FLOOR}; limit DPPL, which is 0 there")
        self._check_percentage(self.at_most)

    def _check_percentage(self, at_most: float) -> None:
        most = greatest_distance(self.metric)
        if not is_token(at_most) and at_most > most and is_percentage(at_most):
            must = f"be at most {most:.4g}, as {describe_range(self.metric)}"
            remedy = f"no execution could violate it; {as_fraction(at_most)}, or {most:.4g} for no limit"
            raise InvalidValue("at_most", must, at_most, remedy)
