"""KMS keys, as permissions name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

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
    if arns := unique(key.arn for key in keys if key.alias is None):
        yield allow(list(actions), arns)
    # An alias is no resource of these actions; what it stands for is a condition:
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
    if aliases := unique(key.alias for key in keys if key.alias is not None):
        condition = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}}
        yield allow(list(actions), environment.arn("kms", "key/*"), condition)
