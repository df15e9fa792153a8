"""An AWS account on this machine, to deploy CDK apps into: start it, talk to it, stop it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import boto3

from cdk_clarify_monitors_local import _cdk_cli, _tls

_START_TIMEOUT = 60.0  # seconds; about two are usual
_STOP_GRACE = 5.0  # seconds between SIGTERM and SIGKILL
_LOG_TAIL = 30  # lines shown when it does not start


class EmbeddedAwsError(RuntimeError):
    """The embedded AWS could not be started or did not do what it was asked."""


class EmbeddedAws:
    """An AWS account on this machine: CloudFormation, Lambda, S3, IAM and SageMaker's part for Clarify monitors.

    A context manager. Everything it makes lies in one temporary folder, which is gone at the end together with every
    process it has started. Each instance is an account of its own; several can run at the same time.

    Args:
        models: The joblib file of each SageMaker model that jobs may name, by the model's name.
        region: The region of the session.
        account: The account's id, twelve digits.
        auth: Whether IAM policies are enforced. It then talks TLS, with a certificate of its own.
        port: The port on 127.0.0.1. Default: a free one.
        echo: Gets every line of the cdk command's output as it comes, but not those of `cdk bootstrap`.
        ends_with_parent: Whether it ends when this process is gone, however it goes.

    Attributes:
        endpoint_url: Its address, for `endpoint_url` of any AWS client.
        environment: The variables that point AWS clients and the cdk command at it, together with this process's own.
        log_path: Its log, with the output of functions and jobs.
    """

    def __init__(
        self,
        *,
        models: Mapping[str, str | os.PathLike[str]] | None = None,
        region: str = "eu-west-1",
        account: str = "123456789012",
        auth: bool = False,
        port: int = 0,
        echo: Callable[[str], None] | None = None,
        ends_with_parent: bool = True,
    ) -> None:
        self.region = region
        self.account = account
        self.auth = auth
        self.endpoint_url = ""
        self._models = {name: str(_existing_file(name, path)) for name, path in (models or {}).items()}
        self._port = port
        self._echo = echo
        self._ends_with_parent = ends_with_parent
        # A key of its own: the cdk command remembers which account a key belongs to.
        self._access_key = f"AKIA{secrets.token_hex(8).upper()}"
        self._secret_key = secrets.token_hex(20)
        self._directory: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._bootstrapped = False

    def __enter__(self) -> EmbeddedAws:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    # Life

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            EmbeddedAwsError: The port is taken, or it did not come up; the message has the end of its log.
        """
        if self._process is not None:
            raise EmbeddedAwsError("The embedded AWS runs already.")
        listener = _listen(self._port)
        self._directory = Path(tempfile.mkdtemp(prefix="clarify-local-")).resolve()
        try:
            with listener:
                self._spawn(listener)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it and everything it has started, and remove what it has written."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)
        if self._log is not None:
            self._log.close()
            self._log = None
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None
        self._bootstrapped = False

    def _spawn(self, listener: socket.socket) -> None:
        port = listener.getsockname()[1]
        certificate = _tls.make_certificate(self.directory) if self.auth else None
        self.endpoint_url = f"{'https' if self.auth else 'http'}://127.0.0.1:{port}"
        settings = {
            "socket": listener.fileno(),
            "endpoint_url": self.endpoint_url,
            "directory": str(self.directory),
            "certificate": str(certificate.path) if certificate else None,
            "key": str(certificate.key_path) if certificate else None,
            "models": self._models,
            "ends_with_parent": self._ends_with_parent,
        }
        (self.directory / "tmp").mkdir()
        self._log = self.log_path.open("ab")
        self._process = subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", "cdk_clarify_monitors_local.server", json.dumps(settings)],
            env=self._server_environment(port),
            stdin=subprocess.PIPE if self._ends_with_parent else subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            pass_fds=[listener.fileno()],
            start_new_session=True,
            cwd=self.directory,
        )

    def _server_environment(self, port: int) -> dict[str, str]:
        settings = {
            "AUTH": "true" if self.auth else "false",
            "AWS_ACCESS_KEY_ID": self._access_key,
            "AWS_SECRET_ACCESS_KEY": self._secret_key,
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "INFO",
            "MINISTACK_ACCOUNT_ID": self.account,
            "MINISTACK_AUTOCREATE_AWS_MANAGED": "1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": self.region,
            "PERSIST_STATE": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "SFTP_ENABLED": "0",
            "TMPDIR": str(self.directory / "tmp"),
        }
        if self.auth:
            settings |= {
                "USE_SSL": "1",
                "MINISTACK_SSL_CERT": str(self.directory / _tls.CERTIFICATE),
                "MINISTACK_SSL_KEY": str(self.directory / _tls.KEY),
            }
        return {**_without_aws(os.environ), **self._trust(), **settings}

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        while True:
            if self._process is None or self._process.poll() is not None:
                raise EmbeddedAwsError(f"The embedded AWS did not start. The end of its log:\n{self.log_tail()}")
            try:
                self._request("GET", "/_ministack/health")
            except OSError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedAwsError(
                        f"The embedded AWS did not answer within {_START_TIMEOUT:.0f} s ({error}). "
                        f"The end of its log:\n{self.log_tail()}"
                    ) from error
                time.sleep(0.05)
            else:
                return

    def detach(self) -> dict[str, Any]:
        """Leave it running when this object is gone. Only for one made with `ends_with_parent=False`.

        Returns:
            What `attach` needs to talk to it again.
        """
        state = {
            "endpoint_url": self.endpoint_url,
            "region": self.region,
            "account": self.account,
            "auth": self.auth,
            "directory": str(self.directory),
            "access_key": self._access_key,
            "secret_key": self._secret_key,
            "bootstrapped": self._bootstrapped,
        }
        self._forget()
        return state

    @classmethod
    def attach(cls, state: Mapping[str, Any], *, echo: Callable[[str], None] | None = None) -> EmbeddedAws:
        """Return an object for one that was left running.

        Args:
            state: What `detach` returned.
            echo: Gets every line of the cdk command's output as it comes.

        Raises:
            EmbeddedAwsError: It does not run any more.
        """
        aws = cls(
            region=state["region"], account=state["account"], auth=state["auth"], echo=echo, ends_with_parent=False
        )
        aws.endpoint_url = state["endpoint_url"]
        aws._directory = Path(state["directory"])
        aws._access_key, aws._secret_key = state["access_key"], state["secret_key"]
        aws._bootstrapped = state["bootstrapped"]
        try:
            aws._request("GET", "/_ministack/health")
        except OSError as error:
            raise EmbeddedAwsError(f"The embedded AWS at {aws.endpoint_url} does not run any more.") from error
        return aws

    def shut_down(self) -> None:
        """End one that `attach` was used on.

        Raises:
            EmbeddedAwsError: It is still there.
        """
        self._request("POST", "/_clarify_local/stop")
        deadline = time.monotonic() + _STOP_GRACE * 2
        while True:
            try:
                self._request("GET", "/_ministack/health")
            except OSError:
                break
            if time.monotonic() > deadline:
                raise EmbeddedAwsError(f"The embedded AWS at {self.endpoint_url} does not end.")
            time.sleep(0.05)
        self._forget()

    def _forget(self) -> None:
        self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None
        self._directory = None

    # Looking at it

    @property
    def directory(self) -> Path:
        """The folder that holds all that it writes."""
        if self._directory is None:
            raise EmbeddedAwsError("The embedded AWS does not run.")
        return self._directory

    @property
    def log_path(self) -> Path:
        """Its log, with the output of functions and jobs."""
        return self.directory / "log.txt"

    @property
    def process_id(self) -> int:
        """The id of its process, which leads a process group of its own."""
        if self._process is None:
            raise EmbeddedAwsError("The embedded AWS does not run, or another process has started it.")
        return self._process.pid

    def log_tail(self, lines: int = _LOG_TAIL) -> str:
        """Return the end of its log."""
        if self._directory is None or not self.log_path.exists():
            return ""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    # Talking to it

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point AWS clients and the cdk command at it, together with this process's own."""
        return {
            **_without_aws(os.environ),
            **self._trust(),
            "AWS_ACCESS_KEY_ID": self._access_key,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": self.region,
            "AWS_SECRET_ACCESS_KEY": self._secret_key,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def _trust(self) -> dict[str, str]:
        if not self.auth:
            return {}
        certificate = str(self.directory / _tls.CERTIFICATE)
        return dict.fromkeys(("AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"), certificate)

    def client(self, service: str, *, region: str | None = None) -> Any:
        """Return a boto3 client of it.

        Args:
            service: The service's name, e.g. `s3`.
            region: Default: the region it was made with.
        """
        client: Any = boto3.session.Session().client  # its overloads know literal names only
        return client(
            service,
            region_name=region or self.region,
            endpoint_url=self.endpoint_url,
            verify=str(self.directory / _tls.CERTIFICATE) if self.auth else None,
            aws_access_key_id=self._access_key,
            aws_secret_access_key=self._secret_key,
        )

    def cdk(
        self,
        command: str,
        *arguments: str,
        app: str | os.PathLike[str] | None = None,
        context: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run the real cdk command against it.

        `deploy` and `destroy` do not ask; everything but `bootstrap` bootstraps the account first, once.

        Args:
            command: The cdk command, e.g. `deploy`.
            arguments: Further arguments, e.g. stack names.
            app: The app's command line, or the folder of a cloud assembly. Default: what cdk.json says.
            context: Context values.
            cwd: The folder to run it in. Default: this process's.
            check: Whether a failure raises.

        Returns:
            The finished command; `stdout` has all of its output.

        Raises:
            CdkError: It failed, or there is no cdk command.
        """
        if command in ("deploy", "destroy", "diff"):
            self.bootstrap()
        return _cdk_cli.run(
            command,
            arguments,
            app=app,
            context=context or {},
            environment={**self.environment, "CDK_HOME": str(self.directory / "cdk")},
            cwd=cwd,
            check=check,
            echo=None if command == "bootstrap" else self._echo,
        )

    def bootstrap(self) -> None:
        """Run `cdk bootstrap`, unless that was done."""
        if not self._bootstrapped:
            self._bootstrapped = True
            try:
                # Not where an app lies: the command would synthesize it first.
                self.cdk("bootstrap", f"aws://{self.account}/{self.region}", cwd=self.directory)
            except BaseException:
                self._bootstrapped = False
                raise

    def reset(self) -> None:
        """Make the account empty again: stacks, buckets, jobs, faults. Models stay."""
        self._request("POST", "/_ministack/reset")
        self._request("DELETE", "/_clarify_local/faults")
        self._bootstrapped = False

    def add_model(self, name: str, path: str | os.PathLike[str]) -> None:
        """Make a model known, as `models` does at the start.

        Args:
            name: The name of the SageMaker model.
            path: Its joblib file.
        """
        model = str(_existing_file(name, path))
        self._models[name] = model
        self._request("POST", "/_clarify_local/models", {name: model})

    # Faults, for tests

    def fail_next_job(self, reason: str, *, exit_message: str | None = None, seconds: float = 0.0) -> None:
        """Let the next processing job fail instead of running.

        Args:
            reason: Its FailureReason.
            exit_message: Its ExitMessage.
            seconds: How long it takes to fail.
        """
        self._add_faults(jobs=[{"failure_reason": reason, "exit_message": exit_message, "seconds": seconds}])

    def slow_next_job(self, seconds: float) -> None:
        """Let the next processing job take at least so many seconds."""
        self._add_faults(jobs=[{"seconds": seconds}])

    def empty_next_job(self) -> None:
        """Let the next processing job complete without writing anything."""
        self._add_faults(jobs=[{"without_results": True}])

    def limit_processing_instances(self, quota: int | None) -> None:
        """Set how many instances processing jobs may have at once. None: as many as they like."""
        self._add_faults(processing_quota=quota)

    def fail_next_calls(
        self,
        action: str,
        *,
        code: str = "ThrottlingException",
        message: str = "Rate exceeded",
        status: int = 400,
        times: int = 1,
        path_contains: str = "",
        lose_answer: bool = False,
    ) -> None:
        """Let the next calls of one operation fail.

        Args:
            action: The operation as IAM names it, e.g. `sagemaker:CreateProcessingJob` or `s3:PutObject`.
            code: The error's name.
            message: The error's text.
            status: The HTTP status; 500 or more for a fault of the service.
            times: How many calls fail.
            path_contains: Only calls whose URL path has this text, e.g. part of an S3 key.
            lose_answer: The call is carried out; only its answer is lost.
        """
        self._add_faults(
            calls=[
                {
                    "action": action,
                    "code": code,
                    "message": message,
                    "status": status,
                    "times": times,
                    "path_contains": path_contains,
                    "lose_answer": lose_answer,
                }
            ]
        )

    def clear_faults(self) -> None:
        """Forget the faults that have not happened yet."""
        self._request("DELETE", "/_clarify_local/faults")

    def _add_faults(self, **document: Any) -> None:
        self._request("POST", "/_clarify_local/faults", document)

    def _request(self, method: str, path: str, document: Any = None) -> None:
        request = urllib.request.Request(  # noqa: S310 (our own server)
            self.endpoint_url + path, method=method, data=None if document is None else json.dumps(document).encode()
        )
        context = _tls.client_context(self.directory / _tls.CERTIFICATE) if self.auth else None
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), *([urllib.request.HTTPSHandler(context=context)] if context else [])
        )
        with opener.open(request, timeout=30):
            pass


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


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a process group, and the group with it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_GRACE)
    # Also after a clean end: functions and jobs it had started may not have noticed yet.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _existing_file(name: str, path: str | os.PathLike[str]) -> Path:
    found = Path(path).resolve()
    if not found.is_file():
        raise EmbeddedAwsError(f"The model '{name}' has no file: {found} does not exist.")
    return found


def _without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out what points at another AWS account, or at a proxy's idea of this machine."""
    return {name: value for name, value in environment.items() if not name.startswith(("AWS_", "MINISTACK_"))}
