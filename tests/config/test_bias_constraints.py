"""Limits of the user's own: what each may be, and what goes together with the rest of a bias monitor."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_clarify_monitors import BaselineOptions, BiasAnalysisConfig, BiasConfig, BiasConstraint
from cdk_clarify_monitors._config.bias_metrics import POST_TRAINING, PRE_TRAINING
from tests.config.refusals import INFINITY, NAN, TYPE, VALUE, Refusal, check_message, each
from tests.support.monitors.calls import HEADERS, URI, analysed_bias, bias, data, model, settings

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


NO_METRIC = (
    "'metric' must be one of 'CI', 'DPL', 'KL', 'JS', 'LP', 'TVD', 'KS', 'CDDL', "
    "'DPPL', 'DI', 'DCA', 'DCR', 'RD', 'DAR', 'DRR', 'AD', 'TE', 'CDDPL', 'FT', 'SD', 'GE', got "
)

ALONE: list[Refusal] = [
    (VALUE, f"{NO_METRIC}'dppl': write 'DPPL'", lambda: limit("dppl")),
    (VALUE, f"{NO_METRIC}'nDCG'", lambda: limit("nDCG")),
    (VALUE, f"{NO_METRIC}''", lambda: limit("")),
    (VALUE, f"{NO_METRIC}'DPPL ': write 'DPPL'", lambda: limit("DPPL ")),
    (VALUE, f"{NO_METRIC}5", lambda: limit(5)),
    (VALUE, f"{NO_METRIC}['DPPL']", lambda: limit(["DPPL"])),
    (TYPE, "'metric' must be given, got None", lambda: limit(None)),
    (TYPE, "'at_most' must be given, got None", lambda: BiasConstraint("DPPL")),
    (TYPE, "'at_most' must be a number, got '0.1'", lambda: limit(at_most="0.1")),
    (TYPE, "'at_most' must be a number, got True", lambda: limit(at_most=True)),
    (TYPE, "'at_most' must be a number, got [0.1]", lambda: limit(at_most=[0.1])),
    (
        VALUE,
        "'at_most' must be at least 0, got -0.1: the limit is a distance from 0, for values of either sign",
        lambda: limit(at_most=-0.1),
    ),
    (
        VALUE,
        "'at_most' must be at least 0, got -1: the limit is a distance from 0, for values of either sign",
        lambda: limit(at_most=-1),
    ),
    (
        VALUE,
        "'at_most' must be a finite number, got inf: JSON knows neither NaN nor Infinity",
        lambda: limit(at_most=INFINITY),
    ),
    (
        VALUE,
        "'at_most' must be a finite number, got nan: JSON knows neither NaN nor Infinity",
        lambda: limit(at_most=NAN),
    ),
    (
        VALUE,
        f"'at_most' must be a finite number, got 1{'0' * 198}…: no float is as large",
        lambda: limit(at_most=10**400),
    ),
    (
        VALUE,
        (
            "'at_most' must be at least 1 for DI, its value where groups fare alike, got 0.8: an execution "
            "violates a constraint if its value is farther from 0, so there are no floors; limit DPPL, "
            "which is 0 there"
        ),
        lambda: limit("DI", 0.8),
    ),
    (
        VALUE,
        (
            "'at_most' must be at least 1 for DI, its value where groups fare alike, got 0.0: an execution "
            "violates a constraint if its value is farther from 0, so there are no floors; limit DPPL, "
            "which is 0 there"
        ),
        lambda: limit("DI", 0),
    ),
    (
        VALUE,
        (
            "'at_most' must be at least 1 for DI, its value where groups fare alike, got 0.999: an "
            "execution violates a constraint if its value is farther from 0, so there are no floors; limit "
            "DPPL, which is 0 there"
        ),
        lambda: limit("DI", 0.999),
    ),
    (
        VALUE,
        (
            "'at_least' must be left out, got 0.8: an execution violates a constraint if its value is "
            "farther from 0, so there are no floors"
        ),
        lambda: BiasConstraint("DI", at_least=0.8),  # type: ignore[arg-type]
    ),
    (
        VALUE,
        (
            "'at_least' must be left out, got 0: an execution violates a constraint if its value is farther "
            "from 0, so there are no floors"
        ),
        lambda: BiasConstraint("DPPL", at_most=0.1, at_least=0),  # type: ignore[arg-type]
    ),
    (VALUE, "'facet' must not be empty, got ''", lambda: limit(facet="")),
    (TYPE, "'facet' must be a name (string) or a zero-based index (integer), got 0.5", lambda: limit(facet=0.5)),
    (TYPE, "'facet' must be a name (string) or a zero-based index (integer), got True", lambda: limit(facet=True)),
    (VALUE, "'facet' must be at least 0, got -1", lambda: limit(facet=-1)),
    (
        VALUE,
        (
            "'facet' must be a literal if it is an index, got a number that is known at deployment only: "
            "give the facet's name"
        ),
        lambda: limit(facet=NUMBER),
    ),
    (VALUE, "'facet' must be given with 'facet_value', got None: say whose value it is", lambda: limit(facet_value=1)),
    (VALUE, "'facet' must be given with 'facet_value', got None: say whose value it is", lambda: limit(facet_value="")),
    (
        TYPE,
        "'facet_value' must be a string, a number, True or False, got [1]",
        lambda: limit(facet="sex", facet_value=[1]),
    ),
    (
        VALUE,
        "'facet_value' must be a finite number, got nan: JSON knows neither NaN nor Infinity",
        lambda: limit(facet="sex", facet_value=NAN),
    ),
]


@each(ALONE)
def test_the_message_of_a_limit_names_it_and_its_value(refusal: Refusal) -> None:
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


def test_a_limit_can_be_for_one_of_several_facets() -> None:
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
TOGETHER: list[Refusal] = [
    (
        VALUE,
        "'constraints_overrides[0].facet' must be one of the facets ['sex'] of 'bias_config', got 'gender'",
        lambda: overridden(limit(facet="gender")),
    ),
    (
        VALUE,
        "'constraints_overrides[0].facet' must be one of the facets ['sex'] of 'bias_config', got 'age'",
        lambda: overridden(limit(facet="age")),
    ),
    (
        VALUE,
        "'constraints_overrides[0].facet' must be one of the facets ['sex'] of 'bias_config', got 1",
        lambda: overridden(limit(facet=1)),
    ),
    (
        VALUE,
        "'constraints_overrides[0].facet' must be one of the facets ['sex'] of 'bias_config', got 9",
        lambda: overridden(limit(facet=9)),
    ),
    (
        VALUE,
        "'constraints_overrides[0].facet' must be the facet's name: what an index counts is not known, got 2",
        lambda: overridden(limit(facet=2), data_config=data(label=0)),
    ),
    (
        VALUE,
        "'constraints_overrides[0].facet' must be the facet's name: what an index counts is not known, got 2",
        lambda: overridden(
            limit(facet=2),
            data_config=data(headers=HEADERS, label="y", facet_dataset_uri=URI, facet_headers=["sex"]),
        ),
    ),
    (
        VALUE,
        (
            "'constraints_overrides[0].facet_value' must be a value of facet 'age' in 'bias_config', one of "
            "[[40]], got 41"
        ),
        lambda: overridden(limit(facet="age", facet_value=41), bias_config=SEVERAL),
    ),
    (
        VALUE,
        (
            "'constraints_overrides[0].facet_value' must be a value of facet 'sex' in 'bias_config', one of "
            "[['F']], got 'M'"
        ),
        lambda: overridden(limit(facet="sex", facet_value="M"), bias_config=bias(facet_values_or_threshold=["F"])),
    ),
    (
        VALUE,
        (
            "'constraints_overrides[0].facet_value' must be a value of facet 'sex' in 'bias_config', one of "
            "[[1, 2]], got 1: several values are one group: leave it out"
        ),
        lambda: overridden(limit(facet="sex", facet_value=1), bias_config=bias(facet_values_or_threshold=[1, 2])),
    ),
    (
        VALUE,
        (
            "'constraints_overrides[0].facet_value' must be a value of facet 'sex' in 'bias_config', one of "
            "[['F']], got 0"
        ),
        lambda: overridden(limit(facet="sex", facet_value=0), bias_config=bias(facet_values_or_threshold=["F"])),
    ),
    (
        VALUE,
        (
            "'constraints_overrides[0]' must be about another metric than CDDPL, which needs a 'group_name' "
            "in 'bias_config', got BiasConstraint(metric='CDDPL', at_most=0.5, facet=None, facet_value=None)"
        ),
        lambda: overridden(limit("CDDPL")),
    ),
    (
        VALUE,
        (
            "'constraints_overrides[1]' must be about another metric than CDDL, which needs a 'group_name' "
            "in 'bias_config', got BiasConstraint(metric='CDDL', at_most=0.5, facet=None, facet_value=None)"
        ),
        lambda: overridden(limit(), limit("CDDL")),
    ),
    (
        VALUE,
        (
            "'constraints_overrides[1]' must be about something else than constraints_overrides[0], got "
            "BiasConstraint(metric='DPPL', at_most=0.7, facet=None, facet_value=None)"
        ),
        lambda: overridden(limit(), limit(at_most=0.7)),
    ),
    (
        VALUE,
        (
            "'constraints_overrides[2]' must be about something else than constraints_overrides[0], got "
            "BiasConstraint(metric='DPPL', at_most=0.5, facet=None, facet_value=None)"
        ),
        lambda: overridden(limit(), limit("CI"), limit()),
    ),
    (
        VALUE,
        (
            "'constraints_overrides[1]' must be about something else than constraints_overrides[0], got "
            "BiasConstraint(metric='DPPL', at_most=0.5, facet=2, facet_value=None)"
        ),
        lambda: overridden(limit(facet="sex"), limit(facet=2)),
    ),
    (
        VALUE,
        (
            "'constraints_overrides[1]' must be about something else than constraints_overrides[0], got "
            "BiasConstraint(metric='DPPL', at_most=0.5, facet='sex', facet_value=1.0)"
        ),
        lambda: overridden(limit(facet="sex", facet_value="1"), limit(facet="sex", facet_value=1.0)),
    ),
    (
        VALUE,
        (
            "'constraints_overrides' must be left out without 'data_config', got "
            "[BiasConstraint(metric='DPPL', at_most=0.5, facet=None, facet_value=None)]: they change "
            "constraints that a baselining job suggests, and there is none"
        ),
        lambda: analysed_bias(analysis_config=URI, constraints_overrides=[limit()]),
    ),
    (
        VALUE,
        (
            "'constraints_overrides' must be left out with 'constraints', got "
            "[BiasConstraint(metric='DPPL', at_most=0.5, facet=None, facet_value=None)]: they are for "
            "suggested constraints; write your limits into the file"
        ),
        lambda: settings(constraints_overrides=[limit()], constraints=URI),
    ),
    (
        VALUE,
        (
            "'constraints_overrides' must be left out with BaselineOptions(wait=False), got "
            "[BiasConstraint(metric='DPPL', at_most=0.5, facet=None, facet_value=None)]: the job has not "
            "suggested constraints by then"
        ),
        lambda: settings(constraints_overrides=[limit()], baseline=BaselineOptions(wait=False)),
    ),
    (
        TYPE,
        (
            "'constraints_overrides' must be a list, got BiasConstraint(metric='DPPL', at_most=0.5, "
            "facet=None, facet_value=None): write constraints_overrides=[…], with this in brackets"
        ),
        lambda: settings(constraints_overrides=limit()),
    ),
    (
        TYPE,
        "'constraints_overrides[0]' must be a BiasConstraint, got {'DPPL': 0.1}: make one with BiasConstraint(…)",
        lambda: settings(constraints_overrides=[{"DPPL": 0.1}]),
    ),
    (
        TYPE,
        "'constraints_overrides[1]' must be a BiasConstraint, got None: make one with BiasConstraint(…)",
        lambda: settings(constraints_overrides=[limit(), None]),
    ),
    (
        TYPE,
        "'constraints_overrides' must be a list, got {'DPPL': 0.1}",
        lambda: settings(constraints_overrides={"DPPL": 0.1}),
    ),
]


@each(TOGETHER)
def test_limits_that_do_not_go_together_are_refused(refusal: Refusal) -> None:
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
