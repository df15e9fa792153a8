"""What a Python app that raises has printed: where in the user's own files, and what."""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_BEGIN = "Traceback (most recent call last):"
_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+)(, in .*)?$')
# What the exception's text is followed by: the cdk command's own word on the app.
_END = re.compile(r": Subprocess exited with error ")
# Of files that are not the user's: of installed packages, and of Python itself.
_INSTALLED = re.compile(r"[/\\]((site|dist)-packages|lib[/\\]python\d\.\d+)[/\\]|^<")
_LIBRARY = "cdk_clarify_monitors"
# The library's errors say which argument is meant; the names of their private classes say nothing.
_PRIVATE = re.compile(r"^cdk_clarify_monitors\.[\w.]+: ")


@dataclass(frozen=True)
class PythonTraceback:
    """The last traceback of an output.

    Attributes:
        frames: The lines of the frames in the user's own files.
        file: The file of the innermost of them; None if there is none.
        line: The number of its line.
        error: The exception, as Python prints it.
    """

    frames: tuple[str, ...]
    file: str | None
    line: int
    error: str

    @property
    def message(self) -> str:
        """The exception in a line."""
        return " ".join(_PRIVATE.sub("", self.error).split())

    def place(self, folder: Path | None = None) -> str:
        """Return where it was raised, such as `app.py, line 17: `; nothing if that is in no file of the user's."""
        if self.file is None:
            return ""
        path, start = Path(self.file), folder or Path.cwd()
        shown = path.relative_to(start) if path.is_relative_to(start) else path
        return f"{shown}, line {self.line}: "


def last_traceback(printed: Sequence[str]) -> PythonTraceback | None:
    """Return the traceback that an output ends with, None if there is none."""
    begins = [number + 1 for number, line in enumerate(printed) if line == _BEGIN]
    # Of a file that is no Python, it prints no such heading.
    begins = begins or [number for number, line in enumerate(printed) if _FRAME.match(line)][:1]
    if not begins:
        return None
    lines = printed[begins[-1] :]
    size = next((number for number, line in enumerate(lines) if line and not line.startswith(" ")), len(lines))
    error: list[str] = []
    for line in lines[size:]:
        if _END.search(line):
            break
        error.append(line)
    if not error:
        return None
    kept: list[str] = []
    file, number = None, 0
    for frame in _frames(lines[:size]):
        match = _FRAME.match(frame[0])
        if match and _is_users(match["file"]):
            kept += frame
            file, number = match["file"], int(match["line"])
    return PythonTraceback(tuple(kept), file, number, "\n".join(error).rstrip())


def _is_users(file: str) -> bool:
    return _INSTALLED.search(file) is None and not any(map(Path(file).is_relative_to, _library()))


@functools.cache
def _library() -> tuple[str, ...]:
    """Return where the library lies, if it is installed beside this package, as in a checkout."""
    found = importlib.util.find_spec(_LIBRARY)
    return tuple(found.submodule_search_locations or ()) if found else ()


def _frames(lines: Sequence[str]) -> Iterator[list[str]]:
    frame: list[str] = []
    for line in lines:
        if line.startswith("  File ") and frame:
            yield frame
            frame = []
        frame.append(line)
    if frame:
        yield frame
