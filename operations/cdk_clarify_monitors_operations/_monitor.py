"""A monitor that runs: its schedule, executions, results and alerts."""

from __future__ import annotations

import contextlib
import itertools
import logging
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
from cdk_clarify_monitors_operations._aws import Aws, check_aware
from cdk_clarify_monitors_operations._errors import (
    ClarifyOperationsError,
    InvalidArgument,
    NoBaseline,
    NoExecutions,
    NotFound,
    NotSupported,
    ScheduleNotFound,
)
from cdk_clarify_monitors_operations._execution import (
    FINISHED,
    STATUSES,
    ClarifyMonitoringExecution,
    executions_of,
)
from cdk_clarify_monitors_operations._logs import LogLine
from cdk_clarify_monitors_operations._processing_job import ClarifyBaseliningJob
from cdk_clarify_monitors_operations.data._files import Constraints, ConstraintViolations, Violation, read_file
from cdk_clarify_monitors_operations.definitions._definition_changes import AnalysisConfig, Changes, is_made_for
from cdk_clarify_monitors_operations.definitions._deletion import ScheduleDeletion, delete_definition
from cdk_clarify_monitors_operations.definitions._described_monitor import DescribedMonitor
from cdk_clarify_monitors_operations.definitions._inputs import (
    BatchTransformInput,
    EndpointInput,
    NetworkConfig,
    Removal,
)
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import (
    KINDS,
    Descriptions,
    definition_names,
    definitions_in_use,
    describe_schedule,
    describe_schedule_and_definition,
    schedule_gone,
    wait_while_pending,
)
from cdk_clarify_monitors_operations.definitions._stack import refuse_if_managed
from cdk_clarify_monitors_operations.definitions._time_offsets import NOW, check_day
from cdk_clarify_monitors_operations.definitions._update import Change, ScheduleUpdate, wait_until_settled

if TYPE_CHECKING:
    import os

    import boto3

    from cdk_clarify_monitors_operations._doctor import Finding
    from cdk_clarify_monitors_operations.report._report import MonitorReport

_LOGGER = logging.getLogger(__name__)

_NAME: Final = re.compile(r"[a-zA-Z0-9-]{1,63}")
# Below its job's folder, a deployment writes constraints with limits of the user's own into one of this name.
_WITH_LIMITS: Final = re.compile(r"constraints-[0-9a-f]{16}")


