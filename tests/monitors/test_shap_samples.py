"""Too few samples for the SHAP values are warned about at synthesis, with a number that is sufficient."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
import numpy as np
import pytest
import shap

from cdk_clarify_monitors import (
    DataConfig,
    ExplainabilityAnalysisConfig,
    ImageConfig,
    PDPConfig,
    SHAPConfig,
    TextConfig,
)
from cdk_clarify_monitors._spec.analysis.shap_samples import sufficient_samples
from cdk_clarify_monitors_local.container.attributions import _kernel_shap
from tests.support.monitors.builders import data_config, explainability_monitor, model_config
from tests.support.templates.annotations import warnings_of

TEN = [f"f{number}" for number in range(10)]


def warnings(stack: cdk.Stack) -> list[str]:
    return warnings_of(stack, "cdk-clarify-monitors:num-samples")


def warned(stack: cdk.Stack, shap_config: SHAPConfig, data: DataConfig, **changes: Any) -> tuple[int, int] | None:
    """The number of features and the sufficient number of samples of a monitor's warning; None: there is none."""
    explainability_monitor(stack, data_config=data, explainability_config=shap_config, **changes)
    found = warnings(stack)
    if not found:
        return None
    (warning,) = found
    features, sufficient = re.findall(r"of (\d+) features.*at least (\d+)", warning)[0]
    return int(features), int(sufficient)


def of_ten(**changes: Any) -> DataConfig:
    return data_config(**{"headers": ["label", *TEN], "label": "label", **changes})


# ---------------------------------------------------------------- the number
class _Rank(shap.KernelExplainer):
    """shap's samples, without a model: how many values they determine, and how many there are."""

    ranks: tuple[int, int]

    def run(self) -> None:
        self.nsamplesRun = self.nsamplesAdded

    def solve(self, fraction_evaluated: float, dim: int) -> Any:
        rows = self.maskMatrix[:, :-1] - self.maskMatrix[:, -1:]
        self.ranks = (int(np.linalg.matrix_rank(rows)), self.M - 1)
        return np.zeros(self.M), np.zeros(self.M)


def determined(features: int, samples: int, seed: int) -> bool:
    explainer = _Rank(lambda table: table.sum(axis=1), np.zeros((1, features)))
    np.random.seed(seed)
    explainer.shap_values(np.ones(features), nsamples=samples, l1_reg=False, silent=True)
    rank, unknowns = explainer.ranks
    return rank == unknowns


@pytest.mark.parametrize("features", [2, 3, 4, 5, 6, 7, 10, 11, 20, 31, 40])
def test_the_sufficient_number_determines_all_of_shap_s_values(features: int) -> None:
    sufficient = sufficient_samples(features)

    for samples in (sufficient, sufficient + 1, 2 * sufficient, 500):
        if samples >= sufficient:
            assert all(determined(features, samples, seed) for seed in range(3))


@pytest.mark.parametrize("features", [5, 7, 10, 20])
def test_twice_the_features_is_not_sufficient(features: int) -> None:
    assert not all(determined(features, 2 * features, seed) for seed in range(100))


def test_the_sufficient_number_of_few_or_many_features() -> None:
    assert [sufficient_samples(features) for features in range(7)] == [1, 1, 2, 6, 11, 17, 23]
    assert sufficient_samples(10) == 51
    assert sufficient_samples(100) == 1026


def test_the_stand_in_names_the_same_number() -> None:
    for features in range(200):
        assert _kernel_shap.sufficient_samples(features) == sufficient_samples(features)


# ---------------------------------------------------------------- the warning
@pytest.mark.parametrize("samples", [1, 20, 50])
def test_fewer_samples_are_warned_about(stack: cdk.Stack, samples: int) -> None:
    assert warned(stack, SHAPConfig(num_samples=samples), of_ten()) == (10, 51)
    assert warnings(stack)[0].startswith(f"'num_samples' is {samples}, too few to determine the SHAP values of 10 ")


@pytest.mark.parametrize("samples", [51, 52, 500, None])
def test_enough_samples_are_not_warned_about(stack: cdk.Stack, samples: int | None) -> None:
    assert warned(stack, SHAPConfig(num_samples=samples), of_ten()) is None


def test_the_warning_stands_once_on_the_monitor(stack: cdk.Stack) -> None:
    monitor = explainability_monitor(stack, data_config=of_ten(), explainability_config=SHAPConfig(num_samples=9))

    warned = [str(entry.data) for entry in monitor.node.metadata if entry.type == "aws:cdk:warning"]
    assert len([warning for warning in warned if "num_samples" in warning]) == 1


