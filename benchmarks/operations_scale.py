"""How long `clarify-monitors list` takes where there are many monitors, against a SageMaker of our own."""

from __future__ import annotations

import collections
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from .processes import ROOT
from .progress import Progress
from .results import Listing

SCHEDULES, EXECUTIONS = 500, 200
ANSWER_SECONDS = 0.02

_REGION, _ACCOUNT = "eu-west-1", "123456789012"
# The command, and what it took.
_COMMAND = """
import json, sys
from benchmarks.memory import peak_memory_kib
from cdk_clarify_monitors_operations.__main__ import main
try:
    main()
finally:
    print(json.dumps(peak_memory_kib()), file=sys.stderr)
"""
_MADE = datetime(2026, 3, 1, 12, tzinfo=UTC)


class FakeSageMaker:
    """Lists monitoring schedules and their executions over HTTP, and counts what it is asked.

    Attributes:
        requests: How often it was asked for each operation, throttled requests among them.
        most_at_once: How many requests it had under way at once, at the most.
        throttled: How many it has refused.
    """

    def __init__(
        self,
        *,
        schedules: int = SCHEDULES,
        executions: int = EXECUTIONS,
        seconds: float = ANSWER_SECONDS,
        throttle_every: int | None = None,
    ) -> None:
        """Make one; the `with` statement starts it.

        Args:
            schedules: How many schedules there are.
            executions: How many executions each has.
            seconds: How long an answer takes.
            throttle_every: Every so manieth request is refused with a ThrottlingException. None: none is.
        """
        self.requests: collections.Counter[str] = collections.Counter()
        self.most_at_once = self.throttled = 0
        self._schedules, self._executions = schedules, executions
        self._seconds, self._throttle_every = seconds, throttle_every
        self._at_once = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point AWS clients at it."""
        return {
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_REGION": _REGION,
            "AWS_DEFAULT_REGION": _REGION,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.server_port}",
            "NO_PROXY": "127.0.0.1",
        }

    def answer(self, operation: str, request: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer a request: the HTTP status and the body."""
        with self._lock:
            self.requests[operation] += 1
            refused = self._throttle_every is not None and self.requests.total() % self._throttle_every == 0
            self.throttled += refused
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            time.sleep(self._seconds)
            if refused:
                return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
            return 200, getattr(self, f"_{operation}")(request)
        finally:
            # Before the answer is sent: the client may begin the next request as soon as it has it.
            with self._lock:
                self._at_once -= 1

    def _ListMonitoringSchedules(self, request: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802  the API's name
        return _page(
            request,
            "MonitoringScheduleSummaries",
            self._schedules,
            lambda number: {
                "MonitoringScheduleName": f"monitor-{number:04}",
                "MonitoringScheduleArn": _arn("monitoring-schedule", f"monitor-{number:04}"),
                "CreationTime": _MADE.timestamp(),
                "LastModifiedTime": _MADE.timestamp(),
                "MonitoringScheduleStatus": "Scheduled",
                "EndpointName": f"endpoint-{number:04}",
                "MonitoringJobDefinitionName": f"definition-{number:04}",
                "MonitoringType": ("ModelBias", "ModelExplainability")[number % 2],
            },
        )

    def _ListMonitoringExecutions(self, request: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802  the API's name
        name = request["MonitoringScheduleName"]

        def execution(number: int) -> dict[str, Any]:
            due = _MADE + timedelta(hours=self._executions - number)
            return {
                "MonitoringScheduleName": name,
                "ScheduledTime": due.timestamp(),
                "CreationTime": due.timestamp(),
                "LastModifiedTime": due.timestamp(),
                "MonitoringExecutionStatus": "CompletedWithViolations" if number % 7 == 0 else "Completed",
                "ProcessingJobArn": _arn("processing-job", f"{name}-{due:%Y%m%d%H%M}"),
            }

        return _page(request, "MonitoringExecutionSummaries", self._executions, execution)


def _page(request: Mapping[str, Any], member: str, count: int, make: Any) -> dict[str, Any]:
    first = int(request.get("NextToken", 0))
    end = min(first + int(request.get("MaxResults", 10)), count)
    return {member: [make(number) for number in range(first, end)], **({"NextToken": str(end)} if end < count else {})}


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:{_REGION}:{_ACCOUNT}:{kind}/{name}"


def _handler(fake: FakeSageMaker) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            status, answer = fake.answer(operation, json.loads(body))
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *values: Any) -> None:  # noqa: A002  as the base class has it
            """Nothing."""

    return Handler


def measure(rounds: int, progress: Progress) -> Listing:
    """Run the command, each time as a process of its own."""
    progress.start("clarify-monitors list", rounds)
    seconds: list[float] = []
    peaks: list[int | None] = []
    most = 0
    requests = 0
    for _ in range(rounds):
        with FakeSageMaker() as fake:
            took, kib = _list(fake)
        seconds.append(took)
        peaks.append(kib)
        most, requests = max(most, fake.most_at_once), fake.requests.total()
        progress.step(f"{took:.1f} s")
    return {
        "schedules": SCHEDULES,
        "executions": EXECUTIONS,
        "seconds": seconds,
        "peak_memory_kib": None if None in peaks else max(filter(None, peaks)),
        "requests": requests,
        "most_at_once": most,
    }


def _list(fake: FakeSageMaker) -> tuple[float, int | None]:
    """Return the seconds and the peak memory, in KiB, of one process."""
    started = time.perf_counter()
    ended = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-c", _COMMAND, "list", "--json"],
        cwd=ROOT,
        env={**os.environ, **fake.environment},
        capture_output=True,
        text=True,
        check=True,
    )
    took = time.perf_counter() - started
    if len(json.loads(ended.stdout)) != SCHEDULES:
        raise RuntimeError("clarify-monitors list has not listed all monitors")
    return took, json.loads(ended.stderr.splitlines()[-1])
