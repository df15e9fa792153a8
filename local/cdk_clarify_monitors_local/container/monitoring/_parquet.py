"""Reads Parquet, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cdk_clarify_monitors_local.container._errors import AlgorithmError, check_parquet_can_be_read

#: The encoding of a row of Parquet in merged data: its values as a JSON array. They keep their types: text that looks
#: like a number stays text.
PARQUET = "PARQUET"


def parquet_rows(file: Path) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """Return the names of the columns of a Parquet file, and its rows, of values that JSON has.

    Raises:
        AlgorithmError: It is none, or there is no library for it.
    """
    check_parquet_can_be_read()
    # Imported here: the server imports this module, and needs none of the libraries.
    import pyarrow as pa
    from pyarrow import parquet

    try:
        content = parquet.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise AlgorithmError(f"Error: {file.name} is not Parquet: {error}") from error

    def rows() -> Iterator[Sequence[Any]]:
        try:
            for batch in content.iter_batches():
                columns = [[_plain(value) for value in column.to_pylist()] for column in batch.columns]
                yield from zip(*columns, strict=True)
        except (pa.ArrowException, OSError) as error:
            raise AlgorithmError(f"Error: {file.name} is not Parquet: {error}") from error

    return content.schema_arrow.names, rows()


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)
