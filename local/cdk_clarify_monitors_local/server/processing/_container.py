"""Runs the stand-in for the Clarify container: each job in a process of its own.

The container's libraries take longer to import than most jobs to run. So its processes are forks of one that has
imported them: multiprocessing's fork server, which starts as a clean Python and has nothing of this server's in it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from multiprocessing import connection, forkserver
from pathlib import Path

from cdk_clarify_monitors_local.container import _process

# macOS's own libraries do not survive a fork; a job is a new Python there, as slow as that is.
_FORKS = sys.platform != "darwin"
_CONTEXT = multiprocessing.get_context("forkserver") if _FORKS else multiprocessing.get_context("spawn")
_LIBRARIES = ["cdk_clarify_monitors_local.container._analysis", "cdk_clarify_monitors_local.container._shap"]

# Starting a process, multiprocessing also asks all others whether they have ended, and the exit code of one that has
# can be read only once.
_lock = threading.Lock()


def prepare() -> None:
    """Begin to import the libraries, so that the first job need not wait for them; return at once."""
    if _FORKS:
        _CONTEXT.set_forkserver_preload(_LIBRARIES)
        forkserver.ensure_running()


class ContainerProcess:
    """A running container.

    Args:
        root: The container's root folder.
        environment: All of its variables.
        models: The joblib file of each model, by the model's name.
    """

    def __init__(self, root: Path, environment: Mapping[str, str], models: Mapping[str, str]) -> None:
        self._output, output = _CONTEXT.Pipe(duplex=False)
        # Not a daemon: those may not start processes, and SHAP does.
        self._process = _CONTEXT.Process(
            target=_process.run, args=(root, dict(environment), dict(models), output), daemon=False
        )
        with output, _lock:
            self._process.start()

    def lines(self) -> Iterator[str]:
        """Yield what it prints, line by line, until its end."""
        with self._output, open(self._output.fileno(), encoding="utf-8", errors="replace", closefd=False) as file:
            for line in file:
                yield line.rstrip("\n")

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end.

        Args:
            seconds: For how long at most; None: as long as it takes.

        Returns:
            The exit code, None if it still runs.
        """
        connection.wait([self._process.sentinel], seconds)
        with _lock:
            exit_code = self._process.exitcode
        if exit_code is not None:
            self.kill()  # it may have been killed itself, by the machine for want of memory
        return exit_code

    def kill(self) -> None:
        """End it at once, and all that it has started."""
        assert self._process.pid is not None  # noqa: S101 (for the type checker)
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            self._process.kill()  # it does not lead a group yet, or has ended with all that it had started
