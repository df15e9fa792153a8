"""What monitors will use: executions, jobs, instance hours, storage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cdk_clarify_monitors_operations._errors import InvalidArgument
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.estimate._monitors import AssembledMonitor, Cluster
from cdk_clarify_monitors_operations.estimate._schedule import DAYS_A_MONTH, Frequency

PROCESSING: Final = "processing"
ENDPOINT: Final = "endpoint"
_HOUR: Final = 3_600

#: What is paid by the hour: its use, the instance type, and the region, each None if it is not known.
Instance = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class MonitorUsage(Record):
    """What a monitor uses.

    Attributes:
        monitoring_schedule_name: Its name.
        stack: Its stack.
        schedule: Its schedule expression; None for SageMaker's daily default.
        executions_per_day: Executions a day.
        executions_per_month: Executions a month of 30 days.
        jobs_per_month: Processing jobs a month.
        minutes_per_execution: How long the jobs of an execution run, one after the other.
        minutes_are: `at most`: SageMaker's limit; `given`; or `measured`: the mean of past executions.
        instance_hours_per_day: Hours of all instances of its jobs; None if their number is not known.
        instance_hours_per_month: Likewise, a month.
        cluster: The instances of its jobs.
        endpoint: Those of the endpoint that its executions make; None for none.
        region: Its region.
    """

    monitoring_schedule_name: str
    stack: str
    schedule: str | None
    executions_per_day: int
    executions_per_month: int
    jobs_per_month: int
    minutes_per_execution: float
    minutes_are: str
    instance_hours_per_day: float | None
    instance_hours_per_month: float | None
    cluster: Cluster
    endpoint: Cluster | None
    region: str | None

    def hours_per_month(self) -> Iterable[tuple[Instance, float | None]]:
        """Yield the instances that it uses, with their hours a month."""
        hours = self.minutes_per_execution / 60 * self.executions_per_month
        for use, cluster in ((PROCESSING, self.cluster), (ENDPOINT, self.endpoint)):
            if cluster is not None:
                yield (use, cluster.instance_type, self.region), _times(hours, cluster.instance_count)


@dataclass(frozen=True)
class InstanceUsage(Record):
    """Hours of one kind of instance.

    Attributes:
        use: `processing`, or `endpoint` for the endpoints that jobs make for their own time.
        instance_type: The type; None if it is known at deployment only.
        region: The region; None if the app does not name one.
        hours_per_month: Hours a month; None if the number of instances is not known.
        usd_per_hour: Their price, where it was given or could be asked.
        usd_per_month: Hours times price.
    """

    use: str
    instance_type: str | None
    region: str | None
    hours_per_month: float | None
    usd_per_hour: float | None
    usd_per_month: float | None


@dataclass(frozen=True)
class Storage(Record):
    """What is written to S3 a month.

    Attributes:
        captured_bytes: Captured data, of all endpoints and batch transforms together.
        merged_bytes: At least so much is merged: the captured records again, each with its label.
    """

    captured_bytes: int
    merged_bytes: int


def usage_of(
    monitor: AssembledMonitor, expression: str | None, *, given: float | None, measured: Mapping[str, float]
) -> MonitorUsage:
    """Return what a monitor uses.

    Args:
        monitor: The monitor.
        expression: Its schedule, or another one.
        given: Minutes that the jobs of an execution run together.
        measured: Minutes that they ran in the past, by monitor.
    """
    try:
        frequency = Frequency.of(expression)
    except InvalidArgument as error:
        raise InvalidArgument(f"{monitor.monitoring_schedule_name}: {error}") from error
    limit = frequency.longest_job(monitor.jobs)
    each = min(monitor.max_runtime_in_seconds or limit, limit)
    past = measured.get(monitor.monitoring_schedule_name)
    minutes, are = (past, "measured") if past is not None else (given, "given")
    if minutes is None:
        minutes, are = each * monitor.jobs / 60, "at most"
    hours, count = minutes / 60, monitor.cluster.instance_count
    return MonitorUsage(
        monitoring_schedule_name=monitor.monitoring_schedule_name,
        stack=monitor.stack,
        schedule=expression,
        executions_per_day=frequency.per_day,
        executions_per_month=frequency.per_month,
        jobs_per_month=frequency.per_month * monitor.jobs,
        minutes_per_execution=minutes,
        minutes_are=are,
        instance_hours_per_day=_times(hours * frequency.per_day, count),
        instance_hours_per_month=_times(hours * frequency.per_month, count),
        cluster=monitor.cluster,
        endpoint=monitor.endpoint,
        region=monitor.region,
    )


def by_instance(usages: Iterable[MonitorUsage], prices: Mapping[Instance, Decimal]) -> list[InstanceUsage]:
    """Return the hours of each kind of instance, and what they cost where there is a price."""
    hours: defaultdict[Instance, list[float | None]] = defaultdict(list)
    for usage in usages:
        for instance, more in usage.hours_per_month():
            hours[instance].append(more)
    found = []
    for instance, parts in sorted(hours.items(), key=lambda item: tuple(map(str, item[0]))):
        known = [part for part in parts if part is not None]
        total = sum(known) if len(known) == len(parts) else None
        price = prices.get(instance)
        dollars = None if price is None or total is None else round(float(price) * total, 2)
        found.append(InstanceUsage(*instance, total, None if price is None else float(price), dollars))
    return found


def storage_of(monitors: Sequence[AssembledMonitor], records_per_day: int, record_bytes: int) -> Storage:
    """Return what is captured and merged a month.

    Args:
        monitors: The monitors.
        records_per_day: Records that each endpoint or batch transform captures a day.
        record_bytes: Bytes of a captured record in S3.
    """
    each = records_per_day * record_bytes * DAYS_A_MONTH
    captured = {monitor.captured for monitor in monitors}
    return Storage(len(captured) * each, sum(each for monitor in monitors if monitor.jobs > 1))


def _times(hours: float, count: int | None) -> float | None:
    return None if count is None else hours * count
