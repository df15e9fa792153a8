"""Endpoints deploy, answer and capture, with IAM enforced.

One stack for all of it; what a request is answered is another test's matter (test_inference.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import joblib
import pytest
from sklearn.linear_model import LogisticRegression

from cdk_clarify_monitors_local import EmbeddedAws
from tests.local_.processing_job import TRUST
from tests.support.embedded_aws.account import wait_for

pytestmark = pytest.mark.deploy

CAPTURE_KEY = re.compile(
    r"capture/(?P<endpoint>[^/]+)/AllTraffic/\d{4}/\d\d/\d\d/\d\d/"
    r"\d\d-\d\d-\d{3}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.jsonl"
)


def template(percentage: int = 100) -> dict[str, Any]:
    """A stack with an endpoint that captures, and whose names CloudFormation makes up."""
    role = {"Fn::GetAtt": ["Role", "Arn"]}
    bucket = {"Ref": "Bucket"}
    allowed = [
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": {"Fn::Sub": "${Bucket.Arn}/capture/*"}},
        {"Effect": "Allow", "Action": ["logs:*"], "Resource": "*"},
    ]
    config = {
        "ProductionVariants": [
            {
                "VariantName": "AllTraffic",
                "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
                "InitialInstanceCount": "1",
                "InstanceType": "ml.m5.large",
                "InitialVariantWeight": 1.0,
            }
        ],
        "DataCaptureConfig": {
            "EnableCapture": "true",
            "InitialSamplingPercentage": str(percentage),
            "DestinationS3Uri": {"Fn::Sub": "s3://${Bucket}/capture"},
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
        },
    }
    return {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": TRUST,
                    "Policies": [
                        {"PolicyName": "model", "PolicyDocument": {"Version": "2012-10-17", "Statement": allowed}}
                    ],
                },
            },
            "Model": {
                "Type": "AWS::SageMaker::Model",
                "Properties": {"ExecutionRoleArn": role, "PrimaryContainer": {"Image": "image"}},
            },
            "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": config},
            "Endpoint": {
                "Type": "AWS::SageMaker::Endpoint",
                "Properties": {
                    "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
                    "Tags": [{"Key": "team", "Value": str(percentage)}],
                },
            },
        },
        "Outputs": {
            "Bucket": {"Value": bucket},
            "Arn": {"Value": {"Ref": "Endpoint"}},
            "Name": {"Value": {"Fn::GetAtt": ["Endpoint", "EndpointName"]}},
            "Config": {"Value": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}},
            "ModelArn": {"Value": {"Ref": "Model"}},
        },
    }


@dataclass
class Deployed:
    """A stack with an endpoint."""

    aws: EmbeddedAws
    name: str

    def deploy(self, change: str, percentage: int = 100) -> None:
        cloudformation = self.aws.client("cloudformation")
        body = json.dumps(template(percentage))
        getattr(cloudformation, change)(StackName=self.name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
        wait_for("the deployment", lambda: not self.status.endswith("_IN_PROGRESS"))
        assert self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")

    @property
    def status(self) -> str:
        return str(self._described["StackStatus"])

    @property
    def outputs(self) -> dict[str, str]:
        return {output["OutputKey"]: output["OutputValue"] for output in self._described["Outputs"]}

    @property
    def _described(self) -> dict[str, Any]:
        (stack,) = self.aws.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return dict(stack)

    def invoke(self, body: bytes = b"0.1,0.9", **changes: Any) -> dict[str, Any]:
        request = {"EndpointName": self.outputs["Name"], "Body": body, "ContentType": "text/csv", **changes}
        answer = dict(self.aws.client("sagemaker-runtime").invoke_endpoint(**request))
        return {**answer, "Body": answer["Body"].read()}

    def captured(self) -> dict[str, list[str]]:
        """The lines of the files of captured data, by their keys."""
        s3, bucket = self.aws.client("s3"), self.outputs["Bucket"]
        keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
        files = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys}
        return {key: text.splitlines() for key, text in files.items()}

    def clear(self) -> None:
        for key in self.captured():
            self.aws.client("s3").delete_object(Bucket=self.outputs["Bucket"], Key=key)


@pytest.fixture(scope="module")
def stack(strict_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    file = tmp_path_factory.mktemp("model") / "loans.joblib"
    joblib.dump(LogisticRegression().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1]), file)
    strict_aws.add_model("Model", file)  # by its logical id: its name is made up
    stack = Deployed(strict_aws, f"serving-{uuid4().hex[:8]}")
    stack.deploy("create_stack")
    yield stack
    stack.clear()
    strict_aws.client("cloudformation").delete_stack(StackName=stack.name)


def test_a_stack_has_an_endpoint_that_is_in_service(stack: Deployed) -> None:
    sagemaker, outputs = stack.aws.client("sagemaker"), stack.outputs
    endpoint = sagemaker.describe_endpoint(EndpointName=outputs["Name"])
    assert endpoint["EndpointArn"] == outputs["Arn"]
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["EndpointConfigName"] == outputs["Config"]
    assert endpoint["DataCaptureConfig"]["CaptureStatus"] == "Started"
    assert re.fullmatch(rf"{stack.name}-Endpoint-[A-Z0-9]{{12}}", outputs["Name"])
    tags = sagemaker.list_tags(ResourceArn=outputs["Arn"])["Tags"]
    assert {"Key": "aws:cloudformation:stack-name", "Value": stack.name} in tags
    assert outputs["Name"] in [found["EndpointName"] for found in sagemaker.list_endpoints()["Endpoints"]]


def test_an_invocation_is_answered_and_captured_at_once(stack: Deployed) -> None:
    stack.clear()
    answer = stack.invoke(b"0.1,0.9\n0.9,0.2\n", InferenceId="r-1")
    assert answer["ContentType"] == "text/csv; charset=utf-8"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert len(answer["Body"].splitlines()) == 2

    ((key, (line,)),) = stack.captured().items()
    match = CAPTURE_KEY.fullmatch(key)
    assert match is not None
    assert match["endpoint"] == stack.outputs["Name"]
    record = json.loads(line)
    assert line == json.dumps(record, separators=(",", ":"))
    metadata = record["eventMetadata"]
    assert list(record) == ["captureData", "eventMetadata", "eventVersion"]
    assert list(metadata) == ["eventId", "inferenceId", "inferenceTime"]
    assert metadata["inferenceId"] == "r-1"
    assert f"/{metadata['inferenceTime'][:13].replace('-', '/').replace('T', '/')}/" in key
    assert f"/{metadata['inferenceTime'][14:19].replace(':', '-')}-" in key
    assert record["captureData"] == {
        "endpointInput": {
            "observedContentType": "text/csv",
            "mode": "INPUT",
            "data": "0.1,0.9\n0.9,0.2\n",
            "encoding": "CSV",
        },
        "endpointOutput": {
            "observedContentType": "text/csv; charset=utf-8",
            "mode": "OUTPUT",
            "data": answer["Body"].decode(),
            "encoding": "CSV",
        },
    }


def test_invocations_of_a_minute_share_a_file_until_it_goes(stack: Deployed) -> None:
    stack.clear()
    for number in range(6):
        stack.invoke(InferenceId=f"r-{number}")
    before = stack.captured()
    assert len(before) <= 2  # a minute may have ended meanwhile
    assert sum(map(len, before.values())) == 6

    stack.clear()
    stack.invoke(InferenceId="afterwards")

    ((key, (line,)),) = stack.captured().items()
    assert key not in before
    assert '"afterwards"' in line


def test_what_is_not_listed_is_captured_in_base64(stack: Deployed) -> None:
    stack.clear()
    answer = stack.invoke(b'{"features": [0.1, 0.9]}', ContentType="application/json", Accept="application/jsonlines")
    assert answer["ContentType"] == "application/jsonlines"
    (line,) = next(iter(stack.captured().values()))
    captured = json.loads(line)["captureData"]
    assert captured["endpointInput"]["encoding"] == "JSON"
    assert captured["endpointOutput"]["encoding"] == "BASE64"
    assert "inferenceId" not in json.loads(line)["eventMetadata"]


def test_an_update_gives_the_endpoint_another_configuration(stack: Deployed) -> None:
    before = stack.outputs
    stack.deploy("update_stack", percentage=0)
    try:
        assert stack.outputs["Arn"] == before["Arn"]
        assert stack.outputs["Config"] != before["Config"]
        assert stack.outputs["ModelArn"] == before["ModelArn"]
        stack.clear()
        stack.invoke()
        assert stack.captured() == {}  # none of a hundred
    finally:
        stack.deploy("update_stack")


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"EndpointName": "no-such"}, "ValidationError", "Endpoint no-such of account 123456789012 not found."),
        ({"TargetVariant": "other"}, "ValidationError", "Variant other not found for Request"),
        ({"TargetModel": "other"}, "ValidationError", "The embedded AWS does not support TargetModel."),
        ({"InferenceId": "x" * 65}, "ValidationError", "less than or equal to 64"),
        ({"ContentType": "text/html"}, "ModelError", "Received client error (415) from primary with message"),
        ({"Body": b"1,2,3"}, "ModelError", "takes 2 features, but gets 3"),
    ],
)
def test_what_cannot_be_answered_is_refused(changes: dict[str, Any], code: str, message: str, stack: Deployed) -> None:
    stack.clear()
    with pytest.raises(stack.aws.client("sagemaker-runtime").exceptions.ClientError) as raised:
        stack.invoke(**changes)
    assert raised.value.response["Error"]["Code"] == code
    assert message in raised.value.response["Error"]["Message"]
    assert stack.captured() == {}


def test_a_model_without_a_file_fails_when_it_is_asked(strict_aws: EmbeddedAws, tmp_path: Path) -> None:
    name = f"fileless-{uuid4().hex[:8]}"
    strict_aws.add_endpoint(name)
    runtime = strict_aws.client("sagemaker-runtime")
    request = {"EndpointName": name, "Body": b"0.1,0.9", "ContentType": "text/csv"}
    with pytest.raises(runtime.exceptions.ModelError, match=f"--model {name}=FILE"):
        runtime.invoke_endpoint(**request)

    joblib.dump(LogisticRegression().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1]), tmp_path / "model.joblib")
    strict_aws.add_model(name, tmp_path / "model.joblib")

    assert runtime.invoke_endpoint(**request)["Body"].read()
    strict_aws.add_endpoint(name, capture=f"s3://{name}/capture")
    runtime.invoke_endpoint(**request)
    assert strict_aws.client("s3").list_objects_v2(Bucket=name)["KeyCount"] == 1


def test_a_role_that_may_not_write_captures_nothing(stack: Deployed, tmp_path: Path) -> None:
    aws, name = stack.aws, f"mute-{uuid4().hex[:8]}"
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    aws.client("sagemaker").create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": "image"})
    aws.add_endpoint(name, capture=f"s3://{name}/capture")
    joblib.dump(LogisticRegression().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1]), tmp_path / "model.joblib")
    aws.add_model(name, tmp_path / "model.joblib")
    assert stack.invoke(EndpointName=name)["Body"]
    assert aws.client("s3").list_objects_v2(Bucket=name)["KeyCount"] == 0
    assert f"Nothing is captured at s3://{name}/capture" in aws.log_tail(50)


def test_invoking_takes_a_permission_for_the_endpoint(stack: Deployed) -> None:
    iam, name = stack.aws.client("iam"), f"caller-{uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    statement = {"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": stack.outputs["Arn"]}
    iam.put_user_policy(
        UserName=name,
        PolicyName="invoke",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    runtime: Any = boto3.client(
        "sagemaker-runtime",
        region_name=stack.aws.region,
        endpoint_url=stack.aws.endpoint_url,
        verify=stack.aws.environment["AWS_CA_BUNDLE"],
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    request = {"Body": b"0.1,0.9", "ContentType": "text/csv"}
    assert runtime.invoke_endpoint(EndpointName=stack.outputs["Name"], **request)["Body"].read()
    with pytest.raises(runtime.exceptions.ClientError, match="not authorized to perform: sagemaker:InvokeEndpoint"):
        runtime.invoke_endpoint(EndpointName="another", **request)