class ClarifyModelMonitor(DescribedMonitor):
    """A monitor of SageMaker Clarify that runs. `attach` finds it by the name of its schedule.

    What it tells of schedule and job definition is what they were when it was attached, or last refreshed.
    """

    #: The monitoring types that a class attaches to.
    monitoring_types: ClassVar[tuple[str, ...]] = KINDS

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
            session: A boto3 session. Default: made of the environment.
            poll_interval: Seconds from one question to the next while something is waited for.
            timeout: Seconds after which waiting for a schedule ends.

        Returns:
            A `ModelBiasMonitor` or a `ModelExplainabilityMonitor`.

        Raises:
            InvalidArgument: It cannot be the name of a schedule.
            ScheduleNotFound: There is no such schedule.
            WrongMonitorType: It is of another type.
            DefinitionNotFound: Its job definition is gone.
            AccessDenied: The caller may not look at them.
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

    def describe_schedule(self) -> dict[str, Any]:
        """Return SageMaker's description of the schedule, as it is now.

        Raises:
            ScheduleNotFound: It is gone.
        """
        return describe_schedule(self._aws, self.monitoring_schedule_name)

    def refresh(self) -> Self:
        """Look at schedule, job definition and tags again; returns the monitor itself.

        Raises:
            ScheduleNotFound: The schedule is gone.
        """
        self._described = describe_schedule_and_definition(
            self._aws, self.monitoring_schedule_name, self.monitoring_types
        )
        self._all_tags = None
        return self

    # Executions

    def list_executions(
        self,
        *,
        status: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        newest_first: bool = True,
        limit: int | None = None,
    ) -> Iterator[ClarifyMonitoringExecution]:
        """Yield its executions, those without a processing job among them. Pages are read when they are needed.

        Args:
            status: Only those with this status, such as `Failed`.
            since: Only those that were due at this time or later.
            until: Only those that were due before this time.
            newest_first: Whether the order is that of SageMaker, or the other way round.
            limit: At most so many.

        Raises:
            InvalidArgument: There is no such status; a time has no time zone; or the times cross.
            ScheduleNotFound: The schedule is gone, and SageMaker says so.
        """
        if status is not None and status not in STATUSES:
            raise InvalidArgument(f"'status' must be one of {', '.join(STATUSES)}, got {status!r}")
        check_aware("since", since)
        check_aware("until", until)
        if since is not None and until is not None and since >= until:
            raise InvalidArgument(f"'since' must be before 'until', got {since.isoformat()} and {until.isoformat()}")
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
            raise InvalidArgument(f"'limit' must be a whole number of 0 or more, got {limit!r}")
        return executions_of(
            self._aws,
            self.monitoring_schedule_name,
            status=status,
            since=since,
            until=until,
            newest_first=newest_first,
            limit=limit,
        )

    def latest_execution(self, *, finished: bool = False) -> ClarifyMonitoringExecution | None:
        """Return the execution that was due last; None if there is none.

        Args:
            finished: Whether it must have ended.
        """
        executions = self.list_executions(limit=None if finished else 1)
        return next((each for each in executions if not finished or each.status in FINISHED), None)

    def latest_monitoring_constraint_violations(
        self, file_name: str = "constraint_violations.json"
    ) -> ConstraintViolations | None:
        """Read the violations of the execution that was due last; None if there is no execution yet.

        Args:
            file_name: The file's name.

        Raises:
            ResultMissing: It completed without violations.
            NoProcessingJob: It has no processing job, as after `Job inputs had no data`.
            JobFailed: Its job failed or was stopped.
            NotReady: Its job runs.
            AccessDenied: The caller may not read the file.
            InvalidFile: The file is no JSON object, or too large.
        """
        latest = self.latest_execution()
        if latest is None:
            _LOGGER.warning("The monitoring schedule %s has no executions yet.", self.monitoring_schedule_name)
            return None
        return latest.constraint_violations(file_name)

    def violations(self, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[Violation]:
        """Yield the violations of all its executions, newest execution first.

        Args:
            since: Only of executions that were due at this time or later.
            until: Only of executions that were due before this time.

        Raises:
            ResultMissing: The file of an execution with violations is gone.
            AccessDenied: The caller may not read one.
            InvalidFile: One is not as Clarify writes it.
        """
        executions = self.list_executions(status="CompletedWithViolations", since=since, until=until)
        return itertools.chain.from_iterable(execution.violations() for execution in executions)

    def report(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        cache_directory: str | os.PathLike[str] | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> MonitorReport:
        """Read its executions, several at once, and return a report of them.

        What cannot be read is left out, and the report says so.

        Args:
            since: Only executions that were due at this time or later.
            until: Only executions that were due before this time.
            limit: At most so many, the newest.
            cache_directory: Where the results of finished executions are kept, which never change. Default: a folder
                in this user's folder for caches.
            progress: Called with the number of executions that have been read, and of all.

        Raises:
            InvalidArgument: The times or the limit cannot be right.
            AccessDenied: The caller may not list the executions.
            ScheduleNotFound: The schedule is gone, and SageMaker says so.
        """
        from cdk_clarify_monitors_operations.report._report import monitor_report

        return monitor_report(
            self,
            self._aws,
            since=since,
            until=until,
            limit=limit,
            cache_directory=cache_directory,
            progress=progress,
        )

    def get_latest_execution_logs(self, wait: bool = False) -> Iterator[LogLine]:
        """Yield the log of the execution that was due last. `list_executions` and `logs` give that of any other.

        Args:
            wait: Whether to go on until its job ends. Then a job that fails raises, after its last line.

        Raises:
            NoExecutions: There is no execution yet.
            NoProcessingJob: It has no processing job.
        """
        latest = self.latest_execution()
        if latest is None:
            raise NoExecutions(
                f"No execution jobs were kicked off: the monitoring schedule {self.monitoring_schedule_name} has no "
                "executions yet.",
                schedule=self.monitoring_schedule_name,
            )
        return latest.logs(follow=wait)

    def latest_monitoring_statistics(self, **_: object) -> None:
        """Raise: Clarify has no statistics.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported(f"{type(self).__name__} doesn't support statistics.", schedule=self.monitoring_schedule_name)

    # The baseline

    def run_baseline(self, **_: object) -> None:
        """Raise: a Clarify monitor's baseline comes from a deployment, or from `suggest_baseline` of the SDK.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported(
            "'.run_baseline()' is only allowed for ModelMonitor objects. A Clarify monitor's baseline is computed when "
            "its construct is deployed, or by 'suggest_baseline' of the SDK.",
            schedule=self.monitoring_schedule_name,
        )

    def latest_baselining_job(self) -> ClarifyBaseliningJob:
        """Return the baselining job that the job definition names.

        Raises:
            NoBaseline: It names none.
        """
        name = self.baselining_job_name
        if name is None:
            uri = self.constraints_s3_uri
            has = (
                f"it has the constraints {uri}, which suggested_constraints() reads" if uri else "it has no constraints"
            )
            raise NoBaseline(
                f"The job definition {self.job_definition_name} names no baselining job; {has}.",
                schedule=self.monitoring_schedule_name,
                uri=uri,
            )
        return ClarifyBaseliningJob(name, self._aws.session, poll_interval=self._aws.poll_interval)

    def find_baselining_job(self) -> ClarifyBaseliningJob | None:
        """Return the job that computed the constraints: the one that the job definition names, or that wrote the file.

        A deployment names the file only; it lies in the job's folder, which has its name, or with
        `constraints_overrides` in a folder below. None: the constraints come from elsewhere, or the job's record is
        gone.
        """
        uri = self.constraints_s3_uri
        name = self.baselining_job_name or _folder_of_job(uri or "")[0].rpartition("/")[2]
        if not name:
            return None
        job = ClarifyBaseliningJob(name, self._aws.session, poll_interval=self._aws.poll_interval)
        try:
            folder = job.output_s3_uri
        except NotFound:
            return None
        wrote_it = folder is not None and (uri or "").startswith(folder.rstrip("/") + "/")
        return job if wrote_it or self.baselining_job_name else None

    def describe_latest_baselining_job(self) -> dict[str, Any]:
        """Return SageMaker's description of the baselining job that the job definition names.

        Raises:
            NoBaseline: It names none.
            JobNotFound: It is gone.
        """
        return self.latest_baselining_job().describe()

    def suggested_constraints(self) -> Constraints:
        """Read the constraints of the baselining job that the job definition names, or the file that it names.

        Raises:
            NoBaseline: The job definition names neither constraints nor a baselining job.
            ResultMissing: They are not there.
            JobFailed: The baselining job failed.
            NotReady: The baselining job runs.
            AccessDenied: The caller may not read them.
            InvalidFile: They are no JSON object.
        """
        uri = self.constraints_s3_uri
        if self.baselining_job_name is None and uri is not None:
            return read_file(Constraints, self._aws, uri, self.output_kms_key)
        return self.latest_baselining_job().suggested_constraints()

    def overridden_constraints(self) -> Constraints | None:
        """Read the constraints as the job suggested them, if a deployment put limits in their place.

        They are the `constraints_overrides` of a construct; the file that `suggested_constraints` reads has them.
        None: there are no such limits. Empty: what was suggested is gone, or may not be read.
        """
        folder, has_limits = _folder_of_job(self.constraints_s3_uri or "")
        if not has_limits:
            return None
        try:
            return read_file(Constraints, self._aws, f"{folder}/analysis.json", self.output_kms_key)
        except ClarifyOperationsError:
            return Constraints({})

    def baseline_statistics(self, **_: object) -> None:
        """Raise: Clarify has no statistics.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported(f"{type(self).__name__} doesn't support statistics.", schedule=self.monitoring_schedule_name)

    # Start, stop, run

    def start_monitoring_schedule(self, *, wait: bool = True) -> None:
        """Start the schedule.

        Args:
            wait: Whether to wait until SageMaker has done it.

        Raises:
            ScheduleNotFound: It is gone.
            ScheduleFailed: It has failed.
            WaitTimeout: It took too long.
        """
        self._switch("StartMonitoringSchedule", wait)

    def stop_monitoring_schedule(self, *, wait: bool = True) -> None:
        """Stop the schedule. An execution that runs goes on.

        Args:
            wait: Whether to wait until SageMaker has done it.

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
        """Run an execution as soon as possible, by a second, one-time schedule. The monitor's own is not touched.

        The schedule stays when it has run: `delete_monitoring_schedule` of the returned monitor removes it, and keeps
        the job definition, which both use. SageMaker may take half an hour to begin.

        Args:
            start: Where the data begins, as an offset to now; at most 24 hours before `end`.
            end: Where the data ends.
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
        """Wait for the execution that is due last, and until it has begun, for an hour, if there is none yet.

        Returns:
            The execution as it is when it has ended.

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
        """Change the monitor. What is not given stays as it is; what is given is merged into what is there.

        SageMaker's job definitions cannot be changed: a new one is made, and the schedule is told to use it. If that
        is refused, the new one is deleted again. The old one is deleted when the schedule has settled, unless another
        schedule uses it. If the call is interrupted, the same call takes it up again.

        Args:
            endpoint_input: Another endpoint, by its name, or what to change of how it is read.
            ground_truth_input: Another folder of labels, for bias monitors.
            analysis_config: The S3 URI of another analysis config, its document, or a configuration object of
                `cdk_clarify_monitors`. What is not in S3 yet is stored below the output.
            output_s3_uri: Another folder for results.
            constraints: Other constraints, in S3. `REMOVE`: executions are compared with nothing.
            schedule_cron_expression: When it runs. `NOW`: once, over the window of the two times.
            enable_cloudwatch_metrics: Whether executions publish metrics.
            role: The ARN or the name of another role.
            instance_count: How many instances jobs have.
            instance_type: Of which type they are.
            volume_size_in_gb: The size of their volumes.
            volume_kms_key: The key of their volumes. `REMOVE`: the default.
            output_kms_key: The key of their results. `REMOVE`: the default.
            max_runtime_in_seconds: How long a job may take. `REMOVE`: the default.
            env: Variables to set; None as a value removes one. An empty mapping removes all but the switch of the
                metrics.
            network_config: Another network, as a whole. `REMOVE`: none.
            batch_transform_input: Other batch transforms, or what to change of how they are read.
            data_analysis_start_time: Where the data begins, as an offset to the execution.
            data_analysis_end_time: Where it ends.
            dry_run: Whether only to say what would be done.
            keep_replaced_definition: Whether to keep the old job definition.
            override_stack: Whether to change a schedule that CloudFormation made. Its job definition is kept then.
            wait: Whether to wait until SageMaker has done it. Otherwise the old job definition stays.

        Returns:
            What was changed: the requests, before and after.

        Raises:
            NothingToUpdate: Nothing is given.
            InvalidChange: Something cannot work. Nothing is changed.
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
        """Delete the schedule, then its job definition. What is gone already is done: call it again if it failed.

        Results in S3 stay.

        Args:
            definitions: `current`: the job definition that the schedule uses. `all`: those that updates have replaced,
                too. `none`: none. One that another schedule uses is kept.
            override_stack: Whether to delete a schedule that CloudFormation made.
            wait: Whether to wait until the schedule is gone. Otherwise job definitions stay; another call deletes them.

        Raises:
            ManagedByStack: CloudFormation made the schedule.
            ServiceError: SageMaker refuses it, as while an execution runs.
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

    def _replaced_definitions(self) -> list[str]:
        """Job definitions that this schedule has used, or that an update has made for it, and that still exist."""
        names = set(self._used_definitions())
        found = set(definition_names(self._aws, self.monitoring_type))
        made = {name for name in found if is_made_for(self.monitoring_schedule_name, name)}
        return sorted(((names & found) | made) - {self.job_definition_name})

    def _used_definitions(self) -> Iterator[str]:
        try:
            for execution in self.list_executions():
                if execution.job_definition_name is not None:
                    yield execution.job_definition_name
        except NotFound:  # gone with the schedule
            return

    def replaced_definitions(self) -> list[str]:
        """Return the job definitions that updates have left behind, and that no schedule uses.

        They are those that its executions name, and those that an update by this package has made.
        """
        used = {name for name, _ in definitions_in_use(self._aws)}
        return [name for name in self._replaced_definitions() if name not in used]

    def delete_replaced_definitions(self, *, dry_run: bool = False) -> list[str]:
        """Delete the job definitions that updates have left behind, and that no schedule uses.

        Args:
            dry_run: Whether only to say which.

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
        """Change an alert. What is not given stays as it is.

        Args:
            monitoring_alert_name: The alert's name.
            data_points_to_alert: How many of the last executions have to have violations.
            evaluation_period: How many executions are looked at.

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
        """Yield the changes of alerts' status. Pages are read when they are needed.

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

    # Examination

    def doctor(self) -> list[Finding]:
        """Examine the monitor: what is wrong, how that shows, and what to do about it. An empty list: nothing."""
        from cdk_clarify_monitors_operations._doctor import examine

        return examine(self)


class ModelBiasMonitor(ClarifyModelMonitor):
    """A bias monitor that runs."""

    monitoring_types: ClassVar[tuple[str, ...]] = ("ModelBias",)


class ModelExplainabilityMonitor(ClarifyModelMonitor):
    """A feature-attribution monitor that runs."""

    monitoring_types: ClassVar[tuple[str, ...]] = ("ModelExplainability",)


def attach(aws: Aws, name: str, *, needs_definition: bool = True) -> ClarifyModelMonitor:
    """Find a monitor of either type."""
    return ClarifyModelMonitor._attach(aws, name, needs_definition=needs_definition)


def _folder_of_job(constraints_s3_uri: str) -> tuple[str, bool]:
    """Return the folder of the job that wrote constraints, and whether they have limits of the user's own."""
    folder = constraints_s3_uri.rpartition("/")[0]
    above, _, name = folder.rpartition("/")
    return (above, True) if _WITH_LIMITS.fullmatch(name) else (folder, False)


def internals(monitor: ClarifyModelMonitor) -> tuple[Aws, Descriptions]:
    """What the examination looks through."""
    return monitor._aws, monitor._described
