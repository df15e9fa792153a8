"""`segment_config` in the stand-in for the Clarify container: metrics of parts of the data set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from cdk_clarify_monitors_local.container._analysis_config import Segments
from cdk_clarify_monitors_local.container._segments import _segments
from cdk_clarify_monitors_operations import drift
from tests.support.container.container_job import Job
from tests.support.container.credit import CREDIT, bias, fitted, income_model, metric, post_training, shap_config


def segmented(config: dict[str, Any], name: str | int, segments: Any, **others: Any) -> dict[str, Any]:
    return {**config, "segment_config": [{"name_or_index": name, "segments": segments, **others}]}


def test_each_segment_has_metrics_of_its_records(credit_job: Job) -> None:
    config = segmented(bias(), "age", [["[20, 35]"], ["(35, 50)"]], config_name="ages")

    analysis = credit_job.run(config)

    (of_ages,) = analysis["segments"]
    assert (of_ages["config_name"], of_ages["name"]) == ("ages", "age")
    found = {segment["segment"]: segment for segment in of_ages["segments"]}
    assert list(found) == ["[20, 35]", "(35, 50)", "__default__"]
    for name, rows in {
        "[20, 35]": CREDIT["age"] <= 35,
        "(35, 50)": (CREDIT["age"] > 35) & (CREDIT["age"] < 50),
    }.items():
        part = CREDIT[rows]
        assert found[name]["records"] == len(part)
        # The class imbalance of women: their share of the records is all it depends on.
        women = (part["gender"] == "F").mean()
        if 0 < women < 1:
            assert metric(found[name], "pre", "gender", "CI") == pytest.approx(1 - 2 * women)
    assert found["__default__"]["value"] == []


def test_metrics_of_the_whole_stay_where_they_are(credit_job: Job) -> None:
    whole = credit_job.run(bias())

    analysis = credit_job.run(segmented(bias(), "gender", [["F"]]))

    assert {key: value for key, value in analysis.items() if key != "segments"} == whole
    assert drift(analysis, whole).violations == []


def test_a_segment_without_a_group_has_no_metrics(credit_job: Job) -> None:
    analysis = credit_job.run(segmented(bias(), 3, [["F"]], display_aliases=["women", "men"]))

    women, men = analysis["segments"][0]["segments"]
    assert (women["segment"], men["segment"]) == ("women", "men")
    assert metric(women, "pre", "gender", "DPL") is None
    assert metric(men, "pre", "gender", "DPL") is None


def test_what_smclarify_refuses_of_a_segment_is_told(credit_job: Job) -> None:
    """The model approves no one below an income of 47.5."""
    credit_job.add_model("credit", income_model())

    analysis = credit_job.run(segmented(post_training(), "income", [["[0, 47]"]]))

    low, high = analysis["segments"][0]["segments"]
    assert "No Label values are present in the predicted Label Column" in low["error"]
    assert "error" not in high


def test_labels_are_values_in_small_segments_too(credit_job: Job) -> None:
    """With 2 of 30 labels different ones, smclarify would take the label 1 for a threshold, above which none is."""
    analysis = credit_job.run(segmented(bias(), "income", [["[25, 40]"]]))

    segment = analysis["segments"][0]["segments"][0]
    part = CREDIT[CREDIT["income"].between(25, 40)]
    shares = part.groupby("gender")["approved"].mean()
    assert segment["pre_training_bias_metrics"]["label_value_or_threshold"] == "1"
    assert metric(segment, "pre", "gender", "DPL") == pytest.approx(shares["M"] - shares["F"])


def test_predictions_have_metrics_in_segments(credit_job: Job) -> None:
    credit_job.add_model("credit", income_model())

    analysis = credit_job.run(segmented(post_training(), "income", [["[0, 60]"]]))

    segment = analysis["segments"][0]["segments"][0]
    part = CREDIT[CREDIT["income"] <= 60]
    shares = (part["income"] > 47.5).groupby(part["gender"]).mean()
    assert metric(segment, "post", "gender", "DPPL") == pytest.approx(shares["M"] - shares["F"])


def test_shap_values_are_aggregated_by_segment(numeric_job: Job) -> None:
    model = fitted(LinearRegression())
    numeric_job.add_model("credit", model)

    analysis = numeric_job.run(segmented(shap_config(), "income", [["[0, 50)"]]))

    local = np.abs((CREDIT["age"].to_numpy() - 35) * model.coef_[0])
    is_low = (CREDIT["income"] < 50).to_numpy()
    low, rest = (
        segment["explanations"]["kernel_shap"]["label0"]["global_shap_values"]["age"]
        for segment in analysis["segments"][0]["segments"]
    )
    assert low == pytest.approx(local[is_low].mean())
    assert rest == pytest.approx(local[~is_low].mean())


def test_an_empty_segment_says_so(credit_job: Job) -> None:
    analysis = credit_job.run(segmented(bias(), "age", [["[200, 300]"]]))

    assert analysis["segments"][0]["segments"][0]["error"] == "The segment has no records."
    report = (credit_job.output / "report.html").read_text()
    assert "<h2>No metrics, segment [200, 300] of age</h2>" in report
    assert "<h2>Bias of the data: gender = F, segment __default__ of age</h2>" in report


def test_several_segmentations_are_kept_apart(credit_job: Job) -> None:
    both = [
        {"name_or_index": "age", "segments": [["[0, 40)"]]},
        {"name_or_index": "gender", "segments": [["F"], ["M"]]},
    ]

    analysis = credit_job.run({**bias(), "segment_config": both})

    assert [each["name"] for each in analysis["segments"]] == ["age", "gender"]
    assert [len(each["segments"]) for each in analysis["segments"]] == [2, 3]


NUMBERS = [1, 2, 3.5, 5, np.nan]


@pytest.mark.parametrize(
    ("column", "values", "selected"),
    [
        (NUMBERS, ["[1, 3.5]"], [0, 1, 2]),
        (NUMBERS, ["(1, 3.5]"], [1, 2]),
        (NUMBERS, ["[1,3.5)"], [0, 1]),
        (NUMBERS, [" ( 1 , 3.5 ) "], [1]),
        (NUMBERS, ["(-inf, 2)", "[5, inf)"], [0, 3]),
        (NUMBERS, ["[-1e1, 1.5]"], [0]),
        (NUMBERS, [2, "5"], [1, 3]),
        (["A", "B", "C", None], ["A", "C"], [0, 2]),
        (["1", "2", "3"], [1, "3"], [0, 2]),
        (["[1, 4]", "b"], ["[1, 4]"], [0]),
        ([True, False], ["True"], [0]),
        ([True, False], [False], [1]),
        (["None", None], ["None"], [0]),
    ],
)
def test_values_and_intervals_select_records(column: list[Any], values: list[Any], selected: list[int]) -> None:
    segments = Segments(None, "x", [values], None)

    (_, _, rows), (_, _, others) = _segments(segments, pd.Series(column, name="x"))

    assert np.flatnonzero(rows).tolist() == selected
    assert (others == ~rows).all()
