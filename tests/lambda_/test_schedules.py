"""A schedule with an execution under way, which SageMaker would neither change nor delete."""

import json
from typing import Any

import pytest

from cdk_clarify_monitors_lambda.clarify_baseline.model.errors import BaselineError
from cdk_clarify_monitors_lambda.clarify_baseline.schedule_guard import ScheduleGuard
from tests.support.simulation.simulated_aws import Fault, Plan, SimulatedAws
from tests.support.simulation.simulated_cloudformation import Stack, document, properties, variant

SCHEDULE = "stack-monitor-1a2b3c4d"


def _monitor(number: int) -> dict[str, Any]:
    return variant(number, Schedule=SCHEDULE)


# ---------------------------------------------------------------- updates: the baseline comes before its schedule


def test_an_update_waits_for_the_execution(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create(_monitor(1))
    aws.executing[SCHEDULE] = aws.world.now + 900
    begun = aws.world.now

    assert stack.update(_monitor(2))

    assert 900 <= aws.world.now - begun < 920
    assert len(aws.jobs) == 2


def test_a_change_of_the_schedule_alone_waits_but_runs_no_job(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create({**_monitor(1), "ScheduleInputs": ["0123"]})
    answer, begun = stack.data, aws.world.now
    aws.executing[SCHEDULE] = begun + 300

    assert stack.update({**_monitor(1), "ScheduleInputs": ["4567"]})

    assert aws.world.now - begun >= 300
    assert stack.data == answer
    assert len(aws.jobs) == 1


def test_an_update_without_a_job_waits_for_the_execution(aws: SimulatedAws, stack: Stack) -> None:
    def monitor(label: str) -> dict[str, Any]:
        changes = {"Baselining": None, "Monitoring/AnalysisConfig": {"label": label}, "Schedule": SCHEDULE}
        return properties(document(**changes))

    assert stack.create(monitor("old"))
    begun = aws.world.now
    aws.executing[SCHEDULE] = begun + 1200

    assert stack.update(monitor("new"))

    assert 1200 <= aws.world.now - begun < 1220


def test_a_create_does_not_ask_for_a_schedule_that_is_not_there(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create(_monitor(1))
    assert aws.count("DescribeMonitoringSchedule") == 0


def test_a_rollback_waits_as_well(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create(_monitor(1))
    aws.plans.append(Plan(status="Failed", failure_reason="no"))
    begun = aws.world.now
    aws.executing[SCHEDULE] = begun + 1500

    assert not stack.update(_monitor(2))

    assert aws.world.now - begun >= 1500
    assert stack.must_roll_back_from is None


def test_an_execution_is_waited_for_an_hour_at_most(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create(_monitor(1))
    aws.executing[SCHEDULE] = aws.world.now + 24 * 3600

    assert stack.update(_monitor(2))


@pytest.mark.parametrize("kind", ["AccessDeniedException", "ValidationException", "throttle", "internal", "reset"])
def test_what_sagemaker_does_not_tell_fails_no_deployment(aws: SimulatedAws, stack: Stack, kind: str) -> None:
    assert stack.create(_monitor(1))
    aws.executing[SCHEDULE] = aws.world.now + 10_000
    aws.faults.append(Fault(kind, "DescribeMonitoringSchedule", count=10_000))

    assert stack.update(_monitor(2))


def test_what_sagemaker_does_not_tell_at_once_is_asked_again(
    aws: SimulatedAws, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stack.create({**_monitor(1), "ScheduleInputs": ["0123"]})
    begun = aws.world.now
    aws.executing[SCHEDULE] = begun + 600
    aws.faults.append(Fault("AccessDeniedException", "DescribeMonitoringSchedule", count=3))

    assert stack.update({**_monitor(1), "ScheduleInputs": ["4567"]})

    assert aws.world.now - begun >= 600
    busy = f"the monitoring schedule {SCHEDULE} is busy: its execution model-monitoring-1 has the status InProgress"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert busy in [line["reason"] for line in lines if line["event"] == "waiting"]


# ---------------------------------------------------------------- deletes: the guard goes before the schedules


class Guarded:
    """The requests of CloudFormation to the guard."""

    def __init__(self, aws: SimulatedAws) -> None:
        self._aws = aws
        self._guard = ScheduleGuard(sagemaker=aws.client("sagemaker"), clock=aws.world.time)

    def request(self, kind: str, names: list[str], old: list[str] | None = None) -> float:
        """Send a request and poll until it is done; returns the seconds that it took."""
        event: dict[str, Any] = {
            "RequestType": kind,
            "RequestId": "1",
            "StackId": "stack",
            "LogicalResourceId": "ClarifyScheduleGuard",
            "ResourceProperties": {"ServiceToken": "provider", "Schedules": names},
            **({"OldResourceProperties": {"Schedules": old}} if old is not None else {}),
            **({"PhysicalResourceId": "monitoring-schedules"} if kind != "Create" else {}),
        }
        answer = self._guard.on_event(event)
        assert answer["PhysicalResourceId"] == "monitoring-schedules"
        begun = self._aws.world.now
        while not self._guard.is_complete({**event, **answer})["IsComplete"]:
            self._aws.world.sleep(10)
            assert self._aws.world.now - begun < 3600
        return self._aws.world.now - begun


@pytest.fixture
def guarded(aws: SimulatedAws) -> Guarded:
    now = aws.world.now
    aws.executing |= {"busy": now + 1000, "busier": now + 2000, "idle": now}
    return Guarded(aws)


def test_a_delete_waits_for_every_schedule(guarded: Guarded) -> None:
    assert 2000 <= guarded.request("Delete", ["busy", "idle", "busier", "gone"]) < 2020


def test_an_update_waits_for_those_that_are_no_longer_there(guarded: Guarded, aws: SimulatedAws) -> None:
    assert 1000 <= guarded.request("Update", ["busier"], old=["busy", "idle", "busier"]) < 1020
    assert ("DescribeMonitoringSchedule", {"MonitoringScheduleName": "busier"}) not in aws.calls


def test_schedules_are_asked_only_when_one_is_removed(guarded: Guarded, aws: SimulatedAws) -> None:
    assert guarded.request("Create", ["busy"]) == 0
    assert guarded.request("Update", ["busy", "busier"], old=["busy"]) == 0
    assert aws.calls == []


def test_an_execution_without_end_is_named_with_a_remedy(guarded: Guarded, aws: SimulatedAws) -> None:
    aws.executing["endless"] = float("inf")
    begun = aws.world.now
    with pytest.raises(BaselineError) as failure:
        guarded.request("Delete", ["endless"])
    assert 3300 <= aws.world.now - begun < 3320
    assert str(failure.value) == (
        "After 3300 s the monitoring schedule endless is busy: its execution model-monitoring-1 has the status "
        "InProgress. SageMaker would refuse to delete it. Try again when that has ended, or stop its processing job."
    )


def test_a_stack_can_be_deleted_without_the_rights(guarded: Guarded, aws: SimulatedAws) -> None:
    aws.faults.append(Fault("AccessDeniedException", "DescribeMonitoringSchedule", count=10_000))
    assert guarded.request("Delete", ["busy"]) < 100
