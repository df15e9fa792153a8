"""What a job's role may need for the shadow endpoint of a model. The endpoint itself does not exist here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cdk_clarify_monitors_local.server._errors import JobFailedError
from cdk_clarify_monitors_local.server._platform import Platform, Scope

#: Each action, and the resource it is done to.
_NEEDED = (
    ("sagemaker:DescribeModel", "model/{model}"),
    ("sagemaker:CreateEndpointConfig", "endpoint-config/{endpoint}"),
    ("sagemaker:CreateEndpoint", "endpoint-config/{endpoint}"),
    ("sagemaker:CreateEndpoint", "endpoint/{endpoint}"),
    ("sagemaker:DescribeEndpointConfig", "endpoint-config/{endpoint}"),
    ("sagemaker:DescribeEndpoint", "endpoint/{endpoint}"),
    ("sagemaker:AddTags", "endpoint-config/{endpoint}"),
    ("sagemaker:AddTags", "endpoint/{endpoint}"),
    ("sagemaker:InvokeEndpoint", "endpoint/{endpoint}"),
    ("sagemaker:DeleteEndpoint", "endpoint/{endpoint}"),
    ("sagemaker:DeleteEndpointConfig", "endpoint-config/{endpoint}"),
)


def check_permissions(platform: Platform, scope: Scope, access_key: str, config_file: Path) -> None:
    """Fail as the container would if the role lacks what a shadow endpoint of the model takes.

    Without IAM enforced all of it is allowed.

    Args:
        platform: Who enforces IAM.
        scope: The job's account and region.
        access_key: The key of the role's session.
        config_file: The job's analysis_config.json, which names the model if there is one.

    Raises:
        JobFailedError: The role may not do something of it.
    """
    try:
        predictor = json.loads(config_file.read_text()).get("predictor")
    except (OSError, ValueError, AttributeError):
        return  # the container says what is wrong with its configuration
    if not isinstance(predictor, Mapping) or "model_name" not in predictor:
        return
    prefix = predictor.get("endpoint_name_prefix") or "sm-clarify"
    names = {"model": predictor["model_name"], "endpoint": f"{prefix}-0123456789"}
    for action, resource in _NEEDED:
        arn = scope.arn(*resource.format(**names).split("/", 1))
        denial = platform.denial(scope, access_key, action, arn)
        if denial is not None:
            operation = action.partition(":")[2]
            raise JobFailedError(
                f"ClientError: An error occurred (AccessDeniedException) when calling the {operation} operation: "
                f"{denial}"
            )
