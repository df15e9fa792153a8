"""What must hold for a baseline, event by event: given, when, then."""

import json

import pytest

from tests.lambda_.simulated_aws import STOPPING_SECONDS, Fault, Plan, SimulatedAws, split
from tests.lambda_.simulated_cloudformation import (
    Disturbance,
    Stack,
    document,
    expected_constraints,
    properties,
    variant,
)


def test_create_runs_one_job_and_answers_with_its_constraints(aws: SimulatedAws, stack: Stack) -> None:
    wanted = variant(1)

    assert stack.create(wanted)

    assert aws.count("CreateProcessingJob") == 1
    assert set(stack.data) == {
        "BaseliningJobName",
        "ConstraintsS3Uri",
        "BaseliningAnalysisConfigS3Uri",
        "AnalysisConfigS3Uri",
    }
    job = stack.data["BaseliningJobName"]
    assert stack.data["ConstraintsS3Uri"] == f"s3://monitor/baseline/{job}/analysis.json"
    assert stack.data["BaseliningAnalysisConfigS3Uri"] == f"s3://monitor/baselining-config/{job}/analysis_config.json"
    assert aws.json(stack.data["ConstraintsS3Uri"]) == expected_constraints(wanted)
    assert aws.json(stack.data["AnalysisConfigS3Uri"]) == {"label": "target", "methods": {}}


def test_the_analysis_config_is_an_input_of_the_job(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))

    request = next(params for operation, params in aws.calls if operation == "CreateProcessingJob")
    assert [one["InputName"] for one in request["ProcessingInputs"]] == ["dataset", "analysis_config"]
    assert request["ProcessingInputs"][1]["S3Input"] == {
        "S3Uri": stack.data["BaseliningAnalysisConfigS3Uri"],
        "LocalPath": "/opt/ml/processing/input/config",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }


def test_deploy_with_nothing_changed_runs_no_job(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    answer, puts = stack.data, len(aws.objects)

    assert stack.update(variant(1, **{"Baselining/TimeoutSeconds": 600}) | {"Tags": [{"Key": "a", "Value": "b"}]})

    assert aws.count("CreateProcessingJob") == 1
    assert stack.data == answer
    assert len(aws.objects) == puts


@pytest.mark.parametrize("after", [0, 1, 15, 100, 200])
def test_the_same_create_delivered_twice_is_one_job_and_the_same_answer(
    aws: SimulatedAws, stack: Stack, after: float
) -> None:
    assert stack.create(variant(1), Disturbance(duplicate_after=after))
    answer = stack.data

    stack.settle()

    assert list(aws.jobs) == [answer["BaseliningJobName"]]
    assert [response.data for response in stack.framework.responses.values()] == [answer]
    assert stack.failures == []


def test_the_same_update_delivered_twice_does_not_retry_the_job_that_failed(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    aws.plans.append(Plan(seconds=15, status="Failed", failure_reason="boom"))

    assert not stack.update(variant(2), Disturbance(duplicate_after=18))  # the waiter looks after 20 s
    stack.settle()

    assert len(aws.jobs) == 2


def test_update_with_other_inputs_runs_a_new_job_and_leaves_the_old_files_alone(
    aws: SimulatedAws, stack: Stack
) -> None:
    stack.create(variant(1))
    old = stack.data
    before = {split(uri): aws.objects[split(uri)] for name, uri in old.items() if name.endswith("S3Uri")}

    assert stack.update(variant(2))

    assert len(aws.jobs) == 2
    assert not set(old.values()) & set(stack.data.values())
    assert {where: aws.objects[where] for where in before} == before
    assert aws.violations == []


@pytest.mark.parametrize("new_id", [False, True])
def test_rollback_finds_the_old_baseline_complete(aws: SimulatedAws, stack: Stack, new_id: bool) -> None:
    stack.create(variant(1))
    answer = stack.data

    assert not stack.update(variant(2), Disturbance(fails_at_last=True, rolls_back_under_new_id=new_id))

    assert stack.data == answer
    assert len(aws.jobs) == 2
    assert not stack.must_roll_back_from
    assert aws.violations == []


def test_a_failed_job_is_retried_under_the_next_number_by_the_next_request(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans += [Plan(status="Failed", failure_reason="boom"), Plan(status="Stopped"), Plan()]

    assert not stack.create(variant(1))
    assert not stack.create(variant(1))
    assert stack.create(variant(1))

    first, second, third = aws.jobs
    assert (second, third) == (f"{first}-2", f"{first}-3")
    assert stack.data["BaseliningJobName"] == third


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


def test_a_delete_with_a_made_up_id_stops_the_job_while_the_waiter_still_polls(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=3000))

    assert not stack.create(variant(1), Disturbance(fails_after=60))

    assert [job.status for job in aws.jobs.values()] == ["Stopped"]
    stack.settle()
    assert len(aws.jobs) == 1


def test_a_waiter_in_line_starts_nothing_after_a_delete_with_a_made_up_id(aws: SimulatedAws, stack: Stack) -> None:
    aws.quota = 0
    assert not stack.create(variant(1), Disturbance(fails_after=60))

    aws.quota = 4
    stack.settle()

    assert aws.jobs == {}


def test_a_waiter_in_line_starts_nothing_after_the_update_back_under_the_old_id(
    aws: SimulatedAws, stack: Stack
) -> None:
    stack.create(variant(1))
    answer = stack.data
    aws.quota = 0
    assert not stack.update(variant(2), Disturbance(fails_after=60))

    aws.quota = 4
    stack.settle()

    assert stack.data == answer
    assert len(aws.jobs) == 1


@pytest.mark.parametrize("kind", ["throttle", "internal", "reset", "lost"])
@pytest.mark.parametrize(
    "operation",
    [
        "CreateProcessingJob",
        "DescribeProcessingJob",
        "StopProcessingJob",
        "PutObject",
        "GetObject",
        "ListObjectsV2",
        "DeleteObject",
    ],
)
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


def test_two_monitors_with_one_output_path_do_not_touch_each_others_files(aws: SimulatedAws) -> None:
    one, other = Stack(aws), Stack(aws)
    one.create(variant(1, **{"Baselining/RemoveOutputs": True}))
    kept = dict(aws.protected)

    # Given names that are equal as far as they fit into a job's name
    other_name = {"Name": "Stack-Monitor-9Z8Y7X6W", "NamePrefix": "same"}
    other.create(variant(1, **other_name, **{"Baselining/RemoveOutputs": True}))
    other_files = dict(aws.protected)
    aws.protected = kept | other_files
    assert one.data["ConstraintsS3Uri"] != other.data["ConstraintsS3Uri"]
    aws.protected = other_files
    one.delete()

    assert all(where in aws.objects for where in other_files)
    assert aws.violations == []


def test_old_properties_of_another_version_are_no_obstacle(aws: SimulatedAws, stack: Stack) -> None:
    for old in ({"ServiceToken": "x"}, {"Baseline": "{"}, {"Baseline": json.dumps({"Version": 0})}, {"Baseline": "[]"}):
        event = stack.event("Update", variant(1), old=old, physical_id="something else")
        stack.send(event)
        response = stack.wait(event)
        assert response
        assert response.is_success
        event = stack.event("Delete", old, physical_id="something else")
        stack.send(event)
        response = stack.wait(event)
        assert response
        assert response.is_success
    assert aws.violations == []


def test_an_update_stops_what_its_id_names_if_the_old_properties_are_of_another_version(
    aws: SimulatedAws, stack: Stack
) -> None:
    aws.plans.append(Plan(seconds=3000))
    stack.send(stack.event("Create", variant(1)))
    aws.world.run_until(aws.world.now + 30)
    (job,) = aws.live_jobs()

    elsewhere = variant(2, **{"Baselining/ConfigLocation": "s3://other/config"})
    event = stack.event("Update", elsewhere, old={"ServiceToken": "x"}, physical_id=f"{job}-0123abcd")
    stack.send(event)
    stack.wait(event)

    assert aws.jobs[job].status == "Stopped"


def test_an_update_stops_what_the_claim_names_whatever_the_old_properties_say(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    aws.plans.append(Plan(seconds=3000))
    stack.send(stack.event("Update", variant(2), variant(1), stack.physical_resource_id))
    aws.world.run_until(aws.world.now + 30)
    (job,) = aws.live_jobs()

    back = stack.event("Update", variant(1), variant(1), stack.physical_resource_id)
    stack.send(back)
    stack.wait(back)

    assert aws.jobs[job].status == "Stopping"


def test_a_delete_stops_what_its_id_names_if_the_properties_are_of_another_version(
    aws: SimulatedAws, stack: Stack
) -> None:
    aws.plans.append(Plan(seconds=3000))
    stack.send(stack.event("Create", variant(1)))
    aws.world.run_until(aws.world.now + 30)
    (job,) = aws.live_jobs()

    event = stack.event("Delete", {"ServiceToken": "x"}, physical_id=f"{job}-0123abcd")
    stack.send(event)
    stack.wait(event)

    assert aws.live_jobs() == []


def test_an_exhausted_quota_makes_it_wait_in_line(aws: SimulatedAws, stack: Stack) -> None:
    aws.quota = 1
    aws.plans.append(Plan(seconds=2000))
    other = Stack(aws)
    other.send(other.event("Create", variant(7, Name="Another")))
    aws.world.run_until(aws.world.now + 30)

    assert stack.create(variant(1))

    assert len(aws.jobs) == 2
    assert aws.world.now > 1_800_002_000


def test_a_failed_job_fails_the_stack_with_sagemakers_words_and_where_the_logs_are(
    aws: SimulatedAws, stack: Stack
) -> None:
    aws.plans.append(Plan(status="Failed", failure_reason="AlgorithmError: no column x", exit_message="exit 1\n" * 900))

    assert not stack.create(variant(1))

    (failure,), (job,) = stack.failures, aws.jobs
    assert failure.reason.startswith("AlgorithmError: no column x ExitMessage: exit 1 exit 1")
    assert failure.reason.endswith(
        f"The baselining job {job} has the status Failed. "
        f"Logs: log group /aws/sagemaker/ProcessingJobs, log streams {job}/."
    )
    assert len(failure.reason) < 1000


def test_a_job_that_completes_without_constraints_fails_the_stack(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(writes_constraints=False))

    assert not stack.create(variant(1))

    (failure,), (job,) = stack.failures, aws.jobs
    assert f"The baselining job {job} is Completed, but there is no s3://monitor/baseline/{job}/" in failure.reason


def test_delete_keeps_the_results(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    files = set(aws.protected)

    assert stack.delete()

    assert files <= set(aws.objects)
    assert not [key for _, key in aws.objects if "/request-" in key], "no claim is left"


def test_what_was_deleted_is_found_again(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    answer = stack.data
    stack.delete()

    assert stack.create(variant(1))

    assert stack.data == answer
    assert len(aws.jobs) == 1


def test_replaced_and_back_is_found_again(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    answer = stack.data
    stack.update(variant(2))

    assert stack.update(variant(1))

    assert stack.data == answer
    assert len(aws.jobs) == 2


def test_a_monitor_without_a_baseline_gets_its_config_at_once(aws: SimulatedAws, stack: Stack) -> None:
    wanted = properties(document(Baselining=None))

    assert stack.create(wanted)

    assert aws.json(stack.data["AnalysisConfigS3Uri"]) == {"label": "target", "methods": {}}
    assert set(stack.data) == {"AnalysisConfigS3Uri"}
    assert stack.update(properties(document(Baselining=None, Name="Other")))
    assert stack.delete()
    assert {operation for operation, _ in aws.calls} <= {"DescribeMonitoringSchedule", "ListObjectsV2", "PutObject"}


def test_a_baseline_can_come_and_go(aws: SimulatedAws, stack: Stack) -> None:
    without = properties(document(Baselining=None))
    stack.create(without)

    assert stack.update(variant(1))
    aws.plans.append(Plan(seconds=3000))
    assert not stack.update(variant(2), Disturbance(fails_after=30))
    assert stack.update(without)
    assert stack.delete()

    stack.settle()
    assert len(aws.jobs) == 2
    assert aws.live_jobs() == []
    assert aws.violations == []


def test_given_constraints_call_off_a_waiter_of_the_baseline_before(aws: SimulatedAws, stack: Stack) -> None:
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
