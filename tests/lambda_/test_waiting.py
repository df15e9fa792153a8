"""What is waited for, how long, and what is said when it was too long."""

from typing import Any

import pytest

from tests.support.simulation.simulated_aws import Fault, Plan, RefusedError, SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import (
    Disturbance,
    Response,
    Stack,
    document,
    properties,
    variant,
)


def _seconds(aws: SimulatedAws, stack: Stack) -> float:
    """How long a Create takes that fails."""
    sent = aws.world.now
    assert not stack.answer_to(stack.event("Create", variant(1))).is_success
    return aws.world.now - sent


def _delete(aws: SimulatedAws, stack: Stack) -> tuple[Response, float]:
    """Delete under an id that CloudFormation made up, and say how many seconds that takes."""
    sent = aws.world.now
    response = stack.answer_to(stack.event("Delete", variant(1), physical_id="Stack-Baseline-1ABC"))
    return response, aws.world.now - sent


def test_a_job_that_takes_too_long_is_stopped(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=10_000))

    assert 3300 <= _seconds(aws, stack) < 3350

    (failure,), (job,) = stack.failures, aws.jobs
    assert failure.reason == (
        f"The baselining job {job} has not completed in 3300 s: its status is InProgress. "
        "It is stopped, and the next deployment starts it again. Give it more time with BaselineOptions(timeout=...). "
        f"Logs: log group /aws/sagemaker/ProcessingJobs, log streams {job}/."
    )
    assert aws.live_jobs() == []


def test_more_time_can_be_given_without_another_baseline(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=200))
    assert not stack.create(variant(1, **{"Baselining/TimeoutSeconds": 100}))

    assert stack.create(variant(1, **{"Baselining/TimeoutSeconds": 1000}))

    first, second = aws.jobs
    assert second == f"{first}-2"


def test_an_exhausted_quota_makes_it_wait_in_line(aws: SimulatedAws, stack: Stack) -> None:
    aws.quota = 1
    aws.plans.append(Plan(seconds=2000))
    other = Stack(aws)
    other.send(other.event("Create", variant(7, Name="Another")))
    aws.world.run_until(aws.world.now + 30)

    assert stack.create(variant(1))

    assert len(aws.jobs) == 2
    assert aws.world.now > 1_800_002_000


def test_an_exhausted_quota_is_waited_for_until_the_timeout(aws: SimulatedAws, stack: Stack) -> None:
    aws.quota = 1
    aws.plans.append(Plan(seconds=10_000))
    Stack(aws).send(stack.event("Create", variant(7, Name="Another", **{"Baselining/TimeoutSeconds": 9000})))
    aws.world.run_until(aws.world.now + 30)

    assert 3270 <= _seconds(aws, stack) < 3350

    (failure,) = stack.failures
    assert "CreateProcessingJob was refused: ResourceLimitExceeded: The account-level service limit" in failure.reason
    assert "has not completed in 3300 s" in failure.reason
    assert len(aws.jobs) == 1


def test_a_quota_smaller_than_the_job_fails_sooner(aws: SimulatedAws, stack: Stack) -> None:
    aws.quota = 0

    assert 600 <= _seconds(aws, stack) < 650

    assert "is 0 Instances, with current utilization of 0 Instances" in stack.failures[0].reason


def test_a_superseded_job_does_not_keep_the_line_from_moving(aws: SimulatedAws, stack: Stack) -> None:
    # Given an update whose job takes the last instance, and a rollback to a baseline whose result is gone
    stack.create(variant(1))
    aws.protected.clear()
    del aws.objects[split(stack.data["ConstraintsS3Uri"])]
    aws.quota = 1
    aws.plans.append(Plan(seconds=10_000))

    stack.update(variant(2), Disturbance(fails_after=60))

    assert not stack.must_roll_back_from
    assert aws.world.now < 1_800_000_600


def test_constraints_that_are_listed_late_are_waited_for(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=30, writes_constraints=False))
    stack.send(event := stack.event("Create", variant(1)))
    while not aws.jobs:
        aws.world.run_next()
    (job,) = aws.jobs
    aws.world.after(33, lambda: aws.put_file(f"s3://monitor/baseline/{job}/analysis.json"))

    response = stack.wait(event)

    assert response
    assert response.is_success, response.reason


def test_a_request_delivered_twice_has_the_time_of_one(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=10_000))
    stack.send(event := stack.event("Create", variant(1)))
    aws.world.after(600, lambda: stack.framework.on_event(event))

    stack.settle()

    (job,) = aws.jobs.values()
    assert job.stopped_at
    assert job.stopped_at - job.started_at < 3350


def test_a_new_role_is_waited_for(aws: SimulatedAws, stack: Stack) -> None:
    aws.role_ready_at = aws.world.now + 60

    assert stack.create(variant(1))


def test_a_role_that_cannot_be_assumed_fails_soon(aws: SimulatedAws, stack: Stack) -> None:
    aws.role_ready_at = float("inf")

    assert 120 <= _seconds(aws, stack) < 160

    assert "Could not assume role arn:aws:iam::123456789012:role/job" in stack.failures[0].reason


@pytest.mark.parametrize("operation", ["PutObject", "GetObject", "ListObjectsV2"])
def test_rights_that_come_some_seconds_late_are_waited_for(aws: SimulatedAws, stack: Stack, operation: str) -> None:
    aws.faults.append(Fault("AccessDenied", operation, 1000, aws.world.now + 40))

    assert stack.create(variant(1)), stack.failures


