"""JSON and JSON Lines data files.

See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-data-format-tabular.html.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from ..._validation import InvalidValue, is_token
from .column_profile import ColumnProfile
from .json_path import header_index_of, path_steps, value_at

# A JSON document is parsed as a whole; a larger one is not read.
_MAX_DOCUMENT_BYTES: Final = 20_000_000

# A record: its label and its features.
_Record = tuple[Any, Any]


class JsonFile:
    """A JSON or JSON Lines file whose first record fits the configuration.

    Args:
        path: The file.
        headers: The names of features, label and predicted label; None: unknown.
        label: The label's JMESPath expression.
        predicted_label: The predicted label's JMESPath expression.
        features: The features' JMESPath expression.
        is_json_lines: Whether each line is a document.

    Attributes:
        headers: The headers as passed: such a file has none of its own.
        width: The number of features of the first record; None: unknown.

    Raises:
        ValueError: The file does not fit the configuration.
    """

    def __init__(
        self,
        path: Path,
        headers: Sequence[str] | None,
        *,
        label: str | int | None,
        predicted_label: str | int | None,
        features: str | None,
        is_json_lines: bool,
    ) -> None:
        self._path = path
        self._is_json_lines = is_json_lines
        self._label = label
        self._features = features
        self.headers = headers
        self.width: int | None = None
        # Indices of the features by header and by column index, where the order of the headers is certain.
        self._feature_indices: dict[str | int, int] = {}
        if not is_json_lines and path.stat().st_size > _MAX_DOCUMENT_BYTES:
            return
        first = next(self._records(), None)
        if first is None:
            raise InvalidValue("path", "be a file with data", str(path))
        for argument, expression, value in zip(("label", "features"), (label, features), first, strict=True):
            if value is None and path_steps(expression) is not None:
                raise InvalidValue(argument, f"find something in {path}", expression, "correct the JMESPath expression")
        if isinstance(first[1], list):
            self.width = len(first[1])
            self._index_features(self.width, has_predicted_label=predicted_label is not None)

    def profile_columns(self, columns: Collection[str | int]) -> Mapping[str | int, ColumnProfile]:
        """Profile the values of columns, given by name, index or JMESPath expression; unknown ones are left out."""
        readers: dict[str | int, Callable[[_Record], Any]] = {
            column: _feature_reader(index) for column, index in self._feature_indices.items() if column in columns
        }
        if self._label in columns and path_steps(self._label) is not None:
            readers[self._label] = lambda record: record[0]  # type: ignore[index]  # it is among the columns
        profiles = {column: ColumnProfile() for column in readers}
        for record in self._records() if readers else ():
            for column, read in readers.items():
                profiles[column].add(read(record))
        return profiles

    def _index_features(self, count: int, *, has_predicted_label: bool) -> None:
        """Match headers and features: headers name the features, then the label, then the predicted label."""
        headers = self.headers
        if headers is None or is_token(headers):
            return
        label_count = (self._label is not None) + has_predicted_label
        if not count <= len(headers) <= count + label_count:
            must = f"have one name for each of the {count} features in {self._path}"
            remedy = "only the label's and the predicted label's, if they are given, may follow"
            raise InvalidValue("headers", must, headers, remedy)
        # In one of AWS's examples the label's header comes first, so only a header of its name is known to be last.
        label_index = header_index_of(self._label, headers)
        if len(headers) == count or (len(headers) == count + 1 and label_index == count):
            self._feature_indices = {header: i for i, header in enumerate(headers[:count])}
            self._feature_indices |= {i: i for i in range(count)}

    def _records(self) -> Iterator[_Record]:
        label, features = path_steps(self._label), path_steps(self._features)
        if self._is_json_lines:
            for content in self._documents():
                yield value_at(content, label), value_at(content, features)
        else:
            for content in self._documents():
                yield from zip_longest(*(_as_list(value_at(content, steps)) for steps in (label, features)))

    def _documents(self) -> Iterator[Any]:
        try:
            if not self._is_json_lines:
                yield json.loads(self._path.read_text(encoding="utf-8"))
                return
            with self._path.open(encoding="utf-8") as file:
                yield from (json.loads(line) for line in file if line.strip())
        except ValueError as error:  # no JSON, or not in UTF-8
            form = "JSON in every line" if self._is_json_lines else "JSON"
            raise InvalidValue("path", f"be {form}, in UTF-8", str(self._path), str(error)) from None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _feature_reader(index: int) -> Callable[[_Record], Any]:
    def read(record: _Record) -> Any:
        features = record[1]
        return features[index] if isinstance(features, list) and index < len(features) else None

    return read
