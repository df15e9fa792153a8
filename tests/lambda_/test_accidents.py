"""Throttles, errors of a server, broken connections and lost answers."""

import pytest

from tests.lambda_.simulated_aws import OPERATIONS, Fault, Plan, SimulatedAws
from tests.lambda_.simulated_cloudformation import Disturbance, Stack, variant


@pytest.mark.parametrize("kind", ["throttle", "internal", "reset", "lost"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_few_accidents_change_nothing(aws: SimulatedAws, stack: Stack, kind: str, operation: str) -> None:
    def accidents() -> None:
        aws.faults = [Fault(kind, operation, count=3)]

    accidents()
    assert stack.create(variant(1)), stack.failures
    accidents()
    assert stack.update(variant(2)), stack.failures
    accidents()
    aws.plans.append(Plan(seconds=3000))
    assert not stack.update(variant(3), Disturbance(fails_after=60))
    accidents()
    assert stack.delete()

    stack.settle()
    assert len(aws.jobs) == 3
    assert aws.live_jobs() == []
    assert aws.violations == []


def test_a_lost_answer_of_create_is_no_obstacle(aws: SimulatedAws, stack: Stack) -> None:
    aws.faults.append(Fault("lost", "CreateProcessingJob"))

    assert stack.create(variant(1))

    assert len(aws.jobs) == 1


def test_the_name_is_taken_between_two_calls(aws: SimulatedAws, stack: Stack) -> None:
    aws.faults.append(Fault("ResourceInUse", "CreateProcessingJob"))

    assert stack.create(variant(1))

    assert aws.count("CreateProcessingJob") == 2
