"""Requests that overtake each other: while a baselining job runs, CloudFormation changes its mind.

It does so when another resource fails or somebody cancels, and does not wait for the answer. MiniStack's CloudFormation
always waits. So the overtaking request is sent by hand, to the function that CloudFormation would send it to.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import aws_cdk as cdk
import pytest

from tests.support.embedded_aws.account import DATA_BUCKET, Account, Stack, wait_for
from tests.support.embedded_aws.monitors import bias_config, bias_monitor

pytestmark = [pytest.mark.deploy, pytest.mark.slow]

LONG = 300.0  # seconds that a job takes unless it is stopped; the tests are over long before


def one_monitor(stack: cdk.Stack) -> None:
    bias_monitor(stack)


def about_men(stack: cdk.Stack) -> None:
    bias_monitor(stack, bias_config=bias_config(facet_values_or_threshold=[1]))


def test_the_creation_is_called_off(account: Account) -> None:
    # Given a stack whose creation waits for a job
    account.aws.slow_next_job(LONG)
    stack = account.stack("Create")
    stack.begin(one_monitor)
    account.running_job("create-")
    # When CloudFormation deletes the custom resource, under an id of its own making because it knows no other
    deletion = send(stack, "Delete", PhysicalResourceId="Create-BiasBaseline-1ABCDEFGHIJKL")
    # Then the job is stopped
    assert answer(account, deletion)["Status"] == "SUCCESS"
    assert account.statuses("create-") == ["Stopped"]
    # And the creation, which was still waiting, starts no other
    stack.finish()
    assert stack.status == "ROLLBACK_COMPLETE", stack.events
    assert account.statuses("create-") == ["Stopped"]


def test_an_update_is_called_off(account: Account) -> None:
    # Given a deployed monitor, and an update of its custom resource that waits for a job
    stack = account.stack("Back")
    stack.deploy(one_monitor)
    (physical_id,) = stack.resources("Custom::ClarifyBaseline").values()
    old = last_request(stack)["ResourceProperties"]
    new = {**old, "Baseline": old["Baseline"].replace('"value_or_threshold":[2]', '"value_or_threshold":[1]')}
    account.aws.slow_next_job(LONG)
    update = send(stack, "Update", PhysicalResourceId=physical_id, ResourceProperties=new, OldResourceProperties=old)
    account.running_job("back-")
    # When CloudFormation takes it back, under the id it knows
    rollback = send(stack, "Update", PhysicalResourceId=physical_id, ResourceProperties=old, OldResourceProperties=new)
    # Then the new job is stopped, and the old baseline is the answer, without a job
    back = answer(account, rollback)
    assert (back["Status"], back["PhysicalResourceId"]) == ("SUCCESS", physical_id)
    assert back["Data"]["ConstraintsS3Uri"] == stack.monitor("Bias").constraints_uri
    assert answer(account, update)["Status"] == "FAILED"
    assert account.statuses("back-") == ["Completed", "Stopped"]


def test_the_resource_is_deleted_during_an_update(account: Account) -> None:
    # Given a deployed monitor, and an update that waits for a job
    stack = account.stack("Gone")
    stack.deploy(one_monitor)
    (physical_id,) = stack.resources("Custom::ClarifyBaseline").values()
    old = last_request(stack)["ResourceProperties"]
    account.aws.slow_next_job(LONG)
    stack.begin(about_men)
    account.running_job("gone-")
    # When CloudFormation deletes what it knows: the old resource
    deletion = send(stack, "Delete", PhysicalResourceId=physical_id, ResourceProperties=old)
    # Then the new job does not run on
    assert answer(account, deletion)["Status"] == "SUCCESS"
    assert account.statuses("gone-") == ["Completed", "Stopped"]
    stack.finish()
    assert "InProgress" not in account.statuses("gone-")


def test_a_request_that_is_delivered_twice_runs_one_job(account: Account) -> None:
    # Given a stack whose creation waits for a job
    account.aws.slow_next_job(3)
    stack = account.stack("Twice")
    stack.begin(one_monitor)
    account.running_job("twice-")
    # When the same request is delivered once more
    again = send(stack, "Create", RequestId=last_request(stack)["RequestId"])
    # Then it gets the answer of the first, whose job is the only one
    stack.finish()
    assert stack.status == "CREATE_COMPLETE", stack.failures
    assert answer(account, again)["Data"]["ConstraintsS3Uri"] == stack.monitor("Bias").constraints_uri
    assert account.statuses("twice-") == ["Completed"]


# ---------------------------------------------------------------- CloudFormation's part, by hand
def last_request(stack: Stack) -> dict[str, Any]:
    """What CloudFormation has sent a monitor's custom resource last, as CDK's provider framework logs it."""
    logged = [text.split("[provider-framework] onEventHandler ", 1)[1:] for text in stack.printed()]
    requests = [json.JSONDecoder().raw_decode(found[0])[0] for found in logged if found]
    return dict([request for request in requests if request["ResourceType"] == "Custom::ClarifyBaseline"][-1])


def send(stack: Stack, request_type: str, **changes: Any) -> str:
    """Send a request like the last one, and return where the answer will be."""
    account, place = stack.account, {"Bucket": DATA_BUCKET, "Key": f"answers/{uuid.uuid4()}.json"}
    request = {
        **last_request(stack),
        "RequestType": request_type,
        "RequestId": str(uuid.uuid4()),
        "ResponseURL": account.client("s3").generate_presigned_url("put_object", place),
        **changes,
    }
    account.client("lambda").invoke(
        FunctionName=request["ResourceProperties"]["ServiceToken"],
        InvocationType="Event",
        Payload=json.dumps(request).encode(),
    )
    return f"s3://{place['Bucket']}/{place['Key']}"


def answer(account: Account, uri: str) -> dict[str, Any]:
    """The answer to a request, as soon as it is there."""
    wait_for("an answer", lambda: account.files(uri))
    return dict(account.json(uri))
