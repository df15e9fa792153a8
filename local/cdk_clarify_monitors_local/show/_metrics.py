"""Shows what constraints say: bias metrics and feature attributions, each with its meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cdk_clarify_monitors_operations import BiasMetric, Constraints, FeatureAttribution
from cdk_clarify_monitors_operations.data._metric_meanings import BIAS_RULE, METRICS, NDCG_MEANING
from cdk_clarify_monitors_operations.data._prediction_names import PredictionNames
from cdk_clarify_monitors_operations.terminal._output import cell
from cdk_clarify_monitors_operations.terminal._wrapping import Wrapped

_STAGES = {"pre-training": "Labels of the data", "post-training": "Predictions of the model"}
_NO_GROUP_VARIABLE = "Group variable is empty or not provided"  # smclarify's words
_VALUE = 8  # characters of a value
_BAR = 24  # characters of the longest bar


def bias_metrics(constraints: Constraints, suggested: Constraints | None = None) -> list[RenderableType]:
    """Return a table for each group and stage, with the meaning of each metric where it comes first.

    Args:
        constraints: The constraints.
        suggested: The same before limits of the user's own took the place of some. None: there are none.
    """
    metrics = constraints.bias_metrics()
    if not metrics:
        return []
    fair = ", ".join(["0", *(f"for {each} {METRICS[each].fair:g}" for each in METRICS if METRICS[each].fair)])
    parts: list[RenderableType] = [
        Text(),
        Text("Suggested constraints" if suggested is None else "Constraints, with limits of your own", "bold"),
        Wrapped(
            "Each metric compares a group with everybody else, the rest. "
            f"{_positive(constraints)}A fair value is {fair}."
        ),
    ]
    by_group = sorted(metrics, key=_group)  # stable: the stages stay in order
    told: set[str] = set()
    for (facet, value), of_group in groupby(by_group, _group):
        for stage, found in groupby(of_group, lambda each: each.stage):
            parts += [Text(), Wrapped(Text(f"{_STAGES[stage]}, group {_is(facet, value)}", "bold"))]
            parts.append(_metric_table(found, suggested, told))
    return [*parts, Text(), Wrapped(Text(BIAS_RULE, "dim"))]


def _group(metric: BiasMetric) -> tuple[str, str]:
    return metric.facet, metric.facet_value


def _identity(metric: BiasMetric) -> tuple[str, ...]:
    return metric.stage, metric.facet, metric.facet_value, metric.name


def _is(name: str, value: str) -> str:
    """Return a condition on a column; an interval is such as `(40, 100]`."""
    return f"{name} {'in' if value[:1] in '([' else '='} {value}"


def _positive(constraints: Constraints) -> str:
    for section in ("post_training_bias_metrics", "pre_training_bias_metrics"):
        found = constraints.body_dict.get(section) or {}
        if found.get("label") is not None and found.get("label_value_or_threshold") is not None:
            return f"The positive label is {_is(str(found['label']), str(found['label_value_or_threshold']))}. "
    return ""


def _metric_table(metrics: Iterator[BiasMetric], suggested: Constraints | None, told: set[str]) -> Table:
    """Return a table of metrics, with the meanings of those that were not told before."""
    before = {} if suggested is None else {_identity(each): each.value for each in suggested.bias_metrics()}
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True, min_width=_VALUE)
    table.add_column()
    for metric in metrics:
        meaning = METRICS.get(metric.name)
        text = Text(metric.description or (f"{meaning.title} ({metric.name})" if meaning else metric.name), "cyan")
        text.append(". ")
        if before and before.get(_identity(metric)) != metric.value:
            text.append(f"Your limit; suggested was {cell(before.get(_identity(metric)))}. ", "yellow")
        if metric.value is None:
            text.append(f"Not computed: {metric.error or 'Clarify gives no reason'}. ", "yellow")
            if metric.error == _NO_GROUP_VARIABLE:
                text.append("Name one by 'group_name' of BiasConfig. ", "yellow")
        if meaning is not None and metric.name not in told:
            text.append(meaning.meaning, "default")
            told.add(metric.name)
        table.add_row("none" if metric.value is None else cell(metric.value), Wrapped(text))
    return table


def attributions(constraints: Constraints, config: Mapping[str, Any], width: int) -> list[RenderableType]:
    """Return a table of the features for each label, the most important first.

    Args:
        constraints: The constraints.
        config: The analysis config, which names the label.
        width: How wide the box is.
    """
    found = constraints.feature_attributions()
    if not found:
        return []
    labels = list(dict.fromkeys(each.label for each in found))
    names = PredictionNames.of(config, len(labels))
    parts: list[RenderableType] = [Text(), Text("Suggested constraints", "bold")]
    for label in labels:
        of_label = [each for each in found if each.label == label]
        parts += [
            Wrapped(f"How much each feature moves {names.phrase(label)} (global SHAP value)"),
            Text(),
            _attribution_table(of_label, width),
            Text(),
        ]
    return [*parts, Wrapped(Text(NDCG_MEANING, "dim"))]


def _attribution_table(found: Sequence[FeatureAttribution], width: int) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True, min_width=_VALUE)
    table.add_column()
    table.add_column(no_wrap=True)
    largest = max(abs(each.value) for each in found) or 1.0
    bar = min(_BAR, width // 4)
    for each in sorted(found, key=lambda each: -abs(each.value)):
        filled = "█" * round(abs(each.value) / largest * bar)
        table.add_row(cell(each.value), Wrapped(each.feature), Text(filled, "cyan"))
    return table
