"""Reading and writing of analysis_config.json, Clarify's description of an analysis.

Each configuration class stands for one part of the document. The metadata of its fields hold their keys, for reading
and for writing alike: a part that is written and read again gives an equal object.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Final, Self, TypeVar, cast

from ..._validation import Argument, InvalidType, InvalidValue, Validated, arguments_of, to_json

# An analysis_config.json: the path of the file, or its content.
AnalysisConfigSource = str | PathLike[str] | Mapping[str, Any]

# Methods that the library adds without an argument: to every baselining job, and to those of bias monitors.
REPORT: Final = {"report": {"name": "report", "title": "Analysis Report"}}
BIAS_METHODS: Final = {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": "all"}}
# Keys that have one allowed value, by section. 1.0 is Clarify's only version.
_FIXED: Final[Mapping[str, Mapping[str, object]]] = {"": {"version": "1.0"}, "methods": {**REPORT, **BIAS_METHODS}}

_T = TypeVar("_T")


class JsonConfig(Validated):
    """Base class of configuration classes that are written to, and read from, a JSON object."""

    __slots__ = ()

    @classmethod
    def _keys(cls) -> set[str]:
        """The keys of the JSON object."""
        return {argument.key for argument in arguments_of(cls).values() if argument.key}

    @classmethod
    def _paths(cls, path: str) -> dict[str, str]:
        """The path of each argument's value in a document with this part at `path`."""
        return {name: join_path(path, argument.key) for name, argument in arguments_of(cls).items() if argument.key}

    def _to_json(self) -> dict[str, Any]:
        values = {argument.key: getattr(self, name) for name, argument in arguments_of(self).items() if argument.key}
        return {key: _json(value) for key, value in values.items() if value is not None}

    @classmethod
    def _from_json(cls, part: Mapping[str, Any], path: str, **arguments: Any) -> Self:
        """Construct an instance from a JSON object at `path`, and from arguments that are not in it."""
        for name, argument in arguments_of(cls).items():
            if argument.key and part.get(argument.key) is not None:
                arguments[name] = _nested(argument, part[argument.key], join_path(path, argument.key))
        paths = cls._paths(path)
        for field in fields(cls):  # type: ignore[arg-type]  # all subclasses are dataclasses
            if field.init and field.default is MISSING and field.name not in arguments:
                raise InvalidType(paths.get(field.name, field.name), "be given", None)
        return errors_at(paths, lambda: cls(**arguments))


class AnalysisConfigSection(JsonConfig):
    """Base class of configuration classes that stand for a section of analysis_config.json, or a part of a section."""

    __slots__ = ()

    # The path of the section, its keys joined by dots; empty: the top level of the document.
    _section: ClassVar[str] = ""
    # Further keys that the class reads, at the top level of the document.
    _top_keys: ClassVar[frozenset[str]] = frozenset()

    def to_analysis_config(self) -> dict[str, Any]:
        """Convert this configuration to the form that Clarify reads.

        Returns:
            An analysis_config.json that holds nothing else, made of JSON's types.
        """
        content = self._to_json()
        for key in reversed(self._section.split(".") if self._section else []):
            content = {key: content}
        return content

    @classmethod
    def from_analysis_config(cls, config: AnalysisConfigSource) -> Self:
        """Read this configuration from an existing analysis_config.json.

        Each class reads its own keys and ignores those of other classes. A key that no class reads is refused, so that
        nothing is lost silently.

        Args:
            config: The path of the file, or its content as a mapping.

        Raises:
            ValueError: A value is wrong, or a key is unknown. The message names the key with its path.
            TypeError: A value is missing or of the wrong type.
            OSError: The file cannot be read.
        """
        return cls._from_document(read_document(config))

    @classmethod
    def _from_document(cls, content: Mapping[str, Any]) -> Self:
        if cls._section and not has_section(content, cls._section):
            raise InvalidType(cls._section, "be given", None)
        return cls._from_json(section_at(content, cls._section), cls._section)


def merge_documents(*documents: Mapping[str, Any]) -> dict[str, Any]:
    """Merge parts of a document, nested objects included; of equal keys the later part wins."""
    result: dict[str, Any] = {}
    for content in documents:
        for key, value in content.items():
            both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
            result[key] = merge_documents(result[key], value) if both else value
    return result


