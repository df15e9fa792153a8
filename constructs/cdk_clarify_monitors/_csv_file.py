"""CSV files as data sets. Clarify reads the dialect `csv.excel` in UTF-8.

See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-data-format-tabular.html.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ._checks import InvalidValue, has_token, is_token
from ._column import Column, comparable

if TYPE_CHECKING:
    from ._data_config import DataConfig

# So many rows are looked at to tell a header row from data.
_SAMPLE: Final = 20


class CsvFile:
    """A CSV file that fits a configuration as far as its first rows tell.

    Attributes:
        headers: Names of its columns, given or read; None: not known.
        width: Number of its columns.

    Raises:
        ValueError: If the file does not fit the configuration.
    """

    def __init__(self, path: Path, data_config: DataConfig) -> None:
        self._path = path
        rows = list(islice(self._rows(), _SAMPLE))
        if not rows:
            raise InvalidValue("path", "be a file with data", str(path))
        self.width: int | None = len(rows[0])
        if data_config.headers is None:
            self._has_header_row = isinstance(data_config.label, str) or _is_header_row(rows)
            self.headers: Sequence[str] | None = rows[0] if self._has_header_row else None
            self._check_label(data_config.label, rows[0])
        else:
            self.headers = data_config.headers
            self._has_header_row = rows[0] == list(self.headers)
            self._check_headers(self.headers, rows)

    def columns(self, names: Collection[str | int]) -> Mapping[str | int, Column]:
        """The values of the columns that are known by these names or indices."""
        headers = list(self.headers or ())
        places = {
            name: name if isinstance(name, int) else headers.index(name)
            for name in names
            if isinstance(name, int) or name in headers
        }
        found = {name: Column() for name in places}
        adders = [(found[name].add, place) for name, place in places.items()]
        for row in islice(self._rows(), int(self._has_header_row), None):
            for add, place in adders:
                if place < len(row):
                    add(row[place])
        return found

    def _check_label(self, label: str | int | float | None, first: Sequence[str]) -> None:
        if isinstance(label, str) and label not in first:
            must = f"be in the header row {first} of {self._path}"
            raise InvalidValue("label", must, label, "correct the name, or give 'headers' if the file has no such row")
        if isinstance(label, int) and label >= len(first):
            raise InvalidValue("label", f"be an index into the {len(first)} columns of {self._path}", label)
        if self._has_header_row and len(set(first)) < len(first):
            raise InvalidValue("path", f"be a file with different names in its header row {first}", str(self._path))

    def _check_headers(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        first = rows[0]
        if self._has_header_row or is_token(headers):
            return
        if len(first) != len(headers):
            must = f"have one name for each of the {len(first)} columns of {self._path}"
            raise InvalidValue("headers", must, headers, f"the file's first row is {first}")
        if has_token(headers):
            return
        if sorted(first) == sorted(headers):
            raise InvalidValue("headers", f"be in the order of the header row {first} of {self._path}", headers)
        # A name that is the same tells a header row from a record that other names are given for.
        names, spelled = [_spelling(name) for name in headers], [_spelling(cell) for cell in first]
        some_same = any(name == cell for name, cell in zip(names, spelled, strict=True))
        if sorted(names) == sorted(spelled) or (some_same and _is_header_row(rows)):
            must = f"be spelled as in the header row {first} of {self._path}"
            remedy = "otherwise that row is taken for a record; write it as the file has it, or leave 'headers' out"
            raise InvalidValue("headers", must, headers, remedy)

    def _rows(self) -> Iterator[list[str]]:
        """The rows, but for empty lines."""
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            width = 0
            try:
                for row in reader:
                    width = width or len(row)
                    if len(row) > width:
                        must = f"have {width} values in each row, as in the first"
                        remedy = f"line {reader.line_num} has {len(row)}"
                        raise InvalidValue("path", must, str(self._path), remedy)
                    if row:
                        yield row
            except UnicodeDecodeError as error:
                raise InvalidValue("path", "be encoded in UTF-8", str(self._path), str(error)) from None
            except csv.Error as error:
                raise InvalidValue("path", "be CSV", str(self._path), f"line {reader.line_num}: {error}") from None


def _is_header_row(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row can only be names: no number in it, but below it, in at least one column, only numbers."""
    first, others = rows[0], rows[1:]
    if not all(first) or any(isinstance(comparable(cell), float) for cell in first):
        return False
    columns = ([row[i] for row in others if i < len(row) and row[i]] for i in range(len(first)))
    return any(column and all(isinstance(comparable(cell), float) for cell in column) for column in columns)


def _spelling(name: str) -> str:
    """A form in which names are equal that differ in case, spaces or punctuation only."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold() or name
