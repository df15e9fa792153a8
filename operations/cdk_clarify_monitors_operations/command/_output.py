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

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cdk_clarify_monitors_operations._records import to_json

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
        self._out = _console(sys.stdout)
        self._err = _console(sys.stderr)

    # stdout

    def json(self, document: Any) -> None:
        """Print a JSON document."""
        sys.stdout.write(_json(document, indent=2) + "\n")

    def json_line(self, document: Any) -> None:
        """Print a JSON document in one line, at once."""
        sys.stdout.write(_json(document) + "\n")
        sys.stdout.flush()

    def line(self, text: str = "") -> None:
        """Print a line."""
        self._out.print(text, markup=False, soft_wrap=True)
        sys.stdout.flush()

    def status_line(self, status: str, text: str) -> None:
        """Print a line that begins with a status."""
        self._out.print(Text.assemble(cell(status), f" {text}"), soft_wrap=True)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Print a table; columns of numbers are aligned right."""
        kept = [list(row) for row in rows]
        table = Table(box=None, pad_edge=False, header_style="bold")
        for number, heading in enumerate(headings):
            numeric = any(isinstance(row[number], int | float | Decimal) for row in kept)
            table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
        for row in kept:
            table.add_row(*map(cell, row))
        self._print(table)

    def facts(self, facts: Iterable[tuple[str, Any]]) -> None:
        """Print names and values, without those that are None."""
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in facts:
            if value is not None:
                table.add_row(name, cell(value))
        self._print(table)

    def _print(self, table: Table) -> None:
        """Print a table without the blanks that fill up its last column."""
        with self._out.capture() as captured:
            self._out.print(table)
        sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
        sys.stdout.flush()

    # stderr

    def note(self, text: str) -> None:
        """Say something that is not what was asked for."""
        self._err.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def progress(self, what: str, *, is_long: bool = False) -> Iterator[Callable[[int, int], None]]:
        """Show on a terminal that something takes long; yields what tells how much of it is done.

        Args:
            what: What takes long.
            is_long: Whether a log shall have a line of it, too. Cron sends mail about each line.
        """
        if self._err.is_terminal:
            with self._err.status(Text(f"{what} …")) as status:
                yield lambda done, total: status.update(Text(f"{what} … {done} of {total}"))
        else:
            if is_long:
                self.note(f"{what} …")
            yield lambda done, total: None


def _json(document: Any, indent: int | None = None) -> str:
    # Other encodings, such as those of Windows, lack most characters.
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    return json.dumps(to_json(document), indent=indent, ensure_ascii=not is_unicode)


def _console(stream: Any) -> Console:
    console = Console(file=stream, highlight=False)
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
