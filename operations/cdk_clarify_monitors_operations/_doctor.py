"""Examines a monitor: what is wrong, how that shows, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from cdk_clarify_monitors_operations._aws import Aws, S3Location, join_uri
from cdk_clarify_monitors_operations._errors import ClarifyOperationsError, InvalidFile, NotFound, ResultMissing
from cdk_clarify_monitors_operations._execution import ClarifyMonitoringExecution
from cdk_clarify_monitors_operations._monitor_results import MonitorResults, internals
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.data._captured_data import (
    CAPTURED,
    GROUND_TRUTH,
    DataSearch,
    sampled_ids,
    searches_of,
)
from cdk_clarify_monitors_operations.data._constraint_check import limits_without_effect
from cdk_clarify_monitors_operations.data._files import read_json
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import Descriptions
from cdk_clarify_monitors_operations.definitions._time_offsets import NOW, period

Severity = Literal["error", "warning", "unknown"]

# SageMaker begins an execution up to 20 minutes after it is due.
_DELAY: Final = timedelta(minutes=20)
_SIDES: Final = {"Input", "Output"}


@dataclass(frozen=True)
class Finding(Record):
    """Something that is wrong with a monitor, or that could not be looked at.

    Attributes:
        code: What it is, such as `no-ground-truth`; stable, for programs.
        severity: `error`: executions fail or find nothing. `warning`: something is missing. `unknown`: the caller may
            not look.
        summary: What is wrong.
        remedy: What to do about it.
        monitoring_schedule_name: The monitor.
    """

    code: str
    severity: Severity
    summary: str
    remedy: str
    monitoring_schedule_name: str | None = None


_Found = tuple[str, Severity, str, str]


def examine(monitor: MonitorResults) -> list[Finding]:
    """Examine a monitor. What the caller may not look at is a finding of its own."""
    examination = _Examination(monitor)
    findings: list[Finding] = []
    for check in (
        examination.schedule,
        examination.executions,
        examination.endpoint,
        examination.data,
        examination.baseline,
        examination.metrics,
        examination.role,
        examination.definitions,
    ):
        findings += _found(check, monitor.monitoring_schedule_name)
    return findings


def _found(check: Callable[[], Iterator[_Found]], schedule: str) -> Iterator[Finding]:
    try:
        for code, severity, summary, remedy in check():
            yield Finding(code, severity, summary, remedy, schedule)
    except ClarifyOperationsError as error:
        name = check.__name__.replace("_", " ")
        remedy = "Ask for this permission, or let somebody look who has it."
        yield Finding(
            "not-examined", "unknown", f"The monitor's {name} could not be examined: {error}", remedy, schedule
        )


class _Examination:
    """The checks of one monitor."""

    def __init__(self, monitor: MonitorResults) -> None:
        self._monitor = monitor
        self._aws: Aws
        self._described: Descriptions
        self._aws, self._described = internals(monitor.refresh())
        self._latest: ClarifyMonitoringExecution | None = None

    def schedule(self) -> Iterator[_Found]:
        monitor = self._monitor
        match monitor.status:
            case "Failed":
                yield (
                    "schedule-failed",
                    "error",
                    f"The schedule is Failed: {monitor.failure_reason or 'SageMaker gives no reason'}.",
                    "Remove the cause, then update the monitor, or deploy its stack again.",
                )
            case "Stopped":
                yield (
                    "schedule-stopped",
                    "warning",
                    "The schedule is stopped: nothing is monitored.",
                    "Call start_monitoring_schedule().",
                )
            case "Pending":
                yield (
                    "schedule-pending",
                    "warning",
                    "SageMaker is at work on the schedule.",
                    "Wait some minutes, and look again.",
                )

    def executions(self) -> Iterator[_Found]:
        monitor = self._monitor
        self._latest = latest = monitor.latest_execution()
        if latest is None:
            wait = period(monitor.schedule_expression) + _DELAY
            created = self._described.schedule["CreationTime"].astimezone(UTC)
            if datetime.now(UTC) - created < wait or monitor.schedule_expression == NOW:
                yield (
                    "no-executions-yet",
                    "warning",
                    "There was no execution yet.",
                    f"Wait: with {monitor.schedule_expression}, the first comes within {wait}.",
                )
            elif monitor.status == "Scheduled":
                yield (
                    "no-executions",
                    "error",
                    f"There was no execution, although the schedule was made at {created:%Y-%m-%dT%H:%MZ}.",
                    "Stop and start the schedule; look at its other findings.",
                )
        elif latest.status == "Failed":
            yield (
                "execution-failed",
                "error",
                f"{latest} failed. {latest.explain_failure()}",
                "Remove the cause; run_now() tries it out without waiting for the next hour.",
            )
        elif latest.status == "Stopped":
            yield (
                "execution-stopped",
                "warning",
                f"{latest} was stopped: by hand, or because it took longer than {monitor.max_runtime_in_seconds} "
                "seconds.",
                "If it needs longer, raise max_runtime_in_seconds, or take larger instances.",
            )

    def endpoint(self) -> Iterator[_Found]:
        name = self._monitor.endpoint_name
        if name is None:
            return
        try:
            endpoint = self._aws.call("sagemaker", "DescribeEndpoint", EndpointName=name)
        except NotFound:
            yield (
                "endpoint-missing",
                "error",
                f"The endpoint {name} does not exist.",
                "Deploy it, update the monitor with another endpoint_input, or delete the monitor.",
            )
            return
        if endpoint["EndpointStatus"] != "InService":
            yield (
                "endpoint-not-in-service",
                "warning",
                f"The endpoint {name} is {endpoint['EndpointStatus']}.",
                "Until it is InService, nothing is captured.",
            )
        capture = endpoint.get("DataCaptureConfig")
        if capture is None or not capture["EnableCapture"] or capture["CaptureStatus"] != "Started":
            yield (
                "capture-off",
                "error",
                f"The endpoint {name} captures nothing: its data capture is off.",
                "Switch it on in the endpoint's configuration, for input and output.",
            )
            return
        if capture["CurrentSamplingPercentage"] < 100:
            yield (
                "capture-sampled",
                "warning",
                f"The endpoint {name} captures only {capture['CurrentSamplingPercentage']} % of the requests.",
                "If labels exist for all of them, the others have nothing to be joined with: raise the percentage.",
            )
        yield from self._capture_sides(endpoint["EndpointConfigName"])

    def _capture_sides(self, config_name: str) -> Iterator[_Found]:
        config = self._aws.call("sagemaker", "DescribeEndpointConfig", EndpointConfigName=config_name)
        options = config.get("DataCaptureConfig", {}).get("CaptureOptions", [])
        missing = _SIDES - {option["CaptureMode"] for option in options}
        if options and missing:
            yield (
                "capture-one-sided",
                "error",
                f"The endpoint configuration {config_name} does not capture the "
                f"{' and '.join(sorted(missing)).lower()}.",
                "Capture both input and output: Clarify needs features and predictions.",
            )

    def data(self) -> Iterator[_Found]:
        latest = self._latest
        scheduled = latest.scheduled_time if latest else None
        if scheduled is None:
            scheduled = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        searches = list(searches_of(self._aws, self._described, scheduled))
        # An endpoint that does not exist, or captures nothing, is a finding already.
        found = [search for search in searches if search.files or search.problem is None]
        for search in found:
            if not search.files:
                yield self._nothing_there(search)
        for search in searches:
            if search.files is None and search.s3_uri.startswith("s3://"):
                yield (
                    "not-examined",
                    "unknown",
                    f"Where {search.kind} lies could not be looked at: {search.problem}.",
                    "Ask for this permission, or let somebody look who has it.",
                )
        yield from self._unmatched([search for search in found if search.files])

    def _nothing_there(self, search: DataSearch) -> _Found:
        if search.kind == GROUND_TRUTH:
            return (
                "no-ground-truth",
                "error",
                f"The last window has no labels: {search}.",
                "Upload them below yyyy/mm/dd/hh of that folder, or set start and end offsets, so that executions look "
                "back far enough for labels that come late.",
            )
        return (
            "nothing-captured",
            "error",
            f"The last window has no captured data: {search}.",
            "If there were requests, look at the endpoint's data capture; else nothing is to be monitored.",
        )

    def _unmatched(self, searches: list[DataSearch]) -> Iterator[_Found]:
        ids: dict[str, set[str]] = {CAPTURED: set(), GROUND_TRUTH: set()}
        for search in searches:
            ids[search.kind] |= sampled_ids(self._aws, search)
        captured, labelled = ids[CAPTURED], ids[GROUND_TRUTH]
        if captured and labelled and not captured & labelled:
            yield (
                "ids-do-not-match",
                "error",
                f"No label belongs to captured data, in a sample of {len(captured)} and {len(labelled)} ids: captured "
                f"is for example {min(captured)}, labelled {min(labelled)}.",
                "eventMetadata.eventId of a label must be the InferenceId of the request, or, without one, the eventId "
                "of the captured record.",
            )

    def baseline(self) -> Iterator[_Found]:
        monitor = self._monitor
        uri = monitor.constraints_s3_uri
        if uri is None and monitor.baselining_job_name is None:
            yield (
                "no-baseline",
                "warning",
                "The monitor has no constraints: executions are compared with nothing, so there are no violations.",
                "Update it with constraints=…, or give its construct a data_config.",
            )
        elif uri is not None:
            try:
                constraints = read_json(self._aws, uri)
            except (ResultMissing, InvalidFile) as error:
                yield (
                    "constraints-unreadable",
                    "error",
                    f"The constraints cannot be read: {error}.",
                    "Restore the file, or update the monitor with other constraints.",
                )
                return
            if limits := limits_without_effect(constraints):
                yield (
                    "limits-without-effect",
                    "warning",
                    f"Constraints that no execution can violate: {'; '.join(limits)}.",
                    "Write shares in place of percentages, such as 0.1, and put the file in force with constraints=….",
                )
        else:
            job = monitor.latest_baselining_job()
            try:
                status = job.status
            except NotFound:
                yield (
                    "baselining-job-missing",
                    "warning",
                    f"The baselining job {job.processing_job_name} is gone.",
                    "If executions find no violations any more, update the monitor with the constraints' URI.",
                )
                return
            if status in ("Failed", "Stopped"):
                yield (
                    "baselining-job-failed",
                    "error",
                    str(job.failure()),
                    "Remove the cause, and compute the baseline again.",
                )

    def metrics(self) -> Iterator[_Found]:
        if not self._monitor.publishes_metrics:
            yield (
                "metrics-off",
                "warning",
                "Executions publish no metrics to CloudWatch, so alarms on them see nothing.",
                "update_monitoring_schedule(enable_cloudwatch_metrics=True).",
            )

    def role(self) -> Iterator[_Found]:
        monitor = self._monitor
        wanted = {"s3:GetObject": [monitor.analysis_config_s3_uri, monitor.constraints_s3_uri], "s3:PutObject": []}
        wanted["s3:GetObject"].append(_below(monitor.ground_truth_s3_uri))
        wanted["s3:GetObject"].append(_below(self._captured_s3_uri()))
        wanted["s3:PutObject"].append(_below(monitor.output_s3_uri))
        for action, uris in wanted.items():
            for uri in filter(None, uris):
                yield from self._simulated(action, uri)

    def _captured_s3_uri(self) -> str | None:
        if self._monitor.endpoint_name is None:
            return self._described.source.get("DataCapturedDestinationS3Uri")
        try:
            endpoint = self._aws.call("sagemaker", "DescribeEndpoint", EndpointName=self._monitor.endpoint_name)
        except NotFound:
            return None
        capture: dict[str, Any] = endpoint.get("DataCaptureConfig") or {}
        return capture.get("DestinationS3Uri")

    def _simulated(self, action: str, uri: str) -> Iterator[_Found]:
        place, role = S3Location.of(uri), self._monitor.role
        partition = role.split(":")[1]
        try:
            answer = self._aws.call(
                "iam",
                "SimulatePrincipalPolicy",
                PolicySourceArn=role,
                ActionNames=[action],
                ResourceArns=[f"arn:{partition}:s3:::{place.bucket}/{place.key}"],
            )
        except NotFound:
            yield (
                "role-missing",
                "error",
                f"The role {role} does not exist.",
                "Make it again, or update the monitor with another role.",
            )
            return
        for result in answer["EvaluationResults"]:
            if result["EvalDecision"] != "allowed":
                verb = "write" if action == "s3:PutObject" else "read"
                yield (
                    "role-may-not-" + verb,
                    "error",
                    f"The role {role} may not {verb} {uri}: its policies do not allow {action} "
                    f"({result['EvalDecision']}).",
                    f"Allow {action} there in the role's policy. A bucket policy may allow it, too: that is not "
                    "looked at.",
                )

    def definitions(self) -> Iterator[_Found]:
        names = self._monitor.replaced_definitions()
        if names:
            yield (
                "orphaned-definitions",
                "warning",
                f"Updates have left job definitions behind that no schedule uses: {', '.join(names)}.",
                "delete_replaced_definitions() deletes them.",
            )


def _below(folder: str | None) -> str | None:
    return None if folder is None else join_uri(folder, "file")
