"""Locations in S3."""

import re
from typing import NamedTuple, Self

# General purpose buckets, with the capitals and underscores that buckets made before 2018 may have.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,253}[a-zA-Z0-9]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MAX_KEY_BYTES = 1024  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html


class S3Uri(NamedTuple):
    """A bucket and a key, or a prefix of keys without its trailing slashes."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str, what: str) -> Self:
        """Read `s3://bucket/prefix`.

        Args:
            text: The URI.
            what: Its name in an error message.

        Raises:
            ValueError: It is no S3 URI, or one that could lead elsewhere than it seems to.
        """
        scheme, separator, rest = text.partition("://")
        bucket, _, key = rest.partition("/")
        if scheme != "s3" or not separator or not _BUCKET.fullmatch(bucket):
            raise ValueError(f"{what} must be an S3 URI such as s3://bucket/prefix, got {text!r}")
        if _CONTROL.search(key) or {".", ".."} & set(key.split("/")):
            raise ValueError(f"{what} must have neither control characters nor the segments . and .., got {text!r}")
        return cls(bucket, key.rstrip("/"))

    def join(self, *names: str) -> Self:
        """A key below this prefix.

        Raises:
            ValueError: The key is longer than S3 allows.
        """
        key = "/".join((self.key, *names) if self.key else names)
        if len(key.encode()) > _MAX_KEY_BYTES:
            raise ValueError(f"an S3 key has at most {_MAX_KEY_BYTES} bytes, but this prefix is too long: {self}")
        return type(self)(self.bucket, key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}" if self.key else f"s3://{self.bucket}"
