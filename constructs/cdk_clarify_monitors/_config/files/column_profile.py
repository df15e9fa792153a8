"""ColumnProfile: what Clarify knows of a data file's column when it decides how to read it, in bounded memory.

Clarify reads files with pandas, so a column has the type that pandas gives it.
"""

from __future__ import annotations

import math
import re
from enum import Enum
from functools import cached_property
from typing import Any, Final

# Distinct values that are counted; of a column with more, only the range is known.
_MAX_DISTINCT_VALUES: Final = 100_000

# What `pandas.read_csv` takes for a missing value.
_MISSING: Final = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA")
).union(("NULL", "NaN", "None", "n/a", "nan", "null"))
_BOOLEANS: Final = {"true": True, "false": False}  # in any case
_WHOLE: Final = re.compile(r"\s*[+-]?[0-9]+\s*")
_LIMITS_OF_INTEGERS: Final = range(-(2**63), 2**63)


class ColumnType(Enum):
    """The type of a column, as far as Clarify tells them apart."""

    WHOLE = "whole numbers"
    DECIMAL = "numbers with a decimal point, or with gaps"
    BOOLEAN = "true and false"
    OBJECTS = "words, or values of several types"
    CATEGORIES = "categories that the file declares as such"
    UNKNOWN = "something that is not looked into here"


class ColumnProfile:
    """The values of a column.

    Args:
        is_text: Whether values are cells of a text file, whose type pandas infers.
        has_categories: Whether the file declares them as categories.

    Attributes:
        rows: The number of rows.
        minimum: The least number; infinity: there is none.
        maximum: The greatest number; minus infinity: there is none.
        first: The value of the first row; None: it is missing.
    """

    def __init__(self, *, is_text: bool = False, has_categories: bool = False) -> None:
        self.rows = 0
        self.minimum = math.inf
        self.maximum = -math.inf
        self.first: object = None
        self._is_text = is_text
        self._has_categories = has_categories
        self._counts: dict[Any, int] | None = {}
        self._gaps = 0
        self._types: set[ColumnType] = set()
        self._are_integers = True

    def add(self, value: Any, rows: int = 1) -> None:
        """Add a value of the column that is in some rows."""
        if not self.rows:
            self.first = None if self.is_gap(value) else value
        self.rows += rows
        if isinstance(value, (list, dict)):
            self._types.add(ColumnType.UNKNOWN)
        elif self._counts is not None and value in self._counts and self._is_text:
            self._counts[value] += rows
        elif self.is_gap(value):
            self._gaps += rows
        else:
            self._count(value, rows)

    @cached_property
    def type(self) -> ColumnType:
        """The column's type; to be asked when all values were added."""
        types = self._types
        if self._has_categories:
            return ColumnType.CATEGORIES
        if ColumnType.UNKNOWN in types:
            return ColumnType.UNKNOWN
        if types <= {ColumnType.WHOLE, ColumnType.DECIMAL}:
            return ColumnType.WHOLE if types == {ColumnType.WHOLE} and not self._gaps else ColumnType.DECIMAL
        return ColumnType.BOOLEAN if self.has_only_booleans and not self._gaps else ColumnType.OBJECTS

    @cached_property
    def counts(self) -> dict[Any, int] | None:
        """The numbers of rows by distinct values, as the column's type has them; None: there are too many."""
        if self._counts is None or not self._is_text:
            return self._counts
        counts: dict[Any, int] = {}
        for cell, rows in self._counts.items():
            value = self._typed(cell)
            counts[value] = counts.get(value, 0) + rows
        return counts

    @property
    def has_gaps(self) -> bool:
        """Whether values are missing."""
        return self._gaps > 0

    @property
    def has_only_booleans(self) -> bool:
        """Whether all values that are not missing are true or false."""
        return self._types == {ColumnType.BOOLEAN}

    @property
    def distinct(self) -> int:
        """The number of distinct values, or one of many more."""
        return _MAX_DISTINCT_VALUES + 1 if self.counts is None else len(self.counts)

    @property
    def values_per_row(self) -> float:
        """The number of distinct values for each row that has one."""
        return self.distinct / max(1, self.rows - self._gaps)

    @property
    def are_integers(self) -> bool:
        """Whether all objects, such as strings, can be read as whole numbers."""
        return self._are_integers and not self._gaps

    def is_gap(self, value: Any) -> bool:
        """Whether a value of the file is missing."""
        if self._is_text:
            return is_gap(value)
        return value is None or (isinstance(value, float) and math.isnan(value))

    def _count(self, value: Any, rows: int) -> None:
        kind, number = _type_of_cell(value) if self._is_text else _type_of(value)
        self._types.add(kind)
        if number is None:
            self._are_integers = False
        else:
            self.minimum, self.maximum = min(self.minimum, number), max(self.maximum, number)
        if self._counts is not None and kind is not ColumnType.UNKNOWN:
            self._counts[value] = self._counts.get(value, 0) + rows
            if len(self._counts) > _MAX_DISTINCT_VALUES:
                self._counts = None

    def _typed(self, cell: str) -> object:
        if self.type is ColumnType.WHOLE:
            return int(cell)
        if self.type is ColumnType.DECIMAL:
            return float(cell)
        return _BOOLEANS[cell.lower()] if self.has_only_booleans else cell


def is_gap(cell: str) -> bool:
    """Whether pandas takes a cell of a text file for a missing value."""
    return cell in _MISSING


def is_number_or_boolean(cell: str) -> bool:
    """Whether a cell of a text file is a number, true or false: no name of a column."""
    kind, number = _type_of_cell(cell)
    return number is not None or kind is ColumnType.BOOLEAN


def _type_of_cell(cell: str) -> tuple[ColumnType, float | None]:
    """The type of a cell by itself, and its number."""
    if _WHOLE.fullmatch(cell):
        number = int(cell)
        # A column with a number beyond is neither of integers nor of floats.
        return (ColumnType.WHOLE if number in _LIMITS_OF_INTEGERS else ColumnType.UNKNOWN), number
    if cell.lower() in _BOOLEANS:
        return ColumnType.BOOLEAN, None
    try:
        return (ColumnType.OBJECTS, None) if "_" in cell else (ColumnType.DECIMAL, float(cell))
    except ValueError:
        return ColumnType.OBJECTS, None


def _type_of(value: Any) -> tuple[ColumnType, float | None]:
    """The type of a value of JSON or Parquet by itself, and its number."""
    if isinstance(value, bool):
        return ColumnType.BOOLEAN, value
    if isinstance(value, int):
        return (ColumnType.WHOLE if value in _LIMITS_OF_INTEGERS else ColumnType.UNKNOWN), value
    if isinstance(value, float):
        return ColumnType.DECIMAL, value
    if isinstance(value, str):
        return ColumnType.OBJECTS, int(value) if _WHOLE.fullmatch(value) else None
    return ColumnType.UNKNOWN, None
