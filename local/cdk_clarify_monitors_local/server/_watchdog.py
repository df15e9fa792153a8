"""The process that cleans up after a server: `python -m cdk_clarify_monitors_local.server._watchdog GROUP DIRECTORY`.

A server that is killed cannot end the functions that it has started, nor remove its folder. This process does it as
soon as the pipe closes that the server holds open.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from cdk_clarify_monitors_local import _directory


def start(directory: Path) -> None:
    """Have this process watched until its end; whoever kills the watchdog gets the next one."""
    threading.Thread(target=_keep, args=(directory,), daemon=True).start()


def _keep(directory: Path) -> None:
    command = [sys.executable, "-m", __name__, str(os.getpid()), str(directory)]
    killed = True
    while killed:
        with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as watchdog:  # noqa: S603
            killed = watchdog.wait() < 0


def main() -> None:
    """Wait for the server's end, then end its process group and remove its folder."""
    group, directory = int(sys.argv[1]), Path(sys.argv[2])
    while os.read(0, 1):
        pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    _directory.remove(directory)


if __name__ == "__main__":
    main()
