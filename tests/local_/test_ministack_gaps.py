"""Gaps of MiniStack are closed, or told in the documentation."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from cdk_clarify_monitors_local import EmbeddedAws
from tests.local_.processing_job import TRUST

pytestmark = pytest.mark.deploy

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "local.md"
LACKING = sorted(set(re.findall(r"`(AWS::\w+::\w+)`", DOCUMENTATION.read_text())))


@pytest.mark.parametrize("type_", LACKING)
def test_what_the_documentation_says_is_lacking_is_refused(aws: EmbeddedAws, type_: str) -> None:
    template = {"Resources": {"Lacking": {"Type": type_}}}

    with pytest.raises(ClientError, match=rf"Unrecognized resource types: \[{type_}\]"):
        aws.client("cloudformation").create_stack(StackName="lacking", TemplateBody=json.dumps(template))


def test_a_vpc_tells_its_cidr_block(aws: EmbeddedAws) -> None:
    cloudformation = aws.client("cloudformation")
    template = {
        "Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}},
        "Outputs": {"Block": {"Value": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}}},
    }

    cloudformation.create_stack(StackName="vpc", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="vpc", WaiterConfig={"Delay": 1})

    (stack,) = cloudformation.describe_stacks(StackName="vpc")["Stacks"]
    assert [output["OutputValue"] for output in stack["Outputs"]] == ["10.1.0.0/16"]


@pytest.mark.parametrize(
    ("rate", "attempts"),
    [
        (1.0, 1 + 4),  # every half second instead of every second, for two seconds
        (1.1, 1 + 2),
    ],
)
def test_steady_retries_come_sooner_and_last_as_long(aws: EmbeddedAws, rate: float, attempts: int) -> None:
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": rate}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:describeTable",
        "Parameters": {"TableName": "there-is-none"},
        "Retry": [retry],
        "End": True,
    }
    states, name = aws.client("stepfunctions"), f"ask-{uuid4().hex[:8]}"
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    definition = json.dumps({"StartAt": "Ask", "States": {"Ask": task}})
    machine = states.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]

    started = time.monotonic()
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    while states.describe_execution(executionArn=execution)["status"] == "RUNNING":
        time.sleep(0.05)

    assert time.monotonic() - started >= 2
    events = states.get_execution_history(executionArn=execution)["events"]
    assert [event["type"] for event in events].count("TaskFailed") == attempts


@pytest.mark.parametrize(("size", "starts"), [(262_144, True), (262_145, False)])
def test_an_execution_takes_as_much_input_as_on_aws(aws: EmbeddedAws, size: int, starts: bool) -> None:
    states, name = aws.client("stepfunctions"), f"large-{uuid4().hex[:8]}"
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    machine = states.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]
    text = f'{{"x":"{"é" * ((size - 8) // 2)}{"y" * (size % 2)}"}}'
    assert len(text.encode()) == size

    if starts:
        assert states.start_execution(stateMachineArn=machine, input=text)["executionArn"]
    else:
        with pytest.raises(ClientError, match="length less than or equal to 262144"):
            states.start_execution(stateMachineArn=machine, input=text)
