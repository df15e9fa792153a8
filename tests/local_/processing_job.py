"""A processing job in the embedded AWS: what it needs, and how it ends."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from cdk_clarify_monitors_local import EmbeddedAws

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
CONFIG: dict[str, Any] = {
    "dataset_type": "text/csv",
    "label": "target",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "sex", "value_or_threshold": [2]}],
    "methods": {"pre_training_bias": {"methods": "all"}},
}


def with_model(name: str) -> dict[str, Any]:
    """Return a configuration that asks a model."""
    return {**CONFIG, "predictor": {"model_name": name}, "methods": {"post_training_bias": {"methods": "all"}}}


def put_inputs(aws: EmbeddedAws, bucket: str, data: Path, config: Any = CONFIG) -> None:
    """Make a bucket with a data set and a configuration."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": aws.region})
    s3.upload_file(str(data), bucket, "train.csv")
    s3.put_object(Bucket=bucket, Key="config/analysis_config.json", Body=json.dumps(config))


def prepare(aws: EmbeddedAws, data: Path, config: Any = CONFIG, **statement: Any) -> dict[str, Any]:
    """Return a complete request for a job, whose role, bucket and data exist.

    Args:
        aws: Where they are made.
        data: The data set.
        config: The content of analysis_config.json.
        statement: What the role may do, as members of a policy's statement.
    """
    iam, name = aws.client("iam"), f"test-{uuid4().hex[:8]}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    if statement:
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}
        iam.put_role_policy(RoleName=name, PolicyName="job", PolicyDocument=json.dumps(policy))
    put_inputs(aws, name, data, config)
    return {
        "ProcessingJobName": name,
        "RoleArn": role,
        "AppSpecification": {"ImageUri": "123.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-clarify-processing:1.0"},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        },
        "ProcessingInputs": [
            {
                "InputName": input_name,
                "S3Input": {
                    "S3Uri": f"s3://{name}/{key}",
                    "LocalPath": f"/opt/ml/processing/input/{folder}",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
            for input_name, key, folder in [
                ("dataset", "train.csv", "data"),
                ("analysis_config", "config/analysis_config.json", "config"),
            ]
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "analysis_result",
                    "S3Output": {
                        "S3Uri": f"s3://{name}/results",
                        "LocalPath": "/opt/ml/processing/output",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
    }


def start(sagemaker: Any, request: dict[str, Any]) -> str:
    """Start a job and return its name."""
    sagemaker.create_processing_job(**request)
    return str(request["ProcessingJobName"])


def finished(sagemaker: Any, name: str) -> dict[str, Any]:
    """Wait until a job is over."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        job: dict[str, Any] = sagemaker.describe_processing_job(ProcessingJobName=name)
        if job["ProcessingJobStatus"] not in ("InProgress", "Stopping"):
            return job
        time.sleep(0.1)
    raise AssertionError(f"{name} is still running")


def run(sagemaker: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Start a job and wait until it is over."""
    return finished(sagemaker, start(sagemaker, request))
