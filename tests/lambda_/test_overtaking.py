"""One request of CloudFormation comes in the middle of another one, between any two calls of AWS."""

import pytest

from tests.support.simulation.simulated_aws import Plan, SimulatedAws
from tests.support.simulation.simulated_cloudformation import Disturbance, Properties, Response, Stack, variant

CALLS = range(24)
SEVERAL_POLLS = 50


def _send_and_wait(
    stack: Stack, kind: str, properties: Properties, old: Properties | None = None, physical_id: str | None = None
) -> Response:
    response = stack.answer_to(stack.event(kind, properties, old, physical_id))
    assert response.is_success, response.reason
    return response


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "physical_id", ["Stack-Baseline-1ABCDEFGHIJK", "Stack-Monitor-1A2B3C4D-0123456789abcdef-01234567"]
)
def test_a_delete_during_a_create_leaves_nothing_running(
    aws: SimulatedAws, stack: Stack, call: int, physical_id: str
) -> None:
    aws.plans.append(Plan(seconds=3000))
    deletes: list[Response] = []

    def delete() -> None:
        deletes.append(_send_and_wait(stack, "Delete", variant(1), physical_id=physical_id))

    with aws.interrupted(call, by=delete):
        stack.send(stack.event("Create", variant(1)))
        aws.world.run_until(aws.world.now + SEVERAL_POLLS)
    if not deletes:
        delete()

    assert aws.live_jobs() == []
    stack.settle()
    assert aws.live_jobs() == []
    assert len(aws.jobs) <= 1
    assert aws.violations == []


def test_the_poll_that_started_a_job_too_late_stops_it(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=3000))

    def delete_before_the_job(operation: str) -> None:
        if operation == "CreateProcessingJob":
            aws.before_call = lambda operation: None
            _send_and_wait(stack, "Delete", variant(1), physical_id="Stack-Baseline-1ABCDEFGHIJK")

    aws.before_call = delete_before_the_job
    stack.send(stack.event("Create", variant(1)))
    while not aws.jobs:
        aws.world.run_next()

    assert aws.live_jobs() == []


@pytest.mark.parametrize("call", CALLS)
def test_a_create_during_its_delete_leaves_nothing_running(aws: SimulatedAws, stack: Stack, call: int) -> None:
    aws.quota = 0
    stack.send(stack.event("Create", variant(1)))
    aws.world.run_until(aws.world.now + 5)
    aws.quota = 4

    with aws.interrupted(call, by=aws.world.run_next):  # the next event is the waiter's poll
        _send_and_wait(stack, "Delete", variant(1), physical_id="Stack-Baseline-1ABCDEFGHIJK")

    assert aws.live_jobs() == []
    stack.settle()
    assert aws.live_jobs() == []
    assert len(aws.jobs) <= 1


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("quota", [0, 4])
def test_a_rollback_during_an_update_finds_the_old_baseline(
    aws: SimulatedAws, stack: Stack, call: int, quota: int
) -> None:
    stack.create(variant(1))
    answer, old_id = stack.data, stack.physical_resource_id
    aws.plans.append(Plan(seconds=3000))
    aws.quota = quota
    rollbacks: list[Response] = []

    def roll_back() -> None:
        aws.quota = 4
        rollbacks.append(_send_and_wait(stack, "Update", variant(1), variant(2), old_id))

    with aws.interrupted(call, by=roll_back):
        stack.send(stack.event("Update", variant(2), variant(1), old_id))
        aws.world.run_until(aws.world.now + SEVERAL_POLLS)
    if not rollbacks:
        roll_back()

    stack.settle()
    assert aws.live_jobs() == []
    assert len(aws.jobs) <= 2
    assert aws.violations == []
    assert stack.update(variant(1))
    assert stack.data == answer


@pytest.mark.parametrize("call", CALLS)
def test_two_waiters_of_one_request_start_one_job(aws: SimulatedAws, stack: Stack, call: int) -> None:
    event = stack.event("Create", variant(1))

    with aws.interrupted(call, by=lambda: stack.framework.on_event(event)):
        response = stack.answer_to(event)
    assert response.is_success
    stack.settle()
    assert len(aws.jobs) == 1
    assert aws.violations == []


