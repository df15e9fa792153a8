"""DeleteProcessingJob: records of jobs that have ended go, and their names are free again. The result in S3 counts."""

import itertools

import pytest

from tests.support.simulation.simulated_aws import Plan, SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import Disturbance, Stack, variant

FAILED = Plan(seconds=30, status="Failed", failure_reason="boom")


def _deployed_after(failures: int, aws: SimulatedAws, stack: Stack) -> dict[str, str]:
    aws.plans += [FAILED] * failures
    for _ in range(failures):
        assert not stack.create(variant(1))
    assert stack.create(variant(1))
    return dict(stack.data)


@pytest.mark.parametrize(
    "change",
    [
        {"Baselining/TimeoutSeconds": 600},
        {"Monitoring/AnalysisConfig": {"label": "other"}},
        {"UploadKmsKeyId": "arn:aws:kms:us-west-2:123456789012:key/1"},
        {"Baselining/ProcessingJob/RoleArn": "arn:aws:iam::123456789012:role/other"},
    ],
)
@pytest.mark.parametrize("failures", range(4))
def test_an_update_finds_the_result_without_the_record(
    aws: SimulatedAws, stack: Stack, failures: int, change: dict[str, object]
) -> None:
    answer = _deployed_after(failures, aws, stack)
    aws.delete_ended_jobs()

    assert stack.update(variant(1, **change))

    assert aws.jobs == {}
    assert stack.data["ConstraintsS3Uri"] == answer["ConstraintsS3Uri"]
    assert aws.violations == []


@pytest.mark.parametrize("kept", list(itertools.product((True, False), repeat=3)))
def test_any_of_the_records_can_go(aws: SimulatedAws, stack: Stack, kept: tuple[bool, ...]) -> None:
    answer = _deployed_after(2, aws, stack)
    for name, keep in zip(list(aws.jobs), kept, strict=True):
        if not keep:
            del aws.jobs[name]

    assert stack.update(variant(1, **{"Baselining/TimeoutSeconds": 600}))

    assert stack.data == answer
    assert len(aws.jobs) == sum(kept)


def test_a_rollback_finds_the_result_without_the_record(aws: SimulatedAws, stack: Stack) -> None:
    answer = _deployed_after(1, aws, stack)
    aws.plans.append(FAILED)
    aws.world.after(20, aws.delete_ended_jobs)

    assert not stack.update(variant(2))

    assert stack.data == answer
    assert not stack.must_roll_back_from
    assert aws.violations == []


def test_a_record_that_goes_at_once_costs_no_second_job(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=45))
    aws.world.after(46, aws.delete_ended_jobs)

    assert stack.create(variant(1))

    assert aws.count("CreateProcessingJob") == 1


@pytest.mark.parametrize("failures", range(1, 4))
@pytest.mark.parametrize("hand_over", ["WhenStarted", "AtTimeout", None])
def test_a_delete_stops_the_job_behind_a_gap(
    aws: SimulatedAws, stack: Stack, failures: int, hand_over: str | None
) -> None:
    aws.plans += [FAILED] * failures + [Plan(seconds=99_999)]
    for _ in range(failures):
        stack.create(variant(1))
    event = stack.event("Create", variant(1, **{"Baselining/HandOver": hand_over}))
    stack.send(event)
    aws.world.run_until(aws.world.now + 60)
    aws.delete_ended_jobs()
    assert len(aws.live_jobs()) == 1

    delete = stack.event("Delete", event["ResourceProperties"], physical_id="Stack-Baseline-1ABCDEFGH9")
    assert stack.answer_to(delete).is_success

    assert aws.live_jobs() == []


def test_an_update_stops_the_superseded_job_behind_a_gap(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    aws.plans.append(FAILED)
    stack.update(variant(2))
    aws.plans.append(Plan(seconds=99_999))
    stack.send(stack.event("Update", variant(2), variant(1), stack.physical_resource_id))
    aws.world.run_until(aws.world.now + 60)
    (job,) = aws.live_jobs()
    assert job.endswith("-2")
    aws.delete_ended_jobs()

    assert stack.update(variant(1))

    assert aws.live_jobs() == []


def test_files_of_a_failed_job_are_not_written_over(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(FAILED)
    stack.create(variant(1))
    (name,) = aws.delete_ended_jobs()
    aws.put_file(f"s3://monitor/baseline/{name}/report.html", b"what the failed job has left")

    assert stack.create(variant(1))

    assert stack.data["BaseliningJobName"] == f"{name}-2"
    assert aws.objects["monitor", f"baseline/{name}/report.html"] == b"what the failed job has left"


def test_outputs_are_removed_without_records(aws: SimulatedAws, stack: Stack) -> None:
    removes = {"Baselining/RemoveOutputs": True}
    aws.plans.append(FAILED)
    stack.create(variant(1, **removes))
    stack.create(variant(1, **removes))
    aws.delete_ended_jobs()

    assert stack.delete()

    assert [key for _, key in aws.objects if "request-" not in key] == []


def test_a_result_without_a_record_survives_a_failed_update(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    constraints = aws.objects[split(stack.data["ConstraintsS3Uri"])]
    aws.delete_ended_jobs()

    stack.update(variant(2), Disturbance(fails_at_last=True))

    assert aws.objects[split(stack.data["ConstraintsS3Uri"])] == constraints
    assert aws.violations == []
