"""Validators of values that data sets and JSON documents hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .errors import InvalidType, InvalidValue
from .frozen import FrozenMapping
from .limits import check_finite, check_unicode
from .tokens import is_token

# Far more than a row of a data set has, and far less than readers of JSON give up at.
MAX_DEPTH: Final = 64


def data_value(argument: str, value: Any) -> object:
    """A value of a data set's column: a string, a finite number, True or False."""
    if isinstance(value, str):
        check_unicode(argument, value)
        return value
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return check_finite(argument, value)
    raise InvalidType(argument, "be a string, a number, True or False", value)


def json_value(argument: str, value: Any) -> object:
    """Any value that JSON can express, nested to some depth. Integer keys become strings, as in every JSON file."""
    check_depth(argument, value)
    return _json_value(argument, value)


def check_depth(argument: str, value: object) -> None:
    """Refuse lists and objects that are nested too deeply, or in themselves.

    Raises:
        ValueError: They are.
    """
    layer = [value]
    for _ in range(MAX_DEPTH):
        nested: dict[int, Any] = {}  # by identity: what stands there many times is looked at once
        for item in layer:
            parts = item.values() if isinstance(item, Mapping) else item if isinstance(item, (list, tuple)) else ()
            nested.update((id(part), part) for part in parts if isinstance(part, (list, tuple, Mapping)))
        if not nested:
            return
        layer = list(nested.values())
    raise InvalidValue(argument, f"be nested at most {MAX_DEPTH} levels deep", value, "flatten it")


def _json_value(argument: str, value: Any) -> object:
    if value is None:
        return value
    if isinstance(value, (str, bool, int, float)):
        return data_value(argument, value)
    if isinstance(value, (list, tuple)):
        return tuple(_json_value(f"{argument}[{i}]", item) for i, item in enumerate(value))
    if isinstance(value, Mapping):
        return _json_object(argument, value)
    raise InvalidType(argument, "be something that JSON can express", value)


def _json_object(argument: str, value: Mapping[Any, Any]) -> FrozenMapping:
    for key in value:
        if isinstance(key, bool) or not isinstance(key, (str, int)):
            raise InvalidType(argument, "have strings as keys", key)
        check_unicode(argument, str(key))
        if is_token(key):
            raise InvalidValue(argument, "have literals as keys", key, "use tokens in the values only")
    return FrozenMapping((str(key), _json_value(f"{argument}[{key!r}]", item)) for key, item in value.items())
