"""Peak memory, as Linux knows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def peak_memory_kib() -> int | None:
    """The sum of the peaks of this process and those below it; None where there is no /proc."""
    if not Path("/proc/self/status").exists():
        return None
    return sum(_peak_kib(process) for process in _family(Path("/proc/self")))


def _family(process: Path) -> Iterator[Path]:
    yield process
    for task in process.glob("task/*/children"):
        for child in task.read_text().split():
            yield from _family(Path("/proc") / child)


def _peak_kib(process: Path) -> int:
    (line,) = (line for line in (process / "status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1])
