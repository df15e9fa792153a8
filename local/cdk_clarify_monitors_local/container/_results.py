"""Writes the results: analysis.json in Clarify's layout, SHAP values as CSV, a report to look at."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cdk_clarify_monitors_local.container._pdf import pdf

if TYPE_CHECKING:  # importing shap takes two seconds, which a job without SHAP need not wait for
    from cdk_clarify_monitors_local.container.attributions._shap import Explanation


_STAGES = {
    "pre_training_bias_metrics": "Bias of the data",
    "post_training_bias_metrics": "Bias of the predictions",
}

_ABOUT = "Computed by the embedded AWS's stand-in for the Clarify container; Clarify's own report looks different."
_WIDTH, _NAME_WIDTH = 95, 68  # characters in a line of the PDF, and in its first column


def write_analysis(folder: Path, analysis: Mapping[str, Any]) -> None:
    """Write analysis.json: the constraints that the job suggests. Its members stand in Clarify's order."""
    text = json.dumps({"version": "1.0", **_finite(analysis)}, indent=4, allow_nan=False)
    (folder / "analysis.json").write_text(text)


def write_local_values(folder: Path, explanation: Explanation) -> None:
    """Write the SHAP value of every record, and the baseline if it was made up."""
    target = folder / "explanations_shap"
    target.mkdir(exist_ok=True)
    explanation.table().to_csv(target / "out.csv", index=False)
    if explanation.baseline is not None:
        explanation.baseline.to_csv(target / "baseline.csv", index=False)


def write_report(folder: Path, title: str, analysis: Mapping[str, Any], warnings: Sequence[str]) -> None:
    """Write the results, and what their reader has to know, in the three forms of Clarify's report."""
    # Imported here: a job that fails needs none of it.
    from cdk_clarify_monitors_operations.report._single import render_analysis

    (folder / "report.html").write_text(render_analysis(title, _ABOUT, warnings, analysis), encoding="utf-8")
    sections = list(_sections(analysis))
    cell = {
        "cell_type": "markdown",
        "id": "report",
        "metadata": {},
        "source": "\n\n".join([f"# {title}", _ABOUT, *warnings, *(_markdown(section) for section in sections)]),
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "report.ipynb").write_text(json.dumps(notebook, indent=1))
    lines = [title, "", *(line for text in (_ABOUT, *warnings) for line in textwrap.wrap(text, _WIDTH))]
    (folder / "report.pdf").write_bytes(pdf([*lines, *(line for section in sections for line in _lines(section))]))


class _Section(NamedTuple):
    heading: str
    rows: Sequence[tuple[str, Any]] = ()
    error: str = ""


def _sections(analysis: Mapping[str, Any], part: str = "") -> Iterator[_Section]:
    """Yield the tables of the whole data set, and of its segments."""
    for stage, heading in _STAGES.items():
        for facet, groups in analysis.get(stage, {}).get("facets", {}).items():
            for group in groups:
                rows = [(metric["description"], metric["value"]) for metric in group["metrics"]]
                yield _Section(f"{heading}: {facet} = {group['value_or_threshold']}{part}", rows)
    for label, values in analysis.get("explanations", {}).get("kernel_shap", {}).items():
        ranked = sorted(values["global_shap_values"].items(), key=lambda item: -abs(item[1]))
        yield _Section(f"Feature attributions: {label}{part}", ranked)
    for column in analysis.get("segments", ()):
        for segment in column["segments"]:
            its_part = f", segment {segment['segment']} of {column['name']}"
            if "error" in segment:
                yield _Section(f"No metrics{its_part}", error=segment["error"])
            yield from _sections(segment, its_part)


def _markdown(section: _Section) -> str:
    rows = [f"| {name} | {value} |" for name, value in section.rows]
    table = ["| | |", "|---|---|", *rows] if rows else [section.error]
    return "\n".join([f"## {section.heading}", "", *table])


def _lines(section: _Section) -> list[str]:
    """Return a section as lines of text."""
    rows = [f"{str(name)[:_NAME_WIDTH]:{_NAME_WIDTH}}  {value}" for name, value in section.rows]
    return ["", *textwrap.wrap(section.heading, _WIDTH), *textwrap.wrap(section.error, _WIDTH), *rows]


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
