"""What conditions of a CloudFormation template can see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server.ministack._private_names import (
    CHANGE_SETS,
    ENGINE,
    HANDLERS,
    STACKS,
    private,
    replace,
)
from cdk_clarify_monitors_local.server.ministack.accounts._scope import current_scope

#: The functions that conditions may hold beside the logical ones.
_FUNCTIONS = {"Fn::FindInMap", "Fn::Join", "Fn::Split", "Fn::Sub"}


def resolve_pseudo_parameters() -> None:
    """Let conditions see `AWS::Region` and its like; MiniStack compares their names instead of their values."""
    evaluate, resolve = private(ENGINE, "_evaluate_conditions"), private(ENGINE, "_resolve_refs")

    def evaluate_conditions(template: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
        scope = current_scope()
        pseudo = {
            "AWS::AccountId": scope.account,
            "AWS::Partition": "aws",
            "AWS::Region": scope.region,
            "AWS::URLSuffix": "amazonaws.com",
        }
        known = {**{name: {"Value": value} for name, value in pseudo.items()}, **parameters}
        mappings = template.get("Mappings", {})

        def resolved(node: Any) -> Any:
            if isinstance(node, list):
                return [resolved(item) for item in node]
            if not isinstance(node, dict):
                return node
            if set(node) & _FUNCTIONS:
                return resolve(node, {}, known, {}, mappings, "", "")
            return {key: resolved(value) for key, value in node.items()}

        return evaluate({**template, "Conditions": resolved(template.get("Conditions", {}))}, known)

    for module in (ENGINE, STACKS, CHANGE_SETS, HANDLERS):  # the first one's, imported by the others
        replace(module, "_evaluate_conditions", evaluate_conditions)
