"""Arguments and members that a class does not have: the message names what to use.

Python's own message says only that an argument is unexpected, or that there is no such attribute. People who come from
the SDK, boto3 or a template know what they want by another name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ClassVar, Final, ParamSpec, Self, TypeVar

from .errors import InvalidType, format_value
from .remedies import to_spelling

_SHOWN: Final = 12

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


def no_such_member(of: str, name: str, instead_of: Mapping[str, str]) -> AttributeError:
    """The error for a member that a class does not have, with what to use in its place if others have it.

    Args:
        of: Whose member it would be, as Python's message says it.
        name: The member's name.
        instead_of: What to do in place of using members that others have, by their names.
    """
    remedy = f": {instead_of[name]}" if name in instead_of else ""
    return AttributeError(f"{of} has no attribute {name!r}{remedy}", name=name)


class NamedMembers:
    """Base class of classes that say what to do in place of using a member that they do not have."""

    __slots__ = ()

    # What to do in place of using members that others have, by their names.
    _members_instead: ClassVar[Mapping[str, str]] = {}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            raise no_such_member(f"{type(self).__name__!r} object", name, type(self)._members_instead)


if TYPE_CHECKING:
    MembersOfClasses = type  # nothing changes for type checkers
else:

    class MembersOfClasses(type):
        """The metaclass of `NamedMembers` that say so, too, where the class itself is asked for a member."""

        def __getattr__(cls, name: str) -> object:
            raise no_such_member(f"type object {cls.__name__!r}", name, cls._members_instead)


class NamedArguments(NamedMembers):
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
                remedy = _instead(name, value, names, _keys(of), cls._instead_of)
                raise InvalidType(name, f"be left out: {cls.__name__} has no such argument", value, remedy)
        missing = [name for name in required if name not in kwargs and name not in positional[: len(args)]]
        if missing and (args or kwargs):
            raise InvalidType(missing[0], f"be given to {cls.__name__}", None, f"write {missing[0]}=…")
        return super().__new__(cls)


def names_arguments(
    instead_of: Mapping[str, str],
) -> Callable[[Callable[_Arguments, _Answer]], Callable[_Arguments, _Answer]]:
    """Let a method say which argument to use in place of one that it does not have, as `NamedArguments` does.

    Args:
        instead_of: As that of `NamedArguments`.
    """

    def decorate(method: Callable[_Arguments, _Answer]) -> Callable[_Arguments, _Answer]:
        names = list(inspect.signature(method).parameters)[1:]

        @wraps(method)
        def checked(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer:
            for name, value in kwargs.items():
                if name not in names:
                    remedy = _instead(name, value, names, [], instead_of)
                    raise InvalidType(name, f"be left out: {method.__name__} has no such argument", value, remedy)
            return method(*args, **kwargs)

        return checked

    return decorate


def _instead(
    name: str, value: object, names: list[str], keys: list[tuple[str, str]], instead_of: Mapping[str, str]
) -> str:
    """What to write in place of an argument that there is not."""
    spelling = to_spelling(name)
    if spelling in instead_of:
        return instead_of[spelling].replace("{value}", format_value(value))
    by_spelling = {to_spelling(key): known for key, known in [*keys, *zip(names, names, strict=True)]}
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
