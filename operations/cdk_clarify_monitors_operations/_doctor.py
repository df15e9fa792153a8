"""Examines a monitor: what is wrong, how that shows, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from cdk_clarify_monitors_operations._aws import Aws, S3Location, join_uri
from cdk_clarify_monitors_operations._errors import (
    AccessDenied,
    ClarifyOperationsError,
    DefinitionNotFound,
    InvalidFile,
    NotFound,
    ResultMissing,
)
from cdk_clarify_monitors_operations._execution import ClarifyMonitoringExecution
from cdk_clarify_monitors_operations._monitor_results import MonitorResults, internals
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.data._captured_data import (
    CAPTURED,
    GROUND_TRUTH,
    DataSearch,
    FailureExplanation,
    sampled_ids,
    searches_of,
)
from cdk_clarify_monitors_operations.data._constraint_check import limits_without_effect
from cdk_clarify_monitors_operations.data._files import read_json
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import Descriptions
from cdk_clarify_monitors_operations.definitions._time_offsets import NOW, period

Severity = Literal["error", "warning", "unknown"]

_ORDER: Final = ("error", "warning", "unknown")
# SageMaker begins an execution up to 20 minutes after it is due.
_DELAY: Final = timedelta(minutes=20)
_SIDES: Final = {"Input", "Output"}
# Stands for the files of a folder, which IAM's simulator has to be asked for.
_ANY_FILE: Final = "any-file"

_ASK: Final = "Ask for this permission, or let somebody look who has it."
_CAPTURE: Final = (
    "If there were requests, look at the endpoint's data capture; without requests there is nothing to monitor."
)
_LABEL: Final = (
    "Upload labels below yyyy/mm/dd/hh of that folder, or set start and end offsets, so that executions look back far "
    "enough for labels that come late."
)
_LATE: Final = (
    "All of it is there now, so it came after the execution: set start and end offsets, so that executions look back "
    "far enough."
)
_TRY: Final = "run_now() tries it out without waiting for the next execution."


@dataclass(frozen=True)
class Finding(Record):
    """A problem of a monitor, or something that could not be examined.

    Attributes:
        code: What it is, such as `no-ground-truth`; stable, for programs.
        severity: `error`: executions fail or find nothing. `warning`: something is missing. `unknown`: the caller lacks
            a permission.
        summary: What is wrong.
        remedy: What to do about it.
        monitoring_schedule_name: The monitor.
        details: The parts of what the summary speaks of, such as the places where data was looked for.
    """

    code: str
    severity: Severity
    summary: str
    remedy: str
    monitoring_schedule_name: str | None = None
    details: tuple[str, ...] = ()


def examine(monitor: MonitorResults) -> list[Finding]:
    """Examine a monitor, and return errors first. What the caller may not look at is a finding of its own."""
    examination = _Examination(monitor)
    findings: list[Finding] = []
    unexamined: dict[str, tuple[ClarifyOperationsError, list[str]]] = {}
    for check in (
        examination.schedule,
        examination.executions,
        examination.endpoint,
        examination.data,
        examination.baseline,
        examination.role,
        examination.metrics,
        examination.definitions,
        examination.failed_execution,
    ):
        try:
            for finding in check():
                findings.append(finding)
        except ClarifyOperationsError as error:
            unexamined.setdefault(str(error), (error, []))[1].append(check.__name__)
    for reason, parts in unexamined.values():
        findings.append(not_examined(reason, f"The monitor's {' and '.join(parts)} could not be examined"))
    name = monitor.monitoring_schedule_name
    return by_severity(replace(each, monitoring_schedule_name=name) for each in dict.fromkeys(findings))


def not_examined(error: ClarifyOperationsError, what: str, monitoring_schedule_name: str | None = None) -> Finding:
    """Return the finding of something that could not be looked at.

    Args:
        error: Why.
        what: What was to be looked at, as the beginning of a sentence.
        monitoring_schedule_name: The monitor.
    """
    remedy = "Try again later; what AWS says tells more."
    if isinstance(error, AccessDenied):
        remedy = _ASK
    elif isinstance(error, DefinitionNotFound):
        remedy = "Deploy its stack again, or delete the schedule, whose executions all fail."
    return Finding("not-examined", "unknown", f"{what}: {str(error).rstrip('.')}.", remedy, monitoring_schedule_name)


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, errors first and a failed execution before others; the rest stay in their order."""
    return sorted(findings, key=lambda found: (_ORDER.index(found.severity), found.code != "execution-failed"))


