"""Values of the baseline that dashboards show: the custom resource answers them, and they are in nobody's way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cdk_clarify_monitors_lambda.clarify_baseline.model.constraints import baseline_value
from tests.support.simulation.simulated_aws import Fault, SimulatedAws, bias_metrics
from tests.support.simulation.simulated_cloudformation import Disturbance, Properties, Stack, document, properties

HIDDEN = '0,"visible":false'


def _of(metric: str, facet: str = "age", value: str = "40") -> dict[str, str]:
    return {"Metric": metric, "Facet": facet, "FacetValue": value}


def _showing(*metrics: str, **changes: Any) -> Properties:
    values = {"BaselineValues": [_of(metric) for metric in metrics]} if metrics else {}
    return properties(document(**changes), **values)


def _values(stack: Stack) -> dict[str, str]:
    return {name: value for name, value in stack.data.items() if name.startswith("Value")}


@pytest.fixture(autouse=True)
def measured(aws: SimulatedAws) -> None:
    aws.metrics = bias_metrics("DPPL", "DI")


# ---------------------------------------------------------------- in a stack
def test_the_answer_has_a_value_for_each_line(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create(_showing("DPPL", "AD", "DI"))

    assert _values(stack) == {"Value1": "0.25", "Value2": HIDDEN, "Value3": "0.25"}
    assert aws.violations == []


@pytest.mark.parametrize("chosen", [("DI",), ("DI", "DPPL"), ()])
def test_other_lines_run_no_job(aws: SimulatedAws, stack: Stack, chosen: tuple[str, ...]) -> None:
    stack.create(_showing("DPPL"))
    before = {**stack.data}

    assert stack.update(_showing(*chosen))

    assert len(aws.jobs) == 1
    assert len(_values(stack)) == len(chosen)
    assert {name: stack.data[name] for name in before if name != "Value1"} == {
        name: value for name, value in before.items() if name != "Value1"
    }


@pytest.mark.parametrize(("old", "new"), [((), ("DI",)), (("DPPL",), ()), (("DPPL",), ("DI", "DPPL"))])
def test_a_rollback_leads_back_to_the_former_lines(
    aws: SimulatedAws, stack: Stack, old: tuple[str, ...], new: tuple[str, ...]
) -> None:
    stack.create(_showing(*old))
    answer = stack.data

    assert not stack.update(_showing(*new, **{"Baselining/BaselineVersion": "2"}), Disturbance(fails_at_last=True))

    assert stack.data == answer
    assert aws.violations == []


def test_a_new_baseline_has_new_values(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(_showing("DPPL"))
    aws.metrics = bias_metrics("DPPL", value=-0.125)

    assert stack.update(_showing("DPPL", **{"Baselining/BaselineVersion": "2"}))

    assert _values(stack) == {"Value1": "-0.125"}


def test_lines_show_what_was_suggested_beside_limits(stack: Stack) -> None:
    limits = {"Baselining/ConstraintsOverrides": [{"Metric": "DPPL", "AtMost": 0.5}]}

    assert stack.create(_showing("DPPL", **limits))

    assert _values(stack) == {"Value1": "0.25"}


def test_a_baseline_that_cannot_be_read_hides_lines(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create(_showing())
    aws.faults.append(Fault("KMS.DisabledException", "GetObject", count=99))

    assert stack.update(_showing("DPPL"))

    assert _values(stack) == {"Value1": HIDDEN}
    assert len(aws.jobs) == 1


def test_a_right_that_is_new_is_waited_for(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create(_showing())
    fault = Fault("AccessDenied", "GetObject", count=99, until=aws.world.now + 60, status=403)
    stack.send(event := stack.event("Update", _showing("DPPL"), _showing(), stack.physical_resource_id))
    aws.world.run_until(aws.world.now + 1)
    aws.faults.append(fault)

    response = stack.wait(event)

    assert response is not None
    assert response.data["Value1"] == "0.25"


@pytest.mark.parametrize(("count", "fits"), [(75, True), (100, False)])
def test_too_many_values_fail_before_they_cost_anything(
    aws: SimulatedAws, stack: Stack, count: int, fits: bool
) -> None:
    response = stack.answer_to(stack.event("Create", _showing(*["DPPL"] * count)))

    assert response.is_success == fits
    assert len(aws.jobs) == fits
    assert fits or "CloudFormation takes answers of 4096 bytes, this one has " in response.reason


# ---------------------------------------------------------------- in a file
def _file(*groups: tuple[str, Any]) -> dict[str, Any]:
    facet = [{"value_or_threshold": name, "metrics": [{"name": "DPPL", "value": value}]} for name, value in groups]
    return {"version": "1.0", "post_training_bias_metrics": {"facets": {"age": facet}}}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.1, 0.1),
        (-1, -1.0),
        (0, 0.0),
        (1e-300, 1e-300),
        (1.7976931348623157e308, 1.7976931348623157e308),
        (10**400, None),
        (True, None),
        (None, None),
        ("Infinity", None),
        ("-Infinity", None),
        ("0.5", None),
        (float("nan"), None),
        (float("inf"), None),
        ([0.1], None),
    ],
)
def test_only_a_finite_number_is_a_value(value: Any, shown: float | None) -> None:
    found = baseline_value(_file(("(40, 79]", value)), _of("DPPL"))

    assert found == shown
    assert found is None or json.loads(repr(found)) == value


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (_of("DPPL", value="0"), 0.1),
        (_of("DPPL", value="1"), 0.2),
        (_of("DPPL", value="1.0"), None),
        (_of("DPPL", value="0, 1"), None),
        (_of("DPPL", facet="sex", value="0"), None),
        (_of("DI", value="0"), None),
        ({"Label": "label0"}, None),
    ],
)
def test_groups_have_values_of_their_own(wanted: dict[str, str], shown: float | None) -> None:
    assert baseline_value(_file(("0", 0.1), ("1", 0.2)), wanted) == shown


@pytest.mark.parametrize(
    "analysis",
    [
        None,
        [],
        "text",
        {},
        {"post_training_bias_metrics": None},
        {"post_training_bias_metrics": {"facets": []}},
        {"post_training_bias_metrics": {"facets": {"age": {}}}},
        {"post_training_bias_metrics": {"facets": {"age": [{"metrics": [{}]}]}}},
        {"post_training_bias_metrics": {"facets": {"age": [{"value_or_threshold": "40"}]}}},
        {**_file(("40", 0)), "pre_training_bias_metrics": {"facets": {"age": [{"metrics": 1}]}}},
        {"explanations": {"kernel_shap": {"label0": None}}},
        {"explanations": {"kernel_shap": {"label0": {"expected_value": "high"}}}},
    ],
)  # fmt: skip
def test_a_file_of_another_form_has_no_value(analysis: Any) -> None:
    assert baseline_value(analysis, _of("DPPL")) is None
    assert baseline_value(analysis, {"Label": "label0"}) is None


def test_an_expected_value_has_the_name_of_its_label() -> None:
    labels = {"yes": {"expected_value": 0.4}, "no": {"expected_value": 0.6}}

    assert baseline_value({"explanations": {"kernel_shap": labels}}, {"Label": "no"}) == 0.6
