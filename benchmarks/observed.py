"""Runs a Python app and prints, as JSON, what it asked of the jsii kernel and how much memory it took.

`python -m benchmarks.observed APP ARGUMENTS…`. The app does not know: the kernel's process is watched.
"""

from __future__ import annotations

import json
import runpy
import sys
from typing import Any

from jsii._kernel.providers import process as kernel

from .memory import peak_memory_kib


class Pipe:
    """A pipe whose bytes are counted."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        self.bytes = 0

    def write(self, data: bytes) -> int:
        """Write and count."""
        self.bytes += len(data)
        return int(self._pipe.write(data))

    def readline(self) -> bytes:
        """Read and count."""
        line: bytes = self._pipe.readline()
        self.bytes += len(line)
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pipe, name)


class Observer:
    """Counts the calls into the kernel, the answers to its own calls into Python among them."""

    def __init__(self) -> None:
        self.calls = 0
        self.requests = self.responses = Pipe(None)
        start: Any = kernel._NodeProcess.start
        send = kernel._NodeProcess.send

        def counting_start(process: Any) -> None:
            start(process)
            process._process.stdin = self.requests = Pipe(process._process.stdin)
            process._process.stdout = self.responses = Pipe(process._process.stdout)

        def counting_send(process: Any, request: Any, response_type: Any) -> Any:
            self.calls += 1
            return send(process, request, response_type)

        kernel._NodeProcess.start = counting_start  # type: ignore[method-assign]
        kernel._NodeProcess.send = counting_send  # type: ignore[method-assign,assignment]


def main() -> None:
    """Run the app that the command line names."""
    observer = Observer()
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")
    print(  # noqa: T201  what it is for
        json.dumps(
            {
                "messages": {
                    "calls": observer.calls,
                    "request_bytes": observer.requests.bytes,
                    "response_bytes": observer.responses.bytes,
                },
                "peak_memory_kib": peak_memory_kib(),
            }
        )
    )


if __name__ == "__main__":
    main()
