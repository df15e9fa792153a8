"""Jobs that a request finds: running, stopping, failed, or without a result."""

from tests.support.simulation.simulated_aws import STOPPING_SECONDS, Plan, SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import Disturbance, Stack, expected_constraints, variant


def test_the_next_request_retries_a_failed_job(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans += [Plan(status="Failed", failure_reason="boom"), Plan(status="Stopped"), Plan()]

    assert not stack.create(variant(1))
    assert not stack.create(variant(1))
    assert stack.create(variant(1))

    first, second, third = aws.jobs
    assert (second, third) == (f"{first}-2", f"{first}-3")
    assert stack.data["BaseliningJobName"] == third


def test_an_update_delivered_twice_does_not_retry_a_failed_job(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    aws.plans.append(Plan(seconds=15, status="Failed", failure_reason="boom"))

    assert not stack.update(variant(2), Disturbance(duplicate_after=18))  # the waiter looks after 20 s
    stack.settle()

    assert len(aws.jobs) == 2


def test_a_running_job_of_this_name_is_adopted(aws: SimulatedAws, stack: Stack) -> None:
    # Given a job that an earlier Create started and that nobody stopped: SageMaker refused.
    aws.plans.append(Plan(seconds=600))
    event = stack.event("Create", variant(1))
    stack.send(event)
    aws.world.run_until(aws.world.now + 60)

    assert stack.create(variant(1))

    assert len(aws.jobs) == 1
    assert aws.count("StopProcessingJob") == 0


def test_a_stopping_job_is_not_adopted(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    aws.plans.append(Plan(seconds=600))
    stack.update(variant(2), Disturbance(fails_after=20))  # rolled back at once: its job is Stopping
    aws.world.run_until(aws.world.now + STOPPING_SECONDS / 4)
    assert [job.status for job in aws.jobs.values()] == ["Completed", "Stopping"]

    assert stack.update(variant(2))

    assert stack.data["BaseliningJobName"].endswith("-2")


def test_a_result_that_is_gone_is_computed_again(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    first = stack.data["BaseliningJobName"]
    aws.protected.clear()
    del aws.objects[split(stack.data["ConstraintsS3Uri"])]

    assert stack.update(variant(1, **{"Baselining/TimeoutSeconds": 600}))

    assert stack.data["BaseliningJobName"] == f"{first}-2"
    assert aws.json(stack.data["ConstraintsS3Uri"]) == expected_constraints(variant(1))


def test_a_job_that_vanishes_is_started_again(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=300))
    aws.world.after(60, aws.jobs.clear)

    assert stack.create(variant(1))


def test_a_hundred_jobs_for_nothing_are_enough(aws: SimulatedAws, stack: Stack) -> None:
    for _ in range(100):
        aws.plans.append(Plan(seconds=1, status="Failed", failure_reason="boom"))
        stack.create(variant(1))
    stack.failures.clear()

    assert not stack.create(variant(1))

    assert len(aws.jobs) == 100
    assert "BaselineOptions(version=...)" in stack.failures[0].reason
    assert stack.create(variant(1, **{"Baselining/BaselineVersion": "2"}))


def test_a_failed_job_is_reported_with_its_reason_and_log(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(status="Failed", failure_reason="AlgorithmError: no column x", exit_message="exit 1\n" * 900))

    assert not stack.create(variant(1))

    (failure,), (job,) = stack.failures, aws.jobs
    assert failure.reason.startswith("AlgorithmError: no column x ExitMessage: exit 1 exit 1")
    assert failure.reason.endswith(
        f"The baselining job {job} has the status Failed. "
        f"Logs: log group /aws/sagemaker/ProcessingJobs, log streams {job}/."
    )
    assert len(failure.reason) < 1000


def test_a_job_without_constraints_fails_the_stack(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(writes_constraints=False))

    assert not stack.create(variant(1))

    (failure,), (job,) = stack.failures, aws.jobs
    assert f"The baselining job {job} is Completed, but there is no s3://monitor/baseline/{job}/" in failure.reason
