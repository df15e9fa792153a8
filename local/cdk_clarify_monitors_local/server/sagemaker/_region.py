"""What an account has in a region, and the form of the operations on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from cdk_clarify_monitors_local.server._platform import Caller, Scope
from cdk_clarify_monitors_local.server.processing._processing_job import ProcessingJob
from cdk_clarify_monitors_local.server.sagemaker._alert import Alert
from cdk_clarify_monitors_local.server.sagemaker._monitoring_execution import MonitoringExecution
from cdk_clarify_monitors_local.server.serving._deployment import Deployment
from cdk_clarify_monitors_local.server.transform._transform_job import TransformJob

Request: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = dict[str, Any]

#: The default of MaxResults is 10; no caller here has more than a page.
PAGE = 100


@dataclass
class Region:
    """What one account has in one region.

    Attributes:
        scope: The account and the region.
        jobs: Processing jobs, by name.
        definitions: Job definitions as their Describe operations show them, by monitoring type and name.
        schedules: Monitoring schedules as DescribeMonitoringSchedule shows them, by name.
        considered: Until when the executions that a schedule is due for were carried out, by the schedule's name.
        ran_once: The names of schedules that have run.
        executions: Executions of schedules, in the order of their creation.
        models: Models as DescribeModel shows them, by name.
        endpoint_configs: Endpoint configurations as DescribeEndpointConfig shows them, by name.
        endpoints: Endpoints as DescribeEndpoint shows them, by name.
        deployments: What serves each endpoint, by the endpoint's name.
        transform_jobs: Transform jobs, by name.
        alerts: The alerts of schedules, by the schedule's name, as far as somebody has asked for them.
        tags: The tags of each resource, by its ARN. A resource without an entry does not exist.
    """

    scope: Scope
    jobs: dict[str, ProcessingJob] = field(default_factory=dict)
    definitions: dict[tuple[str, str], Answer] = field(default_factory=dict)
    schedules: dict[str, Answer] = field(default_factory=dict)
    considered: dict[str, datetime] = field(default_factory=dict)
    ran_once: set[str] = field(default_factory=set)
    executions: list[MonitoringExecution] = field(default_factory=list)
    models: dict[str, Answer] = field(default_factory=dict)
    endpoint_configs: dict[str, Answer] = field(default_factory=dict)
    endpoints: dict[str, Answer] = field(default_factory=dict)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    transform_jobs: dict[str, TransformJob] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)


#: Answers a request that fits the API's description. The caller is None for CloudFormation.
Operation: TypeAlias = Callable[[Region, Request, Caller | None], Answer]


class Service(Protocol):
    """The operations on one kind of resource."""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Each operation, by its name in the API."""
