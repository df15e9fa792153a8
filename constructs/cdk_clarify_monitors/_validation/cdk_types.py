"""Validators of arguments that are CDK constructs."""

from __future__ import annotations

from typing import Any, Final

from .errors import InvalidType
from .validated import Validator


def _construct(interface: str, member: str, factory: str) -> Validator:
    """A construct that implements an interface of the CDK: an L1 does not, and would fail only where it is used."""

    def validate(argument: str, value: Any) -> Any:
        # The class is examined: reading a member of the construct itself is a call into JavaScript. A construct that
        # was imported is a proxy, whose class finds members when they are needed.
        if not (hasattr(type(value), member) or hasattr(type(value), "__getattr__")):
            raise InvalidType(argument, f"be {interface}", value, f"wrap it: {factory}")
        return value

    return validate


ROLE: Final = _construct("an iam.IRole", "role_arn", "iam.Role.from_role_arn(…)")
KEY: Final = _construct("a kms.IKey", "key_arn", "kms.Key.from_key_arn(…)")
BUCKET: Final = _construct("an s3.IBucket", "bucket_arn", "s3.Bucket.from_bucket_name(…)")
