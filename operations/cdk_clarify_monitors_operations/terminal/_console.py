"""The streams of a command: lines for people, as wide as their terminal."""

from __future__ import annotations

import os
from typing import Final

from rich.console import Console
from rich.text import Text

from cdk_clarify_monitors_operations.terminal._encoding import encodable
from cdk_clarify_monitors_operations.terminal._wrapping import Wrapped

# A spinner of the characters that every encoding has.
_PLAIN_SPINNER: Final = "line"


def console(*, stderr: bool = False) -> Console:
    """Return a stream's console. A pipe, and a terminal with NO_COLOR, gets text only."""
    return Console(stderr=stderr, highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")


def say(console: Console, text: str | Text, style: str | None = None, *, indent: int = 0) -> None:
    """Print a text. On a terminal it is wrapped between words; in a file or a pipe, each line stays one.

    Args:
        console: Where to.
        text: The text.
        style: Its style.
        indent: How far the lines are indented that a line is wrapped into.
    """
    if console.is_terminal or (not console.stderr and "COLUMNS" in os.environ):
        console.print(Wrapped(text, indent=indent), style=style)
    else:
        plain = encodable(Text(text) if isinstance(text, str) else text, console.encoding)
        console.print(plain, style=style, soft_wrap=True)


def has_live_line(console: Console) -> bool:
    """Whether a line of the console can be written again and again: not in a file or a pipe, and not in CI."""
    return console.file.isatty() and not console.is_dumb_terminal and not os.environ.get("CI")


def spinner_of(console: Console) -> str:
    """Return the name of a spinner that the console's encoding can show."""
    return "dots" if console.encoding.startswith("utf") else _PLAIN_SPINNER
