"""Brings the data set into one table, with the label, the facets and the predicted labels found in it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jmespath
import pandas as pd
from jmespath.exceptions import JMESPathError

from cdk_clarify_monitors_local.container._analysis_config import AnalysisConfig, Locator
from cdk_clarify_monitors_local.container._errors import CustomerError, check_parquet_can_be_read
from cdk_clarify_monitors_local.container._storage import read_objects

_LABEL = "label"
_PREDICTED_LABEL = "predicted_label"


@dataclass(frozen=True)
class Dataset:
    """The data set, column by column.

    Attributes:
        table: Every column, those of the facet data set included.
        features: The names of the columns that the model gets, in its order.
        label: The label's name, None if there is none.
        predicted_label: The predicted labels' name, None if the model has to say.
    """

    table: pd.DataFrame
    features: Sequence[str]
    label: str | None
    predicted_label: str | None

    @property
    def model_input(self) -> pd.DataFrame:
        """The columns that the model gets."""
        return self.table[list(self.features)]

    def column(self, locator: Locator, parameter: str) -> str:
        """Return the name of the column that a parameter of the configuration names or counts.

        Raises:
            CustomerError: There is no such column.
        """
        return locate(self.table.columns, locator, parameter)

    def feature(self, locator: Locator, parameter: str) -> str:
        """Return the name of such a column that the model gets.

        Raises:
            CustomerError: There is no such column, or the model does not get it.
        """
        name = self.column(locator, parameter)
        if name not in self.features:
            features = ", ".join(self.features)
            raise CustomerError(f"'{parameter}' is column '{name}', which is no feature; the features are {features}.")
        return name


def load(config: AnalysisConfig, folder: Path) -> Dataset:
    """Read the data set.

    Args:
        config: The configuration.
        folder: Where the job's input lies, used unless the configuration names an S3 URI.

    Raises:
        CustomerError: The data do not fit the configuration.
    """
    sources = read_objects(config.dataset_uri) if config.dataset_uri else _read_folder(folder)
    if config.dataset_type in ("application/jsonlines", "application/json"):
        table, label, predicted = _read_json(config, sources)
    else:
        table = _read_table(config.dataset_type, config.headers, sources)
        label = None if config.label is None else locate(table.columns, config.label, "label")
        predicted = None
        if config.predicted_label is not None and config.predicted_label_dataset_uri is None:
            predicted = locate(table.columns, config.predicted_label, "predicted_label")
    join_source = None
    if config.join_source is not None:
        join_source = locate(table.columns, config.join_source, "joinsource_name_or_index")
    not_features = {label, predicted, join_source}
    not_features |= {locate(table.columns, column, "excluded_columns") for column in config.excluded_columns}
    features = [name for name in table.columns if name not in not_features]
    if config.facet_dataset_uri is not None:
        facets = _read_table("text/csv", config.facet_headers, read_objects(config.facet_dataset_uri))
        table = _join(table, facets, join_source, "facet_dataset_uri")
    if config.predicted_label_dataset_uri is not None:
        table, predicted = _join_predicted_labels(config, table, join_source)
    return Dataset(_with_plain_text(table), features, label, predicted)


def locate(columns: Sequence[str] | pd.Index, locator: Locator, parameter: str) -> str:
    """Return the name of a column given by name or by index.

    Raises:
        CustomerError: There is no such column.
    """
    names = [str(name) for name in columns]
    if isinstance(locator, int) and not isinstance(locator, bool):
        if 0 <= locator < len(names):
            return names[locator]
        raise CustomerError(f"'{parameter}' is column {locator}, but the data set has {len(names)} columns.")
    if locator in names:
        return str(locator)
    raise CustomerError(f"'{parameter}' is column '{locator}', but the data set has only {', '.join(names)}.")


def _read_folder(folder: Path) -> list[tuple[str, io.BytesIO]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    if not files:
        raise CustomerError("The job has no data set: its input 'dataset' must be at /opt/ml/processing/input/data.")
    return [(path.name, io.BytesIO(path.read_bytes())) for path in files]


# Tables: CSV and Parquet


def _read_table(
    dataset_type: str, headers: Sequence[str] | None, sources: Sequence[tuple[str, io.BytesIO]]
) -> pd.DataFrame:
    tables = []
    for name, content in sources:
        try:
            if dataset_type == "application/x-parquet":
                check_parquet_can_be_read()
                table = _named(pd.read_parquet(content), headers, name)
            else:
                table = _read_csv(content, headers, name)
        except (ValueError, OSError) as error:  # pandas' and pyarrow's parsers
            raise CustomerError(f"{name} cannot be read as {dataset_type}: {error}") from error
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _read_csv(content: io.BytesIO, headers: Sequence[str] | None, name: str) -> pd.DataFrame:
    first = pd.read_csv(content, header=None, nrows=1, dtype=str).iloc[0].tolist()
    content.seek(0)
    if headers is not None:
        # Clarify takes the file for one without a header row then; a header row that says the same does no harm.
        has_header = [str(cell).strip() for cell in first] == list(headers)
        return _named(pd.read_csv(content, header=None, skiprows=1 if has_header else 0), headers, name)
    if any(_is_number(cell) for cell in first):
        table = pd.read_csv(content, header=None)
        return _named(table, [f"feature_{index}" for index in range(table.shape[1])], name)
    return pd.read_csv(content)


def _named(table: pd.DataFrame, headers: Sequence[str] | None, name: str) -> pd.DataFrame:
    if headers is not None:
        if len(headers) != table.shape[1]:
            raise CustomerError(f"There are {len(headers)} headers, but {name} has {table.shape[1]} columns.")
        table.columns = pd.Index(list(headers))
    return table


def _with_plain_text(table: pd.DataFrame) -> pd.DataFrame:
    """Store text as Python's, which smclarify knows, not in pandas' own type for it."""
    return table.astype({name: object for name in table.columns if isinstance(table[name].dtype, pd.StringDtype)})


def _is_number(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True


# JSON and JSON Lines: JMESPath expressions locate features and labels


def _read_json(
    config: AnalysisConfig, sources: Sequence[tuple[str, io.BytesIO]]
) -> tuple[pd.DataFrame, str | None, str | None]:
    if config.features is None:
        raise CustomerError(f"A data set of type {config.dataset_type} needs 'features', a JMESPath expression.")
    rows: list[list[Any]] = []
    extra: dict[str, list[Any]] = {}
    paths = {_LABEL: config.label, _PREDICTED_LABEL: config.predicted_label}
    for name, content in sources:
        for document in documents(config.dataset_type, name, content):
            many = config.dataset_type == "application/json"
            features = _search(config.features, document, "features", name)
            rows += features if many else [features]
            for parameter, path in paths.items():
                if path is not None:
                    found = _search(path, document, parameter, name)
                    extra.setdefault(parameter, []).extend(found if many else [found])
    if any(not isinstance(row, list) or len(row) != len(rows[0]) for row in rows):
        raise CustomerError("'features' does not locate a list of the same length in every record.")
    names, label_name = _feature_names(config, len(rows[0]))
    table = pd.DataFrame(rows, columns=pd.Index(names))
    renamed = {_LABEL: label_name, _PREDICTED_LABEL: _PREDICTED_LABEL}
    for parameter, values in extra.items():
        if len(values) != len(table):
            raise CustomerError(f"'{parameter}' locates {len(values)} values for {len(table)} records.")
        table[renamed[parameter]] = values
    return (
        table,
        label_name if config.label is not None else None,
        _PREDICTED_LABEL if config.predicted_label is not None else None,
    )


def documents(dataset_type: str, name: str, content: io.BytesIO) -> list[Any]:
    """Return the documents of a file: one of JSON, one in each line of JSON Lines.

    Raises:
        CustomerError: It is not of its type.
    """
    text = content.getvalue().decode()
    try:
        if dataset_type == "application/json":
            return [json.loads(text)]
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise CustomerError(f"{name} cannot be read as {dataset_type}: {error}") from error


def _search(path: Locator, document: Any, parameter: str, name: str) -> Any:
    try:
        found = jmespath.search(str(path), document)
    except JMESPathError as error:
        raise CustomerError(f"'{parameter}' is not a JMESPath expression: {error}") from error
    if found is None:
        raise CustomerError(f"'{parameter}' ({path}) locates nothing in a record of {name}.")
    return found


def _feature_names(config: AnalysisConfig, count: int) -> tuple[list[str], str]:
    """Return the features' names and the label's. The headers may hold the label's name: by that name, else last."""
    headers = list(config.headers) if config.headers is not None else [f"feature_{index}" for index in range(count)]
    if len(headers) == count:
        return headers, _LABEL
    if config.label is not None and len(headers) == count + 1:
        path_end = str(config.label).rpartition(".")[2]
        label = path_end if path_end in headers else headers[-1]
        headers.remove(label)
        return headers, label
    raise CustomerError(f"There are {len(headers)} headers, but the records have {count} features.")


