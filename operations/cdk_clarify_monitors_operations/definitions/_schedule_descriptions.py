"""What SageMaker tells of a schedule and its job definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cdk_clarify_monitors_operations._aws import Aws
from cdk_clarify_monitors_operations._errors import DefinitionNotFound, NotFound, ScheduleNotFound, WrongMonitorType

#: The monitoring types of Clarify.
KINDS: Final = ("ModelBias", "ModelExplainability")

# What DescribeModelBiasJobDefinition answers beyond what Create takes.
_DESCRIBED_ONLY: Final = frozenset({"JobDefinitionArn", "JobDefinitionName", "CreationTime", "ResponseMetadata"})


@dataclass(frozen=True)
class Descriptions:
    """The descriptions of a schedule and of its job definition, as SageMaker gives them."""

    schedule: Mapping[str, Any]
    definition: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """`ModelBias` or `ModelExplainability`."""
        return kind_of(self.schedule) or ""

    @property
    def schedule_config(self) -> dict[str, Any]:
        """When it runs; empty if SageMaker does not tell."""
        return dict(self.schedule["MonitoringScheduleConfig"].get("ScheduleConfig") or {})

    @property
    def definition_name(self) -> str:
        """The job definition's name."""
        return str(self.schedule["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"])

    def part(self, name: str) -> dict[str, Any]:
        """A part of the definition whose member begins with the kind, such as `JobInput`."""
        return dict(self.definition.get(f"{self.kind}{name}") or {})

    @property
    def source(self) -> dict[str, Any]:
        """The endpoint input or the batch transform input."""
        job_input = self.part("JobInput")
        return dict(job_input.get("EndpointInput") or job_input.get("BatchTransformInput") or {})

    @property
    def endpoint_name(self) -> str | None:
        """The monitored endpoint; None for batch transforms."""
        return self.source.get("EndpointName")

    @property
    def ground_truth_s3_uri(self) -> str | None:
        """Where labels are looked for; None for explainability monitors."""
        uri: str | None = self.part("JobInput").get("GroundTruthS3Input", {}).get("S3Uri")
        return uri

    @property
    def output_s3_uri(self) -> str | None:
        """Where executions write their results."""
        for output in self.part("JobOutputConfig").get("MonitoringOutputs", ()):
            return str(output["S3Output"]["S3Uri"])
        return None

    @property
    def request(self) -> dict[str, Any]:
        """The request that makes a definition like this one, without its name and tags."""
        return {name: value for name, value in self.definition.items() if name not in _DESCRIBED_ONLY}


class MissingDefinition(Mapping[str, Any]):
    """The description of a job definition that is gone: whatever is asked of it raises the error that says so."""

    def __init__(self, error: DefinitionNotFound) -> None:
        self._error = error

    def __getitem__(self, key: str) -> Any:
        raise self._error

    def __iter__(self) -> Iterator[str]:
        raise self._error

    def __len__(self) -> int:
        raise self._error


def kind_of(schedule: Mapping[str, Any]) -> str | None:
    """The monitoring type of a described or listed schedule."""
    kind: str | None = schedule.get("MonitoringScheduleConfig", {}).get("MonitoringType") or schedule.get(
        "MonitoringType"
    )
    return kind


def describe_schedule(aws: Aws, name: str) -> dict[str, Any]:
    """Describe a schedule.

    Raises:
        ScheduleNotFound: There is none.
    """
    try:
        found = aws.call("sagemaker", "DescribeMonitoringSchedule", MonitoringScheduleName=name)
    except NotFound as error:
        raise ScheduleNotFound(
            f"There is no monitoring schedule {name!r} in {aws.region}: {error.reason}",
            action=error.action,
            code=error.code,
            reason=error.reason,
            schedule=name,
        ) from error
    return {key: value for key, value in found.items() if key != "ResponseMetadata"}


def wait_while_pending(aws: Aws, name: str) -> dict[str, Any]:
    """Wait until a schedule leaves the status Pending; returns its description then, whatever its status is.

    Raises:
        ScheduleNotFound: It is gone.
        WaitTimeout: It took too long.
    """
    return aws.wait(
        lambda: describe_schedule(aws, name),
        lambda description: description["MonitoringScheduleStatus"] != "Pending",
        f"The monitoring schedule {name}, which is Pending,",
        schedule=name,
    )


def schedule_gone(name: str, error: NotFound) -> ScheduleNotFound:
    """Return the error for a schedule that has gone since it was described."""
    return ScheduleNotFound(
        f"The monitoring schedule {name} is gone: {error.reason}",
        action=error.action,
        code=error.code,
        reason=error.reason,
        schedule=name,
    )


def describe_definition(aws: Aws, kind: str, name: str, schedule: str | None = None) -> dict[str, Any]:
    """Describe a job definition.

    Raises:
        DefinitionNotFound: There is none.
    """
    try:
        found = aws.call("sagemaker", f"Describe{kind}JobDefinition", JobDefinitionName=name)
    except NotFound as error:
        raise DefinitionNotFound(
            f"The job definition {name!r} of the monitoring schedule {schedule!r} does not exist: {error.reason}",
            action=error.action,
            code=error.code,
            reason=error.reason,
            schedule=schedule,
        ) from error
    return {key: value for key, value in found.items() if key != "ResponseMetadata"}


def describe_schedule_and_definition(
    aws: Aws, name: str, wanted: tuple[str, ...] = KINDS, *, needs_definition: bool = True
) -> Descriptions:
    """Describe a schedule and its job definition.

    Raises:
        ScheduleNotFound: There is no such schedule.
        WrongMonitorType: It is of another type.
        DefinitionNotFound: Its job definition is gone, but required.
    """
    schedule = describe_schedule(aws, name)
    kind = kind_of(schedule)
    definition = schedule["MonitoringScheduleConfig"].get("MonitoringJobDefinitionName")
    if kind not in wanted or definition is None:
        found = kind or "another type, with an inline job definition"
        raise WrongMonitorType(
            f"The monitoring schedule {name!r} is of type {found}, not {' or '.join(wanted)}", schedule=name
        )
    try:
        return Descriptions(schedule, describe_definition(aws, kind or "", definition, name))
    except DefinitionNotFound as error:
        if needs_definition:
            raise
        return Descriptions(schedule, MissingDefinition(error))


def definitions_in_use(aws: Aws) -> Iterator[tuple[str, str]]:
    """Yield the schedules of the account that use a job definition: the definition's name, the schedule's name."""
    for page in aws.pages("sagemaker", "ListMonitoringSchedules", MaxResults=100):
        for summary in page["MonitoringScheduleSummaries"]:
            name = summary["MonitoringScheduleName"]
            definition = summary.get("MonitoringJobDefinitionName")
            if definition is None and kind_of(summary) in (*KINDS, None):
                # The summary need not have it.
                try:
                    described = describe_schedule(aws, name)
                except ScheduleNotFound:
                    continue
                definition = described["MonitoringScheduleConfig"].get("MonitoringJobDefinitionName")
            if definition is not None:
                yield definition, name


def definition_names(aws: Aws, kind: str) -> Iterator[str]:
    """Yield the names of the account's job definitions of a kind."""
    for page in aws.pages("sagemaker", f"List{kind}JobDefinitions", MaxResults=100):
        for summary in page["JobDefinitionSummaries"]:
            yield summary["MonitoringJobDefinitionName"]
