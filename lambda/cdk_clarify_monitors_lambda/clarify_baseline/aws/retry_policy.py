"""For how long errors of AWS are retried: within a call by boto3, then by the functions."""

import math
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from botocore.config import Config

from .errors import AWS_ERRORS, is_denied, is_quota_exhausted, is_quota_too_small, is_role_not_ready, is_transient

_T = TypeVar("_T")

CLIENT_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4})
CREATE_CALL_SECONDS = 120
"""After so long a call of CreateProcessingJob has had its effect, or has none: see `CLIENT_CONFIG`."""


class RetryPolicy(NamedTuple):
    """For how many seconds an error is retried, from the request on. Other errors are final."""

    transient: float = math.inf
    """Until the request's own time-out."""
    denied: float = 90
    """A new policy has not reached all of AWS yet."""
    role_not_ready: float = 120
    """A new role cannot be assumed yet."""
    quota_too_small: float = 600
    """A raised quota is not in effect yet. An exhausted one counts as transient."""
    delays: tuple[float, ...] = (1, 2, 4, 8, 15, 15, 15)
    """Pauses of `run`: a minute in all."""

    def is_retryable(self, error: BaseException, elapsed: float) -> bool:
        """True if the same call may succeed later. `elapsed` counts from the request on, in seconds."""
        return elapsed < self._seconds(error)

    def run(self, call: Callable[[], _T], pause: Callable[[BaseException, float], None]) -> _T:
        """Repeat a call within one invocation: on_event is not polled, as is_complete is."""
        for number, delay in enumerate(self.delays):
            try:
                return call()
            except AWS_ERRORS as error:
                if not self.is_retryable(error, sum(self.delays[:number])):
                    raise
                pause(error, delay)
        return call()

    def _seconds(self, error: BaseException) -> float:
        if is_quota_exhausted(error):
            return self.quota_too_small if is_quota_too_small(error) else self.transient
        if is_role_not_ready(error):
            return self.role_not_ready
        if is_transient(error):
            return self.transient
        return self.denied if is_denied(error) else 0


RETRY_POLICY = RetryPolicy()
"""The policy of all functions."""
