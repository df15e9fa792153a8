"""The alarms of a monitor: on its jobs, on executions that no longer come, and on limits of bias metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from .._config.bias_metric_threshold import BiasMetricThreshold
from .._lazy_module import LazyModule
from .._validation import (
    InvalidType,
    InvalidValue,
    Validated,
    boolean,
    instance_of,
    is_token,
    list_of,
    validated_by,
)

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from constructs import Construct
else:
    cloudwatch = LazyModule("aws_cdk.aws_cloudwatch")

# SageMaker starts an execution up to 20 minutes after it is due, and some take longer than others. In two periods of
# the schedule one has ended, however late it was.
_PERIODS_WITHOUT_EXECUTION: Final = 2
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
_HOUR: Final = 3600
_LONGEST_SPAN: Final = 7 * 24 * _HOUR
_LONGEST_SPAN_OF_SHORT_PERIODS: Final = 24 * _HOUR
_MAX_ACTIONS: Final = 5

# The actions of what alarms are often meant to reach, by the class of that.
_ACTIONS: Final = {"Function": "LambdaAction", "PythonFunction": "LambdaAction"}


def _action(argument: str, value: Any) -> Any:
    if not hasattr(type(value), "bind"):
        wrapper = _ACTIONS.get(type(value).__name__, "SnsAction")
        remedy = f"wrap it: aws_cloudwatch_actions.{wrapper}(…)"
        raise InvalidType(argument, "be a cloudwatch.IAlarmAction", value, remedy)
    return value


def alarm_period(argument: str, value: Any) -> cdk.Duration:
    """The rule for the period of an alarm."""
    if not isinstance(value, cdk.Duration):
        raise InvalidType(argument, "be a Duration", value, f"write {argument}=cdk.Duration.hours(1)")
    if value.is_unresolved():
        raise InvalidValue(argument, "be known at synthesis", value, "the CDK checks the periods of metrics")
    seconds = value.to_seconds(integral=False)
    if seconds < 60 or seconds % 60:
        raise InvalidValue(argument, "be one or more whole minutes", f"{seconds:g} seconds")
    _check_span(argument, seconds, _PERIODS_WITHOUT_EXECUTION)
    return value


def _check_span(argument: str, seconds: float, periods: float) -> None:
    """Refuse what PutMetricAlarm does: an alarm that looks back too far."""
    longest = _LONGEST_SPAN if seconds >= _HOUR else _LONGEST_SPAN_OF_SHORT_PERIODS
    if not is_token(periods) and seconds * periods > longest:
        must = f"span at most {longest // _HOUR // 24} days, with its period of {seconds:g} seconds"
        raise InvalidValue(argument, must, f"{periods} periods", "CloudWatch looks back no further")


#: What other interfaces call the arguments of `add_alarms`.
ALARM_ARGUMENTS: Final = {
    **dict.fromkeys(
        ("topic", "snstopic", "topics", "notify"), "write actions=[aws_cloudwatch_actions.SnsAction(topic)]"
    ),
    **dict.fromkeys(("action", "alarmaction", "alarmactions"), "write actions=[…]"),
    "okactions": "call add_ok_action(…) of what this returns",
}


@dataclass(frozen=True, kw_only=True)
class AlarmOptions(Validated):
    """What `add_alarms` is asked for; it documents the arguments."""

    violations: bool = field(default=True, metadata=validated_by(boolean))
    execution_failed: bool = field(default=True, metadata=validated_by(boolean))
    executions_stopped: bool | None = field(default=None, metadata=validated_by(boolean))
    bias_metrics: Sequence[BiasMetricThreshold] = field(
        default=(), metadata=validated_by(list_of(instance_of(BiasMetricThreshold), may_be_empty=True))
    )
    period: cdk.Duration | None = field(default=None, metadata=validated_by(alarm_period))
    actions: Sequence[cloudwatch.IAlarmAction] = field(
        default=(), metadata=validated_by(list_of(_action, may_be_empty=True, max_items=_MAX_ACTIONS))
    )

    def resolve_schedule(self, hours: int | None, *, runs_once: bool) -> tuple[cdk.Duration, bool]:
        """The period of alarms on executions, and whether one is to tell that they stopped coming.

        Args:
            hours: The time from one execution to the next; None: not known.
            runs_once: Whether there is one execution only.

        Raises:
            ValueError: An alarm on executions that stopped coming cannot work.
        """
        stopped = not runs_once if self.executions_stopped is None else self.executions_stopped
        if stopped and runs_once:
            remedy = "the schedule 'NOW' has one execution, so none would follow"
            raise InvalidValue("executions_stopped", "be left out", True, remedy)
        if stopped and hours is None and self.period is None:
            must = "be given where the time between two executions is not known at synthesis"
            remedy = "write period=cdk.Duration.days(1) for a daily schedule, or executions_stopped=False"
            raise InvalidValue("period", must, None, remedy)
        return self.period or cdk.Duration.hours(hours or 1), stopped


@dataclass(frozen=True)
class BiasMetricAlarms:
    """The alarms on one bias metric.

    Attributes:
        threshold: The limits.
        above_max: The alarm on values above `max_value`; None: there is no `max_value`.
        below_min: The alarm on values below `min_value`; None: there is no `min_value`.
    """

    threshold: BiasMetricThreshold
    above_max: cloudwatch.Alarm | None
    below_min: cloudwatch.Alarm | None


@dataclass(frozen=True)
class MonitorAlarms:
    """The alarms that `add_alarms` has created. Each is a construct of the CDK, and can have actions of its own.

    Attributes:
        violations: Goes off if an execution finds violations; None: not requested.
        execution_failed: Goes off if an execution fails or is stopped; None: not requested.
        executions_stopped: Goes off if no execution has completed for two to four periods of the schedule; None: not
            requested.
        bias_metrics: The alarms on bias metrics, in the order of the thresholds.
    """

    violations: cloudwatch.Alarm | None
    execution_failed: cloudwatch.Alarm | None
    executions_stopped: cloudwatch.Alarm | None
    bias_metrics: Sequence[BiasMetricAlarms]

    @property
    def all(self) -> Sequence[cloudwatch.Alarm]:
        """All of the alarms."""
        alarms = [self.violations, self.execution_failed, self.executions_stopped]
        for pair in self.bias_metrics:
            alarms += [pair.above_max, pair.below_min]
        return [alarm for alarm in alarms if alarm is not None]

    def add_alarm_action(self, *actions: cloudwatch.IAlarmAction) -> None:
        """Add actions to all alarms, for when they go off.

        Args:
            *actions: The actions, such as `aws_cloudwatch_actions.SnsAction(topic)`.

        Raises:
            TypeError: One of them is not an action.
        """
        _check_actions(actions)
        for alarm in self.all:
            alarm.add_alarm_action(*actions)

    def add_ok_action(self, *actions: cloudwatch.IAlarmAction) -> None:
        """Add actions to all alarms, for when they end.

        Args:
            *actions: The actions, such as `aws_cloudwatch_actions.SnsAction(topic)`.

        Raises:
            TypeError: One of them is not an action.
        """
        _check_actions(actions)
        for alarm in self.all:
            alarm.add_ok_action(*actions)


def _check_actions(actions: Sequence[Any]) -> None:
    for number, action in enumerate(actions):
        _action(f"actions[{number}]", action)


def _of_facet(threshold: BiasMetricThreshold) -> str:
    """Say of which group a metric is, as far as the threshold does."""
    if threshold.facet is None or is_token(threshold.facet):
        return ""
    has_value = threshold.facet_value is not None and not is_token(threshold.facet_value)
    return f" of {threshold.facet}{f' = {threshold.facet_value}' if has_value else ''}"


def _amount(limit: float) -> str:
    return "" if is_token(limit) else f" of {limit:g}"


def make_alarms(
    scope: Construct,
    monitor: str,
    options: AlarmOptions,
    *,
    execution_metrics: Mapping[str, Callable[[], cloudwatch.Metric]],
    bias_metrics: Sequence[cloudwatch.Metric],
) -> MonitorAlarms:
    """Make the alarms of a monitor.

    Args:
        scope: Where.
        monitor: What the descriptions call the monitor.
        options: What is asked for.
        execution_metrics: How to get the metrics of executions that are asked for, by what they count: `violated`,
            `failed`, `completed`.
        bias_metrics: The metrics of the thresholds.
    """
    factory = _AlarmFactory(scope, monitor, options.actions)

    def on_executions(id_: str, outcome: str, description: str, **arguments: Any) -> cloudwatch.Alarm | None:
        if outcome not in execution_metrics:
            return None
        return factory.on_executions(id_, execution_metrics[outcome](), description, **arguments)

    violations = on_executions("Violations", "violated", "Constraints are violated, in an execution of")
    failed = on_executions("ExecutionFailed", "failed", "A job failed or was stopped, in an execution of")
    stopped = on_executions(
        "ExecutionsStopped",
        "completed",
        "No execution has completed of late, of",
        comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluation_periods=_PERIODS_WITHOUT_EXECUTION,
        treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
    )
    pairs = [
        factory.on_limits(id_, threshold, metric)
        for threshold, metric, id_ in zip(options.bias_metrics, bias_metrics, _ids(options.bias_metrics), strict=True)
    ]
    return MonitorAlarms(violations, failed, stopped, tuple(pairs))


class _AlarmFactory:
    """Makes alarms of one monitor that do the same when they go off."""

    def __init__(self, scope: Construct, monitor: str, actions: Sequence[cloudwatch.IAlarmAction]) -> None:
        self._scope, self._monitor, self._actions = scope, monitor, actions

    def on_executions(
        self, id_: str, metric: cloudwatch.Metric, description: str, **arguments: Any
    ) -> cloudwatch.Alarm:
        defaults = {
            "comparison_operator": cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            "evaluation_periods": 1,
            "treat_missing_data": cloudwatch.TreatMissingData.NOT_BREACHING,
        }
        return self._make(id_, metric, f"{description} {self._monitor}", threshold=1, **{**defaults, **arguments})

    def on_limits(self, id_: str, threshold: BiasMetricThreshold, metric: cloudwatch.Metric) -> BiasMetricAlarms:
        above, below = (
            cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        )

        def on_limit(name: str, side: str, limit: float | None, comparison: Any) -> cloudwatch.Alarm | None:
            if limit is None:
                return None
            return self._make(
                f"{id_}{name}",
                metric,
                f"Bias metric {threshold.metric}{_of_facet(threshold)} is {side} its limit{_amount(limit)}, "
                f"in an execution of {self._monitor}",
                threshold=limit,
                comparison_operator=comparison,
                evaluation_periods=threshold.evaluation_periods,
                datapoints_to_alarm=threshold.datapoints_to_alarm,
                # What an execution found holds until the next one; that none comes is another alarm.
                treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
            )

        return BiasMetricAlarms(
            threshold,
            on_limit("AboveMax", "above", threshold.max_value, above),
            on_limit("BelowMin", "below", threshold.min_value, below),
        )

    def _make(self, id_: str, metric: cloudwatch.Metric, description: str, **arguments: Any) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self._scope,
            id_,
            metric=metric,
            alarm_description=description,
            # A name only if a dashboard of another region or account refers to the alarm.
            alarm_name=cdk.PhysicalName.GENERATE_IF_NEEDED,
            **arguments,
        )
        if self._actions:
            alarm.add_alarm_action(*self._actions)
        return alarm


def _ids(thresholds: Sequence[BiasMetricThreshold]) -> list[str]:
    """An id for each threshold: the metric, with a number from the second of the same metric on."""
    count: dict[str, int] = {}
    ids = []
    for threshold in thresholds:
        # A token's text is not the same in each synthesis.
        name = "Metric" if is_token(threshold.metric) else threshold.metric
        count[name] = count.get(name, 0) + 1
        ids.append(name if count[name] == 1 else f"{name}{count[name]}")
    return ids


def check_spans(thresholds: Sequence[BiasMetricThreshold], hours: float) -> None:
    """Refuse thresholds over more executions than an alarm can look at.

    Raises:
        ValueError: There is one.
    """
    for number, threshold in enumerate(thresholds):
        _check_span(f"bias_metrics[{number}].evaluation_periods", hours * _HOUR, threshold.evaluation_periods)
