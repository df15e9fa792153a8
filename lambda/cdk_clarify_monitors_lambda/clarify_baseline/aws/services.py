"""What the lifecycle acts upon, passed from outside so that tests can replace it."""

from collections.abc import Callable
from typing import NamedTuple

from .claim_store import ClaimStore
from .job_attempts import JobAttempts
from .log import Log
from .processing_jobs import ProcessingJobs
from .schedules import Schedules
from .storage import Storage


class Services(NamedTuple):
    """AWS, the clock and the log."""

    jobs: ProcessingJobs
    attempts: JobAttempts
    storage: Storage
    schedules: Schedules
    claims: ClaimStore
    clock: Callable[[], float]
    """Seconds since the epoch."""
    sleep: Callable[[float], None]
    log: Log
