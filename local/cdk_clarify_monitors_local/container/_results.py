"""Writes the results: analysis.json in Clarify's layout, SHAP values as CSV, a page to look at."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # importing shap takes two seconds, which a job without SHAP need not wait for
    from cdk_clarify_monitors_local.container.attributions._shap import Explanation

_STAGES = {
    "pre_training_bias_metrics": "Bias of the data",
    "post_training_bias_metrics": "Bias of the predictions",
}

_STYLE = "body{font:15px sans-serif;max-width:60em;margin:2em auto}td,th{padding:.2em 1em;text-align:left}"


def write_analysis(folder: Path, analysis: Mapping[str, Any]) -> None:
    """Write analysis.json: the constraints that the job suggests."""
    text = json.dumps({"version": "1.0", **_finite(analysis)}, indent=4, sort_keys=True, allow_nan=False)
    (folder / "analysis.json").write_text(text)


def write_local_values(folder: Path, explanation: Explanation) -> None:
    """Write the SHAP value of every record, and the baseline if it was made up."""
    target = folder / "explanations_shap"
    target.mkdir(exist_ok=True)
    explanation.table().to_csv(target / "out.csv", index=False)
    if explanation.baseline is not None:
        explanation.baseline.to_csv(target / "baseline.csv", index=False)


def write_report(folder: Path, title: str, analysis: Mapping[str, Any], warnings: Sequence[str]) -> None:
    """Write a plain page with the results, and what their reader has to know."""
    parts = [
        f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title><style>{_STYLE}</style>",
        f"<h1>{html.escape(title)}</h1>",
        "<p>Computed by the embedded AWS's stand-in for the Clarify container; Clarify's own report looks different.",
        *(f"<p><b>{html.escape(warning)}</b>" for warning in warnings),
        *_tables(analysis),
    ]
    (folder / "report.html").write_text("\n".join(parts))


def _tables(analysis: Mapping[str, Any], part: str = "") -> Iterator[str]:
    """Yield the tables of the whole data set, and of its segments."""
    for stage, heading in _STAGES.items():
        for facet, groups in analysis.get(stage, {}).get("facets", {}).items():
            for group in groups:
                yield _heading(f"{heading}: {facet} = {group['value_or_threshold']}{part}")
                yield _table((metric["description"], metric["value"]) for metric in group["metrics"])
    for label, values in analysis.get("explanations", {}).get("kernel_shap", {}).items():
        yield _heading(f"Feature attributions: {label}{part}")
        ranked = sorted(values["global_shap_values"].items(), key=lambda item: -abs(item[1]))
        yield _table(ranked)
    for column in analysis.get("segments", ()):
        for segment in column["segments"]:
            its_part = f", segment {segment['segment']} of {column['name']}"
            if "error" in segment:
                yield _heading(f"No metrics{its_part}")
                yield f"<p>{html.escape(segment['error'])}"
            yield from _tables(segment, its_part)


def _heading(text: str) -> str:
    return f"<h2>{html.escape(text)}</h2>"


def _table(rows: Any) -> str:
    cells = (f"<tr><td>{html.escape(str(name))}<td>{html.escape(str(value))}" for name, value in rows)
    return f"<table>{''.join(cells)}</table>"


def _finite(value: Any) -> Any:
    """Replace what JSON has no number for: infinity as smclarify spells it, NaN as null."""
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if hasattr(value, "item"):  # a numpy scalar
        return _finite(value.item())
    return value
