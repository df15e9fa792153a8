"""S3."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from .canonical import digest
from .errors import is_denied, is_missing
from .s3_uri import S3Uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

_MAX_DATASET_PAGES = 100


class Content(NamedTuple):
    """What is in an object, and the name of this very content."""

    body: bytes
    etag: str


@contextmanager
def _naming(uri: S3Uri | str) -> Iterator[None]:
    """Note on errors what they are about: S3's own messages do not always say."""
    try:
        yield
    except ClientError as error:
        error.add_note(str(uri))
        raise


class Storage:
    """The few things done with objects."""

    def __init__(self, s3: "S3Client") -> None:
        self._s3 = s3

    def exists(self, uri: S3Uri) -> bool:
        """Is there such an object?

        A listing says so with no right to read the object or to use its key, and without S3's answer 403 for what is
        missing to those who may list under some prefixes only.
        """
        with _naming(uri):
            page = self._s3.list_objects_v2(Bucket=uri.bucket, Prefix=uri.key, MaxKeys=1)
        return any(item["Key"] == uri.key for item in page.get("Contents", []))

    def read(self, uri: S3Uri) -> Content | None:
        """The object's content, or None if there is no such object."""
        try:
            with _naming(uri):
                found = self._s3.get_object(Bucket=uri.bucket, Key=uri.key)
                return Content(found["Body"].read(), found.get("ETag", "*"))
        except ClientError as error:
            if is_missing(error) or (is_denied(error) and not self.exists(uri)):
                return None
            raise

    def write(self, uri: S3Uri, body: bytes, kms_key_id: str | None, over: Content | None = None) -> None:
        """Write a JSON file where there is none, or over the content that was read before.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html

        Args:
            uri: Where.
            body: What.
            kms_key_id: The key that encrypts it; None: as the bucket does by default.
            over: What it replaces.

        Raises:
            ClientError: S3 refuses; with `errors.is_transient` if somebody else was quicker.
        """
        condition: Any = {"IfMatch": over.etag} if over else {"IfNoneMatch": "*"}
        encryption: Any = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id} if kms_key_id else {}
        with _naming(uri):
            self._s3.put_object(
                Bucket=uri.bucket, Key=uri.key, Body=body, ContentType="application/json", **condition, **encryption
            )

    def delete(self, uri: S3Uri) -> None:
        """Delete the object, if it is there."""
        with _naming(uri):
            self._s3.delete_object(Bucket=uri.bucket, Key=uri.key)

    def below(self, folder: S3Uri, limit: int) -> list[S3Uri]:
        """The first objects in a folder."""
        with _naming(folder):
            page = self._s3.list_objects_v2(Bucket=folder.bucket, Prefix=f"{folder.key}/", MaxKeys=limit)
        return [S3Uri(folder.bucket, item["Key"]) for item in page.get("Contents", [])]

    def dataset_digest(self, uri: str, ours: tuple[S3Uri, ...]) -> str:
        """Digest of the keys and ETags of a data set's objects.

        Args:
            uri: The data set: S3 takes it as a prefix, to the letter.
            ours: Folders whose objects do not count, because a baseline writes there.

        Raises:
            ValueError: There are too many objects to look at during a deployment.
        """
        dataset = S3Uri.parse(uri, "the data set")
        prefix = uri.removeprefix(f"s3://{dataset.bucket}").removeprefix("/")
        own = tuple(f"{folder.key}/" for folder in ours if folder.bucket == dataset.bucket and folder.key)
        found = [
            (item["Key"], item.get("ETag", ""), item.get("Size", 0))
            for item in self._objects(dataset.bucket, prefix)
            if not item["Key"].startswith(own)
        ]
        return digest(sorted(found))

    def _objects(self, bucket: str, prefix: str) -> Iterator["ObjectTypeDef"]:
        token = None
        for _ in range(_MAX_DATASET_PAGES):
            with _naming(f"s3://{bucket}/{prefix}"):
                page = (
                    self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix, ContinuationToken=token)
                    if token
                    else self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
                )
            yield from page.get("Contents", [])
            token = page.get("NextContinuationToken")
            if not page.get("IsTruncated") or not token:
                return
        raise ValueError(f"the data set s3://{bucket}/{prefix} has too many objects to tell whether they changed")
