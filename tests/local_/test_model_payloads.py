"""Requests to the model by content type and templates, and what is located in its answers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from cdk_clarify_monitors_local.container._analysis_config import CSV, JSON, JSON_LINES, Predictor
from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.container.model._model_answers import AnswerParts
from cdk_clarify_monitors_local.container.model._model_requests import request_body
from tests.support.container.container_job import Job
from tests.support.container.credit import CREDIT, FEATURES, NUMBERS, fitted, income_model, metric

RECORDS = pd.DataFrame({"A": [0, 3], "B": [1.5, None], "C d": ["x", "$features"]})


def predictor(**changes: Any) -> Predictor:
    return Predictor("m", **{"label": None, "probability": None, "label_headers": None, **changes})


# Requests


@pytest.mark.parametrize(
    ("content_type", "content", "record", "body"),
    [
        (CSV, None, None, '0,1.5,x\n3,,$features\n'),
        (JSON_LINES, '{"features":$features}', None, '{"features":[0,1.5,"x"]}\n{"features":[3,null,"$features"]}\n'),
        (JSON_LINES, '{"a": {"b": $features}}', None, '{"a":{"b":[0,1.5,"x"]}}\n{"a":{"b":[3,null,"$features"]}}\n'),
        (JSON_LINES, "$features", None, '[0,1.5,"x"]\n[3,null,"$features"]\n'),
        (JSON, '{"instances":$records}', '{"features":$features}',
            '{"instances":[{"features":[0,1.5,"x"]},{"features":[3,null,"$features"]}]}'),
        (JSON, '{"instances": $records}', "$features", '{"instances":[[0,1.5,"x"],[3,null,"$features"]]}'),
        (JSON, "$records", "$features_kvp", '[{"A":0,"B":1.5,"C d":"x"},{"A":3,"B":null,"C d":"$features"}]'),
        (JSON, "$records", '{"a": "${A}", "c": "${C d}"}', '[{"a":0,"c":"x"},{"a":3,"c":"$features"}]'),
        (JSON, "$record", "$features_kvp", '{"A":0,"B":1.5,"C d":"x"}'),
        (JSON, '{"one": $record}', '{"names": $feature_names, "values": $features}',
            '{"one":{"names":["A","B","C d"],"values":[0,1.5,"x"]}}'),
        (JSON_LINES, None, None, '{"features":[0,1.5,"x"]}\n{"features":[3,null,"$features"]}\n'),
        (JSON, None, None, '{"instances":[{"features":[0,1.5,"x"]},{"features":[3,null,"$features"]}]}'),
    ],
)  # fmt: skip
def test_a_request_follows_the_templates(content_type: str, content: str, record: str, body: str) -> None:
    asked = predictor(content_type=content_type, content_template=content, record_template=record)

    assert request_body(asked, RECORDS) == body


@pytest.mark.parametrize(
    ("content_type", "content", "record", "message"),
    [
        (JSON_LINES, '{"features":[]}', None, "'predictor.content_template' must have $features once"),
        (JSON_LINES, '{"a":$features,"b":$features}', None, "'predictor.content_template' must have $features once"),
        (JSON_LINES, '{"a":$features_kvp}', None, "'predictor.content_template' must have $features once"),
        (JSON_LINES, '{"a":$features', None, "'predictor.content_template' makes a request that is not JSON"),
        (JSON, "{}", "$features", "'predictor.content_template' must have either $records or $record once"),
        (JSON, "[$record,$records]", "$features", "'predictor.content_template' must have either $records or $record"),
        (JSON, "$records", "{}", "'predictor.record_template' must have $features or $features_kvp once"),
        (JSON, "$records", '{"z":"${Z}"}', "has the placeholder ${Z}, but the features are A, B, C d"),
        (JSON, "$records", "{$features}", "'predictor.record_template' makes a request that is not JSON"),
    ],
)  # fmt: skip
def test_a_template_that_makes_no_request_is_refused(
    content_type: str, content: str, record: str, message: str
) -> None:
    asked = predictor(content_type=content_type, content_template=content, record_template=record)

    with pytest.raises(CustomerError) as raised:
        request_body(asked, RECORDS)

    assert message in str(raised.value)


# Answers


@pytest.mark.parametrize(
    ("accept", "label", "probability", "scores", "found"),
    [
        (JSON_LINES, "predicted_label", "score", 1, ("label", "scores")),
        (JSON_LINES, "score", None, 1, ("scores", None)),
        (JSON_LINES, None, "score[1]", 3, (None, 1)),
        (JSON_LINES, None, "score", 3, (None, "scores")),
        (JSON, "predictions[*].predicted_label", "predictions[*].score", 1, ("label", "scores")),
        (JSON, "predictions[*].score", None, 1, ("scores", None)),
        (JSON, "predictions[0].score", None, 1, ("scores", None)),
        (JSON, None, "predictions[*].score[2]", 3, (None, 2)),
        (JSON, None, "predictions[*].score", 3, (None, "scores")),
        (CSV, 0, 1, 0, ("label", "scores")),
    ],
)
def test_locators_find_labels_and_scores(
    accept: str, label: Any, probability: Any, scores: int, found: tuple[Any, Any]
) -> None:
    parts = AnswerParts(predictor(accept_type=accept, label=label, probability=probability), scores)

    assert (parts.label, parts.probability) == found
    assert parts.warnings == []


@pytest.mark.parametrize(
    ("changes", "scores", "found", "warning"),
    [
        ({"label": "class"}, 1, ("label", None), "'predictor.label' (class) locates nothing in the stand-in's answers"),
        ({"probability": "probs"}, 1, (None, "scores"), "its score is taken. Only AWS shows"),
        ({"label": "score"}, 0, ("label", None), "'predictor.label' (score) locates nothing"),
        ({}, 1, (None, None), "has neither 'label' nor 'probability'"),
    ],
)
def test_a_missing_locator_of_predictions_is_warned_of(changes: Any, scores: int, found: Any, warning: str) -> None:
    parts = AnswerParts(predictor(accept_type=JSON_LINES, **changes), scores)

    assert (parts.label, parts.probability) == found
    assert [warning in said for said in parts.warnings] == [True]


def test_a_locator_that_is_no_expression_is_refused() -> None:
    with pytest.raises(CustomerError, match=r"'predictor.label' is not a JMESPath expression"):
        AnswerParts(predictor(accept_type=JSON, label="a["), 1)


# End to end

_TEMPLATES = {
    JSON_LINES: {"content_template": '{"features":$features}'},
    JSON: {"content_template": '{"instances":$records}', "record_template": '{"features":$features}'},
}
_EACH = {JSON_LINES: "", JSON: "predictions[*]."}


def json_config(job: Job, form: str, features: list[str], **located: str) -> dict[str, Any]:
    """Write the applicants in a form of JSON; return a configuration for them, as the SDK's monitors write it."""
    records = [{"features": row[features].tolist(), "label": int(row["approved"])} for _, row in CREDIT.iterrows()]
    if form == JSON:
        (job.data / "data.json").write_text(json.dumps({"instances": records}))
    else:
        (job.data / "data.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    each = "" if form == JSON_LINES else "instances[*]."
    return {
        "dataset_type": form,
        "features": f"{each}features",
        "label": f"{each}label",
        "headers": [*features, "Target"],
        "predictor": {
            "model_name": "credit",
            "content_type": form,
            "accept_type": form,
            **_TEMPLATES[form],
            **{name: _EACH[form] + path for name, path in located.items()},
        },
    }


@pytest.mark.parametrize("form", [JSON_LINES, JSON])
@pytest.mark.parametrize(
    ("located", "threshold", "limit"),
    [
        ({"label": "predicted_label"}, None, 47.5),
        ({"probability": "score"}, None, 47.5),
        ({"probability": "score"}, 0.9, 69.5),
        ({"label": "predicted_label", "probability": "score"}, 0.9, 69.5),
    ],
)
def test_bias_of_json_is_that_of_the_located_predictions(
    job: Job, form: str, located: dict[str, str], threshold: float | None, limit: float
) -> None:
    job.add_model("credit", income_model())
    config = json_config(job, form, FEATURES, **located)
    config |= {
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "gender", "value_or_threshold": ["F"]}],
        "methods": {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": "all"}},
    }
    if threshold is not None:
        config["probability_threshold"] = threshold

    analysis = job.run(config)

    shares = (CREDIT["income"] > limit).groupby(CREDIT["gender"]).mean()
    assert metric(analysis, "post", "gender", "DPPL") == pytest.approx(shares["M"] - shares["F"])
    assert analysis["post_training_bias_metrics"]["label"] == "Target"


