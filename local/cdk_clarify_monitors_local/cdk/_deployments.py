"""Runs the cdk command for apps that may name an account and a region of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from cdk_clarify_monitors_local._errors import CdkError, EmbeddedAwsError
from cdk_clarify_monitors_local.cdk import _cdk_cli, _failed_deployment
from cdk_clarify_monitors_local.cdk._cloud_assembly import Environment, environments, is_assembly, stacks_of

Path_ = str | os.PathLike[str]

_NEEDS_ACCOUNT = ("deploy", "destroy", "diff")
_SHOWN = 5  # stacks in a message
#: What the cdk command says when it is to deploy where nothing was prepared.
_UNPREPARED = ("Has the environment been bootstrapped?", "Need to perform AWS calls for account")


class Target(Protocol):
    """The embedded AWS, as seen from here."""

    @property
    def account(self) -> str:
        """The account's id."""

    @property
    def region(self) -> str:
        """The region of the session."""

    @property
    def directory(self) -> Path:
        """The folder that holds all that it writes."""

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment, with the cdk command pointed at it."""

    def client(self, service: str) -> Any:
        """Return a boto3 client for it."""

    def move(self, account: str, region: str) -> None:
        """Give the account another id and the session another region."""


class _SynthesisFailedError(Exception):
    """The app could not be synthesized."""

    def __init__(self, ended: subprocess.CompletedProcess[str]) -> None:
        super().__init__(ended.returncode)
        self.ended = ended


class Deployments:
    """Runs the cdk command against an embedded AWS.

    Before the first deployment it looks at the app: CDK apps may name the account and the region that they are for.

    Args:
        aws: The embedded AWS.
        echo: Gets every line of the command's output as it comes, but not those of `cdk bootstrap`.
        on_command: Called before each command, with its name and whether its app is synthesized already.
        takes_account: Whether the account may get the id that an app names.
        takes_region: Whether the session may get the region that an app names.
    """

    def __init__(
        self,
        aws: Target,
        echo: Callable[[str], None] | None,
        on_command: Callable[[str, bool], None] | None,
        *,
        takes_account: bool,
        takes_region: bool,
    ) -> None:
        self._aws = aws
        self._echo = echo
        self._on_command = on_command
        self._takes_account = takes_account
        self._takes_region = takes_region
        self._bootstrapped: set[str] = set()
        self._has_looked = False

    @property
    def state(self) -> dict[str, Any]:
        """What another process needs to go on."""
        return {
            "takes_account": self._takes_account,
            "takes_region": self._takes_region,
            "bootstrapped": sorted(self._bootstrapped),
            "has_looked": self._has_looked,
        }

    @state.setter
    def state(self, state: Mapping[str, Any]) -> None:
        self._takes_account = state["takes_account"]
        self._takes_region = state["takes_region"]
        self._bootstrapped = set(state["bootstrapped"])
        self._has_looked = state["has_looked"]

    def forget(self) -> None:
        """The account is empty again."""
        self._bootstrapped.clear()

    def run(
        self, command: str, arguments: Sequence[str], app: Path_ | None, context: Mapping[str, str], cwd: Path_ | None
    ) -> subprocess.CompletedProcess[str]:
        """Run a cdk command, and return it finished, whether it has failed or not.

        Raises:
            CdkError: There is no cdk command, or the account cannot be bootstrapped.
            EmbeddedAwsError: The app is for another account.
        """
        if command in _NEEDS_ACCOUNT:
            self.bootstrap()
        if command != "deploy":
            return self._cdk(command, arguments, app, context, cwd)
        try:
            if not self._has_looked:
                app, arguments = self._look(arguments, app, context, cwd)
            ended = self._cdk(command, arguments, app, context, cwd)
            if ended.returncode != 0 and any(text in ended.stdout for text in _UNPREPARED):
                app, arguments = self._look(arguments, app, context, cwd)
                ended = self._cdk(command, arguments, app, context, cwd)
        except _SynthesisFailedError as error:
            return error.ended
        return ended

    def bootstrap(self, environment: Environment = Environment(None, None)) -> None:  # noqa: B008 (frozen)
        """Run `cdk bootstrap` for an environment, unless that was done."""
        name = f"aws://{environment.account or self._aws.account}/{environment.region or self._aws.region}"
        if name in self._bootstrapped:
            return
        # Not where an app lies: the command would synthesize it first.
        ended = self._cdk("bootstrap", [name], None, {}, self._aws.directory, quiet=True)
        if ended.returncode != 0:
            raise CdkError(f"cdk bootstrap failed: {self.reason(ended.stdout)}", ended.stdout)
        self._bootstrapped.add(name)

    def reason(self, printed: str) -> str:
        """Return in one line why a command has failed that has printed this."""
        return _failed_deployment.reason(self._aws.client("cloudformation"), printed.splitlines())

    def _look(
        self, arguments: Sequence[str], app: Path_ | None, context: Mapping[str, str], cwd: Path_ | None
    ) -> tuple[Path_ | None, Sequence[str]]:
        """Prepare for what an app names; return the app, synthesized, and the arguments to deploy it with."""
        folder = Path(cwd or ".", app) if app is not None else None
        if folder is None or not is_assembly(folder):
            folder, arguments = self._synthesized(arguments, app, context, cwd)
        self._prepare(folder, arguments)
        self._has_looked = True
        return folder.resolve(), arguments

    def _synthesized(
        self, arguments: Sequence[str], app: Path_ | None, context: Mapping[str, str], cwd: Path_ | None
    ) -> tuple[Path, Sequence[str]]:
        output, arguments = _output(arguments)
        folder = self._aws.directory / "cdk.out" if output is None else Path(cwd or ".", output)
        options = ["--quiet", "--output", str(folder)]
        ended = self._cdk("synth", options, app, context, cwd)
        if ended.returncode != 0 and is_assembly(folder) and "Need to perform AWS calls" in ended.stdout:
            self._prepare(folder, arguments)  # it looks something up in its account
            ended = self._cdk("synth", options, app, context, cwd)
        if ended.returncode != 0:
            raise _SynthesisFailedError(ended)
        return folder, arguments

    def _prepare(self, folder: Path, arguments: Sequence[str]) -> None:
        named = environments(folder, arguments)
        accounts = list(dict.fromkeys(environment.account for environment in named if environment.account))
        regions = list(dict.fromkeys(environment.region for environment in named if environment.region))
        if len(accounts) > 1:
            shown = "; ".join(f"{account} has {_some(stacks_of(folder, account))}" for account in accounts)
            raise EmbeddedAwsError(
                f"The stacks are for the accounts {', '.join(accounts)}: deploy those of one account at a time, by "
                f"their names. {shown}. `clarify-local … --stack {stacks_of(folder, accounts[0])[0]}` deploys one. "
                f"In Python, `aws.other_account({accounts[1]!r})` is another account."
            )
        account, region = self._aws.account, self._aws.region
        if accounts and account not in accounts:
            if not self._takes_account:
                raise EmbeddedAwsError(
                    f"The app is for the account {accounts[0]}, but the embedded AWS was started as {account}. "
                    "Start it without an account, and it takes the app's."
                )
            account = accounts[0]
        if regions and region not in regions and self._takes_region:
            region = regions[0]
        if (account, region) != (self._aws.account, self._aws.region):
            self._aws.move(account, region)
        for environment in named:
            self.bootstrap(environment)

    def _cdk(
        self,
        command: str,
        arguments: Sequence[str],
        app: Path_ | None,
        context: Mapping[str, str],
        cwd: Path_ | None,
        *,
        quiet: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        if self._on_command is not None:
            self._on_command(command, app is not None and is_assembly(Path(cwd or ".", app)))
        # The command remembers there which account an access key belongs to.
        home = self._aws.directory / f"cdk-{self._aws.account}"
        return _cdk_cli.run(
            command,
            arguments,
            app=app,
            context=context,
            environment={**self._aws.environment, "CDK_HOME": str(home)},
            cwd=cwd,
            echo=None if quiet else self._echo,
        )


def _some(stacks: Sequence[str]) -> str:
    return ", ".join(stacks[:_SHOWN]) + (", …" if len(stacks) > _SHOWN else "")


def _output(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the folder that arguments of the cdk command name for its output, and the other arguments."""
    rest = list(arguments)
    for name in ("--output", "-o"):
        if name in rest[:-1]:
            position = rest.index(name)
            folder = rest[position + 1]
            del rest[position : position + 2]
            return folder, rest
    return None, rest
