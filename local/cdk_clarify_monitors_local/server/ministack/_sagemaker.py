"""SageMaker as one of MiniStack's services: who answers its requests, and what IAM makes of them."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._platform import Caller, Scope
from cdk_clarify_monitors_local.server.ministack._private_names import APP, IAM_ACTIONS, ROUTER, private, replace
from cdk_clarify_monitors_local.server.ministack._scope import current_scope
from cdk_clarify_monitors_local.server.sagemaker import DEFINITION_KINDS, ControlPlane

_MODULE = "cdk_clarify_monitors_local.sagemaker"
_JSON = {"Content-Type": "application/x-amz-json-1.1"}

#: The parameter that names the resource of a request, and the ARN's segment, by what the operation's name ends with.
_RESOURCE_OF = {
    "ProcessingJob": ("ProcessingJobName", "processing-job"),
    **{f"{kind}JobDefinition": ("JobDefinitionName", segment) for kind, segment in DEFINITION_KINDS.items()},
    "MonitoringSchedule": ("MonitoringScheduleName", "monitoring-schedule"),
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

    module = types.SimpleNamespace(
        handle_request=handle_request,
        reset=control_plane.reset,
        get_state=lambda: None,  # nothing outlives the server
        load_persisted_state=lambda _: None,
    )
    private(APP, "_loaded_modules")[_MODULE] = module
    private(APP, "SERVICE_REGISTRY")["sagemaker"] = {"module": _MODULE}
    private(APP, "SERVICE_HANDLERS")["sagemaker"] = handle_request
    private(ROUTER, "SERVICE_PATTERNS")["sagemaker"] = {
        "target_prefixes": ["SageMaker."],
        "host_patterns": [r"api\.sagemaker\."],
    }


def name_resources_for_iam() -> None:
    """Tell IAM which resource a SageMaker request is about; MiniStack would take every one for `*`."""
    private(IAM_ACTIONS, "SERVICE_TO_IAM_NAMESPACE")["sagemaker"] = "sagemaker"
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

    replace(IAM_ACTIONS, "extract_resource_arn", extract_resource_arn)


def deny_as_sagemaker_does() -> None:
    """Answer a SageMaker request that IAM denies with SageMaker's error, not S3's."""
    respond = private(IAM_ACTIONS, "access_denied_response")

    def access_denied_response(service: str, action: str, principal_arn: str, request_id: str, **kwargs: Any) -> Any:
        if service == "sagemaker" and not kwargs.get("error_code"):
            resource, explicit = kwargs.get("resource_arn", "*"), kwargs.get("explicit_deny", False)
            text = private(IAM_ACTIONS, "identity_denial_message")(action, principal_arn, resource, explicit)
            return 400, dict(_JSON), json.dumps({"__type": "AccessDeniedException", "Message": text}).encode()
        return respond(service, action, principal_arn, request_id, **kwargs)

    replace(IAM_ACTIONS, "access_denied_response", access_denied_response)


def _operation(headers: Mapping[str, str]) -> str:
    return headers.get("x-amz-target", "").rpartition(".")[2]
