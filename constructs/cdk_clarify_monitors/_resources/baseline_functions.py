"""BaselineFunctions: the Lambda functions behind the baselines of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import aws_cdk as cdk
from constructs import Construct

from .._lazy_module import LazyModule
from .._validation import InvalidValue
from .functions_network import FunctionsNetwork
from .stack import MonitoredStack

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
else:
    ec2 = LazyModule("aws_cdk.aws_ec2")


class BaselineFunctions:
    """The Lambda functions behind the baselines of a stack. Its monitors share them, so their settings are per stack.

    Get them with `BaselineFunctions.of(stack)`. A nested stack has functions of its own. They have the settings of the
    stack around it, unless it has its own settings.
    """

    def __init__(self, stack: MonitoredStack) -> None:
        self._stack = stack

    @classmethod
    def of(cls, scope: Construct) -> Self:
        """The functions of the stack around a construct."""
        return cls(MonitoredStack.of(scope))

    def run_in_vpc(
        self,
        vpc: ec2.IVpc,
        *,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
    ) -> None:
        """Run the functions in a VPC: those of this library and those of the CDK's provider framework.

        They call S3, SageMaker, Lambda and Step Functions, and answer CloudFormation through a presigned URL of S3. So
        the subnets need a NAT gateway, or VPC endpoints for `s3`, `sagemaker.api`, `lambda` and `states`.

        Args:
            vpc: The VPC.
            vpc_subnets: Which subnets. Default: the VPC's private subnets, as usual in the CDK.
            security_groups: The functions' security groups. Default: a new one in each stack that allows outbound HTTPS
                and no inbound traffic.

        Raises:
            ValueError: The stack, or one nested in it, already has a monitor with a baseline; or the functions are
                already in another VPC, other subnets or security groups.
        """
        groups = None if security_groups is None else tuple(security_groups)
        network = FunctionsNetwork(vpc=vpc, vpc_subnets=vpc_subnets, security_groups=groups)
        set_up = self._stack.functions_network
        if set_up == network:
            return
        if set_up is not None:
            must = f"be called once for a stack, which is in {set_up.vpc.node.path!r} already"
            raise InvalidValue(
                "run_in_vpc", must, vpc.node.path, "decide for one VPC, one choice of subnets and security groups"
            )
        if any(each.has_functions and not each.functions_network for each in self._stacks()):
            must = "be called before the first monitor of the stack, or of one nested in it, is made"
            raise InvalidValue("run_in_vpc", must, vpc.node.path, "move the call up")
        for each in self._stacks():
            each.forget_functions()
        self._stack.functions_network = network

    def _stacks(self) -> list[MonitoredStack]:
        """The stacks for which the setting is: this one, and those nested in it."""
        stack = self._stack.stack
        nested = [found for found in stack.node.find_all() if isinstance(found, cdk.NestedStack)]
        return [self._stack, *map(MonitoredStack.of, nested)]
