"""Reads what the executions of a monitor have left, several at once, and what of it could not be read."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from cdk_clarify_monitors_operations._aws import Aws, S3Location
from cdk_clarify_monitors_operations._concurrency import in_parallel
from cdk_clarify_monitors_operations._errors import ClarifyOperationsError
from cdk_clarify_monitors_operations._execution import ClarifyMonitoringExecution
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.data._constraint_check import drift
from cdk_clarify_monitors_operations.data._files import Constraints, ConstraintViolations, Violation
from cdk_clarify_monitors_operations.data._violation_sentences import violation_sentence
from cdk_clarify_monitors_operations.report._cache import ResultCache

_T = TypeVar("_T")

#: What became of an execution. `NoData` is a failure of SageMaker's that started no job, for want of data.
OUTCOMES: Final = ("Completed", "CompletedWithViolations", "Failed", "Stopped", "NoData", "Running")
_WITH_RESULTS: Final = ("Completed", "CompletedWithViolations")

# The inputs of Clarify's job that are data, and not configuration or constraints.
_DATA_INPUTS: Final = ("endpoint_input", "batch_transform_input")

#: A metric of a group: stage, facet, facet value, short name.
MetricKey = tuple[str, str, str, str]


@dataclass(frozen=True)
class Unreadable(Record):
    """Something that is missing in the report.

    Attributes:
        what: What it is, such as `analysis.json`.
        reason: Why it could not be read.
        scheduled_time: When its execution was due; None if it is of no execution.
        job_name: The execution's processing job.
    """

    what: str
    reason: str
    scheduled_time: datetime | None = None
    job_name: str | None = None


@dataclass
class ExecutionResult:
    """What is known of an execution.

    Attributes:
        execution: The execution.
        outcome: One of `OUTCOMES`.
        reason: Why it failed.
        metrics: Its bias metrics; None where Clarify could not compute one.
        errors: Why it could not.
        attributions: Its global SHAP values, by label and feature.
        ndcg: nDCG against the baseline, by label.
        violations: Its violations, each with its sentence.
        input_files: How many files lie where its job read its data; None if that is unknown.
        input_bytes: Their size.
        unreadable: What could not be read.
    """

    execution: ClarifyMonitoringExecution
    outcome: str
    reason: str | None = None
    metrics: dict[MetricKey, float | None] = field(default_factory=dict)
    errors: dict[MetricKey, str] = field(default_factory=dict)
    attributions: dict[str, dict[str, float]] = field(default_factory=dict)
    ndcg: dict[str, float] = field(default_factory=dict)
    violations: list[tuple[Violation, str]] = field(default_factory=list)
    input_files: int | None = None
    input_bytes: int | None = None
    unreadable: list[Unreadable] = field(default_factory=list)


def outcome_of(execution: ClarifyMonitoringExecution) -> str:
    """Return what became of an execution."""
    if execution.status == "Failed":
        has_no_data = execution.processing_job_arn is None and "no data" in (execution.failure_reason or "").lower()
        return "NoData" if has_no_data else "Failed"
    return execution.status if execution.status in OUTCOMES else "Running"


def read_results(
    aws: Aws,
    executions: Sequence[ClarifyMonitoringExecution],
    baseline: Constraints | None,
    suggested: Constraints | None,
    cache: ResultCache,
    progress: Callable[[int, int], object] | None = None,
) -> Iterator[ExecutionResult]:
    """Yield what each execution has left, in their order.

    Args:
        aws: The account.
        executions: The executions.
        baseline: What they are compared with.
        suggested: The same before limits of the user's own took the place of some values. None: there are none.
        cache: Where results are kept.
        progress: Called with the number of executions that have been read, and the total.
    """
    reader = _Reader(aws, baseline, suggested, cache)
    for number, (_, call) in enumerate(in_parallel(reader.read, executions), 1):
        yield call.result()
        if progress is not None:
            progress(number, len(executions))


class _Reader:
    def __init__(
        self, aws: Aws, baseline: Constraints | None, suggested: Constraints | None, cache: ResultCache
    ) -> None:
        self._aws, self._baseline, self._suggested, self._cache = aws, baseline, suggested, cache
        # One object for each name: a thousand analyses have the same.
        self._keys: dict[MetricKey, MetricKey] = {}

    def read(self, execution: ClarifyMonitoringExecution) -> ExecutionResult:
        result = ExecutionResult(execution, outcome_of(execution), execution.failure_reason)
        if result.outcome in _WITH_RESULTS:
            self._add(result, self._documents(result))
        elif result.outcome in ("Failed", "Stopped") and result.reason is None and execution.processing_job_arn:
            reasons = _attempt(result, "the reason of the failure", lambda: execution.job.failure().reason)
            result.reason = reasons
        return result

    def _documents(self, result: ExecutionResult) -> dict[str, Any]:
        """The execution's files, of the cache or of S3."""
        execution = result.execution
        arn, created = execution.processing_job_arn or "", str(execution.creation_time)
        if (kept := self._cache.load(arn, created)) is not None:
            return kept
        documents: dict[str, Any] = {"analysis": None, "violations": None, "input": None}
        documents["analysis"] = _attempt(result, "analysis.json", lambda: execution.analysis().body_dict)
        # Clarify writes this file only if there are violations.
        if result.outcome == "CompletedWithViolations":
            documents["violations"] = _attempt(
                result, "constraint_violations.json", lambda: execution.constraint_violations().body_dict
            )
        if documents["analysis"] is not None or documents["violations"] is not None:
            documents["input"] = _attempt(result, "the size of its data", lambda: self._input(execution))
        if not result.unreadable:
            self._cache.store(arn, created, documents)
        return documents

    def _input(self, execution: ClarifyMonitoringExecution) -> list[int] | None:
        """Files and bytes where the job read its data; None if nothing is left there, or only lists of files."""
        files = size = 0
        for entry in execution.job.data_inputs(_DATA_INPUTS):
            place = S3Location.of(entry.rstrip("/") + "/")
            for page in self._aws.pages("s3", "ListObjectsV2", Bucket=place.bucket, Prefix=place.key):
                sizes = [each["Size"] for each in page.get("Contents", ()) if not each["Key"].endswith("/")]
                files, size = files + len(sizes), size + sum(sizes)
        return [files, size] if files else None

    def _add(self, result: ExecutionResult, documents: Mapping[str, Any]) -> None:
        """Take the numbers out of the files, which are large, and let the files go."""
        if (size := documents.get("input")) is not None:
            result.input_files, result.input_bytes = size
        analysis = Constraints({}, None)
        if (document := documents.get("analysis")) is not None:
            analysis = Constraints(document, "analysis.json")
            _attempt(result, "analysis.json", lambda: self._add_numbers(result, analysis))
        if (document := documents.get("violations")) is not None:
            file = ConstraintViolations(document, "constraint_violations.json")
            baseline = self._baseline or Constraints({})
            for violation in _attempt(result, "constraint_violations.json", file.violations) or ():
                result.violations.append((violation, _sentence(violation, baseline, analysis, self._suggested)))

    def _add_numbers(self, result: ExecutionResult, analysis: Constraints) -> None:
        for metric in analysis.bias_metrics():
            key = (metric.stage, str(metric.facet), metric.facet_value, str(metric.name))
            key = self._keys.setdefault(key, key)
            value = metric.value
            result.metrics[key] = None if value is None or math.isnan(value) else value
            if metric.error:
                result.errors[key] = str(metric.error)
        for found in analysis.feature_attributions():
            if not math.isnan(found.value):
                result.attributions.setdefault(str(found.label), {})[found.feature] = found.value
        if self._baseline is not None and result.attributions:
            result.ndcg = drift(self._baseline.body_dict, analysis.body_dict).ndcg