@pytest.mark.parametrize("form", [JSON_LINES, JSON])
@pytest.mark.parametrize("located", [{"label": "score"}, {"probability": "score"}])
def test_scores_in_json_are_explained(job: Job, form: str, located: dict[str, str], capsys: Any) -> None:
    model = fitted(LogisticRegression(C=1e-4))
    job.add_model("credit", model)
    config = json_config(job, form, NUMBERS, **located)
    record = {"features": [35, 50]}
    baseline = {"instances": [record]} if form == JSON else [record]
    config["methods"] = {"shap": {"baseline": baseline, "num_samples": 10, "seed": 1}}

    analysis = job.run(config)

    explained = analysis["explanations"]["kernel_shap"]["label0"]
    assert explained["expected_value"] == pytest.approx(model.predict_proba([[35, 50]])[0, 1])
    assert list(explained["global_shap_values"]) == NUMBERS
    said = capsys.readouterr().out
    assert f'Request to the model as {form}: {{"' in said
    assert '"features":[30,50]}' in said
    assert "Warning" not in said


def test_predicted_labels_in_json_can_be_explained(job: Job) -> None:
    model = fitted(LogisticRegression())
    job.add_model("credit", model)
    config = json_config(job, JSON_LINES, NUMBERS, label="predicted_label")
    config["methods"] = {"shap": {"baseline": [{"features": [20, 10]}], "num_samples": 10}}

    analysis = job.run(config)

    explained = analysis["explanations"]["kernel_shap"]["label0"]
    assert explained["expected_value"] == model.predict([[20, 10]])[0]
    local = pd.read_csv(job.output / "explanations_shap" / "out.csv").sum(axis=1).to_numpy()
    assert local + explained["expected_value"] == pytest.approx(model.predict(CREDIT[NUMBERS].to_numpy()))


