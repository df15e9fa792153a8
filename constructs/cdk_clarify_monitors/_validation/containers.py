"""Validators of lists and mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from .errors import InvalidArgument, InvalidType, InvalidValue, format_value
from .frozen import FrozenMapping
from .tokens import is_token
from .validated import Validator


def list_of(
    item: Validator, *, unique: bool = False, may_be_empty: bool = False, max_items: int | None = None
) -> Validator:
    """A list or tuple whose items all pass one validator."""

    def validate(argument: str, value: Any) -> tuple[Any, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise InvalidType(argument, "be a list", value, _remedy_for_single(argument, value, item))
        if is_token(value):
            return tuple(value)
        if not value and not may_be_empty:
            raise InvalidValue(argument, "have at least one item", value)
        if max_items is not None and len(value) > max_items:
            raise InvalidValue(argument, f"have at most {max_items} items", value, f"it has {len(value)}")
        items = tuple(item(f"{argument}[{i}]", v) for i, v in enumerate(value))
        if unique:
            _check_unique(argument, items)
        return items

    return validate


def string_mapping(max_entries: int, key_validator: Validator, value_validator: Validator) -> Validator:
    """A mapping of strings to strings; its keys are literals."""

    def validate(argument: str, value: Any) -> FrozenMapping:
        if not isinstance(value, Mapping):
            remedy = f"write {argument}={{'key': 'value'}}"
            raise InvalidType(argument, "be a mapping of strings to strings", value, remedy)
        if len(value) > max_entries:
            raise InvalidValue(argument, f"have at most {max_entries} entries", value, f"it has {len(value)}")
        for key, item in value.items():
            key_validator(f"{argument} key", key)
            if is_token(key):
                raise InvalidValue(f"{argument} key", "be a literal", key, "use tokens in the values only")
            value_validator(f"{argument}[{key!r}]", item)
        return FrozenMapping(value)

    return validate


def _remedy_for_single(argument: str, value: object, item: Validator) -> str:
    """How to write a single item as a list; empty: it is none."""
    if isinstance(value, (str, int, float)):
        return _remedy_for_scalar(value)
    try:
        item(f"{argument}[0]", value)
    except InvalidArgument:
        return ""
    return f"write {argument}=[…], with this in brackets"


def _remedy_for_scalar(value: object) -> str:
    """How to write a single value as a list; empty: it is none. Several names in one string are an item each."""
    if isinstance(value, Enum) or not isinstance(value, (str, int, float)):
        return ""
    several = isinstance(value, str) and "," in value and not is_token(value)
    items = [item.strip() for item in str(value).split(",")] if several else [value]
    return f"write {format_value(items)}"


def _check_unique(argument: str, items: tuple[Any, ...]) -> None:
    seen: set[Any] = set()
    for item in items:
        if item in seen and not is_token(item):
            raise InvalidValue(argument, f"name {format_value(item)} only once", items)
        seen.add(item)
