"""How long the steps of `make demo` take, set-up not counted."""

from __future__ import annotations

import re
import subprocess
import sys
import time

from .processes import ROOT
from .progress import Progress
from .results import Phase

_STEP = re.compile(r"✓ (?P<title>.+?) (?P<seconds>[\d.]+) s$")
_ADDRESS = re.compile(r",? into the embedded AWS at \S+")


def measure(progress: Progress) -> list[Phase]:
    """Run it, and read what it says about itself."""
    progress.start("demo", 1)
    started = time.perf_counter()
    run = subprocess.run([sys.executable, "-m", "demo"], cwd=ROOT, capture_output=True, text=True, check=True)
    total = time.perf_counter() - started
    steps = filter(None, map(_STEP.match, run.stdout.splitlines()))
    phases: list[Phase] = [
        {"title": _ADDRESS.sub("", step["title"]), "seconds": float(step["seconds"])} for step in steps
    ]
    progress.step(f"{total:.0f} s")
    rest = total - sum(phase["seconds"] for phase in phases)
    return [*phases, {"title": "imports, start and end of the embedded AWS, checks", "seconds": round(rest, 1)}]
