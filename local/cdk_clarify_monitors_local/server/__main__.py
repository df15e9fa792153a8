"""The embedded AWS's process: `python -m cdk_clarify_monitors_local.server SETTINGS`.

It listens on a socket that its parent has opened, and ends when told to (SIGTERM, SIGINT) or when its parent is gone.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from cdk_clarify_monitors_local import _admin_paths
from cdk_clarify_monitors_local.server import _watchdog
from cdk_clarify_monitors_local.server._faults import Faults
from cdk_clarify_monitors_local.server._gate import Gate
from cdk_clarify_monitors_local.server.ministack import MiniStackAccess, MiniStackPlatform, install, with_faults
from cdk_clarify_monitors_local.server.processing import _container
from cdk_clarify_monitors_local.server.processing._job_runner import ProcessingJobRunner, RunnerSettings
from cdk_clarify_monitors_local.server.sagemaker import ControlPlane

_LOOKS_FOR_PARENT_EVERY = 1.0  # seconds


def main() -> None:
    """Serve until told to end."""
    settings = json.loads(sys.argv[1])
    token = os.environ.pop(_admin_paths.TOKEN_VARIABLE)  # functions and jobs get what is left of the environment
    directory = Path(settings["directory"])
    faults, models = Faults(), dict(settings["models"])
    runner_settings = RunnerSettings(settings["endpoint_url"], settings["certificate"], directory, models)
    platform = MiniStackPlatform()
    control_plane = ControlPlane(platform, ProcessingJobRunner(platform, runner_settings), faults)
    install(control_plane, asks_every=settings["asks_every"])
    _watchdog.start(directory)
    threading.Thread(target=_end_with_parent, args=(settings["parent"],), daemon=True).start()
    _container.prepare()
    try:
        application = _with_admin(with_faults(faults), faults, models)
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


def _with_admin(application: Callable[..., Any], faults: Faults, models: dict[str, str]) -> Callable[..., Any]:
    """Serve the requests that tests and the command line make of this process."""

    async def serve_all(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_admin_paths.PREFIX):
            await application(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        answer = _administer(scope["method"], scope["path"], body, faults, models)
        status = 404 if answer is None else 200
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
        if (scope["method"], scope["path"]) == ("POST", _admin_paths.STOP):
            os.kill(os.getpid(), signal.SIGTERM)  # not before the answer is out

    return serve_all


def _administer(method: str, path: str, body: bytes, faults: Faults, models: dict[str, str]) -> Any:
    match method, path:
        case "POST", _admin_paths.FAULTS:
            faults.add(json.loads(body))
        case "DELETE", _admin_paths.FAULTS:
            faults.clear()
        case "POST", _admin_paths.MODELS:
            models.update(json.loads(body))
        case "POST", _admin_paths.STOP:
            pass  # when this is answered
        case _:
            return None
    return {}


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
