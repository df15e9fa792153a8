"""KMS keys, as permissions name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from .statements import Statement, allow, unique

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

    from .._spec.stack_environment import StackEnvironment

# What reading and writing encrypted objects takes: S3 asks for data keys in the caller's name. Source:
# [SSE-KMS](https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms).
OBJECT_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")


@dataclass(frozen=True)
class EncryptionKey:
    """A key, by its ARN; or by an alias, whose target may be changed outside of the app.

    Args:
        arn: The key's ARN. Of an alias that is the alias's, which IAM does not take for a key.
        alias: The alias's name.
    """

    arn: str
    alias: str | None = None

    @classmethod
    def of(cls, *keys: kms.IKey | None) -> list[Self]:
        """The keys that there are, each once."""
        found = [cls(key.key_arn, getattr(key, "alias_name", None)) for key in keys if key is not None]
        return list(dict.fromkeys(found))


def key_statements(
    environment: StackEnvironment, keys: Iterable[EncryptionKey], actions: Sequence[str]
) -> Iterator[Statement]:
    """Statements that allow the use of keys."""
    keys = list(keys)
    arns = unique(key.arn for key in keys if key.alias is None)
    aliases = unique(key.alias for key in keys if key.alias is not None)
    for group, condition in _by_condition(actions):
        if arns:
            yield allow(group, arns, condition)
        # An alias is no resource of these actions; what it stands for is a condition:
        # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
        if aliases:
            by_alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}}
            yield allow(group, environment.arn("kms", "key/*"), {**by_alias, **(condition or {})})


def _by_condition(actions: Sequence[str]) -> Iterator[tuple[list[str], dict[str, Any] | None]]:
    """The actions, those apart that AWS's services take in the role's name only: it may give nobody else the key."""
    grants = [action for action in actions if action == "kms:CreateGrant"]
    if others := [action for action in actions if action not in grants]:
        yield others, None
    if grants:
        yield grants, {"Bool": {"kms:GrantIsForAWSResource": "true"}}
