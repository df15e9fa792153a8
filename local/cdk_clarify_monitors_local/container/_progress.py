"""What the container says while it works; SageMaker sends it to CloudWatch Logs."""

from __future__ import annotations

import time

_EVERY = 2.0  # seconds between two lines about the progress
_BAR = 20  # characters


def say(message: str) -> None:
    """Print a line at once."""
    print(message, flush=True)  # noqa: T201


class Progress:
    """Shows how far a long calculation is: a line with a bar every other second.

    Args:
        what: The calculation's name.
        total: How many steps it has.
        unit: What a step is, in the plural.
    """

    def __init__(self, what: str, total: int, unit: str) -> None:
        self._what = what
        self._total = total
        self._unit = unit
        self._done = 0
        self._started = self._said = time.monotonic()

    def advance(self) -> None:
        """Count a step."""
        self._done += 1
        now = time.monotonic()
        if now - self._said >= _EVERY or self._done == self._total:
            self._said = now
            say(self._line(now - self._started))

    def _line(self, seconds: float) -> str:
        share = self._done / self._total
        filled = int(share * _BAR)
        bar = "█" * filled + "░" * (_BAR - filled)
        told = f"in {seconds:.1f} s" if share == 1 else f"about {seconds / share - seconds:.0f} s left"
        return f"{self._what} {bar} {self._done} of {self._total} {self._unit}, {told}"
