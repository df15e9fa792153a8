"""For the arguments of the SageMaker Python SDK, the constructs ask AWS for the same as the SDK does."""

import inspect
from pathlib import Path
from typing import Any

import pytest

import cdk_clarify_monitors
from tests.parity.expectation import expectation
from tests.support.recorded.agreements import (
    CORRECTED,
    CORRECTED_CONFIGS,
    NOT_CARRIED_OVER,
    ONLY_ACCEPTED_HERE,
    ONLY_REFUSED_HERE,
    REFUSED,
)
from tests.support.recorded.arguments import DROPPED, SCHEDULE, SUGGEST
from tests.support.recorded.outcome import STACK, compared, deployed, synthesized
from tests.support.recorded.record import CASES, Case
from tests.support.templates.deployment import Cloud

REFUSALS = REFUSED | {id_: says for id_, (says, _) in ONLY_REFUSED_HERE.items()}
DEPLOYED = [id_ for id_ in CASES if id_ not in REFUSALS and id_ not in NOT_CARRIED_OVER]


@pytest.mark.parametrize("id_", DEPLOYED)
def test_a_deployment_asks_for_what_the_sdk_asks_for(id_: Any, tmp_path: Path) -> None:
    case = CASES[id_]
    found = compared(expectation(case), deployed(case, tmp_path))
    if found:
        pytest.fail("\n  ".join([f"{id_}, {case.title}:", *found]), pytrace=False)


@pytest.mark.parametrize(("id_", "says"), REFUSALS.items(), ids=REFUSALS)
def test_a_refusal_names_the_argument(id_: Any, says: Any, tmp_path: Path) -> None:
    with pytest.raises((ValueError, TypeError)) as refusal:
        synthesized(CASES[id_], tmp_path)
    assert says in str(refusal.value)


@pytest.mark.parametrize("id_", NOT_CARRIED_OVER)
def test_what_does_not_carry_over_is_not_there(id_: Any) -> None:
    """The recorded error comes from a call, an argument, a class or a moment that a construct does not have."""
    case = CASES[id_]
    construct = getattr(cdk_clarify_monitors, f"{case.monitor}Construct", None)
    reasons = {
        "no such class": construct is None,
        "no such method": not set(case.calls) <= {SUGGEST, SCHEDULE}
        and not any(hasattr(construct, call) for call in case.calls),
        "no such argument": construct is not None
        and not _arguments(case) <= set(inspect.signature(construct).parameters),
        "one schedule per construct": case.calls.count(SCHEDULE) > 1,
        "AWS fails a call at run time": "api_failures" in case.inputs,
    }
    assert case.error
    assert any(reasons.values()), NOT_CARRIED_OVER[id_]


def _arguments(case: Case) -> set[str]:
    return {name for call in (SUGGEST, SCHEDULE) for name in case.arguments_of(call)} - set(DROPPED)


def test_every_recorded_case_is_judged_in_one_way() -> None:
    assert len(CASES) == 138
    sdk_raises = {id_ for id_, case in CASES.items() if case.error}
    assert sdk_raises == REFUSED.keys() | NOT_CARRIED_OVER.keys() | ONLY_ACCEPTED_HERE.keys()
    assert len(REFUSED) + len(NOT_CARRIED_OVER) + len(ONLY_ACCEPTED_HERE) == len(sdk_raises)
    assert not sdk_raises & (ONLY_REFUSED_HERE.keys() | CORRECTED.keys())
    assert set(DEPLOYED) >= CORRECTED.keys() | ONLY_ACCEPTED_HERE.keys()
    assert CORRECTED.keys() >= CORRECTED_CONFIGS.keys()


def test_a_role_that_is_not_given_is_made(tmp_path: Path) -> None:
    case = CASES["P201"]
    synthesized(case, tmp_path)
    stack = Cloud(case.account, case.region).deploy(tmp_path, STACK)
    role = stack.properties("AWS::SageMaker::ModelBiasJobDefinition")["RoleArn"]
    assert role in [stack.value({"Fn::GetAtt": [id_, "Arn"]}) for id_ in stack.logical_ids("AWS::IAM::Role")]
