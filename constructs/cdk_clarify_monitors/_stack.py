"""What the monitors of one stack share: where they are, and what is made once for all of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from constructs import Construct

from ._batch import Batch
from ._clarify_image import ClarifyImage
from ._default_bucket import BUCKET_ID, make_bucket
from ._provider import BaselineProvider
from ._schedule_guard import ScheduleGuard
from ._substitution import Substitution
from ._validation import InvalidValue, is_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_s3 as s3

    from ._config.analysis.data_config import DataConfig
    from ._functions_network import FunctionsNetwork

# Every property of a construct is a call into jsii, so they are asked for once. Constructs live as long as jsii's own
# table of objects, which is as long as the process.
_environments: dict[Construct, StackEnvironment] = {}

# Where the CDK keeps it: https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/core/lib/helpers-internal/customize-roles.ts
_CUSTOMIZED_ROLES = "@aws-cdk/iam:customizeRoles"


class StackEnvironment:
    """A stack's account, region and partition, literals or tokens as the app has it, and what its monitors share."""

    def __init__(self, stack: cdk.Stack) -> None:
        self.stack = stack
        batch = Batch()
        region, account, partition, name = (
            batch.get(stack, each) for each in ("region", "account", "partition", "stackName")
        )
        tags = batch.call("aws-cdk-lib.Token", "asString", batch.get(batch.get(stack, "tags"), "renderedTags"))
        known = batch.run()
        self.region: str = known[region]
        self.account: str = known[account]
        self.partition: str = known[partition]
        self.tags: str = known[tags]
        self._stack_name = known[name]
        self.substituted: Substitution = Substitution()
        self.substituted.know(self.partition, "AWS::Partition")
        self.substituted.know(self.region, "AWS::Region")
        self.substituted.know(self.account, "AWS::AccountId")
        self.functions_network: FunctionsNetwork | None = None
        self.managed_policies: dict[str, str] = {}  # ARNs, by name
        self.schedule_names: set[str] = set()
        self._paths: dict[Construct, str] = {}
        self._customizes_roles: dict[Construct, bool] = {}
        self._values: dict[str, str | None] = {}

    @classmethod
    def of(cls, scope: Construct) -> StackEnvironment:
        """The environment of the stack around a construct."""
        if scope not in _environments:
            stack = cdk.Stack.of(scope)
            if stack not in _environments:
                _environments[stack] = cls(stack)
            _environments[scope] = _environments[stack]
        return _environments[scope]

    @property
    def region_is_known(self) -> bool:
        """Whether the region is a literal."""
        return not is_token(self.region)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def path_of(self, scope: Construct, id_: str) -> str:
        """The path of a construct in the stack that `name` is the name of."""
        if scope not in self._paths:
            inside = scope is not self._named.stack
            self._paths[scope] = f"{scope.node.path}/".removeprefix(self._path_prefix) if inside else ""
        return self._paths[scope] + id_.replace("/", "--")  # as constructs do it

    def customizes_roles(self, scope: Construct) -> bool:
        """Whether `iam.Role.customize_roles` was called for a scope or one around it."""
        if scope not in self._customizes_roles:
            self._customizes_roles[scope] = scope.node.try_get_context(_CUSTOMIZED_ROLES) is not None
        return self._customizes_roles[scope]

    def check_schedule_name(self, name: str | None) -> None:
        """Refuse a name that another monitor's schedule has.

        Raises:
            ValueError: It is taken.
        """
        if name in self.schedule_names:
            remedy = "give each monitor of the stack another, or none"
            raise InvalidValue("monitor_schedule_name", "be the name of one schedule only", name, remedy)

    def check_asset(self, data_config: DataConfig) -> None:
        """Refuse a data set that is an asset of another account or region: jobs could not read it there.

        Raises:
            ValueError: It is, as far as the app knows.
        """
        if (scope := data_config._asset_scope) is None:
            return
        there = self.of(scope)
        pairs = ((there.account, self.account), (there.region, self.region))
        if any(theirs != ours for theirs, ours in pairs if not is_token(theirs) and not is_token(ours)):
            must = f"have its asset in the monitor's account and region ({self.account}, {self.region})"
            remedy = "make it with DataConfig.from_asset in the monitor's stack"
            raise InvalidValue("data_config", must, (there.account, there.region), remedy)

    def once(self, value: Mapping[str, Any]) -> Any:
        """A JSON value that the monitors of a stack may have in common, in short, and to be sent to jsii once.

        Returns:
            The value with `Fn::Sub` where it can be, or the token that stands for that when it is needed again.
        """
        text = repr(value)
        if text not in self._values:
            self._values[text] = None
            return self.substituted(value)
        if self._values[text] is None:
            batch = Batch()
            self._values[text] = batch.answer(batch.call("aws-cdk-lib.Token", "asString", self.substituted(value)))
        return self._values[text]

    @cached_property
    def name(self) -> str:
        """The stack's name. A nested stack has none before it is deployed, and counts as a part of its parent."""
        return self._named._stack_name

    @cached_property
    def _path_prefix(self) -> str:
        return f"{self._named.stack.node.path}/"

    @cached_property
    def _named(self) -> StackEnvironment:
        if is_token(self._stack_name) and (parent := self.stack.nested_stack_parent):
            return self.of(parent)._named
        return self

    @property
    def has_baseline_provider(self) -> bool:
        """Whether the provider is made already."""
        return "baseline_provider" in self.__dict__

    # ---------------------------------------------------------------- made on first use
    @cached_property
    def image(self) -> ClarifyImage:
        """The Clarify image of the region."""
        return ClarifyImage.of(self)

    @property
    def bucket(self) -> s3.Bucket:
        """The bucket of the monitors that are given none."""
        assert self.bucket_name  # noqa: S101  makes it
        return cast("s3.Bucket", self.stack.node.find_child(BUCKET_ID))

    @cached_property
    def bucket_name(self) -> str:
        """Its name."""
        name, logical_id = make_bucket(self.stack)
        self.substituted.know(name, logical_id)
        return name

    @cached_property
    def baseline_provider(self) -> BaselineProvider:
        """The provider of the monitors' custom resources."""
        return BaselineProvider(self)

    @cached_property
    def schedule_guard(self) -> ScheduleGuard:
        """What holds up the deletion of schedules that are busy."""
        return ScheduleGuard(self.stack, self.baseline_provider.service_token)
