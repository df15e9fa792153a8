"""Writes a report: whole or not at all, to a folder or to S3."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cdk_clarify_monitors_operations._aws import Aws, S3Location


def write_atomically(path: Path, content: bytes, *, durably: bool = True) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part.

    Args:
        path: The file. Its folder exists.
        content: Its content.
        durably: Whether it is on the disk afterwards, whatever happens to the machine.
    """
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            if durably:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def put_object(aws: Aws, place: S3Location, content: bytes, content_type: str, kms_key: str | None) -> None:
    """Store an object, which S3 does whole or not at all."""
    encryption: Mapping[str, str] = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
    aws.call(
        "s3",
        "PutObject",
        Bucket=place.bucket,
        Key=place.key,
        Body=content,
        ContentType=content_type,
        **encryption,
    )
