"""Validators of lists and mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .errors import InvalidType, InvalidValue
from .frozen import FrozenMapping
from .remedies import remedy_for_numpy
from .tokens import is_token
from .validated import Validator


def list_of(
    item: Validator, *, unique: bool = False, may_be_empty: bool = False, max_items: int | None = None
) -> Validator:
    """A list or tuple whose items all pass one validator."""

    def validate(argument: str, value: Any) -> tuple[Any, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            remedy = f"write [{value!r}]" if isinstance(value, (str, int, float)) else remedy_for_numpy(value)
            raise InvalidType(argument, "be a list", value, remedy)
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


def _check_unique(argument: str, items: tuple[Any, ...]) -> None:
    seen: set[Any] = set()
    for item in items:
        if item in seen and not is_token(item):
            raise InvalidValue(argument, f"name {item!r} only once", items)
        seen.add(item)