def test_a_late_create_is_caught_by_the_delete_before_it(aws: SimulatedAws, stack: Stack) -> None:
    create, delete = stack.event("Create", variant(1)), stack.event("Delete", variant(1), physical_id="Stack-B-1ABC")
    stack.send(delete)
    aws.world.after(3, lambda: stack.framework.on_event(create))

    response = stack.wait(delete)

    assert response
    assert response.is_success
    stack.settle()
    assert aws.live_jobs() == []
    assert [job.status for job in aws.jobs.values()] in ([], ["Stopped"])


def test_nothing_is_started_before_the_waiter_runs(aws: SimulatedAws, stack: Stack) -> None:
    # Given that the framework cannot start its state machine: it swallows the Delete that follows
    stack.framework.start_execution_fails = True

    assert not stack.create(variant(1))

    stack.settle()
    assert aws.jobs == {}


def test_a_request_that_was_called_off_does_not_come_back(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    aws.quota = 0
    stack.update(variant(2), Disturbance(fails_after=20, duplicate_after=90))
    aws.quota = 4

    stack.settle()

    assert len(aws.jobs) == 1


@pytest.mark.parametrize("quota", [0, 4])
def test_a_delete_after_a_skipped_rollback_ends_the_update(aws: SimulatedAws, stack: Stack, quota: int) -> None:
    # Given an update that waits, and a stack that the user took for rolled back without asking us
    stack.create(variant(1))
    aws.quota = quota
    aws.plans.append(Plan(seconds=3000))
    stack.send(stack.event("Update", variant(2), variant(1), stack.physical_resource_id))
    aws.world.run_until(aws.world.now + 30)
    aws.quota = 4

    assert stack.delete()

    assert aws.live_jobs() == []
    aws.world.run_until(aws.world.now + 600)
    assert aws.live_jobs() == []
    assert aws.violations == []


def test_a_call_of_a_function_that_died_is_caught(aws: SimulatedAws, stack: Stack) -> None:
    # Given a waiter in line whose function dies in the middle of a call, and with it the waiter
    aws.quota = 0
    stack.send(stack.event("Create", variant(1)))
    aws.world.run_until(aws.world.now + 5)
    request = next(params for operation, params in aws.calls if operation == "CreateProcessingJob")
    aws.world.forget_all()
    aws.quota, aws.plans = 4, [Plan(seconds=3000)]
    aws.world.after(5, lambda: aws.client("sagemaker").create_processing_job(**request))

    _send_and_wait(stack, "Delete", variant(1), physical_id="Stack-Baseline-1ABCDEFGHIJK")

    assert [job.status for job in aws.jobs.values()] == ["Stopped"]


def test_a_request_called_off_long_ago_does_not_come_back(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    aws.quota = 0
    called_off = stack.event("Update", variant(2), variant(1), stack.physical_resource_id)
    stack.send(called_off)
    aws.world.run_until(aws.world.now + 30)
    aws.quota = 4
    _send_and_wait(stack, "Update", variant(1), variant(2), stack.physical_resource_id)
    stack.update(variant(3))

    stack.send(called_off)
    stack.settle()

    assert len(aws.jobs) == 2


def test_a_job_that_ends_before_its_stop_is_no_obstacle(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=3000))

    def end_before(operation: str) -> None:
        if operation == "StopProcessingJob":
            for job in aws.jobs.values():
                job.status = "Completed"

    aws.before_call = end_before
    sent = aws.world.now

    stack.create(variant(1), Disturbance(fails_after=30))

    assert stack.failures == []
    assert aws.count("StopProcessingJob") == 1
    assert aws.world.now - sent < 60


def test_cleaning_up_the_old_baseline_keeps_the_new_one(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    old_id = stack.physical_resource_id
    stack.update(variant(2))

    _send_and_wait(stack, "Delete", variant(1), physical_id=old_id)

    assert stack.update(variant(2, **{"Baselining/TimeoutSeconds": 60}))
    assert aws.violations == []
