"""A violation is told in a sentence that needs no knowledge of metrics."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from smclarify.bias.metrics import posttraining, pretraining

from cdk_clarify_monitors_operations import Constraints, ConstraintViolations, Violation, drift
from cdk_clarify_monitors_operations.data._violation_sentences import _LESS_OFTEN, violation_sentence


def analysis(values: dict[str, float], *, outcome: str = "1") -> dict[str, Any]:
    metrics = [{"name": name, "description": f"Long Name ({name})", "value": value} for name, value in values.items()]
    groups = {"sex": [{"value_or_threshold": "2", "metrics": metrics}]}
    return {"post_training_bias_metrics": {"label_value_or_threshold": outcome, "facets": groups}}


def attributions(**values: float) -> dict[str, Any]:
    return {"explanations": {"kernel_shap": {"label0": {"global_shap_values": values}}}}


def sentence(baseline: dict[str, Any], current: dict[str, Any], suggested: dict[str, Any] | None = None) -> str:
    """The sentence about the violation that Clarify's check finds."""
    found = ConstraintViolations({"violations": drift(baseline, current).violations}).violations()
    (violation,) = found
    before = None if suggested is None else Constraints(suggested)
    return violation_sentence(violation, Constraints(baseline), Constraints(current), before)


@pytest.mark.parametrize(
    ("metric", "now", "then", "expected"),
    [
        ("DPPL", 0.21, 0.08, "`sex 2` gets `1` 0.21 less often than the rest; at training 0.08"),
        ("DPPL", 0.21, -0.08, "`sex 2` gets `1` 0.21 less often than the rest; at training 0.08 more often"),
        ("DPPL", -0.21, -0.08, "`sex 2` gets `1` 0.21 more often than the rest; at training 0.08"),
        ("DPPL", -0.21, 0.08, "`sex 2` gets `1` 0.21 more often than the rest; at training 0.08 less often"),
        ("DPPL", 0.21, 0.0, "`sex 2` gets `1` 0.21 less often than the rest; at training as often"),
        ("DPPL", 0.08123, 0.08117, "`sex 2` gets `1` 0.08123 less often than the rest; at training 0.08117"),
        ("DPPL", 1e-9, 0.0, "`sex 2` gets `1` 1e-09 less often than the rest; at training as often"),
        ("AD", 0.3, 0.1, "the prediction for `sex 2` is right 0.30 less often than the rest; at training 0.10"),
        ("DI", 1.5, 0.9, "Long Name (DI) of `sex 2` is 1.50; at training 0.90"),
        ("DI", float("inf"), 0.9, "Long Name (DI) of `sex 2` is infinite; at training 0.90"),
        ("TE", -0.5, 0.25, "Long Name (TE) of `sex 2` is -0.50; at training 0.25"),
    ],
)
def test_bias_is_told_in_words(metric: str, now: float, then: float, expected: str) -> None:
    assert sentence(analysis({metric: then}), analysis({metric: now})) == expected


@pytest.mark.parametrize(
    ("suggested", "expected"),
    [
        ({"DPPL": 0.02}, "the limit is 0.10"),
        ({"DPPL": -0.1}, "the limit is 0.10"),
        ({"AD": 0.1}, "the limit is 0.10"),
        ({}, "the limit is 0.10"),
        ({"DPPL": 0.1}, "at training 0.10"),
    ],
)
def test_limits_of_the_users_own_are_no_values_of_training(suggested: dict[str, float], expected: str) -> None:
    told = sentence(analysis({"DPPL": 0.1}), analysis({"DPPL": 0.21}), analysis(suggested))

    assert told == f"`sex 2` gets `1` 0.21 less often than the rest; {expected}"
    assert sentence(analysis({"DI": 1.2}), analysis({"DI": 1.5}), analysis({"DI": 0.9})).endswith("; the limit is 1.20")


