"""An inference container's process: it loads a model and answers one request after the other."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from typing import Any

from cdk_clarify_monitors_local.container._process import end_with_server
from cdk_clarify_monitors_local.inference._errors import InferenceError


def run(path: str, name: str, requests: Connection) -> None:
    """Answer requests until the other end of the connection is closed.

    A request is (content type, accept, body), an answer (status, content type, body).

    Args:
        path: The model's joblib file.
        name: The model's name, for messages.
        requests: Where requests come from, and where answers go.
    """
    os.setsid()  # it ends together with all that it has started
    end_with_server()
    # Imported here: the server imports this module, and needs none of the libraries.
    from cdk_clarify_monitors_local.inference._model import InferenceModel

    failed: tuple[int, str, bytes] | None = None
    try:
        model = InferenceModel(path, name)
    except InferenceError as error:
        failed = (error.status, "text/plain", str(error).encode())
    while True:
        try:
            content_type, accept, body = requests.recv()
        except (EOFError, OSError):
            return
        requests.send(failed or _answer(model, content_type, accept, body))


def _answer(model: Any, content_type: str, accept: str, body: bytes) -> tuple[int, str, bytes]:
    try:
        return 200, *model.answer(content_type, accept, body)
    except InferenceError as error:
        return error.status, "text/plain", str(error).encode()
    except Exception as error:  # whatever someone's estimator raises
        return 500, "text/plain", f"{type(error).__name__}: {error}".encode()
