"""The stand-in for the Clarify container computes what smclarify and shap compute, and refuses the rest by name."""

from __future__ import annotations

import json
import math
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from cdk_clarify_monitors_local.container import _shap
from cdk_clarify_monitors_local.container._progress import Progress
from tests.local_.jobs import CREDIT, FEATURES, Job, WitnessedModel, bias, metric

# Bias


def test_bias_of_the_data_by_hand(credit_job: Job) -> None:
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


def test_only_the_metrics_asked_for(credit_job: Job) -> None:
    analysis = credit_job.run(bias(methods={"pre_training_bias": {"methods": ["CI", "DPL"]}}))

    (group,) = analysis["pre_training_bias_metrics"]["facets"]["gender"]
    assert [entry["name"] for entry in group["metrics"]] == ["CI", "DPL"]


def test_infinity_is_text(credit_job: Job) -> None:
    predicted = CREDIT.assign(predicted=(CREDIT["gender"] == "M").astype(int))
    predicted.to_csv(credit_job.data / "data.csv", header=False, index=False)
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


def post_training(**predictor: Any) -> dict[str, Any]:
    return bias(
        predictor={"model_name": "credit", "instance_type": "ml.m5.large", "initial_instance_count": 1, **predictor},
        methods={"post_training_bias": {"methods": ["DPPL", "AD"]}},
    )


def income_model() -> Any:
    """A model whose probability depends on the income alone and crosses 0.5 at 47.5."""
    encoder = make_column_transformer((OneHotEncoder(), [2]), remainder="passthrough")
    model = make_pipeline(encoder, LogisticRegression())
    model.fit(CREDIT[FEATURES].to_numpy(), CREDIT["approved"].to_numpy())
    regression = model[-1]
    regression.coef_ = np.array([[0.0, 0.0, 0.0, 0.1]])
    regression.intercept_ = np.array([-4.75])
    return model


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
    words = CREDIT.assign(approved=CREDIT["approved"].map({1: "yes", 0: "no"}))
    words.to_csv(credit_job.data / "data.csv", header=False, index=False)
    credit_job.add_model("credit", income_model())
    config = post_training(label_headers=["no", "yes"], probability=0)
    config["label_values_or_threshold"] = ["yes"]

    analysis = credit_job.run(config)

    assert metric(analysis, "post", "gender", "DPPL") == pytest.approx(5 / 6 - 1 / 6)


def test_a_single_label_header_names_what_is_above_the_threshold(credit_job: Job) -> None:
    words = CREDIT.assign(approved=CREDIT["approved"].map({1: "yes", 0: "no"}))
    words.to_csv(credit_job.data / "data.csv", header=False, index=False)
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
    scores.to_csv(credit_job.data / "data.csv", header=False, index=False)
    regression = make_pipeline(
        make_column_transformer((OneHotEncoder(), [2]), remainder="passthrough"), LinearRegression()
    ).fit(CREDIT[FEATURES].to_numpy(), scores["approved"].to_numpy())
    credit_job.add_model("credit", regression)
    config = post_training()
    config["label_values_or_threshold"] = [70]

    analysis = credit_job.run(config)

    assert metric(analysis, "post", "gender", "DPPL") == pytest.approx(5 / 6 - 1 / 6)


# Where the data come from


def write_jsonlines(job: Job) -> dict[str, Any]:
    lines = [
        json.dumps({"features": row[FEATURES].tolist(), "approved": int(row["approved"])})
        for _, row in CREDIT.iterrows()
    ]
    (job.data / "data.jsonl").write_text("\n".join(lines))
    return {"dataset_type": "application/jsonlines", "features": "features", "label": "approved"}


def write_jsonlines_label_last(job: Job) -> dict[str, Any]:
    write_jsonlines(job)
    text = (job.data / "data.jsonl").read_text().replace('"approved"', '"outcome"')
    (job.data / "data.jsonl").write_text(text)
    headers = [*FEATURES, "approved"]
    return {"dataset_type": "application/jsonlines", "features": "features", "label": "outcome", "headers": headers}


def write_json(job: Job) -> dict[str, Any]:
    records = [{"features": row[FEATURES].tolist(), "approved": int(row["approved"])} for _, row in CREDIT.iterrows()]
    (job.data / "data.json").write_text(json.dumps({"instances": records}))
    return {
        "dataset_type": "application/json",
        "features": "instances[*].features",
        "label": "instances[*].approved",
    }


