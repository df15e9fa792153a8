"""Validators of single values: strings, numbers, booleans, choices and objects."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

from .errors import InvalidType, InvalidValue
from .limits import check_finite, check_unicode
from .remedies import remedy_for_choice, remedy_for_text, remedy_for_type
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
            raise InvalidType(argument, "be a string", value, remedy_for_text(value))
        string = plain(value)
        check_unicode(argument, string)
        if is_token(string):
            return string
        if not string and not may_be_empty:
            raise InvalidValue(argument, "not be empty", string)
        if max_length is not None and len(string) > max_length:
            raise InvalidValue(argument, f"have at most {max_length} characters", string, f"it has {len(string)}")
        if pattern and re.fullmatch(pattern, string, re.DOTALL) is None:
            raise InvalidValue(argument, f"be {form}", string)
        return string

    return validate


def integer(minimum: int | None = None, maximum: int | None = None) -> Validator:
    """An integer within limits, not a boolean."""

    def validate(argument: str, value: Any) -> int | float:
        if isinstance(value, float) and is_token(value):
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidType(argument, "be an integer", value, _remedy_for_integer(value))
        check_finite(argument, value, minimum, maximum)
        return value

    return validate


def floating(minimum: float | None = None, maximum: float | None = None) -> Validator:
    """A finite float within limits. Clarify's schema takes no integer here, so the message says what to write."""

    def validate(argument: str, value: Any) -> float:
        if isinstance(value, float):
            return check_finite(argument, value, minimum, maximum)
        if isinstance(value, int) and not isinstance(value, bool):
            check_finite(argument, value, minimum, maximum)
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
        must = f"be one of {', '.join(map(repr, choices))}"
        if not isinstance(value, str):
            raise InvalidValue(argument, must, value, remedy_for_type(value))
        choice = plain(value)
        if choice not in choices:
            raise InvalidValue(argument, must, value, remedy_for_choice(choice, choices))
        return str(choice)

    return validate


def instance_of(cls: type[Any]) -> Validator:
    """An instance of a class."""

    def validate(argument: str, value: Any) -> object:
        if not isinstance(value, cls):
            article = "an" if cls.__name__[0] in "AEIOU" else "a"
            raise InvalidType(argument, f"be {article} {cls.__name__}", value, f"make one with {cls.__name__}(…)")
        return value

    return validate


def plain(value: str) -> str:
    """A string that is a member of an enumeration, as the string itself: it is written in other words otherwise."""
    return str(value.value) if isinstance(value, Enum) else value


def _remedy_for_integer(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value):
        return f"write {int(value)}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"write {int(value)}"
    return remedy_for_type(value)


def text_or_integer(argument: str, value: Any) -> str | int:
    """A string or an integer."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InvalidType(argument, "be a string or an integer", value)
    if isinstance(value, str):
        check_unicode(argument, value)
        return plain(value)
    check_finite(argument, value)
    return value
