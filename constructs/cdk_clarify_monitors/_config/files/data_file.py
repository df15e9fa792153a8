"""Opens a local data file by its data set type, and checks it against the configuration."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

from ..._validation import InvalidValue
from ..dataset_types import CSV, JSON, JSON_LINES, PARQUET
from .column_profile import ColumnProfile
from .csv_file import CsvFile
from .json_file import JsonFile
from .parquet_file import ParquetFile

_TYPES_BY_SUFFIX: Final = {".csv": CSV, ".jsonl": JSON_LINES, ".json": JSON, ".parquet": PARQUET}


class DataFile(Protocol):
    """A local data file that fits its configuration."""

    @property
    def headers(self) -> Sequence[str] | None:
        """The names of its columns, from the configuration or the file; None: unknown."""
        ...

    @property
    def width(self) -> int | None:
        """The number of values in a record: of columns, in JSON of features; None: unknown."""
        ...

    def profile_columns(self, columns: Collection[str | int]) -> Mapping[str | int, ColumnProfile]:
        """Profile the values of columns, given by name, index or JMESPath expression; unknown ones are left out."""
        ...


def infer_dataset_type(path: Path) -> str:
    """The data set type by a file's suffix.

    Raises:
        ValueError: The suffix stands for no type.
    """
    suffix = path.suffix.lower()
    if suffix not in _TYPES_BY_SUFFIX:
        suffixes = ", ".join(_TYPES_BY_SUFFIX)
        raise InvalidValue("path", f"end in {suffixes}", str(path), "or say what it holds with 'dataset_type'")
    return _TYPES_BY_SUFFIX[suffix]


def open_data_file(
    path: Path,
    dataset_type: str,
    *,
    headers: Sequence[str] | None,
    label: str | int | None,
    predicted_label: str | int | None,
    features: str | None,
    has_time_series: bool,
) -> DataFile | None:
    """Open a data file and check that it fits its configuration.

    Args:
        path: The file.
        dataset_type: Its MIME type.
        headers: The names of its columns; None: the file's own.
        label: The label: a column, or a JMESPath expression.
        predicted_label: The predicted label, likewise.
        features: The JMESPath expression of the features.
        has_time_series: Whether it holds time series, which are not checked.

    Returns:
        The file; None: its format cannot be read here.

    Raises:
        ValueError: The file does not exist or does not fit the configuration.
    """
    if not path.is_file():
        remedy = "correct it; a relative path starts from the working directory"
        raise InvalidValue("path", "be a file", str(path), remedy)
    if dataset_type == CSV:
        return CsvFile(path, headers, label)
    if dataset_type in (JSON, JSON_LINES) and not has_time_series:
        return JsonFile(
            path,
            headers,
            label=label,
            predicted_label=predicted_label,
            features=features,
            is_json_lines=dataset_type == JSON_LINES,
        )
    if dataset_type == PARQUET and find_spec("pyarrow") is not None:
        return ParquetFile(path, headers)
    return None