def write_parquet(job: Job) -> dict[str, Any]:
    CREDIT.to_parquet(job.data / "data.parquet")
    return {"dataset_type": "application/x-parquet"}


def write_csv_with_header_row(job: Job) -> dict[str, Any]:
    CREDIT.to_csv(job.data / "data.csv", index=False)
    return {}


def write_csv_that_names_its_columns(job: Job) -> dict[str, Any]:
    CREDIT.to_csv(job.data / "data.csv", index=False)
    return {"headers": None}


def write_csv_without_any_names(job: Job) -> dict[str, Any]:
    CREDIT.to_csv(job.data / "data.csv", index=False, header=False)
    return {"headers": None, "label": 0, "facet": [{"name_or_index": 3, "value_or_threshold": ["F"]}]}


def write_several_files(job: Job) -> dict[str, Any]:
    CREDIT[:5].to_csv(job.data / "part-0.csv", index=False, header=False)
    (job.data / "deeper").mkdir()
    CREDIT[5:].to_csv(job.data / "deeper" / "part-1.csv", index=False, header=False)
    return {}


@pytest.mark.parametrize(
    "write",
    [
        write_jsonlines,
        write_jsonlines_label_last,
        write_json,
        write_parquet,
        write_csv_with_header_row,
        write_csv_that_names_its_columns,
        write_csv_without_any_names,
        write_several_files,
    ],
)
def test_every_form_of_data_gives_the_same_metrics(job: Job, write: Callable[[Job], dict[str, Any]]) -> None:
    config = {key: value for key, value in bias(**write(job)).items() if value is not None}

    analysis = job.run(config)

    (facet,) = analysis["pre_training_bias_metrics"]["facets"]
    assert metric(analysis, "pre", facet, "DPL") == pytest.approx(5 / 6 - 1 / 6)


def test_excluded_and_join_columns_do_not_reach_the_model(credit_job: Job) -> None:
    extended = CREDIT.assign(id=range(len(CREDIT)), note="x")
    extended.to_csv(credit_job.data / "data.csv", header=False, index=False)
    credit_job.add_model("credit", income_model())
    config = post_training()
    config |= {
        "headers": list(extended.columns),
        "joinsource_name_or_index": "id",
        "excluded_columns": ["note"],
    }

    analysis = credit_job.run(config)

    assert metric(analysis, "post", "gender", "DPPL") == pytest.approx(5 / 6 - 1 / 6)


# SHAP


def shap_config(**changes: Any) -> dict[str, Any]:
    return {
        "dataset_type": "text/csv",
        "headers": ["approved", "age", "income"],
        "label": "approved",
        "predictor": {"model_name": "credit", "instance_type": "ml.m5.large", "initial_instance_count": 1},
        "methods": {"shap": {"baseline": [[35, 50]], "num_samples": 100, "seed": 3, **changes}},
    }


@pytest.fixture
def numeric_job(job: Job) -> Job:
    CREDIT[["approved", "age", "income"]].to_csv(job.data / "data.csv", header=False, index=False)
    return job


def test_shap_values_of_a_linear_model_by_hand(numeric_job: Job) -> None:
    model = LinearRegression().fit(CREDIT[["age", "income"]].to_numpy(), CREDIT["approved"].to_numpy())
    numeric_job.add_model("credit", model)

    analysis = numeric_job.run(shap_config())

    # Of a linear model: the coefficient times the distance from the baseline.
    local = (CREDIT[["age", "income"]].to_numpy() - [35, 50]) * model.coef_
    explained = analysis["explanations"]["kernel_shap"]["label0"]
    assert explained["expected_value"] == pytest.approx(model.predict([[35, 50]])[0])
    assert explained["global_shap_values"] == pytest.approx(
        dict(zip(["age", "income"], np.abs(local).mean(axis=0), strict=True))
    )
    table = pd.read_csv(numeric_job.output / "explanations_shap" / "out.csv")
    assert list(table.columns) == ["age_label0", "income_label0"]
    assert table.to_numpy() == pytest.approx(local)


