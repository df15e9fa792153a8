"""The bodies of requests and responses: CSV, JSON and JSON Lines.

A request has a record in each row (CSV), in each line (JSON Lines), or in each item of `instances` (JSON). A record of
JSON is `{"features": [...]}`, a list, or an object of features by their names.

A response has the scores of a record, or its prediction where the model has no scores, in each row (CSV); or
`{"predicted_label": ..., "score": ...}` in each line (JSON Lines) or each item of `predictions` (JSON). Those are the
forms of AWS's own examples; SageMaker itself leaves them to the container.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cdk_clarify_monitors_local.inference._errors import InferenceError

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
_TYPES = {
    CSV: CSV,
    JSON: JSON,
    JSON_LINES: JSON_LINES,
    "application/x-jsonlines": JSON_LINES,
    "application/jsonl": JSON_LINES,
}
#: What a response is declared as.
_DECLARED = {CSV: "text/csv; charset=utf-8", JSON: JSON, JSON_LINES: JSON_LINES}
_SUPPORTED = f"{CSV}, {JSON} and {JSON_LINES}"


@dataclass(frozen=True)
class Prediction:
    """What a model says of a record.

    Attributes:
        label: Its prediction.
        scores: Its scores; empty if it has none.
    """

    label: Any
    scores: Sequence[float]


def read(content_type: str, body: bytes) -> pd.DataFrame:
    """Return the records of a request, a column for each feature.

    Raises:
        InferenceError: The body is not of its content type, or has no records.
    """
    form = _form(content_type)
    if form is None:
        raise InferenceError(415, f"The content type '{content_type}' is not supported, only {_SUPPORTED} are.")
    try:
        text = body.decode()
        records = _csv_records(text) if form == CSV else _json_records(form, text)
    except ValueError as error:
        raise InferenceError(400, f"The request's body is not {form}: {error}") from error
    if records.empty:
        raise InferenceError(400, "The request's body has no records.")
    return records


def has_header_row(content_type: str, body: bytes) -> bool:
    """Whether a request of CSV seems to begin with names: its first row has no number, and another one has."""
    if _form(content_type) != CSV:
        return False
    first, *others = ([_is_number(cell) for cell in row] for row in csv.reader(io.StringIO(body.decode())) if row)
    return not any(first) and any(map(any, others))


def response_type(content_type: str, accept: str) -> str:
    """Return the form of the response: the accepted one, or else that of the request.

    Raises:
        InferenceError: None of the accepted ones is supported.
    """
    accepted = [part.partition(";")[0].strip().lower() for part in accept.split(",") if part.strip()]
    for name in accepted:
        if name in _TYPES:
            return _TYPES[name]
    if accepted and not {"*/*", "application/*", "text/*"} & set(accepted):
        raise InferenceError(406, f"The accept type '{accept}' is not supported, only {_SUPPORTED} are.")
    return _form(content_type) or JSON


def write(form: str, predictions: Sequence[Prediction]) -> tuple[str, bytes]:
    """Return a response's content type and body.

    Args:
        form: What `response_type` gave.
        predictions: Of each record.
    """
    if form == CSV:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerows(list(prediction.scores) or [prediction.label] for prediction in predictions)
        return _DECLARED[form], text.getvalue().encode()
    documents = [_document(prediction) for prediction in predictions]
    if form == JSON_LINES:
        return _DECLARED[form], "".join(f"{_compact(document)}\n" for document in documents).encode()
    return _DECLARED[form], _compact({"predictions": documents}).encode()


def _form(content_type: str) -> str | None:
    return _TYPES.get(content_type.partition(";")[0].strip().lower())


def _csv_records(text: str) -> pd.DataFrame:
    if not text.strip():
        return pd.DataFrame()
    if _is_json(text.splitlines()[0]) or _is_json(text):
        raise ValueError(f"it is JSON. Send it as {JSON} or {JSON_LINES}.")
    return pd.read_csv(io.StringIO(text), header=None, skipinitialspace=True)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return False


def _json_records(form: str, text: str) -> pd.DataFrame:
    if form == JSON_LINES:
        instances = [json.loads(line) for line in text.splitlines() if line.strip()]
    else:
        document = json.loads(text)
        instances = document.get("instances", [document]) if isinstance(document, Mapping) else document
        if not isinstance(instances, list):
            raise ValueError("'instances' is not a list.")
        if instances and not isinstance(instances[0], list | Mapping):
            instances = [instances]  # one record
    records = [
        record["features"] if isinstance(record, Mapping) and "features" in record else record for record in instances
    ]
    are_lists = all(isinstance(record, list) for record in records)
    if not are_lists and not all(isinstance(record, Mapping) and not _is_wrapped(record) for record in records):
        raise ValueError('A record is {"features": [...]}, a list, or an object of features by their names.')
    if records and isinstance(records[0], list) and len({len(record) for record in records}) > 1:
        raise ValueError("The records are not of the same length.")
    return pd.DataFrame(records)


def _is_wrapped(record: Mapping[str, Any]) -> bool:
    """Whether a record has its features as a list under a name of its own, such as `inputs`."""
    return len(record) == 1 and isinstance(next(iter(record.values())), list)


def _document(prediction: Prediction) -> dict[str, Any]:
    document = {"predicted_label": prediction.label}
    if prediction.scores:
        document["score"] = prediction.scores[0] if len(prediction.scores) == 1 else list(prediction.scores)
    return document


def _compact(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
