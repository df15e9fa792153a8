"""Text that is wrapped between words; a name that is longer than a line, after a slash, a hyphen or the like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

from cdk_clarify_monitors_operations.terminal._encoding import encodable

# A mark stays with the word behind it, also in the form that every encoding has.
_WORD = re.compile(r"(?:(?:[✓✗…•+*x]|\.\.\.) )?\S+\s*|\s+")
_PIECE = re.compile(r"[^\s/\-_,:]*[/\-_,:\s]+|[^\s/\-_,:]+")


class Wrapped:
    """A text for any width.

    Args:
        text: The text.
        indent: How far its lines but the first are indented.
        is_right: Whether its lines are aligned right.
    """

    def __init__(self, text: str | Text, *, indent: int = 0, is_right: bool = False) -> None:
        self._text = Text(text) if isinstance(text, str) else text
        self._indent = indent
        self._is_right = is_right

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield its lines."""
        number = 0
        for paragraph in encodable(self._text, options.encoding).split("\n", allow_blank=True):
            room = max(options.max_width - self._indent, 2)
            for line in paragraph.divide(_breaks(paragraph.plain, room)):
                line.rstrip()
                if self._is_right:
                    line.align("right", room)
                yield Text.assemble(" " * self._indent if number else "", line, no_wrap=True, overflow="ignore")
                number += 1

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Return the width of its longest piece and of its longest line."""
        plain = encodable(self._text, options.encoding).plain
        pieces = (cell_len(piece.rstrip()) for piece in _PIECE.findall(plain))
        lines = (cell_len(line) for line in plain.split("\n"))
        return Measurement(max(pieces, default=0) + self._indent, max(lines) + self._indent).with_maximum(
            options.max_width
        )


def shortened(text: str, width: int) -> str:
    """Return as much of a text as fits into a line, whole words or whole pieces of a name, and an ellipsis."""
    if cell_len(text) <= width:
        return text
    pieces = _PIECE.findall(text)
    while pieces and cell_len("".join(pieces)) + 1 > width:
        pieces.pop()
    return "".join(pieces) + "…"


def _breaks(text: str, width: int) -> list[int]:
    """Return the places where the lines of a text begin, but the first."""
    breaks, used, position = [], 0, 0
    for token in _tokens(text, width):
        if used and used + cell_len(token.rstrip()) > width:
            breaks.append(position)
            used = 0
        used += cell_len(token)
        position += len(token)
    return breaks


def _tokens(text: str, width: int) -> Iterator[str]:
    """Yield what stays together: words, or pieces of those that are longer than a line."""
    for word in _WORD.findall(text):
        if cell_len(word.rstrip()) <= width:
            yield word
            continue
        for piece in _PIECE.findall(word):
            if cell_len(piece.rstrip()) <= width:
                yield piece
            else:
                yield from chop_cells(piece, width)
