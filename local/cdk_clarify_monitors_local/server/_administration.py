"""Requests that are for the embedded AWS itself, not for AWS: of tests and of the command line."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from cdk_clarify_monitors_local import _admin_paths
from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._faults import Faults
from cdk_clarify_monitors_local.server._models import ModelFiles
from cdk_clarify_monitors_local.server._platform import Scope
from cdk_clarify_monitors_local.server.monitoring._scheduler import Scheduler

_log = logging.getLogger("sagemaker")

_THREADS = 32


class Administration:
    """Serves these requests.

    Args:
        faults: What goes wrong because a test wants it to.
        models: The files of the models that are known.
        scheduler: Runs monitoring schedules.
        clock: The clock.
        move_account: Gives the account another id, and the session another region.
    """

    def __init__(
        self,
        faults: Faults,
        models: ModelFiles,
        scheduler: Scheduler,
        clock: Clock,
        move_account: Callable[[str, str], None],
    ) -> None:
        self._faults = faults
        self._models = models
        self._scheduler = scheduler
        self._clock = clock
        self._move_account = move_account
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="administration")

    def before(self, application: Callable[..., Any]) -> Callable[..., Any]:
        """Return an ASGI application that serves these requests, and leaves others to the given one."""

        async def serve(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http" or not scope["path"].startswith(_admin_paths.PREFIX):
                await application(scope, receive, send)
                return
            body, more = b"", True
            while more:
                message = await receive()
                body, more = body + message.get("body", b""), message.get("more_body", False)
            document = json.loads(body) if body else None
            # In a thread, and not one of those that answer what an execution asks of AWS.
            answering = functools.partial(self._answer, scope["method"], scope["path"], document)
            status, answer = await asyncio.get_running_loop().run_in_executor(self._threads, answering)
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
            if (scope["method"], scope["path"]) == ("POST", _admin_paths.STOP):
                os.kill(os.getpid(), signal.SIGTERM)  # not before the answer is out

        return serve

    def _answer(self, method: str, path: str, document: Any) -> tuple[int, Any]:
        try:
            return self._administer(method, path, document)
        except (ApiError, ValueError) as error:
            return 400, {"message": str(error)}
        except Exception as error:
            _log.exception("%s %s", method, path)
            return 400, {"message": f"The embedded AWS failed: {error!r}. Its log says more."}

    def _administer(self, method: str, path: str, document: Any) -> tuple[int, Any]:
        match method, path:
            case "POST", _admin_paths.FAULTS:
                self._faults.add(document)
            case "DELETE", _admin_paths.FAULTS:
                self._faults.clear()
            case "POST", _admin_paths.MODELS:
                self._models.add(document)
            case "POST", _admin_paths.ACCOUNT:
                self._move_account(document["account"], document["region"])
            case "POST", _admin_paths.EXECUTIONS:
                scheduled = document["scheduled_time"]
                return 200, self._scheduler.run(
                    Scope(document["account"], document["region"]),
                    document["schedule"],
                    None if scheduled is None else datetime.fromisoformat(scheduled),
                )
            case "GET", _admin_paths.CLOCK:
                return 200, {"now": self._clock.now().isoformat()}
            case "POST", _admin_paths.CLOCK:
                executions = self._scheduler.advance(timedelta(seconds=document["seconds"]))
                return 200, {"now": self._clock.now().isoformat(), "executions": executions}
            case "POST", _admin_paths.STOP:
                pass  # when this is answered
            case _:
                return 404, None
        return 200, {}
