"""NetworkConfig: the network that the jobs of a monitor run in."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from .._lazy_module import LazyModule
from .._validation import InvalidValue, Validated, boolean, is_token, list_of, text, validated_by

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
else:
    ec2 = LazyModule("aws_cdk.aws_ec2")


@dataclass(frozen=True)
class NetworkConfig(Validated):
    """Isolation, encryption and VPC of the baselining job and the monitoring executions.

    Args:
        enable_network_isolation: Whether the containers have no network access. Default: no.
        security_group_ids: Ids of 1 to 5 security groups, together with `subnets`. Default: no VPC.
        subnets: Ids of 1 to 16 subnets, together with `security_group_ids`. Default: no VPC.
        encrypt_inter_container_traffic: Whether traffic between the instances of a job is encrypted. Default:
            SageMaker's, no.

    Raises:
        ValueError: A value is wrong, or only one of `security_group_ids` and `subnets` is given.
        TypeError: A value is of the wrong type.
    """

    enable_network_isolation: bool | None = field(default=None, metadata=validated_by(boolean))
    security_group_ids: Sequence[str] | None = field(
        default=None,
        metadata=validated_by(
            list_of(
                text(pattern="sg-[0-9a-zA-Z-]+", form="the id of a security group, sg-…", max_length=32), max_items=5
            )
        ),
    )
    subnets: Sequence[str] | None = field(
        default=None,
        metadata=validated_by(
            list_of(
                text(pattern="subnet-[0-9a-zA-Z-]+", form="the id of a subnet, subnet-…", max_length=32), max_items=16
            )
        ),
    )
    encrypt_inter_container_traffic: bool | None = field(default=None, metadata=validated_by(boolean))

    _instead_of: ClassVar[Mapping[str, str]] = {
        "vpc": "use NetworkConfig.from_vpc({value}, security_groups=[…])",
        "enableintercontainertrafficencryption": "write encrypt_inter_container_traffic={value}",
    }

    def _check_together(self) -> None:
        for name, other in (("security_group_ids", "subnets"), ("subnets", "security_group_ids")):
            if getattr(self, name) is None and getattr(self, other) is not None:
                raise InvalidValue(name, f"be given with '{other}'", None, "SageMaker takes both or none")

    @classmethod
    def from_vpc(
        cls,
        vpc: ec2.IVpc,
        *,
        security_groups: Sequence[ec2.ISecurityGroup],
        vpc_subnets: ec2.SubnetSelection | None = None,
        enable_network_isolation: bool | None = None,
        encrypt_inter_container_traffic: bool | None = None,
    ) -> Self:
        """The network configuration for a VPC, from the CDK's objects.

        Args:
            vpc: The VPC. Its subnets need a way to S3, SageMaker, CloudWatch and ECR: a NAT gateway or VPC endpoints.
            security_groups: 1 to 5 security groups of the jobs.
            vpc_subnets: Which subnets, 1 to 16. Default: the VPC's private subnets, as usual in the CDK.
            enable_network_isolation: As in the constructor.
            encrypt_inter_container_traffic: As in the constructor.

        Raises:
            ValueError: There are too few or too many subnets or security groups, or a group is of another VPC.
        """
        check_security_groups(vpc, security_groups)
        return cls(
            enable_network_isolation=enable_network_isolation,
            security_group_ids=[group.security_group_id for group in security_groups],
            subnets=subnet_ids(vpc, vpc_subnets),
            encrypt_inter_container_traffic=encrypt_inter_container_traffic,
        )


def check_security_groups(vpc: ec2.IVpc, groups: Sequence[ec2.ISecurityGroup]) -> None:
    """Refuse security groups of another VPC than the subnets, as far as the app knows.

    Raises:
        ValueError: There is one.
    """
    for i, group in enumerate(groups):
        pair: tuple[Any, Any] = (vpc, group)  # the CDK's types do not say that they can be hashed
        if other := _other_vpc(*pair):
            must = f"be of the VPC {vpc.node.path!r}, as the subnets are"
            remedy = f"it is of {other}: make a group there, ec2.SecurityGroup(self, 'Jobs', vpc=vpc)"
            raise InvalidValue(f"security_groups[{i}]", must, group.node.path, remedy)


@functools.cache
def _other_vpc(vpc: Any, group: Any) -> str:
    """The VPC of a group that is certainly another one; empty: it is the same, or that is not known.

    Once for each pair, which many monitors may share: each property is a call into JavaScript.
    """
    theirs, ours = getattr(group.node.default_child, "vpc_id", None), vpc.vpc_id
    if theirs is None or theirs == ours:
        return ""
    if is_token(theirs) and is_token(ours):
        # A token each of one VPC: resolved in one stack, they refer to the same resource.
        resolve = group.stack.resolve
        found = [_resource_in(resolve(each)) for each in (theirs, ours)]
        return "" if None in found or found[0] == found[1] else str(found[0])
    return "" if is_token(theirs) or is_token(ours) else repr(theirs)


def _resource_in(value: Any) -> str | None:
    """The logical id that a resolved value refers to; None: it is something else."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref":
            return str(argument)
        if function == "Fn::GetAtt":
            return str(argument[0] if isinstance(argument, Sequence) else argument)
    return None


def subnet_ids(vpc: ec2.IVpc, selection: ec2.SubnetSelection | None) -> Sequence[str]:
    """The ids of a VPC's subnets; without a selection, of its private ones."""
    criteria = ("availability_zones", "one_per_az", "subnet_filters", "subnet_group_name", "subnets", "subnet_type")
    selected = {} if selection is None else {name: getattr(selection, name) for name in criteria}
    try:
        found = vpc.select_subnets(**selected)
    except RuntimeError as error:
        raise InvalidValue("vpc_subnets", "be subnets of the VPC", selection, str(error).partition("\n")[0]) from None
    if not found.is_pending_lookup and not is_token(found.subnet_ids) and not found.subnet_ids:
        raise InvalidValue("vpc_subnets", "select at least one subnet", selection, "the VPC has none like that")
    if found.is_pending_lookup:
        # What stands for the subnets until the CDK has looked them up has another form than ids.
        return [f"subnet-{each}" for each in found.subnet_ids]
    return found.subnet_ids
