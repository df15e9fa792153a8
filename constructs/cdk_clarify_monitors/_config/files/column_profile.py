"""ColumnProfile: the distinct values and the range of a data file's column, in bounded memory."""

from __future__ import annotations

import math
from typing import Any, Final

# Distinct values that are kept; of a column with more, only the range is known.
_MAX_DISTINCT_VALUES: Final = 100_000


class ColumnProfile:
    """The values of a column. Missing values, lists and objects are ignored.

    Attributes:
        values: The distinct values as the file has them, by their normalized form; None: too many.
        numeric: Whether all of them are numbers.
        minimum: The least number; infinity: there is none.
        maximum: The greatest number; minus infinity: there is none.
    """

    def __init__(self) -> None:
        self.values: dict[object, object] | None = {}
        self.numeric = True
        self.minimum = math.inf
        self.maximum = -math.inf
        self._seen: set[object] = set()

    def add(self, value: Any) -> None:
        """Add a value of the column."""
        if value is None or value == "" or isinstance(value, (list, dict)) or value in self._seen:
            return
        key = normalize(value)
        if isinstance(key, float):
            if math.isnan(key):
                return
            self.minimum, self.maximum = min(self.minimum, key), max(self.maximum, key)
        else:
            self.numeric = False
        if self.values is not None:
            self._seen.add(value)
            self.values.setdefault(key, value)
            if len(self._seen) > _MAX_DISTINCT_VALUES:
                self.values = None
                self._seen.clear()


def normalize(value: Any) -> object:
    """Normalize a value, so that values are equal that Clarify takes for equal: 1, 1.0, "1" and True."""
    if isinstance(value, str):
        if value.lower() in ("true", "false"):
            return float(value.lower() == "true")
        try:
            return float(value)
        except ValueError:
            return value
    return float(value) if isinstance(value, (bool, int, float)) else str(value)
