"""Asks a model: the stand-in for its inference container, in a process of its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from cdk_clarify_monitors_local.inference import _process
from cdk_clarify_monitors_local.server._forked_process import ForkedProcess
from cdk_clarify_monitors_local.server._models import ModelFiles


@dataclass(frozen=True)
class Response:
    """What a container answers.

    Attributes:
        status: The HTTP status.
        content_type: The body's content type.
        body: The body; an error's text unless the status is 200.
    """

    status: int
    content_type: str
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it is a prediction."""
        return self.status == 200


class ModelProcess:
    """A model's container. It starts with the first request, and again when the model gets another file.

    Args:
        name: The model's name.
        models: The files of the models that are known.
    """

    def __init__(self, name: str, models: ModelFiles) -> None:
        self._name = name
        self._models = models
        self._lock = threading.Lock()
        self._process: ForkedProcess | None = None
        self._loaded: tuple[str, float] | None = None

    def ask(self, content_type: str, accept: str, body: bytes) -> Response:
        """Return the answer to a request."""
        path = self._models.get(self._name)
        if path is None:
            return Response(500, "text/plain", self._models.how_to_name(self._name).encode())
        with self._lock:
            try:
                process = self._running(path)
                process.connection.send((content_type, accept, body))
                return Response(*process.connection.recv())
            except (EOFError, OSError):
                self._end()
                return Response(500, "text/plain", f"The container of the model '{self._name}' has ended.".encode())

    def abort(self) -> None:
        """End it at once, even if it is being asked."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End it when it has answered."""
        with self._lock:
            self._end()

    def _running(self, path: str) -> ForkedProcess:
        file = (path, Path(path).stat().st_mtime)
        if self._process is None or self._loaded != file:
            self._end()
            self._process = ForkedProcess(_process.run, path, self._name, duplex=True)
            self._loaded = file
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.connection.close()
        self._process = None
