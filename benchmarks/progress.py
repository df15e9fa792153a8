"""Tells what is being measured; a line of its own for each step where nobody watches."""

from __future__ import annotations

import sys
import time


class Progress:
    """A counter of steps, on standard error."""

    def __init__(self) -> None:
        self._title, self._steps, self._done = "", 0, 0
        self._started = time.monotonic()

    def start(self, title: str, steps: int) -> None:
        """Begin a part of it."""
        self._title, self._steps, self._done = title, steps, 0

    def step(self, what: str) -> None:
        """One step is done."""
        self._done += 1
        seconds = time.monotonic() - self._started
        text = f"{seconds:4.0f} s  {self._title} {self._done}/{self._steps}: {what}"
        end = "\n" if self._done == self._steps or not sys.stderr.isatty() else ""
        start = "\r\x1b[K" if sys.stderr.isatty() else ""
        print(f"{start}{text}", end=end, file=sys.stderr, flush=True)  # noqa: T201  what it is for
