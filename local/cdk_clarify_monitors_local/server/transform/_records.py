"""The records of a batch transform: split, filtered, joined with what the model says of them, and assembled."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdk_clarify_monitors_local.captures._capture_format import time_text
from cdk_clarify_monitors_local.server.transform._json_path import JsonPath

_ID, _TIME, _OUTPUT, _INPUT = "SageMakerInferenceId", "SageMakerInferenceTime", "SageMakerOutput", "SageMakerInput"


@dataclass(frozen=True)
class Processing:
    """What is done with each record.

    Attributes:
        input_filter: What of it the model gets.
        join: Whether the result has the record, too.
        output_filter: What of the result is written.
        id_time: The time that is written with an inference id. None: there are no inference ids.
    """

    input_filter: JsonPath
    join: bool
    output_filter: JsonPath
    id_time: datetime | None

    @classmethod
    def of(cls, request: Mapping[str, Any], started: datetime) -> Processing:
        """Return what a CreateTransformJob request asks for.

        Raises:
            JsonPathError: A filter is no path.
        """
        given = request.get("DataProcessing", {})
        generates_ids = request.get("DataCaptureConfig", {}).get("GenerateInferenceId", False)
        return cls(
            JsonPath(given.get("InputFilter") or "$"),
            given.get("JoinSource", "None") == "Input",
            JsonPath(given.get("OutputFilter") or "$"),
            started if generates_ids else None,
        )

    @property
    def looks_at_output(self) -> bool:
        """Whether anything is done with what the model answers."""
        return self.join or not self.output_filter.is_root or self.id_time is not None

    def model_input(self, content_type: str, record: bytes) -> bytes:
        """Return what the model gets of a record.

        Raises:
            ValueError: The record is not of its content type, or the filter leads nowhere in it.
        """
        if self.input_filter.is_root:
            return record
        if _is_csv(content_type):
            return _write_row(_row(self.input_filter.select(_read_row(record))))
        return _compact(self.input_filter.select(json.loads(record)))

    def result(self, content_type: str, record: bytes, accept: str, answer: bytes) -> bytes:
        """Return what is written of a record, without a line's end.

        Args:
            content_type: The record's content type.
            record: The record.
            accept: The answer's content type.
            answer: What the model says of it.

        Raises:
            ValueError: Record or answer are not of their content types, or the filter leads nowhere.
        """
        if not self.looks_at_output:
            return answer
        if _is_csv(accept):
            return self._csv_result(content_type, record, answer)
        return self._json_result(record, answer)

    def _csv_result(self, content_type: str, record: bytes, answer: bytes) -> bytes:
        if self.join and not _is_csv(content_type):
            raise ValueError("Input and output are joined in one format only; set Accept to the input's content type.")
        row = [*(_read_row(record) if self.join else ()), *_read_row(answer)]
        row = _row(self.output_filter.select(row))
        if self.id_time is not None:
            row += [str(uuid.uuid4()), time_text(self.id_time)]
        return _write_row(row)

    def _json_result(self, record: bytes, answer: bytes) -> bytes:
        result = json.loads(answer)
        if self.join:
            source = json.loads(record)
            result = {_OUTPUT: result, **(source if isinstance(source, dict) else {_INPUT: source})}
        result = self.output_filter.select(result)
        if self.id_time is not None:
            ids = {_ID: str(uuid.uuid4()), _TIME: time_text(self.id_time)}
            result = {**ids, **(result if isinstance(result, dict) else {_OUTPUT: result})}
        return _compact(result)


def split(body: bytes, split_type: str) -> list[bytes]:
    """Return the records of an input: itself, or its lines."""
    if split_type == "None":
        return [body]
    return [line for line in (line.rstrip(b"\r") for line in body.split(b"\n")) if line.strip()]


def batches(records: Sequence[bytes], one_by_one: bool, max_bytes: int) -> Iterator[list[int]]:
    """Yield the numbers of the records that the model gets in one request.

    Args:
        records: What the model gets of each record.
        one_by_one: Whether each request has one record only.
        max_bytes: How long a request may be, unless it has one record only.
    """
    batch: list[int] = []
    size = 0
    for number, record in enumerate(records):
        if batch and (one_by_one or size + len(record) + 1 > max_bytes):
            yield batch
            batch, size = [], 0
        batch.append(number)
        size += len(record) + 1
    if batch:
        yield batch


def assemble(results: Sequence[bytes], by_line: bool) -> bytes:
    """Return an output: the results one after the other, or each in a line."""
    return b"".join(result + b"\n" for result in results) if by_line else b"".join(results)


def _is_csv(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "text/csv"


def _row(selected: Any) -> list[Any]:
    return list(selected) if isinstance(selected, list) else [selected]


def _read_row(record: bytes) -> list[str]:
    rows = list(csv.reader(io.StringIO(record.decode().strip("\r\n"))))
    if len(rows) != 1:
        raise ValueError(f"A record of CSV is one row, not {len(rows)}; set SplitType to Line.")
    return rows[0]


def _write_row(row: Sequence[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue().encode()


def _compact(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
