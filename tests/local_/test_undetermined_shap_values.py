"""Where the samples do not determine SHAP values, the stand-in for the Clarify container says so, and stays sane."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import warnings
from html import unescape
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import shap
from sklearn.linear_model import LinearRegression

from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.container.attributions import _shap
from cdk_clarify_monitors_local.container.attributions._kernel_shap import KernelShap, sufficient_samples
from tests.support.container.container_job import Job
from tests.support.repository import ROOT

RECORDS = 60


class ProductModel(LinearRegression):
    """The product of one and each feature's part: no feature's effect is independent of the others'."""

    def predict(self, X: Any) -> Any:  # noqa: N803 (scikit-learn's name)
        return np.prod(1 + 0.1 * np.asarray(X, dtype=float), axis=1)


class TwoScores(ProductModel):
    """The same as two classes' scores."""

    def predict(self, X: Any) -> Any:  # noqa: N803
        return np.column_stack([super().predict(X), 1 - super().predict(X)])


class Fixed(LinearRegression):
    """A model with one score for all, but for records whose first feature is 1."""

    def __init__(self, score: float = 0.5, first: float = 0.5) -> None:
        super().__init__()
        self.score, self.first = score, first

    def predict(self, X: Any) -> Any:  # noqa: N803
        return np.where(np.asarray(X, dtype=float)[:, 0] == 1, self.first, self.score)


def table(features: int) -> pd.DataFrame:
    """Records that differ from a baseline of zeros in every feature."""
    values = 1 + (np.arange(RECORDS)[:, None] * 7 + np.arange(features) * 3) % 11
    return pd.DataFrame(values, columns=[f"f{number}" for number in range(features)])


def explained(job: Job, features: int, samples: int | None, model: Any = None, **shap_options: Any) -> pd.DataFrame:
    """Run a job; return the SHAP value of each record and feature."""
    job.put_data(table(features))
    job.add_model("model", ProductModel() if model is None else model)
    options = {"baseline": [[0] * features], "seed": 1, **shap_options}
    if samples is not None:
        options["num_samples"] = samples
    config = {"dataset_type": "text/csv", "headers": [f"f{number}" for number in range(features)]}
    job.run(config | {"predictor": {"model_name": "model"}, "methods": {"shap": options}})
    return pd.read_csv(job.output / "explanations_shap" / "out.csv")


def scores(features: int) -> Any:
    return ProductModel().predict(table(features).to_numpy())


@pytest.mark.parametrize(
    ("features", "samples"), [(3, 1), (3, 2), (4, 3), (5, 8), (7, 12), (10, 1), (10, 10), (10, 20), (20, 35), (40, 70)]
)
def test_the_values_are_finite_and_add_up(job: Job, features: int, samples: int) -> None:
    values = explained(job, features, samples)

    assert values.to_numpy().sum(axis=1) + 1 == pytest.approx(scores(features), rel=1e-9)
    # None is out of proportion to the effects that it is made of.
    assert np.abs(values.to_numpy()).max() < 100 * np.abs(scores(features)).max()


