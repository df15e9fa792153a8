"""For how long each kind of error is retried, everywhere in the functions."""

import math

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from cdk_clarify_monitors_lambda.clarify_baseline.aws.retry_policy import RETRY_POLICY

QUOTA = "is 0 Instances, with current utilization of 0 Instances and a request delta of 1 Instances"


def error(code: str, message: str = "", status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "CreateProcessingJob",
    )


LASTING = [
    (error("AccessDeniedException"), 90),
    (error("ValidationException", "Could not assume role arn:aws:iam::123456789012:role/x"), 120),
    (error("AccessDenied", "not authorized to perform: sts:AssumeRole"), 120),
    (error("ResourceLimitExceeded", QUOTA), 600),
]
TRANSIENT = [
    error("ThrottlingException"),
    error("Unlisted", status=503),
    error("PreconditionFailed"),
    error("ResourceLimitExceeded", QUOTA.replace("is 0", "is 4")),
    ConnectionClosedError(endpoint_url="https://aws.example"),
]
FINAL = [error("ValidationException"), error("KMS.DisabledException"), error("NoSuchBucket"), ValueError("x")]


@pytest.mark.parametrize(("failure", "seconds"), LASTING)
def test_a_refusal_is_retried_for_a_while(failure: Exception, seconds: float) -> None:
    assert RETRY_POLICY.is_retryable(failure, seconds - 0.1)
    assert not RETRY_POLICY.is_retryable(failure, seconds)


@pytest.mark.parametrize("failure", TRANSIENT, ids=str)
def test_what_may_pass_is_always_retried(failure: Exception) -> None:
    assert RETRY_POLICY.is_retryable(failure, 1e9)


@pytest.mark.parametrize("failure", FINAL, ids=str)
def test_everything_else_is_final_at_once(failure: Exception) -> None:
    assert not RETRY_POLICY.is_retryable(failure, 0)


@pytest.mark.parametrize("failures", [0, 1, 7, 8])
def test_a_call_is_repeated_for_a_minute(failures: int) -> None:
    left, pauses = iter([error("AccessDenied")] * failures), []

    def call() -> str:
        for failure in left:
            raise failure
        return "done"

    def run() -> str:
        return RETRY_POLICY.run(call, lambda failure, seconds: pauses.append(seconds))

    if failures > len(RETRY_POLICY.delays):
        with pytest.raises(ClientError):
            run()
    else:
        assert run() == "done"
    assert pauses == list(RETRY_POLICY.delays[:failures])
    assert math.isclose(sum(RETRY_POLICY.delays), 60)


def test_a_final_error_is_not_repeated() -> None:
    calls = []

    def call() -> None:
        calls.append(1)
        raise error("ValidationException")

    with pytest.raises(ClientError):
        RETRY_POLICY.run(call, lambda failure, seconds: None)
    assert len(calls) == 1
