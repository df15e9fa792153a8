"""Parquet files as data sets. They are read with pyarrow if it is installed; it is no dependency of the library."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._checks import InvalidValue
from ._column import Column

if TYPE_CHECKING:
    from ._data_config import DataConfig


class ParquetFile:
    """A Parquet file that fits a configuration as far as its schema tells.

    Attributes:
        headers: Names of its columns, given or read.
        width: Number of its columns.

    Raises:
        ImportError: If pyarrow is not installed.
        ValueError: If the file does not fit the configuration.
    """

    def __init__(self, path: Path, data_config: DataConfig) -> None:
        parquet: Any = import_module("pyarrow.parquet")
        try:
            self._file = parquet.ParquetFile(path)
        except ValueError as error:  # pyarrow's ArrowInvalid
            raise InvalidValue("path", "be Parquet", str(path), str(error)) from None
        self._names: list[str] = self._file.schema_arrow.names
        self.width: int | None = len(self._names)
        self.headers: Sequence[str] = self._names if data_config.headers is None else data_config.headers
        if list(self.headers) == self._names:
            return
        if len(self.headers) != len(self._names) or sorted(self.headers) == sorted(self._names):
            raise InvalidValue("headers", f"be the columns {self._names} of {path}", self.headers, "or leave it out")

    def columns(self, names: Collection[str | int]) -> Mapping[str | int, Column]:
        """The values of the columns that are known by these names or indices."""
        headers = list(self.headers)
        places = {name: headers.index(name) if name in headers else name for name in names}
        known = {name: self._names[i] for name, i in places.items() if isinstance(i, int) and i < len(headers)}
        found = {name: Column() for name in known}
        if known:
            for batch in self._file.iter_batches(columns=sorted(set(known.values()))):
                for name, header in known.items():
                    for value in batch.column(header).unique().to_pylist():
                        found[name].add(value)
        return found
