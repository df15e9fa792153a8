"""The values of a column of a data file, kept in limited memory."""

from __future__ import annotations

import math
from typing import Any, Final

# So many different values are kept; a column with more is known by its range only.
_MANY: Final = 100_000


class Column:
    """What the values of a column are, apart from those that are missing or no values but lists.

    Attributes:
        values: The different values as they stand in the file, by their comparable form; None: too many.
        numeric: Whether all of them are numbers.
        minimum: The least number among them.
        maximum: The greatest number among them.
    """

    def __init__(self) -> None:
        self.values: dict[object, object] | None = {}
        self.numeric = True
        self.minimum = math.inf
        self.maximum = -math.inf
        self._seen: set[object] = set()

    def add(self, value: Any) -> None:
        """Take notice of a value."""
        if value is None or value == "" or isinstance(value, (list, dict)) or value in self._seen:
            return
        key = comparable(value)
        if isinstance(key, float):
            if math.isnan(key):
                return
            self.minimum, self.maximum = min(self.minimum, key), max(self.maximum, key)
        else:
            self.numeric = False
        if self.values is not None:
            self._seen.add(value)
            self.values.setdefault(key, value)
            if len(self._seen) > _MANY:
                self.values = None
                self._seen.clear()


def comparable(value: Any) -> object:
    """A form in which values are equal that Clarify takes for equal: 1, 1.0, "1" and True are one value."""
    if isinstance(value, str):
        if value.lower() in ("true", "false"):
            return float(value.lower() == "true")
        try:
            return float(value)
        except ValueError:
            return value
    return float(value) if isinstance(value, (bool, int, float)) else str(value)
