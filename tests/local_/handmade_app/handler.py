"""The functions of the handmade app's provider: start a processing job, wait for it."""

from __future__ import annotations

import logging
from typing import Any

import boto3
from botocore.exceptions import ClientError

LOGGER = logging.getLogger()
LOGGER.setLevel(logging.INFO)


def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Start the job; the answer carries where its results will lie."""
    properties = event["ResourceProperties"]
    LOGGER.info("on_event %s %s", event["RequestType"], event.get("PhysicalResourceId"))
    if event["RequestType"] == "Delete":
        return stop(event["PhysicalResourceId"])
    name = f"by-hand-{event['RequestId'][:8]}"
    uri = f"s3://{properties['Bucket']}"
    sources = {"analysis_config": f"{uri}/config", "dataset": f"{uri}/train.csv"}
    boto3.client("sagemaker").create_processing_job(
        ProcessingJobName=name,
        RoleArn=properties["RoleArn"],
        AppSpecification={"ImageUri": properties["Image"]},
        ProcessingResources={
            "ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
        },
        ProcessingInputs=[
            {
                "InputName": input_name,
                "S3Input": {
                    "S3Uri": source,
                    "LocalPath": f"/opt/ml/processing/input/{folder}",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
            for (input_name, source), folder in zip(sources.items(), ("config", "data"), strict=True)
        ],
        ProcessingOutputConfig={
            "Outputs": [
                {
                    "OutputName": "analysis_result",
                    "S3Output": {
                        "S3Uri": f"{uri}/results/{name}",
                        "LocalPath": "/opt/ml/processing/output",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        Tags=[{"Key": "made", "Value": "by hand"}],
    )
    data = {"Constraints": f"{uri}/results/{name}/analysis.json", "Padding": "x" * int(properties["AnswerSize"])}
    return {"PhysicalResourceId": name, "Data": data}


def stop(name: str) -> dict[str, Any]:
    """Stop a job that still runs."""
    try:
        boto3.client("sagemaker").stop_processing_job(ProcessingJobName=name)
    except ClientError as error:
        LOGGER.info("%s is not stopped: %s", name, error)
    return {}


def is_complete(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Say whether the job is done."""
    if event["RequestType"] == "Delete":
        return {"IsComplete": True}
    job = boto3.client("sagemaker").describe_processing_job(ProcessingJobName=event["PhysicalResourceId"])
    LOGGER.info("is_complete %s", job["ProcessingJobStatus"])
    if job["ProcessingJobStatus"] in ("Failed", "Stopped"):
        raise RuntimeError(f"{event['PhysicalResourceId']}: {job.get('FailureReason')}")
    return {"IsComplete": job["ProcessingJobStatus"] == "Completed"}
