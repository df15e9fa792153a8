"""How the configuration classes check their arguments: the rules, and the one form of all error messages."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from enum import Enum
from functools import cache
from typing import Any, Final, NoReturn

from ._frozen import FrozenMapping

# A rule takes an argument's name and value, refuses a wrong value, and returns a frozen copy of a right one.
Rule = Callable[[str, Any], Any]

_LONGEST_SHOWN: Final = 200

# What stands for a construct where a string is expected, by the member that tells: an L1 names itself by an attribute.
_MEANT: Final = {
    "attr_endpoint_name": "pass its attr_endpoint_name",
    "attr_model_name": "pass its attr_model_name",
    "endpoint_name": "pass its endpoint_name",
    "model_name": "pass its model_name",
    "s3_url_for_object": "pass its s3_url_for_object(…)",
}


# ---------------------------------------------------------------- errors
class _Refusal(Exception):  # noqa: N818  a base; what is raised are ValueErrors and TypeErrors
    """What a refusal says: which argument must be what, what it was, and what to do about it."""

    def __init__(self, argument: str, must: str, value: object, remedy: str = "") -> None:
        self.argument, self.must, self.value, self.remedy = argument, must, value, remedy
        super().__init__(f"'{argument}' must {must}, got {shown(value)}" + (f": {remedy}" if remedy else ""))

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception's own way makes the copy from `args`, which is the message.
        return type(self), (self.argument, self.must, self.value, self.remedy)

    def renamed(self, argument: str) -> _Refusal:
        """The same refusal of a value that its reader knows under another name."""
        return type(self)(argument, self.must, self.value, self.remedy)


class InvalidValue(_Refusal, ValueError):  # noqa: N818
    """An argument is of the right type but its value cannot work."""


class InvalidType(_Refusal, TypeError):  # noqa: N818
    """An argument is of the wrong type."""


def shown(value: object) -> str:
    """A value as an error message shows it: short, and a token under a name that a reader understands."""
    if isinstance(value, float) and is_token(value):
        return "a number that is known at deployment only"
    text = repr(plain(value))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


# ---------------------------------------------------------------- tokens
# One token in a string, which may have several. In a group, so that a string can be split at its tokens and keep them.
STRING_TOKEN: Final = re.compile(r"(\$\{Token\[[^\]]*\]\})")


def is_token(value: object) -> bool:
    """Whether a value is, or contains, a CDK token: something that is known at deployment only.

    Recognized by the marks that CDK's encoding leaves in Python values, because asking `Token.is_unresolved` would
    start the JavaScript runtime: `${Token[…]}` in strings, numbers below -1e280, lists with items `#{Token[…]}`.
    """
    if isinstance(value, str):
        return "${Token[" in value or "#{Token[" in value
    if isinstance(value, float):
        return value < -1e280
    return isinstance(value, (list, tuple)) and any(isinstance(item, str) and "#{Token[" in item for item in value)


def has_token(values: Collection[object] | None) -> bool:
    """Whether any of the values is a token, so that nothing can be said about what is among them."""
    return values is not None and any(is_token(value) for value in values)


# ---------------------------------------------------------------- rules for single values
def text(*, pattern: str = "", form: str = "", max_length: int | None = None, may_be_empty: bool = False) -> Rule:
    """A string; `pattern` has to match all of it, and `form` says in words what it asks for."""

    def rule(argument: str, value: Any) -> str:
        if not isinstance(value, str):
            raise InvalidType(argument, "be a string", value, remedy_for_construct(value))
        check_unicode(argument, value)
        if is_token(value):
            return value
        if not value and not may_be_empty:
            raise InvalidValue(argument, "not be empty", value)
        if max_length is not None and len(value) > max_length:
            raise InvalidValue(argument, f"have at most {max_length} characters", value, f"it has {len(value)}")
        if pattern and re.fullmatch(pattern, value, re.DOTALL) is None:
            raise InvalidValue(argument, f"be {form}", value)
        return value

    return rule


def integer(minimum: int | None = None, maximum: int | None = None) -> Rule:
    """A whole number within limits; True and False are none."""

    def rule(argument: str, value: Any) -> int | float:
        if isinstance(value, float) and is_token(value):
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidType(argument, "be an integer", value, _remedy(value))
        _check_limits(argument, value, minimum, maximum)
        return value

    return rule


def floating(minimum: float | None = None, maximum: float | None = None) -> Rule:
    """A finite float within limits. Clarify's schema takes no integer here, so the message says what to write."""

    def rule(argument: str, value: Any) -> float:
        if isinstance(value, float):
            return _finite(argument, value, minimum, maximum)
        if isinstance(value, int) and not isinstance(value, bool):
            raise InvalidType(argument, "be a float", value, f"write {float(value)}")
        raise InvalidType(argument, "be a float", value)

    return rule


