"""Between configuration objects and analysis_config.json: one table of keys serves writing and reading.

Each configuration class stands for one part of the document and says which key each of its arguments has there. Writing
a part and reading it back gives an equal object.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Final, Self, TypeVar, cast

from ._checks import Argument, Checked, InvalidType, InvalidValue, arguments_of, plain

# An analysis_config.json: the path of the file, or its content.
AnalysisConfigSource = str | PathLike[str] | Mapping[str, Any]

# What the library writes by itself and offers no argument for: methods of every baselining job, and of bias monitors'.
REPORT: Final = {"report": {"name": "report", "title": "Analysis Report"}}
BIAS_METHODS: Final = {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": "all"}}
# Keys that can be read with this one value only, by section of the document. 1.0 is Clarify's only version.
_FIXED: Final[Mapping[str, Mapping[str, object]]] = {"": {"version": "1.0"}, "methods": {**REPORT, **BIAS_METHODS}}

_T = TypeVar("_T")


class JsonPart(Checked):
    """Base of the configuration classes that are written to, and read from, a JSON object."""

    __slots__ = ()

    @classmethod
    def _keys(cls) -> set[str]:
        """The keys that this class reads and writes."""
        return {argument.key for argument in arguments_of(cls).values() if argument.key}

    @classmethod
    def _paths(cls, path: str) -> dict[str, str]:
        """Where in a document each argument is read from, if this part stands at `path`."""
        return {name: joined(path, argument.key) for name, argument in arguments_of(cls).items() if argument.key}

    def _to_json(self) -> dict[str, Any]:
        values = {argument.key: getattr(self, name) for name, argument in arguments_of(self).items() if argument.key}
        return {key: _json(value) for key, value in values.items() if value is not None}

    @classmethod
    def _from_json(cls, part: Mapping[str, Any], path: str, **arguments: Any) -> Self:
        """Make an object of a JSON object at `path`; `arguments` are those that do not stand in it."""
        for name, argument in arguments_of(cls).items():
            if argument.key and part.get(argument.key) is not None:
                arguments[name] = _nested(argument, part[argument.key], joined(path, argument.key))
        paths = cls._paths(path)
        for field in fields(cls):  # type: ignore[arg-type]  # all subclasses are dataclasses
            if field.init and field.default is MISSING and field.name not in arguments:
                raise InvalidType(paths.get(field.name, field.name), "be given", None)
        return renaming(paths, lambda: cls(**arguments))


class DocumentPart(JsonPart):
    """Base of the configuration classes that stand for a section of analysis_config.json, or for a part of one."""

    __slots__ = ()

    # The keys that lead to the section, joined by dots; empty: the top of the document.
    _section: ClassVar[str] = ""
    # Further keys that the class reads, from the top of the document.
    _top_keys: ClassVar[frozenset[str]] = frozenset()

    def to_analysis_config(self) -> dict[str, Any]:
        """This configuration as Clarify reads it.

        Returns:
            An analysis_config.json with nothing else in it, made of JSON's types.
        """
        content = self._to_json()
        for key in reversed(self._section.split(".") if self._section else []):
            content = {key: content}
        return content

    @classmethod
    def from_analysis_config(cls, config: AnalysisConfigSource) -> Self:
        """Read this configuration from an existing analysis_config.json.

        Each class reads its own keys of the document and leaves the others' alone. A key that no class stands for is
        refused, so that nothing is lost silently.

        Args:
            config: The path of the file, or its content as a mapping.

        Raises:
            ValueError: If a value is wrong, or a key is unknown. The message names the key with its path.
            TypeError: If a value is missing or of the wrong type.
            OSError: If the file cannot be read.
        """
        return cls._from_document(document(config))

    @classmethod
    def _from_document(cls, content: Mapping[str, Any]) -> Self:
        if cls._section and not has_section(content, cls._section):
            raise InvalidType(cls._section, "be given", None)
        return cls._from_json(section(content, cls._section), cls._section)


def merged(*documents: Mapping[str, Any]) -> dict[str, Any]:
    """Several parts of a document in one; where two have the same key, the later one wins."""
    result: dict[str, Any] = {}
    for content in documents:
        for key, value in content.items():
            both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
            result[key] = merged(result[key], value) if both else value
    return result


def document(config: AnalysisConfigSource) -> Mapping[str, Any]:
    """The content of an analysis_config.json, known to have no key that the configuration classes cannot express.

    Raises:
        ValueError: If the file is no JSON, or has a key that no configuration class stands for.
        TypeError: If the document or one of its sections is no JSON object.
        OSError: If the file cannot be read.
    """
    if isinstance(config, (str, PathLike)):
        config = _parsed(Path(config))
    if not isinstance(config, Mapping):
        raise InvalidType("config", "be the path of an analysis_config.json or its content", config)
    for path in sorted({part._section for part in DocumentPart.__subclasses__()} | set(_FIXED)):
        content = known_keys(section(config, path), _keys_of_section(path), path)
        for key, value in _FIXED.get(path, {}).items():
            if content.get(key, value) != value:
                remedy = "remove it: the library writes this key itself, with this value"
                raise InvalidValue(joined(path, key), f"be {value!r}", content[key], remedy)
    return config


def _keys_of_section(path: str) -> set[str]:
    """All keys that a section of the document can have."""
    keys = set(_FIXED.get(path, ()))
    for part in DocumentPart.__subclasses__():
        if part._section == path:
            keys |= part._keys()
        elif not path or part._section.startswith(f"{path}."):
            keys.add(part._section.removeprefix(path).lstrip(".").partition(".")[0])
        if not path:
            keys |= part._top_keys
    return keys


def section(content: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The JSON object at a path of the document; an empty one if there is none."""
    part: Any = content
    walked = ""
    for key in filter(None, path.split(".")):
        walked = joined(walked, key)
        part = part.get(key)
        if part is None:
            return {}
        if not isinstance(part, Mapping):
            raise InvalidType(walked, "be a JSON object", part)
    return cast("Mapping[str, Any]", part)


