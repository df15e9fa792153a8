"""Limits of the user's own: what each may be, and what goes together with the rest of a bias monitor."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_clarify_monitors import BaselineOptions, BiasAnalysisConfig, BiasConfig, BiasConstraint
from cdk_clarify_monitors._bias_metrics import POST_TRAINING, PRE_TRAINING
from tests.config.calls import HEADERS, URI, analysed_bias, bias, data, model, settings
from tests.config.refusals import INFINITY, NAN, TYPE, VALUE, Refusal, check_message, each

# What CDK's Token.as_string and Token.as_number give.
TEXT, NUMBER = "${Token[Limit.1]}", -1.8881545897087503e289

# The 21 metrics of a real execution's file.
OF_AN_EXECUTION = [
    "AD",
    "CDDPL",
    "DAR",
    "DCA",
    "DCR",
    "DI",
    "DPPL",
    "DRR",
    "FT",
    "GE",
    "RD",
    "SD",
    "TE",
    "CDDL",
    "CI",
    "DPL",
    "JS",
    "KL",
    "KS",
    "LP",
    "TVD",
]


def limit(metric: Any = "DPPL", at_most: Any = 0.5, **arguments: Any) -> BiasConstraint:
    return BiasConstraint(metric, at_most=at_most, **arguments)


def overridden(*overrides: BiasConstraint, **changes: Any) -> Any:
    """What the custom resource is told of limits, by default with the facet `sex` and its values."""
    arguments = {"data_config": data(headers=HEADERS, label="y"), "bias_config": bias(), "model_config": model()}
    return analysed_bias(**{**arguments, **changes}, constraints_overrides=overrides).constraints_overrides


# ---------------------------------------------------------------- one limit
def test_the_metrics_are_those_of_an_execution() -> None:
    assert sorted(OF_AN_EXECUTION) == sorted((*PRE_TRAINING, *POST_TRAINING))


@pytest.mark.parametrize("metric", OF_AN_EXECUTION)
def test_each_metric_of_an_execution_can_be_limited(metric: str) -> None:
    (told,) = overridden(limit(metric, 1.5), bias_config=bias(group_name="age"))

    assert told == {"Metric": metric, "AtMost": 1.5}


@pytest.mark.parametrize("at_most", [0, 0.0, 0.1, 1, 25.5, 1e300, -0.0])
def test_a_limit_is_a_float_from_0_on(at_most: float) -> None:
    told = overridden(limit("TE", at_most))[0]["AtMost"]

    assert told == at_most
    assert type(told) is float


@pytest.mark.parametrize("at_most", [1, 1.25, NUMBER])
def test_di_can_have_a_limit_above_parity(at_most: float) -> None:
    assert overridden(limit("DI", at_most)) == [{"Metric": "DI", "AtMost": at_most}]


def test_tokens_pass() -> None:
    override = limit(TEXT, NUMBER, facet=TEXT, facet_value=NUMBER)

    assert overridden(override) == [{"Metric": TEXT, "AtMost": NUMBER, "Facet": TEXT, "FacetValue": NUMBER}]


def test_a_limit_is_a_value() -> None:
    assert limit("CI", 1) == limit("CI", 1.0)
    assert len({limit(), limit(), limit(facet="sex")}) == 2
    assert repr(limit()) == "BiasConstraint(metric='DPPL', at_most=0.5, facet=None, facet_value=None)"


ALONE: list[Refusal] = [
    (VALUE, "metric", "'dppl'", lambda: limit("dppl")),
    (VALUE, "metric", "'nDCG'", lambda: limit("nDCG")),
    (VALUE, "metric", "''", lambda: limit("")),
    (VALUE, "metric", "'DPPL '", lambda: limit("DPPL ")),
    (VALUE, "metric", "5", lambda: limit(5)),
    (VALUE, "metric", "['DPPL']", lambda: limit(["DPPL"])),
    (TYPE, "metric", "None", lambda: limit(None)),
    (TYPE, "at_most", "None", lambda: BiasConstraint("DPPL")),
    (TYPE, "at_most", "'0.1'", lambda: limit(at_most="0.1")),
    (TYPE, "at_most", "True", lambda: limit(at_most=True)),
    (TYPE, "at_most", "[0.1]", lambda: limit(at_most=[0.1])),
    (VALUE, "at_most", "-0.1", lambda: limit(at_most=-0.1)),
    (VALUE, "at_most", "-1", lambda: limit(at_most=-1)),
    (VALUE, "at_most", "inf", lambda: limit(at_most=INFINITY)),
    (VALUE, "at_most", "nan", lambda: limit(at_most=NAN)),
    (VALUE, "at_most", "1000000", lambda: limit(at_most=10**400)),
    (VALUE, "at_most", "0.8", lambda: limit("DI", 0.8)),
    (VALUE, "at_most", "0", lambda: limit("DI", 0)),
    (VALUE, "at_most", "0.999", lambda: limit("DI", 0.999)),
    (VALUE, "at_least", "0.8", lambda: BiasConstraint("DI", at_least=0.8)),  # type: ignore[arg-type]
    (VALUE, "at_least", "0", lambda: BiasConstraint("DPPL", at_most=0.1, at_least=0)),  # type: ignore[arg-type]
    (VALUE, "facet", "''", lambda: limit(facet="")),
    (TYPE, "facet", "0.5", lambda: limit(facet=0.5)),
    (TYPE, "facet", "True", lambda: limit(facet=True)),
    (VALUE, "facet", "-1", lambda: limit(facet=-1)),
    (VALUE, "facet", "a number that is known at deployment only", lambda: limit(facet=NUMBER)),
    (VALUE, "facet", "None", lambda: limit(facet_value=1)),
    (VALUE, "facet", "None", lambda: limit(facet_value="")),
    (TYPE, "facet_value", "[1]", lambda: limit(facet="sex", facet_value=[1])),
    (VALUE, "facet_value", "nan", lambda: limit(facet="sex", facet_value=NAN)),
]


@each(ALONE)
def test_the_message_of_a_limit(refusal: Refusal) -> None:
    check_message(refusal)


@pytest.mark.parametrize("arguments", [{"at_least": 0.8}, {"at_most": 0.8}, {"at_most": 1.25, "at_least": 0.8}])
def test_a_floor_is_refused_with_the_reason(arguments: Any) -> None:
    reason = "an execution violates a constraint if its value is farther from 0, so there are no floors"

    with pytest.raises(ValueError, match=reason):
        BiasConstraint("DI", **arguments)


# ---------------------------------------------------------------- facets
@pytest.mark.parametrize("facet", ["sex", 2])
@pytest.mark.parametrize("configured", ["sex", 2])
def test_a_facet_goes_by_its_name_in_the_results(configured: Any, facet: Any) -> None:
    assert overridden(limit(facet=facet), bias_config=bias(facet_name=configured))[0]["Facet"] == "sex"


@pytest.mark.parametrize("facet", ["sex", TEXT, "gender"])
def test_a_facet_that_is_not_known_by_name_passes(facet: str) -> None:
    by_index = {"bias_config": bias(facet_name=2), "data_config": data(label=0)}
    by_token = {"bias_config": bias(facet_name=TEXT), "data_config": data(label=0)}
    headers = {"bias_config": bias(facet_name=2), "data_config": data(headers=["y", "age", TEXT], label="y")}

    for changes in (by_index, by_token, headers):
        assert overridden(limit(facet=facet), **changes)[0]["Facet"] == facet


def test_one_of_several_facets() -> None:
    config = bias(facet_name=["age", "sex"], facet_values_or_threshold=[[40], None])

    told = overridden(limit(facet="sex"), limit(facet="age", facet_value=40), bias_config=config)

    assert told == [
        {"Metric": "DPPL", "AtMost": 0.5, "Facet": "sex"},
        {"Metric": "DPPL", "AtMost": 0.5, "Facet": "age", "FacetValue": 40},
    ]


@pytest.mark.parametrize(
    ("configured", "value", "told"),
    [
        (None, "0", "0"),
        (None, 0, 0),
        (None, "(40, 79]", "(40, 79]"),
        ([40], 40, 40),
        ([40], 40.0, 40),
        ([40], "40", 40),
        ([40], "(40, 79]", "(40, 79]"),
        (["F"], "F", "F"),
        (["1"], "1", "1"),
        (["F", "M"], "F,M", "F,M"),
        ([1, 2], "1,2", "1,2"),
        ([True], True, True),
        ([True], "True", True),
        ([TEXT], "F", "F"),
        ([40], NUMBER, NUMBER),
        (["F"], TEXT, TEXT),
        ([""], "", ""),
    ],
)
def test_a_value_can_be_found_in_the_results(configured: Any, value: Any, told: Any) -> None:
    config = bias(facet_values_or_threshold=configured)

    found = overridden(limit(facet="sex", facet_value=value), bias_config=config)[0]["FacetValue"]

    assert found == told
    assert type(found) is type(told)


# ---------------------------------------------------------------- what does not go together
SEVERAL = bias(facet_name=["age", "sex"], facet_values_or_threshold=[[40], None])
FIRST = "constraints_overrides[0]"

TOGETHER: list[Refusal] = [
    (VALUE, f"{FIRST}.facet", "'gender'", lambda: overridden(limit(facet="gender"))),
    (VALUE, f"{FIRST}.facet", "'age'", lambda: overridden(limit(facet="age"))),
    (VALUE, f"{FIRST}.facet", "1", lambda: overridden(limit(facet=1))),
    (VALUE, f"{FIRST}.facet", "9", lambda: overridden(limit(facet=9))),
    (VALUE, f"{FIRST}.facet", "2", lambda: overridden(limit(facet=2), data_config=data(label=0))),
    (
        VALUE,
        f"{FIRST}.facet",
        "2",
        lambda: overridden(
            limit(facet=2),
            data_config=data(headers=HEADERS, label="y", facet_dataset_uri=URI, facet_headers=["sex"]),
        ),
    ),
    (
        VALUE,
        f"{FIRST}.facet_value",
        "41",
        lambda: overridden(limit(facet="age", facet_value=41), bias_config=SEVERAL),
    ),
    (
        VALUE,
        f"{FIRST}.facet_value",
        "'M'",
        lambda: overridden(limit(facet="sex", facet_value="M"), bias_config=bias(facet_values_or_threshold=["F"])),
    ),
    (
        VALUE,
        f"{FIRST}.facet_value",
        "1",
        lambda: overridden(limit(facet="sex", facet_value=1), bias_config=bias(facet_values_or_threshold=[1, 2])),
    ),
    (
        VALUE,
        f"{FIRST}.facet_value",
        "0",
        lambda: overridden(limit(facet="sex", facet_value=0), bias_config=bias(facet_values_or_threshold=["F"])),
    ),
    (VALUE, FIRST, "BiasConstraint(metric='CDDPL'", lambda: overridden(limit("CDDPL"))),
    (VALUE, "constraints_overrides[1]", "BiasConstraint(metric='CDDL'", lambda: overridden(limit(), limit("CDDL"))),
    (VALUE, "constraints_overrides[1]", "BiasConstraint(", lambda: overridden(limit(), limit(at_most=0.7))),
    (VALUE, "constraints_overrides[2]", "BiasConstraint(", lambda: overridden(limit(), limit("CI"), limit())),
    (
        VALUE,
        "constraints_overrides[1]",
        "BiasConstraint(",
        lambda: overridden(limit(facet="sex"), limit(facet=2)),
    ),
    (
        VALUE,
        "constraints_overrides[1]",
        "BiasConstraint(",
        lambda: overridden(limit(facet="sex", facet_value="1"), limit(facet="sex", facet_value=1.0)),
    ),
    (
        VALUE,
        "constraints_overrides",
        "[BiasConstraint(",
        lambda: analysed_bias(analysis_config=URI, constraints_overrides=[limit()]),
    ),
    (VALUE, "constraints_overrides", "[BiasC", lambda: settings(constraints_overrides=[limit()], constraints=URI)),
    (
        VALUE,
        "constraints_overrides",
        "[BiasC",
        lambda: settings(constraints_overrides=[limit()], baseline=BaselineOptions(wait=False)),
    ),
    (TYPE, "constraints_overrides", "BiasConstraint(", lambda: settings(constraints_overrides=limit())),
    (TYPE, "constraints_overrides[0]", "{'DPPL': 0.1}", lambda: settings(constraints_overrides=[{"DPPL": 0.1}])),
    (TYPE, "constraints_overrides[1]", "None", lambda: settings(constraints_overrides=[limit(), None])),
    (TYPE, "constraints_overrides", "{'DPPL': 0.1}", lambda: settings(constraints_overrides={"DPPL": 0.1})),
]


@each(TOGETHER)
def test_the_message_of_what_does_not_go_together(refusal: Refusal) -> None:
    check_message(refusal)


def test_no_limits_go_with_everything() -> None:
    empty: list[BiasConstraint] = []

    settings(constraints_overrides=empty, constraints=URI, baseline=BaselineOptions(wait=False))
    assert overridden() == []
    assert list(analysed_bias(analysis_config=URI, constraints_overrides=empty).constraints_overrides) == []


def test_limits_that_overlap_go_together() -> None:
    told = overridden(
        limit(),
        limit(at_most=0.4, facet="sex"),
        limit(at_most=0.3, facet="sex", facet_value="1"),
        limit(at_most=0.2, facet="sex", facet_value="01"),
    )

    assert [each["AtMost"] for each in told] == [0.5, 0.4, 0.3, 0.2]


def test_the_group_counts_that_the_executions_have() -> None:
    executions = BiasAnalysisConfig(BiasConfig([1], "sex", group_name="age"), headers=HEADERS, label="y")

    assert overridden(limit("CDDPL"), analysis_config=executions)
    assert overridden(limit("CDDPL"), analysis_config=URI)  # not known
