"""How long a report over many executions takes, against an AWS of our own; and another one, from what was kept."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .processes import ROOT
from .progress import Progress
from .results import Reporting

EXECUTIONS = 1000
ANSWER_SECONDS = 0.02


def measure(rounds: int, progress: Progress, executions: int = EXECUTIONS) -> Reporting:
    """Measure it, in processes of their own.

    Args:
        rounds: How often each is timed; three times at the most.
        progress: Shows how far it is.
        executions: How many executions there are.
    """
    runs = []
    rounds = min(rounds, 3)
    progress.start("report", rounds)
    for number in range(rounds):
        command = [sys.executable, "-m", "benchmarks.report_scale", str(executions)]
        process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 (our own)
        runs.append(json.loads(process.stdout))
        progress.step(f"round {number + 1}")
    return {
        "executions": executions,
        "seconds": [run["first"] for run in runs],
        "seconds_again": [run["again"] for run in runs],
        "peak_memory_kib": max(run["peak_memory_kib"] for run in runs),
        "requests": runs[0]["requests"],
        "requests_again": runs[0]["requests_again"],
        "bytes": runs[0]["bytes"],
    }


def _run(executions: int) -> dict[str, float]:
    from cdk_clarify_monitors_operations import ClarifyModelMonitor

    from .made_up_monitor import MadeUpMonitor

    monitor = MadeUpMonitor(executions=executions, seconds=ANSWER_SECONDS)
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first", "again"):
            monitor.requests.clear()
            started = time.perf_counter()
            report = ClarifyModelMonitor.attach(monitor.name, monitor.session).report(cache_directory=folder)
            page, _ = report.save(Path(folder) / "report.html")
            found[name] = time.perf_counter() - started
            found["requests" if name == "first" else "requests_again"] = monitor.requests.total()
        found["bytes"] = Path(page).stat().st_size
    found["peak_memory_kib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found


def main() -> None:
    """Measure one round and print it as JSON."""
    sys.stdout.write(json.dumps(_run(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
