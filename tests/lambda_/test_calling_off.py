"""The next request comes while a waiter still polls: no job is started or left running, whatever names it has."""

import json

import pytest

from tests.support.simulation.simulated_aws import Fault, Plan, SimulatedAws
from tests.support.simulation.simulated_cloudformation import Disturbance, Stack, document, properties, variant


def _running_job(aws: SimulatedAws, stack: Stack) -> str:
    """The job of a Create that goes on."""
    aws.plans.append(Plan(seconds=3000))
    stack.start(variant(1))
    (job,) = aws.live_jobs()
    return job


def test_a_delete_with_a_made_up_id_stops_the_running_job(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=3000))

    assert not stack.create(variant(1), Disturbance(fails_after=60))

    assert [job.status for job in aws.jobs.values()] == ["Stopped"]
    stack.settle()
    assert len(aws.jobs) == 1


def test_a_delete_with_a_made_up_id_calls_off_a_waiter_in_line(aws: SimulatedAws, stack: Stack) -> None:
    aws.quota = 0
    assert not stack.create(variant(1), Disturbance(fails_after=60))

    aws.quota = 4
    stack.settle()

    assert aws.jobs == {}


def test_an_update_back_to_the_old_id_calls_off_a_waiter(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    answer = stack.data
    aws.quota = 0
    assert not stack.update(variant(2), Disturbance(fails_after=60))

    aws.quota = 4
    stack.settle()

    assert stack.data == answer
    assert len(aws.jobs) == 1


def test_given_constraints_call_off_the_former_waiter(aws: SimulatedAws, stack: Stack) -> None:
    without = properties(document(Baselining=None))
    stack.create(without)
    aws.quota = 0
    stack.update(variant(1), Disturbance(fails_after=30))

    aws.quota = 4
    stack.settle()

    assert aws.jobs == {}
    assert set(stack.data) == {"AnalysisConfigS3Uri"}


@pytest.mark.parametrize("accident", ["throttle", "internal", "reset", "lost"])
def test_other_locations_call_off_the_waiter_at_the_old_ones(aws: SimulatedAws, stack: Stack, accident: str) -> None:
    stack.create(variant(1))
    aws.quota = 0
    elsewhere = variant(1, **{"Baselining/ConfigLocation": "s3://other/config"})
    aws.world.after(25, lambda: aws.faults.append(Fault(accident, "DeleteObject", count=2)))
    assert not stack.update(elsewhere, Disturbance(fails_after=30))

    aws.quota = 4
    stack.settle()

    assert len(aws.jobs) == 1


def test_the_job_at_a_location_that_is_gone_is_stopped(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    aws.plans.append(Plan(seconds=3000))
    aws.world.after(25, lambda: aws.missing_buckets.add("other"))

    stack.update(variant(1, **{"Baselining/ConfigLocation": "s3://other/config"}), Disturbance(fails_after=30))

    assert aws.live_jobs() == []
    assert not stack.must_roll_back_from


def test_an_update_stops_the_job_that_the_claim_names(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    aws.plans.append(Plan(seconds=3000))
    stack.send(stack.event("Update", variant(2), variant(1), stack.physical_resource_id))
    aws.world.run_until(aws.world.now + 30)
    (job,) = aws.live_jobs()

    back = stack.event("Update", variant(1), variant(1), stack.physical_resource_id)
    stack.answer_to(back)

    assert aws.jobs[job].status == "Stopping"


def test_an_update_from_another_version_stops_the_job_of_its_id(aws: SimulatedAws, stack: Stack) -> None:
    job = _running_job(aws, stack)

    elsewhere = variant(2, **{"Baselining/ConfigLocation": "s3://other/config"})
    event = stack.event("Update", elsewhere, old={"ServiceToken": "x"}, physical_id=f"{job}-0123abcd")
    stack.answer_to(event)

    assert aws.jobs[job].status == "Stopped"


def test_a_delete_from_another_version_stops_the_job_of_its_id(aws: SimulatedAws, stack: Stack) -> None:
    job = _running_job(aws, stack)

    event = stack.event("Delete", {"ServiceToken": "x"}, physical_id=f"{job}-0123abcd")
    stack.answer_to(event)

    assert aws.live_jobs() == []


def test_old_properties_of_another_version_are_no_obstacle(aws: SimulatedAws, stack: Stack) -> None:
    for old in ({"ServiceToken": "x"}, {"Baseline": "{"}, {"Baseline": json.dumps({"Version": 0})}, {"Baseline": "[]"}):
        response = stack.answer_to(stack.event("Update", variant(1), old=old, physical_id="something else"))
        assert response.is_success
        response = stack.answer_to(stack.event("Delete", old, physical_id="something else"))
        assert response.is_success
    assert aws.violations == []
