"""What the SageMaker control plane needs of the emulator that it runs inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cdk_clarify_monitors_local.server.cloudwatch._clarify_metrics import Metric


@dataclass(frozen=True)
class Scope:
    """The account and region that a request works in."""

    account: str
    region: str

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a SageMaker resource, e.g. of kind `processing-job`."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name}"


@dataclass(frozen=True)
class Caller:
    """Who makes a request.

    Attributes:
        access_key: The key the request was signed with.
    """

    access_key: str


@dataclass(frozen=True)
class Credentials:
    """Credentials of a role's session, or of the account's owner, whose session token is empty."""

    access_key: str
    secret_key: str
    session_token: str


class Platform(Protocol):
    """The emulator, as seen from the SageMaker control plane."""

    def trust_policy(self, scope: Scope, role_arn: str) -> Mapping[str, Any] | None:
        """Return a role's trust policy, None if there is no such role."""

    def role_credentials(self, scope: Scope, role_arn: str, session_name: str) -> Credentials:
        """Return credentials of a new session of the role."""

    def owner_credentials(self, scope: Scope) -> Credentials:
        """Return credentials that may do everything in an account."""

    def denial(
        self, scope: Scope, access_key: str, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> str | None:
        """Return AWS's message if IAM denies the action, None if it allows it (or is not enforced)."""

    def publish(self, scope: Scope, detail_type: str, resource: str, detail: Mapping[str, Any]) -> None:
        """Send an event of `aws.sagemaker` to the account's default event bus."""

    def put_metrics(self, scope: Scope, namespace: str, metrics: Sequence[Metric], time: datetime) -> None:
        """Put metrics into CloudWatch, all of the same time."""


class Alarms(Protocol):
    """The alarms of all accounts and regions, as seen by who moves the clock."""

    def next_moment(self, after: datetime, until: datetime) -> datetime | None:
        """Return the next moment at which an alarm may change its state, None if there is none until then."""

    def evaluate(self) -> None:
        """Evaluate all alarms at the clock's time."""
