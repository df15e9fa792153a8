"""The image of docs/performance.md."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from .processes import JAVASCRIPT, OURS, PYTHON
from .results import Results, median

_COLORS = {OURS: "#0b7285", PYTHON: "#e8590c", JAVASCRIPT: "#868e96"}
_INCHES = (7.2, 4.0)

# The same bytes for the same results: a file under version control.
mpl.rcParams["svg.hashsalt"] = "synthesis"
_WITHOUT_DATE = {"Date": None, "Creator": None}


def draw(results: Results, path: Path) -> None:
    """Draw the time of whole processes by the number of monitors: medians, and the range of the rounds."""
    figure = Figure(figsize=_INCHES, layout="constrained")
    axes = figure.add_subplot()
    for app, color in _COLORS.items():
        seconds = results["synthesis"][app]["seconds"]
        counts = [int(count) for count in seconds]
        medians = [median(samples) for samples in seconds.values()]
        lowest, highest = [min(samples) for samples in seconds.values()], [max(samples) for samples in seconds.values()]
        axes.fill_between(counts, lowest, highest, color=color, alpha=0.15, linewidth=0)
        axes.plot(counts, medians, marker="o", color=color, label=app)
    axes.set(xlabel="monitors in the stack", ylabel="seconds, whole process", xlim=(0, None), ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, format="svg", metadata=_WITHOUT_DATE)
