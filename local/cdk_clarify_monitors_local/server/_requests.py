"""Checks SageMaker requests against AWS's own description of the API, which botocore brings along."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import botocore.session

from cdk_clarify_monitors_local.server._errors import ApiError

# The model's patterns are Java's. Python's `re` has no \p classes, and its classes cannot hold surrogate pairs.
_JAVA_TO_PYTHON = (
    (r"\p{L}\p{Z}\p{N}", r"\w\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"),
    (r"\p{ASCII}", r"[\x00-\x7f]"),
    (r"\p{Print}", r"\x20-\x7e"),
    (r"\z", r"\Z"),
    (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF"),
)

_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "blob": (bytes,),
    "timestamp": (int, float, str),
}


@functools.cache
def service_model(service: str = "sagemaker") -> Any:
    """Return botocore's model of an API."""
    return botocore.session.get_session().get_service_model(service)


def input_shape(operation: str, service: str = "sagemaker") -> Any:
    """Return the shape of an operation's request."""
    return service_model(service).operation_model(operation).input_shape


def check_request(operation: str, request: Mapping[str, Any], service: str = "sagemaker") -> None:
    """Refuse a request that breaks the API's description.

    Raises:
        ApiError: A `ValidationException`, in the runtime a `ValidationError`, that lists every violation, worded as AWS
            words it.
    """
    found = list(violations(input_shape(operation, service), request))
    if found:
        noun = "validation error" if len(found) == 1 else "validation errors"
        code = "ValidationException" if service == "sagemaker" else "ValidationError"
        raise ApiError(code, f"{len(found)} {noun} detected: " + "; ".join(found))


def violations(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """Yield what is wrong with a value of the given shape: types, required and unknown members, lengths, patterns."""
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(shape, value, path)
    elif kind == "list":
        yield from _list(shape, value, path)
    elif kind == "map":
        yield from _map(shape, value, path)
    else:
        yield from _scalar(shape, value, path)


def _structure(shape: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _failed(value, path, "Member must be a structure")
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield _failed(None, _member(path, name), "Member must not be null")
    for name, item in value.items():
        if name not in shape.members:
            yield f"Unknown parameter '{name}' at '{path or 'the request'}', must be one of: {', '.join(shape.members)}"
        elif item is not None:
            yield from violations(shape.members[name], item, _member(path, name))


def _list(shape: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        yield _failed(value, path, "Member must be a list")
        return
    yield from _length(shape, value, path)
    for index, item in enumerate(value, 1):
        yield from violations(shape.member, item, f"{path}.{index}.member")


def _map(shape: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _failed(value, path, "Member must be a map")
        return
    yield from _length(shape, value, path)
    for key, item in value.items():
        yield from violations(shape.key, key, f"{path}.{key}.key")
        yield from violations(shape.value, item, f"{path}.{key}.value")


def _scalar(shape: Any, value: Any, path: str) -> Iterator[str]:
    expected = _SCALARS[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        yield _failed(value, path, f"Member must be of type {shape.type_name}")
    elif isinstance(value, str) and shape.type_name == "string":
        yield from _text(shape, value, path)
    elif isinstance(value, bytes):
        yield from _length(shape, value, path)
    elif shape.type_name != "timestamp":
        yield from _range(shape, value, path)


def _text(shape: Any, value: str, path: str) -> Iterator[str]:
    yield from _length(shape, value, path)
    if shape.enum and value not in shape.enum:
        yield _failed(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not compile_pattern(pattern).fullmatch(value):
        yield _failed(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _length(shape: Any, value: Any, path: str) -> Iterator[str]:
    limits = shape.metadata
    if len(value) < limits.get("min", 0):
        yield _failed(value, path, f"Member must have length greater than or equal to {limits['min']}")
    if "max" in limits and len(value) > limits["max"]:
        yield _failed(value, path, f"Member must have length less than or equal to {limits['max']}")


def _range(shape: Any, value: Any, path: str) -> Iterator[str]:
    limits = shape.metadata
    if "min" in limits and value < limits["min"]:
        yield _failed(value, path, f"Member must have value greater than or equal to {limits['min']}")
    if "max" in limits and value > limits["max"]:
        yield _failed(value, path, f"Member must have value less than or equal to {limits['max']}")


@functools.cache
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile one of the model's Java patterns."""
    for java, python in _JAVA_TO_PYTHON:
        pattern = pattern.replace(java, python)
    return re.compile(pattern, re.DOTALL)


def _member(path: str, name: str) -> str:
    """Extend a path as AWS's messages do: camelCase, dots."""
    name = name[0].lower() + name[1:]
    return f"{path}.{name}" if path else name


def _failed(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"{len(value)} bytes" if isinstance(value, bytes) else value
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"
