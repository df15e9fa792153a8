"""Measures, writes results.json, and brings docs/performance.md up to date."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, cast

from . import (
    cold_start,
    demo_phases,
    deployment,
    executions,
    fleets,
    imports,
    operations_scale,
    report,
    results,
    surroundings,
    synthesis,
)
from .progress import Progress
from .report_scale import measure as measure_report

# What can be measured by itself, by the name of its results.
_MEASUREMENTS: dict[str, Callable[[int, Progress], Any]] = {
    "synthesis": lambda rounds, progress: synthesis.measure(rounds, synthesis.COUNTS, progress),
    "imports": imports.measure,
    "cold_start": cold_start.measure,
    "reporting": measure_report,
    "listing": operations_scale.measure,
}


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each process is timed (default: 7)")
    parser.add_argument(
        "--quick", action="store_true", help="one round, nothing deployed, nothing written: does it work at all?"
    )
    parser.add_argument("--render", action="store_true", help="only write docs/performance.md anew from results.json")
    parser.add_argument("--only", choices=_MEASUREMENTS, help="measure this anew, and keep the other figures")
    arguments = parser.parse_args()
    if arguments.only:
        measured = _MEASUREMENTS[arguments.only](arguments.rounds, Progress())
        kept: dict[str, Any] = {**results.load(), arguments.only: measured}
        results.save(cast("results.Results", kept))
        arguments.render = True
    if arguments.render:
        report.write(results.load())
        return
    found = measure(1 if arguments.quick else arguments.rounds, deploy=not arguments.quick)
    print(report.figures(found))  # noqa: T201  what it is for
    if not arguments.quick:
        results.save(found)
        report.write(found)


def measure(rounds: int, *, deploy: bool) -> results.Results:
    """Measure everything.

    Args:
        rounds: How often each process is timed.
        deploy: Whether to deploy into the embedded AWS, which takes a minute or two, and execute monitors over as many
            records as there may be, which takes three.
    """
    progress = Progress()
    counts = synthesis.COUNTS if deploy else (1, results.FEW, results.MANY)
    return {
        "environment": surroundings.look(),
        "rounds": rounds,
        "synthesis": synthesis.measure(rounds, counts, progress),
        "imports": imports.measure(rounds, progress),
        "cold_start": cold_start.measure(rounds, progress),
        "reporting": measure_report(rounds, progress),
        "deployment": deployment.measure(progress) if deploy else None,
        "demo": demo_phases.measure(progress) if deploy else [],
        "executions": executions.measure(rounds, progress, whole=deploy),
        "listing": operations_scale.measure(rounds, progress),
        "fleets": fleets.measure(rounds, progress, deploy=deploy),
    }


if __name__ == "__main__":
    main()
