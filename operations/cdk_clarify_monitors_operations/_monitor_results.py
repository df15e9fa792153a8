"""What a monitor that runs has computed: its executions and its baseline, and what updates have left behind."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Final, Self

from cdk_clarify_monitors_operations._aws import Aws, check_aware
from cdk_clarify_monitors_operations._errors import (
    ClarifyOperationsError,
    InvalidArgument,
    NoBaseline,
    NoExecutions,
    NotFound,
    NotSupported,
)
from cdk_clarify_monitors_operations._execution import FINISHED, STATUSES, ClarifyMonitoringExecution, executions_of
from cdk_clarify_monitors_operations._logs import LogLine
from cdk_clarify_monitors_operations._processing_job import ClarifyBaseliningJob
from cdk_clarify_monitors_operations.data._files import (
    Constraints,
    ConstraintViolations,
    Violation,
    read_file,
    read_json,
)
from cdk_clarify_monitors_operations.definitions._definition_changes import is_made_for
from cdk_clarify_monitors_operations.definitions._described_monitor import DescribedMonitor
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import (
    KINDS,
    Descriptions,
    definition_names,
    definitions_in_use,
    describe_schedule,
    describe_schedule_and_definition,
)

_LOGGER = logging.getLogger(__name__)

# Below its job's folder, a deployment writes constraints with limits of the user's own into one of this name.
_WITH_LIMITS: Final = re.compile(r"constraints-[0-9a-f]{16}")


class MonitorResults(DescribedMonitor):
    """What a monitor has computed, read from SageMaker and S3. Nothing is changed."""

    #: The monitoring types that a class attaches to.
    monitoring_types: ClassVar[tuple[str, ...]] = KINDS

    def describe_schedule(self) -> dict[str, Any]:
        """Return SageMaker's description of the schedule, as it is now.

        Raises:
            ScheduleNotFound: It is gone.
        """
        return describe_schedule(self._aws, self.monitoring_schedule_name)

    def refresh(self) -> Self:
        """Read schedule, job definition and tags again, and return the monitor itself.

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
        """Yield its executions, including those without a processing job. Pages are read as needed.

        Args:
            status: Only those with this status, such as `Failed`.
            since: Only executions that were due at this time or later.
            until: Only executions that were due before this time.
            newest_first: Whether the newest execution comes first, as in SageMaker's own order.
            limit: The largest number of executions.

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
            NoProcessingJob: It has no processing job, for example after `Job inputs had no data`.
            JobFailed: Its job failed or was stopped.
            NotReady: Its job runs.
            AccessDenied: The caller may not read the file.
            InvalidFile: The file is not a JSON object, or is too large.
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
            InvalidFile: A file does not have Clarify's structure.
        """
        executions = self.list_executions(status="CompletedWithViolations", since=since, until=until)
        return itertools.chain.from_iterable(execution.violations() for execution in executions)

    def get_latest_execution_logs(self, wait: bool = False) -> Iterator[LogLine]:
        """Yield the log of the execution that was due last. For other executions, use `list_executions` and `logs`.

        Args:
            wait: Whether to continue until its job ends. If the job fails, this raises an error after the last line.

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

        A deployment names only the file. The file is in the job's folder, which has the job's name, or with
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
            InvalidFile: They are not a JSON object.
        """
        uri = self.constraints_s3_uri
        if self.baselining_job_name is None and uri is not None:
            return read_file(Constraints, self._aws, uri, self.output_kms_key)
        return self.latest_baselining_job().suggested_constraints()

    def overridden_constraints(self) -> Constraints | None:
        """Read the constraints as the job suggested them, if a deployment replaced some by limits.

        The limits are a construct's `constraints_overrides`, and `suggested_constraints` reads the file that contains
        them. None: there are no such limits. Empty: the suggested constraints are gone, or the caller may not read
        them.
        """
        folder, has_limits = _folder_of_job(self.constraints_s3_uri or "")
        if not has_limits:
            return None
        try:
            return read_file(Constraints, self._aws, f"{folder}/analysis.json", self.output_kms_key)
        except ClarifyOperationsError:
            return Constraints({})

    def baseline_analysis_config(self) -> dict[str, Any]:
        """Read the analysis config of the baselining job; without that job, the one of the executions.

        It names the label, which the executions of an explainability monitor are not told. Empty: it is gone, or may
        not be read.
        """
        try:
            job = self.find_baselining_job()
            found = [entry.s3_uri for entry in job.inputs if entry.name == "analysis_config"] if job else []
            uri = next(filter(None, found), self.analysis_config_s3_uri)
            return read_json(self._aws, uri) if uri else {}
        except ClarifyOperationsError:
            return {}

    def baseline_statistics(self, **_: object) -> None:
        """Raise: Clarify has no statistics.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported(f"{type(self).__name__} doesn't support statistics.", schedule=self.monitoring_schedule_name)

    # Replaced job definitions

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

        These are the definitions that its executions name, and those that updates by this package created.
        """
        used = {name for name, _ in definitions_in_use(self._aws)}
        return [name for name in self._replaced_definitions() if name not in used]


def _folder_of_job(constraints_s3_uri: str) -> tuple[str, bool]:
    """Return the folder of the job that wrote constraints, and whether they have limits of the user's own."""
    folder = constraints_s3_uri.rpartition("/")[0]
    above, _, name = folder.rpartition("/")
    return (above, True) if _WITH_LIMITS.fullmatch(name) else (folder, False)


def internals(monitor: MonitorResults) -> tuple[Aws, Descriptions]:
    """What a monitor looks through, and SageMaker's descriptions of it."""
    return monitor._aws, monitor._described
