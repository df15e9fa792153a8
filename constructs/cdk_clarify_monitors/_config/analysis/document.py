"""Reading and writing of analysis_config.json, Clarify's description of an analysis.

Each configuration class stands for one part of the document. The metadata of its fields hold their keys, for reading
and for writing alike: a part that is written and read again gives an equal object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Final, Self, TypeVar, cast

from ..._validation import (
    Argument,
    InvalidType,
    InvalidValue,
    Validated,
    arguments_of,
    check_depth,
    is_token,
    remedy_for_choice,
    to_json,
)

# An analysis_config.json: the path of the file, or its content.
AnalysisConfigSource = str | PathLike[str] | Mapping[str, Any]

# The method that the library adds to every baselining job without an argument.
REPORT: Final = {"report": {"name": "report", "title": "Analysis Report"}}
# Clarify's only version of the document.
_VERSION: Final = "1.0"

# The keys of an object, each with the keys of the objects below it; None: any value.
Schema = Mapping[str, "Schema | None"]

_T = TypeVar("_T")


class JsonConfig(Validated):
    """Base class of configuration classes that are written to, and read from, a JSON object."""

    __slots__ = ()

    @classmethod
    def _schema(cls) -> Schema:
        """The keys of the JSON object, and of the objects in it."""
        return {
            argument.key: argument.nested._schema()
            if argument.nested is not None and issubclass(argument.nested, JsonConfig)
            else None
            for argument in arguments_of(cls).values()
            if argument.key
        }

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
                value = part[argument.key]
                if argument.any_case and isinstance(value, str) and not is_token(value):
                    value = value.lower()
                arguments[name] = _nested(argument, value, join_path(path, argument.key))
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
    # Further keys that the class reads, from the top level of the document on.
    _further_keys: ClassVar[Schema] = {}
    # The SDK's.
    _members_instead: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("get_config", "get_predictor_config", "get_explainability_config"), "call to_analysis_config()"
    )

    def to_analysis_config(self) -> dict[str, Any]:
        """Convert this configuration to the form that Clarify reads.

        Returns:
            An analysis_config.json with only this configuration, in JSON's types.
        """
        return dict(_at(self._section, self._to_json()))

    @classmethod
    def from_analysis_config(cls, config: AnalysisConfigSource) -> Self:
        """Read this configuration from an existing analysis_config.json.

        Each class reads its own keys and ignores those of other classes, and the title of the report. Keys that no
        class reads are refused, all in one message, so that nothing is lost silently.

        Args:
            config: The path of the file, or its content as a mapping.

        Raises:
            ValueError: A value is wrong, or keys are unknown. The message names each key with its path.
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
        ValueError: The file is not JSON, or has keys that no configuration class reads.
        TypeError: The document is not a JSON object.
        OSError: The file cannot be read.
    """
    if isinstance(config, (str, PathLike)):
        config = _parsed(Path(config))
    if not isinstance(config, Mapping):
        raise InvalidType("config", "be the path of an analysis_config.json or its content", config)
    check_depth("config", config)
    _check_nothing_lost(config)
    return config


def _check_nothing_lost(config: Mapping[str, Any]) -> None:
    lost = {path: (value, remedy) for path, value, remedy in _unread(config, _document_schema(), "")}
    version = config.get("version")
    if version is not None and not (isinstance(version, str) and version == _VERSION):
        lost["version"] = version, f"Clarify's only version is {_VERSION!r}"
    if len(lost) == 1:
        (path, (value, remedy)) = next(iter(lost.items()))
        must = f"be {_VERSION!r}" if path == "version" else "not be in the document: it is not a known key"
        raise InvalidValue(path, must, value, remedy)
    if lost:
        remedies = "; ".join(f"{path}: {remedy}" for path, (_, remedy) in lost.items())
        values = {path: value for path, (value, _) in lost.items()}
        raise InvalidValue("config", f"have no keys that would be lost: {', '.join(values)}", values, remedies)


def _unread(part: Mapping[Any, Any], schema: Schema, path: str) -> Iterator[tuple[str, Any, str]]:
    """The keys that no class reads: path, value and remedy."""
    for key, value in part.items():
        where = join_path(path, str(key))
        if key not in schema:
            similar = remedy_for_choice(str(key), schema)
            yield where, value, similar or f"remove it; the known keys are {', '.join(sorted(schema))}"
        elif (below := schema[key]) is not None:
            if isinstance(value, Mapping):
                yield from _unread(value, below, where)
            elif isinstance(value, (list, tuple)):
                for i, item in enumerate(value):
                    if isinstance(item, Mapping):
                        yield from _unread(item, below, f"{where}[{i}]")


def _document_schema() -> Schema:
    """All keys that the document may have."""
    parts: list[Mapping[str, Any]] = [{"version": None, "methods": {"report": None}}]
    for cls in AnalysisConfigSection.__subclasses__():
        parts += [_at(cls._section, cls._schema()), cls._further_keys]
    return merge_documents(*parts)


def _at(path: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document that has the content at a path, and nothing else."""
    for key in reversed(path.split(".") if path else []):
        content = {key: content}
    return content


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


def require_object(part: object, path: str) -> Mapping[str, Any]:
    """Require a JSON object.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(part, Mapping):
        raise InvalidType(path, "be a JSON object", part)
    return part


def errors_at(paths: Mapping[str, str], make: Callable[[], _T]) -> _T:
    """Call `make`, and let its errors name paths in the document in place of arguments."""
    try:
        return make()
    except (InvalidValue, InvalidType) as error:
        for name in sorted(paths, key=len, reverse=True):
            if error.argument == name or error.argument.startswith((f"{name}[", f"{name}.")):
                argument = paths[name] + error.argument.removeprefix(name)
                must, remedy = _in_terms_of(paths, error.must), _in_terms_of(paths, error.remedy)
                raise type(error)(argument, must, error.value, remedy) from None
        raise


def _in_terms_of(paths: Mapping[str, str], text: str) -> str:
    """Name keys of the document where a text names arguments with other names."""
    for name, path in paths.items():
        if "[" not in name and path.rpartition(".")[2] != name:
            text = re.sub(rf"(?<![\w.]){name}(?!\w)", path.rpartition(".")[2], text)
    return text


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
        return cls._from_json(require_object(value, path), path)
    try:
        return cls(value)  # an enumeration
    except ValueError:
        choices = ", ".join(repr(member.value) for member in cls)
        raise InvalidValue(path, f"be one of {choices}", value) from None


def _parsed(path: Path) -> Any:
    def refuse_constant(name: str) -> None:
        raise InvalidValue("config", "be JSON, which knows neither NaN nor Infinity", name, f"correct {path}")

    def to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise InvalidValue("config", "have each key once in an object", twice, f"correct {path}")
        return dict(pairs)

    try:
        return json.loads(
            path.read_text(encoding="utf-8-sig"), parse_constant=refuse_constant, object_pairs_hook=to_object
        )
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InvalidValue("config", "be JSON", str(path), str(error)) from None
    except RecursionError:
        raise InvalidValue("config", "be nested less deeply", str(path), "flatten it") from None
