"""Threshold and Values: what numbers are meant to be, said in place of a plain list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..._validation import Validated, data_value, list_of, number, validated_by

# Values of the positive label or of a facet, or one threshold.
PlainValues = Sequence[int | float | str | bool]

_plain_values: Final = list_of(data_value)


@dataclass(frozen=True, repr=False)
class Threshold(Validated):
    """A number; positive labels, or the members of a sensitive group, are above it, not equal to it.

    Clarify gets the number, and decides by the data whether it is a threshold. If the data set is a local file, a
    different decision is an error. See [A number: value or threshold?](../concepts.md#a-number-value-or-threshold)

    Args:
        number: The number.

    Raises:
        ValueError: The number is not finite.
        TypeError: It is not a number.
    """

    number: float = field(metadata=validated_by(number()))

    def __repr__(self) -> str:
        return f"Threshold({self.number!r})"


@dataclass(frozen=True, repr=False)
class Values(Validated):
    """The values of positive labels, or of the sensitive group.

    Clarify gets the values, and decides by the data whether a single number is a value. If the data set is a local
    file, a different decision is an error. See [A number: value or
    threshold?](../concepts.md#a-number-value-or-threshold)

    Args:
        values: The values.

    Raises:
        ValueError: There are no values, or a number is not finite.
        TypeError: A value is neither a string nor a number nor a boolean.
    """

    values: PlainValues = field(metadata=validated_by(_plain_values))

    def __repr__(self) -> str:
        return f"Values({list(self.values)!r})"


ValuesOrThreshold = PlainValues | Values | Threshold
# Of one facet, or of each of several. One list in all, for type checkers to look into.
ValuesOrThresholds = Values | Threshold | Sequence[int | float | str | bool | ValuesOrThreshold | None]


def values_or_threshold(argument: str, value: Any) -> Any:
    """The validator of plain values, Values and a Threshold."""
    return value if isinstance(value, (Values, Threshold)) else _plain_values(argument, value)


def plain(value: Any) -> Any:
    """What Clarify is told: a list of values, or one with the threshold; other values as they are."""
    if isinstance(value, Threshold):
        return (value.number,)
    return value.values if isinstance(value, Values) else value
