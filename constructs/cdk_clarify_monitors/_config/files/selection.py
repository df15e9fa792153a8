"""Which rows of a data file a list of values, or a threshold, selects.

Which of the two it is, AWS's library for the metrics decides by what is in the column: [`series_datatype`][1], and
[`_categorical_data_idx` and `_interval_index`][2] for the rows.

[1]: https://github.com/aws/amazon-sagemaker-clarify/blob/master/src/smclarify/bias/metrics/common.py
[2]: https://github.com/aws/amazon-sagemaker-clarify/blob/master/src/smclarify/bias/report.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from .column_profile import ColumnProfile, ColumnType

# Whole numbers are values if the distinct ones are fewer than this part of the rows.
_UNIQUENESS_THRESHOLD: Final = 0.05


def is_threshold(profile: ColumnProfile, values: Sequence[Any] | None) -> bool:
    """Whether Clarify reads values as a threshold; with None, whether it requires one."""
    if values is not None and len(values) > 1:
        return False
    if profile.type is ColumnType.DECIMAL:
        return True
    are_integers = profile.type is ColumnType.WHOLE or (profile.type is ColumnType.OBJECTS and profile.are_integers)
    return are_integers and profile.values_per_row >= _UNIQUENESS_THRESHOLD


def why(profile: ColumnProfile) -> str:
    """Why Clarify reads a single number as it does, as a clause about the column."""
    if profile.type is ColumnType.DECIMAL:
        return "some of its rows have no value" if profile.has_gaps else "its numbers have a decimal point"
    if profile.type is ColumnType.WHOLE or (profile.type is ColumnType.OBJECTS and profile.are_integers):
        compared = "are 5 % of the" if is_threshold(profile, None) else "are fewer than 5 % of the"
        more = " or more" if is_threshold(profile, None) else ""
        return f"its {profile.distinct} different whole numbers {compared} {profile.rows} rows{more}"
    return "it holds true and false" if profile.type is ColumnType.BOOLEAN else "it holds no numbers, or not only"


def rows_above(profile: ColumnProfile, threshold: float) -> int | None:
    """The number of rows above a threshold; None: some, but not all."""
    if profile.counts is None:
        return 0 if threshold >= profile.maximum else None if threshold >= profile.minimum else profile.rows
    return sum(rows for value, rows in profile.counts.items() if float(value) > threshold)


def rows_with(profile: ColumnProfile, values: Sequence[Any]) -> list[int | None]:
    """The number of rows that each of some values selects; None: there are too many distinct ones to tell.

    Values select equal ones. Only if none of them is equal to any, they are converted to the type of the first row.
    """
    counts = profile.counts
    if counts is None:
        return [None] * len(values)
    equal = [counts.get(value, 0) if _is_comparable(value, profile) else 0 for value in values]
    if any(equal):
        return [*equal]
    # Clarify would make 40 of 40.5, and true of "false": no one means that.
    return [counts.get(each, 0) for each in (_converted(value, profile) for value in values)]


def _is_comparable(value: Any, profile: ColumnProfile) -> bool:
    """Whether a value is compared with a column's as it is: pandas tells true from 1, Python does not."""
    if profile.has_only_booleans:
        return isinstance(value, bool)
    return not (profile.type is ColumnType.WHOLE and isinstance(value, bool))


def _converted(value: Any, profile: ColumnProfile) -> Any:
    """A value in the type of a column's first row; None: there is none that says the same."""
    if profile.has_only_booleans and profile.first is not None:
        return {"true": True, "1": True, 1: True, 0: False}.get(value.lower() if isinstance(value, str) else value)
    if profile.type is ColumnType.WHOLE:
        try:
            return float(value)
        except (ValueError, OverflowError):
            return None
    return str(value) if isinstance(profile.first, str) and not profile.has_only_booleans else None