@pytest.mark.parametrize(
    ("agg_method", "aggregate"),
    [
        ("mean_abs", lambda local: np.abs(local).mean(axis=0)),
        ("median", lambda local: np.median(local, axis=0)),
        ("mean_sq", lambda local: (local**2).mean(axis=0)),
    ],
)
def test_the_values_are_aggregated_as_asked(numeric_job: Job, agg_method: str, aggregate: Callable[[Any], Any]) -> None:
    model = LinearRegression().fit(CREDIT[["age", "income"]].to_numpy(), CREDIT["approved"].to_numpy())
    numeric_job.add_model("credit", model)

    analysis = numeric_job.run(shap_config(agg_method=agg_method, save_local_shap_values=False))

    local = (CREDIT[["age", "income"]].to_numpy() - [35, 50]) * model.coef_
    values = analysis["explanations"]["kernel_shap"]["label0"]["global_shap_values"]
    assert list(values.values()) == pytest.approx(list(aggregate(local)))
    assert not (numeric_job.output / "explanations_shap").exists()


def test_logit_gives_log_odds(numeric_job: Job) -> None:
    model = LogisticRegression(C=1e-4).fit(CREDIT[["age", "income"]].to_numpy(), CREDIT["approved"].to_numpy())
    numeric_job.add_model("credit", model)

    analysis = numeric_job.run(shap_config(use_logit=True))

    explained = analysis["explanations"]["kernel_shap"]["label0"]
    local = (CREDIT[["age", "income"]].to_numpy() - [35, 50]) * model.coef_[0]
    assert explained["expected_value"] == pytest.approx(model.decision_function([[35, 50]])[0])
    assert list(explained["global_shap_values"].values()) == pytest.approx(list(np.abs(local).mean(axis=0)), rel=1e-4)


def test_text_features_and_label_headers(credit_job: Job) -> None:
    model = income_model()
    credit_job.add_model("credit", model)
    config = post_training(label_headers=["no", "yes"])
    config["methods"] = {"shap": {"baseline": [[35, 50, "F"]], "num_samples": 50}}

    analysis = credit_job.run(config)

    explained = analysis["explanations"]["kernel_shap"]
    assert set(explained) == {"no", "yes"}
    assert explained["yes"]["global_shap_values"]["income"] > 0.1
    assert explained["yes"]["global_shap_values"]["gender"] == pytest.approx(0, abs=1e-9)
    assert explained["yes"]["expected_value"] == pytest.approx(1 - explained["no"]["expected_value"])


def test_a_baseline_is_made_by_clustering(numeric_job: Job) -> None:
    model = LinearRegression().fit(CREDIT[["age", "income"]].to_numpy(), CREDIT["approved"].to_numpy())
    numeric_job.add_model("credit", model)
    config = shap_config(num_clusters=2)
    del config["methods"]["shap"]["baseline"]

    numeric_job.run(config)

    baseline = pd.read_csv(numeric_job.output / "explanations_shap" / "baseline.csv")
    assert baseline.shape == (2, 2)
    assert list(baseline.columns) == ["age", "income"]


@pytest.fixture
def witnessed_job(numeric_job: Job, tmp_path: Path) -> tuple[Job, Path]:
    """A job whose model tells who asks it, and the folder where it does."""
    folder = tmp_path / "calls"
    folder.mkdir()
    data = CREDIT[["age", "income"]].to_numpy()
    numeric_job.add_model("credit", WitnessedModel(str(folder)).fit(data, CREDIT["approved"].to_numpy()))
    return numeric_job, folder


def test_shap_asks_the_model_about_many_records_at_once(witnessed_job: tuple[Job, Path]) -> None:
    job, folder = witnessed_job
    baseline = [[35, 50], [40, 40]]

    job.run(shap_config(baseline=baseline))

    calls = [int(path.read_text()) for path in folder.iterdir()]
    # For each record: once for its own score, once for all that is made of it and the baseline.
    assert len(calls) <= 2 * len(CREDIT) + 3
    assert max(calls) == 2 * len(baseline)


def test_bias_metrics_ask_the_model_once(witnessed_job: tuple[Job, Path]) -> None:
    job, folder = witnessed_job
    config = shap_config() | {
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "age", "value_or_threshold": [40]}],
        "methods": {"post_training_bias": {"methods": "all"}},
    }

    job.run(config)

    assert [path.read_text() for path in folder.iterdir()] == [str(len(CREDIT))]