# Data sets of their own


def _join(table: pd.DataFrame, other: pd.DataFrame, join_source: str | None, parameter: str) -> pd.DataFrame:
    """Put the columns of another data set beside those of the data set, by the join column or else row by row."""
    by_column = join_source is not None and join_source in other.columns
    both = sorted({str(name) for name in table.columns} & {str(name) for name in other.columns} - {str(join_source)})
    if both:
        raise CustomerError(f"Both the data set and that of '{parameter}' have {', '.join(both)}.")
    if by_column:
        for name, source in (("the data set", table), (f"that of '{parameter}'", other)):
            if source[join_source].duplicated().any():
                raise CustomerError(f"A '{join_source}' is in {name} more than once.")
        joined = table.merge(other, on=join_source, how="left", indicator="_found")
        if (joined["_found"] != "both").any():
            raise CustomerError(f"Not every '{join_source}' of the data set is in that of '{parameter}'.")
        return joined.drop(columns="_found")
    if len(other) != len(table):
        raise CustomerError(f"The data set has {len(table)} rows, that of '{parameter}' has {len(other)}.")
    return pd.concat([table, other], axis=1)


def _join_predicted_labels(
    config: AnalysisConfig, table: pd.DataFrame, join_source: str | None
) -> tuple[pd.DataFrame, str]:
    uri = config.predicted_label_dataset_uri or ""
    other = _read_table("text/csv", config.predicted_label_headers, read_objects(uri))
    if config.predicted_label is not None:
        predicted = locate(other.columns, config.predicted_label, "predicted_label")
    else:
        candidates = [str(name) for name in other.columns if name != join_source]
        if not candidates:
            raise CustomerError("The data set of 'predicted_label_dataset_uri' has no column of predicted labels.")
        # An identifier may come first under a name that the data set does not have.
        predicted = candidates[-1]
    other = other[[name for name in other.columns if name in (predicted, join_source)]]
    if predicted in table.columns:  # predictions often have the label's name
        other = other.rename(columns={predicted: _PREDICTED_LABEL})
        predicted = _PREDICTED_LABEL
    return _join(table, other, join_source, "predicted_label_dataset_uri"), predicted
