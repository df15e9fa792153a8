"""How often a state machine tries again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server.ministack._private_names import STEP_FUNCTIONS, private, replace


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
