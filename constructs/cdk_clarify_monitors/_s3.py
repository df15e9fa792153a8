"""Places in S3, as the monitors and their permissions name them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class S3Location:
    """A bucket and a key or prefix in it; each may contain CDK tokens."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> "S3Location":
        """Take an S3 URI apart; a trailing slash does not count."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return cls(bucket, key.strip("/"))

    @property
    def uri(self) -> str:
        """The URI, without a trailing slash."""
        return f"s3://{self.bucket}/{self.key}" if self.key else f"s3://{self.bucket}"

    def below(self, *names: str) -> "S3Location":
        """A place further down."""
        return S3Location(self.bucket, "/".join(part for part in (self.key, *names) if part))

    def prefixed(self) -> "S3Location":
        """The pattern of all objects whose keys start like this: what SageMaker reads of an `S3Prefix`."""
        return S3Location(self.bucket, f"{self.key}*")
