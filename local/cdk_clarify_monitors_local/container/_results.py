"""Writes the results: analysis.json in Clarify's layout, SHAP values as CSV, a page to look at."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # importing shap takes two seconds, which a job without SHAP need not wait for
    from cdk_clarify_monitors_local.container.attributions._shap import Explanation


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
    """Write a page with the results, and what their reader has to know."""
    # Imported here: a job that fails needs none of it.
    from cdk_clarify_monitors_operations.report._single import render_analysis

    note = "Computed by the embedded AWS's stand-in for the Clarify container; Clarify's own report looks different."
    (folder / "report.html").write_text(render_analysis(title, note, warnings, analysis), encoding="utf-8")


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
