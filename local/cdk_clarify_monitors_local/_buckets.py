"""Buckets and objects of S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cdk_clarify_monitors_local._errors import EmbeddedAwsError


def put(s3: Any, file: Path, uri: str) -> str:
    """Put a file into S3, and return its URI.

    Args:
        s3: An S3 client.
        file: The file.
        uri: Where to put it. After a slash at its end comes the file's name.

    Raises:
        EmbeddedAwsError: There is no such file, or the URI is invalid.
    """
    if not file.is_file():
        raise EmbeddedAwsError(f"There is no file {file}.")
    bucket, key = _split(uri)
    if not key or key.endswith("/"):
        key += file.name
    make(s3, uri)
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=file.read_bytes())
    except (ClientError, BotoCoreError) as error:
        raise EmbeddedAwsError(f"{file} cannot be put to {uri}: {error}") from error
    return f"s3://{bucket}/{key}"


def make(s3: Any, uri: str) -> None:
    """Make the bucket of a URI, unless there is one.

    Args:
        s3: An S3 client.
        uri: The URI.

    Raises:
        EmbeddedAwsError: The URI is none, or names no bucket that S3 would make.
    """
    bucket, _ = _split(uri)
    region = s3.meta.region_name
    # S3 takes no LocationConstraint for its first region.
    options = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        if bucket not in {entry["Name"] for entry in s3.list_buckets()["Buckets"]}:
            s3.create_bucket(Bucket=bucket, **options)
    except (ClientError, BotoCoreError) as error:
        raise EmbeddedAwsError(f"The bucket '{bucket}' cannot be made: {error}") from error


def _split(uri: str) -> tuple[str, str]:
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise EmbeddedAwsError(f"'{uri}' is no S3 URI; it has to be like s3://bucket/key.")
    return bucket, key
