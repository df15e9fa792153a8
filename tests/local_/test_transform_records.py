"""How records of batch transforms are split, filtered, joined and assembled."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from cdk_clarify_monitors_local.server.transform._json_path import JsonPath, JsonPathError
from cdk_clarify_monitors_local.server.transform._records import Processing, assemble, batches, split

CSV, JSON, LINES = "text/csv", "application/json", "application/jsonlines"
STARTED = datetime(2026, 3, 1, 10, 1, tzinfo=UTC)
DOCUMENT = {"id": 7, "a b": 1, "features": [1, 2, 3], "nested": {"x": [{"y": 1}, {"y": 2}]}}
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def processing(*, ids: bool = False, **data_processing: str) -> Processing:
    request = {"DataProcessing": data_processing, "DataCaptureConfig": {"GenerateInferenceId": ids}}
    return Processing.of(request, STARTED)


@pytest.mark.parametrize(
    ("path", "document", "expected"),
    [
        ("$", DOCUMENT, DOCUMENT),
        ("$.features", DOCUMENT, [1, 2, 3]),
        ("$['id']", DOCUMENT, 7),
        ('$["a b"]', DOCUMENT, 1),
        ("$['id','features']", DOCUMENT, {"id": 7, "features": [1, 2, 3]}),
        ("$.['id', 'features']", DOCUMENT, {"id": 7, "features": [1, 2, 3]}),
        ("$.features[0]", DOCUMENT, 1),
        ("$.features[-1]", DOCUMENT, 3),
        ("$.features[*]", DOCUMENT, [1, 2, 3]),
        ("$.nested.*", DOCUMENT, [[{"y": 1}, {"y": 2}]]),
        ("$.nested.x[*].y", DOCUMENT, [1, 2]),
        ("$[1]", list("abcdef"), "b"),
        ("$[1,3,5]", list("abcdef"), list("bdf")),
        ("$[1:]", list("abcdef"), list("bcdef")),
        ("$[1:4]", list("abcdef"), list("bcde")),  # the documentation's example: the second through fifth columns
        ("$[:5]", list("abcdefg"), list("abcdef")),
        ("$[0,5:]", list("abcdefg"), list("afg")),
        ("$[-2:]", list("abcdef"), list("ef")),
        ("$[:-2]", list("abcdef"), list("abcde")),
    ],
)
def test_a_json_path_selects_as_expected(path: str, document: Any, expected: Any) -> None:
    assert JsonPath(path).select(document) == expected


@pytest.mark.parametrize(
    "path", ["", "features", "$..id", "$[?(@.id)]", "$[1:2:3]", "$[", "$.", "$[a]", "$ .id", "$.a["]
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(JsonPathError, match=re.escape(f"'{path}'")):
        JsonPath(path)


@pytest.mark.parametrize(
    ("path", "document", "message"),
    [
        ("$.label", DOCUMENT, "there is no 'label'"),
        ("$['id','label']", DOCUMENT, "there is no 'label'"),
        ("$[3]", [1, 2, 3], "there is no index 3 among 3 values"),
        ("$[-4]", [1, 2, 3], "there is no index -4 among 3 values"),
        ("$[0]", DOCUMENT, "an index needs a list"),
        ("$.id.x", DOCUMENT, "there is no 'x'"),
    ],
)
def test_a_path_that_leads_nowhere_is_named(path: str, document: Any, message: str) -> None:
    with pytest.raises(JsonPathError, match=re.escape(f"The JSONPath '{path}' leads nowhere: {message}")):
        JsonPath(path).select(document)


@pytest.mark.parametrize(
    ("content_type", "path", "record", "expected"),
    [
        (CSV, "$", b"7, 1 ,2", b"7, 1 ,2"),  # as it came
        (CSV, "$[1:]", b"id-7,1,2", b"1,2"),
        (CSV, "$[1]", b'a,"b ""c"", d"', b'"b ""c"", d"'),
        (LINES, "$.features", b'{"id": 7, "features": [1, 2]}', b"[1,2]"),
        (JSON, "$['features']", b'{"id": 7, "features": {"a": "\xc3\xa4"}}', '{"a":"ä"}'.encode()),
    ],
)
def test_the_model_gets_what_the_input_filter_lets_pass(
    content_type: str, path: str, record: bytes, expected: bytes
) -> None:
    assert processing(InputFilter=path).model_input(content_type, record) == expected


@pytest.mark.parametrize(
    ("filters", "content_type", "record", "answer", "expected"),
    [
        ({}, CSV, b"1,2,3", b"0.5", "0.5"),
        ({"JoinSource": "Input"}, CSV, b"1,2,3", b"1", "1,2,3,1"),
        ({"JoinSource": "Input", "OutputFilter": "$[0,-1]"}, CSV, b"id-7,2,3", b"0.5", "id-7,0.5"),
        ({"OutputFilter": "$[1]"}, CSV, b"1,2", b"1,0.5", "0.5"),
        ({"JoinSource": "Input"}, LINES, b'{"key":1}', b'{"label":1}', '{"SageMakerOutput":{"label":1},"key":1}'),
        ({"JoinSource": "Input"}, LINES, b"[1, 2]", b"[0.5]", '{"SageMakerOutput":[0.5],"SageMakerInput":[1,2]}'),
        (
            {"JoinSource": "Input", "OutputFilter": "$['id','SageMakerOutput']"},
            JSON,
            b'{"id": 7, "features": [1]}',
            b'{"predictions": []}',
            '{"id":7,"SageMakerOutput":{"predictions":[]}}',
        ),
        ({"OutputFilter": "$.score"}, LINES, b"{}", b'{"score": 0.5}', "0.5"),
    ],
)
def test_the_result_is_joined_and_filtered(
    filters: dict[str, str], content_type: str, record: bytes, answer: bytes, expected: str
) -> None:
    asked = Processing.of({"DataProcessing": filters}, STARTED)
    assert asked.result(content_type, record, content_type, answer).decode() == expected


@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
def test_a_joined_record_with_an_id_is_like_the_sample(form: str) -> None:
    content_type, record, answer, expected = {
        "csv": (CSV, b"34,0,51.5", b"0.81", "34,0,51.5,0.81,ID,2026-03-01T10:01:00Z"),
        "jsonl": (
            LINES,
            b'{"features":[34,0,51.5]}',
            b'{"predicted_label":1,"score":0.81}',
            '{"SageMakerInferenceId":"ID","SageMakerInferenceTime":"2026-03-01T10:01:00Z",'
            '"SageMakerOutput":{"predicted_label":1,"score":0.81},"features":[34,0,51.5]}',
        ),
        "json": (
            JSON,
            b'{"instances":[{"features":[34,0,51.5]}]}',
            b'{"predictions":[{"predicted_label":1,"score":0.81}]}',
            '{"SageMakerInferenceId":"ID","SageMakerInferenceTime":"2026-03-01T10:01:00Z",'
            '"SageMakerOutput":{"predictions":[{"predicted_label":1,"score":0.81}]},'
            '"instances":[{"features":[34,0,51.5]}]}',
        ),
    }[form]
    joined = processing(ids=True, JoinSource="Input")
    results = [joined.result(content_type, record, content_type, answer).decode() for _ in range(2)]
    assert [re.sub(UUID, "ID", result) for result in results] == [expected, expected]
    assert results[0] != results[1]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b'{"output": 0}', {"output": 0}),
        (b"[0.5]", {"SageMakerOutput": [0.5]}),
    ],
)
def test_an_id_needs_no_join(answer: bytes, expected: dict[str, Any]) -> None:
    result = json.loads(processing(ids=True).result(LINES, b"{}", LINES, answer))
    assert re.fullmatch(UUID, result.pop("SageMakerInferenceId"))
    assert result.pop("SageMakerInferenceTime") == "2026-03-01T10:01:00Z"
    assert result == expected


@pytest.mark.parametrize(
    ("content_type", "record", "accept", "answer", "message"),
    [
        (LINES, b"{}", CSV, b"1", "Input and output are joined in one format only"),
        (CSV, b"1,2\n3,4", CSV, b"1", "A record of CSV is one row, not 2"),
        (LINES, b"{", LINES, b"{}", "Expecting property name"),
    ],
)
def test_what_cannot_be_joined_is_refused(
    content_type: str, record: bytes, accept: str, answer: bytes, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        processing(JoinSource="Input").result(content_type, record, accept, answer)


def test_lines_are_records_whatever_ends_them() -> None:
    assert split(b"1,2\r\n3,4\n\n5,6", "Line") == [b"1,2", b"3,4", b"5,6"]
    assert split(b"1,2\n3,4\n", "None") == [b"1,2\n3,4\n"]
    assert split(b"", "Line") == []


def test_requests_are_as_long_as_they_may_be() -> None:
    records = [b"12345", b"1234", b"1", b"1234567890123"]
    assert list(batches(records, one_by_one=False, max_bytes=11)) == [[0, 1], [2], [3]]
    assert list(batches(records, one_by_one=True, max_bytes=100)) == [[0], [1], [2], [3]]
    assert list(batches([], one_by_one=False, max_bytes=1)) == []


def test_results_are_put_together() -> None:
    assert assemble([b"1", b"2"], by_line=True) == b"1\n2\n"
    assert assemble([b'{"a":1}', b"{}"], by_line=False) == b'{"a":1}{}'
