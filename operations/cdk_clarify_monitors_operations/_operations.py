"""All monitors of an account and region."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cdk_clarify_monitors_operations._aws import Aws, utc
from cdk_clarify_monitors_operations._concurrency import in_parallel
from cdk_clarify_monitors_operations._doctor import Finding, by_severity, not_examined
from cdk_clarify_monitors_operations._errors import ClarifyOperationsError, InvalidArgument, ScheduleNotFound
from cdk_clarify_monitors_operations._execution import ClarifyMonitoringExecution, execution_of_job, executions_of
from cdk_clarify_monitors_operations._monitor import ClarifyModelMonitor, attach
from cdk_clarify_monitors_operations._processing_job import ClarifyBaseliningJob
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.definitions._definition_changes import is_made_for
from cdk_clarify_monitors_operations.definitions._deletion import delete_definition
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import (
    KINDS,
    definition_names,
    definitions_in_use,
    describe_schedule,
    kind_of,
)

if TYPE_CHECKING:
    import boto3
else:
    from cdk_clarify_monitors_operations._aws import boto3

_SCHEDULE_STATUSES: Final = ("Pending", "Scheduled", "Stopped", "Failed")


@dataclass(frozen=True)
class MonitoringScheduleSummary(Record):
    """A monitor in a list.

    Attributes:
        monitoring_schedule_name: The name to attach to.
        monitoring_type: `ModelBias` or `ModelExplainability`.
        status: `Pending`, `Scheduled`, `Stopped` or `Failed`.
        endpoint_name: The endpoint that it watches; None for batch transforms, or if SageMaker does not tell.
        job_definition_name: Its job definition; None if SageMaker does not tell.
        creation_time: When it was made, in UTC.
        last_modified_time: When it was last changed, in UTC.
    """

    monitoring_schedule_name: str
    monitoring_type: str
    status: str
    endpoint_name: str | None
    job_definition_name: str | None
    creation_time: datetime | None
    last_modified_time: datetime | None


@dataclass(frozen=True)
class MonitorOverview(Record):
    """A monitor in a list, with its newest execution.

    Attributes:
        monitor: The monitor.
        latest_execution: The execution that was due last; None if there is none, or it could not be looked for.
        problem: Why it could not be looked for.
    """

    monitor: MonitoringScheduleSummary
    latest_execution: ClarifyMonitoringExecution | None
    problem: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the members of `monitor`, and the others beside them."""
        own = super().to_dict()
        return {**own.pop("monitor"), **own}


