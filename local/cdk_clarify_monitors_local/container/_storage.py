"""Reads S3 objects that a configuration names, with the job's own credentials (taken from the environment)."""

from __future__ import annotations

import io

from cdk_clarify_monitors_local.container._errors import CustomerError


def read_objects(uri: str) -> list[tuple[str, io.BytesIO]]:
    """Return name and content of every object below an S3 URI, sorted by name.

    Raises:
        CustomerError: There is none, or it may not be read.
    """
    # Imported here: few configurations name an object.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    try:
        s3 = boto3.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = sorted(entry["Key"] for page in pages for entry in page.get("Contents", ()))
        objects = [(key, io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read())) for key in keys]
    except (ClientError, BotoCoreError) as error:
        raise CustomerError(f"{uri} cannot be read: {error}") from error
    if not objects:
        raise CustomerError(f"No S3 objects found under {uri}.")
    return objects
