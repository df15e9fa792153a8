"""Tables that fit: no column breaks a word, and rows that are too wide for their terminal are lists of facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cdk_clarify_monitors_operations.terminal._wrapping import Wrapped

_GAP: Final = 2  # characters between columns
_LEGIBLE: Final = 20  # characters: a column is squeezed to these, not further


def table(
    console: Console, headings: Sequence[str], rows: Sequence[Sequence[Text]], numeric: Sequence[bool]
) -> RenderableType:
    """Return a table; if it does not fit into the console, the facts of each row.

    Args:
        console: Where it is printed.
        headings: The columns' headings.
        rows: The rows.
        numeric: Of each column, whether it has numbers, which are aligned right.
    """
    bold = [Text(heading, "bold") for heading in headings]
    lines = [
        [Wrapped(each, is_right=is_right) for each, is_right in zip(row, numeric, strict=True)] for row in (bold, *rows)
    ]
    widths = _widths(console, lines)
    if widths is None:
        parts: list[RenderableType] = []
        for row in rows:
            parts += [facts(console, list(zip(headings, row, strict=True))), Text()]
        return Group(*parts[:-1])
    drawn = Table(box=None, pad_edge=False, show_header=False)
    for width in widths:
        drawn.add_column(width=width)
    for line in lines:
        drawn.add_row(*line)
    return drawn


def _widths(console: Console, lines: Sequence[Sequence[Wrapped]]) -> list[int] | None:
    """Return the columns' widths, None if the columns do not fit side by side."""
    found = [
        [Measurement.get(console, console.options, each) for each in column] for column in zip(*lines, strict=True)
    ]
    widths = [max(each.maximum for each in column) for column in found]
    least = [
        max(min(width, _LEGIBLE), *(each.minimum for each in column))
        for width, column in zip(widths, found, strict=True)
    ]
    room = console.width - _GAP * (len(widths) - 1)
    if sum(least) > room:
        return None
    while (excess := sum(widths) - room) > 0:
        # The widest of those that can be squeezed, to the width of the next one.
        spare = [width if width > bound else 0 for width, bound in zip(widths, least, strict=True)]
        widest = spare.index(max(spare))
        next_one = max([least[widest], *(each for each in spare if each < spare[widest])])
        widths[widest] = max(next_one, widths[widest] - excess)
    return widths


def facts(console: Console, facts: Sequence[tuple[str, Text]]) -> RenderableType:
    """Return names and values side by side; where the names leave no room, one below the other."""
    longest = max((len(name) for name, _ in facts), default=0)
    if console.width < longest + _GAP + _LEGIBLE:
        return Group(
            *(part for name, value in facts for part in (Text(name, "dim"), Padding(Wrapped(value), (0, 0, 0, _GAP))))
        )
    grid = Table.grid(padding=(0, _GAP))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, value in facts:
        grid.add_row(name, Wrapped(value))
    return grid
