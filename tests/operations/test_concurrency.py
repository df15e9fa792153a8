"""Many requests are made several at once: never more than eight, in order, and again if SageMaker throttles them."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator
from unittest import mock

import pytest

from benchmarks.operations_scale import FakeSageMaker
from cdk_clarify_monitors_operations import MonitorOperations
from cdk_clarify_monitors_operations._concurrency import in_parallel
from tests.operations.command import clarify_monitors


def test_the_order_is_that_of_the_items() -> None:
    released = threading.Event()

    def last_first(number: int) -> int:
        if number == 4:
            released.set()
        assert number or released.wait(10)
        return number * number

    assert [(item, call.result()) for item, call in in_parallel(last_first, range(5), at_most=5)] == [
        (number, number * number) for number in range(5)
    ]


def test_a_call_that_fails_stops_no_other() -> None:
    calls = [call for _, call in in_parallel(lambda number: 1 // number, [1, 0, -1])]
    assert [type(call.exception()) for call in calls] == [type(None), ZeroDivisionError, type(None)]


def test_items_are_taken_only_a_little_ahead() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in itertools.count():
            taken.append(number)
            yield number

    results = in_parallel(lambda number: number, items(), at_most=4)
    assert [next(results)[0] for _ in range(10)] == list(range(10))
    results.close()  # type: ignore[attr-defined]

    assert len(taken) <= 10 + 2 * 4


def test_items_that_cannot_be_taken_lose_none_before_them() -> None:
    def items() -> Iterator[int]:
        yield from range(20)
        raise ValueError("the listing has failed")

    results = in_parallel(lambda number: number, items())

    assert [next(results)[1].result() for _ in range(20)] == list(range(20))
    with pytest.raises(ValueError, match="the listing has failed"):
        next(results)


def test_nothing_begins_once_the_caller_has_stopped() -> None:
    begun: list[int] = []
    gate = threading.Event()

    def call(number: int) -> None:
        begun.append(number)
        assert number == 0 or gate.wait(10)

    results = in_parallel(call, itertools.count(), at_most=2)
    next(results)
    with pytest.raises(KeyboardInterrupt):
        results.throw(KeyboardInterrupt())  # type: ignore[attr-defined]
    count = len(begun)
    gate.set()

    assert count <= 3
    assert max(begun) <= 3


def test_no_items_are_no_calls() -> None:
    assert list(in_parallel(len, [])) == []


@pytest.fixture
def environment() -> Iterator[None]:
    with mock.patch.dict(os.environ):
        yield


@pytest.mark.usefixtures("environment")
def test_a_list_of_many_is_one_request_for_each() -> None:
    with FakeSageMaker(schedules=230, executions=200, seconds=0.005) as fake:
        os.environ.update(fake.environment)
        found = clarify_monitors("list", "--json").json

    assert [each["monitoring_schedule_name"] for each in found] == [f"monitor-{number:04}" for number in range(230)]
    assert {each["latest_execution"]["scheduled_time"] for each in found} == {"2026-03-09T20:00:00+00:00"}
    assert fake.requests == {"ListMonitoringSchedules": 3, "ListMonitoringExecutions": 230}
    assert 1 < fake.most_at_once <= 8


@pytest.mark.usefixtures("environment")
def test_throttled_requests_are_sent_again() -> None:
    with FakeSageMaker(schedules=30, executions=3, seconds=0.0, throttle_every=9) as fake:
        os.environ.update(fake.environment)
        found = list(MonitorOperations().overview())

    assert [each.problem for each in found] == [None] * 30
    assert fake.throttled >= 3
    assert fake.requests.total() == 31 + fake.throttled
    assert fake.most_at_once <= 8


@pytest.mark.usefixtures("environment")
def test_what_cannot_be_read_is_told_and_the_rest_listed() -> None:
    """Whoever has configured the retries gets those."""
    with FakeSageMaker(schedules=12, executions=3, seconds=0.0, throttle_every=6) as fake:
        os.environ.update(fake.environment, AWS_MAX_ATTEMPTS="1")
        ended = clarify_monitors("list", "--json")

    problems = [each["problem"] for each in ended.json]
    assert (ended.code, len(problems)) == (1, 12)
    assert sum(problem is not None and "ThrottlingException" in problem for problem in problems) == fake.throttled == 2
    assert ended.err.count("ThrottlingException") == 2
