"""Characters that a stream's encoding lacks: others that say the same in their place, or their escapes."""

from __future__ import annotations

import codecs
import io
import sys
from typing import Final

from rich.text import Text

_HANDLER: Final = "clarify-plain"

# The marks and signs that the commands write.
_PLAIN: Final = {
    "✓": "+",
    "✗": "x",
    "•": "*",
    "█": "#",
    "▲": "^",
    "▼": "v",
    "…": "...",
    "∞": "Infinity",
    "√": "sqrt ",
    "→": "->",
    "≥": ">=",
    "≤": "<=",
    "±": "+/-",
    "✨": "*",
    "❌": "x",
    "‣": ">",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
}


def encodable(text: Text, encoding: str) -> Text:
    """Return a text as a stream of this encoding can show it; before it is laid out, since its length may change."""
    if encoding.startswith("utf"):
        return text
    lacking = [place for place, character in enumerate(text.plain) if _is_lacking(character, encoding)]
    if not lacking:
        return text
    found = Text()
    for part in text.divide(sorted({0, *lacking, *(place + 1 for place in lacking)} - {len(text.plain)})):
        if len(part.plain) == 1 and _is_lacking(part.plain, encoding):
            part.plain = _replacement(part.plain)
        found.append_text(part)
    return found


def replace_lacking_characters() -> None:
    """Let both streams of this process write what their encodings lack, in place of failing."""
    codecs.register_error(_HANDLER, _handle)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def _is_lacking(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def _replacement(character: str) -> str:
    return _PLAIN.get(character) or character.encode("ascii", "backslashreplace").decode()


def _handle(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 (only written streams have this handler)
    return "".join(map(_replacement, error.object[error.start : error.end])), error.end
