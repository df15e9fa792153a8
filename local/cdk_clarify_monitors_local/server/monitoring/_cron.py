"""When a monitoring schedule is due, by its expression."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cdk_clarify_monitors_operations.definitions._time_offsets import due_hours

_HOUR = timedelta(hours=1)


def due_times(expression: str | None, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the moments at which a schedule is due, in order.

    Args:
        expression: The schedule's. None: each hour. One that is not SageMaker's is never due.
        after: The moments are later than this.
        until: They are not later than this.
    """
    hours = due_hours(expression)
    moment = after.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR
    while moment <= until:
        if moment.hour in hours:
            yield moment
        moment += _HOUR
