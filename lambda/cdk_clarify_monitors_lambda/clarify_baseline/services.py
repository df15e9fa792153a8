"""What the custom resource acts upon, handed from the outside so that tests can hand something else."""

from collections.abc import Callable
from typing import NamedTuple

from .attempts import Attempts
from .claims import Claims
from .jobs import Jobs
from .log import Log
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
