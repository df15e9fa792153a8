"""Clarify's two checks of an analysis against its baseline: bias drift and feature-attribution drift.

What AWS documents and what real executions show is followed to the letter. What nobody outside AWS knows is decided
here, so that nothing is reported that was not compared:

* A metric, facet, group or label that one side lacks, or whose value is null, is not compared.
* Groups above a threshold are matched by their lower end: the upper end is the largest value of the data.
* nDCG averages over ties, as scikit-learn does. A feature that the current analysis lacks is ranked last; one that the
  baseline lacks is left out. With a single feature nDCG is 1.0, with attributions that are all 0 in the baseline 0.0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cdk_clarify_monitors_operations._records import Record, or_empty
from cdk_clarify_monitors_operations.data._metric_meanings import METRICS

#: Feature attributions have drifted if nDCG is below it. AWS has fixed it.
NDCG_THRESHOLD: Final = 0.9

_STAGES: Final = ("post_training_bias_metrics", "pre_training_bias_metrics")
_INTERVAL: Final = re.compile(r"\s*([\[(])\s*([^,\s]+)\s*,.*[\])]\s*", re.DOTALL)


@dataclass(frozen=True)
class DriftResult(Record):
    """The outcome of `drift`.

    Attributes:
        violations: The violations, each as in a `constraint_violations.json`.
        ndcg: nDCG by label, of the labels that both analyses have.
    """

    violations: list[dict[str, str]] = field(default_factory=list)
    ndcg: dict[str, float] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """The status that an execution with this outcome has."""
        return "CompletedWithViolations" if self.violations else "Completed"


def drift(baseline: Mapping[str, Any], current: Mapping[str, Any]) -> DriftResult:
    """Compare an analysis with its baseline, as Clarify does at the end of a monitoring execution.

    A bias metric violates its constraint if it is farther from 0 than in the baseline, whatever its sign or its fair
    value. Feature attributions violate theirs if the nDCG of their ranking is below 0.9.

    Args:
        baseline: The `analysis.json` of the baselining job, or edited constraints.
        current: The `analysis.json` of an execution.

    Raises:
        TypeError: If one of them is not a JSON object.
        ValueError: If one of them does not have the structure of an `analysis.json`.
    """
    for name, document in (("baseline", baseline), ("current", current)):
        if not isinstance(document, Mapping):
            raise TypeError(f"'{name}' must be the JSON object of an analysis.json, got {type(document).__name__}")
    violations = [
        violation
        for stage in _STAGES
        for violation in _bias_violations(_facets(baseline, stage, "baseline"), _facets(current, stage, "current"))
    ]
    scores = _ndcg_by_label(_attributions(baseline, "baseline"), _attributions(current, "current"))
    violations += [
        {
            "label": label,
            "metric_name": "shap",
            "constraint_check_type": "feature_attribution_drift_check",
            "description": f"Feature attribution drift {score} exceeds threshold {NDCG_THRESHOLD}",
        }
        for label, score in scores.items()
        if score < NDCG_THRESHOLD
    ]
    return DriftResult(violations, scores)


def limits_without_effect(constraints: Mapping[str, Any]) -> list[str]:
    """The limits of bias metrics that no value is beyond, in words: a slip, or meant for no limit at all.

    Args:
        constraints: An `analysis.json`, or edited constraints. One that is not as Clarify writes it has none.
    """
    try:
        stages = [_facets(constraints, stage, "constraints") for stage in _STAGES]
    except (AttributeError, ValueError):
        return []
    return [
        f"{name} {limit:g} of {facet} {group} (its values are {METRICS[name].range})"
        for facets in stages
        for facet, groups in facets.items()
        for group, limits in groups
        for name, limit in limits.items()
        if name in METRICS and math.isfinite(limit) and abs(limit) >= METRICS[name].greatest_distance
    ]


# ---------------------------------------------------------------- bias
_Group = tuple[str, dict[str, float]]


def _bias_violations(
    baseline: Mapping[str, Sequence[_Group]], current: Mapping[str, Sequence[_Group]]
) -> Iterator[dict[str, str]]:
    for facet, groups in current.items():
        for group, limits in _matched(baseline.get(facet, ()), groups):
            value, metrics = group
            for metric, number in metrics.items():
                limit = limits.get(metric)
                if limit is not None and abs(number) > abs(limit):
                    yield {
                        "facet": facet,
                        "facet_value": value,
                        "metric_name": metric,
                        "constraint_check_type": "bias_drift_check",
                        "description": f"Metric value {_format(number)} doesn't meet the baseline constraint "
                        f"requirement {_format(limit)}",
                    }


def _matched(baseline: Sequence[_Group], current: Sequence[_Group]) -> Iterator[tuple[_Group, dict[str, float]]]:
    """Pair each group with the baseline's metrics for it: by its text, or by its lower end."""
    by_text = dict(baseline)
    current_texts = {text for text, _ in current}
    by_lower_end = {lower_end(text): metrics for text, metrics in baseline if text not in current_texts}
    for group in current:
        text, _ = group
        if text in by_text:
            yield group, by_text[text]
        elif (end := lower_end(text)) is not None and end in by_lower_end:
            yield group, by_lower_end[end]


