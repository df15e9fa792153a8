"""When a monitor runs: CronExpressionGenerator, and the check of a schedule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from .._validation import InvalidType, InvalidValue, Validator, integer, is_token, text
from .monitoring_kind import MonitoringKind

_NOW: Final = "NOW"
_HOUR: Final = "0?[0-9]|1[0-9]|2[0-3]"
_CRON: Final = re.compile(rf"cron\(0 (?:\*|(?P<hour>{_HOUR})(?:/(?P<interval>0?[1-9]|1[0-9]|2[0-4]))?) \? \* \* \*\)")
_DURATION: Final = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<days>\d{1,6})D)?(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,6})S)?)?"
)


def _hours(least: int, most: int) -> Validator:
    """A number of hours, also in a string, where it may have a leading zero."""

    def rule(argument: str, value: object) -> object:
        if isinstance(value, float) and is_token(value):
            # In a string the CDK finds only tokens that are strings themselves.
            raise InvalidType(argument, "be an integer or a string", value, "make it a string with cdk.Token.as_string")
        if not isinstance(value, str):
            return integer(least, most)(argument, value)
        if not is_token(value) and not (re.fullmatch("[0-9]{1,2}", value) and least <= int(value) <= most):
            raise InvalidValue(argument, f"be a number from {least} to {most}", value)
        return value

    return rule


_HOUR_OF_DAY: Final = _hours(0, 23)
_INTERVAL: Final = _hours(1, 24)


class CronExpressionGenerator:
    """Generates the schedule expressions that SageMaker accepts."""

    @staticmethod
    def hourly() -> str:
        """Every hour."""
        return "cron(0 * ? * * *)"

    @staticmethod
    def daily(hour: int | str = 0) -> str:
        """Every day at one hour (UTC).

        Args:
            hour: The hour, 0 to 23.

        Raises:
            ValueError: There is no such hour.
            TypeError: It is neither an integer nor a string.
        """
        return f"cron(0 {_HOUR_OF_DAY('hour', hour)} ? * * *)"

    @staticmethod
    def daily_every_x_hours(hour_interval: int | str, starting_hour: int | str = 0) -> str:
        """Every few hours of a day (UTC).

        Args:
            hour_interval: The hours between two executions, 1 to 24.
            starting_hour: The hour of the first execution, 0 to 23.

        Raises:
            ValueError: There is no such hour or interval.
            TypeError: One of them is neither an integer nor a string.
        """
        interval = _INTERVAL("hour_interval", hour_interval)
        return f"cron(0 {_HOUR_OF_DAY('starting_hour', starting_hour)}/{interval} ? * * *)"

    @staticmethod
    def now() -> str:
        """Once, as soon as possible."""
        return _NOW


def validate_schedule_expression(argument: str, value: object) -> str:
    """The rule for an expression of `CronExpressionGenerator`, however it was made."""
    expression: str = text(max_length=256)(argument, value)
    if expression != _NOW and not is_token(expression) and _CRON.fullmatch(expression) is None:
        remedy = (
            "SageMaker takes cron(0 * ? * * *), cron(0 H ? * * *), cron(0 H/N ? * * *) with H 0-23 and N 1-24, and NOW"
        )
        raise InvalidValue(argument, "be a schedule of CronExpressionGenerator", expression, remedy)
    return expression


def check_schedule(
    *,
    schedule_cron_expression: str | None,
    data_analysis_start_time: str | None,
    data_analysis_end_time: str | None,
    max_runtime_in_seconds: int | None,
    kind: MonitoringKind,
) -> None:
    """Refuse arguments of which each is right but SageMaker refuses them together.

    Without an expression SageMaker runs the monitor daily, at a time of its choice, and there is no place for analysis
    times: they are checked and, as by the SDK, not sent.

    Args:
        schedule_cron_expression: An expression of `CronExpressionGenerator`. Default: daily.
        data_analysis_start_time: Where an execution's data begins, relative to its schedule, such as `-PT2H`.
        data_analysis_end_time: Where it ends.
        max_runtime_in_seconds: How long an execution may take.
        kind: The kind of monitor.

    Raises:
        ValueError: Two of them do not go together.
    """
    times = {"data_analysis_start_time": data_analysis_start_time, "data_analysis_end_time": data_analysis_end_time}
    _check_window(times)
    if schedule_cron_expression == _NOW:
        for name, value in times.items():
            if value is None:
                raise InvalidValue(name, "be given with the schedule 'NOW'", None, "give both, such as -PT2H and -PT1H")
    elif schedule_cron_expression is not None and not is_token(schedule_cron_expression):
        _check_runtime(schedule_cron_expression, max_runtime_in_seconds, kind)


def hours_between_executions(schedule_cron_expression: str | None) -> int:
    """The hours from one execution to the next.

    A single execution counts as a daily one, as it has the data of a day at most. A token counts as hourly.

    Args:
        schedule_cron_expression: An expression of `CronExpressionGenerator`. None: daily.
    """
    if schedule_cron_expression is None or schedule_cron_expression == _NOW:
        return 24
    parsed = _CRON.fullmatch(schedule_cron_expression)
    if parsed is None or parsed[0].startswith("cron(0 *"):
        return 1
    return int(parsed["interval"] or 24)


def runs_once(schedule_cron_expression: str | None) -> bool:
    """Whether a schedule has one execution only."""
    return schedule_cron_expression == _NOW


def _check_runtime(expression: str, max_runtime: int | None, kind: MonitoringKind) -> None:
    hours = hours_between_executions(expression)
    longest = kind.longest_hourly_execution if hours == 1 else hours * 3600
    if max_runtime is not None and not is_token(max_runtime) and max_runtime > longest:
        remedy = "SageMaker does not let an execution run into the next one"
        raise InvalidValue("max_runtime_in_seconds", f"be at most {longest} with {expression}", max_runtime, remedy)


def _check_window(times: Mapping[str, str | None]) -> None:
    check_offsets(times)
    (start_name, start), (end_name, end) = times.items()
    begins, ends = _offset(start), _offset(end)
    if begins is not None and ends is not None and ends - begins > timedelta(hours=24):
        raise InvalidValue(end_name, f"be at most 24 hours after {start_name} {start!r}", end)


def check_offsets(offsets: Mapping[str, str | None]) -> None:
    """Refuse a window of data that ends before it begins, or is in the future of the execution.

    Args:
        offsets: Where the data begin and end, relative to the execution, by argument.

    Raises:
        ValueError: No execution would find data there.
    """
    for name, value in offsets.items():
        if (offset := _offset(value)) is not None and offset > timedelta(0):
            remedy = f"write {'-' + str(value).lstrip('+')!r} for data before it"
            raise InvalidValue(name, "not be after the execution, which has no data of the future", value, remedy)
    (start_name, start), (end_name, end) = offsets.items()
    begins, ends = _offset(start), _offset(end)
    if begins is not None and ends is not None and ends < begins:
        raise InvalidValue(end_name, f"not be before {start_name} {start!r}", end)


def uncovered(schedule_cron_expression: str | None, start: str | None, end: str | None) -> str:
    """What is said of offsets that leave out data between two executions; empty: they do not, or it is not known.

    Args:
        schedule_cron_expression: An expression of `CronExpressionGenerator`. None: daily.
        start: Where an execution's data begin, relative to it. None: where the schedule was last due.
        end: Where they end. None: at the execution.
    """
    expression = schedule_cron_expression
    parsed = None if expression is None else _CRON.fullmatch(expression)
    begins, ends = _offset(start), _offset(end)
    is_unknown = (start is not None and begins is None) or (end is not None and ends is None)
    if (start is None and end is None) or is_unknown or (expression is not None and parsed is None):
        return ""
    period = _longest_gap(parsed)
    length = (ends or timedelta(0)) - (-period if begins is None else begins)
    if length <= timedelta(0):
        return "the data of no time at all"
    return (
        f"the data of {_in_words(length)}, though up to {_in_words(period)} are between two" if length < period else ""
    )


def _longest_gap(parsed: re.Match[str] | None) -> timedelta:
    """The longest time between two executions: those of every few hours begin anew each day."""
    if parsed is None:
        return timedelta(hours=24)
    if parsed["hour"] is None:
        return timedelta(hours=1)
    hours = [*range(int(parsed["hour"]), 24, int(parsed["interval"] or 24))]
    return timedelta(hours=max(later - hour for hour, later in zip(hours, [*hours[1:], hours[0] + 24], strict=True)))


def _in_words(time: timedelta) -> str:
    hours = time / timedelta(hours=1)
    return f"{hours:g} hour{'' if hours == 1 else 's'}"


def _offset(value: str | None) -> timedelta | None:
    """A duration of days, hours, minutes and seconds; None if it is made of something else."""
    parsed = _DURATION.fullmatch(value or "")
    if parsed is None:
        return None
    units = {unit: int(count or 0) for unit, count in parsed.groupdict().items() if unit != "sign"}
    return timedelta(**units) * (-1 if parsed["sign"] == "-" else 1)