@pytest.mark.parametrize(
    ("group", "now", "expected"),
    [
        ("2", {"DPPL": 0.05}, "the limit was 0.10"),  # the limit of one's own is gone, or the model was trained again
        ("2", {}, "the limit was 0.10"),
        ("2", {"DPPL": 0.1}, "at training 0.10"),
        ("(40, 90]", {"DPPL": 0.1}, "at training 0.10"),  # the upper end is the data's largest value
    ],
)
def test_an_older_limit_is_no_value_of_training(group: str, now: dict[str, float], expected: str) -> None:
    found = Violation("bias_drift_check", "DPPL", "said", "sex", group, value=0.21, limit=0.1)
    baseline = analysis(now)
    baseline["post_training_bias_metrics"]["facets"]["sex"][0]["value_or_threshold"] = group.replace("90", "75")

    told = violation_sentence(found, Constraints(baseline), Constraints({}))
    with_own = violation_sentence(found, Constraints(analysis({"DPPL": 0.3})), Constraints({}), Constraints(baseline))

    assert told.endswith(f"; {expected}")
    assert with_own.endswith(f"; {expected}")


def test_another_ranking_is_no_ranking_of_training() -> None:
    compared, current = attributions(income=0.7, debt=0.5, age=0.05), attributions(income=0.1, debt=0.2, age=0.7)
    (violation,) = ConstraintViolations({"violations": drift(compared, current).violations}).violations()
    later = attributions(income=0.5, debt=0.6, age=0.05)

    assert "at training number 3" in violation_sentence(violation, Constraints(compared), Constraints(current))
    assert violation_sentence(violation, Constraints(later), Constraints(current)).endswith("is asked for)")
    assert violation_sentence(violation, Constraints({}), Constraints(current)).endswith("is asked for)")


def test_less_often_means_what_smclarify_computes() -> None:
    """Everything about the second group is worse; then each of these metrics has to be positive."""
    group = pd.Series([False] * 4 + [True] * 4)
    label = pd.Series([True, True, True, False, True, True, False, False])
    predicted = pd.Series([True, True, True, False, True, False, False, True])

    signs = {
        "DPL": pretraining.DPL(group, group, label),
        "DPPL": posttraining.DPPL(group, group, predicted),
        "AD": posttraining.AD(group, group, label, predicted),
        "RD": posttraining.RD(group, group, label, predicted),
        "DAR": posttraining.DAR(group, group, label, predicted),
    }

    assert set(signs) == set(_LESS_OFTEN)
    assert {name for name, value in signs.items() if value > 0} == set(signs)


def test_a_feature_that_takes_over_is_named() -> None:
    baseline, current = attributions(income=0.7, debt=0.5, age=0.05), attributions(income=0.1, debt=0.2, age=0.7)

    assert sentence(baseline, current) == (
        "the order of the features has changed (nDCG 0.69, at least 0.9 is asked for): "
        "`age` is now number 1 of 3; at training number 3"
    )


def test_a_feature_that_is_gone_is_told_without_a_rise() -> None:
    baseline, current = attributions(income=0.7, age=0.05), attributions(age=0.05)

    assert sentence(baseline, current).startswith("the order of the features has changed (nDCG ")


def test_a_violation_without_numbers_keeps_clarifys_words() -> None:
    unknown = Violation(check="bias_drift_check", metric="DPPL", description="Something else", facet="sex")

    assert violation_sentence(unknown, Constraints({}), Constraints({})) == "Something else"


def test_without_the_analysis_the_label_is_the_positive_one() -> None:
    violations = [
        Violation("bias_drift_check", name, "said", "sex", "2", value=0.2, limit=0.1) for name in ("DPL", "RD")
    ]

    sentences = [violation_sentence(each, Constraints({}), Constraints({})) for each in violations]

    assert sentences == [
        "`sex 2` has the positive label 0.20 less often than the rest; the limit was 0.10",
        "the positive label is found in `sex 2` 0.20 less often than the rest; the limit was 0.10",
    ]
