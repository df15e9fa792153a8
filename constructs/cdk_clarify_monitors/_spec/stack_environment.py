"""The environment of a stack, as names, ARNs and requests need it."""

from __future__ import annotations

from dataclasses import dataclass

from .._validation import is_token
from .clarify_image import ClarifyImage


@dataclass(frozen=True, kw_only=True)
class StackEnvironment:
    """Where a stack's monitors live; literals or CDK tokens, as the app has them.

    Attributes:
        name: The stack's name. A nested stack has none before it is deployed, and counts as a part of its parent.
        account: Its account.
        region: Its region.
        partition: Its partition.
        bucket_name: The name of the bucket of its monitors that are given none.
        image: The Clarify image of its region.
    """

    name: str
    account: str
    region: str
    partition: str
    bucket_name: str
    image: ClarifyImage

    @property
    def path(self) -> str:
        """Account and region, as a path."""
        return f"{self.account}/{self.region}"

    def is_foreign(self, account: str) -> bool:
        """Whether an account is another one, as far as the app knows."""
        return not is_token(account) and not is_token(self.account) and account != self.account

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"
