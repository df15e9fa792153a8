"""The rows of a fleet: each one monitor in one account and region."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._validation import FrozenMapping, InvalidType, InvalidValue, format_value, is_token, text

Row = Mapping[str, Any]
Environment = tuple[str, str]

_ACCOUNT, _REGION = "account", "region"
# Columns named like these arguments are about names that SageMaker has once in an account and region.
_NAME_COLUMNS = ("monitor_schedule_name", "base_job_name")


class TableRow(FrozenMapping):
    """A row of a file, which messages name by file and line.

    Args:
        cells: The values by column.
        where: File and line.
    """

    __slots__ = ("where",)

    def __init__(self, cells: Mapping[str, Any], where: str) -> None:
        super().__init__(cells)
        self.where = where


@dataclass(frozen=True, eq=False)
class FleetRow:
    """A row whose monitor is known by key, account and region.

    Attributes:
        values: The row as it was given.
        where: How messages name it.
        key: The monitor's key.
        environment: Its account and region.
    """

    values: Row
    where: str
    key: str
    environment: Environment

    @property
    def construct_id(self) -> str:
        """The id of the monitor, as constructs spell it."""
        return self.key.replace("/", "--")

    def cell(self, column: str) -> str:
        """How messages name one of its values."""
        return _cell(self.where, column)

    def cell_with(self, value: object, default: str) -> str:
        """How messages name the column that has a value; `default` if none has."""
        return self.cell(next((column for column, cell in self.values.items() if cell == value), default))


class UniqueNames:
    """Names that only one row of an account and region may have."""

    def __init__(self) -> None:
        self._rows: dict[tuple[Environment, str, str], FleetRow] = {}

    def add(self, row: FleetRow, kind: str, name: object, cell: str) -> None:
        """Add a name of a row; tokens and no name pass.

        Raises:
            ValueError: Another row has the name.
        """
        if not isinstance(name, str) or not name or is_token(name):
            return
        # In some of SageMaker's ARNs names are in lower case.
        other = self._rows.setdefault((row.environment, kind, name.lower()), row)
        if other is not row:
            must = f"be unique in {'/'.join(row.environment)}"
            raise InvalidValue(cell, must, name, f"{other.where} has it already")


def check_rows(rows: Iterable[Row], key: str, environments: Sequence[Environment]) -> list[FleetRow]:
    """Check the rows of a table.

    Args:
        rows: The rows.
        key: The column whose value tells a monitor from the others of its account and region.
        environments: The accounts and regions that may be named.

    Raises:
        ValueError: A row names no environment of the fleet, or names a monitor that another row names.
        TypeError: A row is no mapping, or a value no string.
    """
    if isinstance(rows, (str, bytes, Mapping)) or not isinstance(rows, Iterable):
        path = format_value(str(rows)) if isinstance(rows, str) or hasattr(rows, "__fspath__") else "'fleet.csv'"
        raise InvalidType("rows", "be an iterable of rows", rows, f"write rows=read_rows({path})")
    keys, names = UniqueNames(), UniqueNames()
    checked = []
    for number, values in enumerate(rows):
        row = _check_row(f"rows[{number}]", values, key, environments)
        # Two keys that constructs spell alike are one.
        keys.add(row, key, row.construct_id, row.cell(key))
        for column in _NAME_COLUMNS:
            names.add(row, column, values.get(column), row.cell(column))
        checked.append(row)
    return checked


def _check_row(where: str, values: Row, key: str, environments: Sequence[Environment]) -> FleetRow:
    if not isinstance(values, Mapping):
        remedy = "csv.DictReader and read_rows give such rows, a data frame its .to_dict('records')"
        raise InvalidType(where, "be a mapping of columns to values", values, remedy)
    where = values.where if isinstance(values, TableRow) else where
    if None in values:
        # So csv.DictReader keeps them.
        raise InvalidValue(where, "have no more cells than the header has", values[None], "quote a cell with a comma")  # type: ignore[index]
    cells = {column: _check_cell(where, values, column) for column in (key, _ACCOUNT, _REGION)}
    account, region = cells[_ACCOUNT], cells[_REGION]
    if account not in (accounts := dict.fromkeys(account for account, _ in environments)):
        _refuse_environment(where, _ACCOUNT, account, list(accounts))
    if region not in (regions := [theirs for owner, theirs in environments if owner == account]):
        _refuse_environment(where, _REGION, region, regions)
    return FleetRow(values, where, cells[key], (account, region))


def _check_cell(where: str, values: Row, column: str) -> str:
    cell = _cell(where, column)
    if column not in values:
        columns = ", ".join(map(str, values)) or "none"
        raise InvalidValue(cell, "be given", None, f"the row's columns are {columns}")
    if column == _ACCOUNT and isinstance(values[column], int):
        # YAML takes one that begins with a zero for an octal number: what was meant is lost.
        raise InvalidType(cell, "be a string", values[column], "write the twelve digits in quotes")
    value: str = text()(cell, values[column])
    if is_token(value):
        raise InvalidValue(cell, "be a literal", value, "stacks are named, and monitors placed, at synthesis")
    if control := re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", value):
        remedy = f"character {control.start()} is {control.group()!a}: remove it"
        raise InvalidValue(cell, "have no control characters", value, remedy)
    if value != value.strip():
        raise InvalidValue(cell, "not begin or end with white space", value, f"write {value.strip()!r}")
    return value


def _refuse_environment(where: str, column: str, value: str, known: Sequence[str]) -> None:
    remedy = f"it has {', '.join(known) or 'none'}; add a cdk.Environment, or correct the row"
    if column == _ACCOUNT and not re.fullmatch(r"\d{12}", value):
        remedy = "an account has twelve digits, which spreadsheets shorten unless the column is text: correct the row"
    raise InvalidValue(
        _cell(where, column), f"be {'an' if column == _ACCOUNT else 'a'} {column} of 'environments'", value, remedy
    )


def _cell(where: str, column: str) -> str:
    return f"{where}, column {column}"