def test_an_object_that_is_missing_may_be_called_forbidden(aws: SimulatedAws, stack: Stack) -> None:
    # Given S3's answer to those who may list some prefixes of the bucket only
    get = aws._GetObject

    def forbid(params: dict[str, Any]) -> dict[str, Any]:
        if (params["Bucket"], params["Key"]) not in aws.objects:
            raise RefusedError("AccessDenied", "Access Denied")
        return get(params)

    aws._GetObject = forbid  # type: ignore[method-assign]

    assert stack.create(variant(1))

    assert aws.world.now < 1_800_000_140


@pytest.mark.parametrize(
    ("operation", "code", "place"),
    [
        ("PutObject", "AccessDenied", "(s3://monitor/baselining-config/Stack-Monitor-1A2B3C4D/request-"),
        ("CreateProcessingJob", "AccessDeniedException", ""),
        ("DescribeProcessingJob", "AccessDeniedException", ""),
    ],
)
def test_rights_that_are_missing_fail_soon_and_are_named(
    aws: SimulatedAws, stack: Stack, operation: str, code: str, place: str
) -> None:
    aws.faults.append(Fault(code, operation, 1000, message=f"not authorized to perform: {operation}"))

    assert _seconds(aws, stack) < 130

    reason = stack.failures[0].reason
    assert reason.startswith(f"{operation}{' ' + place if place else ''}")
    assert f"{code}: not authorized to perform: {operation}" in reason


def test_a_refusal_fails_at_once(aws: SimulatedAws, stack: Stack) -> None:
    aws.faults.append(Fault("ValidationException", "CreateProcessingJob", 1000, message="1 error: no such subnet"))

    assert _seconds(aws, stack) < 5

    assert "CreateProcessingJob was refused: ValidationException: 1 error: no such subnet" in stack.failures[0].reason
    assert "The baselining job would be Stack-Monitor-1A2B3C4D-" in stack.failures[0].reason


def test_a_request_that_sagemakers_model_refuses_fails_at_once(aws: SimulatedAws, stack: Stack) -> None:
    assert not stack.create(variant(1, **{"Baselining/ProcessingJob/RoleArn": 5}))

    assert "Invalid type for parameter RoleArn" in stack.failures[0].reason


def test_a_bucket_that_is_not_there_fails_at_once(aws: SimulatedAws, stack: Stack) -> None:
    aws.missing_buckets.add("monitor")

    assert _seconds(aws, stack) < 5

    assert "NoSuchBucket" in stack.failures[0].reason


def test_accidents_without_end_end_with_the_timeout(aws: SimulatedAws, stack: Stack) -> None:
    event = stack.event("Create", variant(1))
    stack.send(event)
    aws.world.run_until(aws.world.now + 30)
    aws.faults.append(Fault("internal", "DescribeProcessingJob", 10_000))

    response = stack.wait(event)

    assert response
    assert "DescribeProcessingJob was refused: InternalFailure" in response.reason
    assert "has not completed in 3300 s" in response.reason


def test_accidents_without_end_do_not_keep_on_event(aws: SimulatedAws, stack: Stack) -> None:
    aws.faults.append(Fault("throttle", None, 10_000))

    assert _seconds(aws, stack) < 90

    assert "ThrottlingException" in stack.failures[0].reason


def test_waiting_for_a_config_without_a_baseline_ends(aws: SimulatedAws, stack: Stack) -> None:
    aws.faults.append(Fault("internal", "PutObject", 10_000))
    sent = aws.world.now

    response = stack.answer_to(stack.event("Create", properties(document(Baselining=None))))

    assert aws.world.now - sent < 330
    assert response.reason.startswith("The analysis config could not be written in 300 s: PutObject (s3://monitor/")


def test_the_frameworks_own_timeout_leaves_no_job(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=10_000))

    assert not stack.create(variant(1, **{"Baselining/TimeoutSeconds": 99_999}), Disturbance(service_timeout=3700))

    assert stack.failures[0].reason == "Operation timed out"
    assert aws.live_jobs() == []


def test_a_delete_that_may_not_stop_the_job_says_so(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=3000))
    stack.start(variant(1))
    aws.faults.append(Fault("AccessDeniedException", "StopProcessingJob", 1000, message="no"))

    response, seconds = _delete(aws, stack)

    assert response.reason == (
        "StopProcessingJob was refused: AccessDeniedException: no A baselining job may be left running."
    )
    assert seconds < 130


def test_a_delete_that_may_not_look_at_the_jobs_any_more_ends(aws: SimulatedAws, stack: Stack) -> None:
    # CloudFormation updates the functions' rights before it deletes a monitor that was taken out of the stack.
    assert stack.create(variant(1))
    aws.faults.append(Fault("AccessDeniedException", "DescribeProcessingJob", 1000, message="no"))

    response, seconds = _delete(aws, stack)

    assert response.is_success
    assert seconds < 130


def test_a_job_that_never_ends_stopping_does_not_keep_a_delete(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=3000))
    stack.start(variant(1))
    (job,) = aws.jobs.values()
    job.status = "Stopping"

    response, seconds = _delete(aws, stack)

    assert response.is_success
    assert seconds < 650
