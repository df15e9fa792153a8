"""The merge job: joins captured data with ground truth, file by file.

The ground truth is held in memory, captured data are streamed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cdk_clarify_monitors_local.container._errors import AlgorithmError, CustomerError
from cdk_clarify_monitors_local.container._progress import say
from cdk_clarify_monitors_local.container.monitoring._contract import Contract
from cdk_clarify_monitors_local.container.monitoring._parquet import PARQUET, parquet_rows

_INFERENCE_COLUMNS = ("SageMakerInferenceId", "SageMakerInferenceTime")
_HOUR = re.compile(r"(?:^|/)(\d{4}/\d{2}/\d{2}/\d{2})(?:/|$)")


class _Captured(NamedTuple):
    """A captured record: its id, and the function that adds a label's JSON text to it."""

    id: str
    merged: Callable[[str], str]


def merge(contract: Contract) -> None:
    """Join captured data and ground truth by inference id, or else by event id.

    Raises:
        AlgorithmError: A file is not what it should be.
        CustomerError: The format of the captured data is not supported.
    """
    captured, truth = contract.path("dataset_source"), contract.path("ground_truth_source")
    output = contract.path("output_path")
    if captured is None or truth is None or output is None:
        raise CustomerError("The merge job needs dataset_source, ground_truth_source and output_path.")
    labels = _labels(truth)
    records = joined = 0
    for folder, files in _by_folder(captured, is_batch=bool(contract.dataset_format)):
        target = output / folder / f"part-00000-{contract.part_id}.c000.jsonl"
        lines = 0
        for file in files:
            for record in _captured(file, contract.dataset_format):
                records += 1
                label = labels.get(record.id)
                if label is None:
                    continue
                if not lines:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    stream = target.open("w", encoding="utf-8", newline="\n")
                lines += 1
                stream.write(record.merged(label) + "\n")
        if lines:
            stream.close()
        joined += lines
    say(f"{records} captured records, {len(labels)} ids with ground truth, {joined} records joined")


def json_objects(file: Path) -> Iterator[tuple[str, Any]]:
    """Yield each object of a file of JSON Lines with its text; a line may hold an array of them.

    Raises:
        AlgorithmError: A line is none.
    """
    with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if not text:
                continue
            try:
                found = json.loads(text)
            except ValueError as error:
                raise AlgorithmError(f"Error: Line {number} of {file.name} is not JSON: {error}") from error
            several = isinstance(found, list)
            for item in found if several else [found]:
                if not isinstance(item, dict):
                    raise AlgorithmError(f"Error: Line {number} of {file.name} is not a JSON object")
                yield json.dumps(item, separators=(",", ":"), ensure_ascii=False) if several else text, item


def files_below(folder: Path) -> list[Path]:
    """Return all files below a folder, in the order of their paths."""
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def _labels(folder: Path) -> dict[str, str]:
    """Return the `groundTruthData` of each id as JSON text. Where there are several, the last file's counts."""
    labels: dict[str, str] = {}
    for file in files_below(folder):
        for _, record in json_objects(file):
            data, event = record.get("groundTruthData"), _event_id(record)
            if not isinstance(data, Mapping) or "data" not in data or event is None:
                raise AlgorithmError(f"Error: {file.name} has a record without groundTruthData or eventId")
            if isinstance(data["data"], Mapping | list):
                raise AlgorithmError(
                    f"Error: {file.name} has groundTruthData whose 'data' is no text: write it as JSON in a string"
                )
            # Few labels differ: each is kept once.
            labels[event] = sys.intern(json.dumps(data, separators=(",", ":"), ensure_ascii=False))
    return labels


def _event_id(record: Mapping[str, Any]) -> str | None:
    metadata = record.get("eventMetadata")
    found = metadata.get("eventId") if isinstance(metadata, Mapping) else None
    return None if found is None else str(found)


