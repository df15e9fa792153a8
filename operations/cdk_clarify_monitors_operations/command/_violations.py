"""Violations and metrics, as people read them: outputs by their headers, metrics with their meaning."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from typing import Any, Final

from cdk_clarify_monitors_operations._errors import ClarifyOperationsError
from cdk_clarify_monitors_operations._monitor import ClarifyModelMonitor
from cdk_clarify_monitors_operations.data._constraint_check import NDCG_THRESHOLD
from cdk_clarify_monitors_operations.data._files import Constraints, Violation
from cdk_clarify_monitors_operations.data._metric_meanings import BIAS_RULE, METRICS, NDCG_MEANING
from cdk_clarify_monitors_operations.data._prediction_names import PredictionNames, is_generated
from cdk_clarify_monitors_operations.terminal._output import Output

#: SageMaker's name for the check of feature attributions, and what its value is.
_SHAP, _NDCG = "shap", "nDCG of the SHAP ranking"
_AT_LEAST: Final = f"at least {NDCG_THRESHOLD}"


def names_for(monitor: ClarifyModelMonitor, labels: Collection[str | None]) -> PredictionNames:
    """Return the names of a monitor's outputs; its files are read only if an output needs a name."""
    outputs = {label for label in labels if label is not None}
    if not any(map(is_generated, outputs)):
        return PredictionNames()
    with contextlib.suppress(ClarifyOperationsError):
        outputs |= {each.label for each in monitor.suggested_constraints().feature_attributions()}
    return PredictionNames.of(monitor.baseline_analysis_config(), len(outputs))


def show_violations(output: Output, found: Sequence[Violation], names: PredictionNames) -> None:
    """Print violations, and below them what their metrics mean.

    Args:
        output: Where to.
        found: The violations.
        names: The names of the model's outputs.
    """
    columns: list[tuple[str, list[Any]]] = [
        ("due (UTC)", [each.scheduled_time for each in found]),
        ("facet", [each.facet for each in found]),
        ("group", [each.facet_value for each in found]),
        ("prediction of", [None if each.label is None else names.name(each.label) for each in found]),
        ("metric", [_metric(each) for each in found]),
        ("value", [each.value for each in found]),
        ("limit", [_AT_LEAST if each.metric == _SHAP else each.limit for each in found]),
    ]
    shown = [(heading, values) for heading, values in columns if any(value is not None for value in values)]
    output.table([heading for heading, _ in shown], zip(*(values for _, values in shown), strict=True))
    output.line()
    for meaning in _meanings([each.metric for each in found]):
        output.line(meaning, indent=2)


def show_ndcg(output: Output, ndcg: dict[str, float], names: PredictionNames) -> None:
    """Print nDCG by output."""
    rows = [(names.name(label), score, _AT_LEAST) for label, score in ndcg.items()]
    output.table(("prediction of", _NDCG, "limit"), rows)


def _metric(violation: Violation) -> str:
    return _NDCG if violation.metric == _SHAP else violation.metric


def _meanings(metrics: Collection[str]) -> list[str]:
    """Return what metrics mean, each once, and when they violate their constraints."""
    known = [METRICS[name] for name in dict.fromkeys(metrics) if name in METRICS]
    found = [f"{each.name}: {each.title}. {each.meaning}" for each in known]
    return [*found, *([BIAS_RULE] if known else []), *([NDCG_MEANING] if _SHAP in metrics else [])]


def show_metrics(
    output: Output, found: Constraints, names: PredictionNames, baseline: Constraints | None = None
) -> None:
    """Print the metrics of an analysis, beside those of its baseline."""
    limits = {
        (each.stage, each.facet, each.facet_value, each.name): each.value
        for each in (baseline.bias_metrics() if baseline else ())
    }
    beside = () if baseline is None else ("constraint",)
    metrics = [
        (each.facet, each.facet_value, each.stage, each.name, each.error if each.value is None else each.value)
        + (() if baseline is None else (limits.get((each.stage, each.facet, each.facet_value, each.name)),))
        for each in found.bias_metrics()
    ]
    if metrics:
        output.table(("facet", "group", "stage", "metric", "value", *beside), metrics)
    shares = {(each.label, each.feature): each.value for each in (baseline.feature_attributions() if baseline else ())}
    attributions = [
        (names.name(each.label), each.feature, each.value)
        + (() if baseline is None else (shares.get((each.label, each.feature)),))
        for each in sorted(found.feature_attributions(), key=lambda each: (each.label, -abs(each.value)))
    ]
    if attributions:
        output.table(("prediction of", "feature", "SHAP value", *beside), attributions)
