"""The process that an embedded AWS runs in: start it, wait for it, end it and all that it has started."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from cdk_clarify_monitors_local import _admin_paths, _directory, _tls
from cdk_clarify_monitors_local._account import Account, without_aws
from cdk_clarify_monitors_local._errors import EmbeddedAwsError

#: Modules that functions find in Lambda's Node.js runtime and would not find here.
NODE_MODULES = Path(__file__).parent / "server" / "node_path"

#: What the server reads if it is to outlive its parent; otherwise it reads nothing before its parent is gone.
DETACH = b"detach"

_START_TIMEOUT = 60.0  # seconds; less than one is usual
_STOP_GRACE = 5.0  # seconds between SIGTERM and SIGKILL


@dataclass(frozen=True)
class ServerSettings:
    """How to start an embedded AWS.

    Attributes:
        models: The joblib file of each SageMaker model, by the model's name.
        region: The region of its session.
        account: The account's id.
        auth: Whether IAM policies are enforced.
        port: The port on 127.0.0.1, 0 for a free one.
        asks_every: How many seconds lie at most between two attempts that Step Functions makes at a steady rate.
        clock: What its clock shows first. None: the real time.
    """

    models: Mapping[str, str]
    region: str
    account: str
    auth: bool
    port: int
    asks_every: float
    clock: datetime | None


class ServerProcess:
    """A running server.

    Attributes:
        account: How to talk to it.
    """

    def __init__(self, settings: ServerSettings) -> None:
        """Start a server and wait until it answers.

        Raises:
            EmbeddedAwsError: The port is taken, this machine cannot reach it, or the server did not come up; then the
                message has the end of its log.
        """
        _check_loopback()
        _directory.remove_abandoned()
        with _listen(settings.port) as listener:
            directory, lock = _directory.make()
            try:
                self.account = _account(settings, directory, listener)
                self._process = _spawn(settings, self.account, listener, lock)
            except BaseException:
                _directory.remove(directory)
                raise
            finally:
                os.close(lock)  # the server has it now
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    @property
    def id(self) -> int:
        """The process's id. It leads a process group of its own."""
        return self._process.pid

    def stop(self) -> None:
        """Stop it and everything that it has started, and delete what it has written."""
        process = self._process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_GRACE)
        # Also after a clean end: functions and jobs it had started may not have noticed yet.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with contextlib.suppress(OSError):
            self._pipe.close()
        _directory.remove(self.account.directory)

    def detach(self) -> None:
        """Let it run on when this process is gone."""
        self._pipe.write(DETACH)
        self._pipe.close()

    @property
    def _pipe(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 (for the type checker)
        return self._process.stdin

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        while True:
            if self._process.poll() is not None:
                raise EmbeddedAwsError(
                    f"The embedded AWS did not start. The end of its log:\n{log_tail(self.account.log_path)}"
                )
            try:
                self.account.ping()
            except OSError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedAwsError(
                        f"The embedded AWS did not answer within {_START_TIMEOUT:.0f} s ({error}). "
                        f"The end of its log:\n{log_tail(self.account.log_path)}"
                    ) from error
                time.sleep(0.05)
            else:
                return


def end_detached(account: Account) -> None:
    """End a server that another process has started.

    Raises:
        EmbeddedAwsError: It is still there.
    """
    account.request("POST", _admin_paths.STOP)
    deadline = time.monotonic() + 2 * _STOP_GRACE
    while account.directory.exists():  # goes last
        if time.monotonic() > deadline:
            raise EmbeddedAwsError(f"The embedded AWS at {account.endpoint_url} does not end.")
        time.sleep(0.05)


def log_tail(path: Path, lines: int = 30) -> str:
    """Return the end of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


def _check_loopback() -> None:
    """Refuse a machine that does not reach itself, such as a container without any network: nobody would answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("127.0.0.1", 1))  # looks for a route and sends nothing
        except OSError as error:
            raise EmbeddedAwsError(
                f"127.0.0.1 cannot be reached: {error.strerror}. Turn on the loopback interface: ip link set lo up"
            ) from error


def _listen(port: int) -> socket.socket:
    """Open the port for the server, so that nobody can take it in between."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise EmbeddedAwsError(f"Port {port} of 127.0.0.1 cannot be used: {error.strerror}. Choose another.") from error
    return listener


def _account(settings: ServerSettings, directory: Path, listener: socket.socket) -> Account:
    scheme, port = ("https" if settings.auth else "http"), listener.getsockname()[1]
    return Account(
        id=settings.account,
        region=settings.region,
        endpoint_url=f"{scheme}://127.0.0.1:{port}",
        directory=directory,
        access_key=f"AKIA{secrets.token_hex(8).upper()}",
        secret_key=secrets.token_hex(20),
        token=secrets.token_urlsafe(32),
        certificate=_tls.make_certificate(directory) if settings.auth else None,
    )


def _spawn(settings: ServerSettings, account: Account, listener: socket.socket, lock: int) -> subprocess.Popen[bytes]:
    own_settings = {
        "socket": listener.fileno(),
        "endpoint_url": account.endpoint_url,
        "directory": str(account.directory),
        "certificate": str(account.certificate) if account.certificate else None,
        "key": str(_tls.key_of(account.certificate)) if account.certificate else None,
        "models": dict(settings.models),
        "parent": os.getpid(),
        "asks_every": settings.asks_every,
        "clock": settings.clock and settings.clock.isoformat(),
    }
    environment = {
        "AUTH": "true" if settings.auth else "false",
        "AWS_ACCESS_KEY_ID": account.access_key,
        "AWS_SECRET_ACCESS_KEY": account.secret_key,
        _admin_paths.TOKEN_VARIABLE: account.token,
        "GATEWAY_PORT": account.endpoint_url.rpartition(":")[2],
        "IOT_MTLS_ENABLED": "0",
        "JOBLIB_TEMP_FOLDER": str(account.directory / "tmp"),  # else in shared memory, where a killed job leaves it
        "LOG_LEVEL": "INFO",
        "MINISTACK_ACCOUNT_ID": account.id,
        "MINISTACK_AUTOCREATE_AWS_MANAGED": "1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": account.region,
        "NODE_PATH": os.pathsep.join(filter(None, (str(NODE_MODULES), os.environ.get("NODE_PATH")))),
        "PERSIST_STATE": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(account.directory / "tmp"),
    }
    if account.certificate:
        environment |= {
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(account.certificate),
            "MINISTACK_SSL_KEY": str(_tls.key_of(account.certificate)),
        }
    (account.directory / "tmp").mkdir()
    with account.log_path.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", "cdk_clarify_monitors_local.server", json.dumps(own_settings)],
            env={**without_aws(os.environ), **account.trust, **environment},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[listener.fileno(), lock],
            start_new_session=True,
            cwd=account.directory,
        )