def number(minimum: float | None = None, maximum: float | None = None) -> Rule:
    """A finite number within limits, whole or not."""

    def rule(argument: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InvalidType(argument, "be a number", value)
        return _finite(argument, value, minimum, maximum)

    return rule


def boolean(argument: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise InvalidType(argument, "be True or False", value)
    return value


def one_of(*choices: str) -> Rule:
    """One of a few strings."""

    def rule(argument: str, value: Any) -> str:
        if isinstance(value, str) and is_token(value):
            check_unicode(argument, value)
            return value
        if value not in choices:
            raise InvalidValue(argument, f"be one of {', '.join(map(repr, choices))}", value)
        return str(value)

    return rule


def instance_of(cls: type[Any]) -> Rule:
    """An object of one class."""

    def rule(argument: str, value: Any) -> object:
        if not isinstance(value, cls):
            article = "an" if cls.__name__[0] in "AEIOU" else "a"
            raise InvalidType(argument, f"be {article} {cls.__name__}", value, f"make one with {cls.__name__}(…)")
        return value

    return rule


def column(argument: str, value: Any) -> str | int | float:
    """A column by its name or zero-based index, or a place in JSON by a JMESPath expression."""
    if isinstance(value, str):
        return str(text()(argument, value))
    if isinstance(value, float) and is_token(value):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidType(argument, "be a name (string) or a zero-based index (integer)", value, _remedy(value))
    _check_limits(argument, value, 0, None)
    return value


def data_value(argument: str, value: Any) -> object:
    """A value as it stands in a data set: a string, a finite number, True or False."""
    if isinstance(value, str):
        check_unicode(argument, value)
        return value
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return _finite(argument, value, None, None)
    raise InvalidType(argument, "be a string, a number, True or False", value, _remedy(value))


def text_or_integer(argument: str, value: Any) -> str | int:
    """A string or a whole number."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InvalidType(argument, "be a string or an integer", value)
    if isinstance(value, str):
        check_unicode(argument, value)
    return value


def s3_uri(max_length: int = 1024, remedy: str = "write s3://bucket/key", *, room: int = 0) -> Rule:
    """The URI of an S3 object or prefix, by the rules of the Lambda function.

    Args:
        max_length: The most characters.
        remedy: What to do about something that is no S3 URI at all.
        room: How many of the characters are kept for what is appended to the URI.
    """
    whole = text(max_length=max_length - room)

    def rule(argument: str, value: Any) -> str:
        uri: str = whole(argument, value)
        if is_token(uri):
            return uri
        if not uri.startswith("s3://"):
            raise InvalidValue(argument, "be the URI of something in S3", value, remedy)
        # Not before there is a URI: importing the library loads nothing of the Lambda function.
        from cdk_clarify_monitors_lambda.clarify_baseline.s3_uri import violation

        if must := violation(uri, room):
            raise InvalidValue(argument, must, value)
        return uri

    return rule


def json_value(argument: str, value: Any) -> object:
    """Anything that JSON can express, nested to any depth. Integer keys become strings, as in every JSON file."""
    if value is None:
        return value
    if isinstance(value, (str, bool, int, float)):
        return data_value(argument, value)
    if isinstance(value, (list, tuple)):
        return tuple(json_value(f"{argument}[{i}]", item) for i, item in enumerate(value))
    if isinstance(value, Mapping):
        for key in value:
            if isinstance(key, bool) or not isinstance(key, (str, int)):
                raise InvalidType(argument, "have strings as keys", key)
            check_unicode(argument, str(key))
            if is_token(key):
                raise InvalidValue(argument, "have literals as keys", key, "use tokens in the values only")
        return FrozenMapping((str(key), json_value(f"{argument}[{key!r}]", item)) for key, item in value.items())
    raise InvalidType(argument, "be something that JSON can express", value, _remedy(value))


# ---------------------------------------------------------------- rules for collections
def list_of(item: Rule, *, unique: bool = False, may_be_empty: bool = False, max_items: int | None = None) -> Rule:
    """A list (or tuple) of values that all keep one rule."""

    def rule(argument: str, value: Any) -> tuple[Any, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            remedy = f"write [{value!r}]" if isinstance(value, (str, int, float)) else _remedy(value)
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

    return rule


def _check_unique(argument: str, items: tuple[Any, ...]) -> None:
    seen: set[Any] = set()
    for item in items:
        if item in seen and not is_token(item):
            raise InvalidValue(argument, f"name {item!r} only once", items)
        seen.add(item)


# ---------------------------------------------------------------- checked classes
@dataclass(frozen=True)
class Argument:
    """What a class knows about one of its arguments beside its type and default.

    Attributes:
        rule: What the value must be.
        key: Its key in the JSON object that the class stands for: a part of analysis_config.json or of a request. None:
            it stands nowhere in it.
        nested: The class of the configuration object(s) below that key; None: plain values.
        optional: Whether None is a value. It is one by itself where it is the default.
        keeps_empty: Whether an empty string is a value. By default it counts as not given.
    """

    rule: Rule
    key: str | None = None
    nested: type[Any] | None = None
    optional: bool = False
    keeps_empty: bool = False


def argument(
    rule: Rule,
    key: str | None = None,
    nested: type[Any] | None = None,
    *,
    optional: bool = False,
    keeps_empty: bool = False,
) -> Mapping[str, Argument]:
    """The metadata of a dataclass field that is checked: `field(metadata=argument(…))`."""
    return {"argument": Argument(rule, key, nested, optional, keeps_empty)}


def arguments_of(config: Any) -> Mapping[str, Argument]:
    """The checked arguments of a configuration object or class, by name, in the order of its signature."""
    return _arguments_of(config if isinstance(config, type) else type(config))


@cache
def _arguments_of(cls: Any) -> Mapping[str, Argument]:
    return {field.name: field.metadata["argument"] for field in _checked_fields(cls)}


@cache
def _checked_fields(cls: Any) -> tuple[Field[Any], ...]:
    return tuple(field for field in fields(cls) if "argument" in field.metadata)


class Checked:
    """Base of the frozen dataclasses that check themselves, and copy what they are given, when they are made."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Check every argument by its own rule, then all of them together."""
        cls: Any = type(self)
        for field in _checked_fields(cls):
            value = getattr(self, field.name)
            checked: Argument = field.metadata["argument"]
            is_empty = isinstance(value, str) and not value  # an array of NumPy's would be compared item by item
            if value is None or is_empty:
                optional = checked.optional or field.default is None
                if is_empty and optional and not checked.keeps_empty:
                    self._set(field.name, value := None)
                if value is None and not optional:
                    must = "be given" if field.default is MISSING else f"not be None (its default is {field.default!r})"
                    raise InvalidType(field.name, must, value)
            if value is not None:
                self._set(field.name, checked.rule(field.name, value))
        self._check_together()

    def _check_together(self) -> None:
        """Check what no argument can tell alone."""

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)  # the dataclass is frozen


# ---------------------------------------------------------------- checks that several rules share
def check_unicode(argument: str, value: str) -> None:
    """Refuse half of a character: a lone surrogate, which neither a template nor a file in UTF-8 can hold."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        remedy = f"character {error.start} is a lone surrogate: read the text with its right encoding"
        raise InvalidValue(argument, "be encodable as UTF-8", value, remedy) from None


# ---------------------------------------------------------------- checks between arguments
def check_column(argument: str, value: Any, headers: Sequence[str], *, of: str = "headers") -> None:
    """Refuse a name or an index that is not among the headers."""
    if is_token(value) or is_token(headers) or has_token(headers):
        return
    if isinstance(value, str) and value not in headers:
        raise InvalidValue(
            argument, f"be one of the {of} {list(headers)}", value, f"correct the name or add it to '{of}'"
        )
    if isinstance(value, int) and value >= len(headers):
        raise InvalidValue(
            argument, f"be an index into the {len(headers)} {of} {list(headers)}", value, "count columns from 0"
        )


def refuse(argument: str, must: str, value: object, remedy: str = "") -> NoReturn:
    """Refuse a value where a statement cannot stand."""
    raise InvalidValue(argument, must, value, remedy)


def given(value: object) -> bool:
    """Whether an argument was given: an empty string counts as not given."""
    return value is not None and not (isinstance(value, str) and value == "")


def remedy_for_construct(value: object) -> str:
    """What to do about a construct. Its class is asked: each member of the construct is a call into JavaScript."""
    return next((remedy for member, remedy in _MEANT.items() if hasattr(type(value), member)), "")


def plain(value: object) -> Any:
    """A frozen value as JSON's own types: lists, dicts, strings, numbers, booleans and None."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, FrozenMapping):
        return {key: plain(item) for key, item in value.items()}
    return value.value if isinstance(value, Enum) else value


# ---------------------------------------------------------------- details
def _check_limits(argument: str, value: float, minimum: float | None, maximum: float | None) -> None:
    if minimum is not None and value < minimum:
        raise InvalidValue(argument, f"be at least {minimum}", value)
    if maximum is not None and value > maximum:
        raise InvalidValue(argument, f"be at most {maximum}", value)


def _finite(argument: str, value: float, minimum: float | None, maximum: float | None) -> float:
    if not abs(value) <= sys.float_info.max:  # nor is an integer that no float can hold
        raise InvalidValue(argument, "be a finite number", value, "JSON knows neither NaN nor Infinity")
    if not is_token(value):
        _check_limits(argument, value, minimum, maximum)
    return float(value) if isinstance(value, float) else value


def _remedy(value: object) -> str:
    """What to do about a value of NumPy or pandas, which looks like one of Python's own."""
    foreign = type(value).__module__.split(".")[0] in ("numpy", "pandas")
    return "call its .tolist()" if foreign and hasattr(value, "tolist") else ""