def _sentence(violation: Violation, baseline: Constraints, analysis: Constraints, suggested: Constraints | None) -> str:
    try:
        return violation_sentence(violation, baseline, analysis, suggested)
    except (ClarifyOperationsError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return violation.description  # a file that is not as Clarify writes it, which is told elsewhere


def _attempt(result: ExecutionResult, what: str, read: Callable[[], _T]) -> _T | None:
    """Read something; what cannot be read is noted, and the rest of the report goes on."""
    from botocore.exceptions import BotoCoreError

    try:
        return read()
    except (ClarifyOperationsError, BotoCoreError, OSError, ArithmeticError, ValueError, TypeError) as error:
        own = result.execution
        note = Unreadable(what, str(error), own.scheduled_time, own.processing_job_name)
        if not any(each.what == what for each in result.unreadable):
            result.unreadable.append(note)
        return None


def list_all(
    executions: Iterator[ClarifyMonitoringExecution], limit: int | None
) -> tuple[list[ClarifyMonitoringExecution], bool, list[Unreadable]]:
    """Return executions oldest first, whether there are more than the limit, and why the list ends early.

    Args:
        executions: The executions, newest first; one more than the limit.
        limit: The largest number of them.

    Raises:
        ClarifyOperationsError: Not even the first could be listed.
        BotoCoreError: The connection failed before the first.
    """
    from botocore.exceptions import BotoCoreError

    found: dict[Any, ClarifyMonitoringExecution] = {}
    unreadable: list[Unreadable] = []
    try:
        for each in executions:
            # An execution that begins meanwhile moves the others from page to page.
            found.setdefault((each.scheduled_time, each.creation_time, each.processing_job_arn), each)
    except (ClarifyOperationsError, BotoCoreError) as error:
        if not found:
            raise
        unreadable.append(Unreadable("the list of older executions", str(error)))
    newest_first = list(itertools.islice(found.values(), limit))
    return newest_first[::-1], len(found) > len(newest_first), unreadable