def _by_folder(source: Path, *, is_batch: bool) -> Iterator[tuple[str, list[Path]]]:
    """Yield the files of each hour, with the folder that their merged file belongs into."""
    folders: dict[str, list[Path]] = {}
    for file in files_below(source):
        relative = file.relative_to(source).parent.as_posix()
        hour = _HOUR.search(relative)
        # What lies below the hour of a batch transform tells its files apart, nothing else.
        folders.setdefault(relative[: hour.end(1)] if is_batch and hour else relative, []).append(file)
    yield from folders.items()


def _captured(file: Path, dataset_format: Mapping[str, Any]) -> Iterator[_Captured]:
    if not dataset_format:
        yield from _captured_by_endpoint(file)
    elif "csv" in dataset_format:
        yield from _csv_output(file, has_header=bool((dataset_format["csv"] or {}).get("header")))
    elif "json" in dataset_format:
        yield from _json_output(file, is_lines=bool((dataset_format["json"] or {}).get("line")))
    else:
        yield from _parquet_output(file)


def _captured_by_endpoint(file: Path) -> Iterator[_Captured]:
    for text, record in json_objects(file):
        metadata = record.get("eventMetadata")
        metadata = metadata if isinstance(metadata, Mapping) else {}
        found = metadata.get("inferenceId") or metadata.get("eventId")
        if found is None or not isinstance(record.get("captureData"), Mapping):
            raise AlgorithmError(f"Error: {file.name} has a record without captureData or eventId")
        yield _Captured(str(found), lambda label, text=text: f'{{"groundTruthData":{label},{text[1:]}')  # type: ignore[misc]


def _csv_output(file: Path, *, has_header: bool) -> Iterator[_Captured]:
    """Yield the rows of a batch transform's output, without the inference id and the time at their end."""
    with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            row = line.rstrip("\r\n")
            if not row or (number == 1 and has_header):
                continue
            cells = row.rsplit(",", 2)
            if len(cells) < 3:
                raise AlgorithmError(
                    f"Error: Line {number} of {file.name} has no inference id: the transform job needs "
                    "GenerateInferenceId and a JoinSource"
                )
            yield _of_batch(cells[1].strip('"'), cells[0], "CSV")


def _parquet_output(file: Path) -> Iterator[_Captured]:
    """Yield the rows of a Parquet file, whose inference ids and times have the names of JSON, or the places of CSV."""
    names, rows = parquet_rows(file)
    places = [names.index(name) for name in _INFERENCE_COLUMNS if name in names] or [len(names) - 2, len(names) - 1]
    if len(names) <= len(places):
        raise AlgorithmError(f"Error: {file.name} has no inference id beside its columns {', '.join(names)}")
    for row in rows:
        data = [value for place, value in enumerate(row) if place not in places]
        yield _of_batch(str(row[places[0]]), json.dumps(data, separators=(",", ":"), ensure_ascii=False), PARQUET)


def _json_output(file: Path, *, is_lines: bool) -> Iterator[_Captured]:
    if is_lines:
        documents = json_objects(file)
    else:
        text = file.read_text(encoding="utf-8", errors="replace")
        try:
            documents = iter([(text.strip(), json.loads(text))])
        except ValueError as error:
            raise AlgorithmError(f"Error: {file.name} is not JSON: {error}") from error
    for text, document in documents:
        found = document.get(_INFERENCE_COLUMNS[0]) if isinstance(document, Mapping) else None
        if found is None:
            raise AlgorithmError(
                f"Error: {file.name} has no SageMakerInferenceId: the transform job needs GenerateInferenceId and a "
                "JoinSource"
            )
        yield _of_batch(str(found), text, "JSON")


def _of_batch(inference_id: str, data: str, encoding: str) -> _Captured:
    def merged(label: str) -> str:
        head = json.dumps({"eventMetadata": {"eventId": inference_id}, "eventVersion": "0"}, separators=(",", ":"))
        output = json.dumps(
            {"batchTransformOutput": {"data": data, "encoding": encoding}}, separators=(",", ":"), ensure_ascii=False
        )
        return f'{head[:-1]},"groundTruthData":{label},"captureData":{output}}}'

    return _Captured(inference_id, merged)
