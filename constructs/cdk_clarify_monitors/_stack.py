"""What a monitor needs to know of the stack that it stands in."""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
from constructs import Construct

from ._checks import is_token


@dataclass(frozen=True)
class StackEnvironment:
    """Account, region and partition of a stack: literals where the app says them, tokens where it does not."""

    stack: cdk.Stack
    region: str
    account: str
    partition: str

    @classmethod
    def of(cls, scope: Construct) -> StackEnvironment:
        """The environment of the stack around a construct."""
        stack = cdk.Stack.of(scope)
        return cls(stack=stack, region=stack.region, account=stack.account, partition=stack.partition)

    @property
    def region_is_known(self) -> bool:
        """Whether the region is a literal."""
        return not is_token(self.region)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def name_and_path(self, construct: Construct) -> tuple[str, str]:
        """The name of the stack, and the path of a construct in it.

        A nested stack has no name before it is deployed: then it counts as a part of the path in its parent.
        """
        stack = self.stack
        while is_token(stack.stack_name) and stack.nested_stack_parent:
            stack = stack.nested_stack_parent
        return stack.stack_name, construct.node.path.removeprefix(f"{stack.node.path}/")