@pytest.mark.parametrize(
    ("changes", "features"),
    [
        ({}, 10),
        ({"label": 0}, 10),
        ({"label": None}, 11),
        ({"excluded_columns": ["f1", "f2"]}, 8),
        ({"excluded_columns": ["label", 1, "f0"]}, 9),
        ({"joinsource": "f9"}, 9),
        ({"joinsource": "f9", "excluded_columns": ["f9"]}, 9),
        ({"predicted_label": "f9"}, 9),
        ({"predicted_label": "p", "predicted_label_dataset_uri": "s3://data/predictions.csv"}, 10),
        ({"dataset_type": "application/x-parquet"}, 10),
        ({"dataset_type": "application/jsonlines", "headers": [*TEN, "label"], "features": "features"}, 10),
        ({"dataset_type": "application/json", "headers": TEN, "features": "records[].features", "label": None}, 10),
    ],
)
def test_headers_tell_the_number_of_features(stack: cdk.Stack, changes: dict[str, Any], features: int) -> None:
    assert warned(stack, SHAPConfig(num_samples=5), of_ten(**changes)) == (features, sufficient_samples(features))


@pytest.mark.parametrize(
    "baseline",
    [
        [[0.0] * 10],
        [[0.0] * 10, [1.0] * 10],
        {"features": [0.0] * 10},
        [{"features": [0.0] * 10}],
        dict.fromkeys(TEN, 0.0),
        [dict.fromkeys(TEN, 0.0)],
    ],
)
def test_a_baseline_tells_the_number_of_features(stack: cdk.Stack, baseline: Any) -> None:
    assert warned(stack, SHAPConfig(baseline, 20), data_config(headers=None, label=0)) == (10, 51)


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("data.csv", "1,2,3,4\n5,6,7,8\n", {"label": 0}),
        ("data.csv", "a,b,c,d\n5,6,7,8\n", {"label": "d"}),
        ("data.csv", "1,2,3,4,9\n5,6,7,8,9\n", {"label": 0, "excluded_columns": [4]}),
        ("data.jsonl", json.dumps({"x": [1, 2, 3], "y": 0}), {"features": "x", "label": "y"}),
        ("data.json", json.dumps([{"x": [1, 2, 3], "y": 0}]), {"features": "[].x", "label": "[].y"}),
    ],
)
def test_a_local_file_tells_the_number_of_features(
    stack: cdk.Stack, tmp_path: Path, name: str, content: str, options: dict[str, Any]
) -> None:
    (tmp_path / name).write_text(content)
    data = DataConfig.from_asset(stack, "Data", tmp_path / name, **options)

    assert warned(stack, SHAPConfig(num_samples=5), data) == (3, 6)


def test_features_to_explain_are_the_features(stack: cdk.Stack) -> None:
    assert warned(stack, SHAPConfig(num_samples=5, features_to_explain=["f1", "f2", "f3"]), of_ten()) == (3, 6)


def test_samples_of_executions_are_checked_too(stack: cdk.Stack) -> None:
    other = ExplainabilityAnalysisConfig(SHAPConfig(num_samples=20), model_config(), headers=TEN)
    nothing = {"data_config": None, "explainability_config": None, "model_config": None}
    explainability_monitor(stack, "Alone", **nothing, analysis_config=other, constraints="s3://data/analysis.json")
    explainability_monitor(
        stack, "Beside", data_config=of_ten(), explainability_config=SHAPConfig(num_samples=7), analysis_config=other
    )

    assert sorted(re.findall(r"is (\d+), .* at least (\d+)", text)[0] for text in warnings(stack)) == [
        ("20", "51"),
        ("20", "51"),
        ("7", "51"),
    ]


def test_other_methods_beside_it_change_nothing(stack: cdk.Stack) -> None:
    explainability_monitor(
        stack, data_config=of_ten(), explainability_config=[PDPConfig(features=["f1"]), SHAPConfig(num_samples=20)]
    )

    assert len(warnings(stack)) == 1


@pytest.mark.parametrize(
    ("shap_config", "data"),
    [
        (SHAPConfig(num_samples=5), data_config(headers=None, label=0)),
        (SHAPConfig("s3://data/baseline.csv", 5), data_config(headers=None, label=0)),
        (SHAPConfig({"instances": [{"features": [1, 2, 3]}]}, 5), data_config(headers=None, label=0)),
        (SHAPConfig(num_samples=5, text_config=TextConfig("token", "english")), of_ten()),
        (SHAPConfig(num_samples=5, image_config=ImageConfig("OBJECT_DETECTION")), of_ten()),
        (SHAPConfig(num_samples=1), data_config(headers=["label", "f"], label="label")),
        (SHAPConfig(num_samples=cast(int, cdk.Token.as_number(cdk.Fn.ref("Samples")))), of_ten()),
        (SHAPConfig(num_samples=5), of_ten(headers=cdk.Token.as_list(cdk.Fn.ref("Headers")), label=None)),
        (SHAPConfig(cdk.Token.as_list(cdk.Fn.ref("Baseline")), 5), data_config(headers=None, label=0)),
        (SHAPConfig(num_samples=5), of_ten(dataset_type="application/x-image", headers=None)),
    ],
)  # fmt: skip
def test_an_unknown_number_of_features_gets_no_warning(
    stack: cdk.Stack, shap_config: SHAPConfig, data: DataConfig
) -> None:
    for name in ("Samples", "Headers", "Baseline"):
        cdk.CfnParameter(stack, name, type="Number" if name == "Samples" else "CommaDelimitedList")

    assert warned(stack, shap_config, data) is None
