"""Checks that several validators share: numeric limits and well-formed Unicode."""

from __future__ import annotations

import sys

from .errors import InvalidValue
from .tokens import is_token


def check_limits(argument: str, value: float, minimum: float | None, maximum: float | None) -> None:
    """Refuse a number outside of its limits.

    Raises:
        ValueError: The number is less than `minimum` or greater than `maximum`.
    """
    if minimum is not None and value < minimum:
        raise InvalidValue(argument, f"be at least {minimum}", value)
    if maximum is not None and value > maximum:
        raise InvalidValue(argument, f"be at most {maximum}", value)


def check_finite(argument: str, value: float, minimum: float | None = None, maximum: float | None = None) -> float:
    """Refuse a number that JSON cannot hold or that is outside of its limits; tokens have no limits.

    Raises:
        ValueError: The number is NaN, infinite, an integer above every float, or outside of the limits.
    """
    if not abs(value) <= sys.float_info.max:
        remedy = "no float is as large" if isinstance(value, int) else "JSON knows neither NaN nor Infinity"
        raise InvalidValue(argument, "be a finite number", value, remedy)
    if not is_token(value):
        check_limits(argument, value, minimum, maximum)
    return float(value) if isinstance(value, float) else value


def check_unicode(argument: str, value: str) -> None:
    """Refuse a string with a lone surrogate: neither a template nor a file in UTF-8 can hold it.

    Raises:
        ValueError: The string cannot be encoded as UTF-8.
    """
    try:
        value.encode()
    except UnicodeEncodeError as error:
        remedy = f"character {error.start} is a lone surrogate: read the text with its right encoding"
        raise InvalidValue(argument, "be encodable as UTF-8", value, remedy) from None
