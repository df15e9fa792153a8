"""cdk-nag's findings are answered whatever a location in S3 is made of: it names them by how the template writes it."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from tests.support.monitors.builders import bias_monitor, data_config
from tests.support.templates.nag import findings


def _attribute(stack: cdk.Stack) -> str:
    resource = cdk.CfnResource(stack, "Given", type="Custom::Bucket")
    return cdk.Token.as_string(resource.get_att("Name"))


def _item_of_a_list(stack: cdk.Stack) -> str:
    return cdk.Fn.select(0, cdk.CfnParameter(stack, "Buckets", type="CommaDelimitedList").value_as_list)


def _joined(stack: cdk.Stack) -> str:
    return cdk.Fn.join("-", ["data", cdk.Aws.ACCOUNT_ID])


def _substituted(stack: cdk.Stack) -> str:
    return cdk.Fn.sub("data-${AWS::AccountId}")


def _bucket_of_the_stack(stack: cdk.Stack) -> str:
    return s3.Bucket(stack, "Bucket").bucket_name


@pytest.mark.parametrize("bucket", [_attribute, _item_of_a_list, _joined, _substituted, _bucket_of_the_stack])
def test_a_location_that_is_a_token_is_acknowledged(
    app: cdk.App, stack: cdk.Stack, bucket: Callable[[cdk.Stack], str]
) -> None:
    name = bucket(stack)
    bias_monitor(
        stack,
        data_config=data_config(s3_data_input_path=f"s3://{name}/train.csv"),
        output_s3_uri=f"s3://{name}/results",
    )
    assert findings(app) == []
