"""The names that CloudFormation gives to resources whose template names none."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from cdk_clarify_monitors_local.server.ministack._private_names import PROVISIONERS, STACKS, private, replace

_SUFFIX_LENGTH = 12
_SUFFIX_CHARACTERS = string.ascii_uppercase + string.digits

#: The property with the name, of types that MiniStack names after the stack and the logical id alone.
_UNSUFFIXED = {
    "AWS::EC2::SecurityGroup": "GroupName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SSM::Parameter": "Name",
}


def end_in_random_text() -> None:
    """End generated names in a text that differs at each creation and stays over updates, as CloudFormation does.

    MiniStack derives the text from the stack's name, the logical id and a seed. It draws a seed for replacements and
    buckets only, so the roles of a stack that is destroyed and deployed again would have their old names.
    """
    seed = private(PROVISIONERS, "_NAME_SEED")
    provision = private(PROVISIONERS, "_provision_resource")
    update = private(PROVISIONERS, "_update_resource")
    unseeded_name = private(PROVISIONERS, "_physical_name")
    # MiniStack keeps the seed with the resource, but not that of a resource created in a nested stack.
    drawn: dict[tuple[str, str], str] = {}

    def physical_name(
        stack_name: str, logical_id: str, *, lowercase: bool = False, max_len: int = 128, seeded: bool = True
    ) -> str:
        if not seeded:  # a Lambda layer, whose versions share its name
            return str(unseeded_name(stack_name, logical_id, lowercase=lowercase, max_len=max_len, seeded=False))
        suffix = _suffix(f"{stack_name}:{logical_id}:{seed.get()}")
        prefix = f"{stack_name}-{logical_id}"[: max_len - len(suffix) - 1].rstrip("-")
        name = f"{prefix}-{suffix}"
        return name.lower() if lowercase else name

    def provision_resource(resource_type: str, logical_id: str, properties: Any, stack_name: str) -> Any:
        drawn[stack_name, logical_id] = uuid4().hex
        seed.set(drawn[stack_name, logical_id])
        return provision(resource_type, logical_id, properties, stack_name)

    def update_resource(
        resource_type: str,
        physical_id: str,
        old: Any,
        new: Any,
        stack_name: str,
        logical_id: str | None = None,
        old_attributes: Any = None,
    ) -> Any:
        if not seed.get():
            seed.set(drawn.get((stack_name, logical_id or physical_id), ""))
        return update(resource_type, physical_id, old, new, stack_name, logical_id, old_attributes)

    replace(PROVISIONERS, "_physical_name", physical_name)
    for module in (PROVISIONERS, STACKS):  # the first one's, imported by the other
        replace(module, "_provision_resource", provision_resource)
        replace(module, "_update_resource", update_resource)
    for resource_type, name_property in _UNSUFFIXED.items():
        _generate_name(resource_type, name_property)


def _generate_name(resource_type: str, name_property: str) -> None:
    physical_name = private(PROVISIONERS, "_physical_name")
    handlers = private(PROVISIONERS, "_RESOURCE_HANDLERS")
    create_resource, update_resource = handlers[resource_type]["create"], handlers[resource_type]["update"]

    def named(properties: Mapping[str, Any], stack_name: str, logical_id: str) -> dict[str, Any]:
        return {name_property: physical_name(stack_name, logical_id), **properties}

    def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> Any:
        return create_resource(logical_id, named(properties, stack_name, logical_id), stack_name)

    def update(
        physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], stack_name: str, logical_id: str
    ) -> Any:
        return update_resource(physical_id, old, named(new, stack_name, logical_id), stack_name, logical_id)

    handlers[resource_type] = {**handlers[resource_type], "create": create, "update": update}


def _suffix(key: str) -> str:
    digest = hashlib.sha256(key.encode()).digest()
    return "".join(_SUFFIX_CHARACTERS[byte % len(_SUFFIX_CHARACTERS)] for byte in digest[:_SUFFIX_LENGTH])
