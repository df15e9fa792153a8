"""Self-validating dataclasses: each field names its validator, and construction runs them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from typing import Any

from .errors import InvalidType
from .keywords import MembersOfClasses, NamedArguments

# Takes an argument's name and value, raises if the value is wrong, and returns a frozen copy of it otherwise.
Validator = Callable[[str, Any], Any]


@dataclass(frozen=True)
class Argument:
    """The metadata of a validated field.

    Attributes:
        validator: The validator of the value.
        key: The field's key in the JSON object that the class stands for, a part of analysis_config.json or of an API
            request. None: the field is not written there.
        nested: The class of the configuration object, or objects, below that key. None: plain values.
        optional: Whether None is allowed. It always is where it is the default.
        keeps_empty: Whether an empty string is kept. Otherwise it counts as not given.
        any_case: Whether a JSON object may have the value in upper-case letters, too.
    """

    validator: Validator
    key: str | None = None
    nested: type[Any] | None = None
    optional: bool = False
    keeps_empty: bool = False
    any_case: bool = False


def validated_by(
    validator: Validator,
    key: str | None = None,
    nested: type[Any] | None = None,
    *,
    optional: bool = False,
    keeps_empty: bool = False,
    any_case: bool = False,
) -> Mapping[str, Argument]:
    """The metadata of a dataclass field with a validator: `field(metadata=validated_by(…))`."""
    return {"argument": Argument(validator, key, nested, optional, keeps_empty, any_case)}


def arguments_of(config: Any) -> Mapping[str, Argument]:
    """The validated arguments of a configuration object or class, by name, in the order of its signature."""
    return _arguments_of(config if isinstance(config, type) else type(config))


@cache
def _arguments_of(cls: Any) -> Mapping[str, Argument]:
    return {field.name: field.metadata["argument"] for field in _validated_fields(cls)}


@cache
def _validated_fields(cls: Any) -> tuple[Field[Any], ...]:
    return tuple(field for field in fields(cls) if "argument" in field.metadata)


class Validated(NamedArguments, metaclass=MembersOfClasses):
    """Base class of frozen dataclasses that validate and freeze their arguments at construction."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Validate every argument by itself, then all of them together."""
        cls: Any = type(self)
        for field in _validated_fields(cls):
            self._validate(field)
        self._check_together()

    def _validate(self, field: Field[Any]) -> None:
        argument: Argument = field.metadata["argument"]
        value = getattr(self, field.name)
        is_empty = isinstance(value, str) and not value  # comparing with "" would compare an array item by item
        optional = argument.optional or field.default is None
        if is_empty and optional and not argument.keeps_empty:
            self._set(field.name, value := None)
        if value is not None:
            self._set(field.name, argument.validator(field.name, value))
        elif not optional:
            must = "be given" if field.default is MISSING else f"not be None (its default is {field.default!r})"
            raise InvalidType(field.name, must, value)

    def _check_together(self) -> None:
        """Check arguments against each other; for subclasses to override."""

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)  # the dataclass is frozen


def is_given(value: object) -> bool:
    """Whether a value was given: neither None nor an empty string."""
    return value is not None and not (isinstance(value, str) and value == "")