def test_log_and_report_name_undetermined_shap_values(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    explained(job, 10, 20)

    (said,) = re.findall(r"SHAP: (20 samples .*)\n", capsys.readouterr().out)
    count = re.fullmatch(
        r"20 samples \('num_samples'\) do not determine the SHAP values of (\d+) of 60 records, which have the values "
        r"of least norm among those that fit the samples\. For 10 features, 51 samples are sufficient\.",
        said,
    )
    assert count is not None
    assert 0 < int(count[1]) <= RECORDS
    assert said in unescape((job.output / "report.html").read_text())


@pytest.mark.parametrize(("features", "samples"), [(10, 51), (10, 500), (10, None), (3, 6), (2, 1), (2, 2), (1, 1)])
def test_values_that_are_determined_are_not_spoken_of(
    job: Job, capsys: pytest.CaptureFixture[str], features: int, samples: int | None
) -> None:
    explained(job, features, samples)

    assert "do not determine" not in capsys.readouterr().out
    assert "do not determine" not in (job.output / "report.html").read_text()


@pytest.mark.slow
def test_undetermined_records_of_all_processes_are_counted(
    job: Job, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    of_one = explained(job, 10, 20)
    said_of_one = re.findall("do not determine.*", capsys.readouterr().out)

    monkeypatch.setattr(_shap, "_PROCESS_START", 0.0)
    monkeypatch.setattr(joblib, "cpu_count", lambda: 2)
    of_two = explained(job, 10, 20)

    assert of_two.equals(of_one)
    assert re.findall("do not determine.*", capsys.readouterr().out) == said_of_one


def test_each_score_has_values_that_add_up(job: Job) -> None:
    values = explained(job, 10, 20, TwoScores())

    of_first, of_second = (values.filter(regex=f"_label{number}$").to_numpy() for number in (0, 1))
    assert of_first.sum(axis=1) + 1 == pytest.approx(scores(10), rel=1e-9)
    assert of_second == pytest.approx(-of_first, rel=1e-6, abs=1e-9)


def test_the_values_are_those_that_shap_falls_back_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def explain(cls: Any, record: Any, number: int) -> Any:
        np.random.seed(number)
        explainer = cls(ProductModel().predict, np.zeros((1, 10)))
        return explainer.shap_values(record, nsamples=20, l1_reg=False, silent=True), explainer

    records = table(10).to_numpy(dtype=float)
    ours = [explain(KernelShap, record, number) for number, record in enumerate(records)]

    def singular(*_: Any) -> None:
        raise np.linalg.LinAlgError

    monkeypatch.setattr(np.linalg, "solve", singular)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = [explain(shap.KernelExplainer, record, number) for number, record in enumerate(records)]

    assert not all(explainer.determined for _, explainer in ours)
    for (our_values, _), (their_values, _) in zip(ours, theirs, strict=True):
        assert our_values == pytest.approx(their_values, rel=1e-6, abs=1e-6)


def test_the_values_that_are_determined_are_shap_s() -> None:
    for number, record in enumerate(table(10).to_numpy(dtype=float)):
        values = []
        for cls in (KernelShap, shap.KernelExplainer):
            np.random.seed(number)
            explainer = cls(ProductModel().predict, np.zeros((1, 10)))
            values.append(explainer.shap_values(record, nsamples=100, l1_reg=False, silent=True))
        assert values[0] == pytest.approx(values[1], rel=1e-6, abs=1e-6)


_VALUES = """
import json, sys
from pathlib import Path
from tests.support.container.container_job import Job
from tests.local_.test_undetermined_shap_values import explained
print(json.dumps(explained(Job(Path(sys.argv[1])), 10, 20).to_numpy().tolist()), file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kernel", ["Prescott", "Nehalem"])
def test_shap_values_are_the_same_with_any_kernel_of_blas(job: Job, tmp_path: Path, kernel: str) -> None:
    """Every x86-64 processor has these kernels of OpenBLAS; where there are none, nothing changes."""
    other = tmp_path / "other"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS")}
    environment |= {"OPENBLAS_CORETYPE": kernel, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _VALUES, str(other)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr

    values = explained(job, 10, 20).to_numpy()

    assert np.array(json.loads(done.stderr.splitlines()[-1])) == pytest.approx(values, rel=1e-6, abs=1e-9)


# ---------------------------------------------------------------- what is no SHAP value
@pytest.mark.parametrize(("score", "first"), [(0.5, np.nan), (0.5, np.inf), (0.5, -np.inf), (np.nan, 0.5), (np.inf, 1)])
@pytest.mark.parametrize("features", [1, 10])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_scores_that_are_not_finite_end_the_job(job: Job, features: int, score: float, first: float) -> None:
    message = r"^Record \d+ of the data set has no SHAP values: .* must be finite\.$"
    with pytest.raises(CustomerError, match=message):
        explained(job, features, 20, Fixed(score, first))

    assert not any(path.is_file() for path in job.output.rglob("*"))


@pytest.mark.parametrize("first", [0.0, 1.0])
def test_log_odds_of_certain_scores_are_limited_as_in_shap(job: Job, first: float) -> None:
    values = explained(job, 10, 20, Fixed(0.5, first), use_logit=True).to_numpy()

    certain = table(10)["f0"] == 1
    assert np.abs(values[certain].sum(axis=1)) == pytest.approx(np.log(1e15), rel=1e-4)
    assert values[~certain].sum(axis=1) == pytest.approx(0)


def test_values_that_do_not_add_up_are_never_written(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    solve = KernelShap.solve

    def broken(self: Any, *arguments: Any) -> Any:
        values, variances = solve(self, *arguments)
        return values + 1e-3, variances

    monkeypatch.setattr(KernelShap, "solve", broken)

    with pytest.raises(ArithmeticError, match=r"^the SHAP values of record 1 and the expected value add up to "):
        explained(job, 10, 100)

    assert not any(path.is_file() for path in job.output.rglob("*"))


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1.0, 1e6, 1e12])
def test_scores_of_any_size_have_values_that_add_up(scale: float) -> None:
    explainer = KernelShap(lambda records: scale * ProductModel().predict(records), np.zeros((1, 10)))
    record = table(10).to_numpy(dtype=float)[3]

    values = explainer.shap_values(record, nsamples=sufficient_samples(10), l1_reg=False, silent=True)

    assert explainer.determined
    assert values.sum() + scale == pytest.approx(scale * scores(10)[3], rel=1e-9)
