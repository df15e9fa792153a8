"""Limits of the user's own in place of suggested constraints."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_clarify_monitors_lambda.clarify_baseline.model.constraints import with_overrides

POST, PRE = "post_training_bias_metrics", "pre_training_bias_metrics"


def _group(value: str, **metrics: Any) -> dict[str, Any]:
    written = [{"name": name, "description": f"{name} ({name})", "value": value} for name, value in metrics.items()]
    for metric in written:
        if metric["value"] is None:
            metric["error"] = "Group variable is empty or not provided"
    return {"value_or_threshold": value, "metrics": written}


def _stage(**facets: Any) -> dict[str, Any]:
    return {"label": "approved", "facets": facets, "label_value_or_threshold": "1"}


# The form of a real baseline: numbers of both signs, null with an error, infinities as strings.
ANALYSIS: dict[str, Any] = {
    "version": "1.0",
    POST: _stage(
        sex=[
            _group("0", CDDPL=None, DI=0.178, DPPL=-0.22, TE="Infinity"),
            _group("1", CDDPL=None, DI=5.6, DPPL=0.22, TE="-Infinity"),
        ],
        age=[_group("(40, 79]", CDDPL=None, DI=1.2, DPPL=0.1, TE=0.5)],
    ),
    PRE: _stage(
        sex=[_group("0", CI=0.37, DPL=0.23), _group("1", CI=-0.37, DPL=-0.23)],
        age=[_group("(40, 79]", CI=0.1, DPL=0.05)],
    ),
}


def _metrics(analysis: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], dict[str, Any]]]:
    for stage in (POST, PRE):
        for facet, groups in analysis[stage]["facets"].items():
            for group in groups:
                for metric in group["metrics"]:
                    yield (metric["name"], facet, group["value_or_threshold"]), metric


def _changes(*overrides: dict[str, Any], analysis: Mapping[str, Any] = ANALYSIS) -> dict[tuple[str, str, str], Any]:
    """The values that are others than before; all else is as it was."""
    changed = with_overrides(analysis, overrides)
    values = {key: metric["value"] for key, metric in _metrics(changed)}
    before = {key: metric["value"] for key, metric in _metrics(analysis)}
    assert list(values) == list(before)
    assert {key: value for key, value in changed.items() if key not in (POST, PRE)} == {"version": "1.0"}
    for stage in (POST, PRE):
        assert {**changed[stage], "facets": 0} == {**analysis[stage], "facets": 0}
    return {key: value for key, value in values.items() if value != before[key]}


def _limit(metric: str, at_most: Any, **where: Any) -> dict[str, Any]:
    return {"Metric": metric, "AtMost": at_most, **where}


# ---------------------------------------------------------------- where a limit applies
def test_no_limits_change_nothing() -> None:
    assert with_overrides(ANALYSIS, ()) == ANALYSIS


def test_a_limit_is_for_every_facet_and_value() -> None:
    assert _changes(_limit("DPPL", 0.3)) == {
        ("DPPL", "sex", "0"): 0.3,
        ("DPPL", "sex", "1"): 0.3,
        ("DPPL", "age", "(40, 79]"): 0.3,
    }


def test_a_limit_of_one_facet_is_for_its_values() -> None:
    assert _changes(_limit("CI", 0.5, Facet="sex")) == {("CI", "sex", "0"): 0.5, ("CI", "sex", "1"): 0.5}


def test_a_limit_of_one_value_is_for_it_alone() -> None:
    assert _changes(_limit("DPPL", 0.3, Facet="sex", FacetValue="1")) == {("DPPL", "sex", "1"): 0.3}


@pytest.mark.parametrize("order", [1, -1])
def test_the_limit_of_the_smallest_group_wins(order: int) -> None:
    limits = [
        _limit("DPPL", 0.5, Facet="sex", FacetValue=1),
        _limit("DPPL", 0.3),
        _limit("DPPL", 0.4, Facet="sex"),
    ]

    assert _changes(*limits[::order]) == {
        ("DPPL", "sex", "0"): 0.4,
        ("DPPL", "sex", "1"): 0.5,
        ("DPPL", "age", "(40, 79]"): 0.3,
    }


def test_limits_of_both_stages_go_together() -> None:
    changes = _changes(_limit("DPL", 0.9, Facet="age"), _limit("TE", 3, Facet="age"))

    assert changes == {("DPL", "age", "(40, 79]"): 0.9, ("TE", "age", "(40, 79]"): 3.0}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", "0"),
        ("0", 0),
        ("0", 0.0),
        ("1.0", 1),
        ("1", 1.0),
        ("-3", -3),
        ("(40, 79]", 40),
        ("(40, 79]", 40.0),
        ("(40, 79]", "(40, 79]"),
        ("(41.5, 79.0]", 41.5),
        ("(-1.5, 2]", -1.5),
        ("(0.5, inf]", 0.5),
        ("F", "F"),
        ("F,M", "F,M"),
        ("", ""),
        ("True", True),
        ("false", False),
        ("é ü", "é ü"),
    ],
)
def test_a_value_is_found_as_the_file_has_it(written: str, value: Any) -> None:
    analysis = {"version": "1.0", POST: _stage(x=[_group(written, DPPL=0.1), _group("other", DPPL=0.1)]), PRE: _stage()}

    changes = _changes(_limit("DPPL", 0.3, Facet="x", FacetValue=value), analysis=analysis)

    assert changes == {("DPPL", "x", written): 0.3}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("(40, 79]", 79),
        ("(40, 79]", "40"),
        ("1.0", "1"),
        ("01", "1"),
        ("F,M", "F"),
        ("1,2", 1),
        ("nan", 0),
        ("", 0),
        ("1", True),
        ("0", False),
        ("f", "F"),
        ("(40, 79", 40),
    ],
)
def test_another_value_is_not_taken_for_it(written: str, value: Any) -> None:
    analysis = {POST: _stage(x=[_group(written, DPPL=0.1)])}

    with pytest.raises(ValueError, match="is not in the suggested constraints") as refused:
        with_overrides(analysis, [_limit("DPPL", 0.3, Facet="x", FacetValue=value)])
    assert str(refused.value).endswith(repr(written))


# ---------------------------------------------------------------- what it replaces
@pytest.mark.parametrize("suggested", [0.2, -0.2, 0, "Infinity", "-Infinity", None])
@pytest.mark.parametrize("at_most", [0, 0.1, 1, 25])
def test_a_limit_replaces_whatever_was_suggested(suggested: Any, at_most: float) -> None:
    analysis = {"version": "1.0", POST: _stage(x=[_group("1", DPPL=suggested)])}

    ((_, metric),) = [
        (key, metric)
        for key, metric in _metrics({PRE: _stage(), **with_overrides(analysis, [_limit("DPPL", at_most)])})
    ]

    assert metric == {"name": "DPPL", "description": "DPPL (DPPL)", "value": at_most}
    assert type(metric["value"]) is float


def test_the_suggested_constraints_stay_as_they_are() -> None:
    before = copy.deepcopy(ANALYSIS)

    with_overrides(ANALYSIS, [_limit("CDDPL", 0.3)])

    assert before == ANALYSIS


def test_metrics_without_a_limit_keep_their_digits() -> None:
    text = json.dumps(ANALYSIS).replace("0.178", "0.17798594847775176")

    changed = with_overrides(json.loads(text), [_limit("DPPL", 0.3)])

    assert "0.17798594847775176" in json.dumps(changed)


@given(st.permutations(["version", POST, PRE]))
def test_the_order_of_the_file_stays(order: list[str]) -> None:
    analysis = {key: ANALYSIS[key] for key in order}

    assert list(with_overrides(analysis, [_limit("DPPL", 0.3)])) == order


# ---------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("override", "message"),
    [
        (_limit("GE", 0.1), r"the metric 'GE', .*: 'CI', 'DPL', 'CDDPL', 'DI', 'DPPL', 'TE'$"),
        (_limit("dppl", 0.1), "the metric 'dppl'"),
        (_limit("DPPL", 0.1, Facet="gender"), r"the facet 'gender' of DPPL, .*: 'sex', 'age'$"),
        (_limit("DPPL", 0.1, Facet="sex", FacetValue="F"), r"the value 'F' of the facet 'sex', .*: '0', '1'$"),
        (_limit("DPPL", 0.1, Facet="sex", FacetValue=2), "the value 2 of the facet 'sex'"),
        (_limit("DPPL", 0.1, Facet="age", FacetValue=79), r"the value 79 .*: '\(40, 79\]'$"),
    ],
)
def test_a_limit_about_nothing_is_refused(override: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        with_overrides(ANALYSIS, [_limit("CI", 0.5), override])


@pytest.mark.parametrize("limit", [-0.1, -1, float("inf"), float("nan"), 10**400, "0.1", None, True, [0.1]])
def test_what_is_no_distance_is_refused(limit: Any) -> None:
    with pytest.raises(ValueError, match="the limit of DPPL in constraints_overrides must be a number of at least 0"):
        with_overrides(ANALYSIS, [_limit("DPPL", limit)])


def test_a_floor_of_di_is_refused_at_deployment_too() -> None:
    with pytest.raises(ValueError, match=r"the limit of DI .* at least 1, .*got 0\.8: a floor is not possible"):
        with_overrides(ANALYSIS, [_limit("DI", 0.8)])


@pytest.mark.parametrize(
    "where",
    [
        ({}, {}),
        ({"Facet": "sex"}, {"Facet": "sex"}),
        ({"Facet": "sex", "FacetValue": "0"}, {"Facet": "sex", "FacetValue": 0}),
        ({"Facet": "age", "FacetValue": "(40, 79]"}, {"Facet": "age", "FacetValue": 40.0}),
    ],
)
def test_two_limits_for_the_same_constraint_are_refused(where: tuple[dict[str, Any], dict[str, Any]]) -> None:
    one, other = where

    with pytest.raises(ValueError, match=r"two limits for DPPL .*: 0\.1 and 0\.2$"):
        with_overrides(ANALYSIS, [_limit("DPPL", 0.1, **one), _limit("DPPL", 0.2, **other)])


@pytest.mark.parametrize(
    "analysis", [{}, {"explanations": {"kernel_shap": {}}}, {POST: _stage(), PRE: _stage()}, {POST: _stage(x=[])}]
)
def test_constraints_without_bias_metrics_are_refused(analysis: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not in the suggested constraints: none"):
        with_overrides(analysis, [_limit("DPPL", 0.1)])


@pytest.mark.parametrize(
    "analysis",
    [
        {POST: []},
        {POST: {"facets": [1]}},
        {POST: {"facets": {"x": [{}]}}},
        {POST: _stage(x=[{"value_or_threshold": "", "metrics": [{}]}])},
        {POST: _stage(x=[{"metrics": [1]}]), PRE: 5},
    ],
)
def test_constraints_of_another_form_are_refused(analysis: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="malformed"):
        with_overrides(analysis, [_limit("DPPL", 0.1)])
