"""What the stand-in for an inference container answers to which request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from cdk_clarify_monitors_local.inference._errors import InferenceError
from cdk_clarify_monitors_local.inference._model import InferenceModel

CSV, JSON, LINES = "text/csv", "application/json", "application/jsonlines"
ROWS = [[0.1, 0.9], [0.9, 0.2]]
POINTS = np.random.default_rng(0).random((60, 2))
BINARY = (POINTS[:, 0] > 0.5).astype(int)
CLASSIFIER = LogisticRegression().fit(POINTS, BINARY)
SCORES = pytest.approx(CLASSIFIER.predict_proba(ROWS)[:, 1].tolist())


def model(tmp_path: Path, estimator: Any) -> InferenceModel:
    joblib.dump(estimator, tmp_path / "model.joblib")
    return InferenceModel(str(tmp_path / "model.joblib"), "loans")


@pytest.fixture
def classifier(tmp_path: Path) -> InferenceModel:
    return model(tmp_path, CLASSIFIER)


@pytest.mark.parametrize("body", ["0.1,0.9\n0.9,0.2\n", "0.1,0.9\n0.9,0.2", "0.1, 0.9\r\n0.9, 0.2\r\n"])
def test_rows_of_csv_get_rows_of_scores(body: str, classifier: InferenceModel) -> None:
    content_type, answer = classifier.answer(CSV, "", body.encode())
    assert content_type == "text/csv; charset=utf-8"
    assert answer.endswith(b"\n")
    assert [float(row) for row in answer.split()] == SCORES


@pytest.mark.parametrize(
    "document",
    [
        {"instances": [{"features": row} for row in ROWS]},
        {"instances": ROWS},
        ROWS,
    ],
)
def test_instances_get_predictions(document: Any, classifier: InferenceModel) -> None:
    content_type, answer = classifier.answer(JSON, "", json.dumps(document).encode())
    assert content_type == JSON
    predictions = json.loads(answer)["predictions"]
    assert [prediction["predicted_label"] for prediction in predictions] == [0, 1]
    assert [prediction["score"] for prediction in predictions] == SCORES
    assert b": " not in answer


@pytest.mark.parametrize("document", [{"features": ROWS[0]}, ROWS[0]])
def test_one_record_is_a_document_of_its_own(document: Any, classifier: InferenceModel) -> None:
    _, answer = classifier.answer(JSON, "*/*", json.dumps(document).encode())
    (prediction,) = json.loads(answer)["predictions"]
    assert prediction["score"] == pytest.approx(CLASSIFIER.predict_proba(ROWS)[0, 1])


def test_json_lines_are_answered_with_json_lines(classifier: InferenceModel) -> None:
    body = "".join(json.dumps({"features": row}) + "\n" for row in ROWS)
    content_type, answer = classifier.answer("application/jsonlines; charset=utf-8", "", body.encode())
    assert content_type == LINES
    assert [json.loads(line)["score"] for line in answer.decode().splitlines()] == SCORES
    assert answer.endswith(b"}\n")


@pytest.mark.parametrize(
    ("accept", "expected"), [(CSV, "text/csv; charset=utf-8"), (f"image/png, {LINES};q=0.9", LINES), ("text/*", JSON)]
)
def test_the_answer_has_the_accepted_form(accept: str, expected: str, classifier: InferenceModel) -> None:
    assert classifier.answer(JSON, accept, json.dumps(ROWS).encode())[0] == expected


def test_features_may_come_by_their_names(tmp_path: Path) -> None:
    named = model(tmp_path, LogisticRegression().fit(pd.DataFrame(POINTS, columns=["age", "income"]), BINARY))
    _, answer = named.answer(CSV, "", b"0.1,0.9")
    _, by_name = named.answer(JSON, CSV, b'{"instances": [{"income": 0.9, "age": 0.1, "id": "7"}]}')
    assert float(by_name) == pytest.approx(float(answer))
    with pytest.raises(InferenceError, match="The request lacks the features income"):
        named.answer(JSON, "", b'{"instances": [{"age": 0.1}]}')


def test_more_than_two_classes_have_a_score_each(tmp_path: Path) -> None:
    labels = np.array(["high", "low", "middle"])[np.arange(60) % 3]
    estimator = LogisticRegression().fit(POINTS, labels)
    several = model(tmp_path, estimator)
    _, answer = several.answer(CSV, LINES, b"0.1,0.9")
    prediction = json.loads(answer)
    assert prediction["score"] == pytest.approx(estimator.predict_proba([ROWS[0]])[0].tolist())
    assert prediction["predicted_label"] == estimator.predict([ROWS[0]])[0]
    assert len(several.answer(CSV, "", b"0.1,0.9")[1].split(b",")) == 3


def test_without_scores_the_prediction_is_the_answer(tmp_path: Path) -> None:
    estimator = LinearRegression().fit(POINTS, POINTS.sum(axis=1))
    regression = model(tmp_path, estimator)
    (value,) = estimator.predict([ROWS[0]]).tolist()
    assert float(regression.answer(CSV, "", b"0.1,0.9")[1]) == pytest.approx(value)
    (prediction,) = json.loads(regression.answer(CSV, JSON, b"0.1,0.9")[1])["predictions"]
    assert prediction == {"predicted_label": pytest.approx(value)}


@pytest.mark.parametrize(
    ("content_type", "accept", "body", "status", "message"),
    [
        ("text/html", "", b"x", 415, "The content type 'text/html' is not supported, only text/csv, application/json"),
        ("", "", b"x", 415, "The content type '' is not supported"),
        (CSV, "image/png", b"0.1,0.9", 406, "The accept type 'image/png' is not supported"),
        (CSV, "", b"", 400, "The request's body has no records."),
        (CSV, "", b"0.1,0.9\n0.1,0.9,0.3", 400, "The request's body is not text/csv: "),
        (CSV, "", b'{"features": [0.1, 0.9]}', 400, "is not text/csv: it is JSON. Send it as application/json or"),
        (CSV, "", b"[0.1, 0.9]\n[0.2, 0.8]", 400, "is not text/csv: it is JSON. Send it as application/json or"),
        (CSV, "", b'{\n  "instances": [[0.1, 0.9]]\n}', 400, "is not text/csv: it is JSON."),
        (CSV, "", b"low,high\n0.1,0.9", 400, " A request has no header row."),
        (LINES, "", b'{"inputs": [0.1, 0.9]}', 400, 'A record is {"features": [...]}, a list, or an object of'),
        (CSV, "", b"0.1", 400, "The model 'loans' takes 2 features, but gets 1: 0."),
        (CSV, "", b"0.1,high", 400, "The model 'loans' failed: "),
        (CSV, "", b"\xff\xfe", 400, "The request's body is not text/csv: "),
        (JSON, "", b"{", 400, "The request's body is not application/json: "),
        (JSON, "", b"[]", 400, "The request's body has no records."),
        (JSON, "", b'{"instances": 3}', 400, "'instances' is not a list."),
        (JSON, "", b'{"instances": [[0.1, 0.9], {"features": 3}]}', 400, "A record is "),
        (JSON, "", b"[[0.1, 0.9], [0.1]]", 400, "The records are not of the same length."),
        (LINES, "", b'{"features": [0.1, 0.9]}\n{', 400, "The request's body is not application/jsonlines: "),
    ],
)
def test_what_cannot_be_answered_says_why(
    content_type: str, accept: str, body: bytes, status: int, message: str, classifier: InferenceModel
) -> None:
    with pytest.raises(InferenceError) as raised:
        classifier.answer(content_type, accept, body)
    assert message in str(raised.value)
    assert raised.value.status == status


def test_a_row_of_text_is_not_taken_for_a_header(classifier: InferenceModel) -> None:
    with pytest.raises(InferenceError) as raised:
        classifier.answer(CSV, "", b"low,high\nlow,high")
    assert "header" not in str(raised.value)


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.joblib").write_text("nothing")
    with pytest.raises(InferenceError, match=r"The model 'loans' cannot be loaded from .*model\.joblib"):
        InferenceModel(str(tmp_path / "model.joblib"), "loans")
