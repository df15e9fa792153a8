"""Offsets to an execution's time, such as `-PT1H`, and schedule expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cdk_clarify_monitors_operations._errors import InvalidChange

NOW: Final = "NOW"
_DAY: Final = timedelta(days=1)
_OFFSET: Final = re.compile(r"([+-]?)P(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?")
_CRON: Final = re.compile(r"cron\(0 (\*|\d{1,2}(?:/(\d{1,2}))?) \? \* \* \*\)")


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


def period(expression: str | None) -> timedelta:
    """Return the time from one execution to the next; an hour where the expression does not tell."""
    match = _CRON.fullmatch(expression or "")
    if match is None or match[1] == "*":
        return timedelta(hours=1)
    return timedelta(hours=int(match[2])) if match[2] and int(match[2]) else _DAY


def window(
    scheduled: datetime, schedule_config: Mapping[str, Any], job_input: Mapping[str, Any]
) -> tuple[datetime, datetime]:
    """Return the first and the last moment, exclusive, of the data that an execution analyses."""
    expression = schedule_config.get("ScheduleExpression")
    start, end = job_input.get("StartTimeOffset"), job_input.get("EndTimeOffset")
    if expression == NOW:
        start = schedule_config.get("DataAnalysisStartTime", start)
        end = schedule_config.get("DataAnalysisEndTime", end)
    begins = scheduled - period(expression) if start is None else scheduled + parse_offset(start, "StartTimeOffset")
    ends = scheduled if end is None else scheduled + parse_offset(end, "EndTimeOffset")
    return begins, ends
