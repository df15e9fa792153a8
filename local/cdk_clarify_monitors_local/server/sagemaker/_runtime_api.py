"""SageMaker's runtime API: the HTTP form of InvokeEndpoint."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._platform import Scope
from cdk_clarify_monitors_local.server._requests import check_request, input_shape
from cdk_clarify_monitors_local.server.sagemaker._control_plane import ControlPlane
from cdk_clarify_monitors_local.server.serving._serving import Invocation

SERVICE = "sagemaker-runtime"
_PATH = re.compile(r"/endpoints/([^/]+)/(invocations|async-invocations|invocations-response-stream)/?")
_OPERATIONS = {
    "invocations": "InvokeEndpoint",
    "async-invocations": "InvokeEndpointAsync",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
}
#: What an invocation may ask for, but not here.
_UNSUPPORTED = (
    "TargetModel",
    "TargetContainerHostname",
    "InferenceComponentName",
    "EnableExplanations",
    "SessionId",
)


def operation_of(path: str) -> tuple[str, str] | None:
    """Return the operation and the endpoint's name that a path stands for, None if it is none of the runtime's."""
    match = _PATH.fullmatch(path)
    return (_OPERATIONS[match[2]], unquote(match[1])) if match else None


def answer(
    control_plane: ControlPlane, scope: Scope, path: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of the answer to a request."""
    try:
        return _invoke(control_plane, scope, path, headers, body)
    except ApiError as error:
        document = {"Message": str(error), **error.details}
        return (
            error.status,
            {"Content-Type": "application/json", "x-amzn-ErrorType": error.code},
            json.dumps(document).encode(),
        )


def _invoke(
    control_plane: ControlPlane, scope: Scope, path: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    operation, endpoint = operation_of(path) or ("", "")
    if operation != "InvokeEndpoint":
        raise ApiError("ValidationError", f"The embedded AWS does not serve {operation}, only InvokeEndpoint.")
    request = {**_header_parameters(headers), "EndpointName": endpoint, "Body": body}
    check_request(operation, request, SERVICE)
    unsupported = [name for name in _UNSUPPORTED if name in request]
    if unsupported:
        raise ApiError("ValidationError", f"The embedded AWS does not support {', '.join(unsupported)}.")
    deployment = control_plane.deployment(scope, endpoint)
    if deployment is None:
        raise ApiError("ValidationError", f"Endpoint {endpoint} of account {scope.account} not found.")
    invocation = Invocation(
        request.get("ContentType", ""),
        request.get("Accept", ""),
        body,
        request.get("InferenceId"),
        request.get("TargetVariant"),
    )
    variant, response = control_plane.serving.invoke(deployment, invocation)
    answered = {"Content-Type": response.content_type, "x-Amzn-Invoked-Production-Variant": variant}
    return 200, answered, response.body


def _header_parameters(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the operation's parameters that come as headers."""
    request = {}
    for name, member in input_shape("InvokeEndpoint", SERVICE).members.items():
        serialization = member.serialization
        if serialization.get("location") == "header":
            value = headers.get(serialization["name"].lower())
            if value is not None:
                request[name] = value
    return request
