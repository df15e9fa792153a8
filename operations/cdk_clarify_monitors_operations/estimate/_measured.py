"""How long past executions took."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cdk_clarify_monitors_operations._errors import NoExecutions
from cdk_clarify_monitors_operations._execution import ClarifyMonitoringExecution
from cdk_clarify_monitors_operations._monitor import ClarifyModelMonitor
from cdk_clarify_monitors_operations._monitor_results import internals
from cdk_clarify_monitors_operations._processing_job import ProcessingJob

#: How many executions are looked at.
LOOKED_AT: Final = 10

_COMPLETED: Final = ("Completed", "CompletedWithViolations")
_MINUTE: Final = timedelta(minutes=1)
# Both jobs of an execution have names that end alike.
_MERGE_JOB: Final = "groundtruth-merge-"
_BIAS_JOB: Final = "model-bias-monitoring-"


def minutes_per_execution(monitor: ClarifyModelMonitor) -> float:
    """Return how many minutes the jobs of an execution ran together: the mean of those that completed.

    Args:
        monitor: The monitor, whose last ten executions are looked at.

    Raises:
        NoExecutions: None of them completed.
    """
    found = [
        _time_of_jobs(monitor, execution)
        for execution in monitor.list_executions(limit=LOOKED_AT)
        if execution.status in _COMPLETED
    ]
    if not found:
        name = monitor.monitoring_schedule_name
        raise NoExecutions(f"None of the last {LOOKED_AT} executions of {name} completed", schedule=name)
    return sum(found, timedelta()) / len(found) / _MINUTE


def _time_of_jobs(monitor: ClarifyModelMonitor, execution: ClarifyMonitoringExecution) -> timedelta:
    aws, _ = internals(monitor)
    jobs, name = [execution.job], execution.processing_job_name or ""
    if name.startswith(_BIAS_JOB):
        merge = name.replace(_BIAS_JOB, _MERGE_JOB, 1)
        jobs.append(ProcessingJob(aws, merge, monitor.monitoring_schedule_name))
    described = [job.describe() for job in jobs]
    return sum((job["ProcessingEndTime"] - job["ProcessingStartTime"] for job in described), timedelta())
