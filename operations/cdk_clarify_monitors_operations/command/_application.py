"""What all subcommands have: the account that they look at, where they print, and what an interruption means."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cdk_clarify_monitors_operations._monitor import ClarifyModelMonitor
from cdk_clarify_monitors_operations._operations import MonitorOperations
from cdk_clarify_monitors_operations.terminal._output import Output

if TYPE_CHECKING:
    import boto3
    import botocore.session

_ROLE_SESSION_NAME = "clarify-monitors"


@dataclass
class Application:
    """One call of the command.

    Attributes:
        profile: The profile of the AWS configuration; None for the environment's.
        region: The region; None for the profile's.
        role_arn: A role to take on; None for none.
        json: Whether JSON is printed.
        interrupted: What an interruption leaves behind, for the last line.
        options: What the subcommand's arguments are called on the command line, by their names in Python.
    """

    profile: str | None = None
    region: str | None = None
    role_arn: str | None = None
    json: bool = False
    interrupted: str = "Nothing was changed."
    options: dict[str, str] = field(default_factory=dict)

    @functools.cached_property
    def output(self) -> Output:
        """Where it prints."""
        return Output(json=self.json)

    @functools.cached_property
    def session(self) -> boto3.Session:
        """The boto3 session of profile, region and role."""
        return _session(self.profile, self.region, self.role_arn)

    @functools.cached_property
    def operations(self) -> MonitorOperations:
        """The monitors of the account and region."""
        return MonitorOperations(self.session)

    def monitor(self, name: str, *, needs_definition: bool = True) -> ClarifyModelMonitor:
        """Find a monitor."""
        return self.operations.monitor(name, needs_definition=needs_definition)

    @contextmanager
    def waiting(self, what: str, interrupted: str) -> Iterator[Callable[[int, int], None]]:
        """Show on stderr that something takes long; yields what tells how much of it is done.

        Args:
            what: What is waited for.
            interrupted: What an interruption leaves behind, and how to go on.
        """
        before, self.interrupted = self.interrupted, interrupted
        with self.output.progress(what, is_long=True) as tell:
            yield tell
        self.interrupted = before


def _session(profile: str | None, region: str | None, role_arn: str | None, **configuration: Any) -> boto3.Session:
    """Make a session as the AWS CLI does.

    Args:
        profile: The profile; None for the environment's.
        region: The region; None for that of AWS_REGION, AWS_DEFAULT_REGION or the profile.
        role_arn: A role to take on, by the profile's credentials; they are renewed as long as the command runs.
        configuration: Of all clients.
    """
    import boto3
    import botocore.session
    from botocore.config import Config

    region = region or os.environ.get("AWS_REGION")  # which boto3 does not look at
    core = botocore.session.Session(profile=profile)
    if configuration:
        core.set_default_client_config(Config(**configuration))
    if role_arn is not None:
        core.register_component("credential_provider", _role_provider(core, region, role_arn))
    return boto3.Session(botocore_session=core, region_name=region)


def _role_provider(core: botocore.session.Session, region: str | None, role_arn: str) -> Any:
    import botocore.session
    from botocore.credentials import (
        AssumeRoleCredentialFetcher,
        CredentialProvider,
        CredentialResolver,
        DeferredRefreshableCredentials,
    )

    source = botocore.session.Session(profile=core.profile)
    if region is not None:
        source.set_config_variable("region", region)

    class RoleProvider(CredentialProvider):
        """Credentials of the role, fetched when the first request needs them."""

        METHOD = "assume-role"

        def load(self) -> Any:
            credentials = source.get_credentials()
            if credentials is None:
                return None
            fetcher = AssumeRoleCredentialFetcher(
                source.create_client, credentials, role_arn, {"RoleSessionName": _ROLE_SESSION_NAME}
            )
            return DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method=self.METHOD)

    return CredentialResolver([RoleProvider()])


def session_for_completion(application: Application) -> boto3.Session:
    """Make a session that gives up at once: whoever presses the tab key waits for it."""
    return _session(
        application.profile,
        application.region,
        application.role_arn,
        connect_timeout=1,
        read_timeout=2,
        retries={"mode": "standard", "total_max_attempts": 1},
    )