def test_one_of_several_scores_can_be_explained(job: Job) -> None:
    ages = np.digitize(CREDIT["age"], [30, 45])
    model = LogisticRegression(max_iter=1000).fit(CREDIT[NUMBERS].to_numpy(), ages)
    job.add_model("credit", model)
    config = json_config(job, JSON, NUMBERS, probability="score[2]")
    config["methods"] = {"shap": {"baseline": [[35, 50]], "num_samples": 10}}

    analysis = job.run(config)

    explained = analysis["explanations"]["kernel_shap"]
    assert list(explained) == ["label0"]
    assert explained["label0"]["expected_value"] == pytest.approx(model.predict_proba([[35, 50]])[0, 2])


def test_labels_that_are_no_numbers_cannot_be_explained(job: Job) -> None:
    job.add_model("credit", LogisticRegression().fit(CREDIT[NUMBERS].to_numpy(), CREDIT["gender"].to_numpy()))
    config = json_config(job, JSON_LINES, NUMBERS, label="predicted_label")
    config["methods"] = {"shap": {"baseline": [[35, 50]], "num_samples": 10}}

    assert "locates labels that are not numbers (F): locate the scores to explain" in job.fail(config)


def test_scores_in_place_of_labels_are_refused(job: Job) -> None:
    job.add_model("credit", income_model())
    config = json_config(job, JSON_LINES, FEATURES, label="score")
    config |= {
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "gender", "value_or_threshold": ["F"]}],
        "methods": {"post_training_bias": {"methods": "all"}},
    }

    assert "locate them by 'predictor.probability'" in job.fail(config)


def test_a_csv_data_set_may_have_a_json_model(numeric_job: Job) -> None:
    model = fitted(LinearRegression())
    numeric_job.add_model("credit", model)
    config = {
        "dataset_type": "text/csv",
        "headers": ["approved", *NUMBERS],
        "label": "approved",
        "predictor": {
            "model_name": "credit",
            "content_type": JSON,
            "label": "predictions[*].predicted_label",
            **_TEMPLATES[JSON],
        },
        "methods": {"shap": {"baseline": [[35, 50]], "num_samples": 10}},
    }

    analysis = numeric_job.run(config)

    explained = analysis["explanations"]["kernel_shap"]["label0"]
    assert explained["expected_value"] == pytest.approx(model.predict([[35, 50]])[0])


def test_templates_left_out_are_told(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job.add_model("credit", fitted(LinearRegression()))
    config = json_config(job, JSON_LINES, NUMBERS, label="predicted_label")
    config["predictor"] = {"model_name": "credit", "label": "predicted_label"}
    config["methods"] = {"shap": {"baseline": [[35, 50]], "num_samples": 10}}

    job.run(config)

    warning = "The predictor has no 'content_template', which application/jsonlines needs"
    assert f"Warning: {warning}" in capsys.readouterr().out
    assert "which application/jsonlines needs" in (job.output / "report.html").read_text()


@pytest.mark.parametrize("form", [JSON_LINES, JSON])
def test_a_content_type_without_its_template_is_refused(job: Job, form: str) -> None:
    config = json_config(job, form, NUMBERS)
    config["predictor"] = {"model_name": "credit", "content_type": form}
    config["methods"] = {"shap": {"baseline": [[35, 50]]}}

    assert f"'predictor.content_template' is needed with the content type {form}" in job.fail(config)
