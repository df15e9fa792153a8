"""Objects in S3, and the files of a baseline among them."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from ..model.canonical_json import digest, json_file
from ..model.constraints import baseline_value, with_overrides
from ..model.desired_baseline import DesiredBaseline
from ..model.errors import BaselineError
from ..model.properties import AnalysisConfig, ConfigAsset
from ..model.s3_uri import S3Uri
from .errors import AWS_ERRORS, describe, is_denied, is_missing
from .log import Log
from .retry_policy import RETRY_POLICY

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef, ObjectTypeDef

_MAX_DATASET_PAGES = 100
_HIDDEN_LINE = '0,"visible":false'

# SageMaker's default bucket and the CDK's bucket for assets: their names contain their account.
_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d+"
_NAMED_FOR_OWNER = re.compile(rf"sagemaker-{_REGION}-(\d{{12}})|cdk-[a-z0-9]+-assets-(\d{{12}})-{_REGION}")

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

    Somebody else can create a deleted bucket anew, receive the configs, and answer with others. Buckets that users name
    may be another account's.
    """
    if name == os.environ.get("DEFAULT_BUCKET"):
        owner = os.environ.get("DEFAULT_BUCKET_OWNER")
    else:
        match = _NAMED_FOR_OWNER.fullmatch(name)
        owner = match and (match[1] or match[2])
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
        """True if the object exists. A listing needs no permission for the object or its key, unlike HeadObject."""
        return self._listing_entry(uri) is not None

    def _listing_entry(self, uri: S3Uri) -> "ObjectTypeDef | None":
        page = next(self._pages(uri.bucket, uri.key, MaxKeys=1))
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
        """Write a JSON file conditionally: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.

        `over` is the ETag of the version to replace; `NO_OBJECT`: there must be none; None: replace any version.

        Returns:
            The new ETag.
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
        page = next(self._pages(folder.bucket, f"{folder.key}/", MaxKeys=limit))
        return [S3Uri(folder.bucket, item["Key"]) for item in page.get("Contents", [])]

    def dataset_digest(self, uri: str, excluded: tuple[S3Uri, ...]) -> str:
        """Digest of the keys and ETags of a data set's objects, but for folders that baselines are written to.

        Raises:
            ValueError: The data set has too many objects to list during a deployment.
        """
        dataset = S3Uri.parse(uri, "the data set")
        prefix = uri.removeprefix(f"s3://{dataset.bucket}").removeprefix("/")
        excluded_keys = tuple(f"{folder.key}/" for folder in excluded if folder.bucket == dataset.bucket and folder.key)
        objects: list[tuple[str, str, int]] = []
        for number, page in enumerate(self._pages(dataset.bucket, prefix)):
            if number == _MAX_DATASET_PAGES:
                raise ValueError(f"the data set {uri} has too many objects to tell whether they changed")
            objects += [
                (item["Key"], item.get("ETag", ""), item.get("Size", 0))
                for item in page.get("Contents", [])
                if not item["Key"].startswith(excluded_keys)
            ]
        return digest(sorted(objects))

    def _pages(self, bucket: str, prefix: str, **options: Any) -> Iterator["ListObjectsV2OutputTypeDef"]:
        token: dict[str, Any] = {}
        while True:
            with _noting(f"s3://{bucket}/{prefix}"):
                page = self._s3.list_objects_v2(**_bucket(bucket), Prefix=prefix, **options, **token)
            yield page
            if not page.get("IsTruncated") or "NextContinuationToken" not in page:
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}


class BaselineFiles:
    """Writes configs and constraints: their keys follow from their content, none is written twice. Reads the latter."""

    def __init__(self, storage: Storage, log: Log) -> None:
        self._storage, self._log = storage, log

    def write_configs(self, desired: DesiredBaseline) -> None:
        """Write the configs that do not exist yet."""
        for uri, config in desired.configs():
            if not self._storage.exists(uri):
                self.write_config(desired, uri, config)

    def write_config(
        self, desired: DesiredBaseline, uri: S3Uri, config: AnalysisConfig, over: str | None = NO_OBJECT
    ) -> None:
        """Write a config; `over` as in `Storage.write`."""
        body = json_file(self._content(config))
        self._storage.write(uri, body, sse_kms(desired.properties.upload_kms_key_id), over)
        self._log.write("wrote a config", uri=str(uri))

    def write_constraints(self, desired: DesiredBaseline) -> None:
        """Write the constraints with limits of the user's own, beside the suggested ones.

        Raises:
            BaselineError: The limits do not fit the suggested constraints, or those are missing.
        """
        uri = desired.job.overridden_constraints_uri if desired.job else None
        if not desired.job or not uri or self._storage.exists(uri):
            return
        suggested = self._storage.read(desired.job.constraints_uri)
        if suggested is None:
            raise BaselineError(f"There is no {desired.job.constraints_uri}, which constraints_overrides are for.")
        try:
            constraints = with_overrides(json.loads(suggested.body), desired.job.baselining.constraints_overrides)
        except ValueError as error:
            raise BaselineError(f"{error}.", f"They are in {desired.job.constraints_uri}.") from error
        self._storage.write(uri, json_file(constraints), sse_kms(desired.properties.upload_kms_key_id))
        self._log.write("wrote constraints", uri=str(uri))

    def baseline_values(self, desired: DesiredBaseline, elapsed: float) -> list[str]:
        """The values that dashboards show, as in `{"value":…}` of a line. None of them makes a deployment fail."""
        wanted, analysis = desired.properties.baseline_values, None
        try:
            if wanted and desired.job and (suggested := self._storage.read(desired.job.constraints_uri)):
                analysis = json.loads(suggested.body)
        except (ValueError, *AWS_ERRORS) as error:
            if RETRY_POLICY.is_retryable(error, elapsed):
                raise
            self._log.write("the baseline cannot be read", reason=describe(error))
        values = (baseline_value(analysis, each) for each in wanted)
        return [_HIDDEN_LINE if value is None else repr(value) for value in values]

    def _content(self, config: AnalysisConfig) -> Mapping[str, Any]:
        if isinstance(config, ConfigAsset):
            return config.fill(self._storage.read_document(config.location))
        return config
