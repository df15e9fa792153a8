"""Evaluation of the JMESPath expressions that are plain paths: keys, with or without projections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

_PLAIN_PATH: Final = re.compile(r"(?:[A-Za-z_]\w*|\[\*?\])(?:\.[A-Za-z_]\w*|\[\*?\])*")


def header_index_of(expression: object, headers: Sequence[str]) -> int | None:
    """The index of the header that equals a JMESPath expression or its last key; None: none does."""
    for name in (expression, (path_steps(expression) or ("",))[-1]):
        if name in headers:
            return headers.index(str(name))
    return None


def find_by_path(content: Any, expression: object) -> Any:
    """Evaluate a JMESPath expression; None: it finds nothing, or it is more than a plain path."""
    return value_at(content, path_steps(expression))


def path_steps(expression: object) -> tuple[str, ...] | None:
    """The keys of a JMESPath expression that is a plain path; None: it is something else."""
    if not isinstance(expression, str) or not _PLAIN_PATH.fullmatch(expression):
        return None
    return tuple(re.findall(r"\w+", expression))


def value_at(content: Any, steps: tuple[str, ...] | None) -> Any:
    """The value at a path; lists on the way are projected."""
    if steps is None:
        return None
    for step in steps:
        if isinstance(content, list):
            content = [item.get(step) for item in content if isinstance(item, dict)] or None
        else:
            content = content.get(step) if isinstance(content, dict) else None
    return content