def test_partial_dependence_asks_the_model_once_for_each_point(witnessed_job: tuple[Job, Path]) -> None:
    job, folder = witnessed_job

    job.run(shap_config() | {"methods": {"pdp": {"features": ["income"], "grid_resolution": 3}}})

    assert [path.read_text() for path in folder.iterdir()] == [str(len(CREDIT))] * 3


def test_shap_works_on_all_cores_if_that_is_sooner_done(
    witnessed_job: tuple[Job, Path], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    job, folder = witnessed_job
    on_one_core = job.run(shap_config())
    assert {path.name.split("-")[0] for path in folder.iterdir()} == {str(os.getpid())}

    monkeypatch.setattr(_shap, "_PROCESS_START", 0.0)
    monkeypatch.setattr(joblib, "cpu_count", lambda: 2)
    on_two_cores = job.run(shap_config())

    assert on_two_cores == on_one_core
    assert len({path.name.split("-")[0] for path in folder.iterdir()}) == 3
    assert re.search(r"SHAP: about \d+ s of work for 2 processes\n", capfd.readouterr().out)


def test_a_long_calculation_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    moments = iter([0.0, 1.0, 2.0, 3.0, 4.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    progress = Progress("SHAP", 4, "records")

    for _ in range(4):
        progress.advance()

    assert capsys.readouterr().out.splitlines() == [
        "SHAP ██████████░░░░░░░░░░ 2 of 4 records, about 2 s left",
        "SHAP ████████████████████ 4 of 4 records, in 4.0 s",
    ]


def test_a_warning_is_said_once(credit_job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    credit_job.add_model("credit", income_model())
    too_few = {"shap": {"baseline": [[35, 50, "F"]], "num_samples": 2}}

    credit_job.run(post_training() | {"methods": too_few})

    said = capsys.readouterr()
    assert said.out.count("Linear regression equation is singular") == 1
    assert "singular" not in said.err


def test_partial_dependence_of_a_linear_model(numeric_job: Job) -> None:
    model = LinearRegression().fit(CREDIT[["age", "income"]].to_numpy(), CREDIT["approved"].to_numpy())
    numeric_job.add_model("credit", model)
    config = shap_config()
    config["methods"] = {"pdp": {"features": ["income"], "grid_resolution": 3, "top_k_features": 10}}

    analysis = numeric_job.run(config)

    (plot,) = analysis["explanations"]["pdp"]
    assert plot["feature_name"] == "income"
    assert plot["feature_values"] == [20, 55, 90]
    expected = [
        model.predict(np.column_stack([CREDIT["age"], np.full(len(CREDIT), value)])).mean() for value in (20, 55, 90)
    ]
    assert plot["model_predictions"][0] == pytest.approx(expected)
    assert sum(plot["data_distribution"]) == pytest.approx(1)


def test_partial_dependence_of_the_most_important_features(numeric_job: Job) -> None:
    model = LinearRegression().fit(CREDIT[["age", "income"]].to_numpy(), CREDIT["approved"].to_numpy())
    numeric_job.add_model("credit", model)
    config = shap_config()
    config["methods"]["pdp"] = {"grid_resolution": 3, "top_k_features": 1}

    analysis = numeric_job.run(config)

    values = analysis["explanations"]["kernel_shap"]["label0"]["global_shap_values"]
    assert [plot["feature_name"] for plot in analysis["explanations"]["pdp"]] == [max(values, key=values.__getitem__)]


def test_a_page_says_that_it_is_a_stand_in(credit_job: Job) -> None:
    credit_job.run(bias())

    page = (credit_job.output / "report.html").read_text()
    assert "stand-in" in page
    assert "<h1>Credit</h1>" in page


# What is wrong or not supported


def with_method(name: str, value: Any) -> dict[str, Any]:
    return bias(methods={name: value}, predictor={"model_name": "credit"})


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ([], "must be a JSON object"),
        (bias(methods={}), "'methods'"),
        (bias(dataset_type="text/plain"), "'dataset_type' must be one of"),
        (bias(dataset_type="application/x-image"), "does not support images"),
        (bias(colour="red"), "unknown parameter 'colour'"),
        (bias(segment_config=[]), "does not support 'segment_config'"),
        (bias(time_series_data_config={}), "does not support 'time_series_data_config'"),
        (bias(label=None), "need 'label'"),
        (bias(label="paid"), "'label' is column 'paid', but the data set has only approved, age, income, gender"),
        (bias(label=7), "'label' is column 7, but the data set has 4 columns"),
        (bias(label_values_or_threshold=[]), "'label_values_or_threshold'"),
        (bias(facet=[]), "at least one 'facet'"),
        (bias(facet=[{"name_or_index": "sex"}]), "'facet' is column 'sex'"),
        (bias(facet=[{"name_or_index": "age"}]), "Threshold values must be provided for continuous features"),
        (bias(group_variable="region"), "'group_variable' is column 'region'"),
        (bias(headers=["a", "b"]), "There are 2 headers, but data.csv has 4 columns"),
        (bias(excluded_columns=["zip"]), "'excluded_columns' is column 'zip'"),
        (bias(methods={"pre_training_bias": {"methods": ["XX"]}}), "metrics should be one of"),
        (bias(methods={"post_training_bias": {"methods": "all"}}), "need predicted labels"),
        (bias(methods={"shap": {}}), "need a 'predictor'"),
        (bias(dataset_type="application/jsonlines"), "needs 'features'"),
        (bias(dataset_type="application/jsonlines", features="x"), "data.csv cannot be read as application/jsonlines"),
        (bias(dataset_type="application/x-parquet"), "data.csv cannot be read as application/x-parquet"),
        (with_method("shap", {"baseline": [[1]], "num_clusters": 3}), "both 'baseline' and 'num_clusters'"),
        (with_method("shap", {"agg_method": "sum"}), "'methods.shap.agg_method' must be one of"),
        (with_method("shap", {"text_config": {}}), "does not support 'methods.shap.text_config'"),
        (with_method("shap", {"image_config": {}}), "does not support 'methods.shap.image_config'"),
        (with_method("shap", {"features_to_explain": []}), "does not support 'methods.shap.features_to_explain'"),
        (with_method("shap", {"kernel": 1}), "unknown parameter 'methods.shap.kernel'"),
        (with_method("asymmetric_shapley_value", {}), "does not support 'methods.asymmetric_shapley_value'"),
        (with_method("pdp", {"grid_resolution": 5}), "'methods.pdp.features' is needed"),
        (with_method("shap", {}), 'Could not find model "credit"'),
        (bias(predictor={"model_name": "a", "endpoint_name": "b"}), "either 'model_name' or 'endpoint_name'"),
        (bias(predictor={"model_name": "a", "target_model": "b"}), "does not support 'predictor.target_model'"),
    ],
)  # fmt: skip
def test_it_is_refused_by_name(credit_job: Job, config: Any, message: str) -> None:
    if isinstance(config, dict):
        config = {key: value for key, value in config.items() if value is not None}

    failure = credit_job.fail(config)

    assert message in failure


def test_a_model_of_other_features_is_refused(credit_job: Job) -> None:
    credit_job.add_model("credit", LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]))

    failure = credit_job.fail(post_training())

    assert "The model 'credit' takes 1 features, but gets 3: age, income, gender." in failure


