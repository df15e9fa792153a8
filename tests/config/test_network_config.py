"""NetworkConfig: the API's form, and what CDK's objects become."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from cdk_clarify_monitors import NetworkConfig
from cdk_clarify_monitors._spec.api_requests import network


@pytest.fixture(scope="module")
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(analytics_reporting=False), "Stack")


@pytest.fixture(scope="module")
def vpc(stack: cdk.Stack) -> ec2.Vpc:
    return ec2.Vpc(stack, "Vpc", max_azs=2)


@pytest.fixture(scope="module")
def group(stack: cdk.Stack, vpc: ec2.Vpc) -> ec2.SecurityGroup:
    return ec2.SecurityGroup(stack, "Group", vpc=vpc)


@pytest.mark.parametrize(
    ("config", "request_"),
    [
        (NetworkConfig(), {"EnableNetworkIsolation": False}),
        (NetworkConfig(True), {"EnableNetworkIsolation": True}),
        (
            NetworkConfig(False, ["sg-1"], ["subnet-1", "subnet-2"], False),
            {
                "EnableNetworkIsolation": False,
                "EnableInterContainerTrafficEncryption": False,
                "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
            },
        ),
    ],
)
def test_a_network_becomes_its_part_of_the_request(config: NetworkConfig, request_: dict[str, Any]) -> None:
    assert network(config) == request_


def test_the_private_subnets_of_a_vpc_are_the_default(stack: cdk.Stack, vpc: ec2.Vpc, group: ec2.SecurityGroup) -> None:
    config = NetworkConfig.from_vpc(vpc, security_groups=[group], encrypt_inter_container_traffic=True)

    assert config.subnets == tuple(subnet.subnet_id for subnet in vpc.private_subnets)
    assert len(config.subnets) == 2
    assert config.security_group_ids == (group.security_group_id,)
    assert (network(config) or {})["EnableInterContainerTrafficEncryption"] is True
    resolved = stack.resolve((network(config) or {})["VpcConfig"]["SecurityGroupIds"])
    assert resolved == [{"Fn::GetAtt": [stack.get_logical_id(group.node.default_child), "GroupId"]}]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "selection",
    [ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC), ec2.SubnetSelection(subnet_group_name="Public")],
)
def test_subnets_are_selected(vpc: ec2.Vpc, group: ec2.SecurityGroup, selection: ec2.SubnetSelection) -> None:
    config = NetworkConfig.from_vpc(vpc, security_groups=[group], vpc_subnets=selection)

    assert config.subnets == tuple(subnet.subnet_id for subnet in vpc.public_subnets)


def test_a_list_of_subnets_is_a_selection(vpc: ec2.Vpc, group: ec2.SecurityGroup) -> None:
    selection = ec2.SubnetSelection(subnets=[vpc.private_subnets[0]])

    config = NetworkConfig.from_vpc(vpc, security_groups=[group], vpc_subnets=selection)

    assert config.subnets == (vpc.private_subnets[0].subnet_id,)


def test_too_many_security_groups_are_refused(vpc: ec2.Vpc, group: ec2.SecurityGroup) -> None:
    with pytest.raises(ValueError, match="'security_group_ids' must have at most 5 items"):
        NetworkConfig.from_vpc(vpc, security_groups=[group] * 6)


def test_no_security_group_is_refused(vpc: ec2.Vpc) -> None:
    with pytest.raises(ValueError, match="'security_group_ids' must have at least one item"):
        NetworkConfig.from_vpc(vpc, security_groups=[])
