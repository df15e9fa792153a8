"""Captured data and ground truth have the form and the place that SageMaker gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from cdk_clarify_monitors_local.captures._capture_format import (
    CapturedPayload,
    TextContentTypes,
    batch_capture_key,
    capture_key,
    capture_record,
    ground_truth_key,
    ground_truth_record,
    manifest,
)

MOMENT = datetime(2026, 3, 1, 10, 5, 0, 123_456, UTC)
TYPES = TextContentTypes(csv=["text/csv"], json=["application/json", "application/jsonlines"])


def test_a_record_of_an_invocation() -> None:
    line = capture_record(
        TYPES.capture("text/csv", b"34,0,51.5\n"),
        TYPES.capture("text/csv; charset=utf-8", b"0.81"),
        event_id="00000000-0000-4000-8000-000000000000",
        inference_id="r-0",
        inference_time=MOMENT,
    )

    assert line == (
        '{"captureData":{"endpointInput":{"observedContentType":"text/csv","mode":"INPUT","data":"34,0,51.5\\n",'
        '"encoding":"CSV"},"endpointOutput":{"observedContentType":"text/csv; charset=utf-8","mode":"OUTPUT",'
        '"data":"0.81","encoding":"CSV"}},"eventMetadata":{"eventId":"00000000-0000-4000-8000-000000000000",'
        '"inferenceId":"r-0","inferenceTime":"2026-03-01T10:05:00Z"},"eventVersion":"0"}\n'
    )


def test_a_record_of_one_side_without_inference_id() -> None:
    line = capture_record(
        None, CapturedPayload("0.81", "CSV", "text/csv"), event_id="e", inference_id=None, inference_time=MOMENT
    )

    record = json.loads(line)
    assert list(record["captureData"]) == ["endpointOutput"]
    assert list(record["eventMetadata"]) == ["eventId", "inferenceTime"]


@pytest.mark.parametrize(
    ("content_type", "body", "data", "encoding"),
    [
        ("text/csv", b"1,2\n3,4\n", "1,2\n3,4\n", "CSV"),
        ("TEXT/CSV;charset=utf-8", b"1", "1", "CSV"),
        ("application/json", '{"a":"ü"}'.encode(), '{"a":"ü"}', "JSON"),
        ("application/jsonlines", b'{"a":1}\n{"a":2}', '{"a":1}\n{"a":2}', "JSON"),
        ("text/html; charset=utf-8", b'{"p": [1]}', "eyJwIjogWzFdfQ==", "BASE64"),
        ("application/x-npy", b"\x93NUMPY", "k05VTVBZ", "BASE64"),
        ("text/csv", b"\xff", "/w==", "BASE64"),
        ("", b"1", "MQ==", "BASE64"),
    ],
)
def test_how_a_body_is_captured(content_type: str, body: bytes, data: str, encoding: str) -> None:
    assert TYPES.capture(content_type, body) == CapturedPayload(data, encoding, content_type)


def test_without_listed_types_everything_is_base64() -> None:
    assert TextContentTypes().capture("text/csv", b"1").encoding == "BASE64"


def test_the_place_of_captured_records_is_the_hour_in_utc() -> None:
    key = capture_key("loans", "AllTraffic", MOMENT.astimezone(timezone(timedelta(hours=-8))), "f-1")

    assert key == "loans/AllTraffic/2026/03/01/10/05-00-123-f-1.jsonl"


def test_manifests_of_a_batch_transform() -> None:
    assert batch_capture_key("output", MOMENT, "f-1") == "output/2026/03/01/10/f-1.json"
    assert manifest("s3://b/out/", ["data.csv.out"]) == '[{"prefix": "s3://b/out/"}, "data.csv.out"]'
    assert manifest("s3://b/in/data.csv", [""]) == '[{"prefix": "s3://b/in/data.csv"}, ""]'


def test_ground_truth() -> None:
    assert ground_truth_key(MOMENT, "0000") == "2026/03/01/10/0000.jsonl"
    assert ground_truth_record("r-0", "1") == (
        '{"groundTruthData":{"data":"1","encoding":"CSV"},"eventMetadata":{"eventId":"r-0"},"eventVersion":"0"}\n'
    )
    assert json.loads(ground_truth_record("r-2", '{"label": 1}', "JSON"))["groundTruthData"] == {
        "data": '{"label": 1}',
        "encoding": "JSON",
    }
