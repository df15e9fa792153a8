"""Validators of single values: strings, numbers, booleans, choices and objects."""

from __future__ import annotations

import re
from typing import Any

from .errors import InvalidType, InvalidValue
from .limits import check_finite, check_limits, check_unicode
from .remedies import remedy_for_construct, remedy_for_numpy
from .tokens import is_token
from .validated import Validator


def text(*, pattern: str = "", form: str = "", max_length: int | None = None, may_be_empty: bool = False) -> Validator:
    """A string.

    Args:
        pattern: A regular expression that has to match all of the string.
        form: What the pattern asks for, in words.
        max_length: The most characters.
        may_be_empty: Whether an empty string is allowed.
    """

    def validate(argument: str, value: Any) -> str:
        if not isinstance(value, str):
            raise InvalidType(argument, "be a string", value, remedy_for_construct(value))
        check_unicode(argument, value)
        if is_token(value):
            return value
        if not value and not may_be_empty:
            raise InvalidValue(argument, "not be empty", value)
        if max_length is not None and len(value) > max_length:
            raise InvalidValue(argument, f"have at most {max_length} characters", value, f"it has {len(value)}")
        if pattern and re.fullmatch(pattern, value, re.DOTALL) is None:
            raise InvalidValue(argument, f"be {form}", value)
        return value

    return validate


def integer(minimum: int | None = None, maximum: int | None = None) -> Validator:
    """An integer within limits, not a boolean."""

    def validate(argument: str, value: Any) -> int | float:
        if isinstance(value, float) and is_token(value):
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidType(argument, "be an integer", value, remedy_for_numpy(value))
        check_limits(argument, value, minimum, maximum)
        return value

    return validate


def floating(minimum: float | None = None, maximum: float | None = None) -> Validator:
    """A finite float within limits. Clarify's schema takes no integer here, so the message says what to write."""

    def validate(argument: str, value: Any) -> float:
        if isinstance(value, float):
            return check_finite(argument, value, minimum, maximum)
        if isinstance(value, int) and not isinstance(value, bool):
            raise InvalidType(argument, "be a float", value, f"write {float(value)}")
        raise InvalidType(argument, "be a float", value)

    return validate


def number(minimum: float | None = None, maximum: float | None = None) -> Validator:
    """A finite number within limits, integer or float."""

    def validate(argument: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InvalidType(argument, "be a number", value)
        return check_finite(argument, value, minimum, maximum)

    return validate


def boolean(argument: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise InvalidType(argument, "be True or False", value)
    return value


def one_of(*choices: str) -> Validator:
    """One of several strings."""

    def validate(argument: str, value: Any) -> str:
        if isinstance(value, str) and is_token(value):
            check_unicode(argument, value)
            return value
        if value not in choices:
            raise InvalidValue(argument, f"be one of {', '.join(map(repr, choices))}", value)
        return str(value)

    return validate


def instance_of(cls: type[Any]) -> Validator:
    """An instance of a class."""

    def validate(argument: str, value: Any) -> object:
        if not isinstance(value, cls):
            article = "an" if cls.__name__[0] in "AEIOU" else "a"
            raise InvalidType(argument, f"be {article} {cls.__name__}", value, f"make one with {cls.__name__}(…)")
        return value

    return validate


def text_or_integer(argument: str, value: Any) -> str | int:
    """A string or an integer."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InvalidType(argument, "be a string or an integer", value)
    if isinstance(value, str):
        check_unicode(argument, value)
    return value
