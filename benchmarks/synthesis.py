"""The cost of synthesis: whole processes in turn, so that a slower minute of the machine is slower for all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .processes import EMPTY, JAVASCRIPT, OURS, PYTHON, synthesize
from .progress import Progress
from .results import FEW, MANY, Messages, Synthesis

COUNTS = (1, FEW, 50, MANY)


def measure(rounds: int, counts: Sequence[int], progress: Progress) -> dict[str, Synthesis]:
    """Measure all apps.

    Args:
        rounds: How often each app is timed with each number of monitors.
        counts: The numbers of monitors.
        progress: Is told what is going on.
    """
    cases = [(app, monitors) for monitors in counts for app in (OURS, PYTHON, JAVASCRIPT)] + [(EMPTY, 0)]
    progress.start("warm-up", len(cases))
    found = {app: _observe(app, counts, progress) for app in (OURS, PYTHON, JAVASCRIPT)}
    found[EMPTY] = _observe(EMPTY, [0], progress)
    progress.start("synthesis", rounds * len(cases))
    for number in range(rounds):
        # There and back again: who comes first has no advantage.
        for app, monitors in cases if number % 2 == 0 else reversed(cases):
            seconds = synthesize(app, monitors).seconds
            found[app]["seconds"].setdefault(str(monitors), []).append(seconds)
            progress.step(f"{app}, {monitors} monitors: {seconds:.2f} s")
    return found


def _observe(app: str, counts: Sequence[int], progress: Progress) -> Synthesis:
    """What is the same at each run; it fills the caches of bytecode on the way."""
    memory: dict[str, int | None] = {}
    messages: dict[str, Messages] = {}
    resources: dict[str, int] = {}
    template_bytes: dict[str, int] = {}
    compact_bytes: dict[str, int] = {}
    for monitors in counts:
        run = synthesize(app, monitors, observed=app != JAVASCRIPT)
        inside: dict[str, Any] = json.loads(run.output)
        resources[str(monitors)] = len(json.loads(run.template).get("Resources", {}))
        template_bytes[str(monitors)] = len(run.template.encode())
        compact = json.dumps(json.loads(run.template), separators=(",", ":"), ensure_ascii=False)
        compact_bytes[str(monitors)] = len(compact.encode())
        memory[str(monitors)] = inside["peak_memory_kib"]
        if "messages" in inside:
            messages[str(monitors)] = inside["messages"]
        progress.step(f"{app}, {monitors} monitors")
    return {
        "seconds": {},
        "peak_memory_kib": memory,
        "resources": resources,
        "template_bytes": template_bytes,
        "compact_bytes": compact_bytes,
        "messages": messages or None,
    }
