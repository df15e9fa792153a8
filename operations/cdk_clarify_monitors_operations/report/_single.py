"""The page of a single analysis, in the form of the report, without charts: there is nothing over time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cdk_clarify_monitors_operations.data._metric_meanings import METRICS
from cdk_clarify_monitors_operations.report import _words as words
from cdk_clarify_monitors_operations.report._page import render_template

_STAGES: Final = {
    "pre_training_bias_metrics": "Bias of the data",
    "post_training_bias_metrics": "Bias of the predictions",
}


def render_analysis(title: str, note: str, warnings: Sequence[str], analysis: Mapping[str, Any]) -> str:
    """Return an analysis as HTML.

    Args:
        title: Its heading.
        note: What has made it.
        warnings: What its reader has to know.
        analysis: The content of its `analysis.json`.
    """
    sections = list(_sections(analysis))
    return render_template("analysis.html.jinja", title=title, note=note, warnings=warnings, sections=sections)


def _sections(analysis: Mapping[str, Any], part: str = "") -> Iterator[dict[str, Any]]:
    """Yield the sections of the whole data set, and of its segments."""
    for stage, heading in _STAGES.items():
        for facet, groups in analysis.get(stage, {}).get("facets", {}).items():
            for group in groups:
                yield {
                    "heading": f"{heading}: {facet} = {group['value_or_threshold']}{part}",
                    "metrics": [_metric(each) for each in group["metrics"]],
                }
    for label, values in analysis.get("explanations", {}).get("kernel_shap", {}).items():
        attributions = {feature: float(value) for feature, value in values["global_shap_values"].items()}
        yield {
            "heading": f"Feature attributions: {label}{part}",
            "features": list(_features(attributions)),
        }
    for column in analysis.get("segments", ()):
        for segment in column["segments"]:
            its_part = f", segment {segment['segment']} of {column['name']}"
            if "error" in segment:
                yield {"heading": f"No metrics{its_part}", "error": segment["error"]}
            yield from _sections(segment, its_part)


def _metric(metric: Mapping[str, Any]) -> dict[str, str]:
    meaning = METRICS.get(metric["name"])
    value = None if metric["value"] is None else float(metric["value"])
    return {
        "title": metric["description"],
        "value": words.number(None if value is None or math.isnan(value) else value),
        "meaning": f"{meaning.meaning} {meaning.unfair}" if meaning else "",
        "error": metric.get("error") or "",
    }


def _features(attributions: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    largest = max((abs(value) for value in attributions.values() if math.isfinite(value)), default=0.0) or 1.0
    for feature, value in sorted(attributions.items(), key=lambda item: -abs(item[1])):
        share = min(1.0, abs(value) / largest) if math.isfinite(value) else 0.0
        yield {"name": feature, "value": words.number(value), "width": round(100 * share, 1)}
