"""The immutable mapping of frozen configuration classes, and its way back to JSON's types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any


class FrozenMapping(Mapping[str, Any]):
    """An immutable, hashable mapping; equal to every mapping with the same items.

    `types.MappingProxyType` would be a view of a dict, without a hash, and can neither be copied nor pickled.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[tuple[str, Any]] | Mapping[str, Any] = ()) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


def to_json(value: object) -> Any:
    """Convert a frozen value to JSON's own types: lists, dicts, strings, numbers, booleans and None."""
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if isinstance(value, FrozenMapping):
        return {key: to_json(item) for key, item in value.items()}
    return value.value if isinstance(value, Enum) else value
