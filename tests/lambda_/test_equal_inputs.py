"""Equal inputs have one job and one answer, other inputs have their own; nobody's files are touched."""

import pytest

from tests.support.simulation.simulated_aws import Plan, SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import (
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
def test_a_create_delivered_twice_is_one_job_and_one_answer(aws: SimulatedAws, stack: Stack, after: float) -> None:
    assert stack.create(variant(1), Disturbance(duplicate_after=after))
    answer = stack.data

    stack.settle()

    assert list(aws.jobs) == [answer["BaseliningJobName"]]
    assert [response.data for response in stack.framework.responses.values()] == [answer]
    assert stack.failures == []


def test_an_update_with_other_inputs_keeps_the_old_files(aws: SimulatedAws, stack: Stack) -> None:
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


def test_monitors_of_one_output_path_keep_their_files_apart(aws: SimulatedAws) -> None:
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
