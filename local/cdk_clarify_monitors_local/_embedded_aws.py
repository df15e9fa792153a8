"""An AWS account on this machine, to deploy CDK apps into: start it, talk to it, stop it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3

from cdk_clarify_monitors_local import _admin_paths, _buckets, _endpoints
from cdk_clarify_monitors_local._account import Account, is_account_id
from cdk_clarify_monitors_local._errors import CdkError, EmbeddedAwsError
from cdk_clarify_monitors_local._monitoring import Monitoring
from cdk_clarify_monitors_local._server_process import ServerProcess, ServerSettings, end_detached, log_tail
from cdk_clarify_monitors_local.cdk._deployments import Deployments

_REGION, _ACCOUNT = "eu-west-1", "123456789012"
_TWELVE_HOURS = 43_200  # the longest session of a role, in seconds


class EmbeddedAws(Monitoring):
    """An AWS account on this machine: CloudFormation, Lambda, S3, IAM and SageMaker's part for Clarify monitors.

    A context manager. Everything that it writes is in one temporary folder. At the end, the folder is deleted and all
    processes are stopped. Each instance is a separate account; several can run at the same time.

    Args:
        models: The joblib file of each SageMaker model that jobs may name, by the model's name.
        region: The region of the session. Default: the region that the first deployed app names, or eu-west-1.
        account: The account's id, twelve digits. Default: the account that the first deployed app names, or
            123456789012.
        auth: Whether IAM policies are enforced. It then uses TLS, with its own certificate.
        port: The port on 127.0.0.1. Default: a free one.
        echo: Called with every line of the cdk command's output as it comes, except those of `cdk bootstrap`.
        on_command: Called before each cdk command, including `bootstrap` and `synth`, with its name and whether the app
            is already synthesized.
        asks_every: The longest time, in seconds, between two attempts of a state that Step Functions retries at a
            constant rate. In this way, the CDK's provider framework polls a custom resource, on AWS every ten seconds.
            The total time-out is the same as on AWS.
        clock: The start of its clock, with a time zone. Default: the real time. The clock dates SageMaker's actions;
            S3, STS and CloudFormation use real time.

    Raises:
        ValueError: `clock` has no time zone, or `account` is no account's id.
    """

    def __init__(
        self,
        *,
        models: Mapping[str, str | os.PathLike[str]] | None = None,
        region: str | None = None,
        account: str | None = None,
        auth: bool = False,
        port: int = 0,
        echo: Callable[[str], None] | None = None,
        on_command: Callable[[str, bool], None] | None = None,
        asks_every: float = 0.5,
        clock: datetime | None = None,
    ) -> None:
        if clock is not None and clock.tzinfo is None:
            raise ValueError(f"'clock' must have a time zone, e.g. tzinfo=UTC, got {clock!r}")
        if account is not None and not is_account_id(account):
            raise ValueError(f"'account' must be twelve digits, got {account!r}")
        files = {name: str(_existing_file(name, path)) for name, path in (models or {}).items()}
        given = ServerSettings(files, region or _REGION, account or _ACCOUNT, auth, port, asks_every, clock)
        self._settings = given
        self._process: ServerProcess | None = None
        self._account: Account | None = None
        self._deployments = Deployments(
            self, echo, on_command, takes_account=account is None, takes_region=region is None
        )

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
            EmbeddedAwsError: The port is taken, or it did not start. The message has the end of its log.
        """
        if self._account is not None:
            raise EmbeddedAwsError("The embedded AWS runs already.")
        self._process = ServerProcess(self._settings)
        self._account = self._process.account

    def stop(self) -> None:
        """Stop it and everything that it has started, and delete what it has written."""
        process, account = self._process, self._account
        self._process = self._account = None
        self._deployments.forget()
        if process is not None:
            process.stop()
        elif account is not None:
            end_detached(account)

    def detach(self) -> None:
        """Keep it running after this object and this process have ended."""
        if self._process is not None:
            self._process.detach()
        self._process = self._account = None

    @property
    def state(self) -> dict[str, Any]:
        """What `attach` needs, including secrets: anyone who has it can control the embedded AWS."""
        fields = {
            name: str(value) if isinstance(value, Path) else value for name, value in asdict(self._here()).items()
        }
        return {"account": fields, "deployments": self._deployments.state}

    @classmethod
    def attach(
        cls,
        state: Mapping[str, Any],
        *,
        echo: Callable[[str], None] | None = None,
        on_command: Callable[[str, bool], None] | None = None,
    ) -> EmbeddedAws:
        """Return an object for an embedded AWS that was kept running.

        Args:
            state: The value of `state`.
            echo: Called with every line of the cdk command's output as it comes.
            on_command: Called before each cdk command, as in the constructor.

        Raises:
            EmbeddedAwsError: It no longer runs.
        """
        fields = dict(state["account"])
        fields["directory"] = Path(fields["directory"])
        fields["certificate"] = Path(fields["certificate"]) if fields["certificate"] else None
        account = Account(**fields)
        try:
            account.ping()
        except OSError as error:
            raise EmbeddedAwsError(f"The embedded AWS at {account.endpoint_url} does not run any more.") from error
        aws = cls(
            region=account.region,
            account=account.id,
            auth=account.certificate is not None,
            echo=echo,
            on_command=on_command,
        )
        aws._account = account
        aws._deployments.state = state["deployments"]
        return aws

    def _here(self) -> Account:
        if self._account is None:
            raise EmbeddedAwsError("The embedded AWS does not run.")
        return self._account

    # Looking at it

    @property
    def endpoint_url(self) -> str:
        """Its address, for `endpoint_url` of any AWS client."""
        return self._here().endpoint_url

    @property
    def region(self) -> str:
        """The region of its session."""
        return self._settings.region if self._account is None else self._account.region

    @property
    def account(self) -> str:
        """The account's id."""
        return self._settings.account if self._account is None else self._account.id

    @property
    def auth(self) -> bool:
        """Whether IAM policies are enforced."""
        return self._settings.auth

    @property
    def directory(self) -> Path:
        """The folder that holds all that it writes."""
        return self._here().directory

    @property
    def log_path(self) -> Path:
        """Its log, with the output of jobs."""
        return self._here().log_path

    @property
    def process_id(self) -> int:
        """The id of its process, which leads a process group of its own."""
        if self._process is None:
            raise EmbeddedAwsError("The embedded AWS does not run, or another process has started it.")
        return self._process.id

    def log_tail(self, lines: int = 30) -> str:
        """Return the end of its log."""
        return log_tail(self.log_path, lines)

    # Talking to it

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment variables, with those that point AWS clients and the cdk command at it."""
        return self._here().environment()

    @property
    def session(self) -> boto3.Session:
        """A boto3 session for it, for example for `MonitorOperations`."""
        return self._here().session()

    def session_in(self, region: str) -> boto3.Session:
        """Return a boto3 session of another region.

        Args:
            region: The region.
        """
        return replace(self._here(), region=region).session()

    def client(self, service: str, *, region: str | None = None) -> Any:
        """Return a boto3 client for it.

        Args:
            service: The service's name, e.g. `s3`.
            region: Default: the region it was made with.
        """
        return self._here().client(service, region)

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

        `deploy` and `destroy` do not ask for confirmation. Every command but `bootstrap` bootstraps the account first,
        once. If the first deployed app names an account and a region, and this object was given none, the embedded AWS
        takes them.

        Args:
            command: The cdk command, e.g. `deploy`.
            arguments: Further arguments, e.g. stack names.
            app: The app's command line, or the folder of a cloud assembly. Default: what cdk.json says.
            context: Context values.
            cwd: The folder to run it in. Default: this process's.
            check: Whether a failure raises an error.

        Returns:
            The finished command; `stdout` has all of its output.

        Raises:
            CdkError: It failed, or there is no cdk command. The message is the command's output and the reason.
            EmbeddedAwsError: The app is for another account than the one that was given, or that has stacks already.
        """
        ended = self._deployments.run(command, arguments, app, context or {}, cwd)
        if check and ended.returncode != 0:
            reason = self._deployments.reason(ended.stdout).rstrip(".")
            raise CdkError(f"cdk {command} failed: {reason}. Log: {self.log_path}", ended.stdout)
        return ended

    def bootstrap(self) -> None:
        """Run `cdk bootstrap`, unless the account is already bootstrapped."""
        self._deployments.bootstrap()

    def reset(self) -> None:
        """Delete everything in the account (stacks, buckets, jobs, faults) except models."""
        self._here().request("POST", _admin_paths.RESET)
        self._here().request("DELETE", _admin_paths.FAULTS)
        self._deployments.forget()

    def add_model(self, name: str, path: str | os.PathLike[str]) -> None:
        """Add a model, as `models` does at the start.

        Args:
            name: The name of the SageMaker model.
            path: Its joblib file.
        """
        self._here().request("POST", _admin_paths.MODELS, {name: str(_existing_file(name, path))})

    def add_endpoint(
        self, name: str, *, model: str | None = None, capture: str | None = None, region: str | None = None
    ) -> None:
        """Create an endpoint for an app that does not contain it, or give an existing endpoint another model.

        This creates a model, an endpoint configuration and an endpoint, whose only production variant is `AllTraffic`.
        The account's owner writes the captured data, because the model has no role.

        Args:
            name: The endpoint's name.
            model: The name of its model, which may not exist yet. Default: the endpoint's name.
            capture: The S3 URI below which it captures all requests and answers; the bucket is created if necessary.
                Default: no data capture.
            region: Its region. Default: the session's.
        """
        _endpoints.add(self.client("sagemaker", region=region), name, model or name, capture)
        if capture is not None:
            _buckets.make(self.client("s3", region=region), capture)

    def put(self, file: str | os.PathLike[str], uri: str) -> str:
        """Put a file into S3, and create the bucket if necessary.

        Args:
            file: The file.
            uri: The destination, e.g. `s3://bucket/key`. If it ends in a slash, the file's name is appended.

        Returns:
            The object's URI.

        Raises:
            EmbeddedAwsError: There is no such file, or the URI is invalid.
        """
        return _buckets.put(self.client("s3"), Path(file), uri)

    def move(self, account: str, region: str) -> None:
        """Give the account another id and the session another region. Objects in S3 and endpoints are kept.

        Args:
            account: The account's new id.
            region: The session's new region.

        Raises:
            EmbeddedAwsError: The account has stacks: their resources have its id in their ARNs.
        """
        old = self._here()
        if account != old.id:
            found = [stack["StackName"] for stack in self.client("cloudformation").describe_stacks()["Stacks"]]
            stacks = [name for name in found if name != "CDKToolkit"]
            if stacks:
                raise EmbeddedAwsError(
                    f"The app is for the account {account}, but the embedded AWS is {old.id} since it has the stacks "
                    f"{', '.join(stacks)}. Start another one for it."
                )
        old.request("POST", _admin_paths.ACCOUNT, {"account": account, "region": region})
        self._account = replace(old, id=account, region=region)

    def other_account(self, account: str, *, region: str | None = None) -> EmbeddedAws:
        """Return another account of the same embedded AWS, with its own stacks, models and monitors.

        All accounts find all buckets, and a bucket's policy decides what other accounts may do. The account ends with
        this object; only this object can start, stop and reset it.

        Args:
            account: The account's id, twelve digits.
            region: The region of its session. Default: that of this one.

        Raises:
            EmbeddedAwsError: IAM is enforced: then there are no keys for other accounts.
            ValueError: It is not an account id, or it is this account's.
        """
        here = self._here()
        if not is_account_id(account) or account == here.id:
            raise ValueError(f"'account' must be twelve digits, and not those of this account, got {account!r}")
        if self.auth:
            raise EmbeddedAwsError("With IAM enforced, the embedded AWS has one account: start it with auth=False.")
        credentials = here.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/Owner", RoleSessionName="owner", DurationSeconds=_TWELVE_HOURS
        )["Credentials"]
        keys = {"access_key": credentials["AccessKeyId"], "secret_key": credentials["SecretAccessKey"]}
        other = EmbeddedAws(region=region or here.region, account=account)
        other._account = replace(here, id=account, region=other.region, **keys)
        return other

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
        """Let the next processing job take at least this many seconds."""
        self._add_faults(jobs=[{"seconds": seconds}])

    def empty_next_job(self) -> None:
        """Let the next processing job complete without writing anything."""
        self._add_faults(jobs=[{"without_results": True}])

    def limit_processing_instances(self, quota: int | None) -> None:
        """Limit the instances that processing jobs may use at once. None: no limit."""
        self._add_faults(processing_quota=quota)

    def keep_schedule_busy(self, name: str, seconds: float) -> None:
        """Start an execution of a monitoring schedule that analyses nothing, but blocks changes.

        Args:
            name: The schedule's name.
            seconds: How long it takes.
        """
        self._add_faults(executing={name: seconds})

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
            lose_answer: Whether the call is carried out and only its answer is lost.
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
        """Remove the faults that have not happened yet."""
        self._here().request("DELETE", _admin_paths.FAULTS)

    def _add_faults(self, **document: Any) -> None:
        self._here().request("POST", _admin_paths.FAULTS, document)


def _existing_file(name: str, path: str | os.PathLike[str]) -> Path:
    found = Path(path).resolve()
    if not found.is_file():
        raise EmbeddedAwsError(f"The model '{name}' has no file: {found} does not exist.")
    return found