def has_section(content: Mapping[str, Any], path: str) -> bool:
    """Whether a JSON object stands at a path of the document."""
    above, _, key = path.rpartition(".")
    return section(content, above).get(key) is not None


def known_keys(part: object, known: set[str], path: str) -> Mapping[str, Any]:
    """The JSON object at a path; refused if it is none or has a key that is not known."""
    if not isinstance(part, Mapping):
        raise InvalidType(path, "be a JSON object", part)
    for key, value in part.items():
        if key not in known:
            remedy = f"remove it; the known keys are {', '.join(sorted(known))}"
            raise InvalidValue(joined(path, str(key)), "not be in the document: it is not a known key", value, remedy)
    return part


def renaming(paths: Mapping[str, str], make: Callable[[], _T]) -> _T:
    """What `make` returns; its refusals name the place in the document instead of the argument."""
    try:
        return make()
    except (InvalidValue, InvalidType) as refusal:
        for name in sorted(paths, key=len, reverse=True):
            if refusal.argument == name or refusal.argument.startswith(f"{name}["):
                raise refusal.renamed(paths[name] + refusal.argument.removeprefix(name)) from None
        raise


def joined(path: str, key: str | None) -> str:
    """The path of a key in the part at a path."""
    return f"{path}.{key}" if path else str(key)


def _json(value: object) -> Any:
    if isinstance(value, JsonPart):
        return value._to_json()
    return [_json(item) for item in value] if isinstance(value, tuple) else plain(value)


def _nested(argument: Argument, value: Any, path: str) -> Any:
    cls = argument.nested
    if cls is None:
        return value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_nested(argument, item, f"{path}[{i}]") for i, item in enumerate(value)]
    if issubclass(cls, JsonPart):
        return cls._from_json(known_keys(value, cls._keys(), path), path)
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
