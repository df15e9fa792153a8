"""Names that the resources of a kind have once, in all stacks of an app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from .._validation import InvalidValue, has_token, is_token

if TYPE_CHECKING:
    from constructs import Construct, IConstruct


class OnceOnly:
    """The names of the resources of a kind, by app. CloudFormation would find a second one at the deployment.

    Args:
        argument: The argument that has the name.
        kind: What they are called, such as `rule`.
    """

    def __init__(self, argument: str, kind: str) -> None:
        self._argument, self._kind = argument, kind
        self._found: dict[IConstruct, dict[tuple[Any, ...], Construct]] = {}

    def check(self, scope: Construct, name: str, *place: str) -> None:
        """Refuse a name that another resource has.

        Args:
            scope: What the resource is to be in.
            name: Its name; a token passes.
            place: Where the name is there once, such as account and region. If a part is a token, each stack is a place
                of its own.

        Raises:
            ValueError: It is taken.
        """
        other = self._found.get(scope.node.root, {}).get(_key(scope, name, place))
        if is_token(name) or other is None or not _is_in_app(other):
            return
        remedy = f"{other.node.path} has it; give each {self._kind} another"
        raise InvalidValue(self._argument, f"be the name of one {self._kind} only", name, remedy)

    def add(self, resource: Construct, name: str, *place: str) -> None:
        """Remember a resource that is made, with what `check` was given."""
        self._found.setdefault(resource.node.root, {})[_key(resource, name, place)] = resource


def _key(scope: Construct, name: str, place: tuple[str, ...]) -> tuple[Any, ...]:
    return name, place, cdk.Stack.of(scope) if has_token(place) else None


def _is_in_app(construct: IConstruct) -> bool:
    """Whether neither a construct nor something around it was removed."""
    scope = construct.node.scope
    return scope is None or (scope.node.try_find_child(construct.node.id) is construct and _is_in_app(scope))
