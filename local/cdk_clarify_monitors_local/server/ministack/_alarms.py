"""The alarms of CloudWatch, evaluated as on AWS; MiniStack knows neither dimensions nor periods nor missing data."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._platform import Scope
from cdk_clarify_monitors_local.server.cloudwatch._alarm_state import AlarmRule, Verdict, evaluate
from cdk_clarify_monitors_local.server.ministack._private_names import CLOUDWATCH, private, replace
from cdk_clarify_monitors_local.server.ministack.accounts._scope import scoped

_NOT_EVALUATED = "clarify-local evaluates no alarms on metric math or anomaly detection."


class MiniStackAlarms:
    """`Alarms` of MiniStack.

    They are evaluated when a metric or an alarm is put, when somebody asks CloudWatch for something, and as the clock
    is moved.

    Args:
        clock: The clock they go by.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()

    def install(self) -> None:
        """Evaluate alarms in MiniStack's place."""
        replace(CLOUDWATCH, "_evaluate_alarm", self._evaluate)
        keep = private(CLOUDWATCH, "_evict_old_metrics")

        def before_each_request() -> None:
            keep()
            private(CLOUDWATCH, "_evaluate_all_alarms")()

        replace(CLOUDWATCH, "_evict_old_metrics", before_each_request)

    def next_moment(self, after: datetime, until: datetime) -> datetime | None:
        """Return the next moment at which an alarm may change its state, None if there is none until then."""
        start, end = after.timestamp(), until.timestamp()
        found = [
            moment
            for scope, alarm in self._all()
            for moment in self._moments(scope, alarm, start)
            if start < moment <= end
        ]
        return datetime.fromtimestamp(min(found), UTC) if found else None

    def evaluate(self) -> None:
        """Evaluate all alarms at the clock's time."""
        for scope, alarm in self._all():
            with scoped(scope):
                self._evaluate(alarm)

    def _all(self) -> Iterator[tuple[Scope, dict[str, Any]]]:
        for (account, region, _), alarm in private(CLOUDWATCH, "_alarms").all_items():
            yield Scope(account, region), alarm

    def _moments(self, scope: Scope, alarm: Mapping[str, Any], after: float) -> Iterator[int]:
        rule = AlarmRule.of(alarm)
        if rule is not None:
            with scoped(scope):
                points = _points(alarm)
            oldest = after - (rule.evaluation_range + 1) * rule.period
            for point in points:
                if point["Timestamp"] >= oldest:
                    yield from rule.moments(point["Timestamp"])

    def _evaluate(self, alarm: dict[str, Any]) -> None:
        """Evaluate an alarm of the current account and region, and tell if its state changes."""
        with self._lock:
            now, old = self._clock.timestamp(), alarm["StateValue"]
            verdict = _verdict(alarm, now)
            if verdict is None:
                alarm["StateReason"] = _NOT_EVALUATED
            if verdict is None or verdict.state == old:
                return
            alarm["StateValue"] = verdict.state
            alarm["StateReason"] = verdict.reason
            alarm["StateUpdatedTimestamp"] = alarm["StateTransitionedTimestamp"] = int(now)
        # Not under the lock: who is told may ask CloudWatch.
        private(CLOUDWATCH, "_record_history")(alarm["AlarmName"], old, verdict.state, verdict.reason)
        private(CLOUDWATCH, "_dispatch_alarm_actions")(alarm, old, verdict.state, verdict.reason)
        private(CLOUDWATCH, "_evaluate_parent_alarms")(alarm)


def _verdict(alarm: Mapping[str, Any], now: float) -> Verdict | None:
    rule = AlarmRule.of(alarm)
    if rule is None or not alarm.get("MetricName"):  # metric math
        return None
    periods: list[list[Mapping[str, Any]]] = [[] for _ in range(rule.evaluation_range)]
    for point in _points(alarm):
        ago = rule.period_of(point["Timestamp"], now)
        if ago is not None:
            periods[ago].append(point)
    values = [_statistic(alarm, points) for points in reversed(periods)]
    return evaluate(rule, values, alarm["StateValue"], now)


def _points(alarm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the data of exactly the metric that an alarm is about."""
    dimensions = private(CLOUDWATCH, "_dims_from_list")(alarm.get("Dimensions") or [])
    key = (alarm.get("Namespace"), alarm.get("MetricName"), private(CLOUDWATCH, "_dims_key")(dimensions))
    unit = alarm.get("Unit")
    found = list(private(CLOUDWATCH, "_metrics").get(key) or ())
    return found if unit is None else [point for point in found if point["Unit"] == unit]


def _statistic(alarm: Mapping[str, Any], points: list[Mapping[str, Any]]) -> float | None:
    statistics = private(CLOUDWATCH, "_calc_stats")(points)
    if not statistics:
        return None
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    value: float | None = private(CLOUDWATCH, "_stat_value")(statistics, name, points)
    return value
