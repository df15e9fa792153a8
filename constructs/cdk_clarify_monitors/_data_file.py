"""A local data file as data set: it is brought to S3 as an asset, and checked while the app is synthesized.

A file is read as a stream, and what is kept of it is limited. What cannot be told for sure is not checked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, Self

from ._checks import InvalidValue
from ._column import Column
from ._csv_file import CsvFile
from ._json_file import JsonFile
from ._parquet_file import ParquetFile

if TYPE_CHECKING:
    from constructs import Construct

    from ._data_config import DataConfig

_DATASET_TYPES: Final = {
    ".csv": "text/csv",
    ".jsonl": "application/jsonlines",
    ".json": "application/json",
    ".parquet": "application/x-parquet",
}


class AssetUri(str):
    """The S3 URI of an asset that a local file is, or will be, made.

    What is known of the file is a part of the URI, so that a changed copy of a configuration keeps it together with the
    URI, and loses it with the URI.

    Attributes:
        path: The file.
        scope: The construct that the asset is made in.
    """

    __slots__ = ("path", "scope")

    path: Path
    scope: Construct

    def __new__(cls, uri: str, path: Path, scope: Construct) -> Self:
        """Make a URI that knows its file."""
        self = super().__new__(cls, uri)
        self.path, self.scope = path, scope
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self  # as every string; a construct cannot be copied


class DataFile(Protocol):
    """A file that fits its configuration."""

    @property
    def headers(self) -> Sequence[str] | None:
        """Names of its columns, given or its own; None: not known."""
        ...

    @property
    def width(self) -> int | None:
        """Number of values in a record: of its columns, in JSON of its features; None: not known."""
        ...

    def columns(self, names: Collection[str | int]) -> Mapping[str | int, Column]:
        """The values of the columns that are known by these names or indices; those that can be found."""
        ...


def dataset_type_of(path: Path) -> str:
    """The data set type that a file's suffix stands for.

    Raises:
        ValueError: If it stands for none.
    """
    if path.suffix.lower() not in _DATASET_TYPES:
        suffixes = ", ".join(_DATASET_TYPES)
        raise InvalidValue("path", f"end in {suffixes}", str(path), "or say what it holds with 'dataset_type'")
    return _DATASET_TYPES[path.suffix.lower()]


def inspected(path: Path, data_config: DataConfig) -> DataFile | None:
    """The file of a configuration, known to fit it; None: of a format that cannot be read here.

    Raises:
        ValueError: If the file does not fit the configuration, or there is none.
    """
    if not path.is_file():
        raise InvalidValue(
            "path", "be a file", str(path), "correct it; a relative path starts from the working directory"
        )
    match data_config.dataset_type:
        case "text/csv":
            return CsvFile(path, data_config)
        case "application/jsonlines" | "application/json" if data_config.time_series_data_config is None:
            return JsonFile(path, data_config)
        case "application/x-parquet" if find_spec("pyarrow") is not None:
            return ParquetFile(path, data_config)
    return None
