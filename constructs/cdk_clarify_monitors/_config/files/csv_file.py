"""CSV data files. Clarify reads the dialect `csv.excel` in UTF-8.

See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-data-format-tabular.html.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from ..._validation import InvalidValue, has_token, is_token, remedy_for_choice
from .column_profile import ColumnProfile, is_gap, is_number_or_boolean

# Rows that are examined to tell a header row from data.
_SAMPLED_ROWS: Final = 20


class CsvFile:
    """A CSV file whose first rows fit the headers and the label.

    Args:
        path: The file.
        headers: The names of its columns; None: the file's header row, if it certainly has one.
        label: The label's column.

    Attributes:
        headers: The names of its columns; None: unknown.
        width: The number of its columns.

    Raises:
        ValueError: The file does not fit the headers or the label.
    """

    def __init__(self, path: Path, headers: Sequence[str] | None, label: str | int | None) -> None:
        self._path = path
        rows = list(islice(self._rows(), _SAMPLED_ROWS))
        if not rows:
            raise InvalidValue("path", "be a file with data", str(path))
        self.width: int | None = len(rows[0])
        if headers is None:
            self._has_header_row = isinstance(label, str) or _is_header_row(rows)
            self.headers: Sequence[str] | None = rows[0] if self._has_header_row else None
            self._check_label(label, rows[0])
        else:
            self.headers = headers
            self._has_header_row = rows[0] == list(headers)
            self._check_headers(headers, rows)

    def profile_columns(self, columns: Collection[str | int]) -> Mapping[str | int, ColumnProfile]:
        """Profile the values of columns, given by name or index; unknown names are left out."""
        headers = list(self.headers or ())
        indices = {
            column: column if isinstance(column, int) else headers.index(column)
            for column in columns
            if isinstance(column, int) or column in headers
        }
        profiles = {column: ColumnProfile(is_text=True) for column in indices}
        adders = [(profiles[column].add, index) for column, index in indices.items()]
        for row in islice(self._rows(), int(self._has_header_row), None):
            for add, index in adders:
                add(row[index] if index < len(row) else "")
        return profiles

    def _check_label(self, label: str | int | float | None, first: Sequence[str]) -> None:
        if isinstance(label, str) and label not in first:
            must = f"be in the header row {first} of {self._path}"
            raise InvalidValue("label", must, label, _remedy_for_label(label, first))
        if isinstance(label, int) and label >= len(first):
            raise InvalidValue("label", f"be an index into the {len(first)} columns of {self._path}", label)
        if self._has_header_row and not all(first):
            must = f"be a file with a name for each column in its header row {first}"
            remedy = "pandas writes an index without a name: leave it out by to_csv(…, index=False)"
            raise InvalidValue("path", must, str(self._path), remedy)
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
        is_respelled = sorted(map(_spelling, headers)) == sorted(map(_spelling, first))
        if is_respelled or _is_header_row(rows):
            must = f"be {'spelled as' if is_respelled else 'the names'} in the header row {first} of {self._path}"
            remedy = "otherwise that row is taken for a record; write it as the file has it, or leave 'headers' out"
            raise InvalidValue("headers", must, headers, remedy)

    def _rows(self) -> Iterator[list[str]]:
        """Yield the rows that are not empty."""
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
    """Whether the first row is certainly a header row: it has no number, and a column below it has only numbers."""
    first, others = rows[0], rows[1:]
    if any(is_gap(cell) or is_number_or_boolean(cell) for cell in first):
        return False
    columns = ([row[i] for row in others if i < len(row) and row[i]] for i in range(len(first)))
    return any(column and all(map(is_number_or_boolean, column)) for column in columns)


def _remedy_for_label(label: str, first: Sequence[str]) -> str:
    if len(first) == 1 and (separator := next((each for each in ";\t|" if each in first[0]), None)):
        return f"separate the columns by commas, not by {separator!r}: Clarify reads no other file"
    return remedy_for_choice(label, first) or "correct the name, or give 'headers' if the file has no such row"


def _spelling(name: str) -> str:
    """Normalize a name, so that names are equal that differ in case, spaces or punctuation only."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold() or name
