"""What the custom resource acts upon, handed from the outside so that tests can hand something else."""

from collections.abc import Callable
from typing import NamedTuple

from .claim_store import Claims
from .job_attempts import Attempts
from .log import Log
from .processing_jobs import Jobs
from .schedules import Schedules
from .storage import Storage


class Services(NamedTuple):
    """AWS, the time and the log."""

    jobs: Jobs
    attempts: Attempts
    storage: Storage
    schedules: Schedules
    claims: Claims
    clock: Callable[[], float]
    """Seconds since the epoch."""
    sleep: Callable[[float], None]
    log: Log
