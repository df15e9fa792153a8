"""Captured records, one after the other: what each has in it, as text."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from cdk_clarify_monitors_local.container._analysis_config import CSV as CSV_TYPE
from cdk_clarify_monitors_local.container._analysis_config import JSON_TYPES
from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.container.monitoring._contract import Contract
from cdk_clarify_monitors_local.container.monitoring._merge import files_below, json_objects
from cdk_clarify_monitors_local.container.monitoring._parquet import PARQUET, parquet_rows

CSV, JSON = "CSV", "JSON"


class Payload(NamedTuple):
    """A text in CSV, in JSON or JSON Lines, or a row of Parquet as a JSON array."""

    text: str
    encoding: str


class Record(NamedTuple):
    """A captured record of one row or many.

    Attributes:
        features: What has the features.
        prediction: What has the prediction. The same as `features` if the prediction was joined to them.
        label: The ground truth.
    """

    features: Payload
    prediction: Payload | None
    label: Payload | None


def records(contract: Contract, *, with_prediction: bool) -> Iterator[Record]:
    """Yield the records to analyse, as they come from the files.

    Args:
        contract: What to read.
        with_prediction: Whether predictions are needed.

    Raises:
        AlgorithmError: There is no file, or a file is not what it should be.
        CustomerError: A record lacks something.
    """
    source = contract.path("dataset_source")
    files = files_below(source) if source is not None else []
    dataset_format = contract.dataset_format
    if "sagemakerMergeJson" in dataset_format or "sagemakerCaptureJson" in dataset_format:
        own = [file for file in files if contract.part_id is not None and contract.part_id in file.name]
        for file in own or files:
            yield from _captured(file, contract.window, with_prediction)
    elif "csv" in dataset_format:
        has_header = bool((dataset_format["csv"] or {}).get("header"))
        for file in files:
            yield from _csv_rows(file, has_header=has_header)
    elif "json" in dataset_format:
        is_lines = bool((dataset_format["json"] or {}).get("line"))
        for file in files:
            yield from _json_documents(file, is_lines=is_lines)
    elif "parquet" in dataset_format:
        for file in files:
            for row in parquet_rows(file)[1]:
                yield Record(Payload(json.dumps(row), PARQUET), None, None)


def answer_type(contract: Contract) -> str | None:
    """Return the content type of the first captured answer of an endpoint; None if there is none that is known."""
    source = contract.path("dataset_source")
    if source is None or "sagemakerCaptureJson" not in contract.dataset_format:
        return None
    for file in files_below(source):
        for _, record in json_objects(file):
            captured = record.get("captureData")
            answer = captured.get("endpointOutput") if isinstance(captured, Mapping) else None
            if isinstance(answer, Mapping):
                found = str(answer.get("observedContentType")).partition(";")[0].strip().lower()
                return found if found in (CSV_TYPE, *JSON_TYPES) else None
    return None


def _csv_rows(file: Path, *, has_header: bool) -> Iterator[Record]:
    with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip() and not (number == 1 and has_header):
                yield Record(Payload(line.rstrip("\r\n"), CSV), None, None)


def _json_documents(file: Path, *, is_lines: bool) -> Iterator[Record]:
    if is_lines:
        for text, _ in json_objects(file):
            yield Record(Payload(text, JSON), None, None)
    else:
        yield Record(Payload(file.read_text(encoding="utf-8", errors="replace"), JSON), None, None)


def _captured(file: Path, window: tuple[datetime, datetime] | None, with_prediction: bool) -> Iterator[Record]:
    for _, record in json_objects(file):
        captured = record.get("captureData")
        if not isinstance(captured, Mapping):
            raise CustomerError(f"{file.name} has a record without captureData.")
        metadata = record.get("eventMetadata") or {}
        if window is not None and not _is_in(window, metadata.get("inferenceTime"), file):
            continue
        truth = record.get("groundTruthData")
        label = None if truth is None else Payload(str(truth["data"]), str(truth.get("encoding", CSV)).upper())
        if "batchTransformOutput" in captured:
            both = _payload(captured["batchTransformOutput"])
            yield Record(both, both, label)
            continue
        prediction = _side(captured, "endpointOutput", file) if with_prediction else None
        yield Record(_side(captured, "endpointInput", file), prediction, label)


def _is_in(window: tuple[datetime, datetime], text: Any, file: Path) -> bool:
    """Whether a record's time is in the window; one without a time is where its file lies."""
    if text is None:
        return True
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise CustomerError(f"{file.name} has a record whose inferenceTime is not a time: {text!r}.") from error
    start, end = window
    return start <= (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) < end


def _side(captured: Mapping[str, Any], name: str, file: Path) -> Payload:
    found = captured.get(name)
    if not isinstance(found, Mapping) or "data" not in found:
        raise CustomerError(f"{file.name} has a record without {name}: the endpoint must capture it.")
    return _payload(found)


def _payload(side: Any) -> Payload:
    data, encoding = str(side["data"]), str(side.get("encoding", CSV)).upper()
    if encoding != "BASE64":
        return Payload(data, encoding)
    try:
        text = base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        content_type = side.get("observedContentType")
        raise CustomerError(
            f"Captured data of content type {content_type!r} are in Base64 and not text: list the content type in "
            "CsvContentTypes or JsonContentTypes of the endpoint's DataCaptureConfig."
        ) from error
    return Payload(text, JSON if text.lstrip()[:1] in ("{", "[") else CSV)
