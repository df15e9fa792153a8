"""Parquet data files. They are read with pyarrow where it is installed; the library does not depend on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ..._validation import InvalidValue
from .column_profile import ColumnProfile


class ParquetFile:
    """A Parquet file whose schema fits the headers.

    Args:
        path: The file.
        headers: The names of its columns; None: the file's own.

    Attributes:
        headers: The names of its columns.
        width: The number of its columns.

    Raises:
        ImportError: pyarrow is not installed.
        ValueError: The file does not fit the headers.
    """

    def __init__(self, path: Path, headers: Sequence[str] | None) -> None:
        parquet: Any = import_module("pyarrow.parquet")
        try:
            self._file = parquet.ParquetFile(path)
        except ValueError as error:  # pyarrow's ArrowInvalid
            raise InvalidValue("path", "be Parquet", str(path), str(error)) from None
        self._names: list[str] = self._file.schema_arrow.names
        self.width: int | None = len(self._names)
        self.headers: Sequence[str] = self._names if headers is None else headers
        if list(self.headers) == self._names:
            return
        if len(self.headers) != len(self._names) or sorted(self.headers) == sorted(self._names):
            raise InvalidValue("headers", f"be the columns {self._names} of {path}", self.headers, "or leave it out")

    def profile_columns(self, columns: Collection[str | int]) -> Mapping[str | int, ColumnProfile]:
        """Profile the values of columns, given by name or index; unknown ones are left out."""
        headers = list(self.headers)
        indices = {column: headers.index(column) if column in headers else column for column in columns}
        file_names = {
            column: self._names[index]
            for column, index in indices.items()
            if isinstance(index, int) and index < len(headers)
        }
        schema = self._file.schema_arrow
        profiles = {
            column: ColumnProfile(has_categories=str(schema.field(file_name).type).startswith("dictionary"))
            for column, file_name in file_names.items()
        }
        if file_names:
            for batch in self._file.iter_batches(columns=sorted(set(file_names.values()))):
                for column, file_name in file_names.items():
                    for counted in batch.column(file_name).value_counts().to_pylist():
                        profiles[column].add(counted["values"], counted["counts"])
        return profiles
