"""With IAM enforced, callers and jobs need the permissions that they need in AWS."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from cdk_clarify_monitors_local import EmbeddedAws
from tests.local_.processing_job import finished, prepare, run, with_model

pytestmark = pytest.mark.deploy

S3_ACCESS = ["s3:ListBucket", "s3:GetObject", "s3:PutObject"]


@pytest.mark.parametrize(
    ("actions", "reason"),
    [
        (["s3:GetObject", "s3:PutObject"], "s3:ListBucket"),
        (["s3:ListBucket", "s3:PutObject"], "Data download failed:"),
        (["s3:ListBucket", "s3:GetObject"], "Data upload failed:"),
    ],
)
def test_a_job_works_with_its_own_role(
    strict_aws: EmbeddedAws, make_data: Any, actions: list[str], reason: str
) -> None:
    request = prepare(strict_aws, make_data.TRAINING_DATA, Action=actions)
    sagemaker = strict_aws.client("sagemaker")

    job = run(sagemaker, request)

    assert job["ProcessingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_a_job_with_the_permissions_that_it_needs_works(strict_aws: EmbeddedAws, make_data: Any) -> None:
    request = prepare(strict_aws, make_data.TRAINING_DATA, Action=S3_ACCESS)
    sagemaker = strict_aws.client("sagemaker")

    assert run(sagemaker, request)["ProcessingJobStatus"] == "Completed"


def test_a_model_takes_what_a_shadow_endpoint_takes(strict_aws: EmbeddedAws, make_data: Any) -> None:
    config, sagemaker = with_model("diabetes-model"), strict_aws.client("sagemaker")
    endpoint = ["sagemaker:*Model", "sagemaker:*Endpoint", "sagemaker:*EndpointConfig"]

    without_tags = prepare(strict_aws, make_data.TRAINING_DATA, config, Action=[*S3_ACCESS, *endpoint])
    complete = prepare(strict_aws, make_data.TRAINING_DATA, config, Action=[*S3_ACCESS, *endpoint, "sagemaker:AddTags"])

    assert "not authorized to perform: sagemaker:AddTags" in run(sagemaker, without_tags)["FailureReason"]
    assert run(sagemaker, complete)["ProcessingJobStatus"] == "Completed"


def caller(aws: EmbeddedAws, *statements: dict[str, Any]) -> Any:
    """A SageMaker client of a user who may do what the statements say."""
    iam, name = aws.client("iam"), f"user-{uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client(
        "sagemaker",
        endpoint_url=aws.endpoint_url,
        region_name=aws.region,
        verify=aws.environment["AWS_CA_BUNDLE"],
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def test_the_caller_needs_the_job_the_role_and_the_tags(strict_aws: EmbeddedAws, make_data: Any) -> None:
    request = prepare(strict_aws, make_data.TRAINING_DATA, Action=S3_ACCESS)
    name, role = request["ProcessingJobName"], request["RoleArn"]
    request["Tags"] = [{"Key": "team", "Value": "fairness"}]
    job = f"arn:aws:sagemaker:{strict_aws.region}:{strict_aws.account}:processing-job"
    create = {"Action": "sagemaker:CreateProcessingJob", "Resource": f"{job}/test-*"}
    tag = {"Action": "sagemaker:AddTags", "Resource": f"{job}/*"}
    passing = {
        "Action": "iam:PassRole",
        "Resource": role,
        "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    }
    to_lambda = {**passing, "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}

    for statements, action, resource in [
        ([{**create, "Resource": f"{job}/other-*"}], "sagemaker:CreateProcessingJob", f"{job}/{name}"),
        ([create, passing], "sagemaker:AddTags", f"{job}/{name}"),
        ([create, tag], "iam:PassRole", role),
        ([create, tag, to_lambda], "iam:PassRole", role),
    ]:
        with pytest.raises(ClientError) as raised:
            caller(strict_aws, *statements).create_processing_job(**request)
        assert raised.value.response["Error"]["Code"] == "AccessDeniedException"
        assert f"is not authorized to perform: {action} on resource: {resource}" in str(raised.value)

    caller(strict_aws, create, tag, passing).create_processing_job(**request)
    assert finished(strict_aws.client("sagemaker"), name)["ProcessingJobStatus"] == "Completed"
