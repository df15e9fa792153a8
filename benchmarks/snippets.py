"""Times pieces of Python in new processes, a pair of them in turn."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .progress import Progress
from .results import Pair

# They are short, and the machine's moods are not.
_PAIRS_A_ROUND = 3

_TIMED = """\
import time
started = time.perf_counter()
{code}
print(time.perf_counter() - started)
"""


@dataclass(frozen=True)
class Snippet:
    """A piece of Python.

    Attributes:
        code: It. What it prints counts as noise.
        folder: Where it runs.
        environment: What is different in its environment.
    """

    code: str
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def seconds(self) -> float:
        """Run it in a new process and return how long it took, without the start of the process."""
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        run = subprocess.run(  # noqa: S603  our own code
            [sys.executable, "-c", _TIMED.format(code=self.code)],
            cwd=self.folder,
            env={**inherited, **self.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return float(run.stdout.splitlines()[-1])


def measure(title: str, ours: Snippet, reference: Snippet, rounds: int, progress: Progress) -> Pair:
    """Time two pieces in turn, after each has run once."""
    pair: Pair = {"ours": [], "reference": []}
    count = rounds * _PAIRS_A_ROUND
    progress.start(title, count)
    ours.seconds()
    reference.seconds()
    for _ in range(count):
        pair["ours"].append(ours.seconds())
        pair["reference"].append(reference.seconds())
        progress.step(f"{pair['ours'][-1]:.3f} s, reference {pair['reference'][-1]:.3f} s")
    return pair
