"""The stand-in for the Clarify container computes the bias metrics that smclarify computes."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from sklearn.linear_model import LinearRegression

from cdk_clarify_monitors_lambda.clarify_baseline.model.constraints import with_overrides
from tests.support.container.container_job import Job
from tests.support.container.credit import (
    CREDIT,
    FEATURES,
    bias,
    income_model,
    metric,
    post_training,
    shap_config,
    with_encoded_gender,
)

#: The applicants, with labels that are words.
WORDS = CREDIT.assign(approved=CREDIT["approved"].map({1: "yes", 0: "no"}))


def test_bias_metrics_are_those_computed_by_hand(credit_job: Job) -> None:
    analysis = credit_job.run(bias())

    # Women: 1 of 6 approved. Men: 5 of 6.
    assert metric(analysis, "pre", "gender", "CI") == pytest.approx(0.0)
    assert metric(analysis, "pre", "gender", "DPL") == pytest.approx(5 / 6 - 1 / 6)
    assert metric(analysis, "pre", "gender", "KL") == pytest.approx(5 / 6 * math.log(5) + 1 / 6 * math.log(1 / 5))
    assert metric(analysis, "pre", "gender", "CDDL") is None
    assert analysis["version"] == "1.0"
    assert analysis["pre_training_bias_metrics"]["label"] == "approved"
    assert analysis["pre_training_bias_metrics"]["label_value_or_threshold"] == "1"
    assert "post_training_bias_metrics" not in analysis


def test_the_metrics_are_those_of_smclarify(credit_job: Job) -> None:
    from smclarify.bias import report

    analysis = credit_job.run(bias(group_variable="age"))

    expected = report.bias_report(
        CREDIT.drop(columns="approved").astype({"gender": object}),  # smclarify does not know pandas' own text type
        report.FacetColumn("gender", ["F"]),
        report.LabelColumn("approved", CREDIT["approved"], [1]),
        report.StageType.PRE_TRAINING,
        group_variable=CREDIT["age"],
    )
    assert analysis["pre_training_bias_metrics"]["facets"]["gender"] == expected


def test_a_facet_without_values_gives_each_value_its_metrics(credit_job: Job) -> None:
    analysis = credit_job.run(bias(facet=[{"name_or_index": 3}]))

    groups = analysis["pre_training_bias_metrics"]["facets"]["gender"]
    assert [group["value_or_threshold"] for group in groups] == ["F", "M"]


def test_only_the_metrics_asked_for_are_computed(credit_job: Job) -> None:
    analysis = credit_job.run(bias(methods={"pre_training_bias": {"methods": ["CI", "DPL"]}}))

    (group,) = analysis["pre_training_bias_metrics"]["facets"]["gender"]
    assert [entry["name"] for entry in group["metrics"]] == ["CI", "DPL"]


def test_infinite_metrics_are_written_as_text(credit_job: Job) -> None:
    predicted = CREDIT.assign(predicted=(CREDIT["gender"] == "M").astype(int))
    credit_job.put_data(predicted)
    config = bias(
        headers=list(predicted.columns),
        predicted_label="predicted",
        facet=[{"name_or_index": "gender", "value_or_threshold": ["M"]}],
        methods={"post_training_bias": {"methods": "all"}},
    )

    analysis = credit_job.run(config)

    # All men and no women are predicted to be approved: 1 / 0.
    assert metric(analysis, "post", "gender", "DI") == "Infinity"
    assert metric(analysis, "post", "gender", "DPPL") == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("threshold", "women", "men"),
    [
        (None, 1, 5),  # 0.5: an income above 47.5
        (0.9, 0, 4),  # above 69.5
        (0.98, 0, 1),  # above 86.4
        (0.1, 4, 6),  # above 25.5
    ],
)
def test_the_model_s_probability_is_compared_with_the_threshold(
    credit_job: Job, threshold: float | None, women: int, men: int
) -> None:
    credit_job.add_model("credit", income_model())
    config = post_training()
    if threshold is not None:
        config["probability_threshold"] = threshold

    analysis = credit_job.run(config)

    assert metric(analysis, "post", "gender", "DPPL") == pytest.approx(men / 6 - women / 6)


def test_label_headers_name_the_highest_score(credit_job: Job) -> None:
    credit_job.put_data(WORDS)
    credit_job.add_model("credit", income_model())
    config = post_training(label_headers=["no", "yes"], probability=0)
    config["label_values_or_threshold"] = ["yes"]

    analysis = credit_job.run(config)

    assert metric(analysis, "post", "gender", "DPPL") == pytest.approx(5 / 6 - 1 / 6)


def test_one_label_header_names_what_is_above_the_threshold(credit_job: Job) -> None:
    credit_job.put_data(WORDS)
    credit_job.add_model("credit", income_model())
    config = post_training(label_headers=["yes"])
    config["label_values_or_threshold"] = ["yes"]

    analysis = credit_job.run(config)

    assert metric(analysis, "post", "gender", "DPPL") == pytest.approx(5 / 6 - 1 / 6)


def test_a_label_in_the_answer_is_taken_as_it_is(credit_job: Job) -> None:
    model = income_model()
    credit_job.add_model("credit", model)

    analysis = credit_job.run(post_training(label=0))

    predicted = model.predict(CREDIT[FEATURES].to_numpy())
    men, women = (predicted[CREDIT["gender"] == gender].mean() for gender in "MF")
    assert metric(analysis, "post", "gender", "DPPL") == pytest.approx(men - women)


def test_a_regression_needs_no_threshold(credit_job: Job) -> None:
    scores = CREDIT.assign(approved=CREDIT["income"] * 1.5)
    credit_job.put_data(scores)
    regression = with_encoded_gender(LinearRegression())
    credit_job.add_model("credit", regression.fit(CREDIT[FEATURES].to_numpy(), scores["approved"].to_numpy()))
    config = post_training()
    config["label_values_or_threshold"] = [70]

    analysis = credit_job.run(config)

    assert metric(analysis, "post", "gender", "DPPL") == pytest.approx(5 / 6 - 1 / 6)


def test_bias_metrics_ask_the_model_once(witnessed_job: tuple[Job, Path]) -> None:
    job, folder = witnessed_job
    config = shap_config() | {
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "age", "value_or_threshold": [40]}],
        "methods": {"post_training_bias": {"methods": "all"}},
    }

    job.run(config)

    assert [path.read_text() for path in folder.iterdir()] == [str(len(CREDIT))]


def test_a_page_says_that_it_is_a_stand_in(credit_job: Job) -> None:
    credit_job.run(bias())

    page = (credit_job.output / "report.html").read_text()
    assert "stand-in" in page
    assert "<h1>Credit</h1>" in page


def test_the_report_is_a_notebook_and_a_pdf_too(credit_job: Job) -> None:
    config = bias()
    config["methods"] = {**config["methods"], "report": {"name": "report", "title": "Crédit (1) \\ 2"}}
    credit_job.run(config)

    (cell,) = json.loads((credit_job.output / "report.ipynb").read_text())["cells"]
    assert cell["source"].startswith("# Crédit (1) \\ 2\n\nComputed by the embedded AWS's stand-in")
    assert "| Class Imbalance (CI) | " in cell["source"]
    document = (credit_job.output / "report.pdf").read_bytes()
    assert "(Crédit \\(1\\) \\\\ 2) Tj".encode("latin-1") in document
    assert b"(Class Imbalance \\(CI\\) " in document
    table = int(document.rpartition(b"startxref\n")[2].split()[0])
    places = [int(line[:10]) for line in document[table:].splitlines() if line.endswith(b" n ")]
    for number, place in enumerate(places, 1):
        assert document[place:].startswith(b"%d 0 obj\n" % number)


@pytest.mark.parametrize(
    ("facet", "name", "value"),
    [
        ({"name_or_index": 2, "value_or_threshold": [40]}, "income", 40),
        ({"name_or_index": "income", "value_or_threshold": [40.5]}, "income", 40.5),
        ({"name_or_index": "gender", "value_or_threshold": ["F"]}, "gender", "F"),
        ({"name_or_index": 3}, "gender", "M"),
        ({"name_or_index": "age", "value_or_threshold": [30, 41]}, "age", "30,41"),
    ],
)
def test_a_limit_finds_its_group_in_the_results(credit_job: Job, facet: object, name: str, value: object) -> None:
    analysis = credit_job.run(bias(facet=[facet]))

    changed = with_overrides(analysis, [{"Metric": "DPL", "AtMost": 9, "Facet": name, "FacetValue": value}])

    groups = changed["pre_training_bias_metrics"]["facets"][name]
    values = [metric["value"] for group in groups for metric in group["metrics"] if metric["name"] == "DPL"]
    assert values.count(9.0) == 1
