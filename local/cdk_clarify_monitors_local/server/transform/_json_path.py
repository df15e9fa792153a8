"""The part of JSONPath that batch transforms know.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html#data-processing-operators
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_STEP = re.compile(r"\.(?P<wildcard>\*)|\.(?P<name>[^.\[\]*'\"]+)|\.?\[(?P<bracket>(?:'[^']*'|\"[^\"]*\"|[^\]'\"])*)\]")
_NAMES = re.compile(r"""\s*('[^']*'|"[^"]*")\s*(,\s*('[^']*'|"[^"]*")\s*)*""")
_INDEX = re.compile(r"-?\d+")
_SLICE = re.compile(r"(-?\d+)?:(-?\d+)?")

#: Takes a value, returns what is selected of it.
_Step = Callable[[Any], Any]


class JsonPathError(ValueError):
    """A path that is none, or that leads nowhere in a document."""


class JsonPath:
    """A path into a document.

    Args:
        text: The path, e.g. `$.features` or `$[1:]`.

    Raises:
        JsonPathError: It is none, or not of the supported part.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        if not text.startswith("$"):
            raise JsonPathError(f"The JSONPath '{text}' does not begin with $.")
        # Each step, and whether it leads to several values, to each of which the next steps apply.
        self._steps: list[tuple[_Step, bool]] = []
        position = 1
        while position < len(text):
            match = _STEP.match(text, position)
            if match is None:
                raise JsonPathError(f"The JSONPath '{text}' is not supported from '{text[position:]}' on.")
            self._steps.append(self._step(match))
            position = match.end()

    @property
    def is_root(self) -> bool:
        """Whether it selects everything."""
        return not self._steps

    def select(self, document: Any) -> Any:
        """Return what the path leads to.

        Raises:
            JsonPathError: It leads nowhere.
        """
        return self._apply(document, 0)

    def _apply(self, value: Any, number: int) -> Any:
        if number == len(self._steps):
            return value
        step, is_several = self._steps[number]
        selected = step(value)
        if is_several and number + 1 < len(self._steps):
            return [self._apply(item, number + 1) for item in selected]
        return self._apply(selected, number + 1)

    def _step(self, match: re.Match[str]) -> tuple[_Step, bool]:
        if match["name"]:
            return self._member(match["name"].strip()), False
        bracket = (match["bracket"] or "*").strip()
        if bracket == "*":
            return self._all, True
        if _NAMES.fullmatch(bracket):
            names = [name[1:-1] for name in re.findall(r"'[^']*'|\"[^\"]*\"", bracket)]
            return (self._member(names[0]) if len(names) == 1 else self._members(names)), False
        parts = [part.strip() for part in bracket.split(",")]
        if not all(_INDEX.fullmatch(part) or (_SLICE.fullmatch(part) and ":" in part) for part in parts):
            raise JsonPathError(f"The JSONPath '{self._text}' is not supported at '[{bracket}]'.")
        if len(parts) == 1 and _INDEX.fullmatch(parts[0]):
            return (lambda value: self._item(value, int(parts[0]))), False
        return (lambda value: [item for part in parts for item in self._items(value, part)]), True

    def _member(self, name: str) -> _Step:
        def step(value: Any) -> Any:
            if not isinstance(value, Mapping) or name not in value:
                raise JsonPathError(f"The JSONPath '{self._text}' leads nowhere: there is no '{name}'.")
            return value[name]

        return step

    def _members(self, names: list[str]) -> _Step:
        steps = {name: self._member(name) for name in names}
        return lambda value: {name: step(value) for name, step in steps.items()}

    def _all(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return list(value.values())
        return self._list(value)

    def _items(self, value: Any, part: str) -> list[Any]:
        if _INDEX.fullmatch(part):
            return [self._item(value, int(part))]
        items = self._list(value)
        first, _, last = part.partition(":")
        start = int(first) if first else 0
        # The documentation counts the last one in: `$[1:4]` "specifies the second through fifth columns".
        end = int(last) if last else len(items) - 1
        return items[start : len(items) + end + 1 if end < 0 else end + 1]

    def _item(self, value: Any, index: int) -> Any:
        items = self._list(value)
        if not -len(items) <= index < len(items):
            raise JsonPathError(
                f"The JSONPath '{self._text}' leads nowhere: there is no index {index} among {len(items)} values."
            )
        return items[index]

    def _list(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise JsonPathError(f"The JSONPath '{self._text}' leads nowhere: an index needs a list.")
        return value
