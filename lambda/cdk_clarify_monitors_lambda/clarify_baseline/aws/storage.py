"""Objects in S3."""

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

# SageMaker's default bucket and the CDK's bucket for assets: their names contain their account.
_REGION = r"[a-z]{2}(-[a-z]+)+-\d+"
_NAMED_FOR_OWNER = (
    re.compile(rf"sagemaker-{_REGION}-(?P<owner>\d{{12}})"),
    re.compile(rf"cdk-[a-z0-9]+-assets-(?P<owner>\d{{12}})-{_REGION}"),
)

Encryption = Mapping[str, Any]
"""Encryption of an object, as parameters of PutObject; empty: the bucket's default."""
SSE_S3: Encryption = {"ServerSideEncryption": "AES256"}
NO_OBJECT = ""
"""In place of the ETag where there is no object."""


def sse_kms(key_id: str | None) -> Encryption:
    """Encryption with a KMS key; None: the bucket's default."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}


class S3Object(NamedTuple):
    """An object's content."""

    body: bytes
    etag: str


def _bucket(name: str) -> Any:
    """The bucket as a parameter, with its expected owner where that is known.

    After a bucket is deleted, somebody else can create one of its name, who would get the configs and could answer with
    others. Buckets that users name may be another account's.
    """
    if name == os.environ.get("DEFAULT_BUCKET"):
        owner = os.environ.get("DEFAULT_BUCKET_OWNER")
    else:
        match = next(filter(None, (form.fullmatch(name) for form in _NAMED_FOR_OWNER)), None)
        owner = match and match["owner"]
    return {"Bucket": name, "ExpectedBucketOwner": owner} if owner else {"Bucket": name}


@contextmanager
def _noting(uri: S3Uri | str) -> Iterator[None]:
    """Add the URI to errors as a note: S3's messages do not always have it."""
    try:
        yield
    except ClientError as error:
        error.add_note(str(uri))
        raise


