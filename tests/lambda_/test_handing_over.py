"""Resources that wait for one job in turn, because CloudFormation gives each of them one hour."""

from typing import Any

import pytest

from tests.support.simulation.simulated_aws import Plan, SimulatedAws
from tests.support.simulation.simulated_cloudformation import Properties, Response, Stack, variant


def _link(number: int, hand_over: str | None, **changes: Any) -> Properties:
    return variant(number, **{"Baselining/HandOver": hand_over}, **changes)


def _request(stack: Stack, kind: str, link: str, properties: Properties, **more: Any) -> Response:
    event = stack.event(kind, properties, **more) | {"LogicalResourceId": link}
    return stack.answer_to(event)


def test_a_job_of_two_hours_is_handed_over(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=7200))

    answers = [
        _request(stack, "Create", "Baseline", _link(1, "AtTimeout")),
        _request(stack, "Create", "Baseline2", _link(1, "AtTimeout")),
        _request(stack, "Create", "Baseline3", _link(1, None)),
    ]

    assert [answer.status for answer in answers] == ["SUCCESS"] * 3
    assert answers[0].data == answers[1].data == answers[2].data
    assert aws.json(answers[2].data["ConstraintsS3Uri"])["config"]["variant"] == 1
    assert len(aws.jobs) == 1
    assert aws.violations == []


def test_the_place_in_line_is_handed_over(aws: SimulatedAws, stack: Stack) -> None:
    aws.quota = 1
    aws.plans.append(Plan(seconds=5000))
    stack.send(stack.event("Create", variant(7, Name="Another")) | {"LogicalResourceId": "Other"})
    aws.world.run_until(aws.world.now + 30)

    first = _request(stack, "Create", "Baseline", _link(1, "AtTimeout"))
    second = _request(stack, "Create", "Baseline2", _link(1, None))

    assert first.data == second.data
    assert len(aws.jobs) == 2


def test_a_job_that_fails_is_not_handed_over(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(status="Failed", failure_reason="boom"))

    assert "boom" in _request(stack, "Create", "Baseline", _link(1, "AtTimeout")).reason


def test_the_last_one_stops_the_job_at_its_timeout(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=99_999))
    _request(stack, "Create", "Baseline", _link(1, "AtTimeout"))

    answer = _request(stack, "Create", "Baseline2", _link(1, None))

    assert "has not completed in 3300 s" in answer.reason
    assert aws.live_jobs() == []


def test_nobody_waits_if_the_job_needs_only_to_start(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=7200))
    sent = aws.world.now

    answer = _request(stack, "Create", "Baseline", _link(1, "WhenStarted"))

    assert answer.is_success
    assert aws.world.now - sent < 30
    assert aws.live_jobs() == [answer.data["BaseliningJobName"]]


def test_the_clean_up_of_an_update_spares_its_own_job(aws: SimulatedAws, stack: Stack) -> None:
    old = _request(stack, "Create", "Baseline", _link(1, None))
    aws.plans.append(Plan(seconds=7200))
    names = {"old": _link(1, None), "physical_id": old.physical_resource_id}
    new = _request(stack, "Update", "Baseline", _link(2, "WhenStarted"), **names)

    _request(stack, "Delete", "Baseline", _link(1, None), physical_id=old.physical_resource_id)

    assert aws.live_jobs() == [new.data["BaseliningJobName"]]


def test_a_change_of_the_monitoring_config_spares_the_job(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=7200))
    old = _request(stack, "Create", "Baseline", _link(1, "WhenStarted"))
    changed = _link(1, "WhenStarted", **{"Monitoring/AnalysisConfig": {"label": "other"}})
    names = {"old": _link(1, "WhenStarted"), "physical_id": old.physical_resource_id}
    new = _request(stack, "Update", "Baseline", changed, **names)
    assert new.physical_resource_id != old.physical_resource_id

    _request(stack, "Delete", "Baseline", _link(1, "WhenStarted"), physical_id=old.physical_resource_id)

    assert aws.live_jobs() == [new.data["BaseliningJobName"]]


def test_a_job_that_is_stopped_at_once_has_not_started(aws: SimulatedAws, stack: Stack) -> None:
    def stop() -> None:
        for name in aws.live_jobs():
            aws.client("sagemaker").stop_processing_job(ProcessingJobName=name)

    aws.world.after(5, stop)

    assert not _request(stack, "Create", "Baseline", _link(1, "WhenStarted")).is_success


@pytest.mark.parametrize("hand_over", ["WhenStarted", "AtTimeout"])
def test_a_job_that_nobody_waits_for_is_stopped_by_a_delete(aws: SimulatedAws, stack: Stack, hand_over: str) -> None:
    aws.plans.append(Plan(seconds=7200))
    answer = _request(stack, "Create", "Baseline", _link(1, hand_over))

    _request(stack, "Delete", "Baseline", _link(1, hand_over), physical_id=answer.physical_resource_id)

    assert aws.live_jobs() == []


def test_how_to_wait_makes_no_other_baseline(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(_link(1, None))

    assert stack.update(_link(1, "AtTimeout"))

    assert len(aws.jobs) == 1
