"""Brings captured records into one table, as the analyses of the baselining job have it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from cdk_clarify_monitors_local.container._dataset import Dataset, locate
from cdk_clarify_monitors_local.container._errors import AlgorithmError, CustomerError
from cdk_clarify_monitors_local.container.monitoring._contract import Contract
from cdk_clarify_monitors_local.container.monitoring._records import Record, records
from cdk_clarify_monitors_local.container.monitoring._rows import RowReader, check_width

PREDICTED_LABEL = "predicted_label"

_CHUNK = 20_000  # rows that are held as Python objects, ten times as large as in a column
_LABEL = "label"


def load(contract: Contract, headers: Sequence[str] | None, label: str | int | None, *, is_bias: bool) -> Dataset:
    """Read the captured data.

    Args:
        contract: Where they are, and what is in them.
        headers: The columns' names in the analysis config, with or without the label's.
        label: The label in the analysis config.
        is_bias: Whether predictions and labels are needed beside the features.

    Raises:
        AlgorithmError: There are none.
        CustomerError: They do not fit the configuration.
    """
    found = records(contract, with_prediction=is_bias)
    columns = _Columns(headers, label if is_bias else None)
    reader = RowReader(contract, label, columns.feature_count, with_prediction=is_bias)
    chunks: list[pd.DataFrame] = []
    features: list[list[Any]] = []
    predicted: list[Any] = []
    labels: list[Any] = []
    is_typed = False

    def flush() -> None:
        chunks.append(columns.table(features, predicted, labels, is_typed=is_typed))
        for values in (features, predicted, labels):
            values.clear()

    for record in found:
        rows = reader.rows(_checked(record, contract, is_bias))
        for row in rows.features:
            columns.check(row)
        is_typed = is_typed or rows.is_typed
        features += rows.features
        predicted += rows.predicted
        labels += rows.labels
        if len(features) >= _CHUNK:
            flush()
    if features or not chunks:
        flush()
    table = _concatenated(chunks)
    if is_bias and table[PREDICTED_LABEL].dtype != table[columns.label].dtype:
        table[PREDICTED_LABEL] = _as_observed(table[PREDICTED_LABEL], table[columns.label])
    not_features = {columns.label, PREDICTED_LABEL} if is_bias else set()
    names = [name for name in table.columns if name not in not_features]
    excluded = {locate(names, column, "ExcludeFeaturesAttribute") for column in contract.excluded_features}
    return Dataset(
        table,
        [name for name in names if name not in excluded],
        columns.label if is_bias else None,
        PREDICTED_LABEL if is_bias else None,
    )


def _checked(record: Record, contract: Contract, is_bias: bool) -> Record:
    if is_bias and record.label is None:
        raise CustomerError("Headers must contain label. Captured data were not merged with ground truth.")
    return record


class _Columns:
    """The names of the columns, and where the label is among them."""

    def __init__(self, headers: Sequence[str] | None, label: str | int | None) -> None:
        self._headers = None if headers is None else [str(header) for header in headers]
        self._configured = label
        self._names: list[str] | None = None
        self._label_place: int | None = None
        self.label = ""

    @property
    def feature_count(self) -> int | None:
        """How many features there are, as the headers tell: the label is one of them, if one is needed."""
        if self._headers is None:
            return None
        return len(self._headers) - (self._configured is not None)

    def check(self, row: Sequence[Any]) -> None:
        """Check a row of features. The first one tells whether the headers have the label.

        Raises:
            CustomerError: It has another number of features.
        """
        if self._names is None:
            self._name(len(row))
        check_width(row, len(self._names or ()))

    def table(
        self, features: Sequence[Sequence[Any]], predicted: Sequence[Any], labels: Sequence[Any], *, is_typed: bool
    ) -> pd.DataFrame:
        """Return rows as a table of typed columns.

        Args:
            features: The features of each row.
            predicted: The predicted labels.
            labels: The labels, as text if they come from CSV.
            is_typed: Whether features have types, so that text stays text.

        Raises:
            AlgorithmError: There are none.
        """
        if self._names is None:
            raise AlgorithmError(
                "Error: Could not find any json file under directory /opt/ml/processing/input_data. There are no "
                "captured data in the window of the execution, or no ground truth belongs to them."
            )
        table = pd.DataFrame(features, columns=pd.Index(self._names))
        if self._label_place is not None:
            table.insert(self._label_place, self.label, pd.Series(labels, dtype=object))
            table[PREDICTED_LABEL] = pd.Series(predicted, dtype=object)
        return pd.DataFrame(
            {
                name: _typed(table[name], parses_text=not is_typed or name in (self.label, PREDICTED_LABEL))
                for name in table.columns
            }
        )

    def _name(self, count: int) -> None:
        headers, label = self._headers, self._configured
        if label is None:
            self._names = headers if headers is not None else [f"feature_{i}" for i in range(count)]
            return
        if headers is None:
            place = min(label, count) if isinstance(label, int) else count
            every = [f"feature_{i}" for i in range(count + 1)]
            self._label_place, self.label = place, every[place] if isinstance(label, int) else str(label)
            self._names = [name for i, name in enumerate(every) if i != place]
            return
        if len(headers) == count:
            self._label_place, self.label = count, _LABEL if label in headers else str(label).rpartition(".")[2]
            self._names = headers
            return
        check_width(range(count), len(headers) - 1)
        place = _label_place(headers, label)
        self._label_place, self.label = place, headers[place]
        self._names = [name for i, name in enumerate(headers) if i != place]


def _label_place(headers: Sequence[str], label: str | int) -> int:
    """Return where the label is: by name, index, or the end of its JMESPath expression; else the last header."""
    if isinstance(label, int):
        if not 0 <= label < len(headers):
            raise CustomerError(f"Headers must contain label. 'label' is column {label} of {len(headers)}.")
        return label
    for name in (label, label.rpartition(".")[2]):
        if name in headers:
            return headers.index(name)
    return len(headers) - 1


def _typed(column: pd.Series[Any], *, parses_text: bool) -> pd.Series[Any]:
    """Give a column the type that it would have in a file that pandas reads."""
    if _is_number(column):
        return column
    if column.isna().all():
        return column.astype(float)
    if not any(isinstance(value, str) for value in column):
        return column.infer_objects()
    if not parses_text:
        return column.astype(object)
    try:
        return pd.to_numeric(column)
    except (ValueError, TypeError):
        pass
    if set(column.unique()) <= {"True", "False", "true", "false"}:
        return column.map(lambda text: text.lower() == "true").astype(bool)
    return column.astype(object).replace("", None)


def _is_number(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)


def _concatenated(chunks: Iterable[pd.DataFrame]) -> pd.DataFrame:
    parts = list(chunks)
    text = {name for part in parts for name in part.columns if not _is_number(part[name])}
    for part in parts:
        for name in text:
            if _is_number(part[name]):  # numbers only in this part of a column of text
                part[name] = part[name].map(str).astype(object)
    return pd.concat(parts, ignore_index=True)


def _as_observed(predicted: pd.Series[Any], observed: pd.Series[Any]) -> pd.Series[Any]:
    """Give predicted labels the type of the labels, if that changes no value."""
    try:
        converted = predicted.astype(observed.dtype)
    except (TypeError, ValueError):
        return predicted
    if pd.api.types.is_numeric_dtype(predicted) and pd.api.types.is_numeric_dtype(observed):
        return converted if bool((converted == predicted).all()) else predicted
    return converted if observed.dtype == object and not pd.api.types.is_numeric_dtype(predicted) else predicted
