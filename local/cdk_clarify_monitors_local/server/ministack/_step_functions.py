"""Step Functions: how often a state machine tries again, and how much it is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server.ministack._private_names import RESPONSES, STEP_FUNCTIONS, private, replace

_MAX_INPUT = 262_144  # bytes; https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html


def ask_more_often(seconds: float) -> None:
    """Retry at most so many seconds apart where a state machine retries at a steady rate, and for as long as it would.

    CDK's waiters ask in this way whether a custom resource is ready. On AWS a job takes minutes and they ask every ten
    seconds; here it takes one.
    """
    find = private(STEP_FUNCTIONS, "_find_matching_retrier")

    def sooner(retrier: Mapping[str, Any]) -> Mapping[str, Any]:
        interval = retrier.get("IntervalSeconds", 1)
        if retrier.get("BackoffRate") != 1 or interval <= seconds:
            return retrier
        attempts = round(retrier.get("MaxAttempts", 3) * interval / seconds)
        return {**retrier, "IntervalSeconds": seconds, "MaxAttempts": attempts}

    def find_matching_retrier(retriers: list[Mapping[str, Any]], error: str, retry_counts: Mapping[int, int]) -> Any:
        return find([sooner(retrier) for retrier in retriers], error, retry_counts)

    replace(STEP_FUNCTIONS, "_find_matching_retrier", find_matching_retrier)


def limit_inputs() -> None:
    """Refuse to start an execution with more input than Step Functions takes."""
    start = private(STEP_FUNCTIONS, "_start_execution")
    error = private(RESPONSES, "error_response_json")

    def start_execution(request: Mapping[str, Any]) -> Any:
        if len(request.get("input", "").encode()) > _MAX_INPUT:
            constraint = f"Member must have length less than or equal to {_MAX_INPUT}"
            found = f"1 validation error detected: Value at 'input' failed to satisfy constraint: {constraint}"
            return error("ValidationException", found)
        return start(request)

    replace(STEP_FUNCTIONS, "_start_execution", start_execution)
