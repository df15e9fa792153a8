"""Throttles, errors of a server, broken connections and lost answers."""

from typing import Any

import pytest

from cdk_clarify_monitors_lambda.clarify_baseline.aws.errors import is_transient
from tests.support.simulation.simulated_aws import OPERATIONS, Fault, Plan, SimulatedAws
from tests.support.simulation.simulated_cloudformation import Disturbance, Stack, document, properties, variant

SCHEDULE = "stack-monitor-1a2b3c4d"
UNLISTED = "BadWeather"
SERVER_STATUSES = (429, 500, 502, 503, 504, 599)
CLIENT_STATUSES = (400, 402, 404, 409, 428, 430, 499)
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html;
# and what boto3's standard mode tries again
TRANSIENT_CODES = (
    *("InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "ConditionalRequestConflict"),
    *("InternalFailure", "ThrottlingException", "ServiceUnavailableException", "InternalServerException"),
    *("PriorRequestNotComplete", "RequestTimeoutException", "RequestLimitExceeded"),
    *("Throttling", "ThrottledException", "TooManyRequestsException"),
)


def _accident(name: str, operation: str, count: int) -> Fault:
    """An accident by its name: one of `Fault`'s kinds, or the HTTP status of an error whose code is in no list."""
    return Fault(UNLISTED, operation, count, status=int(name)) if name.isdigit() else Fault(name, operation, count)


@pytest.mark.parametrize("accident", ["throttle", "internal", "reset", "lost", *map(str, SERVER_STATUSES)])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_few_accidents_change_nothing(aws: SimulatedAws, stack: Stack, accident: str, operation: str) -> None:
    def accidents() -> None:
        aws.faults = [_accident(accident, operation, count=3)]

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


@pytest.mark.parametrize("status", CLIENT_STATUSES)
@pytest.mark.parametrize("operation", ["CreateProcessingJob", "DescribeProcessingJob", "GetObject", "PutObject"])
def test_a_lasting_refusal_fails_soon_and_says_why(
    aws: SimulatedAws, stack: Stack, operation: str, status: int
) -> None:
    aws.faults = [Fault(UNLISTED, operation, count=10_000, status=status)]
    sent = aws.world.now

    response = stack.answer_to(stack.event("Create", variant(1)))

    assert not response.is_success
    assert response.reason.startswith(operation)
    assert f" was refused: {UNLISTED}: injected" in response.reason
    assert aws.world.now - sent < 60


@pytest.mark.parametrize("status", [*SERVER_STATUSES, *CLIENT_STATUSES])
def test_only_an_error_of_the_server_has_a_schedule_asked_again(aws: SimulatedAws, stack: Stack, status: int) -> None:
    with_schedule = properties(document(Schedule=SCHEDULE))
    assert stack.create({**with_schedule, "ScheduleInputs": ["0123"]})
    begun = aws.world.now
    aws.executing[SCHEDULE] = begun + 600
    aws.faults = [Fault(UNLISTED, "DescribeMonitoringSchedule", count=3, status=status)]

    assert stack.update({**with_schedule, "ScheduleInputs": ["4567"]})

    assert (aws.world.now - begun >= 600) is (status in SERVER_STATUSES)


@pytest.mark.parametrize("code", TRANSIENT_CODES)
def test_a_code_of_an_accident_counts_whatever_its_status(aws: SimulatedAws, code: str) -> None:
    for status in (200, 400, 409, 503):
        assert is_transient(_error(aws, code, status))


@pytest.mark.parametrize("response", [{}, {"ResponseMetadata": {}}])
def test_an_error_without_a_status_is_a_refusal(aws: SimulatedAws, response: dict[str, Any]) -> None:
    error = aws.client("s3").exceptions.from_code(UNLISTED)({"Error": {"Code": UNLISTED}, **response}, "GetObject")

    assert not is_transient(error)


def _error(aws: SimulatedAws, code: str, status: int) -> Exception:
    response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error: Exception = aws.client("s3").exceptions.from_code(code)(response, "GetObject")
    return error


def test_a_lost_answer_of_create_is_no_obstacle(aws: SimulatedAws, stack: Stack) -> None:
    aws.faults.append(Fault("lost", "CreateProcessingJob"))

    assert stack.create(variant(1))

    assert len(aws.jobs) == 1


def test_a_name_taken_between_two_calls_is_tried_again(aws: SimulatedAws, stack: Stack) -> None:
    aws.faults.append(Fault("ResourceInUse", "CreateProcessingJob"))

    assert stack.create(variant(1))

    assert aws.count("CreateProcessingJob") == 2
