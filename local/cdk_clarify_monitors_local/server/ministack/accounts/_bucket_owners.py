"""The account that a caller of S3 expects a bucket to belong to; MiniStack does not look at it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from cdk_clarify_monitors_local.server.ministack._private_names import S3, private, replace

_ACCOUNT = re.compile(r"\d{12}")


def check_expected_bucket_owners() -> None:
    """Refuse a request whose `ExpectedBucketOwner` or `ExpectedSourceBucketOwner` does not own the bucket."""
    handle, parse = private(S3, "handle_request"), private(S3, "_parse_bucket_key")
    owner_of, error = private(S3, "_bucket_owner_account"), private(S3, "_error")

    async def handle_request(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        for bucket, expected in _expectations(parse(path, headers)[0], headers):
            if not _ACCOUNT.fullmatch(expected):
                message = "The value of the expected bucket owner parameter must be an AWS account ID"
                return error("InvalidBucketOwnerAWSAccountID", message, 400, path)
            if owner_of(bucket) not in (None, expected):
                return error("AccessDenied", "Access Denied", 403, path)
        return await handle(method, path, headers, body, query_params, *args, **kwargs)

    replace(S3, "handle_request", handle_request)


def _expectations(bucket: str, headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if "x-amz-expected-bucket-owner" in headers:
        yield bucket, headers["x-amz-expected-bucket-owner"]
    if "x-amz-source-expected-bucket-owner" in headers:
        source = unquote(headers.get("x-amz-copy-source", "")).lstrip("/").partition("/")[0]
        yield source, headers["x-amz-source-expected-bucket-owner"]
