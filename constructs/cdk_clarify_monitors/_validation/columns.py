"""Validators of references to a data set's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .errors import InvalidType, InvalidValue
from .limits import check_finite
from .remedies import remedy_for_choice
from .scalars import text
from .tokens import has_token, is_token


def column(argument: str, value: Any) -> str | int | float:
    """A column by name or zero-based index, or a JMESPath expression into JSON."""
    if isinstance(value, str):
        return str(text()(argument, value))
    if isinstance(value, float) and is_token(value):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        must = "be a name (string) or a zero-based index (integer)"
        raise InvalidType(argument, must, value)
    check_finite(argument, value, 0)
    return value


def check_column(argument: str, value: Any, headers: Sequence[str], *, of: str = "headers") -> None:
    """Refuse a column name or index that is not among the headers.

    Args:
        argument: The argument that refers to the column.
        value: The column's name or index.
        headers: The names of the columns.
        of: The argument that the headers come from.

    Raises:
        ValueError: The headers are known and have no such column.
    """
    if is_token(value) or is_token(headers) or has_token(headers):
        return
    if isinstance(value, str) and value not in headers:
        remedy = remedy_for_choice(value, headers) or f"correct the name or add it to '{of}'"
        raise InvalidValue(argument, f"be one of the {of} {list(headers)}", value, remedy)
    if isinstance(value, int) and value >= len(headers):
        must = f"be an index into the {len(headers)} {of} {list(headers)}"
        raise InvalidValue(argument, must, value, "count columns from 0")
