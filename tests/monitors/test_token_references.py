"""References: to the same stack, to other stacks, to parameters. They reach every request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

from tests.monitors.late_values import ACCOUNT, REGION, deployed, new_app, text
from tests.support.cdk_versions import needs_weak_references
from tests.support.monitors.builders import bias_monitor, data_config, model_config
from tests.support.recorded.outcome import Outcome, outcome
from tests.support.templates.deployment import Cloud, Stack

WEAK_REFERENCES = "@aws-cdk/core:defaultCrossStackReferences"


@dataclass(frozen=True)
class Platform:
    """What a monitor refers to, made by CDK somewhere."""

    bucket: s3.IBucket
    role: iam.IRole
    key: kms.IKey
    model_name: str
    endpoint_name: str

    @classmethod
    def made_in(cls, stack: cdk.Stack) -> Platform:
        role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        model = sagemaker.CfnModel(stack, "Model", execution_role_arn=role.role_arn)
        endpoint = sagemaker.CfnEndpoint(stack, "Endpoint", endpoint_config_name="any")
        return cls(
            s3.Bucket(stack, "Bucket"), role, kms.Key(stack, "Key"), model.attr_model_name, endpoint.attr_endpoint_name
        )

    @classmethod
    def given_to(cls, stack: cdk.Stack) -> Platform:
        return cls(
            s3.Bucket.from_bucket_name(stack, "Bucket", text(stack, "BucketName")),
            iam.Role.from_role_arn(stack, "Role", text(stack, "RoleArn")),
            kms.Key.from_key_arn(stack, "Key", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{text(stack, 'KeyId')}"),
            text(stack, "ModelName"),
            text(stack, "EndpointName"),
        )

    def monitored_in(self, stack: cdk.Stack) -> None:
        bias_monitor(
            stack,
            endpoint_input=self.endpoint_name,
            ground_truth_input=f"s3://{self.bucket.bucket_name}/labels",
            data_config=data_config(
                s3_data_input_path=self.bucket.s3_url_for_object("train.csv"),
                s3_output_path=f"s3://{self.bucket.bucket_name}/baselines/",
            ),
            model_config=model_config(model_name=self.model_name),
            role=self.role,
            output_kms_key=self.key,
            volume_kms_key=self.key,
            bucket=self.bucket,
        )


@pytest.fixture(
    params=[
        "the same stack",
        pytest.param("another stack", marks=needs_weak_references),
        "another stack's exports",
        "parameters",
    ]
)
def referring(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Outcome, dict[str, str]]:
    """The outcome of a monitor that refers to a platform, and the names that the platform has."""
    strong = {WEAK_REFERENCES: "strong"} if request.param == "another stack's exports" else {}
    app = new_app(tmp_path, **strong)
    environment = cdk.Environment(account=ACCOUNT, region=REGION)
    platform = stack = cdk.Stack(app, "Stack", env=environment)
    names = {
        "BucketName": "the-bucket",
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/the-role",
        "KeyId": "the-key",
        "ModelName": "the-model",
        "EndpointName": "the-endpoint",
    }
    if request.param == "parameters":
        Platform.given_to(stack).monitored_in(stack)
    else:
        if request.param != "the same stack":
            platform = cdk.Stack(app, "Platform", env=environment)
        Platform.made_in(platform).monitored_in(stack)
    app.synth()
    cloud = Cloud(ACCOUNT, REGION)
    if platform is not stack:
        cloud.deploy(tmp_path, "Platform")
    monitoring = cloud.deploy(tmp_path, "Stack", **(names if request.param == "parameters" else {}))
    names["KeyArn"] = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{names['KeyId']}"
    if request.param != "parameters":
        names = names_of(cloud.stacks[platform.stack_name])
    if request.param == "another stack":
        assert "Fn::GetStackOutput" in json.dumps(monitoring.template)
    if request.param == "another stack's exports":
        assert "Fn::ImportValue" in json.dumps(monitoring.template)
    return outcome(monitoring), names


def names_of(platform: Stack) -> dict[str, str]:
    def only(type_: str) -> str:
        return next(id_ for id_ in platform.logical_ids(type_) if not id_.startswith(("Bias", "Clarify")))

    return {
        "BucketName": platform.value({"Ref": only("AWS::S3::Bucket")}),
        "RoleArn": platform.value({"Fn::GetAtt": [only("AWS::IAM::Role"), "Arn"]}),
        "KeyArn": platform.value({"Fn::GetAtt": [only("AWS::KMS::Key"), "Arn"]}),
        "ModelName": platform.value({"Fn::GetAtt": [only("AWS::SageMaker::Model"), "ModelName"]}),
        "EndpointName": platform.value({"Fn::GetAtt": [only("AWS::SageMaker::Endpoint"), "EndpointName"]}),
    }


def test_references_reach_every_request(referring: Any) -> None:
    result, names = referring
    bucket = f"s3://{names['BucketName']}"
    (job,) = result.processing_jobs
    assert job["RoleArn"] == names["RoleArn"]
    assert job["ProcessingInputs"][0]["S3Input"]["S3Uri"] == f"{bucket}/train.csv"
    assert job["ProcessingInputs"][1]["S3Input"]["S3Uri"].startswith(f"{bucket}/baselines/")
    outputs = job["ProcessingOutputConfig"]
    assert outputs["Outputs"][0]["S3Output"]["S3Uri"] == f"{bucket}/baselines/{job['ProcessingJobName']}"
    assert outputs["KmsKeyId"] == names["KeyArn"]
    assert job["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == names["KeyArn"]
    assert result.baselining_config["predictor"]["model_name"] == names["ModelName"]
    definition = result.job_definition
    assert definition["RoleArn"] == names["RoleArn"]
    assert definition["ModelBiasJobInput"]["EndpointInput"]["EndpointName"] == names["EndpointName"]
    assert definition["ModelBiasJobInput"]["GroundTruthS3Input"] == {"S3Uri": f"{bucket}/labels"}
    assert definition["ModelBiasJobOutputConfig"]["KmsKeyId"] == names["KeyArn"]
    assert definition["ModelBiasAppSpecification"]["ConfigUri"].startswith(f"{bucket}/")


def test_pseudo_parameters_are_resolved_in_uris_and_tags(tmp_path: Path) -> None:
    result = deployed(
        tmp_path,
        lambda stack: bias_monitor(
            stack,
            data_config=data_config(s3_data_input_path=f"s3://data-{cdk.Aws.ACCOUNT_ID}-{cdk.Aws.REGION}/train.csv"),
            env={"STACK": cdk.Aws.STACK_NAME},
            tags={"stack": cdk.Aws.STACK_NAME},
        ),
    )
    (job,) = result.processing_jobs
    assert job["ProcessingInputs"][0]["S3Input"]["S3Uri"] == f"s3://data-{ACCOUNT}-{REGION}/train.csv"
    assert job["Environment"] == {"STACK": "Stack"}
    assert job["Tags"] == [{"Key": "stack", "Value": "Stack"}]
    assert job["AppSpecification"]["ImageUri"] == (
        f"017069133835.dkr.ecr.{REGION}.amazonaws.com/sagemaker-clarify-processing:1.0"
    )
