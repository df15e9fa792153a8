"""The clock of the embedded SageMaker, which its user may move."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """Dates what SageMaker does. It goes as fast as real time, and can be moved forward.

    S3, STS, IAM and CloudFormation stay on real time: signatures and sessions are checked against that.

    Args:
        start: What it shows first, with a time zone. Default: the real time.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._ahead = timedelta(0) if start is None else start - datetime.now(UTC)

    def now(self) -> datetime:
        """Return the time it shows, in UTC."""
        return datetime.now(UTC) + self._ahead

    def timestamp(self) -> float:
        """Return the time it shows, as SageMaker's API spells it: in seconds since 1970."""
        return self.now().timestamp()

    def advance(self, by: timedelta) -> None:
        """Move it forward.

        Raises:
            ValueError: `by` is negative: what has happened would lie in the future.
        """
        if by < timedelta(0):
            raise ValueError(f"The clock goes forward only, not by {by}.")
        with self._lock:
            self._ahead += by
