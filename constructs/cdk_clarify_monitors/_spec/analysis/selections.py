"""Checks of which rows of a local data file the facets and the positive label select."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..._config.analysis.bias_config import BiasConfig, facets_of
from ..._config.analysis.data_config import DataConfig
from ..._config.analysis.values import Threshold, Values, plain
from ..._config.files.column_profile import ColumnProfile, ColumnType
from ..._config.files.selection import is_threshold, rows_above, rows_with, why
from ..._validation import InvalidValue, format_value, has_token, is_token
from .analysis_spec import Note

_NOTE_ID = "value-or-threshold"


class _Selected(NamedTuple):
    """An argument that selects rows by a column.

    Attributes:
        argument: The argument's name.
        column: The column, by name or index.
        given: The values or the threshold, as the argument has them; None: each value in turn.
        profile: What is known of the column.
    """

    argument: str
    column: Any
    given: Any
    profile: ColumnProfile

    @property
    def values(self) -> Any:
        return plain(self.given)


def check_selections(data_config: DataConfig, bias_config: BiasConfig, *, has_labels: bool = True) -> list[Note]:
    """Refuse facets and labels whose values or threshold do not split the rows of a local data file in two.

    Args:
        data_config: The data set.
        bias_config: The facets and the positive label.
        has_labels: Whether predicted labels in the data set are labels, not scores.

    Returns:
        What is to be said about numbers that could have been meant otherwise.

    Raises:
        ValueError: An argument selects no row or all of them, or is read otherwise than it says.
    """
    file = data_config._file
    if file is None:
        return []
    columns = _columns(data_config, bias_config)
    label, predicted = data_config.label, data_config.predicted_label
    if data_config.predicted_label_dataset_uri is not None or not has_labels:
        predicted = None
    wanted = [column for _, column, _ in columns if not is_token(column)]
    profiles = file.profile_columns([*wanted, *([] if predicted is None or is_token(predicted) else [predicted])])
    notes: list[Note] = []
    for argument, column, given in columns:
        if column in profiles:
            notes += _check(_Selected(argument, column, given, profiles[column]))
    if predicted is not None and predicted in profiles and label is not None and label in profiles:
        _check_predicted(data_config, bias_config, profiles[label], profiles[predicted])
    return notes


def _columns(data_config: DataConfig, bias_config: BiasConfig) -> list[tuple[str, Any, Any]]:
    """The arguments that hold values of a column, each with the column and the values."""
    # Beside a facet data set, an index does not tell which of the two data sets it counts in.
    is_index_certain = data_config.facet_dataset_uri is None
    has_several = isinstance(bias_config.facet_name, tuple)
    columns: list[tuple[str, Any, Any]] = [
        (f"facet_values_or_threshold[{i}]" if has_several else "facet_values_or_threshold", facet, values)
        for i, (facet, values) in enumerate(facets_of(bias_config))
        if isinstance(facet, str) or is_index_certain
    ]
    if data_config.label is not None:
        columns.append(("label_values_or_threshold", data_config.label, bias_config.label_values_or_threshold))
    return columns


def _check(selected: _Selected) -> Iterator[Note]:
    argument, column, given, profile = selected
    if profile.type is ColumnType.UNKNOWN:
        return
    if profile.counts is not None and len(profile.counts) <= 1:
        must = f"be about a column with different values, and column {column!r} has only {list(profile.counts)}"
        raise InvalidValue(argument, must, given, "choose another column or data file")
    values = selected.values
    if values is not None and (is_token(values) or has_token(values)):
        return
    by_threshold = is_threshold(profile, values)
    _check_intent(selected, by_threshold)
    if by_threshold:
        yield from _check_threshold(selected)
    elif values is not None:
        yield from _check_values(selected)


def _check_intent(selected: _Selected, by_threshold: bool) -> None:
    """Refuse a threshold that is read as a value, and the other way round."""
    argument, column, given, profile = selected
    if isinstance(given, Values) and by_threshold:
        must = f"be several values, or about another column: Clarify compares column {column!r} with a single number"
        raise InvalidValue(argument, must, given, f"{why(profile)}; {_remedy_for_values(selected)}")
    if isinstance(given, Threshold) and not by_threshold:
        must = f"be values of column {column!r}, which Clarify does not compare with a threshold"
        raise InvalidValue(argument, must, given, f"{why(profile)}; {_remedy_for_threshold(selected)}")


def _check_threshold(selected: _Selected) -> Iterator[Note]:
    argument, column, given, profile = selected
    if selected.values is None:
        must = f"be given for column {column!r}, which Clarify compares with a threshold"
        raise InvalidValue(argument, must, None, f"{why(profile)}; give one number, or write the column in words")
    (value,) = selected.values
    try:
        number = float(value)
    except (ValueError, OverflowError):
        must = f"be a number: Clarify compares column {column!r} with a threshold"
        raise InvalidValue(f"{argument}[0]", must, value, f"{why(profile)}; give one number") from None
    above = rows_above(profile, number)
    limits = f"within the {profile.minimum:g} to {profile.maximum:g} of column {column!r}"
    if above == 0:
        must = f"be a threshold {limits}: no row is above it"
        remedy = f"Clarify reads it as a threshold, because {why(profile)}; {_remedy_for_values(selected)}"
        raise InvalidValue(f"{argument}[0]", must, value, remedy)
    if number < profile.minimum:
        must = f"be a threshold {limits}: all rows are above it"
        raise InvalidValue(f"{argument}[0]", must, value, "give a greater one")
    if profile.counts is not None and number in profile.counts and not isinstance(given, Threshold):
        meant = f"to say so, write Threshold({value!r}); if rows equal to {value} were meant, "
        yield Note(
            _NOTE_ID,
            f"'{argument}': {value} selects {above} of {profile.rows} rows: the column {column!r} is read as numbers "
            f"above a threshold, because {why(profile)}; {meant}{_remedy_for_values(selected)}",
        )


def _check_values(selected: _Selected) -> Iterator[Note]:
    argument, column, given, profile = selected
    values, counts = selected.values, profile.counts
    if counts is None:
        return
    rows = rows_with(profile, values)
    for i, count in enumerate(rows):
        if count == 0:
            must = f"be one of the values {format_value(list(counts))} of column {column!r}"
            raise InvalidValue(f"{argument}[{i}]", must, values[i], _why_no_row(selected, values[i]))
    selected_rows = sum(count or 0 for count in dict(zip(map(str, values), rows, strict=True)).values())
    if selected_rows >= sum(counts.values()):
        choices = format_value(list(counts))
        raise InvalidValue(argument, f"leave out at least one of the values {choices} of column {column!r}", given)
    if len(values) == 1 and profile.type is ColumnType.WHOLE and not isinstance(given, Values):
        (value,) = values
        above = rows_above(profile, float(value))
        if above:
            # With two values, a number is hardly ever meant as a threshold.
            yield Note(
                _NOTE_ID,
                f"'{argument}': {value} selects {rows[0]} of {profile.rows} rows: the column {column!r} is read as "
                f"values, because {why(profile)}; to say so, write Values([{value!r}]); if the {above} rows above "
                f"{value} were meant, {_remedy_for_threshold(selected)}",
                is_warning=len(counts) > 2,
            )


def _check_predicted(
    data_config: DataConfig, bias_config: BiasConfig, label: ColumnProfile, predicted: ColumnProfile
) -> None:
    """Refuse predicted labels that Clarify reads otherwise than the labels, or none of which is positive."""
    values: Any = plain(bias_config.label_values_or_threshold)
    if has_token(values) or ColumnType.UNKNOWN in (label.type, predicted.type):
        return
    column = data_config.predicted_label
    by_threshold = is_threshold(predicted, values)
    if by_threshold is not is_threshold(label, values):
        must = f"be a column that Clarify reads as it reads the label {data_config.label!r}"
        kinds = [f"{why(profile)}" for profile in (label, predicted)]
        remedy = f"of the label, {kinds[0]}; of the predicted label, {kinds[1]}: write both columns in the same way"
        raise InvalidValue("predicted_label", must, column, remedy)
    if by_threshold:
        none = rows_above(predicted, float(values[0])) == 0
    else:
        none = not any(count is None or count for count in rows_with(predicted, values))
    if none:
        must = f"be a column with positive labels, {format_value(list(values))}"
        raise InvalidValue("predicted_label", must, column, "no row has one; choose another column or data file")


def _why_no_row(selected: _Selected, value: Any) -> str:
    """The remedy for a value that no row has."""
    profile, values = selected.profile, selected.values
    if isinstance(value, str) and profile.has_gaps and profile.is_gap(value):
        return "pandas, which Clarify reads files with, takes it for a missing value: write another word"
    if isinstance(value, str) and profile.has_only_booleans:
        return "write True or False, without quotes"
    if isinstance(value, (str, bool)):
        return "" if profile.type is not ColumnType.WHOLE or len(values) == 1 else "write it as the column has it"
    if profile.type not in (ColumnType.WHOLE, ColumnType.DECIMAL):
        return "it is no threshold either: the column is not numeric"
    if len(values) > 1:
        return "it is no threshold either: a threshold stands alone"
    return f"it is no threshold either: {why(profile)}; {_remedy_for_threshold(selected)}"


def _remedy_for_values(selected: _Selected) -> str:
    """How to select the rows that are equal to a number, of a column that is compared with a threshold."""
    profile = selected.profile
    others = "write the column in words"
    if profile.type is ColumnType.DECIMAL:
        others = f"fill its gaps, or {others}" if profile.has_gaps else f"{others} or without decimal points"
    below = _greatest_below_maximum(profile, selected.values)
    if below is None:
        return others
    return f"give {[below]}, below the greatest number, as a threshold, or {others}"


def _greatest_below_maximum(profile: ColumnProfile, values: Sequence[Any]) -> Any:
    """The threshold that only the greatest number is above, if that is the one given; None: it is not."""
    try:
        is_greatest = len(values) == 1 and float(values[0]) == profile.maximum
    except ValueError:
        is_greatest = False
    if not is_greatest or profile.counts is None:
        return None
    return max(value for value in profile.counts if float(value) < profile.maximum)


def _remedy_for_threshold(selected: _Selected) -> str:
    """How to select the rows above a number, of a column that is read as values."""
    if selected.profile.type is not ColumnType.WHOLE:
        return "list the values"
    return "write the column with a decimal point (1.0), or list the values"