def test_a_baseline_of_other_features_is_refused(numeric_job: Job) -> None:
    numeric_job.add_model("credit", LinearRegression().fit([[1.0, 2.0], [2.0, 1.0]], [1.0, 2.0]))

    failure = numeric_job.fail(shap_config(baseline=[[1, 2, 3]]))

    assert "The SHAP baseline has 3 values in a row, but there are 2 features: age, income." in failure


def test_text_features_need_a_baseline(credit_job: Job) -> None:
    credit_job.add_model("credit", income_model())
    config = post_training()
    config["methods"] = {"shap": {}}

    assert "give a baseline" in credit_job.fail(config)


def test_a_file_that_is_no_model_is_refused(credit_job: Job) -> None:
    path = credit_job.root / "model.joblib"
    path.write_text("not a model")
    credit_job.models["credit"] = str(path)

    assert "The model 'credit' cannot be loaded" in credit_job.fail(post_training())


def test_no_data_set_is_told(job: Job) -> None:
    assert "The job has no data set" in job.fail(bias())


def test_no_positive_prediction_is_told_as_clarify_tells_it(credit_job: Job) -> None:
    credit_job.add_model("credit", income_model())
    config = post_training()
    config["probability_threshold"] = 0.9999

    assert "No Label values are present in the predicted Label Column" in credit_job.fail(config)