class _Examination:
    """The checks of one monitor."""

    def __init__(self, monitor: MonitorResults) -> None:
        self._monitor = monitor
        self._aws: Aws
        self._described: Descriptions
        self._aws, self._described = internals(monitor.refresh())
        self._latest: ClarifyMonitoringExecution | None = None
        # Why the latest execution failed, until a finding has told what it failed of.
        self._failure: FailureExplanation | None = None
        self._captures_nothing = False

    def schedule(self) -> Iterator[Finding]:
        monitor = self._monitor
        match monitor.status:
            case "Failed":
                yield Finding(
                    "schedule-failed",
                    "error",
                    f"The schedule is Failed: {monitor.failure_reason or 'SageMaker gives no reason'}.",
                    "Remove the cause, then update the monitor, or deploy its stack again.",
                )
            case "Stopped":
                yield Finding(
                    "schedule-stopped",
                    "warning",
                    "The schedule is stopped: nothing is monitored.",
                    "Call start_monitoring_schedule().",
                )
            case "Pending":
                yield Finding(
                    "schedule-pending",
                    "warning",
                    "SageMaker is at work on the schedule.",
                    "Wait some minutes, and look again.",
                )

    def executions(self) -> Iterator[Finding]:
        monitor = self._monitor
        self._latest = latest = monitor.latest_execution()
        if latest is None:
            yield from self._never_run()
        elif latest.status == "Failed":
            self._failure = self._explanation(latest)
        elif latest.status == "Stopped":
            yield Finding(
                "execution-stopped",
                "warning",
                f"{latest} was stopped: by hand, or because it took longer than {monitor.max_runtime_in_seconds} "
                "seconds.",
                "If it needs longer, raise max_runtime_in_seconds, or take larger instances.",
            )

    def _never_run(self) -> Iterator[Finding]:
        monitor = self._monitor
        wait = period(monitor.schedule_expression) + _DELAY
        created = self._described.schedule["CreationTime"].astimezone(UTC)
        if datetime.now(UTC) - created < wait or monitor.schedule_expression == NOW:
            yield Finding(
                "no-executions-yet",
                "warning",
                "There was no execution yet.",
                f"Wait: with {monitor.schedule_expression}, the first comes within {_hours(wait)}.",
            )
        elif monitor.status == "Scheduled":
            yield Finding(
                "no-executions",
                "error",
                f"There was no execution, although the schedule was made at {created:%Y-%m-%dT%H:%MZ}.",
                "Stop and start the schedule; look at its other findings.",
            )

    def _explanation(self, execution: ClarifyMonitoringExecution) -> FailureExplanation:
        try:
            return execution.explain_failure()
        except NotFound:  # the record of its job is gone
            said = execution.failure_reason or "nothing, and the record of its processing job is gone"
            return FailureExplanation(f"SageMaker says: {said.rstrip('.')}.", execution.failure_reason, ())

    def endpoint(self) -> Iterator[Finding]:
        name = self._monitor.endpoint_name
        if name is None:
            return
        try:
            endpoint = self._aws.call("sagemaker", "DescribeEndpoint", EndpointName=name)
        except NotFound:
            self._captures_nothing = True
            yield Finding(
                "endpoint-missing",
                "error",
                f"The endpoint {name} does not exist.",
                "Deploy it, update the monitor with another endpoint, or delete the monitor.",
                details=self._consequence(of=self._started_no_job()),
            )
            return
        if endpoint["EndpointStatus"] != "InService":
            yield Finding(
                "endpoint-not-in-service",
                "warning",
                f"The endpoint {name} is {endpoint['EndpointStatus']}.",
                "Until it is InService, nothing is captured.",
            )
        capture = endpoint.get("DataCaptureConfig")
        if capture is None or not capture["EnableCapture"] or capture["CaptureStatus"] != "Started":
            self._captures_nothing = True
            yield Finding(
                "capture-off",
                "error",
                f"The endpoint {name} captures nothing: its data capture is off.",
                "Switch it on in the endpoint's configuration, for input and output.",
                details=self._consequence(of=self._started_no_job()),
            )
            return
        if capture["CurrentSamplingPercentage"] < 100:
            yield Finding(
                "capture-sampled",
                "warning",
                f"The endpoint {name} captures only {capture['CurrentSamplingPercentage']} % of the requests.",
                "If labels exist for all of them, the others have nothing to be joined with: raise the percentage.",
            )
        yield from self._capture_sides(endpoint["EndpointConfigName"])

    def _started_no_job(self) -> bool:
        return self._latest is not None and self._latest.processing_job_arn is None

    def _consequence(self, *, of: bool) -> tuple[str, ...]:
        """Return how the latest execution failed, which is told with its cause and nowhere else.

        Args:
            of: Whether it failed of this cause.
        """
        explanation = self._failure
        if explanation is None or not of:
            return ()
        self._failure = None
        said = f"SageMaker says: {explanation.reason}" if explanation.searches else str(explanation)
        return (f"{self._latest} failed. {said.rstrip('.')}.",)

    def failed_execution(self) -> Iterator[Finding]:
        """Tell of a failure whose cause no other finding has told."""
        if self._failure is None:
            return
        if self._failure.searches:
            yield self._failed_without_data(self._failure)
        else:
            yield Finding(
                "execution-failed", "error", f"{self._latest} failed. {self._failure}", f"Remove the cause; {_TRY}"
            )

    def _capture_sides(self, config_name: str) -> Iterator[Finding]:
        config = self._aws.call("sagemaker", "DescribeEndpointConfig", EndpointConfigName=config_name)
        options = config.get("DataCaptureConfig", {}).get("CaptureOptions", [])
        missing = _SIDES - {option["CaptureMode"] for option in options}
        if options and missing:
            yield Finding(
                "capture-one-sided",
                "error",
                f"The endpoint configuration {config_name} does not capture the "
                f"{' and '.join(sorted(missing)).lower()}.",
                "Capture both input and output: Clarify needs features and predictions.",
            )

    def data(self) -> Iterator[Finding]:
        latest = self._latest
        scheduled = latest.scheduled_time if latest else None
        if scheduled is None:
            scheduled = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        searches = list(searches_of(self._aws, self._described, scheduled))
        # An endpoint that does not exist, or captures nothing, is a finding already.
        found = [search for search in searches if search.files or search.problem is None]
        is_told = self._captures_nothing or (self._failure is not None and self._failure.searches)
        for search in found:
            if not search.files and not is_told:
                yield self._nothing_there(search)
        for search in searches:
            if search.files is None and search.s3_uri.startswith("s3://"):
                yield Finding(
                    "not-examined",
                    "unknown",
                    f"Where {search.kind} lies could not be looked at: {search.problem}.",
                    _ASK,
                )
        yield from self._unmatched([search for search in found if search.files])

    def _failed_without_data(self, explanation: FailureExplanation) -> Finding:
        searches = explanation.searches
        remedies = {CAPTURED: _CAPTURE, GROUND_TRUTH: _LABEL}
        missing = [remedies[kind] for kind in dict.fromkeys(each.kind for each in searches if each.files == 0)]
        if all(each.files for each in searches):
            missing = [_LATE]
        return Finding(
            "execution-failed",
            "error",
            f"{self._latest} failed: {explanation.reason}. It looked for:",
            " ".join([*missing, f"Then {_TRY}"]),
            details=tuple(map(str, searches)),
        )

    def _nothing_there(self, search: DataSearch) -> Finding:
        # Before the first execution, there may be no requests yet.
        severity: Severity = "warning" if self._latest is None else "error"
        where = str(search).removeprefix(f"{search.kind} ")
        if search.kind == GROUND_TRUTH:
            return Finding("no-ground-truth", severity, f"The last window has no labels {where}.", _LABEL)
        return Finding("nothing-captured", severity, f"The last window has no captured data {where}.", _CAPTURE)

    def _unmatched(self, searches: list[DataSearch]) -> Iterator[Finding]:
        ids: dict[str, set[str]] = {CAPTURED: set(), GROUND_TRUTH: set()}
        for search in searches:
            ids[search.kind] |= sampled_ids(self._aws, search)
        captured, labelled = ids[CAPTURED], ids[GROUND_TRUTH]
        if captured and labelled and not captured & labelled:
            yield Finding(
                "ids-do-not-match",
                "error",
                f"No label belongs to captured data, in a sample of {len(captured)} and {len(labelled)} ids: captured "
                f"is for example {min(captured)}, labelled {min(labelled)}.",
                "A label's eventMetadata.eventId has to be the InferenceId of its request or, without one, the eventId "
                "of the captured record.",
                details=self._consequence(of=not self._started_no_job()),
            )

    def baseline(self) -> Iterator[Finding]:
        monitor = self._monitor
        uri = monitor.constraints_s3_uri
        if uri is None and monitor.baselining_job_name is None:
            yield Finding(
                "no-baseline",
                "warning",
                "The monitor has no constraints: executions are compared with nothing, so there are no violations.",
                "Give its construct a data_config, so that a deployment computes some, or update the monitor with "
                "constraints that you have.",
            )
        elif uri is not None:
            try:
                constraints = read_json(self._aws, uri)
            except (ResultMissing, InvalidFile) as error:
                yield Finding(
                    "constraints-unreadable",
                    "error",
                    f"The constraints cannot be read: {error}.",
                    "Restore the file, or update the monitor with other constraints.",
                    details=self._consequence(of=uri in str(self._failure)),
                )
                return
            if limits := limits_without_effect(constraints):
                yield Finding(
                    "limits-without-effect",
                    "warning",
                    f"Constraints that no execution can violate: {'; '.join(limits)}.",
                    "Write shares in place of percentages, such as 0.1, and put the file in force with constraints=….",
                )
        else:
            yield from self._baselining_job(monitor)

    def _baselining_job(self, monitor: MonitorResults) -> Iterator[Finding]:
        job = monitor.latest_baselining_job()
        try:
            status = job.status
        except NotFound:
            yield Finding(
                "baselining-job-missing",
                "warning",
                f"The baselining job {job.processing_job_name} is gone.",
                "If executions find no violations any more, update the monitor with the constraints' URI.",
            )
            return
        if status in ("Failed", "Stopped"):
            yield Finding(
                "baselining-job-failed",
                "error",
                f"{job.failure()}.",
                "Remove the cause, and compute the baseline again.",
            )

    def metrics(self) -> Iterator[Finding]:
        if not self._monitor.publishes_metrics:
            yield Finding(
                "metrics-off",
                "warning",
                "Executions publish no metrics to CloudWatch, so alarms on them see nothing.",
                "Switch them on: update_monitoring_schedule(enable_cloudwatch_metrics=True).",
            )

    def role(self) -> Iterator[Finding]:
        monitor = self._monitor
        read = [monitor.analysis_config_s3_uri, monitor.constraints_s3_uri]
        read += [_below(monitor.ground_truth_s3_uri), _below(self._captured_s3_uri())]
        for action, verb, uris in (
            ("s3:GetObject", "read", [uri for uri in read if uri is not None]),
            ("s3:PutObject", "write", [uri for uri in [_below(monitor.output_s3_uri)] if uri is not None]),
        ):
            try:
                refused = [(uri, decision) for uri in uris for decision in self._refusals(action, uri)]
            except NotFound:
                yield Finding(
                    "role-missing",
                    "error",
                    f"The role {monitor.role} does not exist.",
                    "Make it again, or update the monitor with another role.",
                )
                return
            if refused:
                yield _refused_to_role(monitor.role, action, verb, refused)

    def _captured_s3_uri(self) -> str | None:
        if self._monitor.endpoint_name is None:
            return self._described.source.get("DataCapturedDestinationS3Uri")
        try:
            endpoint = self._aws.call("sagemaker", "DescribeEndpoint", EndpointName=self._monitor.endpoint_name)
        except NotFound:
            return None
        capture: dict[str, Any] = endpoint.get("DataCaptureConfig") or {}
        return capture.get("DestinationS3Uri")

    def _refusals(self, action: str, uri: str) -> Iterator[str]:
        """Yield why the jobs' role may not do something on an object, in the words of IAM's simulator."""
        place, role = S3Location.of(uri), self._monitor.role
        partition = role.split(":")[1]
        answer = self._aws.call(
            "iam",
            "SimulatePrincipalPolicy",
            PolicySourceArn=role,
            ActionNames=[action],
            ResourceArns=[f"arn:{partition}:s3:::{place.bucket}/{place.key}"],
        )
        for result in answer["EvaluationResults"]:
            if result["EvalDecision"] != "allowed":
                yield result["EvalDecision"]

    def definitions(self) -> Iterator[Finding]:
        names = self._monitor.replaced_definitions()
        if names:
            yield Finding(
                "orphaned-definitions",
                "warning",
                f"Updates have left job definitions behind that no schedule uses: {', '.join(names)}.",
                "delete_replaced_definitions() deletes them.",
            )


def _refused_to_role(role: str, action: str, verb: str, refused: Sequence[tuple[str, str]]) -> Finding:
    decisions = ", ".join(dict.fromkeys(decision for _, decision in refused))
    why = f"its policies do not allow {action} ({decisions})"
    (first, _), *more = refused
    return Finding(
        f"role-may-not-{verb}",
        "error",
        f"The role {role} may not {verb} what its jobs need: {why}."
        if more
        else f"The role {role} may not {verb} {_shown(first)}: {why}.",
        f"Allow {action} there in the role's policy. A bucket policy may allow it, too: that is not looked at.",
        details=tuple(_shown(uri) for uri, _ in refused) if more else (),
    )


def _below(folder: str | None) -> str | None:
    return None if folder is None else join_uri(folder, _ANY_FILE)


def _shown(uri: str) -> str:
    return uri.removesuffix(_ANY_FILE)


def _hours(duration: timedelta) -> str:
    hours, minutes = divmod(round(duration.total_seconds() / 60), 60)
    parts = [(hours, "hour"), (minutes, "minute")]
    return " ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in parts if number)
