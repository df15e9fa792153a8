"""Offsets to an execution's time, such as `-PT1H`, and schedule expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cdk_clarify_monitors_operations._errors import InvalidChange

NOW: Final = "NOW"
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_OFFSET: Final = re.compile(r"([+-]?)P(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?")
_CRON: Final = re.compile(r"cron\(0 (\*|\d{1,2}(?:/\d{1,2})?) \? \* \* \*\)")


def parse_offset(text: object, name: str) -> timedelta:
    """Return the time of an offset.

    Raises:
        InvalidChange: It is none, or is in the future.
    """
    match = _OFFSET.fullmatch(text) if isinstance(text, str) else None
    if match is None or not any(match.groups()[1:]):
        raise InvalidChange(f"'{name}' must be an offset such as -PT1H or -P1D, got {text!r}")
    sign, *numbers = match.groups()
    days, hours, minutes, seconds = (int(number or 0) for number in numbers)
    offset = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if sign != "-" and offset:
        raise InvalidChange(f"'{name}' must not be after the execution: begin it with -, got {text!r}")
    return -offset


def check_window(start: str | None, end: str | None, start_name: str, end_name: str) -> timedelta | None:
    """Check that a window begins before it ends; returns its length if both are given.

    Raises:
        InvalidChange: It does not, or one of them is no offset.
    """
    begins = None if start is None else parse_offset(start, start_name)
    ends = None if end is None else parse_offset(end, end_name)
    if begins is None or ends is None:
        return None
    if begins >= ends:
        raise InvalidChange(f"'{start_name}' must be before '{end_name}', got {start!r} and {end!r}")
    return ends - begins


def check_day(start: str, end: str, start_name: str, end_name: str) -> None:
    """Check the window of a one-time execution: SageMaker analyses at most 24 hours.

    Raises:
        InvalidChange: It is longer, or does not begin before it ends.
    """
    length = check_window(start, end, start_name, end_name)
    if length is not None and length > _DAY:
        raise InvalidChange(f"'{start_name}' must be at most 24 hours before '{end_name}', got {start!r} and {end!r}")


def check_expression(expression: object) -> str:
    """Check a schedule expression as far as that is certain.

    Raises:
        InvalidChange: It is none.
    """
    if not isinstance(expression, str) or (expression != NOW and not re.fullmatch(r"cron\(.+\)", expression)):
        raise InvalidChange(
            f"'schedule_cron_expression' must be NOW or a cron expression such as cron(0 * ? * * *), got {expression!r}"
        )
    return expression


def due_hours(expression: str | None) -> Sequence[int]:
    """Return the hours of a day, in UTC, at which a schedule is due; none where the expression does not tell.

    Args:
        expression: `cron(0 * ? * * *)`: each hour, `cron(0 H ? * * *)`: each day, `cron(0 H/N ? * * *)`: every N hours
            from H on, each day anew. None: each hour. Others are not SageMaker's.
    """
    match = _CRON.fullmatch(expression or "cron(0 * ? * * *)")
    if match is None:
        return ()
    if match[1] == "*":
        return range(24)
    first, _, step = match[1].partition("/")
    if not step:
        return range(24)[int(first) : int(first) + 1]
    return range(int(first), 24, int(step)) if int(step) else ()


def period(expression: str | None) -> timedelta:
    """Return the longest time from one execution to the next; an hour where the expression does not tell."""
    hours = due_hours(expression)
    return max((_before(hours, hour) for hour in hours), default=_HOUR)


def _before(hours: Sequence[int], hour: int) -> timedelta:
    """Return the time that has passed at an hour at which a schedule is due since it was last due."""
    return next(ago * _HOUR for ago in range(1, 25) if (hour - ago) % 24 in hours)


def window(
    scheduled: datetime, schedule_config: Mapping[str, Any], job_input: Mapping[str, Any]
) -> tuple[datetime, datetime]:
    """Return the first and the last moment, exclusive, of the data that an execution analyses.

    Without offsets they are those since the schedule was last due.
    """
    expression = schedule_config.get("ScheduleExpression")
    start, end = job_input.get("StartTimeOffset"), job_input.get("EndTimeOffset")
    if expression == NOW:
        start = schedule_config.get("DataAnalysisStartTime", start)
        end = schedule_config.get("DataAnalysisEndTime", end)
    if start is None:
        hours, hour = due_hours(expression), scheduled.astimezone(UTC).hour
        begins = scheduled - (_before(hours, hour) if hour in hours else period(expression))
    else:
        begins = scheduled + parse_offset(start, "StartTimeOffset")
    ends = scheduled if end is None else scheduled + parse_offset(end, "EndTimeOffset")
    return begins, ends
