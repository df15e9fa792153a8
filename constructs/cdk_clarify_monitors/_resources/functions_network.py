"""The VPC of the Lambda functions, and what they need to be in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._permissions.statements import Statement, allow

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2

    from .._spec.stack_environment import StackEnvironment


@dataclass(frozen=True, kw_only=True)
class FunctionsNetwork:
    """Where the functions run: `BaselineFunctions.run_in_vpc` documents the members."""

    vpc: ec2.IVpc
    vpc_subnets: ec2.SubnetSelection | None
    security_groups: Sequence[ec2.ISecurityGroup] | None

    @property
    def references(self) -> dict[str, Any]:
        """The network by the names that JavaScript has for its members."""
        members = {"vpc": self.vpc, "vpcSubnets": self.vpc_subnets}
        groups = None if self.security_groups is None else [*self.security_groups]
        return {name: member for name, member in {**members, "securityGroups": groups}.items() if member is not None}


def network_policy(environment: StackEnvironment) -> list[Statement]:
    """The statements that Lambda needs to connect functions to a VPC, in their role.

    Source:
    [required IAM permissions](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions).
    Lambda takes no role that is confined to some interfaces; instead the functions' own code is denied what
    Lambda itself may do.
    """
    # A VPC that is shared has its subnets and security groups in the account of its owner.
    shared = f"arn:{environment.partition}:ec2:{environment.region}:*"
    interfaces = environment.arn("ec2", "network-interface/*")
    changes = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
    ]
    describes = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]  # no resource level
    return [
        allow(changes, [interfaces, f"{shared}:security-group/*", f"{shared}:subnet/*"]),
        allow(describes, "*"),
        {
            "Effect": "Deny",
            "Action": [*changes, *describes],
            "Resource": "*",
            "Condition": {"ArnLike": {"lambda:SourceFunctionArn": environment.arn("lambda", "function:*")}},
        },
    ]
