"""Calls with arguments that a class does not have: the message names the argument to use.

Python's own message says only that an argument is unexpected. People who come from the SDK, boto3 or a template know
the value they want to set by another name.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, ClassVar, Final, Self

from .errors import InvalidType, format_value
from .remedies import to_spelling

_SHOWN: Final = 12


class NamedArguments:
    """Base class of classes that say which argument to use in place of one that they do not have.

    It looks at the arguments before the constructor does, so that signatures stay spelled out, for editors and type
    checkers. Copies give no arguments at all.
    """

    __slots__ = ()

    # What to write in place of arguments that others have, by their names in lower case without underscores; `{value}`
    # stands for the value.
    _instead_of: ClassVar[Mapping[str, str]] = {}

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Check the names of the arguments.

        Raises:
            TypeError: There is no such argument, or it has to be given by its name.
        """
        of: Any = cls
        positional, names, required = _parameters(of)
        if len(args) > len(positional) and len(names) > len(positional):
            value = args[len(positional)]
            given = kwargs.keys() | set(positional)
            example = next((name for name in names if name not in given), names[-1])
            after = f"write names after {positional[-1]!r}" if positional else "write the names"
            remedy = f"{after}, such as {example}={format_value(value)}"
            raise InvalidType(
                f"argument {len(positional) + 1}", f"be given to {cls.__name__} by its name", value, remedy
            )
        for name, value in kwargs.items():
            if name not in names:
                raise InvalidType(
                    name, f"be left out: {cls.__name__} has no such argument", value, _instead(cls, name, value)
                )
        missing = [name for name in required if name not in kwargs and name not in positional[: len(args)]]
        if missing and (args or kwargs):
            raise InvalidType(missing[0], f"be given to {cls.__name__}", None, f"write {missing[0]}=…")
        return super().__new__(cls)


def _instead(cls: Any, name: str, value: object) -> str:
    """What to write in place of an argument that the class does not have."""
    names = _parameters(cls)[1]
    spelling = to_spelling(name)
    if spelling in cls._instead_of:
        return str(cls._instead_of[spelling]).replace("{value}", format_value(value))
    by_spelling = {to_spelling(key): known for key, known in [*_keys(cls), *zip(names, names, strict=True)]}
    if known := by_spelling.get(spelling):
        return f"write {known}={format_value(value)}"
    if similar := get_close_matches(spelling, by_spelling, n=1, cutoff=0.75):
        return f"did you mean {by_spelling[similar[0]]}={format_value(value)}?"
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return f"its arguments are {shown}"


@cache
def _parameters(cls: Any) -> tuple[list[str], list[str], list[str]]:
    """The names of a constructor's arguments: those that may be given by position, all, and the required ones."""
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    positional = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    required = [each.name for each in parameters if each.default is each.empty]
    return positional, [each.name for each in parameters], required


@cache
def _keys(cls: Any) -> list[tuple[str, str]]:
    """The keys that arguments have in a document or request, each with the argument's name."""
    fields = getattr(cls, "__dataclass_fields__", {}).values()
    arguments = [(field.metadata.get("argument"), field.name) for field in fields]
    return [(argument.key, name) for argument, name in arguments if argument is not None and argument.key]
