"""S3 URIs, and S3's rules for them, which the constructs check at synthesis and the functions at deployment."""

import re
from typing import NamedTuple, Self

# General purpose buckets, with the capitals and underscores that a bucket in us-east-1 made before March 2018 may have.
# Such names of more than 63 characters are refused: they cannot be a part of a host's name.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,61}[a-zA-Z0-9]")
_BUCKET_FORM = "3 to 63 letters, digits, dots, hyphens and underscores, a letter or digit first and last"
_IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
# Reserved by S3: names of access points, directory and table buckets, and of AWS's own documentation.
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

MAX_KEY_BYTES = 1024  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html


def violation(uri: str, room: int = 0) -> str | None:
    """The rule that a URI breaks, in words that follow `must`; None: it is valid.

    Args:
        uri: Text that begins with `s3://`.
        room: Bytes reserved for what is appended to the key.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not _BUCKET.fullmatch(bucket):
        return f"be an S3 URI with a bucket of {_BUCKET_FORM}"
    if ".." in bucket or _IP_ADDRESS.fullmatch(bucket):
        return "be an S3 URI with a bucket that has no two adjacent dots and is no IP address"
    if bucket.startswith(_RESERVED_PREFIXES) or bucket.endswith(_RESERVED_SUFFIXES):
        reserved = ", ".join([*(f"{it}…" for it in _RESERVED_PREFIXES), *(f"…{it}" for it in _RESERVED_SUFFIXES)])
        return f"be an S3 URI with a general purpose bucket, whose name is none of {reserved}"
    if _CONTROL.search(key) or {".", ".."} & set(key.split("/")):
        return "have neither control characters nor the segments . and .."
    if not _is_unicode(uri):
        return "be encodable as UTF-8"
    if len(key.encode()) > MAX_KEY_BYTES - room:
        return f"have a key of at most {MAX_KEY_BYTES - room} bytes"
    return None


class S3Uri(NamedTuple):
    """A bucket and a key, or a prefix of keys without its trailing slashes."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str, what: str) -> Self:
        """Read `s3://bucket/prefix`, whose name in messages is `what`.

        Raises:
            ValueError: The URI is invalid, or misleading, as with the segment `..`.
        """
        must = violation(text) if text.startswith("s3://") else "be an S3 URI"
        if must:
            raise ValueError(f"{what} must {must}, got {text!r}: write s3://bucket/prefix")
        bucket, _, key = text.removeprefix("s3://").partition("/")
        return cls(bucket, key.rstrip("/"))

    def join(self, *names: str) -> Self:
        """The URI of a key below this prefix.

        Raises:
            ValueError: The key is longer than S3 allows.
        """
        key = "/".join((self.key, *names) if self.key else names)
        if len(key.encode()) > MAX_KEY_BYTES:
            raise ValueError(f"an S3 key has at most {MAX_KEY_BYTES} bytes, but this prefix is too long: {self}")
        return type(self)(self.bucket, key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}" if self.key else f"s3://{self.bucket}"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
