"""Tables in files."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .._validation import InvalidType, InvalidValue
from .rows import TableRow

_MERGE_KEY = "tag:yaml.org,2002:merge"


def read_rows(path: str | os.PathLike[str]) -> list[TableRow]:
    """Read the rows of a table, each with its line number for error messages.

    A CSV file has a header row; empty lines are skipped, and every value is a string. A YAML file is a list of
    mappings, which may have anchors and merge keys. Reading YAML requires PyYAML, which this library does not install.

    Args:
        path: The file, in UTF-8. Its name ends in .csv, .yaml or .yml.

    Returns:
        The rows, as mappings of columns to values.

    Raises:
        ValueError: The file is not such a table: a row has more or fewer cells than the header, or a column is named
            twice.
        ModuleNotFoundError: The file is YAML, and PyYAML is not installed.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InvalidType("path", "be the path of a file", path)
    file = Path(path)
    readers = {".csv": _csv_rows, ".yaml": _yaml_rows, ".yml": _yaml_rows}
    if file.suffix.lower() not in readers:
        raise InvalidValue("path", f"end in {', '.join(readers)}", str(path), "pass rows of other files as mappings")
    try:
        content = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValue("path", "be a file in UTF-8", str(path), f"byte {error.start} is none; convert it") from None
    return list(readers[file.suffix.lower()](file.name, content))


def _csv_rows(name: str, content: str) -> Iterator[TableRow]:
    lines = [*io.StringIO(content, newline="")]
    reader = csv.reader(lines, strict=True)
    header: list[str] | None = None
    begin = 1
    try:
        for cells in reader:
            where, begin = f"{name} line {begin}", reader.line_num + 1
            if not any(map(str.strip, cells)):
                continue
            if header is None:
                header = _check_header(where, cells)
            elif len(cells) != len(header):
                must = f"have {len(header)} cells, as the header has"
                raise InvalidValue(where, must, cells, f"it has {len(cells)}; quote a cell that has a comma in it")
            else:
                yield TableRow(dict(zip(header, cells, strict=True)), where)
    except csv.Error as error:
        raise InvalidValue(f"{name} line {begin}", "be CSV", lines[begin - 1].rstrip("\r\n"), str(error)) from None


def _check_header(where: str, cells: list[str]) -> list[str]:
    if len(cells) == 1 and re.search(r"[;\t]", cells[0]):
        raise InvalidValue(where, "have its cells separated by commas", cells[0], "save the table as CSV with commas")
    _check_columns(where, cells)
    return cells


def _yaml_rows(name: str, content: str) -> Iterator[TableRow]:
    try:
        import yaml
    except ModuleNotFoundError as error:
        error.add_note(f"Reading {name} takes PyYAML: pip install pyyaml")
        raise
    loader = None
    try:
        loader = yaml.SafeLoader(content)
        loader.name = name
        document = loader.get_single_node()
        if document is None:
            return
        if not isinstance(document, yaml.SequenceNode):
            raise InvalidType(name, "be a list of mappings", loader.construct_document(document))
        anchored: set[int] = set()
        for number, node in enumerate(document.value, 1):
            # Of a row that is an alias, only its anchor's line is known.
            where = f"{name} item {number}" if id(node) in anchored else f"{name} line {node.start_mark.line + 1}"
            anchored.add(id(node))
            if not isinstance(node, yaml.MappingNode):
                raise InvalidType(where, "be a mapping of columns to values", loader.construct_object(node, deep=True))
            own = [key for key, _ in node.value if key.tag != _MERGE_KEY]
            _check_columns(where, [loader.construct_object(key, deep=True) for key in own])
            values = loader.construct_mapping(node, deep=True)
            _check_columns(where, [*values])
            yield TableRow(values, where)
    except yaml.YAMLError as error:
        raise InvalidValue("path", "be a file in YAML", name, " ".join(str(error).split())) from None
    finally:
        if loader:
            loader.dispose()


def _check_columns(where: str, columns: Sequence[Any]) -> None:
    for number, column in enumerate(columns):
        if not isinstance(column, str):
            raise InvalidType(where, "have strings as columns", column, "put it into quotes")
        if column != column.strip():
            raise InvalidValue(where, "have no white space around columns", column, f"write {column.strip()!r}")
        if not column or column in columns[:number]:
            must = "name each column once" if column else "name each column"
            raise InvalidValue(where, must, columns, f"column {number + 1} is {column!r}")
