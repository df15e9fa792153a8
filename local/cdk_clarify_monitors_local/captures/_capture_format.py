"""The form and the place of captured data and of ground truth, as SageMaker lays them out in S3.

An endpoint's data capture writes records, a batch transform's writes manifests of its files. What is known of the forms
comes from the documentation and from data that people have published:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-batch.html
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class CapturedPayload:
    """The body of a request or of a response, as it is captured.

    Attributes:
        data: The body's text, or its bytes in Base64.
        encoding: `CSV`, `JSON` or `BASE64`.
        content_type: The body's content type, with its parameters.
    """

    data: str
    encoding: str
    content_type: str


@dataclass(frozen=True)
class TextContentTypes:
    """The content types whose bodies are captured as text: `CaptureContentTypeHeader` of a DataCaptureConfig.

    All others are captured in Base64, and so is everything if the DataCaptureConfig does not have it.

    Attributes:
        csv: CsvContentTypes.
        json: JsonContentTypes.
    """

    csv: Collection[str] = ()
    json: Collection[str] = ()

    def capture(self, content_type: str, body: bytes) -> CapturedPayload:
        """Return a body as it is captured."""
        media_type = content_type.partition(";")[0].strip().lower()
        for encoding, listed in (("CSV", self.csv), ("JSON", self.json)):
            if media_type in {name.lower() for name in listed}:
                try:
                    return CapturedPayload(body.decode(), encoding, content_type)
                except UnicodeDecodeError:
                    break  # whatever it was said to be, Base64 loses nothing of it
        return CapturedPayload(base64.b64encode(body).decode(), "BASE64", content_type)


# Endpoints


def capture_record(
    endpoint_input: CapturedPayload | None,
    endpoint_output: CapturedPayload | None,
    *,
    event_id: str,
    inference_id: str | None,
    inference_time: datetime,
) -> str:
    """Return the line of a captured invocation.

    Args:
        endpoint_input: The request. None: it is not captured.
        endpoint_output: The response. None: it is not captured.
        event_id: The invocation's own id, a UUID.
        inference_id: The id that the caller gave it. None: none.
        inference_time: When it was.
    """
    captured = {
        name: {
            "observedContentType": payload.content_type,
            "mode": mode,
            "data": payload.data,
            "encoding": payload.encoding,
        }
        for name, mode, payload in (
            ("endpointInput", "INPUT", endpoint_input),
            ("endpointOutput", "OUTPUT", endpoint_output),
        )
        if payload is not None
    }
    metadata = {"eventId": event_id}
    if inference_id is not None:
        metadata["inferenceId"] = inference_id
    metadata["inferenceTime"] = time_text(inference_time)
    return _line({"captureData": captured, "eventMetadata": metadata, "eventVersion": "0"})


def capture_key(endpoint: str, variant: str, inference_time: datetime, file_id: str) -> str:
    """Return the key of a file of records, below the destination of the capture.

    Args:
        endpoint: The endpoint's name.
        variant: The production variant's name.
        inference_time: That of the file's first record. A file has the records of about a minute, of one hour.
        file_id: A UUID.
    """
    moment = inference_time.astimezone(UTC)
    name = f"{moment:%M-%S}-{moment.microsecond // 1000:03}-{file_id}.jsonl"
    return f"{endpoint}/{variant}/{hour_path(moment)}/{name}"


# Batch transforms


def batch_capture_key(side: str, started: datetime, file_id: str) -> str:
    """Return the key of a manifest, below the destination of the capture.

    Args:
        side: `input` or `output`.
        started: When the transform job began.
        file_id: A UUID.
    """
    return f"{side}/{hour_path(started)}/{file_id}.json"


def manifest(prefix: str, names: Sequence[str]) -> str:
    """Return a manifest of S3 objects.

    Args:
        prefix: What their URIs begin with.
        names: The rest of each; empty if the prefix is the whole URI.
    """
    return json.dumps([{"prefix": prefix}, *names])


# Ground truth


def ground_truth_record(event_id: str, data: str, encoding: str = "CSV") -> str:
    """Return the line of a label.

    Args:
        event_id: The invocation's inference id, or else its event id.
        data: The label, in the form that the data set has it in.
        encoding: `CSV` or `JSON`.
    """
    return _line(
        {
            "groundTruthData": {"data": data, "encoding": encoding},
            "eventMetadata": {"eventId": event_id},
            "eventVersion": "0",
        }
    )


def ground_truth_key(collected: datetime, file_id: str) -> str:
    """Return the key of a file of labels, below the monitor's ground truth.

    Args:
        collected: When the labels were.
        file_id: What the file is called.
    """
    return f"{hour_path(collected)}/{file_id}.jsonl"


# Both


def hour_path(moment: datetime) -> str:
    """Return the folder of an hour: year, month, day and hour in UTC."""
    return f"{moment.astimezone(UTC):%Y/%m/%d/%H}"


def time_text(moment: datetime) -> str:
    """Return a moment as records spell it: in UTC, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n"
