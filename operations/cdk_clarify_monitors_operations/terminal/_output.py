"""Prints: tables for people, JSON for programs on stdout; everything else on stderr."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from rich.console import Console, RenderableType
from rich.text import Text

from cdk_clarify_monitors_operations._records import to_json
from cdk_clarify_monitors_operations.terminal import _tables
from cdk_clarify_monitors_operations.terminal._console import console, say, spinner_of

# Wider than any line: what goes into a file or a pipe is not wrapped.
_NO_LIMIT: Final = 100_000

_SMALL: Final = 0.00005

_STYLES: Final = {
    "Scheduled": "green",
    "Completed": "green",
    "OK": "green",
    "CompletedWithViolations": "yellow",
    "Stopped": "yellow",
    "warning": "yellow",
    "Failed": "red",
    "InAlert": "red",
    "error": "red",
}


class Output:
    """The streams of a call. Colours are for terminals, unless NO_COLOR is set."""

    def __init__(self, *, json: bool) -> None:
        self.is_json = json
        self._out, self._err = _unlimited(console()), _unlimited(console(stderr=True))

    # stdout

    def json(self, document: Any) -> None:
        """Print a JSON document."""
        sys.stdout.write(_json(document, indent=2) + "\n")

    def json_line(self, document: Any) -> None:
        """Print a JSON document in one line, at once."""
        sys.stdout.write(_json(document) + "\n")
        sys.stdout.flush()

    def line(self, text: str | Text = "", *, indent: int = 0) -> None:
        """Print a line.

        Args:
            text: The line.
            indent: How far the lines are indented that a terminal needs for the rest of it.
        """
        say(self._out, text, indent=indent)
        sys.stdout.flush()

    def verbatim(self, text: str) -> None:
        """Print a line as it is, in one piece: a place that will be copied, or a line of a log."""
        self._out.print(text, markup=False, soft_wrap=True)
        sys.stdout.flush()

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Print a table; columns of numbers are aligned right."""
        kept = [list(row) for row in rows]
        numeric = [
            any(isinstance(row[number], int | float | Decimal) for row in kept) for number, _ in enumerate(headings)
        ]
        self._print(_tables.table(self._out, headings, [[cell(value) for value in row] for row in kept], numeric))

    def facts(self, facts: Iterable[tuple[str, Any]]) -> None:
        """Print names and values, without those that are None."""
        self._print(_tables.facts(self._out, [(name, cell(value)) for name, value in facts if value is not None]))

    def _print(self, printed: RenderableType) -> None:
        """Print a table without the blanks that fill up its last column."""
        with self._out.capture() as captured:
            self._out.print(printed)
        sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
        sys.stdout.flush()

    # stderr

    def note(self, text: str) -> None:
        """Say something that is not what was asked for."""
        say(self._err, text)

    @contextmanager
    def progress(self, what: str, *, is_long: bool = False) -> Iterator[Callable[[int, int], None]]:
        """Show on a terminal that something takes long; yields what tells how much of it is done.

        Args:
            what: What takes long.
            is_long: Whether a log shall have a line of it, too. Cron sends mail about each line.
        """
        if self._err.is_terminal:
            with self._err.status(Text(f"{what} …"), spinner=spinner_of(self._err)) as status:
                yield lambda done, total: status.update(Text(f"{what} … {done} of {total}"))
        else:
            if is_long:
                self.note(f"{what} …")
            yield lambda done, total: None


def _json(document: Any, indent: int | None = None) -> str:
    # Other encodings, such as those of Windows, lack most characters.
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    return json.dumps(to_json(document), indent=indent, ensure_ascii=not is_unicode)


def _unlimited(console: Console) -> Console:
    if not console.is_terminal:
        console.width = _NO_LIMIT
    return console


def cell(value: Any) -> Text:
    """Return a value as people read it: times to the minute, in UTC; statuses coloured."""
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, datetime):
        return Text(f"{value:%Y-%m-%d %H:%M}")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, float):
        return Text(_number(value))
    text = str(value)
    return Text(text, style=_STYLES.get(text, ""))


def _number(value: float) -> str:
    """Return four digits behind the point; small numbers, which these would hide, in full."""
    if not math.isfinite(value):
        return str(to_json(value))
    return f"{value:.2e}" if 0 < abs(value) < _SMALL else f"{value:.4f}"
