"""The errors that refused arguments raise, all with a message of the same form."""

from __future__ import annotations

from typing import Any, Final, Self

from .frozen import to_json
from .tokens import is_token

_MAX_VALUE_LENGTH: Final = 200


def format_value(value: object) -> str:
    """Format a value for an error message: at most 200 characters, and a number token in words."""
    if isinstance(value, float) and is_token(value):
        return "a number that is known at deployment only"
    text = repr(to_json(value))
    return text if len(text) <= _MAX_VALUE_LENGTH else f"{text[: _MAX_VALUE_LENGTH - 1]}…"


class InvalidArgument(Exception):  # noqa: N818  the base of a ValueError and a TypeError
    """An argument that was refused.

    The message reads `'<argument>' must <must>, got <value>: <remedy>`.

    Attributes:
        argument: The argument's name; for an item of it, with the item's path.
        must: The requirement, as a phrase after "must".
        value: The refused value.
        remedy: How to fix it; empty: the requirement says it.
    """

    def __init__(self, argument: str, must: str, value: object, remedy: str = "") -> None:
        self.argument, self.must, self.value, self.remedy = argument, must, value, remedy
        super().__init__(f"'{argument}' must {must}, got {format_value(value)}" + (f": {remedy}" if remedy else ""))

    def __reduce__(self) -> tuple[Any, ...]:
        # By default an exception is copied from `args`, which holds the message only.
        return type(self), (self.argument, self.must, self.value, self.remedy)

    def with_argument(self, argument: str) -> Self:
        """The same error under another argument name, such as the value's path in a document."""
        return type(self)(argument, self.must, self.value, self.remedy)


class InvalidValue(InvalidArgument, ValueError):  # noqa: N818
    """An argument has the right type but a value that cannot work."""


class InvalidType(InvalidArgument, TypeError):  # noqa: N818
    """An argument has the wrong type."""
