"""The numbers of a report: one series for each metric and feature, aligned with the executions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cdk_clarify_monitors_operations._errors import ClarifyOperationsError
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.data._constraint_check import lower_end
from cdk_clarify_monitors_operations.data._files import Constraints, Violation
from cdk_clarify_monitors_operations.data._metric_meanings import METRICS
from cdk_clarify_monitors_operations.report._reading import ExecutionResult, MetricKey


@dataclass(frozen=True)
class ReportedExecution(Record):
    """An execution in a report.

    Attributes:
        scheduled_time: When it was due.
        outcome: `Completed`, `CompletedWithViolations`, `Failed`, `Stopped`, `NoData` or `Running`.
        reason: Why it failed.
        job_name: Its processing job.
        violations: How many violations it found; None if that is unknown.
        input_files: How many files lie where its job read its data; None if that is unknown.
        input_bytes: Their size.
        unreadable: Which of its results could not be read.
    """

    scheduled_time: datetime
    outcome: str
    reason: str | None
    job_name: str | None
    violations: int | None
    input_files: int | None
    input_bytes: int | None
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportedViolation(Record):
    """A violation in a report.

    Attributes:
        scheduled_time: When the execution was due that found it.
        sentence: What it means.
        violation: What Clarify says.
    """

    scheduled_time: datetime
    sentence: str
    violation: Violation


@dataclass(frozen=True)
class BiasSeries(Record):
    """A bias metric of a group over time.

    Attributes:
        stage: `pre-training` or `post-training`.
        facet: The facet's name.
        facet_value: The group, as the baseline names it.
        metric: The short name.
        baseline: The baseline's value; None if it has none, so that nothing is compared.
        values: A value for each execution; None where there is none.
        errors: Why Clarify could not compute it, by the number of the execution.
        violations: The numbers of the executions where it violates its constraint.
        other_limits: What it was compared with there, if that was not the baseline's value.
    """

    stage: str
    facet: str
    facet_value: str
    metric: str
    baseline: float | None
    values: list[float | None]
    errors: dict[int, str] = field(default_factory=dict)
    violations: list[int] = field(default_factory=list)
    other_limits: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class FeatureSeries(Record):
    """A feature's attribution over time.

    Attributes:
        feature: The feature.
        baseline: Its attribution in the baseline.
        baseline_rank: Its rank there; 1 is the most important.
        values: Its attribution in each execution.
        ranks: Its rank in each execution.
    """

    feature: str
    baseline: float | None
    baseline_rank: int | None
    values: list[float | None]
    ranks: list[int | None]


@dataclass(frozen=True)
class AttributionSeries(Record):
    """The attributions of a label over time.

    Attributes:
        label: The label.
        ndcg: nDCG against the baseline, for each execution.
        violations: The numbers of the executions that found drift.
        features: The features, by their rank in the newest execution.
    """

    label: str
    ndcg: list[float | None]
    violations: list[int]
    features: list[FeatureSeries]


@dataclass(frozen=True)
class ReportNumbers(Record):
    """All numbers of a report. Series have an entry for each execution.

    Attributes:
        executions: The executions, oldest first.
        violations: All violations, those of the newest execution first.
        bias: The bias metrics.
        attributions: The feature attributions.
    """

    executions: list[ReportedExecution]
    violations: list[ReportedViolation]
    bias: list[BiasSeries]
    attributions: list[AttributionSeries]


def numbers_of(results: Sequence[ExecutionResult], baseline: Constraints | None) -> ReportNumbers:
    """Return the numbers of a report.

    Args:
        results: What the executions have left, oldest first.
        baseline: What they are compared with; None if there is none.

    Raises:
        InvalidFile: The baseline is not as Clarify writes it.
    """
    violations = [
        ReportedViolation(_due(result), sentence, violation)
        for result in reversed(results)
        for violation, sentence in result.violations
    ]
    return ReportNumbers(
        [_execution(result) for result in results],
        violations,
        _bias(results, baseline),
        _attributions(results, baseline),
    )


def _due(result: ExecutionResult) -> datetime:
    due = result.execution.scheduled_time
    assert due is not None  # noqa: S101 for the type checker: it was listed
    return due


def _execution(result: ExecutionResult) -> ReportedExecution:
    missing = tuple(each.what for each in result.unreadable)
    has_results = result.outcome in ("Completed", "CompletedWithViolations")
    return ReportedExecution(
        scheduled_time=_due(result),
        outcome=result.outcome,
        reason=result.reason,
        job_name=result.execution.processing_job_name,
        violations=len(result.violations) if has_results and "constraint_violations.json" not in missing else None,
        input_files=result.input_files,
        input_bytes=result.input_bytes,
        unreadable=missing,
    )


# ---------------------------------------------------------------- bias
class _Groups:
    """Which groups are the same: those above a threshold change their upper end with the data, as in `(100, 225]`."""

    def __init__(self, analyses: Iterable[Iterable[MetricKey]]) -> None:
        self._names: dict[tuple[str, object], str] = {}
        self._apart: set[str] = set()
        for analysis in analyses:
            seen: dict[tuple[str, object], str] = {}
            for _, facet, group, _ in analysis:
                identity = (facet, lower_end(group) or group)
                self._names.setdefault(identity, group)
                if seen.setdefault(identity, group) != group:
                    self._apart.add(facet)  # two groups of one analysis begin alike

    def name(self, facet: str, group: str) -> str:
        if facet in self._apart:
            return group
        return self._names.get((facet, lower_end(group) or group), group)


def _bias(results: Sequence[ExecutionResult], baseline: Constraints | None) -> list[BiasSeries]:
    limits = _limits(baseline)
    groups = _Groups([limits, *(result.metrics for result in results)])
    named = {(stage, facet, groups.name(facet, group), name): v for (stage, facet, group, name), v in limits.items()}
    series: dict[MetricKey, BiasSeries] = {}

    def of(stage: str, facet: str, group: str, name: str) -> BiasSeries:
        key = (stage, facet, groups.name(facet, group), name)
        if key not in series:
            series[key] = BiasSeries(*key, named.get(key), [None] * len(results))
        return series[key]

    for number, result in enumerate(results):
        for key, value in result.metrics.items():
            found = of(*key)
            found.values[number] = value
            if value is None:
                found.errors[number] = result.errors.get(key, "no value")
        for violation, _ in result.violations:
            if violation.facet is not None:
                stage = METRICS[violation.metric].stage if violation.metric in METRICS else "post-training"
                _mark(of(stage, violation.facet, violation.facet_value or "", violation.metric), number, violation)
    for key in limits:
        of(*key)
    return list(series.values())


def _mark(series: BiasSeries, number: int, violation: Violation) -> None:
    if number not in series.violations:
        series.violations.append(number)
    if series.values[number] is None and violation.value is not None:
        series.values[number] = violation.value
        series.errors.pop(number, None)
    if violation.limit is not None and violation.limit != series.baseline:
        series.other_limits[number] = violation.limit


def _limits(baseline: Constraints | None) -> dict[MetricKey, float | None]:
    if baseline is None:
        return {}
    return {
        (each.stage, str(each.facet), each.facet_value, str(each.name)): (
            None if each.value is None or math.isnan(each.value) else each.value
        )
        for each in baseline.bias_metrics()
    }


# ---------------------------------------------------------------- feature attributions
def _attributions(results: Sequence[ExecutionResult], baseline: Constraints | None) -> list[AttributionSeries]:
    at_training: dict[str, dict[str, float]] = defaultdict(dict)
    for each in baseline.feature_attributions() if baseline is not None else ():
        if not math.isnan(each.value):
            at_training[str(each.label)][each.feature] = each.value
    drifted: dict[str, list[int]] = defaultdict(list)
    for number, result in enumerate(results):
        for violation, _ in result.violations:
            if violation.facet is None and violation.label is not None:
                drifted[violation.label].append(number)
    labels = dict.fromkeys([*at_training, *(label for result in results for label in result.attributions), *drifted])
    return [
        AttributionSeries(
            label,
            [_ndcg(result, label) for result in results],
            sorted(set(drifted[label])),
            list(_features([result.attributions.get(label, {}) for result in results], at_training[label])),
        )
        for label in labels
    ]


def _ndcg(result: ExecutionResult, label: str) -> float | None:
    """As Clarify says, where it speaks; otherwise computed as it does."""
    for violation, _ in result.violations:
        if violation.facet is None and violation.label == label and violation.value is not None:
            return violation.value
    return result.ndcg.get(label)


def _features(values: Sequence[Mapping[str, float]], at_training: Mapping[str, float]) -> Iterator[FeatureSeries]:
    baseline_ranks, ranks = _ranks(at_training), [_ranks(each) for each in values]
    newest: Mapping[str, int] = next(filter(None, reversed(ranks)), baseline_ranks)
    names = dict.fromkeys([*newest, *baseline_ranks, *(feature for each in values for feature in each)])
    for name in names:
        yield FeatureSeries(
            name,
            at_training.get(name),
            baseline_ranks.get(name),
            [each.get(name) for each in values],
            [each.get(name) for each in ranks],
        )


def _ranks(values: Mapping[str, float]) -> dict[str, int]:
    """Rank features by their attribution, as nDCG does; those with the same one by their names."""
    ranked = sorted(values, key=lambda feature: (-values[feature], feature))
    return {feature: place for place, feature in enumerate(ranked, 1)}


def checked(baseline: Constraints) -> Constraints:
    """Return a baseline that can be read.

    Raises:
        ClarifyOperationsError: It is not as Clarify writes it.
    """
    try:
        numbers_of([], baseline)
    except ArithmeticError as error:
        raise ClarifyOperationsError(f"{baseline.file_s3_uri} has numbers that are too large: {error}") from error
    return baseline
