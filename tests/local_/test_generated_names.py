"""Names that CloudFormation makes up end in random text: new at each creation, kept over updates."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import WaiterError

from cdk_clarify_monitors_local import EmbeddedAws
from tests.local_.processing_job import TRUST

pytestmark = pytest.mark.deploy

TRUST_ANOTHER = json.loads(json.dumps(TRUST).replace("sagemaker", "lambda"))
CODE = {"ZipFile": "def handler(event, context): ..."}
FUNCTION = {"Role": "arn:aws:iam::000000000000:role/any", "Handler": "index.handler", "Runtime": "python3.12"}
DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
MACHINE = {"RoleArn": FUNCTION["Role"], "DefinitionString": DEFINITION}

FAILS = {"Type": "AWS::Logs::LogStream", "Properties": {"LogGroupName": "/there/is/none"}}


def policy(action: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


ALARM = {"ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 1, "MetricName": "CI", "Namespace": "a"}
TABLE = {
    "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}

#: For each type, properties without a name, and a change of them that updates the resource in place.
RESOURCES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "AWS::CloudWatch::Alarm": ({**ALARM, "Period": 60, "Statistic": "Sum", "Threshold": 1}, {"Threshold": 2}),
    "AWS::DynamoDB::Table": (TABLE, {"TableClass": "STANDARD_INFREQUENT_ACCESS"}),
    "AWS::Events::Rule": ({"ScheduleExpression": "rate(1 day)"}, {"Description": "changed"}),
    "AWS::IAM::ManagedPolicy": ({"PolicyDocument": policy("s3:GetObject")}, {"PolicyDocument": policy("s3:PutObject")}),
    "AWS::IAM::Role": ({"AssumeRolePolicyDocument": TRUST}, {"AssumeRolePolicyDocument": TRUST_ANOTHER}),
    "AWS::Lambda::Function": ({**FUNCTION, "Code": CODE}, {"Timeout": 5}),
    "AWS::Logs::LogGroup": ({"RetentionInDays": 1}, {"RetentionInDays": 3}),
    "AWS::S3::Bucket": ({}, {"VersioningConfiguration": {"Status": "Enabled"}}),
    "AWS::SNS::Topic": ({"DisplayName": "one"}, {"DisplayName": "two"}),
    "AWS::SQS::Queue": ({"DelaySeconds": 1}, {"DelaySeconds": 2}),
    "AWS::SSM::Parameter": ({"Type": "String", "Value": "one"}, {"Value": "two"}),
    "AWS::SecretsManager::Secret": ({"SecretString": "one"}, {"SecretString": "two"}),
    "AWS::StepFunctions::StateMachine": (MACHINE, {"TracingConfiguration": {"Enabled": True}}),
}


def logical_id(type_: str) -> str:
    return type_.replace("::", "")


def template(*types: str, changed: bool = False, **more: Any) -> dict[str, Any]:
    """Return a template with a resource of each of the types, by default all."""
    resources = {
        logical_id(type_): {
            "Type": type_,
            "Properties": {**properties, **change} if changed else properties,
        }
        for type_, (properties, change) in RESOURCES.items()
        if type_ in (types or RESOURCES)
    }
    return {"Resources": {**resources, **more}}


class Stack:
    """A stack of the embedded AWS."""

    def __init__(self, aws: EmbeddedAws, prefix: str = "names") -> None:
        self._cloudformation = aws.client("cloudformation")
        self.name = f"{prefix}-{uuid4().hex[:8]}"

    def deploy(self, template: Mapping[str, Any]) -> dict[str, str]:
        """Create or update the stack; return the physical ids."""
        try:
            self._cloudformation.describe_stacks(StackName=self.name)
        except self._cloudformation.exceptions.ClientError:
            operation, waiter = self._cloudformation.create_stack, "stack_create_complete"
        else:
            operation, waiter = self._cloudformation.update_stack, "stack_update_complete"
        operation(StackName=self.name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
        self._wait(waiter)
        return self.ids()

    def ids(self, stack: str | None = None) -> dict[str, str]:
        resources = self._cloudformation.describe_stack_resources(StackName=stack or self.name)["StackResources"]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}

    def delete(self) -> None:
        self._cloudformation.delete_stack(StackName=self.name)
        self._wait("stack_delete_complete")

    def _wait(self, waiter: str) -> None:
        self._cloudformation.get_waiter(waiter).wait(
            StackName=self.name, WaiterConfig={"Delay": 0.2, "MaxAttempts": 300}
        )


@pytest.fixture
def stack(aws: EmbeddedAws) -> Stack:
    return Stack(aws)


def name_in(physical_id: str) -> str:
    """Return the name in a physical id: an ARN's or a queue URL's end."""
    return re.split("[:/]", physical_id)[-1]


def test_generated_names_are_new_at_each_creation(stack: Stack) -> None:
    first = stack.deploy(template())
    stack.delete()
    second = stack.deploy(template())

    assert len(first) == len(RESOURCES)
    for name, physical_id in first.items():
        expected = f"{stack.name}-{name}-[A-Z0-9]{{12}}"
        if name == logical_id("AWS::S3::Bucket"):
            expected = f"{stack.name}-{name.lower()}-[a-z0-9]{{12}}"
        names = {name_in(physical_id), name_in(second[name])}
        assert len(names) == 2
        assert all(re.fullmatch(expected, name) for name in names), names
    # No resource has the suffix of another one.
    assert len({physical_id[-12:].upper() for physical_id in first.values()}) == len(first)


def test_generated_names_stay_over_updates(stack: Stack) -> None:
    first = stack.deploy(template())

    assert stack.deploy(template(changed=True)) == first
    assert stack.deploy(template()) == first


def test_a_resource_that_is_removed_and_added_has_a_new_name(stack: Stack) -> None:
    first = stack.deploy(template())
    stack.deploy(template("AWS::SQS::Queue"))
    second = stack.deploy(template())

    kept = logical_id("AWS::SQS::Queue")
    assert second[kept] == first[kept]
    assert [name for name in first if second[name] == first[name]] == [kept]


def test_a_rollback_of_a_replacement_keeps_the_old_name(stack: Stack) -> None:
    def role(path: str, **more: Any) -> dict[str, Any]:
        properties = {"AssumeRolePolicyDocument": TRUST, "Path": path}
        return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}, **more}}

    first = stack.deploy(role("/one/"))["Role"]
    second = stack.deploy(role("/two/"))["Role"]
    with pytest.raises(WaiterError):
        stack.deploy(role("/three/", Fails={**FAILS, "DependsOn": "Role"}))
    rolled_back = stack.ids()["Role"]
    last = stack.deploy(role("/one/"))["Role"]

    assert second == rolled_back
    assert len({first, second, last}) == 3


def test_given_names_are_used_as_they_are(stack: Stack) -> None:
    given = {"LogGroupName": "/given/name"}

    ids = stack.deploy(template("AWS::SQS::Queue", Group={"Type": "AWS::Logs::LogGroup", "Properties": given}))

    assert ids["Group"] == "/given/name"


def test_security_groups_have_names_too(aws: EmbeddedAws, stack: Stack) -> None:
    vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.2.0.0/16"}}
    group: dict[str, Any] = {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": "of the jobs", "VpcId": {"Ref": "Vpc"}},
    }
    changed = copy.deepcopy(group)
    changed["Properties"]["Tags"] = [{"Key": "a", "Value": "b"}]

    def name_of(group_id: str) -> str:
        (found,) = aws.client("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
        return str(found["GroupName"])

    first = stack.deploy({"Resources": {"Vpc": vpc, "Group": group}})["Group"]
    name = name_of(first)
    second = stack.deploy({"Resources": {"Vpc": vpc, "Group": changed}})["Group"]

    assert re.fullmatch(f"{stack.name}-Group-[A-Z0-9]{{12}}", name)
    assert (second, name_of(second)) == (first, name)


def test_names_in_nested_stacks_are_stable_and_new(aws: EmbeddedAws, stack: Stack) -> None:
    bucket = f"templates-{uuid4().hex[:8]}"
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": aws.region})

    def deploy(child: dict[str, Any]) -> dict[str, str]:
        key = f"{uuid4().hex}.json"
        s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(child))
        nested = {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": f"{aws.endpoint_url}/{bucket}/{key}"},
        }
        return stack.ids(stack.deploy({"Resources": {"Nested": nested}})["Nested"])

    first = deploy(template())
    assert len(first) == len(RESOURCES)
    assert deploy(template(changed=True)) == first
    assert deploy(template()) == first
    deploy(template("AWS::SQS::Queue"))
    again = deploy(template())
    assert [name for name in first if again[name] == first[name]] == [logical_id("AWS::SQS::Queue")]
    assert deploy(template(changed=True)) == again


def test_long_names_are_cut_before_the_random_text(aws: EmbeddedAws) -> None:
    stack = Stack(aws, "a" * 50)

    ids = stack.deploy(template("AWS::IAM::Role", "AWS::Lambda::Function", "AWS::S3::Bucket"))

    assert all(re.fullmatch("a{50}-([A-Z0-9]{12}|[a-z0-9]{12})", name) for name in ids.values()), ids
    assert len({name.upper() for name in ids.values()}) == 3
