"""When a monitoring schedule is due, by its expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

NOW = "NOW"

_CRON = re.compile(r"cron\(0 (\*|\d{1,2}(?:/\d{1,2})?) \? \* \* \*\)")
_HOUR = timedelta(hours=1)


def due_times(expression: str | None, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the moments at which a schedule is due, in order.

    Args:
        expression: `cron(0 * ? * * *)`: each hour, `cron(0 H ? * * *)`: each day, `cron(0 H/N ? * * *)`: every N hours
            from H on, each day anew. None: each hour. Others are not SageMaker's, and never due.
        after: The moments are later than this.
        until: They are not later than this.
    """
    hours = _hours(expression)
    moment = after.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR
    while moment <= until:
        if moment.hour in hours:
            yield moment
        moment += _HOUR


def _hours(expression: str | None) -> range | tuple[int, ...]:
    match = _CRON.fullmatch(expression or "cron(0 * ? * * *)")
    if match is None:
        return ()
    if match[1] == "*":
        return range(24)
    first, _, step = match[1].partition("/")
    if not step:
        return (int(first),)
    return range(int(first), 24, int(step)) if int(step) else ()
