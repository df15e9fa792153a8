"""Monitors that run: found by the names of their schedules, started, changed and deleted."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

from cdk_clarify_monitors_operations._alerts import (
    MonitoringAlertHistorySummary,
    MonitoringAlertSummary,
    alert_history,
    list_alerts,
    update_alert,
)
from cdk_clarify_monitors_operations._aws import Aws
from cdk_clarify_monitors_operations._doctor import Finding, examine
from cdk_clarify_monitors_operations._errors import (
    ClarifyOperationsError,
    InvalidArgument,
    NotFound,
    ScheduleNotFound,
)
from cdk_clarify_monitors_operations._execution import (
    ClarifyMonitoringExecution,
)
from cdk_clarify_monitors_operations._monitor_results import MonitorResults
from cdk_clarify_monitors_operations.data._files import Constraints
from cdk_clarify_monitors_operations.definitions._definition_changes import AnalysisConfig, Changes
from cdk_clarify_monitors_operations.definitions._deletion import ScheduleDeletion, delete_definition
from cdk_clarify_monitors_operations.definitions._inputs import (
    BatchTransformInput,
    EndpointInput,
    NetworkConfig,
    Removal,
)
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import (
    Descriptions,
    definitions_in_use,
    describe_schedule_and_definition,
    schedule_gone,
    wait_while_pending,
)
from cdk_clarify_monitors_operations.definitions._stack import refuse_if_managed
from cdk_clarify_monitors_operations.definitions._time_offsets import NOW, check_day
from cdk_clarify_monitors_operations.definitions._update import Change, ScheduleUpdate, wait_until_settled
from cdk_clarify_monitors_operations.report._report import MonitorReport, monitor_report

if TYPE_CHECKING:
    import boto3
else:
    from cdk_clarify_monitors_operations._aws import boto3

_LOGGER = logging.getLogger(__name__)

_NAME: Final = re.compile(r"[a-zA-Z0-9-]{1,63}")


class ClarifyModelMonitor(MonitorResults):
    """A deployed SageMaker Clarify monitor. `attach` finds it by the name of its schedule.

    Its schedule and job definition are as they were when it was attached or last refreshed.
    """

    def __init__(self, aws: Aws, described: Descriptions) -> None:
        """Use `attach`."""
        super().__init__(aws, described)
        self._deletion = ScheduleDeletion(aws, self.monitoring_schedule_name)

    @classmethod
    def attach(
        cls,
        monitor_schedule_name: str,
        session: boto3.Session | None = None,
        *,
        poll_interval: float = 5.0,
        timeout: float = 900.0,
    ) -> Self:
        """Find a monitor.

        Args:
            monitor_schedule_name: The name of its monitoring schedule.
            session: A boto3 session. Default: one from the environment.
            poll_interval: Seconds between two requests while waiting.
            timeout: Seconds to wait for a schedule at most.

        Returns:
            A `ModelBiasMonitor` or a `ModelExplainabilityMonitor`.

        Raises:
            InvalidArgument: It is not a valid name of a schedule.
            ScheduleNotFound: There is no such schedule.
            WrongMonitorType: It is of another type.
            DefinitionNotFound: Its job definition is gone.
            AccessDenied: The caller may not read them.
        """
        return cls._attach(Aws(session, poll_interval=poll_interval, timeout=timeout), monitor_schedule_name)

    @classmethod
    def _attach(cls, aws: Aws, name: str, *, needs_definition: bool = True) -> Self:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidArgument(
                "'monitor_schedule_name' must be the name of a monitoring schedule, not its ARN or anything else: "
                f"letters, digits and hyphens, got {name!r}"
            )
        described = describe_schedule_and_definition(aws, name, cls.monitoring_types, needs_definition=needs_definition)
        kinds: dict[str, Any] = {"ModelBias": ModelBiasMonitor, "ModelExplainability": ModelExplainabilityMonitor}
        monitor: Self = (kinds[described.kind] if cls is ClarifyModelMonitor else cls)(aws, described)
        return monitor

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.monitoring_schedule_name!r})"

    # Report and examination

    def report(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        cache_directory: str | os.PathLike[str] | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> MonitorReport:
        """Read its executions, several at once, and return a report.

        What cannot be read is left out, and the report says so.

        Args:
            since: Only executions that were due at this time or later.
            until: Only executions that were due before this time.
            limit: The largest number of executions, newest first.
            cache_directory: Where to cache the results of finished executions, which never change. Default: a folder in
                this user's cache folder.
            progress: Called with the number of executions that have been read, and the total.

        Raises:
            InvalidArgument: The times or the limit are invalid.
            AccessDenied: The caller may not list the executions.
            ScheduleNotFound: The schedule is gone, and SageMaker says so.
        """
        return monitor_report(
            self,
            self._aws,
            since=since,
            until=until,
            limit=limit,
            cache_directory=cache_directory,
            progress=progress,
        )

    def doctor(self) -> list[Finding]:
        """Examine the monitor: return what is wrong, with symptoms and remedies; an empty list if nothing is."""
        return examine(self)

    # Start, stop, run

    def start_monitoring_schedule(self, *, wait: bool = True) -> None:
        """Start the schedule.

        Args:
            wait: Whether to wait until SageMaker has finished.

        Raises:
            ScheduleNotFound: It is gone.
            ScheduleFailed: It has failed.
            WaitTimeout: It took too long.
        """
        self._switch("StartMonitoringSchedule", wait)

    def stop_monitoring_schedule(self, *, wait: bool = True) -> None:
        """Stop the schedule. An execution that runs goes on.

        Args:
            wait: Whether to wait until SageMaker has finished.

        Raises:
            ScheduleNotFound: It is gone.
            ScheduleFailed: It has failed.
            WaitTimeout: It took too long.
        """
        self._switch("StopMonitoringSchedule", wait)

    def _switch(self, operation: str, wait: bool) -> None:
        self.describe_schedule()  # What is known to be gone is not sent anything.
        try:
            self._aws.call("sagemaker", operation, MonitoringScheduleName=self.monitoring_schedule_name)
        except NotFound as error:
            raise schedule_gone(self.monitoring_schedule_name, error) from error
        if wait:
            self._settled()

    def _settled(self) -> None:
        schedule = wait_until_settled(self._aws, self.monitoring_schedule_name)
        self._described = Descriptions(schedule, self._described.definition)

    def run_now(
        self,
        start: str = "-PT1H",
        end: str = "-PT0H",
        *,
        name: str | None = None,
        wait: bool = False,
    ) -> Self:
        """Run an execution as soon as possible, with a second, one-time schedule.

        The monitor's own schedule is not changed. The second schedule stays after it has run.
        `delete_monitoring_schedule` of the returned monitor removes it, and keeps the job definition, which both use.
        SageMaker may take half an hour to begin.

        Args:
            start: Start of the data, as an offset from now; at most 24 hours before `end`.
            end: End of the data.
            name: The name of the second schedule. Default: the monitor's with `-now-` and the time.
            wait: Whether to wait for the end of the execution.

        Returns:
            The monitor of the second schedule.

        Raises:
            InvalidChange: The window cannot be analysed.
            ServiceError: SageMaker refuses it.
            JobFailed: With `wait`: the execution failed.
            NoProcessingJob: With `wait`: it failed without a job.
        """
        check_day(start, end, "start", "end")
        name = name or f"{self.monitoring_schedule_name[:43].rstrip('-')}-now-{datetime.now(UTC):%Y%m%d%H%M%S}"
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        self._aws.call(
            "sagemaker",
            "CreateMonitoringSchedule",
            MonitoringScheduleName=name,
            MonitoringScheduleConfig={
                "ScheduleConfig": {
                    "ScheduleExpression": NOW,
                    "DataAnalysisStartTime": start,
                    "DataAnalysisEndTime": end,
                },
                "MonitoringJobDefinitionName": self.job_definition_name,
                "MonitoringType": self.monitoring_type,
            },
            Tags=tags or None,
        )
        wait_until_settled(self._aws, name)
        run = type(self)._attach(self._aws, name)
        if wait:
            run.wait_for_execution()
        return run

    def wait_for_execution(self) -> ClarifyMonitoringExecution:
        """Wait for the end of the newest execution; if there is none, wait up to an hour for one to begin.

        Returns:
            The finished execution.

        Raises:
            JobFailed: It failed.
            NoProcessingJob: It failed without a job.
            WaitTimeout: None has begun.
        """
        name = self.monitoring_schedule_name
        execution = self._aws.wait(
            self.latest_execution,
            lambda found: found is not None,
            f"The start of the execution of {name}",
            timeout=max(self._aws.timeout, 3600.0),
            schedule=name,
        )
        assert execution is not None  # noqa: S101 for the type checker
        return execution.wait()

    # Change

    def update_monitoring_schedule(
        self,
        endpoint_input: str | EndpointInput | None = None,
        ground_truth_input: str | None = None,
        analysis_config: str | Mapping[str, Any] | AnalysisConfig | None = None,
        output_s3_uri: str | None = None,
        constraints: str | Constraints | Removal | None = None,
        schedule_cron_expression: str | None = None,
        enable_cloudwatch_metrics: bool | None = None,
        role: str | None = None,
        instance_count: int | None = None,
        instance_type: str | None = None,
        volume_size_in_gb: int | None = None,
        volume_kms_key: str | Removal | None = None,
        output_kms_key: str | Removal | None = None,
        max_runtime_in_seconds: int | Removal | None = None,
        env: Mapping[str, str | None] | None = None,
        network_config: NetworkConfig | Removal | None = None,
        batch_transform_input: BatchTransformInput | None = None,
        data_analysis_start_time: str | None = None,
        data_analysis_end_time: str | None = None,
        *,
        dry_run: bool = False,
        keep_replaced_definition: bool = False,
        override_stack: bool = False,
        wait: bool = True,
    ) -> Change:
        """Change the monitor: the given arguments are merged into the present settings.

        SageMaker's job definitions cannot be changed. So this creates a new one and switches the schedule to it. If
        SageMaker refuses that, the new definition is deleted again. The old one is deleted when the schedule has
        settled, unless another schedule uses it. After an interruption, repeat the same call: it continues.

        Args:
            endpoint_input: The name of another endpoint, or changes to how its data is read.
            ground_truth_input: Another folder of labels, for bias monitors.
            analysis_config: The S3 URI of another analysis config, its content, or a configuration object of
                `cdk_clarify_monitors`. A config that is not in S3 yet is stored below the output.
            output_s3_uri: Another folder for results.
            constraints: Other constraints, in S3. `REMOVE`: executions are compared with nothing.
            schedule_cron_expression: When it runs. `NOW`: once, over the window of the two times.
            enable_cloudwatch_metrics: Whether executions publish metrics.
            role: The ARN or the name of another role.
            instance_count: How many instances jobs have.
            instance_type: The type of these instances.
            volume_size_in_gb: The size of their volumes.
            volume_kms_key: The key of their volumes. `REMOVE`: the default.
            output_kms_key: The key of their results. `REMOVE`: the default.
            max_runtime_in_seconds: How long a job may take. `REMOVE`: the default.
            env: Variables to set; None as a value removes one. An empty mapping removes all but the switch of the
                metrics.
            network_config: Another network, as a whole. `REMOVE`: none.
            batch_transform_input: Other batch transforms, or changes to how their data is read.
            data_analysis_start_time: Start of the data, as an offset from the execution.
            data_analysis_end_time: Where it ends.
            dry_run: Whether to return the planned calls without making them.
            keep_replaced_definition: Whether to keep the old job definition.
            override_stack: Whether to change a schedule that CloudFormation made. Its job definition is kept then.
            wait: Whether to wait until SageMaker has finished. Otherwise the old job definition stays.

        Returns:
            What was changed: the requests, before and after.

        Raises:
            NothingToUpdate: Nothing is given.
            InvalidChange: A change is invalid. Nothing is changed.
            ManagedByStack: CloudFormation made the schedule.
            AccessDenied: The caller lacks a permission.
            ServiceError: SageMaker refuses it. Nothing is changed.
            ScheduleFailed: The schedule failed after the update. Nothing is undone.
            WaitTimeout: It took too long. Nothing is undone.
        """
        changes = Changes(
            endpoint_input=endpoint_input,
            ground_truth_input=ground_truth_input,
            analysis_config=analysis_config,
            output_s3_uri=output_s3_uri,
            constraints=constraints,
            schedule_cron_expression=schedule_cron_expression,
            enable_cloudwatch_metrics=enable_cloudwatch_metrics,
            role=role,
            instance_count=instance_count,
            instance_type=instance_type,
            volume_size_in_gb=volume_size_in_gb,
            volume_kms_key=volume_kms_key,
            output_kms_key=output_kms_key,
            max_runtime_in_seconds=max_runtime_in_seconds,
            env=env,
            network_config=network_config,
            batch_transform_input=batch_transform_input,
            data_analysis_start_time=data_analysis_start_time,
            data_analysis_end_time=data_analysis_end_time,
        )
        changes.check(self.monitoring_type, self.monitoring_schedule_name)
        self.refresh()
        if not override_stack:
            self._refuse_if_managed("update")
        if self.status == "Pending" and not dry_run:
            # Whoever is at work on it may change what this update is merged into.
            wait_while_pending(self._aws, self.monitoring_schedule_name)
            self.refresh()
        update = ScheduleUpdate(self._aws, self._described, self.tags, changes)
        delete_replaced = not keep_replaced_definition and not override_stack
        if dry_run:
            return update.planned(delete_replaced=delete_replaced and wait)
        try:
            change = update.carry_out(delete_replaced=delete_replaced, wait=self._settled if wait else None)
        except ClarifyOperationsError:
            # SageMaker may have accepted it before something failed.
            with contextlib.suppress(ClarifyOperationsError):
                self.refresh()
            raise
        self.refresh()
        return change

    def _refuse_if_managed(self, what: str) -> None:
        refuse_if_managed(self._aws, self.monitoring_schedule_name, self.monitoring_schedule_arn, self._tags(), what)

    # Delete

    def delete_monitoring_schedule(
        self,
        *,
        definitions: Literal["current", "all", "none"] = "current",
        override_stack: bool = False,
        wait: bool = True,
    ) -> None:
        """Delete the schedule, then its job definition. If it fails, call it again: it skips what is already deleted.

        Results in S3 stay.

        Args:
            definitions: `current`: the job definition that the schedule uses. `all`: also those that updates have
                replaced. `none`: none. A definition that another schedule uses is kept.
            override_stack: Whether to delete a schedule that CloudFormation made.
            wait: Whether to wait until the schedule is gone. Otherwise job definitions stay; another call deletes them.

        Raises:
            ManagedByStack: CloudFormation made the schedule.
            ServiceError: SageMaker refuses it, for example while an execution runs.
            ScheduleFailed: The deletion failed.
            WaitTimeout: It took too long.
        """
        if definitions not in ("current", "all", "none"):
            raise InvalidArgument(f"'definitions' must be current, all or none, got {definitions!r}")
        self._look_for_its_definition()
        doomed = [] if definitions == "none" else [self.job_definition_name]
        if definitions == "all":
            doomed += self._replaced_definitions()
        used = {
            name: schedule
            for name, schedule in (definitions_in_use(self._aws) if doomed else ())
            if schedule != self.monitoring_schedule_name
        }
        if not self._deletion.carry_out(None if override_stack else partial(self._refuse_if_managed, "delete"), wait):
            return
        for name in doomed:
            if name in used:
                _LOGGER.info("The job definition %s is kept: the schedule %s uses it.", name, used[name])
            else:
                delete_definition(self._aws, self.monitoring_type, name)

    def _look_for_its_definition(self) -> None:
        """Look which definition the schedule uses now: an update since it was attached has replaced the one known."""
        with contextlib.suppress(ScheduleNotFound):
            self._described = Descriptions(self.describe_schedule(), self._described.definition)

    def delete_replaced_definitions(self, *, dry_run: bool = False) -> list[str]:
        """Delete the job definitions that updates have left behind, and that no schedule uses.

        Args:
            dry_run: Whether to return the names without deleting anything.

        Returns:
            Their names.
        """
        names = self.replaced_definitions()
        if not dry_run:
            for name in names:
                delete_definition(self._aws, self.monitoring_type, name)
        return names

    # Alerts

    def list_monitoring_alerts(self) -> Iterator[MonitoringAlertSummary]:
        """Yield its alerts.

        Raises:
            ScheduleNotFound: The schedule is gone.
        """
        return list_alerts(self._aws, self.monitoring_schedule_name)

    def update_monitoring_alert(
        self,
        monitoring_alert_name: str,
        data_points_to_alert: int | None = None,
        evaluation_period: int | None = None,
    ) -> None:
        """Change an alert. Arguments that are not given change nothing.

        Args:
            monitoring_alert_name: The alert's name.
            data_points_to_alert: How many of the last executions must have violations.
            evaluation_period: How many of the latest executions count.

        Raises:
            NothingToUpdate: Neither is given.
            InvalidArgument: A number is not from 1 to 100, or the alert could never go off.
            AlertNotFound: The schedule has no such alert.
        """
        update_alert(
            self._aws, self.monitoring_schedule_name, monitoring_alert_name, data_points_to_alert, evaluation_period
        )

    def list_monitoring_alert_history(
        self,
        monitoring_alert_name: str | None = None,
        sort_by: Literal["CreationTime", "Status"] = "CreationTime",
        sort_order: Literal["Ascending", "Descending"] = "Descending",
        creation_time_before: datetime | None = None,
        creation_time_after: datetime | None = None,
        status_equals: Literal["InAlert", "OK"] | None = None,
    ) -> Iterator[MonitoringAlertHistorySummary]:
        """Yield the changes of alerts' status. Pages are read as needed.

        Args:
            monitoring_alert_name: The alert's name. Default: all alerts of the schedule.
            sort_by: `CreationTime` or `Status`.
            sort_order: `Ascending` or `Descending`.
            creation_time_before: Only changes before this time.
            creation_time_after: Only changes after this time.
            status_equals: Only changes to this status, `InAlert` or `OK`.

        Raises:
            InvalidArgument: An argument has a value that SageMaker does not know; a time has no time zone; or the
                times cross.
        """
        return alert_history(
            self._aws,
            self.monitoring_schedule_name,
            monitoring_alert_name,
            sort_by=sort_by,
            sort_order=sort_order,
            before=creation_time_before,
            after=creation_time_after,
            status=status_equals,
        )


class ModelBiasMonitor(ClarifyModelMonitor):
    """A deployed bias monitor."""

    monitoring_types: ClassVar[tuple[str, ...]] = ("ModelBias",)


class ModelExplainabilityMonitor(ClarifyModelMonitor):
    """A deployed feature attribution monitor."""

    monitoring_types: ClassVar[tuple[str, ...]] = ("ModelExplainability",)


def attach(aws: Aws, name: str, *, needs_definition: bool = True) -> ClarifyModelMonitor:
    """Find a monitor of either type."""
    return ClarifyModelMonitor._attach(aws, name, needs_definition=needs_definition)
