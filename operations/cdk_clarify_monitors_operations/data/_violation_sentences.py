"""Says what a violation means, in a sentence that needs no knowledge of the metric's name."""

from __future__ import annotations

import math
from typing import Any

from cdk_clarify_monitors_operations.data._constraint_check import NDCG_THRESHOLD, drift, lower_end
from cdk_clarify_monitors_operations.data._files import Constraints, Violation

# Metrics that say how much less often something holds of the group than of everybody else.
_LESS_OFTEN = {
    "DPL": "`{group}` has {outcome} {}",
    "DPPL": "`{group}` gets {outcome} {}",
    "AD": "the prediction for `{group}` is right {}",
    "RD": "{outcome} is found in `{group}` {}",
    "DAR": "{outcome} predicted for `{group}` is right {}",
}
# Clarify's numbers may differ from those of the same comparison here by so much.
_ROUNDING = 1e-3
_SECTIONS = ("post_training_bias_metrics", "pre_training_bias_metrics")


def violation_sentence(
    violation: Violation, baseline: Constraints, current: Constraints, suggested: Constraints | None = None
) -> str:
    """Return what a violation means.

    Args:
        violation: The violation.
        baseline: The monitor's constraints.
        current: The analysis of the execution.
        suggested: The constraints before limits of the user's own took the place of some. None: they are the same.
    """
    if violation.metric == "shap":
        return _attributions(violation, baseline, current)
    value, limit = violation.value, violation.limit
    if value is None or limit is None or violation.facet is None:
        return violation.description
    group = f"{violation.facet} {violation.facet_value}"
    now, then = _apart(value, limit)
    words = _LESS_OFTEN.get(violation.metric)
    the_limit = _limit(violation, limit, baseline, suggested)
    if words is None:
        return f"{_name(violation, current)} of `{group}` is {now}; {the_limit or 'at training'} {then}"
    often = f"{now.lstrip('-')} {_often(value)} than the rest"
    at_training = (
        then.lstrip("-") if value * limit > 0 else f"{then.lstrip('-')} {_often(limit)}" if limit else "as often"
    )
    than = f"{the_limit} {then}" if the_limit else f"at training {at_training}"
    return f"{words.format(often, group=group, outcome=_outcome(violation, current))}; {than}"


def _limit(violation: Violation, limit: float, baseline: Constraints, suggested: Constraints | None) -> str | None:
    """Return what to call a limit that is no value of the training; None if it is one.

    An execution may be older than the constraints: then its limit is in none of them.
    """
    if limit in _values(baseline if suggested is None else suggested, violation):
        return None
    return "the limit is" if limit in _values(baseline, violation) else "the limit was"


def _values(file: Constraints, violation: Violation) -> list[float | None]:
    """Return the values of the violation's metric and group, whose upper end depends on the data."""
    about = (violation.facet, lower_end(violation.facet_value or "") or violation.facet_value, violation.metric)
    return [
        each.value
        for each in file.bias_metrics()
        if (each.facet, lower_end(each.facet_value) or each.facet_value, each.name) == about
    ]


def _attributions(violation: Violation, baseline: Constraints, current: Constraints) -> str:
    """Tell which feature moved up most, weighed by where it arrived."""
    then, now = (_ranking(file, violation.label) for file in (baseline, current))
    score = "?" if violation.value is None else f"{violation.value:.2f}"
    order = f"the order of the features has changed (nDCG {score}, at least {NDCG_THRESHOLD} is asked for)"
    risen = [feature for feature in now if feature in then and now.index(feature) < then.index(feature)]
    if not risen or not _is_compared_with(baseline, violation, current):
        return order
    place, place_then = (ranking.index(risen[0]) + 1 for ranking in (now, then))
    return f"{order}: `{risen[0]}` is now number {place} of {len(now)}; at training number {place_then}"


def _is_compared_with(baseline: Constraints, violation: Violation, current: Constraints) -> bool:
    """Whether a baseline is the one that the execution was compared with: then it gives the same nDCG."""
    if violation.value is None or violation.label is None:
        return True
    score = drift(baseline.body_dict, current.body_dict).ndcg.get(violation.label)
    return score is not None and math.isclose(score, violation.value, rel_tol=_ROUNDING)


def _ranking(file: Constraints, label: str | None) -> list[str]:
    """Return the features, the most important first."""
    values = [found for found in file.feature_attributions() if found.label == label]
    return [found.feature for found in sorted(values, key=lambda found: -abs(found.value))]


def _apart(value: float, limit: float) -> tuple[str, str]:
    """Return two numbers with as many digits, two at least, as tell them apart."""
    if math.isinf(value) or math.isinf(limit):
        return _short(value), _short(limit)
    for form in (".2f", ".3f", ".4f", ".5f", ".6f"):
        texts = format(value, form), format(limit, form)
        if texts[0].lstrip("-") != texts[1].lstrip("-"):
            return texts
    return str(value), str(limit)


def _short(number: float) -> str:
    return ("infinite" if number > 0 else "-infinite") if math.isinf(number) else f"{number:.2f}"


def _often(difference: float) -> str:
    return "less often" if difference > 0 else "more often"


def _outcome(violation: Violation, current: Constraints) -> str:
    is_label = violation.metric == "DPL"
    section = "pre_training_bias_metrics" if is_label else "post_training_bias_metrics"
    value = (current.body_dict.get(section) or {}).get("label_value_or_threshold")
    if value is None:
        return "the positive label"
    return f"the label `{value}`" if is_label else f"`{value}`"


def _name(violation: Violation, current: Constraints) -> str:
    """Return a metric's name as Clarify describes it, e.g. `Disparate Impact (DI)`."""
    for section in _SECTIONS:
        facets: dict[str, Any] = (current.body_dict.get(section) or {}).get("facets") or {}
        for group in facets.get(str(violation.facet), ()):
            for metric in group["metrics"]:
                if metric["name"] == violation.metric:
                    return str(metric.get("description") or violation.metric)
    return violation.metric
