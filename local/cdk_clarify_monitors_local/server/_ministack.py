"""The one file that knows MiniStack's inside: plugs SageMaker in and closes gaps that matter to custom resources.

MiniStack has no interface for plugins, so this reaches into its private names. They are listed in `PRIVATE_NAMES`;
`install` refuses to go on, by name, when one of them is gone. MiniStack is pinned to one version for this reason.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

from cdk_clarify_monitors_local.server._control_plane import ControlPlane
from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._faults import CallFault, Faults
from cdk_clarify_monitors_local.server._platform import Caller, Credentials, Scope
from cdk_clarify_monitors_local.server._resource_types import ResourceType, resource_types

_log = logging.getLogger("sagemaker")

_MODULE = "cdk_clarify_monitors_local.sagemaker"
_MAX_RESPONSE = 4096  # bytes of a custom resource's response
_CUSTOM_RESOURCE = "AWS::CloudFormation::CustomResource"

#: Every name of MiniStack that is used here and is not public, by module.
PRIVATE_NAMES: dict[str, tuple[str, ...]] = {
    "ministack.app": (
        "AUTH",
        "SERVICE_HANDLERS",
        "SERVICE_REGISTRY",
        "_loaded_modules",
        "app",
    ),
    "ministack.core.iam_actions": (
        "SERVICE_TO_IAM_NAMESPACE",
        "access_denied_response",
        "extract_iam_action",
        "extract_resource_arn",
        "identity_denial_message",
    ),
    "ministack.core.iam_evaluator": ("enforce",),
    "ministack.core.lambda_runtime": ("_PYTHON_WORKER_SCRIPT", "execution_credentials"),
    "ministack.core.responses": ("get_account_id", "get_region", "request_scope"),
    "ministack.core.concurrency": ("run_reentrant",),
    "ministack.core.router": ("SERVICE_PATTERNS", "detect_service", "extract_access_key_id"),
    "ministack.services.cloudformation.changesets": ("_evaluate_conditions",),
    "ministack.services.cloudformation.custom_resource": ("deliver_response",),
    "ministack.services.cloudformation.engine": ("_evaluate_conditions", "_resolve_refs"),
    "ministack.services.cloudformation.handlers": ("_evaluate_conditions",),
    "ministack.services.cloudformation.provisioners": (
        "_REPLACING_PROPERTIES",
        "_RESOURCE_HANDLERS",
        "_STACK_TAG_PROPERTY",
        "_cr_stack_id",
        "_custom_resource_create",
        "_custom_resource_delete",
        "_physical_name",
    ),
    "ministack.services.cloudformation.stacks": ("_add_event", "_evaluate_conditions", "_roll_back_operation"),
    "ministack.services.ec2": ("_vpcs",),
    "ministack.services.eventbridge": ("_put_events",),
    "ministack.services.iam": ("_roles",),
    "ministack.services.s3": ("_buckets",),
    "ministack.services.stepfunctions": ("_find_matching_retrier",),
}


class MiniStackChangedError(RuntimeError):
    """The installed MiniStack lacks a name that the plugin needs."""


def missing_names() -> list[str]:
    """Return the private names that the installed MiniStack does not have, as `module.name`."""
    missing = []
    for module, names in PRIVATE_NAMES.items():
        try:
            loaded = importlib.import_module(module)
        except ImportError:
            missing.append(module)
            continue
        missing += [f"{module}.{name}" for name in names if not hasattr(loaded, name)]
    return missing


def check_private_names() -> None:
    """Refuse a MiniStack that the plugin does not fit.

    Raises:
        MiniStackChangedError: Names every private name that is gone.
    """
    missing = missing_names()
    if missing:
        raise MiniStackChangedError(
            f"This version of MiniStack does not have {', '.join(missing)}. Install the version that the extra "
            "[local] of cdk-clarify-monitors pins, or adapt server/_ministack.py."
        )


def _private(module: str, name: str) -> Any:
    """Return a private name of MiniStack; only those of `PRIVATE_NAMES` may be asked for."""
    if name not in PRIVATE_NAMES[module]:
        raise KeyError(f"{module}.{name}")
    return getattr(importlib.import_module(module), name)


def _replace(module: str, name: str, value: Any) -> None:
    """Put something else in the place of a private name."""
    _private(module, name)
    setattr(importlib.import_module(module), name, value)


_APP = "ministack.app"
_ACTIONS = "ministack.core.iam_actions"
_RESPONSES = "ministack.core.responses"
_ROUTER = "ministack.core.router"
_ENGINE = "ministack.services.cloudformation.engine"
_STACKS = "ministack.services.cloudformation.stacks"
_PROVISIONERS = "ministack.services.cloudformation.provisioners"
_CUSTOM = "ministack.services.cloudformation.custom_resource"


class MiniStackPlatform:
    """MiniStack, as the SageMaker control plane sees it."""

    def trust_policy(self, scope: Scope, role_arn: str) -> Mapping[str, Any] | None:
        """Return a role's trust policy, None if there is no such role."""
        with _scoped(scope):
            role = _private("ministack.services.iam", "_roles").get(role_arn.rpartition("/")[2])
        if role is None:
            return None
        document = role.get("AssumeRolePolicyDocument") or {}
        return json.loads(document) if isinstance(document, str) else document

    def role_credentials(self, scope: Scope, role_arn: str, session_name: str) -> Credentials:
        """Return credentials of a session of the role; without IAM enforcement those of the account."""
        session = {
            "FunctionArn": f"arn:aws:lambda:{scope.region}:{scope.account}:function:{session_name}",
            "FunctionName": session_name,
            "Role": role_arn,
        }
        found = _private("ministack.core.lambda_runtime", "execution_credentials")(session)
        token = found["AWS_SESSION_TOKEN"] or None
        return Credentials(found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], token)

    def denial(
        self, scope: Scope, access_key: str, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> str | None:
        """Return AWS's message if IAM denies the action."""
        if not _private(_APP, "AUTH"):
            return None
        enforce = _private("ministack.core.iam_evaluator", "enforce")
        service = action.partition(":")[0]
        with _scoped(scope):
            denied = enforce(
                access_key, action, service, scope.region, resource_arn=resource, service_context=dict(context or {})
            )
        if denied is None:
            return None
        decision = getattr(denied, "decision", None)
        if decision is None:  # the key itself is refused
            return str(denied.message)
        message = _private(_ACTIONS, "identity_denial_message")
        return str(message(action, denied.principal_arn, resource, decision == "Deny"))

    def publish(self, scope: Scope, detail_type: str, resource: str, detail: Mapping[str, Any]) -> None:
        """Send an event of `aws.sagemaker` to the account's default event bus."""
        entry = {
            "Source": "aws.sagemaker",
            "DetailType": detail_type,
            "Resources": [resource],
            "Detail": json.dumps(detail),
        }
        with _scoped(scope):
            _private("ministack.services.eventbridge", "_put_events")({"Entries": [entry]}, allow_aws_source=True)


def install(control_plane: ControlPlane, *, asks_every: float) -> None:
    """Plug SageMaker into MiniStack and close its gaps.

    Args:
        control_plane: SageMaker.
        asks_every: How many seconds lie at most between two attempts that Step Functions makes at a steady rate.

    Raises:
        MiniStackChangedError: The installed MiniStack is not the one this was written for.
    """
    check_private_names()
    _serve_sagemaker(control_plane)
    _name_resources_for_iam()
    _deny_as_sagemaker_does()
    for resource_type in resource_types(control_plane):
        _register(resource_type)
    _delete_after_failed_create()
    _limit_responses()
    _refuse_to_delete_full_buckets()
    _tell_the_cidr_block_of_a_vpc()
    _resolve_pseudo_parameters_in_conditions()
    _keep_log_records_of_python_functions()
    _ask_more_often(asks_every)


def with_faults(faults: Faults) -> Callable[..., Any]:
    """Return MiniStack's ASGI application, with calls failing that a test wants to fail."""
    application = _private(_APP, "app")
    detect_service, extract_action = _private(_ROUTER, "detect_service"), _private(_ACTIONS, "extract_iam_action")

    def due(scope: Mapping[str, Any]) -> CallFault | None:
        if not faults.any_call or scope["type"] != "http":
            return None
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
        method, path = scope["method"], scope["path"]
        service = detect_service(method, path, headers, query)
        action = extract_action(service, method, path, headers, b"", query)
        return faults.next_call(action, path) if action else None

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        fault = due(scope)
        if fault is None:
            await application(scope, receive, send)
            return
        if fault.lose_answer:

            async def drop(message: Any) -> None:
                """Let the answer of a call that was carried out disappear."""

            await application(scope, receive, drop)
        body, content_type = _error_body(fault)
        headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": fault.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return serve


def _error_body(fault: CallFault) -> tuple[bytes, bytes]:
    if fault.action.startswith("s3:"):
        text = f"<Error><Code>{fault.code}</Code><Message>{fault.message}</Message></Error>"
        return text.encode(), b"application/xml"
    return json.dumps({"__type": fault.code, "message": fault.message}).encode(), b"application/x-amz-json-1.1"


@contextlib.contextmanager
def _scoped(scope: Scope) -> Iterator[None]:
    with _private(_RESPONSES, "request_scope")(scope.account, scope.region):
        yield


def _current_scope() -> Scope:
    return Scope(_private(_RESPONSES, "get_account_id")(), _private(_RESPONSES, "get_region")())


# SageMaker


def _serve_sagemaker(control_plane: ControlPlane) -> None:
    """Make SageMaker one of MiniStack's services."""
    extract_access_key_id = _private(_ROUTER, "extract_access_key_id")

    async def handle_request(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Mapping[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        caller = Caller(extract_access_key_id(headers, query_params))
        status = 200
        answer: dict[str, Any]
        try:
            answer = control_plane.call(_current_scope(), operation, json.loads(body or b"{}"), caller)
        except ApiError as error:
            status, answer = error.status, {"__type": error.code, "message": str(error)}
        return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()

    module = types.SimpleNamespace(
        handle_request=handle_request,
        reset=control_plane.reset,
        get_state=lambda: None,  # nothing outlives the server
        load_persisted_state=lambda _: None,
    )
    _private(_APP, "_loaded_modules")[_MODULE] = module
    _private(_APP, "SERVICE_REGISTRY")["sagemaker"] = {"module": _MODULE}
    _private(_APP, "SERVICE_HANDLERS")["sagemaker"] = handle_request
    _private(_ROUTER, "SERVICE_PATTERNS")["sagemaker"] = {
        "target_prefixes": ["SageMaker."],
        "host_patterns": [r"api\.sagemaker\."],
    }


#: The parameter that names the resource of a request, and the ARN's segment, by what the operation's name ends with.
_RESOURCE_OF = {
    "ProcessingJob": ("ProcessingJobName", "processing-job"),
    "ModelBiasJobDefinition": ("JobDefinitionName", "model-bias-job-definition"),
    "ModelExplainabilityJobDefinition": ("JobDefinitionName", "model-explainability-job-definition"),
    "MonitoringSchedule": ("MonitoringScheduleName", "monitoring-schedule"),
}


def _name_resources_for_iam() -> None:
    """Tell IAM which resource a SageMaker request is about; MiniStack would take every one for `*`."""
    _private(_ACTIONS, "SERVICE_TO_IAM_NAMESPACE")["sagemaker"] = "sagemaker"
    extract = _private(_ACTIONS, "extract_resource_arn")

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
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            return "*"
        if operation in ("AddTags", "DeleteTags", "ListTags"):
            return request.get("ResourceArn", "*")
        for ending, (parameter, segment) in _RESOURCE_OF.items():
            if operation.endswith(ending) and parameter in request:
                return Scope(account_id, region).arn(segment, request[parameter])
        return "*"

    _replace(_ACTIONS, "extract_resource_arn", extract_resource_arn)


def _deny_as_sagemaker_does() -> None:
    """Answer a SageMaker request that IAM denies with SageMaker's error, not S3's."""
    respond = _private(_ACTIONS, "access_denied_response")

    def access_denied_response(service: str, action: str, principal_arn: str, request_id: str, **kwargs: Any) -> Any:
        if service == "sagemaker" and not kwargs.get("error_code"):
            resource, explicit = kwargs.get("resource_arn", "*"), kwargs.get("explicit_deny", False)
            text = _private(_ACTIONS, "identity_denial_message")(action, principal_arn, resource, explicit)
            body = json.dumps({"__type": "AccessDeniedException", "Message": text}).encode()
            return 400, {"Content-Type": "application/x-amz-json-1.1"}, body
        return respond(service, action, principal_arn, request_id, **kwargs)

    _replace(_ACTIONS, "access_denied_response", access_denied_response)


# CloudFormation


def _register(resource_type: ResourceType) -> None:
    """Make a resource type known to MiniStack's CloudFormation."""
    physical_name = _private(_PROVISIONERS, "_physical_name")

    def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        if resource_type.generates_name and resource_type.name_property not in properties:
            properties = {**properties, resource_type.name_property: physical_name(stack_name, logical_id, max_len=63)}
        return resource_type.create(_current_scope(), properties)

    def update(
        physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], stack_name: str
    ) -> tuple[str, dict[str, str]]:
        if resource_type.update is None:
            # MiniStack has replaced the resource by then, unless a property is missing in `create_only`.
            raise RuntimeError(f"{resource_type.name} cannot be updated in place")
        return resource_type.update(_current_scope(), physical_id, new)

    def delete(physical_id: str, properties: Mapping[str, Any]) -> None:
        resource_type.delete(_current_scope(), physical_id)

    _private(_PROVISIONERS, "_RESOURCE_HANDLERS")[resource_type.name] = {
        "create": create,
        "update": update,
        "delete": delete,
    }
    _private(_PROVISIONERS, "_REPLACING_PROPERTIES")[resource_type.name] = resource_type.create_only
    _private(_PROVISIONERS, "_STACK_TAG_PROPERTY")[resource_type.name] = ("Tags", "list")


def _delete_after_failed_create() -> None:
    """Send a custom resource whose Create failed its Delete when the stack rolls back, as CloudFormation does.

    The Delete carries the physical id of the failed answer; without an answer one that CloudFormation makes up.
    """
    create = _private(_PROVISIONERS, "_custom_resource_create")
    delete = _private(_PROVISIONERS, "_custom_resource_delete")
    stack_id_of = _private(_PROVISIONERS, "_cr_stack_id")
    deliver = _private(_CUSTOM, "deliver_response")
    roll_back = _private(_STACKS, "_roll_back_operation")
    answered: dict[tuple[str, str], str] = {}
    failed: dict[tuple[str, str], tuple[str, dict[str, Any], str]] = {}

    def deliver_response(token: str, response: dict[str, Any]) -> bool:
        physical_id = response.get("PhysicalResourceId")
        if physical_id:
            answered[response.get("StackId", ""), response.get("LogicalResourceId", "")] = physical_id
        return bool(deliver(token, response))

    def custom_resource_create(
        logical_id: str, properties: dict[str, Any], stack_name: str, resource_type: str = _CUSTOM_RESOURCE
    ) -> Any:
        key = (stack_id_of(stack_name), logical_id)
        answered.pop(key, None)
        try:
            return create(logical_id, properties, stack_name, resource_type)
        except Exception:
            made_up = _private(_PROVISIONERS, "_physical_name")(stack_name, logical_id)
            failed[key] = (answered.get(key, made_up), properties, resource_type)
            raise

    async def roll_back_operation(
        stack_name: str, stack_id: str, stack: dict[str, Any], operation: dict[str, Any], *args: Any, **kwargs: Any
    ) -> None:
        logical_id = operation.get("failed_logical_id")
        waiting = failed.pop((stack_id, logical_id), None) if logical_id else None
        if waiting is not None:
            physical_id, properties, resource_type = waiting
            add_event = _private(_STACKS, "_add_event")
            add_event(stack_id, stack_name, logical_id, resource_type, "DELETE_IN_PROGRESS", physical_id=physical_id)
            status, reason = "DELETE_COMPLETE", ""
            try:
                await _private("ministack.core.concurrency", "run_reentrant")(
                    delete, physical_id, properties, stack_name, logical_id, resource_type
                )
            except Exception as error:
                status, reason = "DELETE_FAILED", str(error)
            add_event(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id)
        await roll_back(stack_name, stack_id, stack, operation, *args, **kwargs)

    _replace(_CUSTOM, "deliver_response", deliver_response)
    _replace(_PROVISIONERS, "_custom_resource_create", custom_resource_create)
    _private(_PROVISIONERS, "_RESOURCE_HANDLERS")[_CUSTOM_RESOURCE]["create"] = custom_resource_create
    _replace(_STACKS, "_roll_back_operation", roll_back_operation)


def _limit_responses() -> None:
    """Refuse a custom resource's response that CloudFormation would find too long."""
    deliver = _private(_CUSTOM, "deliver_response")

    def deliver_response(token: str, response: dict[str, Any]) -> bool:
        if len(json.dumps(response).encode()) > _MAX_RESPONSE:
            kept = {name: response.get(name) for name in ("PhysicalResourceId", "StackId", "LogicalResourceId")}
            response = {**kept, "Status": "FAILED", "Reason": "Response object is too long."}
        return bool(deliver(token, response))

    _replace(_CUSTOM, "deliver_response", deliver_response)


def _refuse_to_delete_full_buckets() -> None:
    """Let the deletion of a bucket fail that still has objects."""
    handlers = _private(_PROVISIONERS, "_RESOURCE_HANDLERS")
    handler = handlers["AWS::S3::Bucket"]
    delete_bucket = handler["delete"]

    def delete(physical_id: str, properties: Mapping[str, Any]) -> None:
        bucket = _private("ministack.services.s3", "_buckets").get(physical_id)
        if bucket and bucket.get("objects"):
            raise ValueError(
                "The bucket you tried to delete is not empty (Service: S3, Status Code: 409, Extended Request ID: null)"
            )
        delete_bucket(physical_id, properties)

    handlers["AWS::S3::Bucket"] = {**handler, "delete": delete}


def _tell_the_cidr_block_of_a_vpc() -> None:
    """Answer `Fn::GetAtt` of a VPC's `CidrBlock`, which CDK's security groups ask for."""
    handlers = _private(_PROVISIONERS, "_RESOURCE_HANDLERS")
    handler = handlers["AWS::EC2::VPC"]
    create_vpc = handler["create"]

    def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        physical_id, attributes = create_vpc(logical_id, properties, stack_name)
        block = _private("ministack.services.ec2", "_vpcs")[physical_id]["CidrBlock"]
        return physical_id, {**attributes, "CidrBlock": block}

    handlers["AWS::EC2::VPC"] = {**handler, "create": create}


def _resolve_pseudo_parameters_in_conditions() -> None:
    """Let conditions see `AWS::Region` and its like; MiniStack compares their names instead of their values."""
    evaluate, resolve = _private(_ENGINE, "_evaluate_conditions"), _private(_ENGINE, "_resolve_refs")

    def evaluate_conditions(template: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
        scope = _current_scope()
        pseudo = {
            "AWS::AccountId": scope.account,
            "AWS::Partition": "aws",
            "AWS::Region": scope.region,
            "AWS::URLSuffix": "amazonaws.com",
        }
        known = {**{name: {"Value": value} for name, value in pseudo.items()}, **parameters}
        mappings = template.get("Mappings", {})

        def resolved(node: Any) -> Any:
            """Resolve the functions that conditions may hold beside the logical ones."""
            if isinstance(node, list):
                return [resolved(item) for item in node]
            if not isinstance(node, dict):
                return node
            if set(node) & {"Fn::FindInMap", "Fn::Join", "Fn::Split", "Fn::Sub"}:
                return resolve(node, {}, known, {}, mappings, "", "")
            return {key: resolved(value) for key, value in node.items()}

        return evaluate({**template, "Conditions": resolved(template.get("Conditions", {}))}, known)

    for module in (_ENGINE, _STACKS, "ministack.services.cloudformation.changesets"):
        _replace(module, "_evaluate_conditions", evaluate_conditions)
    _replace("ministack.services.cloudformation.handlers", "_evaluate_conditions", evaluate_conditions)


# Lambda

#: Lambda gives the root logger a handler before it imports a function's module.
_LOGGING_SETUP = """
import logging as _logging, sys as _sys, time as _time
_formatter = _logging.Formatter("[%(levelname)s]\\t%(asctime)s.%(msecs)03dZ\\t%(message)s", "%Y-%m-%dT%H:%M:%S")
_formatter.converter = _time.gmtime
_handler = _logging.StreamHandler(_sys.stderr)
_handler.setFormatter(_formatter)
_logging.getLogger().addHandler(_handler)
"""


def _keep_log_records_of_python_functions() -> None:
    """Send what Python functions log to their log group; MiniStack's worker drops it."""
    module = "ministack.core.lambda_runtime"
    _replace(module, "_PYTHON_WORKER_SCRIPT", _LOGGING_SETUP + _private(module, "_PYTHON_WORKER_SCRIPT"))


# Step Functions


def _ask_more_often(seconds: float) -> None:
    """Retry at most so many seconds apart where a state machine retries at a steady rate, and for as long as it would.

    CDK's waiters ask in this way whether a custom resource is ready. On AWS a job takes minutes and they ask every ten
    seconds; here it takes one.
    """
    module = "ministack.services.stepfunctions"
    find = _private(module, "_find_matching_retrier")

    def sooner(retrier: Mapping[str, Any]) -> Mapping[str, Any]:
        interval = retrier.get("IntervalSeconds", 1)
        if retrier.get("BackoffRate") != 1 or interval <= seconds:
            return retrier
        attempts = round(retrier.get("MaxAttempts", 3) * interval / seconds)
        return {**retrier, "IntervalSeconds": seconds, "MaxAttempts": attempts}

    def find_matching_retrier(retriers: list[Mapping[str, Any]], error: str, retry_counts: Mapping[int, int]) -> Any:
        return find([sooner(retrier) for retrier in retriers], error, retry_counts)

    _replace(module, "_find_matching_retrier", find_matching_retrier)
