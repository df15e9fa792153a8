"""Decides the state of an alarm by its datapoints.

Source: [how CloudWatch treats missing data](
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html), with the tables that the
tests go by.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

OK = "OK"
ALARM = "ALARM"
INSUFFICIENT_DATA = "INSUFFICIENT_DATA"

#: How many periods CloudWatch looks further back for datapoints in place of missing ones. AWS documents no more than an
#: example, with three evaluation periods and five that are looked at.
_FURTHER_BACK = 2
_MINUTE = 60

_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


@dataclass(frozen=True)
class AlarmRule:
    """When an alarm goes off, in the words of PutMetricAlarm.

    Attributes:
        period: In seconds.
        evaluation_periods: How many datapoints count.
        datapoints_to_alarm: How many of them have to be breaching.
        comparison_operator: How a datapoint is compared with the threshold.
        threshold: The threshold.
        treat_missing_data: `missing`, `ignore`, `breaching` or `notBreaching`.
    """

    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    comparison_operator: str
    threshold: float
    treat_missing_data: str = "missing"

    @classmethod
    def of(cls, alarm: Mapping[str, Any]) -> AlarmRule | None:
        """Return the rule of an alarm as DescribeAlarms has it; None for one of anomaly detection."""
        if alarm.get("ComparisonOperator") not in _COMPARISONS:
            return None
        periods = int(alarm["EvaluationPeriods"])
        return cls(
            int(alarm["Period"]),
            periods,
            int(alarm.get("DatapointsToAlarm") or periods),
            alarm["ComparisonOperator"],
            float(alarm["Threshold"]),
            alarm.get("TreatMissingData") or "missing",
        )

    @property
    def evaluation_range(self) -> int:
        """How many periods are looked at."""
        return self.evaluation_periods + _FURTHER_BACK

    @property
    def _resolution(self) -> int:
        return min(self.period, _MINUTE)

    def moments(self, timestamp: float) -> Iterator[int]:
        """Yield, in order, when a datapoint of this time appears, moves to an earlier period, and is too old."""
        for periods in range(self.evaluation_range + 1):
            yield int((timestamp + periods * self.period) // self._resolution) * self._resolution

    def period_of(self, timestamp: float, now: float) -> int | None:
        """Return how many periods ago something was, 0 for the latest; None if it is not looked at.

        Periods end with the minute, as on AWS, not with the hour or day: that of an hour ends at 10:17, say. The minute
        that has begun counts as over, so that a datapoint is seen at once.
        """
        left = self._end(now) - timestamp
        if left <= 0:
            return None
        ago = int(-(-left // self.period)) - 1
        return ago if ago < self.evaluation_range else None

    def start_of(self, periods_ago: int, now: float) -> int:
        """Return when a period began."""
        return self._end(now) - (periods_ago + 1) * self.period

    def _end(self, now: float) -> int:
        return (int(now // self._resolution) + 1) * self._resolution

    def is_breaching(self, value: float) -> bool:
        """Whether a datapoint is."""
        return _COMPARISONS[self.comparison_operator][0](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """The state of an alarm.

    Attributes:
        state: `OK`, `ALARM` or `INSUFFICIENT_DATA`.
        reason: Its StateReason.
    """

    state: str
    reason: str


def evaluate(rule: AlarmRule, values: Sequence[float | None], state: str, now: float = 0.0) -> Verdict:
    """Decide the state of an alarm.

    Args:
        rule: The alarm's rule.
        values: The datapoint of each period of the evaluation range, oldest first; None where it is missing.
        state: The state so far.
        now: The time, for the reason.
    """
    recent = list(enumerate(reversed(values)))
    used = [(ago, value) for ago, value in recent if value is not None][: rule.evaluation_periods]
    new = _state(rule, used, state)
    return Verdict(new, _reason(rule, used, new, now))


def _state(rule: AlarmRule, used: Sequence[tuple[int, float]], state: str) -> str:
    breaching = [ago for ago, value in used if rule.is_breaching(value)]
    missing = rule.evaluation_periods - len(used)
    needed = rule.datapoints_to_alarm
    if rule.treat_missing_data in ("breaching", "notBreaching"):
        filled = missing if rule.treat_missing_data == "breaching" else 0
        return ALARM if len(breaching) + filled >= needed else OK
    if len(breaching) >= needed:
        return ALARM
    if not missing or len(breaching) < len(used):
        return OK
    if rule.treat_missing_data == "ignore":
        return state
    if not used:
        return INSUFFICIENT_DATA
    # Too few datapoints, all of them breaching: it is an alarm once the oldest is so old that it would be one if the
    # missing ones were there. Until then AWS says only that it is none; staying as it is was inferred.
    return ALARM if breaching[-1] + 1 >= needed else state


def _reason(rule: AlarmRule, used: Sequence[tuple[int, float]], state: str, now: float) -> str:
    periods = rule.evaluation_periods
    if state == INSUFFICIENT_DATA:
        return f"Insufficient Data: {_count(periods, 'datapoint')} {_were(periods)} unknown."
    if not used:
        treated = "Breaching" if state == ALARM else "NonBreaching"
        none = f"Threshold Crossed: no datapoints were received for {_count(periods, 'period')}"
        return f"{none} and {_count(periods, 'missing datapoint')} {_were(periods)} treated as [{treated}]."
    alarming = state == ALARM
    chosen = [(ago, value) for ago, value in used if rule.is_breaching(value) == alarming] or used
    shown = ", ".join(f"{value} ({_moment(rule.start_of(ago, now))})" for ago, value in chosen)
    needed = rule.datapoints_to_alarm if alarming else periods - rule.datapoints_to_alarm + 1
    words = f"{_were(len(chosen))} {'' if alarming else 'not '}{_COMPARISONS[rule.comparison_operator][1]}"
    change = "OK -> ALARM" if alarming else "ALARM -> OK"
    return (
        f"Threshold Crossed: {len(chosen)} out of the last {periods} datapoints [{shown}] {words} the "
        f"threshold ({rule.threshold}) (minimum {_count(needed, 'datapoint')} for {change} transition)."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _moment(timestamp: float) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%d/%m/%y %H:%M:%S}"
