"""S3 is asked to refuse a bucket that has its owner in its name and is another's."""

from __future__ import annotations

import pytest

from cdk_clarify_monitors_operations import Constraints
from tests.operations.account import Account

OWNER = "111122223333"


@pytest.mark.parametrize(
    ("bucket", "owner"),
    [
        (f"sagemaker-eu-west-1-{OWNER}", OWNER),
        (f"cdk-hnb659fds-assets-{OWNER}-us-gov-west-1", OWNER),
        ("data", None),
        (f"data-{OWNER}", None),
        (f"sagemaker-eu-west-1-{OWNER}-data", None),
        (f"my-sagemaker-eu-west-1-{OWNER}", None),
    ],
)
def test_the_owner_is_expected_where_the_name_has_it(account: Account, bucket: str, owner: str | None) -> None:
    uri = f"s3://{bucket}/constraints.json"

    Constraints.from_string("{}", session=account.session, s3_uri=uri)
    Constraints.from_s3_uri(uri, session=account.session)

    sent = [*account.sent("PutObject"), *account.sent("GetObject")]
    assert [request.get("ExpectedBucketOwner") for request in sent] == [owner, owner]
