"""Locations in S3, as the monitors and their permissions name them."""

import re
from dataclasses import dataclass

from .._validation import is_token

# What IAM takes for a wildcard or a policy variable; CDK tokens look like the latter.
_SPECIAL = re.compile(r"[*?]|\$\{(?!Token\[)")


@dataclass(frozen=True)
class S3Location:
    """A bucket and a key or prefix in it; each may contain CDK tokens.

    Args:
        bucket: The bucket.
        key: The key, or the prefix of keys without its trailing slash.
        parent: Bucket and prefix that are known in one piece only, at deployment; `key` lies below it then.
    """

    bucket: str
    key: str
    parent: str | None = None

    @classmethod
    def parse(cls, uri: str) -> "S3Location":
        """Take an S3 URI apart; a trailing slash does not count."""
        if is_token(uri) and not uri.startswith("s3://"):
            import aws_cdk as cdk  # the specification does without the CDK where it can

            parent = cdk.Fn.select(1, cdk.Fn.split("s3://", uri))
            return cls(cdk.Fn.select(2, cdk.Fn.split("/", uri)), "", parent)
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return cls(bucket, key.rstrip("/"))

    @property
    def path(self) -> str:
        """Bucket and key, without a trailing slash."""
        start = self.parent or self.bucket
        return f"{start}/{self.key}" if self.key else start

    @property
    def uri(self) -> str:
        """The URI, without a trailing slash."""
        return f"s3://{self.path}"

    @property
    def listed(self) -> str:
        """The prefix under which it is listed; `*` if it is known at deployment only."""
        return self.key if self.parent is None else "*"

    def below(self, *names: str) -> "S3Location":
        """A place further down."""
        return S3Location(self.bucket, "/".join(part for part in (self.key, *names) if part), self.parent)

    def as_pattern(self) -> "S3Location":
        """The pattern of just this place: what IAM would take for a wildcard stands for itself.

        Source:
        [policy variables](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars).
        """
        return S3Location(_literal(self.bucket), _literal(self.key), self.parent)


def starting_with(uri: str) -> S3Location:
    """The pattern of all objects whose keys start like this: what SageMaker reads of an `S3Prefix`."""
    place = S3Location.parse(uri).as_pattern()
    slash = "/" if uri.endswith("/") and place.key else ""
    # Known at deployment only, it may be an object, so there is no slash before the wildcard.
    if place.parent:
        return S3Location(place.bucket, "", f"{place.parent}*")
    return S3Location(place.bucket, f"{place.key}{slash}*")


def inside(uri: str) -> S3Location:
    """The pattern of all objects in a folder: what SageMaker reads where it appends the hour to a URI."""
    return S3Location.parse(uri).as_pattern().below("*")


def _literal(text: str) -> str:
    return _SPECIAL.sub(lambda found: "${$}{" if found[0] == "${" else f"${{{found[0]}}}", text)
