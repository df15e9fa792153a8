"""The custom resource's properties: tokens, tags, and what is refused."""

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_clarify_monitors_lambda.clarify_baseline.properties import Properties
from tests.support.simulation.simulated_cloudformation import document, properties

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5) | st.sampled_from(["a/b", "m~n", "~1", "é", "0"])


def _parse(path: str, kind: str, value: Any) -> Any:
    """What stands at a path of the baselining config after a token was put there."""
    doc = document(**{"Baselining/AnalysisConfig": {"a": None, "list": [1, None], "x/y": {"m~n": None}}})
    tokens = {kind: {f"/Baselining/AnalysisConfig{path}": value}}
    parsed = Properties.parse(properties(doc, Tokens=tokens))
    assert parsed.baselining
    found: Any = parsed.baselining.analysis_config
    for part in path.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        found = found[int(name)] if isinstance(found, list) else found[name]
    return found


@pytest.mark.parametrize(
    ("path", "kind", "value", "expected"),
    [
        ("/a", "String", '","b":"injected', '","b":"injected'),
        ("/a", "String", "5", "5"),
        ("/list/1", "String", "x", "x"),
        ("/x~1y/m~0n", "String", "x", "x"),
        ("/a", "Number", "5", 5),
        ("/a", "Number", "-5", -5),
        ("/a", "Number", "0.5", 0.5),
        ("/a", "Number", "1e-3", 0.001),
        ("/a", "List", ["x", "y"], ["x", "y"]),
        ("/a", "List", [], []),
    ],
)
def test_tokens_are_put_into_their_places(path: str, kind: str, value: Any, expected: Any) -> None:
    found = _parse(path, kind, value)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("path", "kind", "value"),
    [
        ("/a", "String", ["x"]),
        ("/a", "Number", "five"),
        ("/a", "Number", "nan"),
        ("/a", "Number", "1e999"),
        ("/a", "List", "x"),
        ("/a", "List", [1]),
        ("/a", "Object", "x"),
        ("/list", "String", "taken"),
        ("/list/5", "String", "x"),
        ("/list/x", "String", "x"),
        ("/missing", "String", "x"),
        ("/missing/further", "String", "x"),
    ],
)
def test_tokens_that_do_not_fit_are_refused(path: str, kind: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"token|malformed|invalid literal|could not convert"):
        _parse(path, kind, value)


@given(NAMES, st.text(st.characters(codec="utf-8")))
def test_any_name_and_any_value_stay_in_their_place(name: str, value: str) -> None:
    pointer = name.replace("~", "~0").replace("/", "~1")
    doc = document(**{"Baselining/AnalysisConfig": {}})
    doc["Baselining"]["AnalysisConfig"] = {name: None, "other": 1}
    tokens = {"String": {f"/Baselining/AnalysisConfig/{pointer}": value}}

    parsed = Properties.parse(properties(doc, Tokens=tokens))

    assert parsed.baselining
    assert parsed.baselining.analysis_config == {"other": 1, name: value}


def test_the_monitors_tags_win_over_the_stacks() -> None:
    parsed = Properties.parse(
        properties(
            StackTags=[{"Key": "team", "Value": "stack"}, {"Key": "cost", "Value": "1"}],
            Tags=[{"Key": "team", "Value": "monitor"}, {"Key": "name", "Value": "x"}],
        )
    )

    assert parsed.tags == [
        {"Key": "team", "Value": "monitor"},
        {"Key": "cost", "Value": "1"},
        {"Key": "name", "Value": "x"},
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Version": 2}, "unknown version 2"),
        ({"Name": "a b"}, "Name must have letters"),
        ({"Name": "x" * 64}, "at most 63"),
        ({"Name": "-x"}, "Name must have"),
        ({"NamePrefix": "x/../y"}, "NamePrefix must have"),
        ({"Baselining/ConfigLocation": "https://bucket/x"}, r"Baselining.ConfigLocation must be an S3 URI"),
        ({"Baselining/ConfigLocation": "s3:///x"}, "must be an S3 URI"),
        ({"Baselining/ConfigLocation": "s3://bucket/a/../b"}, r"segments \. and \.\."),
        ({"Baselining/ConfigLocation": "s3://bucket/./b"}, "segments"),
        ({"Baselining/ConfigLocation": "s3://bucket/a\nb"}, "control characters"),
        ({"Baselining/ConfigLocation": "s3://bucket?x/b"}, "must be an S3 URI"),
        ({"Monitoring/Location": "s3://bad bucket/b"}, r"Monitoring.Location must be"),
        ({"Baselining/TimeoutSeconds": None}, "TimeoutSeconds"),
        ({"Baselining/AnalysisConfig": {"x": "\ud800"}}, "surrogates not allowed"),
        ({"Baselining/AnalysisConfig": {"x": float("nan")}}, "NaN is no JSON"),
        ({"Baselining/AnalysisConfig": {"x": float("inf")}}, "Infinity is no JSON"),
        ({"NamePrefix": "x" * 40}, "at most 39"),
    ],
)
def test_properties_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Properties.parse(properties(document(**changes)))


@pytest.mark.parametrize("text", ["", "5", "null", "[]", '"x"', "{}", '{"Version": 1}', "[[[["])
def test_any_text_is_refused_by_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"malformed|Expecting"):
        Properties.parse({"Baseline": text})


@given(st.dictionaries(st.text(string.ascii_letters), st.none() | st.text() | st.lists(st.integers())))
def test_any_properties_are_refused_by_a_value_error(value: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"malformed|Expecting"):
        Properties.parse(value)
    with pytest.raises(ValueError, match="malformed"):
        Properties.parse({"Baseline": json.dumps({"Version": 1, "Name": "x", "Baselining": value | {"a": 1}})})


def test_numbers_stay_as_given() -> None:
    doc = document(**{"Baselining/AnalysisConfig": {"int": 1, "float": 1.0, "true": True, "tenth": 0.1}})

    parsed = Properties.parse(properties(doc))

    assert parsed.baselining
    assert json.dumps(parsed.baselining.analysis_config) == '{"int": 1, "float": 1.0, "true": true, "tenth": 0.1}'


def test_the_order_of_limits_does_not_count() -> None:
    limits = [{"Metric": "DPPL", "AtMost": 0.1}, {"Metric": "CI", "AtMost": 0.5, "Facet": "age"}]

    one, other = (
        Properties.parse(properties(document(**{"Baselining/ConstraintsOverrides": given}))).baselining
        for given in (limits, limits[::-1])
    )

    assert one
    assert one == other
    assert sorted(limit["AtMost"] for limit in one.constraints_overrides) == [0.1, 0.5]


@pytest.mark.parametrize("limits", [None, []])
def test_without_limits_there_are_none(limits: Any) -> None:
    parsed = Properties.parse(properties(document(**{"Baselining/ConstraintsOverrides": limits})))

    assert parsed.baselining
    assert parsed.baselining.constraints_overrides == ()


@pytest.mark.parametrize("limits", ["DPPL", 5, {"Metric": "DPPL"}, ["DPPL"], [1]])
def test_limits_of_another_form_are_refused(limits: Any) -> None:
    with pytest.raises(ValueError, match=r"malformed|dictionary"):
        Properties.parse(properties(document(**{"Baselining/ConstraintsOverrides": limits})))
