"""SageMaker's control plane: all operations, one request at a time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._faults import Faults
from cdk_clarify_monitors_local.server._platform import Caller, Platform, Scope
from cdk_clarify_monitors_local.server._requests import check_request
from cdk_clarify_monitors_local.server.processing._job_runner import ProcessingJobRunner
from cdk_clarify_monitors_local.server.sagemaker._alerts import Alerts
from cdk_clarify_monitors_local.server.sagemaker._executions import Executions
from cdk_clarify_monitors_local.server.sagemaker._job_definitions import JobDefinitions
from cdk_clarify_monitors_local.server.sagemaker._monitoring_schedules import MonitoringSchedules
from cdk_clarify_monitors_local.server.sagemaker._permissions import Permissions
from cdk_clarify_monitors_local.server.sagemaker._processing_jobs import ProcessingJobs
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request, Service
from cdk_clarify_monitors_local.server.sagemaker._tags import Tags
from cdk_clarify_monitors_local.server.sagemaker._transform_jobs import TransformJobs
from cdk_clarify_monitors_local.server.sagemaker.hosting._endpoint_configs import EndpointConfigs
from cdk_clarify_monitors_local.server.sagemaker.hosting._endpoints import Endpoints, move_endpoints
from cdk_clarify_monitors_local.server.sagemaker.hosting._models import Models
from cdk_clarify_monitors_local.server.serving._deployment import Deployment
from cdk_clarify_monitors_local.server.serving._serving import Serving
from cdk_clarify_monitors_local.server.transform._job_runner import TransformJobRunner


class ControlPlane:
    """Answers SageMaker requests. Every request is checked against AWS's description of the API first.

    Args:
        platform: The emulator.
        runner: Runs processing jobs.
        faults: What goes wrong because a test wants it to.
        clock: Dates resources and jobs. Default: real time.
        serving: Runs endpoints.
        transforms: Runs transform jobs.

    Attributes:
        processing_jobs: The service of processing jobs, for those that executions of schedules start.
        serving: Runs endpoints.
    """

    def __init__(
        self,
        platform: Platform,
        runner: ProcessingJobRunner,
        faults: Faults,
        clock: Clock | None = None,
        *,
        serving: Serving,
        transforms: TransformJobRunner,
    ) -> None:
        clock, permissions = clock or Clock(), Permissions(platform)
        self.processing_jobs = ProcessingJobs(permissions, runner, faults, clock)
        self.serving = serving
        services: tuple[Service, ...] = (
            self.processing_jobs,
            JobDefinitions(permissions, clock),
            MonitoringSchedules(permissions, faults, clock),
            Executions(),
            Alerts(clock),
            Models(permissions, clock),
            EndpointConfigs(permissions, clock),
            Endpoints(permissions, serving, clock),
            TransformJobs(permissions, transforms, clock),
            Tags(),
        )
        self._operations: dict[str, Operation] = {}
        for service in services:
            self._operations |= service.operations
        self._lock = threading.RLock()
        self._regions: dict[Scope, Region] = {}

    @property
    def operations(self) -> frozenset[str]:
        """The operations that are served."""
        return frozenset(self._operations)

    def call(self, scope: Scope, operation: str, request: Request, caller: Caller | None = None) -> Answer:
        """Carry out one request.

        Args:
            scope: The account and region of the request.
            operation: The operation's name, e.g. `CreateProcessingJob`.
            request: Its parameters.
            caller: Who asks. None for CloudFormation, whose own permissions are not in question here.

        Raises:
            ApiError: The request is refused.
        """
        serve = self._operations.get(operation)
        if serve is None:
            raise ApiError("UnknownOperationException", f"The embedded AWS does not serve sagemaker:{operation}.")
        check_request(operation, request)
        with self.locked(scope) as region:
            return serve(region, request, caller)

    def deployment(self, scope: Scope, endpoint: str) -> Deployment | None:
        """Return what serves an endpoint, None if there is no such endpoint."""
        with self.locked(scope) as region:
            return region.deployments.get(endpoint)

    @contextlib.contextmanager
    def locked(self, scope: Scope) -> Iterator[Region]:
        """Let nobody else change anything meanwhile.

        Args:
            scope: The account and region to look at.
        """
        with self._lock:
            yield self._regions.setdefault(scope, Region(scope))

    def scopes(self) -> list[Scope]:
        """Return the accounts and regions that were used so far."""
        with self._lock:
            return list(self._regions)

    def move_endpoints(self, old: Scope, new: Scope) -> None:
        """Let endpoints and what they are made of be in another account or region."""
        with self.locked(old) as source, self.locked(new) as target:
            move_endpoints(source, target)
        self.serving.end_all()

    def reset(self) -> None:
        """Stop every job and forget everything."""
        with self._lock:
            for region in self._regions.values():
                for job in region.jobs.values():
                    job.stop()
                for transform in region.transform_jobs.values():
                    transform.stop()
            self._regions.clear()
        self.serving.end_all()
