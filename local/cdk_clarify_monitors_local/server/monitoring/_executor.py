"""Carries out executions of monitoring schedules."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cdk_clarify_monitors_local.server import _buckets
from cdk_clarify_monitors_local.server._clients import Clients
from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._platform import Platform, Scope
from cdk_clarify_monitors_local.server.monitoring import _job_requests
from cdk_clarify_monitors_local.server.monitoring._data_search import DataFolder, DataSearch
from cdk_clarify_monitors_local.server.monitoring._endpoints import capture_uri
from cdk_clarify_monitors_local.server.monitoring._plan import ExecutionFailedError, ExecutionPlan, plan_of
from cdk_clarify_monitors_local.server.processing._processing_job import ProcessingJob
from cdk_clarify_monitors_local.server.sagemaker import ControlPlane
from cdk_clarify_monitors_local.server.sagemaker._monitoring_execution import MonitoringExecution
from cdk_clarify_monitors_local.server.sagemaker._monitoring_schedules import schedule_of
from cdk_clarify_monitors_local.server.sagemaker._region import Request

_log = logging.getLogger("sagemaker")

_NO_DATA = "Job inputs had no data"
_INTERNAL = "InternalServerError: We encountered an internal error. Please try again."
_VIOLATIONS = "CompletedWithViolations"


@dataclass(frozen=True)
class ExecutionResult:
    """An execution that is over.

    Attributes:
        plan: What it was to do.
        execution: How it ended.
        config: The content of its analysis config; empty if it cannot be read.
        analysis: The content of its analysis.json; None if it has none.
        violations: The violations in its constraint_violations.json.
        publishes_metrics: Whether its metrics go to CloudWatch.
    """

    plan: ExecutionPlan
    execution: MonitoringExecution
    config: Mapping[str, Any]
    analysis: Mapping[str, Any] | None
    violations: Sequence[Mapping[str, str]]
    publishes_metrics: bool


class MonitoringExecutor:
    """Carries out executions, each in the thread that asks for it.

    Args:
        control_plane: SageMaker.
        platform: The emulator.
        clients: How to reach the emulator.
        clock: Dates executions.

    Attributes:
        on_finished: Called with the result of each execution, in the thread that carried it out.
    """

    def __init__(
        self,
        control_plane: ControlPlane,
        platform: Platform,
        clients: Clients,
        clock: Clock,
    ) -> None:
        self._control_plane = control_plane
        self._platform = platform
        self._clients = clients
        self._clock = clock
        self.on_finished: list[Callable[[ExecutionResult], None]] = []

    def run(self, scope: Scope, schedule_name: str, scheduled: datetime) -> dict[str, Any]:
        """Carry out one execution.

        Args:
            scope: The account and region.
            schedule_name: The schedule's name.
            scheduled: When the execution is due.

        Returns:
            Its MonitoringExecutionSummary.

        Raises:
            ApiError: There is no such schedule, or nothing here can run it.
        """
        with self._control_plane.locked(scope) as region:
            schedule = schedule_of(region, {"MonitoringScheduleName": schedule_name})
            plan = plan_of(region, schedule, scheduled)
            name = plan.definition["JobDefinitionName"]
            execution = MonitoringExecution(schedule_name, plan.kind, name, plan.endpoint_name, scheduled, self._clock)
            region.executions.append(execution)
        try:
            job = self._carry_out(plan, execution)
        except (ExecutionFailedError, ApiError) as error:
            execution.end("Failed", str(error))
        except Exception:
            _log.exception("execution of %s", schedule_name)
            execution.end("Failed", _INTERNAL)
        else:
            execution.end(_status(job), job.failure_reason)
        _log.info("execution of %s: %s %s", schedule_name, execution.status, execution.failure_reason or "")
        self._tell(plan, execution)
        return execution.summary()

    def _carry_out(self, plan: ExecutionPlan, execution: MonitoringExecution) -> ProcessingJob:
        """Run the jobs of an execution; return the last one."""
        role = self._platform.role_credentials(plan.scope, plan.definition["RoleArn"], "SageMaker")
        search = DataSearch(self._clients.make("s3", plan.scope.region, role), plan)
        data = self._captured(plan, search)
        if plan.is_bias:
            truth = self._found(lambda: search.by_hour(plan.ground_truth_uri or ""), plan.ground_truth_uri or "")
            job = self._run_job(plan, execution, _job_requests.merge_request(plan, data, truth))
            if job.status != "Completed":
                return job
            data = self._merged(plan)
        constraints = self._constraints(plan)
        return self._run_job(plan, execution, _job_requests.analysis_request(plan, data, constraints))

    def _captured(self, plan: ExecutionPlan, search: DataSearch) -> list[DataFolder]:
        name = plan.endpoint_name
        if name is not None:
            with self._control_plane.locked(plan.scope) as region:
                uri = capture_uri(region, name)
            return self._found(lambda: search.by_variant(uri, name), f"{uri.rstrip('/')}/{name}", name)
        side = "output" if plan.is_bias else "input"
        uri = str(plan.job_input["DataCapturedDestinationS3Uri"]).rstrip("/")
        if not uri.endswith(("/input", "/output")):
            uri = f"{uri}/{side}"
        return self._found(lambda: search.manifests(uri, plan.schedule_name), uri)

    def _found(self, look: Callable[[], list[DataFolder]], uri: str, path: str = "") -> list[DataFolder]:
        """Return the data that are there.

        Raises:
            ExecutionFailedError: There are none.
        """
        try:
            found = look()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchBucket", "404"):
                raise ExecutionFailedError(_NO_DATA) from error
            return [DataFolder(uri, path)]  # the role may not look: its job fails, saying so
        if not found:
            raise ExecutionFailedError(_NO_DATA)
        return found

    def _merged(self, plan: ExecutionPlan) -> list[DataFolder]:
        """Return the hours with merged data; none if no ground truth belongs to captured data."""
        search = DataSearch(self._s3(plan), plan)
        if plan.endpoint_name is not None:
            return search.by_variant(plan.merged_uri, plan.endpoint_name)
        return search.by_hour(f"{plan.merged_uri}/{plan.schedule_name}", plan.schedule_name)

    def _constraints(self, plan: ExecutionPlan) -> str | None:
        uri: str | None = plan.baseline.get("ConstraintsResource", {}).get("S3Uri")
        name = plan.baseline.get("BaseliningJobName")
        if uri is not None or name is None:
            return uri
        with self._control_plane.locked(plan.scope) as region:
            job = region.jobs.get(name)
        if job is None:
            raise ExecutionFailedError(f"Could not find requested job with name: {name}")
        job.over.wait()
        if job.status != "Completed":
            raise ExecutionFailedError(f"Baselining job {name} is in status {job.status}")
        return f"{str(job.outputs[0]['S3Uri']).rstrip('/')}/analysis.json"

    def _run_job(self, plan: ExecutionPlan, execution: MonitoringExecution, request: Request) -> ProcessingJob:
        with self._control_plane.locked(plan.scope) as region:
            deployment = region.deployments.get(plan.endpoint_name or "")
            model = None if deployment is None else deployment.main_model
            job = self._control_plane.processing_jobs.start(region, request, plan.schedule_arn, model)
            execution.begin(job)
        job.over.wait()
        return job

    def _tell(self, plan: ExecutionPlan, execution: MonitoringExecution) -> None:
        given = plan.app.get("Environment") or {}
        completed = execution.status in ("Completed", _VIOLATIONS)
        violated = execution.status == _VIOLATIONS
        found = self._read(plan, f"{plan.result_uri}/constraint_violations.json") if violated else None
        result = ExecutionResult(
            plan,
            execution,
            self._read(plan, plan.app["ConfigUri"]) or {},
            self._read(plan, f"{plan.result_uri}/analysis.json") if completed else None,
            (found or {}).get("violations", []),
            given.get("publish_cloudwatch_metrics", "Enabled") != "Disabled",
        )
        for listener in self.on_finished:
            try:
                listener(result)
            except Exception:
                _log.exception("after the execution of %s", plan.schedule_name)

    def _read(self, plan: ExecutionPlan, uri: str) -> dict[str, Any] | None:
        bucket, key = _buckets.split(uri)
        try:
            found = json.loads(self._s3(plan).get_object(Bucket=bucket, Key=key)["Body"].read())
        except (ClientError, BotoCoreError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _s3(self, plan: ExecutionPlan) -> Any:
        return self._clients.make("s3", plan.scope.region, self._platform.owner_credentials(plan.scope))


def _status(job: ProcessingJob) -> str:
    """Return the status of the execution whose last job this is."""
    violated = job.status == "Completed" and (job.exit_message or "").startswith(f"{_VIOLATIONS}:")
    return _VIOLATIONS if violated else job.status