class MonitorOperations:
    """The Clarify monitors of an account and region."""

    def __init__(
        self, session: boto3.Session | None = None, *, poll_interval: float = 5.0, timeout: float = 900.0
    ) -> None:
        """Create a client for an account and region.

        Args:
            session: A boto3 session. Default: one from the environment.
            poll_interval: Seconds between two requests while waiting.
            timeout: Seconds to wait for a schedule at most.

        Raises:
            InvalidArgument: A time is not above 0.
        """
        self._aws = Aws(session, poll_interval=poll_interval, timeout=timeout)

    def monitors(
        self,
        *,
        endpoint_name: str | None = None,
        monitoring_type: str | None = None,
        status: str | None = None,
        name_contains: str | None = None,
    ) -> Iterator[MonitoringScheduleSummary]:
        """Yield the Clarify monitors in the order of their names. Pages are read as needed.

        Args:
            endpoint_name: Only monitors of this endpoint.
            monitoring_type: Only monitors of this type, `ModelBias` or `ModelExplainability`.
            status: Only those with this status, such as `Failed`.
            name_contains: Only monitors with this text in their name.

        Raises:
            InvalidArgument: There is no such type or status.
        """
        for name, value, allowed in (
            ("monitoring_type", monitoring_type, KINDS),
            ("status", status, _SCHEDULE_STATUSES),
        ):
            if value is not None and value not in allowed:
                raise InvalidArgument(f"'{name}' must be one of {', '.join(allowed)}, got {value!r}")
        pages = self._aws.pages(
            "sagemaker",
            "ListMonitoringSchedules",
            EndpointName=endpoint_name,
            MonitoringTypeEquals=monitoring_type,
            StatusEquals=status,
            NameContains=name_contains,
            SortBy="Name",
            SortOrder="Ascending",
            MaxResults=100,
        )
        return (
            _summary(found)
            for page in pages
            for found in page["MonitoringScheduleSummaries"]
            if kind_of(found) in (KINDS if monitoring_type is None else (monitoring_type,))
        )

    def overview(
        self,
        *,
        endpoint_name: str | None = None,
        monitoring_type: str | None = None,
        status: str | None = None,
        name_contains: str | None = None,
    ) -> Iterator[MonitorOverview]:
        """Yield the Clarify monitors in the order of their names, each with its newest execution.

        Each execution takes a request; at most eight run at once.

        Args:
            endpoint_name: As in `monitors`.
            monitoring_type: As in `monitors`.
            status: As in `monitors`.
            name_contains: As in `monitors`.

        Raises:
            InvalidArgument: There is no such type or status.
        """
        from botocore.exceptions import BotoCoreError

        found = self.monitors(
            endpoint_name=endpoint_name, monitoring_type=monitoring_type, status=status, name_contains=name_contains
        )

        def newest(summary: MonitoringScheduleSummary) -> ClarifyMonitoringExecution | None:
            return next(executions_of(self._aws, summary.monitoring_schedule_name, limit=1), None)

        for summary, call in in_parallel(newest, found):
            try:
                yield MonitorOverview(summary, call.result())
            except (ClarifyOperationsError, BotoCoreError) as error:
                yield MonitorOverview(summary, None, str(error))

    def monitor(self, monitor_schedule_name: str, *, needs_definition: bool = True) -> ClarifyModelMonitor:
        """Find a monitor: a `ModelBiasMonitor` or a `ModelExplainabilityMonitor`.

        Args:
            monitor_schedule_name: The name of its monitoring schedule.
            needs_definition: Whether its job definition must exist. Without one, a monitor can be deleted and stopped,
                and lists its executions; everything that needs the definition raises `DefinitionNotFound`.

        Raises:
            InvalidArgument: It is not a valid name of a schedule.
            ScheduleNotFound: There is no such schedule.
            WrongMonitorType: It is not a Clarify monitor.
            DefinitionNotFound: Its job definition is gone, but required.
            AccessDenied: The caller may not read them.
        """
        return attach(self._aws, monitor_schedule_name, needs_definition=needs_definition)

    def execution(self, processing_job_arn: str) -> ClarifyMonitoringExecution:
        """Find an execution by its processing job.

        Args:
            processing_job_arn: The job's ARN.

        Raises:
            InvalidArgument: It is not the ARN of a processing job.
            JobNotFound: There is no such job, or it no longer exists.
        """
        return execution_of_job(self._aws, processing_job_arn)

    def baselining_job(self, processing_job_name: str) -> ClarifyBaseliningJob:
        """Return an object for a baselining job, without a request to SageMaker.

        Args:
            processing_job_name: The job's name.

        Raises:
            InvalidArgument: It is not a valid name.
        """
        return ClarifyBaseliningJob(processing_job_name, self._aws.session, poll_interval=self._aws.poll_interval)

    def orphaned_definitions(self) -> Iterator[tuple[str, str]]:
        """Yield Clarify's job definitions that no schedule uses: monitoring type and name.

        Only their owner knows whether they can be deleted: a schedule may be created for them later.
        """
        used = {name for name, _ in definitions_in_use(self._aws)}
        for kind in KINDS:
            for name in definition_names(self._aws, kind):
                if name not in used:
                    yield kind, name

    def left_definitions(self, monitor_schedule_name: str, job_definition_name: str | None = None) -> list[str]:
        """Return the job definitions that remain after the deletion of a schedule, and that no schedule uses.

        These are the definition with the schedule's name, those that updates by this package created for it, and
        `job_definition_name`.

        Args:
            monitor_schedule_name: The name that the schedule had.
            job_definition_name: The name of its job definition, if it is another one.
        """
        return [name for _, name in self._left(monitor_schedule_name, job_definition_name)]

    def delete_left_definitions(self, monitor_schedule_name: str, job_definition_name: str | None = None) -> list[str]:
        """Delete what `left_definitions` returns for the same arguments.

        Raises:
            InvalidArgument: The schedule is still there.
        """
        with contextlib.suppress(ScheduleNotFound):
            describe_schedule(self._aws, monitor_schedule_name)
            raise InvalidArgument(
                f"The schedule {monitor_schedule_name} is still there: delete it, and its job definition with it",
                schedule=monitor_schedule_name,
            )
        found = self._left(monitor_schedule_name, job_definition_name)
        for kind, name in found:
            delete_definition(self._aws, kind, name)
        return [name for _, name in found]

    def _left(self, schedule: str, definition: str | None) -> list[tuple[str, str]]:
        return [
            (kind, name)
            for kind, name in self.orphaned_definitions()
            if name in (schedule, definition) or is_made_for(schedule, name)
        ]

    def doctor(self) -> list[Finding]:
        """Examine all monitors, and look for job definitions that no schedule uses."""
        findings: list[Finding] = []
        for summary in self.monitors():
            name = summary.monitoring_schedule_name
            try:
                findings += self.monitor(name).doctor()
            except ClarifyOperationsError as error:
                findings.append(not_examined(error, f"{name} could not be examined", name))
        try:
            orphans = [f"{name} ({kind})" for kind, name in self.orphaned_definitions()]
        except ClarifyOperationsError as error:
            orphans = []
            findings.append(not_examined(error, "Job definitions that no schedule uses could not be looked for"))
        if orphans:
            findings.append(
                Finding(
                    "orphaned-definitions",
                    "warning",
                    f"No schedule uses these job definitions: {', '.join(orphans)}.",
                    "Delete those that nobody needs.",
                )
            )
        return by_severity(findings)


def _summary(found: Mapping[str, Any]) -> MonitoringScheduleSummary:
    return MonitoringScheduleSummary(
        monitoring_schedule_name=found["MonitoringScheduleName"],
        monitoring_type=str(kind_of(found)),
        status=found["MonitoringScheduleStatus"],
        endpoint_name=found.get("EndpointName"),
        job_definition_name=found.get("MonitoringJobDefinitionName"),
        creation_time=utc(found["CreationTime"]),
        last_modified_time=utc(found["LastModifiedTime"]),
    )
