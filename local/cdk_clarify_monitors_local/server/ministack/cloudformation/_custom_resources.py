"""How CloudFormation treats custom resources: a Delete after a failed Create, and the limit of a response."""

from __future__ import annotations

import json
from typing import Any

from cdk_clarify_monitors_local.server.ministack._private_names import (
    CONCURRENCY,
    CUSTOM_RESOURCE,
    PROVISIONERS,
    STACKS,
    private,
    replace,
)

_TYPE = "AWS::CloudFormation::CustomResource"
_MAX_RESPONSE = 4096  # bytes


def delete_after_failed_create() -> None:
    """Send a custom resource whose Create failed its Delete when the stack rolls back, as CloudFormation does.

    The Delete carries the physical id of the failed answer; without an answer one that CloudFormation makes up.
    """
    create = private(PROVISIONERS, "_custom_resource_create")
    delete = private(PROVISIONERS, "_custom_resource_delete")
    stack_id_of = private(PROVISIONERS, "_cr_stack_id")
    physical_name = private(PROVISIONERS, "_physical_name")
    deliver = private(CUSTOM_RESOURCE, "deliver_response")
    add_event = private(STACKS, "_add_event")
    roll_back = private(STACKS, "_roll_back_operation")
    run = private(CONCURRENCY, "run_reentrant")
    answered: dict[tuple[str, str], str] = {}
    failed: dict[tuple[str, str], tuple[str, dict[str, Any], str]] = {}

    def deliver_response(token: str, response: dict[str, Any]) -> bool:
        physical_id = response.get("PhysicalResourceId")
        if physical_id:
            answered[response.get("StackId", ""), response.get("LogicalResourceId", "")] = physical_id
        return bool(deliver(token, response))

    def custom_resource_create(
        logical_id: str, properties: dict[str, Any], stack_name: str, resource_type: str = _TYPE
    ) -> Any:
        key = (stack_id_of(stack_name), logical_id)
        answered.pop(key, None)
        try:
            return create(logical_id, properties, stack_name, resource_type)
        except Exception:
            made_up = physical_name(stack_name, logical_id)
            failed[key] = (answered.get(key, made_up), properties, resource_type)
            raise

    async def roll_back_operation(
        stack_name: str, stack_id: str, stack: dict[str, Any], operation: dict[str, Any], *args: Any, **kwargs: Any
    ) -> None:
        logical_id = operation.get("failed_logical_id")
        waiting = failed.pop((stack_id, logical_id), None) if logical_id else None
        if waiting is not None:
            physical_id, properties, resource_type = waiting
            add_event(stack_id, stack_name, logical_id, resource_type, "DELETE_IN_PROGRESS", physical_id=physical_id)
            status, reason = "DELETE_COMPLETE", ""
            try:
                await run(delete, physical_id, properties, stack_name, logical_id, resource_type)
            except Exception as error:
                status, reason = "DELETE_FAILED", str(error)
            add_event(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id)
        await roll_back(stack_name, stack_id, stack, operation, *args, **kwargs)

    replace(CUSTOM_RESOURCE, "deliver_response", deliver_response)
    replace(PROVISIONERS, "_custom_resource_create", custom_resource_create)
    private(PROVISIONERS, "_RESOURCE_HANDLERS")[_TYPE]["create"] = custom_resource_create
    replace(STACKS, "_roll_back_operation", roll_back_operation)


def limit_responses() -> None:
    """Refuse a custom resource's response that CloudFormation would find too long."""
    deliver = private(CUSTOM_RESOURCE, "deliver_response")

    def deliver_response(token: str, response: dict[str, Any]) -> bool:
        if len(json.dumps(response).encode()) > _MAX_RESPONSE:
            kept = {name: response.get(name) for name in ("PhysicalResourceId", "StackId", "LogicalResourceId")}
            response = {**kept, "Status": "FAILED", "Reason": "Response object is too long."}
        return bool(deliver(token, response))

    replace(CUSTOM_RESOURCE, "deliver_response", deliver_response)
