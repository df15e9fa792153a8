"""drift() finds what Clarify finds, and needs neither boto3 nor numpy."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cdk_clarify_monitors_operations import DriftResult, drift

CASES = json.loads((Path(__file__).parent / "drift_cases.json").read_text(encoding="utf-8"))["cases"]


def bias(*metrics: tuple[str, Any], group: Any = "1", facet: str = "sex", stage: str = "post") -> dict[str, Any]:
    """An analysis with bias metrics of one group."""
    entries = [{"name": name, "description": name, "value": value} for name, value in metrics]
    facets = {facet: [{"value_or_threshold": group, "metrics": entries}]}
    return {"version": "1.0", f"{stage}_training_bias_metrics": {"label": "y", "facets": facets}}


def shap(label: str = "label0", **values: Any) -> dict[str, Any]:
    """An analysis with feature attributions of one label."""
    return {"version": "1.0", "explanations": {"kernel_shap": {label: {"global_shap_values": values}}}}


def names(result: DriftResult) -> list[str]:
    return [violation["metric_name"] for violation in result.violations]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_comes_out_as_it_should(case: dict[str, Any]) -> None:
    found = drift(case["baseline"], case["current"])

    assert found.status == case["expected"]["status"]
    assert found.ndcg == pytest.approx(case["expected"]["ndcg"], abs=1e-6)
    assert _sorted(found.violations, case) == _sorted(case["expected"]["violations"], case)


def _sorted(violations: list[dict[str, str]], case: dict[str, Any]) -> list[list[tuple[str, Any]]]:
    """Sentences of real executions count to the last digit; nDCG's last one depends on the order of additions."""

    def shown(text: str) -> Any:
        if case["confidence"] not in ("verified", "documented"):
            return ""
        digits = re.compile(r"0\.\d{15,}") if case["monitor"] == "explainability" else re.compile("$^")
        return digits.sub(lambda match: f"{float(match[0]):.14f}", text)

    return sorted(
        sorted((key, shown(value) if key == "description" else value) for key, value in violation.items())
        for violation in violations
    )


def test_real_executions_are_among_the_cases() -> None:
    assert sum(case["confidence"] == "verified" for case in CASES) >= 7


# ---------------------------------------------------------------- bias
@pytest.mark.parametrize(
    ("baseline", "current", "violated"),
    [
        (0.1, 0.1, False),
        (0.1, -0.1, False),
        (-0.1, 0.11, True),
        (0.0, 0.0, False),
        (0.0, -0.0, False),
        (0.0, 5e-324, True),
        (0, 1, True),
        ("Infinity", "Infinity", False),
        ("Infinity", "-Infinity", False),
        ("Infinity", 5.0, False),
        (5.0, "-Infinity", True),
        (None, 5.0, False),
        (5.0, None, False),
        ("NaN", 5.0, False),
        (0.5, "NaN", False),
    ],
)
def test_farther_from_zero_is_a_violation(baseline: Any, current: Any, violated: bool) -> None:
    assert names(drift(bias(("DI", baseline)), bias(("DI", current)))) == (["DI"] if violated else [])


@pytest.mark.parametrize(
    ("baseline", "current", "compared"),
    [
        ("1", "1", True),
        (1, "1", True),
        ("1", "1.0", True),
        ("F", "M", False),
        ("1", "2", False),
        ("(100, 225]", "(100, 232]", True),
        ("(100, 225]", "(100.0, 232.5]", True),
        ("(100, 225]", "(101, 232]", False),
        ("(100, 225]", "[100, 232]", False),
        ("(-1.5, 225]", "(-1.5, 1e3]", True),
        ("(100, 225]", "100", False),
    ],
)
def test_groups_are_matched_by_text_or_by_lower_end(baseline: Any, current: Any, compared: bool) -> None:
    found = drift(bias(("DI", 0.1), group=baseline), bias(("DI", 0.2), group=current))

    assert bool(found.violations) == compared
    if compared:
        assert found.violations[0]["facet_value"] == str(current)


def test_groups_that_both_have_are_not_taken_for_others() -> None:
    def two(first: float, second: float) -> dict[str, Any]:
        document = bias(("DI", first), group="(1, 5]")
        other = bias(("DI", second), group="(1, 9]")
        groups = document["post_training_bias_metrics"]["facets"]["sex"]
        groups += other["post_training_bias_metrics"]["facets"]["sex"]
        return document

    assert [each["facet_value"] for each in drift(two(0.1, 0.5), two(0.2, 0.4)).violations] == ["(1, 5]"]


def test_what_one_side_lacks_is_not_compared() -> None:
    assert drift(bias(("DI", 0.1)), bias(("DPPL", 0.9))).violations == []
    assert drift(bias(("DI", 0.1)), bias(("DI", 0.9), facet="age")).violations == []
    assert drift(bias(("DI", 0.1), stage="pre"), bias(("DI", 0.9))).violations == []
    assert drift({}, bias(("DI", 0.9))).violations == []
    assert drift(bias(("DI", 0.1)), {}).violations == []