class Storage:
    """Reads, writes, lists and deletes objects."""

    def __init__(self, s3: "S3Client") -> None:
        self._s3 = s3

    def exists(self, uri: S3Uri) -> bool:
        """True if the object exists.

        By a listing, which needs no permission for the object or its key. HeadObject answers 403 for a missing object
        to those who may list some prefixes only.
        """
        return self._listing_entry(uri) is not None

    def _listing_entry(self, uri: S3Uri) -> "ObjectTypeDef | None":
        with _noting(uri):
            page = self._s3.list_objects_v2(**_bucket(uri.bucket), Prefix=uri.key, MaxKeys=1)
        return next((item for item in page.get("Contents", []) if item["Key"] == uri.key), None)

    def read(self, uri: S3Uri) -> S3Object | None:
        """Read an object; None: it does not exist."""
        try:
            with _noting(uri):
                response = self._s3.get_object(**_bucket(uri.bucket), Key=uri.key)
                return S3Object(response["Body"].read(), response.get("ETag", "*"))
        except ClientError as error:
            if is_missing(error) or (is_denied(error) and not self.exists(uri)):
                return None
            raise

    def etag(self, uri: S3Uri) -> str | None:
        """The object's ETag, without a permission for its key; None: it does not exist."""
        entry = self._listing_entry(uri)
        return entry.get("ETag", "*") if entry else None

    def read_document(self, uri: S3Uri) -> Any:
        """The JSON value in an asset of the deployment.

        Raises:
            BaselineError: The asset does not exist, or is no JSON.
        """
        try:
            with _noting(uri):
                return json.loads(self._s3.get_object(**_bucket(uri.bucket), Key=uri.key)["Body"].read())
        except ClientError as error:
            if is_missing(error):
                raise BaselineError(
                    f"There is no {uri}, an asset that this deployment needs.", "Deploy again: cdk publishes it."
                ) from error
            raise
        except ValueError as error:
            raise BaselineError(f"{uri}, an asset that this deployment needs, is no JSON: {error}.") from error

    def write(self, uri: S3Uri, body: bytes, encryption: Encryption, over: str | None = NO_OBJECT) -> str:
        """Write a JSON file conditionally: where there is none, or over the version that was read.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html

        Args:
            uri: The object's location.
            body: Its content.
            encryption: Its encryption.
            over: The ETag of the version to replace; `NO_OBJECT`; None: replace any version.

        Returns:
            The new ETag.

        Raises:
            ClientError: S3 refuses; `errors.is_transient` if the object has changed.
        """
        condition: Any = {} if over is None else {"IfNoneMatch": "*"} if over == NO_OBJECT else {"IfMatch": over}
        with _noting(uri):
            response = self._s3.put_object(
                **_bucket(uri.bucket), Key=uri.key, Body=body, ContentType="application/json", **condition, **encryption
            )
        return response.get("ETag", "*")

    def delete(self, uri: S3Uri) -> None:
        """Delete the object, if it exists."""
        with _noting(uri):
            self._s3.delete_object(**_bucket(uri.bucket), Key=uri.key)

    def subfolders(self, folder: S3Uri, start: str) -> set[str]:
        """The names of a folder's subfolders that begin with `start`."""
        prefix = f"{folder.key}/" if folder.key else ""
        names: set[str] = set()
        for page in self._pages(folder.bucket, f"{prefix}{start}", Delimiter="/"):
            keys = [item["Prefix"] for item in page.get("CommonPrefixes", [])]
            keys += [item["Key"] for item in page.get("Contents", [])]
            names |= {name for key in keys for name, slash, _ in (key.removeprefix(prefix).partition("/"),) if slash}
        return names

    def list_prefix(self, start: S3Uri) -> list[S3Uri]:
        """The objects whose keys begin like this URI's."""
        pages = self._pages(start.bucket, start.key)
        return [S3Uri(start.bucket, item["Key"]) for page in pages for item in page.get("Contents", [])]

    def list_folder(self, folder: S3Uri, limit: int) -> list[S3Uri]:
        """The first objects in a folder, up to a limit."""
        with _noting(folder):
            page = self._s3.list_objects_v2(**_bucket(folder.bucket), Prefix=f"{folder.key}/", MaxKeys=limit)
        return [S3Uri(folder.bucket, item["Key"]) for item in page.get("Contents", [])]

    def dataset_digest(self, uri: str, excluded: tuple[S3Uri, ...]) -> str:
        """Digest of the keys and ETags of a data set's objects.

        Args:
            uri: The data set; S3 takes it as a prefix, to the letter.
            excluded: Folders whose objects do not count, because baselines are written there.

        Raises:
            ValueError: The data set has too many objects to list during a deployment.
        """
        dataset = S3Uri.parse(uri, "the data set")
        prefix = uri.removeprefix(f"s3://{dataset.bucket}").removeprefix("/")
        excluded_keys = tuple(f"{folder.key}/" for folder in excluded if folder.bucket == dataset.bucket and folder.key)
        objects = [
            (item["Key"], item.get("ETag", ""), item.get("Size", 0))
            for item in self._objects(dataset.bucket, prefix)
            if not item["Key"].startswith(excluded_keys)
        ]
        return digest(sorted(objects))

    def _objects(self, bucket: str, prefix: str) -> Iterator["ObjectTypeDef"]:
        for number, page in enumerate(self._pages(bucket, prefix)):
            if number == _MAX_DATASET_PAGES:
                raise ValueError(
                    f"the data set s3://{bucket}/{prefix} has too many objects to tell whether they changed"
                )
            yield from page.get("Contents", [])

    def _pages(self, bucket: str, prefix: str, **options: Any) -> Iterator["ListObjectsV2OutputTypeDef"]:
        token: dict[str, Any] = {}
        while True:
            with _noting(f"s3://{bucket}/{prefix}"):
                page = self._s3.list_objects_v2(**_bucket(bucket), Prefix=prefix, **options, **token)
            yield page
            if not page.get("IsTruncated") or "NextContinuationToken" not in page:
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}
