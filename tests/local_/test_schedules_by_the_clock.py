"""Schedules run when the clock is moved, by their expression, each missed time in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from cdk_clarify_monitors_local import EmbeddedAws, EmbeddedAwsError
from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server.monitoring._cron import due_times
from tests.support.embedded_aws.executions import Monitor, client_of, make_monitor

START = datetime(2026, 3, 1, 10, 20, tzinfo=UTC)
CONFIG = {"headers": ["age"], "methods": {"shap": {"baseline": [[40]]}}, "predictor": {"model_name": "any"}}
HOUR = timedelta(hours=1)


# When a schedule is due


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("cron(0 * ? * * *)", [11, 12, 13, 14]),
        (None, [11, 12, 13, 14]),
        ("cron(0 12 ? * * *)", [12]),
        ("cron(0 0/6 ? * * *)", [12, 18, 24, 30]),
        ("cron(0 17/5 ? * * *)", [17, 22, 41, 46]),
        ("cron(0 5 ? * * *)", [29]),
        ("cron(0 3/0 ? * * *)", []),
        ("cron(30 * ? * * *)", []),
        ("rate(1 hour)", []),
    ],
)
def test_when_a_schedule_is_due(expression: str | None, hours: list[int]) -> None:
    midnight = START.replace(hour=0, minute=0)

    due = list(due_times(expression, START, midnight + timedelta(hours=47)))

    assert due[: len(hours)] == [midnight + timedelta(hours=hour) for hour in hours]
    assert bool(due) == bool(hours)


def test_the_ends_of_a_time_span() -> None:
    full = START.replace(minute=0)

    assert list(due_times(None, full, full + HOUR)) == [full + HOUR]
    assert list(due_times(None, full, full + HOUR - timedelta(microseconds=1))) == []
    assert list(due_times("cron(0 12 ? * * *)", full.astimezone(timezone(timedelta(hours=9))), full + 2 * HOUR)) == [
        full + 2 * HOUR
    ]


def test_the_clock_goes_forward_only() -> None:
    clock = Clock(START)

    clock.advance(timedelta(days=3))

    assert timedelta(days=3) <= clock.now() - START < timedelta(days=3, minutes=1)
    with pytest.raises(ValueError, match="goes forward only"):
        clock.advance(timedelta(seconds=-1))


# In the embedded AWS


@pytest.fixture
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(clock=START) as aws:
        yield aws


def monitor_of(aws: EmbeddedAws, expression: str, **schedule: Any) -> Monitor:
    return make_monitor(aws, "ModelExplainability", CONFIG, expression=expression, schedule=schedule)


@pytest.mark.deploy
def test_what_is_due_runs_in_order(aws: EmbeddedAws) -> None:
    hourly, six_hourly = monitor_of(aws, "cron(0 * ? * * *)"), monitor_of(aws, "cron(0 0/6 ? * * *)")
    daily, stopped = monitor_of(aws, "cron(0 12 ? * * *)"), monitor_of(aws, "cron(0 * ? * * *)")
    sagemaker = client_of(aws, "sagemaker")
    sagemaker.stop_monitoring_schedule(MonitoringScheduleName=stopped.name)

    executions = aws.advance(timedelta(hours=2))

    due = [(entry["MonitoringScheduleName"], entry["ScheduledTime"].hour) for entry in executions]
    assert due[0] == (hourly.name, 11)
    assert sorted(due[1:]) == sorted((monitor.name, 12) for monitor in (hourly, six_hourly, daily))
    assert executions == [
        {**entry, "MonitoringExecutionStatus": "Failed", "FailureReason": "Job inputs had no data"}
        for entry in executions
    ]
    # Dated by the clock, which stood at the hour then
    assert all(timedelta(0) <= entry["CreationTime"] - entry["ScheduledTime"] < HOUR for entry in executions)
    assert timedelta(hours=2) <= aws.now - START < timedelta(hours=2, minutes=5)

    # What was missed while it was stopped stays so
    sagemaker.start_monitoring_schedule(MonitoringScheduleName=stopped.name)
    executions = aws.advance(HOUR)

    assert sorted(entry["MonitoringScheduleName"] for entry in executions) == sorted([hourly.name, stopped.name])
    assert [entry["ScheduledTime"].hour for entry in stopped.executions()] == [13]


@pytest.mark.deploy
def test_a_schedule_for_now_runs_once(aws: EmbeddedAws) -> None:
    window = {"DataAnalysisStartTime": "-PT2H", "DataAnalysisEndTime": "-PT1H"}
    by_clock, by_hand = monitor_of(aws, "NOW", **window), monitor_of(aws, "NOW", **window)
    aws.execute_schedule(by_hand.name)

    (execution,) = aws.advance(timedelta(0))
    later = aws.advance(timedelta(days=2))

    assert execution["MonitoringScheduleName"] == by_clock.name
    assert timedelta(0) <= execution["ScheduledTime"] - START < timedelta(minutes=5)
    assert later == []
    assert len(by_hand.executions()) == 1


@pytest.mark.deploy
def test_what_a_clock_cannot_do(aws: EmbeddedAws) -> None:
    with pytest.raises(EmbeddedAwsError, match="The clock goes forward only"):
        aws.advance(timedelta(hours=-1))
    with pytest.raises(ValueError, match="'scheduled_time' must have a time zone"):
        aws.execute_schedule("any", scheduled_time=datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="'clock' must have a time zone"):
        EmbeddedAws(clock=datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="'collected' must have a time zone"):
        aws.put_ground_truth("s3://bucket/truth", {"a": 1}, collected=datetime(2026, 3, 1))
