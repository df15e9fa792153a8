"""The embedded AWS's process: `python -m cdk_clarify_monitors_local.server SETTINGS`.

It listens on a socket that its parent has opened, and ends when told to (SIGTERM, SIGINT) or when its parent is gone.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from cdk_clarify_monitors_local import _admin_paths
from cdk_clarify_monitors_local.server import _forked_process, _watchdog
from cdk_clarify_monitors_local.server._administration import Administration
from cdk_clarify_monitors_local.server._clients import Clients
from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._faults import Faults
from cdk_clarify_monitors_local.server._gate import Gate
from cdk_clarify_monitors_local.server._models import ModelFiles
from cdk_clarify_monitors_local.server.ministack import (
    MiniStackAccess,
    MiniStackAlarms,
    MiniStackPlatform,
    install,
    move_account,
    with_faults,
)
from cdk_clarify_monitors_local.server.monitoring._executor import MonitoringExecutor
from cdk_clarify_monitors_local.server.monitoring._metrics import MetricsPublisher
from cdk_clarify_monitors_local.server.monitoring._scheduler import Scheduler
from cdk_clarify_monitors_local.server.processing._job_runner import ProcessingJobRunner, RunnerSettings
from cdk_clarify_monitors_local.server.sagemaker import ControlPlane
from cdk_clarify_monitors_local.server.serving._serving import Serving
from cdk_clarify_monitors_local.server.transform._job_runner import TransformJobRunner

_LOOKS_FOR_PARENT_EVERY = 1.0  # seconds


def main() -> None:
    """Serve until told to end."""
    settings = json.loads(sys.argv[1])
    token = os.environ.pop(_admin_paths.TOKEN_VARIABLE)  # functions and jobs get what is left of the environment
    directory = Path(settings["directory"])
    faults, models, clock = Faults(), ModelFiles(settings["models"]), Clock(_moment(settings["clock"]))
    platform, clients = MiniStackPlatform(), Clients(settings["endpoint_url"], settings["certificate"])
    runner_settings = RunnerSettings(clients, directory, models)
    control_plane = ControlPlane(
        platform,
        ProcessingJobRunner(platform, runner_settings),
        faults,
        clock,
        serving=Serving(platform, clients, models, clock),
        transforms=TransformJobRunner(platform, clients, models),
    )
    executor = MonitoringExecutor(control_plane, platform, clients, clock)
    executor.on_finished.append(MetricsPublisher(platform).publish)
    alarms = MiniStackAlarms(clock)
    scheduler = Scheduler(control_plane, executor, alarms, clock)
    install(control_plane, alarms, clock, asks_every=settings["asks_every"])
    _watchdog.start(directory)
    threading.Thread(target=_end_with_parent, args=(settings["parent"],), daemon=True).start()
    _forked_process.prepare()
    try:
        moving = functools.partial(move_account, control_plane)
        application = Administration(faults, models, scheduler, clock, moving).before(with_faults(faults))
        asyncio.run(_serve(settings, Gate(application, MiniStackAccess(), token)))
    except Exception:
        traceback.print_exc()  # the parent shows the end of the log
    finally:
        _kill_all()


async def _serve(settings: Mapping[str, Any], application: Callable[..., Any]) -> None:
    config = Config()
    config.bind = [f"fd://{settings['socket']}"]
    config.keep_alive_timeout = 75
    config.accesslog = None
    if settings["certificate"]:
        config.certfile, config.keyfile = settings["certificate"], settings["key"]
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _kill_all)
    never = asyncio.Event()  # a graceful end would wait for clients that keep their connections
    await serve(application, config, shutdown_trigger=never.wait)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _end_with_parent(parent: int) -> None:
    """End when the parent's end of the pipe closes, unless the parent says that this process is to live on.

    A fork of the parent has the pipe, too, and may live longer. So the parent itself is looked for now and then.
    """
    gone = False
    while not gone:
        gone = os.getppid() != parent  # first: what it wrote before its end is there then
        readable, _, _ = select.select([0], [], [], 0 if gone else _LOOKS_FOR_PARENT_EVERY)
        if readable:
            if os.read(0, 1024):
                return
            gone = True
    _kill_all()


def _kill_all() -> None:
    """End at once, together with the functions that this process has started; jobs and watchdog notice it themselves.

    A thread that waits for a custom resource would otherwise keep the interpreter alive for up to an hour.
    """
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    main()