def read_document(config: AnalysisConfigSource) -> Mapping[str, Any]:
    """Read an analysis_config.json, and check that the configuration classes read every key of it.

    Raises:
        ValueError: The file is not JSON, or has a key that no configuration class reads.
        TypeError: The document or one of its sections is not a JSON object.
        OSError: The file cannot be read.
    """
    if isinstance(config, (str, PathLike)):
        config = _parsed(Path(config))
    if not isinstance(config, Mapping):
        raise InvalidType("config", "be the path of an analysis_config.json or its content", config)
    for path in sorted({part._section for part in AnalysisConfigSection.__subclasses__()} | set(_FIXED)):
        content = require_known_keys(section_at(config, path), _keys_of_section(path), path)
        for key, value in _FIXED.get(path, {}).items():
            if content.get(key, value) != value:
                remedy = "remove it: the library writes this key itself, with this value"
                raise InvalidValue(join_path(path, key), f"be {value!r}", content[key], remedy)
    return config


def _keys_of_section(path: str) -> set[str]:
    """All keys that a section of the document may have."""
    keys = set(_FIXED.get(path, ()))
    for part in AnalysisConfigSection.__subclasses__():
        if part._section == path:
            keys |= part._keys()
        elif not path or part._section.startswith(f"{path}."):
            keys.add(part._section.removeprefix(path).lstrip(".").partition(".")[0])
        if not path:
            keys |= part._top_keys
    return keys


def section_at(content: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The JSON object at a path of the document; an empty one where there is none."""
    part: Any = content
    walked = ""
    for key in filter(None, path.split(".")):
        walked = join_path(walked, key)
        part = part.get(key)
        if part is None:
            return {}
        if not isinstance(part, Mapping):
            raise InvalidType(walked, "be a JSON object", part)
    return cast("Mapping[str, Any]", part)


def has_section(content: Mapping[str, Any], path: str) -> bool:
    """Whether a JSON object stands at a path of the document."""
    above, _, key = path.rpartition(".")
    return section_at(content, above).get(key) is not None


def require_known_keys(part: object, keys: set[str], path: str) -> Mapping[str, Any]:
    """Require a JSON object without unknown keys.

    Raises:
        ValueError: It has an unknown key.
        TypeError: It is not a JSON object.
    """
    if not isinstance(part, Mapping):
        raise InvalidType(path, "be a JSON object", part)
    for key, value in part.items():
        if key not in keys:
            remedy = f"remove it; the known keys are {', '.join(sorted(keys))}"
            raise InvalidValue(
                join_path(path, str(key)), "not be in the document: it is not a known key", value, remedy
            )
    return part


def errors_at(paths: Mapping[str, str], make: Callable[[], _T]) -> _T:
    """Call `make`, and let its errors name paths in the document in place of arguments."""
    try:
        return make()
    except (InvalidValue, InvalidType) as error:
        for name in sorted(paths, key=len, reverse=True):
            if error.argument == name or error.argument.startswith(f"{name}["):
                raise error.with_argument(paths[name] + error.argument.removeprefix(name)) from None
        raise


def join_path(path: str, key: str | None) -> str:
    """The path of a key below a path."""
    return f"{path}.{key}" if path else str(key)


def _json(value: object) -> Any:
    if isinstance(value, JsonConfig):
        return value._to_json()
    return [_json(item) for item in value] if isinstance(value, tuple) else to_json(value)


def _nested(argument: Argument, value: Any, path: str) -> Any:
    cls = argument.nested
    if cls is None:
        return value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_nested(argument, item, f"{path}[{i}]") for i, item in enumerate(value)]
    if issubclass(cls, JsonConfig):
        return cls._from_json(require_known_keys(value, cls._keys(), path), path)
    try:
        return cls(value)  # an enumeration
    except ValueError:
        choices = ", ".join(repr(member.value) for member in cls)
        raise InvalidValue(path, f"be one of {choices}", value) from None


def _parsed(path: Path) -> Any:
    def refuse_constant(name: str) -> None:
        raise InvalidValue("config", "be JSON, which knows neither NaN nor Infinity", name, f"correct {path}")

    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse_constant)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InvalidValue("config", "be JSON", str(path), str(error)) from None
