"""Where coverage's tracer runs.

It makes a test half as long again, all of it: also what pytest, botocore and the CDK do. So it runs where the library's
lines are looked for, and nowhere else.
"""

from __future__ import annotations

import importlib
import pkgutil

from coverage import Coverage


class Tracer:
    """The tracer that pytest-cov has started; without `--cov` there is none, and nothing is done.

    In a worker of pytest-xdist, pytest-cov has started two, one after the other. What the first one sees, nobody reads.
    """

    def __init__(self) -> None:
        self._coverage = Coverage.current()

    def run(self, wanted: bool) -> None:
        """Start the tracer, or stop it; pytest-cov does, too, for what is marked `no_cover`."""
        if self._coverage is None or wanted == (Coverage.current() is self._coverage):
            return
        if wanted:
            self._coverage.start()
        while not wanted and (running := Coverage.current()) is not None:
            running.stop()

    def see_imports(self, *packages: str) -> None:
        """Import packages with all of their modules while it runs."""
        if self._coverage is not None:
            for package in map(importlib.import_module, packages):
                for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                    importlib.import_module(module.name)
