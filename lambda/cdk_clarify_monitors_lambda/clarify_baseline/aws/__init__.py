"""Calls of S3 and SageMaker, what their errors mean, and for how long they are retried."""

from collections.abc import Callable
from typing import NamedTuple

from .claim_store import ClaimStore
from .log import Log
from .processing_jobs import JobAttempts, ProcessingJobs
from .schedules import Schedules
from .storage import Storage


class Services(NamedTuple):
    """What the lifecycle acts upon: AWS, the clock and the log."""

    jobs: ProcessingJobs
    attempts: JobAttempts
    storage: Storage
    schedules: Schedules
    claims: ClaimStore
    clock: Callable[[], float]
    """Seconds since the epoch."""
    sleep: Callable[[float], None]
    log: Log
