"""Places in S3, and what to say of buckets that do not exist and of data that is not there."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import ClientError


def split(uri: str) -> tuple[str, str]:
    """Split an S3 URI into bucket and key, or prefix. A slash at its end stays: it makes a folder of a prefix."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def how_to_put(uri: str) -> str:
    """Return how to put data where it is missed."""
    return f"In the embedded AWS, put data there: `clarify-local put FILE {uri}` or `aws.put(FILE, '{uri}')`."


def hint(error: Exception, uris: Sequence[str]) -> str:
    """Return what else to say of an error: which bucket does not exist, and how to put data there.

    Args:
        error: What S3 answered.
        uris: What was read and written.
    """
    if not isinstance(error, ClientError) or error.response["Error"].get("Code") not in ("NoSuchBucket", "404"):
        return ""
    named = error.response["Error"].get("BucketName")
    if named:
        uris = [uri for uri in uris if split(uri)[0] == named] or [f"s3://{named}/"]
    return f" ({' '.join(how_to_put(uri) for uri in uris[:1])})"
