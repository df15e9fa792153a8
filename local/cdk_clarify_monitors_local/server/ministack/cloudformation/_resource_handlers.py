"""What MiniStack's CloudFormation does to create, update and delete resources of single types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server._platform import Scope
from cdk_clarify_monitors_local.server.cloudformation._inert_types import InertType
from cdk_clarify_monitors_local.server.cloudformation._resource_types import ResourceType
from cdk_clarify_monitors_local.server.ministack._private_names import EC2, PROVISIONERS, S3, private
from cdk_clarify_monitors_local.server.ministack.accounts._scope import current_scope


def register(resource_type: ResourceType) -> None:
    """Make a resource type known to MiniStack's CloudFormation."""
    physical_name = private(PROVISIONERS, "_physical_name")

    def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        if resource_type.generates_name and resource_type.name_property not in properties:
            properties = {**properties, resource_type.name_property: physical_name(stack_name, logical_id, max_len=63)}
        physical_id, attributes = resource_type.create(current_scope(), properties)
        system_tags = {"stack-name": stack_name, "logical-id": logical_id}
        resource_type.tag(
            current_scope(), physical_id, {f"aws:cloudformation:{key}": value for key, value in system_tags.items()}
        )
        return physical_id, attributes

    def update(
        physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], stack_name: str
    ) -> tuple[str, dict[str, str]]:
        if resource_type.update is None:
            # MiniStack has replaced the resource by then, unless a property is missing in `create_only`.
            raise RuntimeError(f"{resource_type.name} cannot be updated in place")
        return resource_type.update(current_scope(), physical_id, new)

    def delete(physical_id: str, properties: Mapping[str, Any]) -> None:
        resource_type.delete(current_scope(), physical_id)

    private(PROVISIONERS, "_RESOURCE_HANDLERS")[resource_type.name] = {
        "create": create,
        "update": update,
        "delete": delete,
    }
    private(PROVISIONERS, "_REPLACING_PROPERTIES")[resource_type.name] = resource_type.create_only
    private(PROVISIONERS, "_STACK_TAG_PROPERTY")[resource_type.name] = ("Tags", "list")


def register_inert(resource_type: InertType) -> None:
    """Make a resource type known of which nothing comes; one that MiniStack has stays."""
    handlers = private(PROVISIONERS, "_RESOURCE_HANDLERS")
    if resource_type.name in handlers:
        return
    physical_name = private(PROVISIONERS, "_physical_name")

    made: dict[tuple[Scope, str], dict[str, str]] = {}

    def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        name = physical_name(stack_name, logical_id, max_len=63)
        physical_id, attributes = resource_type.make(current_scope(), properties, name)
        made[current_scope(), physical_id] = attributes
        return physical_id, attributes

    def update(
        physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], stack_name: str
    ) -> tuple[str, dict[str, str]]:
        return physical_id, made.get((current_scope(), physical_id), {})

    def delete(physical_id: str, properties: Mapping[str, Any]) -> None:
        """Do nothing: there is nothing."""

    handlers[resource_type.name] = {"create": create, "update": update, "delete": delete}


def refuse_to_delete_full_buckets() -> None:
    """Let the deletion of a bucket fail that still has objects."""
    handlers = private(PROVISIONERS, "_RESOURCE_HANDLERS")
    handler = handlers["AWS::S3::Bucket"]
    delete_bucket = handler["delete"]

    def delete(physical_id: str, properties: Mapping[str, Any]) -> None:
        bucket = private(S3, "_buckets").get(physical_id)
        if bucket and bucket.get("objects"):
            raise ValueError(
                "The bucket you tried to delete is not empty (Service: S3, Status Code: 409, Extended Request ID: null)"
            )
        delete_bucket(physical_id, properties)

    handlers["AWS::S3::Bucket"] = {**handler, "delete": delete}


def tell_the_cidr_block_of_a_vpc() -> None:
    """Answer `Fn::GetAtt` of a VPC's `CidrBlock`, which CDK's security groups ask for."""
    handlers = private(PROVISIONERS, "_RESOURCE_HANDLERS")
    handler = handlers["AWS::EC2::VPC"]
    create_vpc = handler["create"]

    def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        physical_id, attributes = create_vpc(logical_id, properties, stack_name)
        block = private(EC2, "_vpcs")[physical_id]["CidrBlock"]
        return physical_id, {**attributes, "CidrBlock": block}

    handlers["AWS::EC2::VPC"] = {**handler, "create": create}