def lower_end(value: str) -> tuple[str, float] | None:
    """The lower end of an interval such as `(100, 225]`, or a plain number; None for any other value."""
    interval = _INTERVAL.fullmatch(value)
    bracket, text = interval.groups() if interval else ("", value)
    try:
        return bracket, float(text)
    except ValueError:
        return None


def _facets(document: Mapping[str, Any], stage: str, side: str) -> dict[str, list[_Group]]:
    section = document.get(stage)
    if section is None:
        return {}
    found: dict[str, list[_Group]] = {}
    try:
        for facet, groups in or_empty(section.get("facets")).items():
            found[facet] = [
                (
                    str(group["value_or_threshold"]),
                    {
                        metric["name"]: number
                        for metric in group["metrics"]
                        if (number := _number(metric.get("value"))) is not None
                    },
                )
                for group in groups
            ]
    except (AttributeError, ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"'{side}' is no analysis.json: '{stage}' is not as Clarify writes it ({error!r})") from error
    return found


def _number(value: Any) -> float | None:
    """A value of a metric; Clarify writes infinity as text, and null where it could not compute one."""
    if value is None:
        return None
    number = float(value)
    return None if math.isnan(number) else number


def _format(number: float) -> str:
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return str(number)


# ---------------------------------------------------------------- feature attributions
def _attributions(document: Mapping[str, Any], side: str) -> dict[str, dict[str, float]]:
    try:
        labels = or_empty(or_empty(document.get("explanations")).get("kernel_shap")).items()
        found = {
            label: {
                feature: number
                for feature, value in or_empty(explanation.get("global_shap_values")).items()
                if (number := _number(value)) is not None
            }
            for label, explanation in labels
        }
        for label, attributions in found.items():
            if not math.isfinite(sum(map(abs, attributions.values()))):
                raise OverflowError(f"the attributions of {label} are not finite")
    except (AttributeError, ArithmeticError, TypeError, ValueError) as error:
        raise ValueError(
            f"'{side}' is no analysis.json: 'explanations' is not as Clarify writes it ({error!r})"
        ) from error
    return found


def _ndcg_by_label(
    baseline: Mapping[str, Mapping[str, float]], current: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    return {
        label: _ndcg(baseline[label], attributions)
        for label, attributions in current.items()
        if baseline.get(label) and attributions
    }


def _ndcg(baseline: Mapping[str, float], current: Mapping[str, float]) -> float:
    """NDCG of the current ranking, with the baseline's attributions as gains."""
    if len(baseline) == 1:
        return 1.0
    ideal = _dcg(sorted(baseline.values(), reverse=True))
    if ideal == 0:
        return 0.0
    tied: dict[float, list[float]] = {}
    for feature, gain in baseline.items():
        tied.setdefault(current.get(feature, -math.inf), []).append(gain)
    gains: list[float] = []
    for attribution in sorted(tied, reverse=True):
        group = tied[attribution]
        gains += [sum(group) / len(group)] * len(group)
    actual = _dcg(gains)
    # Medians can be negative. Then the worse ranking is the more negative one.
    return actual / ideal if ideal > 0 else ideal / actual


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))
