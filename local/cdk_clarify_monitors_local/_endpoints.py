"""Endpoints for apps that name one which is no part of them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from cdk_clarify_monitors_local._errors import EmbeddedAwsError

_MAX_NAME = 63
_IMAGE = "model-of-clarify-local"


def add(sagemaker: Any, name: str, model: str, capture: str | None) -> None:
    """Make an endpoint, or give one that exists another configuration.

    Args:
        sagemaker: A SageMaker client.
        name: The endpoint's name.
        model: Its model's name.
        capture: The S3 URI below which it captures. None: it captures nothing.

    Raises:
        EmbeddedAwsError: SageMaker refuses it.
    """
    try:
        if not _exists(sagemaker.describe_model, ModelName=model):
            sagemaker.create_model(ModelName=model, PrimaryContainer={"Image": _IMAGE})
        config = _create_config(sagemaker, name, model, capture)
        change = sagemaker.create_endpoint
        if _exists(sagemaker.describe_endpoint, EndpointName=name):
            change = sagemaker.update_endpoint
        change(EndpointName=name, EndpointConfigName=config)
    except (ClientError, BotoCoreError) as error:
        raise EmbeddedAwsError(f"The endpoint '{name}' cannot be made: {error}") from error


def _create_config(sagemaker: Any, name: str, model: str, capture: str | None) -> str:
    suffix = f"-{uuid4().hex[:12]}"  # the configuration of an endpoint cannot be changed, so each has its own
    config = name[: _MAX_NAME - len(suffix)].rstrip("-") + suffix
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    data_capture = {
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": capture,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json", "application/jsonlines"],
        },
    }
    options = {} if capture is None else {"DataCaptureConfig": data_capture}
    sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant], **options)
    return config


def _exists(describe: Any, **name: str) -> bool:
    try:
        describe(**name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            raise
        return False
    return True
