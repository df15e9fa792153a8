"""S3 is asked to refuse a bucket that is another account's, where the functions know whose it has to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from cdk_clarify_monitors_lambda.clarify_baseline.aws.storage import SSE_S3, Storage
from cdk_clarify_monitors_lambda.clarify_baseline.s3_uri import S3Uri

OWNER = "111122223333"
LISTING = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
CALLS: dict[str, Callable[[Storage, S3Uri], Any]] = {
    "exists": lambda storage, uri: storage.exists(uri),
    "etag": lambda storage, uri: storage.etag(uri),
    "read": lambda storage, uri: storage.read(uri),
    "read_document": lambda storage, uri: storage.read_document(uri),
    "write": lambda storage, uri: storage.write(uri, b"{}", SSE_S3),
    "delete": lambda storage, uri: storage.delete(uri),
    "subfolders": lambda storage, uri: storage.subfolders(uri, "a"),
    "list_prefix": lambda storage, uri: storage.list_prefix(uri),
    "list_folder": lambda storage, uri: storage.list_folder(uri, 1),
    "dataset_digest": lambda storage, uri: storage.dataset_digest(str(uri), ()),
}


class Answer(AWSResponse):
    """S3's answer, without a network."""

    def __init__(self, url: str, body: bytes) -> None:
        super().__init__(url, 200, HTTPHeaders(), None)
        self._content = body


@pytest.fixture
def expected() -> tuple[Storage, list[str | None]]:
    """S3, and which owner each request expected."""
    s3 = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="key", aws_secret_access_key="secret")  # noqa: S106
    owners: list[str | None] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        owner = request.headers.get("x-amz-expected-bucket-owner")
        owners.append(owner.decode() if isinstance(owner, bytes) else owner)
        return Answer(request.url, b"" if request.method in ("PUT", "DELETE") else LISTING)

    events: Any = s3.meta.events  # its types know no hook that answers
    events.register("before-send.s3", answer)
    return Storage(s3), owners


def owners_of(bucket: str, expected: tuple[Storage, list[str | None]]) -> dict[str, list[str | None]]:
    storage, owners = expected
    found = {}
    for name, call in CALLS.items():
        owners.clear()
        try:
            call(storage, S3Uri(bucket, "folder/key"))
        except Exception:
            assert owners, name  # what S3 answered is of no interest here
        found[name] = list(owners)
    return found


@pytest.mark.parametrize(
    "bucket",
    [
        "the-default-bucket",
        f"cdk-hnb659fds-assets-{OWNER}-eu-west-1",
        f"cdk-team1-assets-{OWNER}-us-gov-west-1",
        f"sagemaker-ap-southeast-2-{OWNER}",
    ],
)
def test_every_request_names_an_owner_that_is_known(
    bucket: str, expected: tuple[Storage, list[str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEFAULT_BUCKET", "the-default-bucket")
    monkeypatch.setenv("DEFAULT_BUCKET_OWNER", OWNER)

    for name, owners in owners_of(bucket, expected).items():
        assert set(owners) == {OWNER}, name


@pytest.mark.parametrize(
    "bucket",
    [
        "data",
        "the-default-bucket-2",
        f"data-{OWNER}",
        f"sagemaker-{OWNER}",
        f"sagemaker-eu-west-1-{OWNER}-data",
        f"my-sagemaker-eu-west-1-{OWNER}",
        f"cdk-hnb659fds-assets-{OWNER}",
        "cdk-hnb659fds-assets-eu-west-1",
        "sagemaker-eu-west-1-1111222233334",
    ],
)
def test_nothing_is_expected_of_other_buckets(
    bucket: str, expected: tuple[Storage, list[str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEFAULT_BUCKET", "the-default-bucket")
    monkeypatch.setenv("DEFAULT_BUCKET_OWNER", OWNER)

    for name, owners in owners_of(bucket, expected).items():
        assert set(owners) == {None}, name


def test_a_stack_without_a_default_bucket_expects_nothing(expected: tuple[Storage, list[str | None]]) -> None:
    assert {owner for owners in owners_of("data", expected).values() for owner in owners} == {None}
