"""Calls that take long, and events that come late: no job is left running."""

import contextlib

import pytest

from tests.support.simulation.simulated_aws import Plan, SimulatedAws
from tests.support.simulation.simulated_cloudformation import Disturbance, Stack, variant

HOUR = 3600


class FunctionKilledError(BaseException):
    """The function's time is up, or its code is deleted, in the middle of a call."""


@pytest.mark.parametrize("slow", [1, 5, 9, 12, 21, 45, 90])
@pytest.mark.parametrize("killed", [False, True])
def test_a_delete_waits_for_the_effect_of_a_slow_create_call(
    aws: SimulatedAws, stack: Stack, slow: int, killed: bool
) -> None:
    aws.plans.append(Plan(seconds=40_000))
    aws.create_seconds = slow
    delete = stack.event("Delete", variant(1), physical_id="Stack-Baseline-1ABCDEFGH1")
    real = aws._CreateProcessingJob

    def create(params: dict[str, object]) -> dict[str, object]:
        aws.world.after(1, lambda: stack.framework.on_event(delete))
        answer = real(params)
        if killed:
            raise FunctionKilledError
        return answer

    aws._CreateProcessingJob = create  # type: ignore[method-assign]
    stack.send(stack.event("Create", variant(1)))
    with contextlib.suppress(FunctionKilledError):
        aws.world.run_until(aws.world.now + 10)
    response = stack.wait(delete)

    assert response
    assert response.is_success
    assert aws.live_jobs() == []
    aws.world.run_until(aws.world.now + HOUR)
    assert aws.live_jobs() == []


@pytest.mark.parametrize("slow", [5, 45, 90])
def test_a_rollback_waits_for_the_effect_of_a_slow_create_call(aws: SimulatedAws, stack: Stack, slow: int) -> None:
    stack.create(variant(1))
    answer = stack.data
    aws.plans.append(Plan(seconds=40_000))
    aws.create_seconds = slow
    back = stack.event("Update", variant(1), variant(2), stack.physical_resource_id)
    aws.world.after(2, lambda: stack.framework.on_event(back))
    stack.send(stack.event("Update", variant(2), variant(1), stack.physical_resource_id))

    response = stack.wait(back)

    assert response
    assert response.data == answer
    aws.world.run_until(aws.world.now + 100)
    assert aws.live_jobs() == []


def test_a_call_that_was_refused_holds_up_no_delete(aws: SimulatedAws, stack: Stack) -> None:
    aws.quota = 0
    stack.start(variant(1))
    sent = aws.world.now

    delete = stack.event("Delete", variant(1), physical_id="Stack-Baseline-1ABCDEFGH1")
    assert stack.answer_to(delete).is_success

    assert aws.world.now - sent < 30


@pytest.mark.parametrize("late", [1, 5, 20, 300, 5 * HOUR])
def test_a_create_that_comes_after_its_delete_starts_nothing(aws: SimulatedAws, stack: Stack, late: int) -> None:
    create = stack.event("Create", variant(1))
    delete = stack.event("Delete", variant(1), physical_id="Stack-Baseline-1ABCDEFGH1")
    assert stack.answer_to(delete).is_success
    aws.world.run_until(aws.world.now + late)

    stack.framework.on_event(create)
    stack.settle()

    assert aws.jobs == {}


def test_a_create_that_comes_late_twice_starts_nothing(aws: SimulatedAws, stack: Stack) -> None:
    create = stack.event("Create", variant(1))
    stack.answer_to(stack.event("Delete", variant(1), physical_id="Stack-Baseline-1ABCDEFGH1"))

    for _ in range(2):
        stack.framework.on_event(create)
        stack.settle()

    assert aws.jobs == {}


def test_one_create_is_refused_not_those_of_later_deployments(aws: SimulatedAws, stack: Stack) -> None:
    create = stack.event("Create", variant(1))
    stack.answer_to(stack.event("Delete", variant(1), physical_id="Stack-Baseline-1ABCDEFGH1"))
    stack.framework.on_event(create)

    assert stack.create(variant(1))


def test_an_overtaken_create_that_never_comes_blocks_no_other(aws: SimulatedAws, stack: Stack) -> None:
    stack.answer_to(stack.event("Delete", variant(1), physical_id="Stack-Baseline-1ABCDEFGH1"))
    assert not stack.create(variant(1))
    assert "If this is the newest one, deploy once more." in stack.failures[0].reason
    assert stack.create(variant(1))

    assert stack.delete()
    stack.answer_to(stack.event("Delete", variant(2), physical_id="Stack-Baseline-1ABCDEFGH1"))
    aws.world.run_until(aws.world.now + 7 * HOUR)
    assert stack.create(variant(2))


def test_a_create_after_a_failed_one_is_not_taken_for_late(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1), Disturbance(fails_after=20))
    aws.world.run_until(aws.world.now + 60)

    assert stack.create(variant(1))
