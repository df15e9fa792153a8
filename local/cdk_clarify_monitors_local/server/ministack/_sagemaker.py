"""SageMaker as one of MiniStack's services: who answers its requests, and what IAM makes of them."""

from __future__ import annotations

import asyncio
import json
import types
from collections.abc import Callable, Mapping
from typing import Any

from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._platform import Caller, Scope
from cdk_clarify_monitors_local.server.ministack._private_names import APP, IAM_ACTIONS, ROUTER, private, replace
from cdk_clarify_monitors_local.server.ministack.accounts._scope import current_scope
from cdk_clarify_monitors_local.server.sagemaker import DEFINITION_KINDS, ControlPlane, _runtime_api

_MODULES = "cdk_clarify_monitors_local"
_JSON = {"Content-Type": "application/x-amz-json-1.1"}

#: The parameter that names the resource of a request, and the ARN's segment, by what the operation's name ends with.
_RESOURCE_OF = {
    "ProcessingJob": ("ProcessingJobName", "processing-job"),
    **{f"{kind}JobDefinition": ("JobDefinitionName", segment) for kind, segment in DEFINITION_KINDS.items()},
    "MonitoringSchedule": ("MonitoringScheduleName", "monitoring-schedule"),
    "EndpointConfig": ("EndpointConfigName", "endpoint-config"),
    "Endpoint": ("EndpointName", "endpoint"),
    "Model": ("ModelName", "model"),
    "TransformJob": ("TransformJobName", "transform-job"),
}


def serve(control_plane: ControlPlane) -> None:
    """Make SageMaker one of MiniStack's services."""
    extract_access_key_id = private(ROUTER, "extract_access_key_id")

    async def handle_request(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Mapping[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        caller = Caller(extract_access_key_id(headers, query_params))
        status = 200
        answer: dict[str, Any]
        try:
            answer = control_plane.call(current_scope(), _operation(headers), json.loads(body or b"{}"), caller)
        except ApiError as error:
            status, answer = error.status, {"__type": error.code, "message": str(error)}
        return status, dict(_JSON), json.dumps(answer).encode()

    _add_service("sagemaker", handle_request, control_plane.reset)
    private(ROUTER, "SERVICE_PATTERNS")["sagemaker"] = {
        "target_prefixes": ["SageMaker."],
        "host_patterns": [r"api\.sagemaker\."],
    }


def serve_runtime(control_plane: ControlPlane) -> None:
    """Make SageMaker's runtime another one. Its requests are signed as SageMaker's are, so their paths tell."""

    async def handle_request(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Mapping[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        # Not in the event loop: models take their time, and captured data is written by a request to this server.
        return await asyncio.to_thread(_runtime_api.answer, control_plane, current_scope(), path, headers, body)

    detect = private(ROUTER, "detect_service")

    def detect_service(method: str, path: str, headers: Mapping[str, str], query_params: Mapping[str, Any]) -> str:
        service = str(detect(method, path, headers, query_params))
        is_runtime = service == "sagemaker" and _runtime_api.operation_of(path) is not None
        return _runtime_api.SERVICE if is_runtime else service

    _add_service(_runtime_api.SERVICE, handle_request, lambda: None)
    for module in (ROUTER, APP):  # the first one's, imported by the other
        replace(module, "detect_service", detect_service)


def _add_service(name: str, handle_request: Callable[..., Any], reset: Callable[[], None]) -> None:
    module = types.SimpleNamespace(
        handle_request=handle_request,
        reset=reset,
        get_state=lambda: None,  # nothing outlives the server
        load_persisted_state=lambda _: None,
    )
    private(APP, "_loaded_modules")[f"{_MODULES}.{name}"] = module
    private(APP, "SERVICE_REGISTRY")[name] = {"module": f"{_MODULES}.{name}"}
    private(APP, "SERVICE_HANDLERS")[name] = handle_request


def name_resources_for_iam() -> None:
    """Tell IAM which resource a SageMaker request is about; MiniStack would take every one for `*`."""
    namespaces = private(IAM_ACTIONS, "SERVICE_TO_IAM_NAMESPACE")
    namespaces["sagemaker"] = namespaces[_runtime_api.SERVICE] = "sagemaker"
    extract = private(IAM_ACTIONS, "extract_resource_arn")

    def extract_resource_arn(
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
        region: str,
        account_id: str,
    ) -> Any:
        if service == _runtime_api.SERVICE:
            _, endpoint = _runtime_api.operation_of(path) or ("", "*")
            return Scope(account_id, region).arn("endpoint", endpoint)
        if service != "sagemaker":
            return extract(service, method, path, headers, body, query_params, region, account_id)
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            return "*"
        operation = _operation(headers)
        if operation in ("AddTags", "DeleteTags", "ListTags"):
            return request.get("ResourceArn", "*")
        for ending, (parameter, segment) in _RESOURCE_OF.items():
            if operation.endswith(ending) and parameter in request:
                return Scope(account_id, region).arn(segment, request[parameter])
        return "*"

    extract_action = private(IAM_ACTIONS, "extract_iam_action")

    def extract_iam_action(
        service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Mapping[str, Any]
    ) -> Any:
        if service == _runtime_api.SERVICE:
            operation, _ = _runtime_api.operation_of(path) or ("", "")
            return f"sagemaker:{operation}"
        return extract_action(service, method, path, headers, body, query_params)

    replace(IAM_ACTIONS, "extract_iam_action", extract_iam_action)
    replace(IAM_ACTIONS, "extract_resource_arn", extract_resource_arn)


def deny_as_sagemaker_does() -> None:
    """Answer a SageMaker request that IAM denies with SageMaker's error, not S3's."""
    respond = private(IAM_ACTIONS, "access_denied_response")

    def access_denied_response(service: str, action: str, principal_arn: str, request_id: str, **kwargs: Any) -> Any:
        if service in ("sagemaker", _runtime_api.SERVICE) and not kwargs.get("error_code"):
            resource, explicit = kwargs.get("resource_arn", "*"), kwargs.get("explicit_deny", False)
            text = private(IAM_ACTIONS, "identity_denial_message")(action, principal_arn, resource, explicit)
            return 400, dict(_JSON), json.dumps({"__type": "AccessDeniedException", "Message": text}).encode()
        return respond(service, action, principal_arn, request_id, **kwargs)

    replace(IAM_ACTIONS, "access_denied_response", access_denied_response)


def _operation(headers: Mapping[str, str]) -> str:
    return headers.get("x-amz-target", "").rpartition(".")[2]
