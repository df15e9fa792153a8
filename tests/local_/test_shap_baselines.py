"""SHAP baselines of the stand-in for the Clarify container, given in any form or made by clustering."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from cdk_clarify_monitors_local.container.attributions import _baseline
from cdk_clarify_monitors_local.container.attributions._baseline import clustered_baseline
from tests.support.container.container_job import Job
from tests.support.container.credit import CREDIT, FEATURES, NUMBERS, fitted, income_model, post_training, shap_config

# Given


@pytest.mark.parametrize(
    ("form", "baseline"),
    [
        ({}, [[35, 50]]),
        ({}, {"age": 35, "income": 50}),
        ({}, [{"age": 35, "income": 50}]),
        ({"dataset_type": "application/jsonlines", "features": "features"}, [{"features": [35, 50]}]),
        ({"dataset_type": "application/jsonlines", "features": "features"}, [[35, 50]]),
        ({"dataset_type": "application/jsonlines", "features": "features"}, [{"age": 35, "income": 50, "approved": 1}]),
        ({"dataset_type": "application/jsonlines", "features": "d.values"}, [{"d": {"values": [35, 50]}, "label": 0}]),
        ({"dataset_type": "application/jsonlines", "features": "[a, b]"}, [{"a": 35, "b": 50}]),
        ({"dataset_type": "application/json", "features": "instances[*].features"},
            {"instances": [{"features": [35, 50]}]}),
        ({"dataset_type": "application/json", "features": "[*].features"}, [{"features": [35, 50]}]),
        ({"dataset_type": "application/json", "features": "instances"}, {"instances": [[35, 50]]}),
        # An execution does not know where the features were in the data set.
        ({}, {"instances": [{"features": [35, 50]}]}),
        ({}, [{"data": {"features": {"values": [35, 50]}, "label": 0}}]),
    ],
)  # fmt: skip
def test_a_baseline_is_read_in_every_form(job: Job, form: dict[str, Any], baseline: Any) -> None:
    model = fitted(LinearRegression())
    job.add_model("credit", model)
    write(job, form)

    analysis = job.run({**shap_config(baseline=baseline), **form, **({"label": None} if form else {})})

    assert analysis["explanations"]["kernel_shap"]["label0"]["expected_value"] == pytest.approx(
        model.predict([[35, 50]])[0]
    )


def write(job: Job, form: dict[str, Any]) -> None:
    if not form:
        job.put_data(CREDIT[["approved", *NUMBERS]])
        return
    rows = CREDIT[NUMBERS].to_numpy().tolist()
    kind, path = form["dataset_type"], form["features"]
    forms: dict[str, list[Any]] = {
        "d.values": [{"d": {"values": row}} for row in rows],
        "[a, b]": [{"a": a, "b": b} for a, b in rows],
        "instances": rows,
    }
    records = forms.get(path, [{"features": row} for row in rows])
    if kind == "application/jsonlines":
        text = "\n".join(json.dumps(record) for record in records)
    else:
        text = json.dumps(records if path.startswith("[") else {"instances": records})
    (job.data / "data.json").write_text(text)
    form["headers"] = NUMBERS


def test_several_records_of_a_document_are_a_baseline(job: Job) -> None:
    model = fitted(LinearRegression())
    job.add_model("credit", model)
    form = {"dataset_type": "application/json", "features": "instances[*].features"}
    write(job, form)
    baseline = {"instances": [{"features": [35, 50]}, {"features": [25, 20]}]}

    analysis = job.run({**shap_config(baseline=baseline), **form, "label": None})

    expected = analysis["explanations"]["kernel_shap"]["label0"]["expected_value"]
    assert expected == pytest.approx(model.predict([[35, 50], [25, 20]]).mean())


@pytest.mark.parametrize("baseline", [[35, 50], [{"a": [1], "b": [2]}], ["x"]])
def test_what_is_no_row_is_refused(numeric_job: Job, baseline: Any) -> None:
    numeric_job.add_model("credit", fitted(LinearRegression()))

    assert "neither a list nor a record of the features" in numeric_job.fail(shap_config(baseline=baseline))


def test_missing_values_are_the_typical_ones(credit_job: Job) -> None:
    credit_job.add_model("credit", income_model())
    config = post_training()
    config["methods"] = {"shap": {"baseline": [[35, None, None]], "num_samples": 50}}

    analysis = credit_job.run(config)

    mean = CREDIT["income"].mean()
    expected = analysis["explanations"]["kernel_shap"]["label0"]["expected_value"]
    assert expected == pytest.approx(1 / (1 + np.exp(-(0.1 * mean - 4.75))))


# By clustering


def made_baseline(job: Job, **options: Any) -> pd.DataFrame:
    config = post_training()
    config["methods"] = {"shap": {"num_samples": 20, **options}}
    job.add_model("credit", income_model())
    job.run(config)
    return pd.read_csv(job.output / "explanations_shap" / "baseline.csv")


def test_clusters_of_categories_have_the_commonest(credit_job: Job) -> None:
    baseline = made_baseline(credit_job, num_clusters=2)

    assert list(baseline.columns) == FEATURES
    assert sorted(baseline["gender"]) == ["F", "M"]
    by_gender = baseline.set_index("gender")["income"]
    assert by_gender["M"] > by_gender["F"]


@pytest.mark.slow
def test_clustering_is_reproducible(credit_job: Job) -> None:
    assert made_baseline(credit_job, num_clusters=3).equals(made_baseline(credit_job, num_clusters=3))


@pytest.mark.parametrize(("asked", "made"), [(1, 1), (5, 5), (None, 12), (500, 12)])
def test_there_are_as_many_clusters_as_asked_for(credit_job: Job, asked: int | None, made: int) -> None:
    """There are twelve different applicants."""
    baseline = made_baseline(credit_job, **({} if asked is None else {"num_clusters": asked}))

    assert len(baseline) == made
    assert set(baseline["age"]) <= set(CREDIT["age"])


def two_groups(*columns: Any) -> Any:
    return np.column_stack(columns).astype(float)


@pytest.mark.parametrize(
    ("records", "is_category", "expected"),
    [
        # Numbers of other scales count alike.
        (two_groups([1, 1, 2, 2], [1e6, 1e6 + 1, 3e6, 3e6 + 1]), [False, False], {(1.0, 1e6), (2.0, 3e6)}),
        (two_groups([0, 0, 1, 1]), [True], {(0.0,), (1.0,)}),
        (two_groups([0, 0, 1, 1], [5, 5, 5, 5]), [True, False], {(0.0, 5.0), (1.0, 5.0)}),
        (two_groups([1, 1.2, np.nan, 9, 9.2], [0, 0, 0, 1, 1]), [False, True], {(1.2, 0.0), (9.0, 1.0)}),
        (two_groups([np.nan, np.nan, np.nan], [0, 1, 1]), [False, True], {(0.0, 0.0), (0.0, 1.0)}),
        (two_groups([3, 3, 3]), [False], {(3.0,)}),
    ],
)
def test_typical_records_of_clusters(records: Any, is_category: list[bool], expected: set[tuple[float, ...]]) -> None:
    assert {tuple(row) for row in clustered_baseline(records, is_category, 2, None).tolist()} == expected


def test_columns_of_many_categories_are_clustered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_baseline, "_MAX_CATEGORIES", 3)
    names = np.arange(40)

    made = clustered_baseline(two_groups([1] * 20 + [9] * 20, names), [False, True], 2, None)

    assert sorted(made[:, 0]) == [1, 9]
    assert set(made[:, 1]) <= set(names)


def test_a_part_of_a_large_data_set_is_clustered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_baseline, "_MAX_RECORDS", 50)
    records = two_groups([1] * 100 + [9] * 100, ["0"] * 200)

    made = [clustered_baseline(records, [False, True], 2, 3).tolist() for _ in range(2)]

    assert sorted(made[0]) == [[1, 0], [9, 0]]
    assert made[0] == made[1]


# Features to explain


@pytest.mark.parametrize("features", [["income"], [2], ["income", 2]])
def test_only_named_features_are_explained(numeric_job: Job, features: list[str | int]) -> None:
    model = fitted(LinearRegression())
    numeric_job.add_model("credit", model)

    analysis = numeric_job.run(shap_config(features_to_explain=features))

    # Of a linear model: the same values as if all were explained.
    local = (CREDIT["income"].to_numpy() - 50) * model.coef_[1]
    explained = analysis["explanations"]["kernel_shap"]["label0"]
    assert explained["global_shap_values"] == pytest.approx({"income": np.abs(local).mean()})
    table = pd.read_csv(numeric_job.output / "explanations_shap" / "out.csv")
    assert list(table.columns) == ["income_label0"]
    assert table["income_label0"].to_numpy() == pytest.approx(local)
    mean_score = model.predict(CREDIT[NUMBERS].to_numpy()).mean()
    assert explained["expected_value"] + local.mean() == pytest.approx(mean_score)


def test_all_features_named_is_none_named(credit_job: Job) -> None:
    credit_job.add_model("credit", income_model())
    config = post_training()
    config["methods"] = {"shap": {"baseline": [[35, 50, "F"]], "num_samples": 50}}
    of_all = credit_job.run(config)
    config["methods"]["shap"]["features_to_explain"] = ["gender", "age", "income"]

    assert credit_job.run(config) == of_all


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (["approved"], "'methods.shap.features_to_explain' is column 'approved', which is no feature"),
        ([0], "'methods.shap.features_to_explain' is column 'approved', which is no feature"),
        (["zip"], "'methods.shap.features_to_explain' is column 'zip', but the data set has only"),
        ([9], "'methods.shap.features_to_explain' is column 9, but the data set has 3 columns"),
    ],
)
def test_a_feature_that_does_not_exist_is_refused(numeric_job: Job, features: list[Any], message: str) -> None:
    numeric_job.add_model("credit", fitted(LinearRegression()))

    assert message in numeric_job.fail(shap_config(features_to_explain=features))


def test_samples_for_the_named_features_are_enough(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"f{number}" for number in range(10)]
    table = pd.DataFrame(1 + np.arange(300).reshape(30, 10) % 7, columns=names)
    job.put_data(table)
    job.add_model("model", LinearRegression().fit(table.to_numpy(), table["f0"].to_numpy()))
    shap = {"baseline": [[0] * 10], "num_samples": 6, "features_to_explain": ["f1", "f2", "f3"]}

    job.run(
        {"dataset_type": "text/csv", "headers": names, "predictor": {"model_name": "model"}, "methods": {"shap": shap}}
    )

    assert "do not determine" not in capsys.readouterr().out


def test_partial_dependence_counts_columns_of_the_data(numeric_job: Job) -> None:
    numeric_job.add_model("credit", fitted(LinearRegression()))
    config = shap_config()
    config["methods"] = {"pdp": {"features": [2], "grid_resolution": 3}}

    (plot,) = numeric_job.run(config)["explanations"]["pdp"]

    assert plot["feature_name"] == "income"
