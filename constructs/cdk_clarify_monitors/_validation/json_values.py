"""Validators of values that data sets and JSON documents hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import InvalidType, InvalidValue
from .frozen import FrozenMapping
from .limits import check_finite, check_unicode
from .remedies import remedy_for_numpy
from .tokens import is_token


def data_value(argument: str, value: Any) -> object:
    """A value of a data set's column: a string, a finite number, True or False."""
    if isinstance(value, str):
        check_unicode(argument, value)
        return value
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return check_finite(argument, value)
    raise InvalidType(argument, "be a string, a number, True or False", value, remedy_for_numpy(value))


def json_value(argument: str, value: Any) -> object:
    """Any value that JSON can express, nested to any depth. Integer keys become strings, as in every JSON file."""
    if value is None:
        return value
    if isinstance(value, (str, bool, int, float)):
        return data_value(argument, value)
    if isinstance(value, (list, tuple)):
        return tuple(json_value(f"{argument}[{i}]", item) for i, item in enumerate(value))
    if isinstance(value, Mapping):
        return _json_object(argument, value)
    raise InvalidType(argument, "be something that JSON can express", value, remedy_for_numpy(value))


def _json_object(argument: str, value: Mapping[Any, Any]) -> FrozenMapping:
    for key in value:
        if isinstance(key, bool) or not isinstance(key, (str, int)):
            raise InvalidType(argument, "have strings as keys", key)
        check_unicode(argument, str(key))
        if is_token(key):
            raise InvalidValue(argument, "have literals as keys", key, "use tokens in the values only")
    return FrozenMapping((str(key), json_value(f"{argument}[{key!r}]", item)) for key, item in value.items())
