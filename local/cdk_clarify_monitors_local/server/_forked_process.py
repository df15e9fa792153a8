"""Processes that run the libraries of data scientists: containers of jobs and of models.

Those libraries take longer to import than most jobs to run. So the processes are forks of one that has imported them:
multiprocessing's fork server, which starts as a clean Python and has nothing of this server's in it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing import connection, forkserver
from multiprocessing.connection import Connection
from typing import Any

# macOS's own libraries do not survive a fork; a job is a new Python there, as slow as that is.
_FORKS = sys.platform != "darwin"
_CONTEXT = multiprocessing.get_context("forkserver") if _FORKS else multiprocessing.get_context("spawn")
_LIBRARIES = [
    "cdk_clarify_monitors_local.container._analysis",
    "cdk_clarify_monitors_local.container.attributions._shap",
    "cdk_clarify_monitors_local.inference._model",
]

# Starting a process, multiprocessing also asks all others whether they have ended, and the exit code of one that has
# can be read only once.
_lock = threading.Lock()


def prepare() -> None:
    """Begin to import the libraries, so that the first job need not wait for them; return at once."""
    if _FORKS:
        _CONTEXT.set_forkserver_preload(_LIBRARIES)
        forkserver.ensure_running()


class ForkedProcess:
    """A running process with a connection to this one.

    Args:
        target: What it runs. It has to make itself the leader of a process group.
        arguments: The arguments; the connection is one more.
        duplex: Whether the connection is for both directions, and not only from the process to this one.

    Attributes:
        connection: This end of the connection.
    """

    def __init__(self, target: Callable[..., None], *arguments: Any, duplex: bool) -> None:
        self.connection: Connection
        self.connection, theirs = _CONTEXT.Pipe(duplex)
        # Not a daemon: those may not start processes, and SHAP does.
        self._process = _CONTEXT.Process(target=target, args=(*arguments, theirs), daemon=False)
        with theirs, _lock:
            self._process.start()

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
