"""The image of docs/performance.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import vl_convert

from .processes import JAVASCRIPT, OURS, PYTHON
from .results import Results, median

_COLORS = {OURS: "#0b7285", PYTHON: "#e8590c", JAVASCRIPT: "#868e96"}


def draw(results: Results, path: Path) -> None:
    """Draw the time of whole processes by the number of monitors: medians, and the range of the rounds."""
    rows = [
        {"app": app, "monitors": int(count), "median": median(samples), "low": min(samples), "high": max(samples)}
        for app in _COLORS
        for count, samples in results["synthesis"][app]["seconds"].items()
    ]
    svg = vl_convert.vegalite_to_svg(_chart(rows))
    path.parent.mkdir(exist_ok=True)
    # One element on a line, so that a change can be read.
    path.write_text(re.sub(r"><(?!/)", ">\n<", svg) + "\n", encoding="utf-8")


def _chart(rows: list[dict[str, Any]]) -> dict[str, Any]:
    of_app = {
        "field": "app",
        "scale": {"domain": list(_COLORS), "range": list(_COLORS.values())},
        "legend": {"title": None, "orient": "top-left"},
    }
    monitors = {"field": "monitors", "type": "quantitative", "title": "monitors in the stack"}
    seconds = {"type": "quantitative", "title": "seconds, whole process"}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 600,
        "height": 320,
        "data": {"values": rows},
        "encoding": {"x": monitors, "color": of_app},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.15},
                "encoding": {"y": {"field": "low", **seconds}, "y2": {"field": "high"}},
            },
            {"mark": {"type": "line", "point": {"filled": True}}, "encoding": {"y": {"field": "median", **seconds}}},
        ],
        "config": {"background": "white", "view": {"stroke": None}, "axis": {"gridOpacity": 0.4}},
    }
