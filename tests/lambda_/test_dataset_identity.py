"""The data set's objects as a part of what a baseline is identified by, if the user wants that."""

from typing import Any

import pytest

from tests.support.simulation.simulated_aws import SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import Disturbance, Properties, Stack, variant


@pytest.fixture(autouse=True)
def dataset(aws: SimulatedAws) -> None:
    aws.put_file("s3://data/train/part-0.csv", b"1,2")
    aws.put_file("s3://data/train/part-1.csv", b"3,4")


def _variant(number: int, timeout: int = 3300, **changes: Any) -> Properties:
    options = {"Baselining/DatasetIdentity": True, "Baselining/TimeoutSeconds": timeout}
    return variant(number, **options, **changes)


def test_the_same_data_needs_no_job(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(_variant(1))

    assert stack.update(_variant(1, timeout=3000))

    assert len(aws.jobs) == 1


def test_other_data_needs_a_job(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(_variant(1))
    aws.put_file("s3://data/train/part-1.csv", b"5,6")

    assert stack.update(_variant(1, timeout=3000))

    assert len(aws.jobs) == 2
    assert aws.violations == []
    assert stack.delete()


def test_without_the_option_other_data_need_no_job(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    aws.put_file("s3://data/train/part-1.csv", b"5,6")

    assert stack.update(variant(1, **{"Baselining/TimeoutSeconds": 100}))

    assert len(aws.jobs) == 1


@pytest.mark.parametrize("new_id", [False, True])
def test_a_rollback_finds_the_baseline_of_the_data_as_they_were(aws: SimulatedAws, stack: Stack, new_id: bool) -> None:
    stack.create(_variant(1))
    answer = stack.data
    aws.put_file("s3://data/train/part-2.csv", b"7,8")

    assert not stack.update(_variant(2), Disturbance(fails_at_last=True, rolls_back_under_new_id=new_id))

    assert stack.data == answer
    assert len(aws.jobs) == 2


def test_going_back_by_an_update_looks_at_the_data_again(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(_variant(1))
    stack.update(_variant(2))
    aws.put_file("s3://data/train/part-2.csv", b"7,8")

    assert stack.update(_variant(1))

    assert len(aws.jobs) == 3


def test_a_delete_stops_the_job_on_data_that_have_changed(aws: SimulatedAws, stack: Stack) -> None:
    aws.world.after(30, lambda: aws.put_file("s3://data/train/part-2.csv", b"7,8"))

    assert not stack.create(_variant(1), Disturbance(fails_after=60))

    assert aws.live_jobs() == []


def test_outputs_go_with_their_own_data_only(aws: SimulatedAws, stack: Stack) -> None:
    remove: Any = {"Baselining/RemoveOutputs": True}
    stack.create(_variant(1, **remove))
    old = split(stack.data["ConstraintsS3Uri"])
    aws.put_file("s3://data/train/part-2.csv", b"7,8")

    assert stack.update(_variant(1, timeout=3000, **remove))

    assert old not in aws.objects
    assert split(stack.data["ConstraintsS3Uri"]) in aws.objects
    assert aws.violations == []


def test_outputs_below_the_data_set_do_not_count(aws: SimulatedAws, stack: Stack) -> None:
    below: Any = {"Baselining/ConfigLocation": "s3://data/train/config"}
    stack.create(_variant(1, **below))

    assert stack.update(_variant(1, timeout=3000, **below))

    assert len(aws.jobs) == 1


def test_many_objects_are_read_page_by_page(aws: SimulatedAws, stack: Stack) -> None:
    for number in range(1500):
        aws.put_file(f"s3://data/train/many/{number:05d}.csv")
    stack.create(_variant(1))
    aws.put_file("s3://data/train/many/01499.csv", b"other")

    assert stack.update(_variant(1, timeout=3000))

    assert len(aws.jobs) == 2


def test_too_many_objects_are_refused(aws: SimulatedAws, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdk_clarify_monitors_lambda.clarify_baseline.aws.storage._MAX_DATASET_PAGES", 1)
    for number in range(1500):
        aws.put_file(f"s3://data/train/many/{number:05d}.csv")

    assert not stack.create(_variant(1))

    assert "s3://data/train/ has too many objects" in stack.failures[0].reason