def test_numbers_are_written_as_clarify_writes_them() -> None:
    found = drift(bias(("TE", 0)), bias(("TE", "-Infinity")))
    assert found.violations == [
        {
            "facet": "sex",
            "facet_value": "1",
            "metric_name": "TE",
            "constraint_check_type": "bias_drift_check",
            "description": "Metric value -Infinity doesn't meet the baseline constraint requirement 0.0",
        }
    ]


def test_the_order_is_that_of_the_file() -> None:
    current = bias(("TE", 1.0), ("AD", 1.0)) | bias(("CI", 1.0), stage="pre")
    baseline = bias(("AD", 0.0), ("TE", 0.0)) | bias(("CI", 0.0), stage="pre")
    assert names(drift(baseline, current)) == ["TE", "AD", "CI"]


# ---------------------------------------------------------------- feature attributions
def test_ties_are_averaged() -> None:
    found = drift(shap(a=1.0, b=0.0), shap(a=0.3, b=0.3))
    assert found.ndcg["label0"] == pytest.approx((1 + 1 / 1.584962500721156) / 2)


@pytest.mark.parametrize(
    ("baseline", "current", "expected"),
    [
        ({"a": 1.0}, {"a": 0.1}, 1.0),
        ({"a": 0.0, "b": 0.0}, {"a": 0.1, "b": 0.2}, 0.0),
        ({"a": 0.5, "b": 0.4}, {"a": 0.5}, 1.0),
        ({"a": 0.5, "b": 0.4}, {"a": 0.5, "b": 0.4, "c": 9.0}, 1.0),
        ({"a": -0.1, "b": -0.5}, {"a": -0.1, "b": -0.5}, 1.0),
        ({"a": 0.5, "b": None}, {"a": 0.1, "b": 0.2}, 1.0),
    ],
)
def test_what_aws_does_not_tell_is_decided(baseline: Any, current: Any, expected: float) -> None:
    assert drift(shap(**baseline), shap(**current)).ndcg == {"label0": pytest.approx(expected)}


def test_a_reversed_ranking_of_negative_medians_is_below_one() -> None:
    assert drift(shap(a=-0.1, b=-0.5), shap(a=-0.5, b=-0.1)).ndcg["label0"] < 1


def test_a_label_of_one_side_only_is_left_out() -> None:
    found = drift(shap("no", a=0.5, b=0.1), shap("yes", a=0.1, b=0.5))
    assert (found.ndcg, found.violations) == ({}, [])


def test_both_kinds_are_checked_in_one_file() -> None:
    baseline = bias(("DI", 0.1)) | shap(a=0.7, b=0.5, c=0.05)
    current = bias(("DI", 0.2)) | shap(a=0.1, b=0.2, c=0.7)
    assert names(drift(baseline, current)) == ["DI", "shap"]


# ---------------------------------------------------------------- what is no analysis
@pytest.mark.parametrize("document", [None, [], "{}", 3])
def test_what_is_no_document_is_refused(document: Any) -> None:
    with pytest.raises(TypeError, match="'baseline' must be the JSON object"):
        drift(document, {})
    with pytest.raises(TypeError, match="'current' must be the JSON object"):
        drift({}, document)


@pytest.mark.parametrize(
    "document",
    [
        {"post_training_bias_metrics": []},
        {"post_training_bias_metrics": {"facets": []}},
        {"post_training_bias_metrics": {"facets": {"sex": [{}]}}},
        {"pre_training_bias_metrics": {"facets": {"sex": [{"value_or_threshold": "1", "metrics": [{"value": 1}]}]}}},
        bias(("DI", "much")),
        bias(("DI", [1])),
        bias(("DI", 10**400)),
        {"explanations": []},
        {"explanations": {"kernel_shap": {"label0": []}}},
        {"explanations": {"kernel_shap": {"label0": {"global_shap_values": [1]}}}},
        shap(a="much"),
        shap(a="Infinity", b=0.1),
        shap(a=1e308, b=1e308, c=0.1),
        shap(a={}),
    ],
)
def test_what_is_no_analysis_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"'current' is no analysis\.json"):
        drift({}, document)


def test_the_result_turns_into_json() -> None:
    found = drift(bias(("DI", 0.1)), bias(("DI", 0.2)))
    assert json.loads(json.dumps(found.to_dict())) == {"violations": found.violations, "ndcg": {}}


# ---------------------------------------------------------------- imports
_BLOCKED = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"boto3", "botocore", "numpy", "aws_cdk", "constructs", "jsii", "pandas"}:
            raise ImportError(name + " is blocked")

sys.meta_path.insert(0, Block())
sys.path.insert(0, sys.argv[1])
from cdk_clarify_monitors_operations import drift
import cdk_clarify_monitors_operations as package
assert callable(drift) and package.drift is drift
assert drift({}, {}).status == "Completed"
print(sorted(name for name in sys.modules if name.startswith("cdk_clarify_monitors")))
"""


def test_the_package_can_be_imported_without_any_other() -> None:
    source = str(Path(__file__).parents[2] / "operations")
    run = subprocess.run(
        [sys.executable, "-I", "-c", _BLOCKED, source], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert "'cdk_clarify_monitors'" not in run.stdout
    assert "cdk_clarify_monitors_operations.drift'" not in run.stdout
