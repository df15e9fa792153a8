"""The stand-in for the Clarify container computes SHAP values as shap does, and partial dependence."""

from __future__ import annotations

import multiprocessing
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from cdk_clarify_monitors_local.container import _progress
from cdk_clarify_monitors_local.container._progress import Progress
from cdk_clarify_monitors_local.container.attributions import _shap
from tests.support.container.container_job import Job
from tests.support.container.credit import CREDIT, NUMBERS, fitted, income_model, post_training, shap_config


def test_shap_values_of_a_linear_model_are_those_by_hand(numeric_job: Job) -> None:
    model = fitted(LinearRegression())
    numeric_job.add_model("credit", model)

    analysis = numeric_job.run(shap_config())

    # Of a linear model: the coefficient times the distance from the baseline.
    local = (CREDIT[NUMBERS].to_numpy() - [35, 50]) * model.coef_
    explained = analysis["explanations"]["kernel_shap"]["label0"]
    assert explained["expected_value"] == pytest.approx(model.predict([[35, 50]])[0])
    assert explained["global_shap_values"] == pytest.approx(dict(zip(NUMBERS, np.abs(local).mean(axis=0), strict=True)))
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
    model = fitted(LinearRegression())
    numeric_job.add_model("credit", model)

    analysis = numeric_job.run(shap_config(agg_method=agg_method, save_local_shap_values=False))

    local = (CREDIT[NUMBERS].to_numpy() - [35, 50]) * model.coef_
    values = analysis["explanations"]["kernel_shap"]["label0"]["global_shap_values"]
    assert list(values.values()) == pytest.approx(list(aggregate(local)))
    assert not (numeric_job.output / "explanations_shap").exists()


def test_logit_gives_log_odds(numeric_job: Job) -> None:
    model = fitted(LogisticRegression(C=1e-4))
    numeric_job.add_model("credit", model)

    analysis = numeric_job.run(shap_config(use_logit=True))

    explained = analysis["explanations"]["kernel_shap"]["label0"]
    local = (CREDIT[NUMBERS].to_numpy() - [35, 50]) * model.coef_[0]
    assert explained["expected_value"] == pytest.approx(model.decision_function([[35, 50]])[0])
    assert list(explained["global_shap_values"].values()) == pytest.approx(list(np.abs(local).mean(axis=0)), rel=1e-4)


def test_text_features_and_label_headers_are_explained(credit_job: Job) -> None:
    credit_job.add_model("credit", income_model())
    config = post_training(label_headers=["no", "yes"])
    config["methods"] = {"shap": {"baseline": [[35, 50, "F"]], "num_samples": 50}}

    analysis = credit_job.run(config)

    explained = analysis["explanations"]["kernel_shap"]
    assert set(explained) == {"no", "yes"}
    assert explained["yes"]["global_shap_values"]["income"] > 0.1
    assert explained["yes"]["global_shap_values"]["gender"] == pytest.approx(0, abs=1e-9)
    assert explained["yes"]["expected_value"] == pytest.approx(1 - explained["no"]["expected_value"])


def test_a_baseline_is_made_by_clustering(numeric_job: Job) -> None:
    numeric_job.add_model("credit", fitted(LinearRegression()))
    config = shap_config(num_clusters=2)
    del config["methods"]["shap"]["baseline"]

    numeric_job.run(config)

    baseline = pd.read_csv(numeric_job.output / "explanations_shap" / "baseline.csv")
    assert baseline.shape == (2, 2)
    assert list(baseline.columns) == NUMBERS


def test_shap_asks_the_model_about_many_records_at_once(witnessed_job: tuple[Job, Path]) -> None:
    job, folder = witnessed_job
    baseline = [[35, 50], [40, 40]]

    job.run(shap_config(baseline=baseline))

    calls = [int(path.read_text()) for path in folder.iterdir()]
    # For each record: once for its own score, once for all that is made of it and the baseline.
    assert len(calls) <= 2 * len(CREDIT) + 3
    assert max(calls) == 2 * len(baseline)


@pytest.mark.slow
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
    assert multiprocessing.active_children() == []  # the container's process would wait for them
    assert re.search(r"SHAP: about \d+ s of work for 2 processes\n", capfd.readouterr().out)


def test_a_long_calculation_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    moments = iter([0.0, 1.0, 2.0, 3.0, 4.0])
    monkeypatch.setattr(_progress, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    progress = Progress("SHAP", 4, "records")

    for _ in range(4):
        progress.advance()

    assert capsys.readouterr().out.splitlines() == [
        "SHAP ██████████░░░░░░░░░░ 2 of 4 records, about 2 s left",
        "SHAP ████████████████████ 4 of 4 records, in 4.0 s",
    ]


class WarningModel(LinearRegression):
    """A linear model that warns with each prediction."""

    def predict(self, X: Any) -> Any:  # noqa: N803 (scikit-learn's name)
        warnings.warn("the scale is guessed", stacklevel=1)
        return super().predict(X)


def test_a_warning_is_said_once(numeric_job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    numeric_job.add_model("credit", fitted(WarningModel()))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        numeric_job.run(shap_config())

    said = capsys.readouterr()
    assert said.out.count("SHAP: the scale is guessed\n") == 1


def test_partial_dependence_is_as_computed_by_hand(numeric_job: Job) -> None:
    model = fitted(LinearRegression())
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


def test_partial_dependence_is_of_the_most_important_features(numeric_job: Job) -> None:
    numeric_job.add_model("credit", fitted(LinearRegression()))
    config = shap_config()
    config["methods"]["pdp"] = {"grid_resolution": 3, "top_k_features": 1}

    analysis = numeric_job.run(config)

    values = analysis["explanations"]["kernel_shap"]["label0"]["global_shap_values"]
    assert [plot["feature_name"] for plot in analysis["explanations"]["pdp"]] == [max(values, key=values.__getitem__)]


def test_partial_dependence_asks_the_model_once_for_each_point(witnessed_job: tuple[Job, Path]) -> None:
    job, folder = witnessed_job

    job.run(shap_config() | {"methods": {"pdp": {"features": ["income"], "grid_resolution": 3}}})

    assert [path.read_text() for path in folder.iterdir()] == [str(len(CREDIT))] * 3
