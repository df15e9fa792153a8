"""S3."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from ..model.canonical_json import digest
from ..model.errors import BaselineError
from ..model.s3_uri import S3Uri
from .errors import is_denied, is_missing

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef, ObjectTypeDef

_MAX_DATASET_PAGES = 100

# SageMaker's default bucket and the CDK's bucket for assets: each is named for the account that it belongs to.
_REGION = r"[a-z]{2}(-[a-z]+)+-\d+"
_NAMED_FOR_OWNER = (
    re.compile(rf"sagemaker-{_REGION}-(?P<owner>\d{{12}})"),
    re.compile(rf"cdk-[a-z0-9]+-assets-(?P<owner>\d{{12}})-{_REGION}"),
)

Encryption = Mapping[str, Any]
"""How an object is encrypted, as parameters of PutObject; empty: as the bucket does by default."""
SSE_S3: Encryption = {"ServerSideEncryption": "AES256"}
NOTHING = ""
"""In place of an ETag: there is no object."""


def sse_kms(key_id: str | None) -> Encryption:
    """With a KMS key; without one, as the bucket does by default."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}


class Content(NamedTuple):
    """What is in an object, and the name of this very content."""

    body: bytes
    etag: str


def _bucket(name: str) -> Any:
    """A bucket as a parameter, with the account that it belongs to where that is known.

    A bucket that was deleted can be made by somebody else, who would get the configs and could answer with others.
    Nothing is known of buckets that users name: they may be another account's.
    """
    if name == os.environ.get("DEFAULT_BUCKET"):
        owner = os.environ.get("DEFAULT_BUCKET_OWNER")
    else:
        found = next(filter(None, (form.fullmatch(name) for form in _NAMED_FOR_OWNER)), None)
        owner = found and found["owner"]
    return {"Bucket": name, "ExpectedBucketOwner": owner} if owner else {"Bucket": name}


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
        return self._listed(uri) is not None

    def _listed(self, uri: S3Uri) -> "ObjectTypeDef | None":
        with _naming(uri):
            page = self._s3.list_objects_v2(**_bucket(uri.bucket), Prefix=uri.key, MaxKeys=1)
        return next((item for item in page.get("Contents", []) if item["Key"] == uri.key), None)

    def read(self, uri: S3Uri) -> Content | None:
        """The object's content, or None if there is no such object."""
        try:
            with _naming(uri):
                found = self._s3.get_object(**_bucket(uri.bucket), Key=uri.key)
                return Content(found["Body"].read(), found.get("ETag", "*"))
        except ClientError as error:
            if is_missing(error) or (is_denied(error) and not self.exists(uri)):
                return None
            raise

    def etag(self, uri: S3Uri) -> str | None:
        """The name of the object's content, or None if there is no such object; needs no right to its key."""
        item = self._listed(uri)
        return item.get("ETag", "*") if item else None

    def read_document(self, uri: S3Uri) -> Any:
        """The JSON value in a file that was published before the deployment.

        Raises:
            BaselineError: There is none.
        """
        try:
            with _naming(uri):
                return json.loads(self._s3.get_object(**_bucket(uri.bucket), Key=uri.key)["Body"].read())
        except ClientError as error:
            if is_missing(error):
                raise BaselineError(
                    f"There is no {uri}, an asset that this deployment needs.", "Deploy again: cdk publishes it."
                ) from error
            raise
        except ValueError as error:
            raise BaselineError(f"{uri}, an asset that this deployment needs, is no JSON: {error}.") from error

    def write(self, uri: S3Uri, body: bytes, encryption: Encryption, over: str | None = NOTHING) -> str:
        """Write a JSON file where there is none, or over the content that was read before.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html

        Args:
            uri: Where.
            body: What.
            encryption: How S3 encrypts it.
            over: The ETag of what it replaces; `NOTHING`; or None: whatever is there.

        Returns:
            The ETag of what is there now.

        Raises:
            ClientError: S3 refuses; with `errors.is_transient` if somebody else was quicker.
        """
        condition: Any = {} if over is None else {"IfNoneMatch": "*"} if over == NOTHING else {"IfMatch": over}
        with _naming(uri):
            answer = self._s3.put_object(
                **_bucket(uri.bucket),
                Key=uri.key,
                Body=body,
                ContentType="application/json",
                **condition,
                **encryption,
            )
        return answer.get("ETag", "*")

    def delete(self, uri: S3Uri) -> None:
        """Delete the object, if it is there."""
        with _naming(uri):
            self._s3.delete_object(**_bucket(uri.bucket), Key=uri.key)

    def folders(self, folder: S3Uri, start: str) -> set[str]:
        """The names of the folders in a folder that start like this."""
        prefix = f"{folder.key}/" if folder.key else ""
        names: set[str] = set()
        for page in self._pages(folder.bucket, f"{prefix}{start}", Delimiter="/"):
            keys = [item["Prefix"] for item in page.get("CommonPrefixes", [])]
            keys += [item["Key"] for item in page.get("Contents", [])]
            names |= {name for key in keys for name, slash, _ in (key.removeprefix(prefix).partition("/"),) if slash}
        return names

    def starting_with(self, start: S3Uri) -> list[S3Uri]:
        """The objects whose keys start like this."""
        pages = self._pages(start.bucket, start.key)
        return [S3Uri(start.bucket, item["Key"]) for page in pages for item in page.get("Contents", [])]

    def below(self, folder: S3Uri, limit: int) -> list[S3Uri]:
        """The first objects in a folder."""
        with _naming(folder):
            page = self._s3.list_objects_v2(**_bucket(folder.bucket), Prefix=f"{folder.key}/", MaxKeys=limit)
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
        for number, page in enumerate(self._pages(bucket, prefix)):
            if number == _MAX_DATASET_PAGES:
                raise ValueError(
                    f"the data set s3://{bucket}/{prefix} has too many objects to tell whether they changed"
                )
            yield from page.get("Contents", [])

    def _pages(self, bucket: str, prefix: str, **more: Any) -> Iterator["ListObjectsV2OutputTypeDef"]:
        token: dict[str, Any] = {}
        while True:
            with _naming(f"s3://{bucket}/{prefix}"):
                page = self._s3.list_objects_v2(**_bucket(bucket), Prefix=prefix, **more, **token)
            yield page
            if not page.get("IsTruncated") or "NextContinuationToken" not in page:
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}
