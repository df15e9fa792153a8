"""What the monitors of one stack share: where they are, and what is made once for all of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import aws_cdk as cdk
from constructs import Construct

from . import _clarify_image
from ._checks import is_token
from ._default_bucket import default_bucket
from ._provider import BaselineProvider
from ._schedule_guard import ScheduleGuard

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3

    from ._functions_network import FunctionsNetwork

# Every property of a stack is a call into jsii, so they are asked for once. The stacks live as long as jsii's own table
# of objects, which is as long as the process.
_environments: dict[cdk.Stack, StackEnvironment] = {}


class StackEnvironment:
    """A stack's account, region and partition, literals or tokens as the app has it, and what its monitors share."""

    def __init__(self, stack: cdk.Stack) -> None:
        self.stack = stack
        self.region = stack.region
        self.account = stack.account
        self.partition = stack.partition
        self.tags = stack.tags.rendered_tags
        self.functions_network: FunctionsNetwork | None = None

    @classmethod
    def of(cls, scope: Construct) -> StackEnvironment:
        """The environment of the stack around a construct."""
        stack = cdk.Stack.of(scope)
        if stack not in _environments:
            _environments[stack] = cls(stack)
        return _environments[stack]

    @property
    def region_is_known(self) -> bool:
        """Whether the region is a literal."""
        return not is_token(self.region)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def path_of(self, construct: Construct) -> str:
        """The path of a construct in the stack that `name` is the name of."""
        return construct.node.path.removeprefix(self._path_prefix)

    @cached_property
    def name(self) -> str:
        """The stack's name. A nested stack has none before it is deployed, and counts as a part of its parent."""
        return self._named_stack.stack_name

    @cached_property
    def _path_prefix(self) -> str:
        return f"{self._named_stack.node.path}/"

    @cached_property
    def _named_stack(self) -> cdk.Stack:
        stack = self.stack
        while stack.nested_stack_parent and is_token(stack.stack_name):
            stack = stack.nested_stack_parent
        return stack

    @property
    def has_baseline_provider(self) -> bool:
        """Whether the provider is made already."""
        return "baseline_provider" in self.__dict__

    # ---------------------------------------------------------------- made on first use
    @cached_property
    def image_account(self) -> str:
        """The account that owns the Clarify image of the region."""
        return _clarify_image.image_account(self)

    @cached_property
    def bucket(self) -> s3.Bucket:
        """The bucket of the monitors that are given none."""
        return default_bucket(self.stack)

    @cached_property
    def baseline_provider(self) -> BaselineProvider:
        """The provider of the monitors' custom resources."""
        return BaselineProvider(self)

    @cached_property
    def schedule_guard(self) -> ScheduleGuard:
        """What holds up the deletion of schedules that are busy."""
        return ScheduleGuard(self.stack, self.baseline_provider)
