"""One execution of a schedule: what is decided before anything is read."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._platform import Scope
from cdk_clarify_monitors_local.server.sagemaker._job_definitions import DEFINITION_KINDS
from cdk_clarify_monitors_local.server.sagemaker._region import Region
from cdk_clarify_monitors_operations._errors import InvalidChange
from cdk_clarify_monitors_operations.definitions._time_offsets import window

_JOB_NAMES = {"ModelBias": "model-bias-monitoring", "ModelExplainability": "model-explainability-monitoring"}
_MAX_NAME = 63


class ExecutionFailedError(Exception):
    """An execution fails without a processing job; the text becomes its FailureReason."""


@dataclass(frozen=True)
class ExecutionPlan:
    """An execution.

    Attributes:
        scope: The account and region.
        schedule_name: The schedule's name.
        kind: `ModelBias` or `ModelExplainability`.
        definition: The job definition, as described.
        scheduled: When it is due.
        start: The first moment of the data.
        end: Their last moment, exclusive.
        suffix: What the names of its jobs end with.
    """

    scope: Scope
    schedule_name: str
    kind: str
    definition: Mapping[str, Any]
    scheduled: datetime
    start: datetime
    end: datetime
    suffix: str

    @property
    def schedule_arn(self) -> str:
        """The schedule's ARN."""
        return self.scope.arn("monitoring-schedule", self.schedule_name)

    @property
    def is_bias(self) -> bool:
        """Whether captured data are merged with ground truth and searched for bias."""
        return self.kind == "ModelBias"

    @property
    def job_input(self) -> Mapping[str, Any]:
        """EndpointInput or BatchTransformInput."""
        found: Mapping[str, Any] = self.definition[f"{self.kind}JobInput"]
        part: Mapping[str, Any] = found.get("EndpointInput") or found.get("BatchTransformInput") or {}
        return part

    @property
    def endpoint_name(self) -> str | None:
        """The endpoint's name, None for batch transforms."""
        name: str | None = self.job_input.get("EndpointName")
        return name

    @property
    def ground_truth_uri(self) -> str | None:
        """Where the ground truth lies."""
        uri: str | None = self.definition[f"{self.kind}JobInput"].get("GroundTruthS3Input", {}).get("S3Uri")
        return uri

    @property
    def app(self) -> Mapping[str, Any]:
        """The AppSpecification of the definition."""
        found: Mapping[str, Any] = self.definition[f"{self.kind}AppSpecification"]
        return found

    @property
    def baseline(self) -> Mapping[str, Any]:
        """The BaselineConfig of the definition."""
        found: Mapping[str, Any] = self.definition.get(f"{self.kind}BaselineConfig") or {}
        return found

    @property
    def output(self) -> Mapping[str, Any]:
        """The S3Output of the definition."""
        found: Mapping[str, Any] = self.definition[f"{self.kind}JobOutputConfig"]["MonitoringOutputs"][0]["S3Output"]
        return found

    @property
    def output_uri(self) -> str:
        """Where all results go."""
        return str(self.output["S3Uri"]).rstrip("/")

    @property
    def merged_uri(self) -> str:
        """Where merged data go."""
        return f"{self.output_uri}/merge"

    @property
    def result_uri(self) -> str:
        """Where the results of this execution go. The hour is that of the execution, not of its data."""
        folders = (self.output_uri, self.endpoint_name, self.schedule_name, f"{self.scheduled:%Y/%m/%d/%H}")
        return "/".join(folder for folder in folders if folder)

    def job_name(self, *, merges: bool) -> str:
        """Return the name of the job that merges, or of the one that analyses."""
        kind = "groundtruth-merge" if merges else _JOB_NAMES[self.kind]
        return f"{kind}-{self.scheduled:%Y%m%d%H%M}-{self.suffix}"[:_MAX_NAME].rstrip("-")


def plan_of(region: Region, schedule: Mapping[str, Any], scheduled: datetime) -> ExecutionPlan:
    """Return what an execution of a schedule is to do.

    Args:
        region: Where.
        schedule: The schedule, as described.
        scheduled: When the execution is due.

    Raises:
        ApiError: The schedule's job definition is gone, or the schedule is not Clarify's.
    """
    config = schedule["MonitoringScheduleConfig"]
    kind, name = config.get("MonitoringType"), config.get("MonitoringJobDefinitionName")
    if kind not in DEFINITION_KINDS or name is None:
        raise ApiError(
            "ValidationException",
            f"The embedded AWS runs schedules of types {' and '.join(DEFINITION_KINDS)} with a job definition; "
            f"{schedule['MonitoringScheduleName']} is none.",
        )
    definition = region.definitions.get((kind, name))
    if definition is None:
        raise ApiError("ResourceNotFound", f"Could not find requested {kind} job definition with name: {name}")
    job_input = definition[f"{kind}JobInput"]
    source = job_input.get("EndpointInput") or job_input.get("BatchTransformInput") or {}
    try:
        start, end = window(scheduled, config.get("ScheduleConfig") or {}, source)
    except InvalidChange as error:
        raise ApiError("ValidationException", str(error)) from error
    return ExecutionPlan(
        region.scope,
        schedule["MonitoringScheduleName"],
        kind,
        definition,
        scheduled,
        start,
        end,
        secrets.token_hex(12),
    )
