"""JSON and JSON Lines files as data sets.

See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-data-format-tabular.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ._checks import InvalidValue, is_token
from ._column import Column

if TYPE_CHECKING:
    from ._data_config import DataConfig

# A JSON document is read as a whole, so a larger one is not read at all.
_LARGEST_DOCUMENT: Final = 20_000_000

# The JMESPath expressions that are understood: keys, with or without a projection of all items.
_PATH: Final = re.compile(r"(?:[A-Za-z_]\w*|\[\*?\])(?:\.[A-Za-z_]\w*|\[\*?\])*")

# A record: its label and its features.
_Record = tuple[Any, Any]


class JsonFile:
    """A JSON or JSON Lines file that fits a configuration as far as its first record tells.

    Attributes:
        headers: The given ones: such a file has none of its own.
        width: Number of its features; None: not known.

    Raises:
        ValueError: If the file does not fit the configuration.
    """

    def __init__(self, path: Path, data_config: DataConfig) -> None:
        self._path = path
        self._lines = data_config.dataset_type == "application/jsonlines"
        self._label = data_config.label
        self._features = data_config.features
        self.headers = data_config.headers
        self.width: int | None = None
        self._places: dict[str | int, int] = {}  # of features, where it is certain which of the headers is whose
        if not self._lines and path.stat().st_size > _LARGEST_DOCUMENT:
            return
        first = next(self._records(), None)
        if first is None:
            raise InvalidValue("path", "be a file with data", str(path))
        for name, value in zip(("label", "features"), first, strict=True):
            expression = getattr(data_config, name)
            if value is None and _steps(expression) is not None:
                raise InvalidValue(name, f"find something in {path}", expression, "correct the JMESPath expression")
        if isinstance(first[1], list):
            self.width = len(first[1])
            self._place_features(data_config, self.width)

    def columns(self, names: Collection[str | int]) -> Mapping[str | int, Column]:
        """The values of the columns that are known by these names, indices or JMESPath expressions."""
        readers: dict[str | int, Callable[[_Record], Any]] = {
            name: _feature(place) for name, place in self._places.items() if name in names
        }
        if self._label in names and _steps(self._label) is not None:
            readers[self._label] = lambda record: record[0]  # type: ignore[index]  # it is among the names
        found = {name: Column() for name in readers}
        for record in self._records() if readers else ():
            for name, read in readers.items():
                found[name].add(read(record))
        return found

    def _place_features(self, data_config: DataConfig, count: int) -> None:
        """Match headers and features. Headers name the features first, then the label, then the predicted label."""
        headers = data_config.headers
        if headers is None or is_token(headers):
            return
        others = sum(value is not None for value in (data_config.label, data_config.predicted_label))
        if not count <= len(headers) <= count + others:
            must = f"have one name for each of the {count} features in {self._path}"
            remedy = "only the label's and the predicted label's, if they are given, may follow"
            raise InvalidValue("headers", must, headers, remedy)
        # The label stands first in one of AWS's examples, so only a header of its own name tells that it is the last.
        label = place_by_path(data_config.label, headers)
        if len(headers) == count or (len(headers) == count + 1 and label == count):
            self._places = {header: i for i, header in enumerate(headers[:count])} | {i: i for i in range(count)}

    def _records(self) -> Iterator[_Record]:
        label, features = _steps(self._label), _steps(self._features)
        if self._lines:
            for content in self._documents():
                yield _at(content, label), _at(content, features)
        else:
            for content in self._documents():
                yield from zip_longest(*(_list(_at(content, steps)) for steps in (label, features)))

    def _documents(self) -> Iterator[Any]:
        try:
            if not self._lines:
                yield json.loads(self._path.read_text(encoding="utf-8"))
                return
            with self._path.open(encoding="utf-8") as file:
                yield from (json.loads(line) for line in file if line.strip())
        except ValueError as error:  # no JSON, or not in UTF-8
            form = "JSON in every line" if self._lines else "JSON"
            raise InvalidValue("path", f"be {form}, in UTF-8", str(self._path), str(error)) from None


def place_by_path(expression: object, headers: Sequence[str]) -> int | None:
    """The index of the header that has the name of what a JMESPath expression finds; None: none has."""
    for name in (expression, (_steps(expression) or ("",))[-1]):
        if name in headers:
            return headers.index(str(name))
    return None


def found_by_path(content: Any, expression: object) -> Any:
    """What a JMESPath expression finds in a JSON value; None: nothing, or it is more than a path."""
    return _at(content, _steps(expression))


def _steps(expression: object) -> tuple[str, ...] | None:
    """The steps of a JMESPath expression that is a mere path; None: it is something else."""
    if not isinstance(expression, str) or not _PATH.fullmatch(expression):
        return None
    return tuple(re.findall(r"\w+", expression))


def _at(content: Any, steps: tuple[str, ...] | None) -> Any:
    """What a path leads to; where it meets a list, what it leads to in all of its items."""
    if steps is None:
        return None
    for step in steps:
        if isinstance(content, list):
            content = [item.get(step) for item in content if isinstance(item, dict)] or None
        else:
            content = content.get(step) if isinstance(content, dict) else None
    return content


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _feature(place: int) -> Callable[[_Record], Any]:
    def read(record: _Record) -> Any:
        features = record[1]
        return features[place] if isinstance(features, list) and place < len(features) else None

    return read
