"""The errors that refused arguments raise, all with a message of the same form."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Final, Self

from .frozen import to_json
from .remedies import remedy_for_type
from .tokens import is_token

_MAX_VALUE_LENGTH: Final = 200
# Where an object lies in memory is another place in each run, and tells nobody anything.
_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")


def format_value(value: object) -> str:
    """Format a value for an error message: at most 200 characters, and a number token in words."""
    if isinstance(value, float) and is_token(value):
        return "a number that is known at deployment only"
    try:
        text = repr(value if isinstance(value, Enum) else to_json(value))
    except Exception:
        # A number of too many digits, a value nested too deeply, or an object whose own code fails.
        text = f"<{type(value).__name__}>"
    text = _ADDRESS.sub("", text)
    if "\n" in text:  # a data frame: a message is one line
        text = " ".join(text.split())
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
    """An argument has the wrong type. Without a remedy of its own, the message has the one for the value's type."""

    def __init__(self, argument: str, must: str, value: object, remedy: str = "") -> None:
        super().__init__(argument, must, value, remedy or remedy_for_type(value))
