"""BaselineFunctions: the Lambda functions behind the baselines of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from ._functions_network import FunctionsNetwork
from ._stack import StackEnvironment

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from constructs import Construct


class BaselineFunctions:
    """The Lambda functions behind the baselines of a stack: its monitors share them, so they are set up per stack.

    Get them with `BaselineFunctions.of(stack)`.
    """

    def __init__(self, environment: StackEnvironment) -> None:
        self._environment = environment

    @classmethod
    def of(cls, scope: Construct) -> Self:
        """The functions of the stack around a construct."""
        return cls(StackEnvironment.of(scope))

    def run_in_vpc(
        self,
        vpc: ec2.IVpc,
        *,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
    ) -> None:
        """Run the functions in a VPC: those of this library and those of the CDK's provider framework.

        They call S3, SageMaker, Lambda and Step Functions, and answer CloudFormation by a presigned URL of S3: the
        subnets need a NAT gateway, or VPC endpoints for `s3`, `sagemaker.api`, `lambda` and `states`.

        Args:
            vpc: The VPC.
            vpc_subnets: Which subnets. Default: the VPC's private subnets, as everywhere in the CDK.
            security_groups: The functions' security groups. Default: a new one that lets HTTPS out and nothing in.

        Raises:
            ValueError: The stack has a monitor with a baseline already: call this before the first one is made.
        """
        if self._environment.has_baseline_provider:
            raise ValueError("'run_in_vpc' must be called before the first monitor of the stack is made")
        self._environment.functions_network = FunctionsNetwork(
            vpc=vpc, vpc_subnets=vpc_subnets, security_groups=security_groups
        )
