"""The jobs in a VPC of the CDK's: subnets, security groups, connections, and the endpoints that they need there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from cdk_clarify_monitors import BaselineOptions, NetworkConfig
from tests.support.monitors.builders import (
    ENVIRONMENT,
    bias_monitor,
    data_config,
    document_of,
    explainability_monitor,
    only,
    template_of,
)
from tests.support.templates.annotations import warnings_of

ISOLATED = ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
PUBLIC = ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC)
SERVICES = ["ecr.api", "ecr.dkr", "logs", "monitoring"]
TO_ASK = ["sagemaker.api", "sagemaker.runtime"]


@pytest.fixture
def vpc(stack: cdk.Stack) -> ec2.Vpc:
    return ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)


@pytest.fixture
def isolated_vpc(stack: cdk.Stack) -> ec2.Vpc:
    return ec2.Vpc(stack, "Vpc", max_azs=2, subnet_configuration=[ISOLATED])


def add_endpoints(vpc: ec2.IVpc, *services: str) -> None:
    vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
    for name in services:
        vpc.add_interface_endpoint(name, service=ec2.InterfaceVpcEndpointAwsService(name))


def networks(stack: cdk.Stack) -> list[Any]:
    """The network of a bias monitor's executions, and of its baselining job."""
    template = template_of(stack)
    custom = only(template, "Custom::ClarifyBaseline")
    job = document_of(template)["Baselining"]["ProcessingJob"]["NetworkConfig"]
    for path, value in custom.get("Tokens", {}).get("String", {}).items():
        prefix = "/Baselining/ProcessingJob/NetworkConfig/VpcConfig/"
        if path.startswith(prefix):
            name, index = path.removeprefix(prefix).split("/")
            job["VpcConfig"][name][int(index)] = value
    return [only(template, "AWS::SageMaker::ModelBiasJobDefinition")["NetworkConfig"], job]


def warnings(stack: cdk.Stack) -> list[str]:
    return warnings_of(stack, "cdk-clarify-monitors:vpc-endpoints")


def rules(stack: cdk.Stack, kind: str) -> list[dict[str, Any]]:
    """The rules of security groups that are resources of their own."""
    found = template_of(stack).find_resources(f"AWS::EC2::SecurityGroup{kind}").values()
    return [rule["Properties"] for rule in found]


# ---------------------------------------------------------------- subnets and security groups
def test_private_subnets_and_a_new_group_are_the_default(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    bias_monitor(stack, vpc=vpc)

    group = {"Fn::GetAtt": ["BiasSecurityGroup486850E3", "GroupId"]}
    subnets = [stack.resolve(each.subnet_id) for each in vpc.private_subnets]
    for network in networks(stack):
        assert network["VpcConfig"] == {"SecurityGroupIds": [group], "Subnets": subnets}
        assert network["EnableNetworkIsolation"] is False
    made = only(template_of(stack), "AWS::EC2::SecurityGroup")
    assert made["VpcId"] == stack.resolve(vpc.vpc_id)
    assert [rule["CidrIp"] for rule in made["SecurityGroupEgress"]] == ["0.0.0.0/0"]
    assert "SecurityGroupIngress" not in made
    assert made["GroupDescription"].startswith("Automatic security group for the jobs of Clarify monitor StackBias")
    assert rules(stack, "Ingress") == []


@pytest.mark.parametrize("changes", [{"instance_count": 2}, {"baseline": BaselineOptions(instance_count=3)}])
def test_the_instances_of_one_job_may_talk(stack: cdk.Stack, vpc: ec2.Vpc, changes: dict[str, Any]) -> None:
    bias_monitor(stack, vpc=vpc, **changes)

    (rule,) = rules(stack, "Ingress")
    assert rule["GroupId"] == rule["SourceSecurityGroupId"]
    assert rule["IpProtocol"] == "-1"


@pytest.mark.parametrize("form", [lambda **criteria: ec2.SubnetSelection(**criteria), lambda **criteria: criteria])
def test_given_subnets_and_groups_are_taken(stack: cdk.Stack, vpc: ec2.Vpc, form: Any) -> None:
    groups = [ec2.SecurityGroup(stack, "Mine", vpc=vpc), ec2.SecurityGroup.from_security_group_id(stack, "Its", "sg-1")]
    bias_monitor(stack, vpc=vpc, vpc_subnets=form(subnet_type=ec2.SubnetType.PUBLIC), security_groups=groups)

    for network in networks(stack):
        assert network["VpcConfig"]["Subnets"] == [stack.resolve(each.subnet_id) for each in vpc.public_subnets]
        assert network["VpcConfig"]["SecurityGroupIds"] == [stack.resolve(each.security_group_id) for each in groups]
    template_of(stack).resource_count_is("AWS::EC2::SecurityGroup", 1)


def test_isolation_and_encryption_are_given_beside_the_vpc(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    config = NetworkConfig(encrypt_inter_container_traffic=True)
    bias_monitor(stack, vpc=vpc, network_config=config)

    for network in networks(stack):
        assert network["EnableInterContainerTrafficEncryption"] is True
        assert len(network["VpcConfig"]["Subnets"]) == 2


def test_the_vpc_may_belong_to_another_stack(app: cdk.App, stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(cdk.Stack(app, "Network", env=ENVIRONMENT), "Vpc", max_azs=1)
    bias_monitor(stack, vpc=vpc)

    assert template_of(stack).find_resources("AWS::EC2::SecurityGroup")
    assert [each.node.id for each in stack.dependencies] == ["Network"]
    assert warnings(stack) == []


def test_a_vpc_may_be_looked_up_later(stack: cdk.Stack) -> None:
    """The first synthesis, after which the CDK's command looks the VPC up, has no subnets yet."""
    bias_monitor(stack, vpc=ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-1"))

    assert len(networks(stack)[0]["VpcConfig"]["Subnets"]) == 2


def test_two_monitors_have_a_group_each(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    bias_monitor(stack, vpc=vpc)
    explainability_monitor(stack, vpc=vpc)

    template_of(stack).resource_count_is("AWS::EC2::SecurityGroup", 2)


# ---------------------------------------------------------------- what is refused
def refusals(stack: cdk.Stack, vpc: ec2.Vpc) -> list[tuple[type[Exception], str, dict[str, Any]]]:
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    ids = NetworkConfig(subnets=["subnet-1"], security_group_ids=["sg-1"])
    elsewhere = ec2.Vpc.from_vpc_attributes(
        stack,
        "Elsewhere",
        vpc_id="vpc-1",
        availability_zones=["a"],
        private_subnet_ids=["subnet-1"],
        region="us-east-1",
    )
    cfn_vpc, cfn_group = ec2.CfnVPC(stack, "CfnVpc"), ec2.CfnSecurityGroup(stack, "CfnGroup", group_description="x")
    return [
        (ValueError, "'vpc' must be left out with the 'subnets' of 'network_config', got", {"network_config": ids}),
        (ValueError, "'vpc' must be of the monitor's region (eu-central-1), got 'us-east-1'", {"vpc": elsewhere}),
        (ValueError, "'security_groups' must have at least one item, got []", {"security_groups": []}),
        (ValueError, "'security_groups' must name <", {"security_groups": [group] * 2}),
        (
            ValueError,
            "'vpc_subnets' must be subnets of the VPC, got SubnetSelection(subnet_group_name='none'): ",
            {"vpc_subnets": ec2.SubnetSelection(subnet_group_name="none")},
        ),
        (
            ValueError,
            "'vpc_subnets' must be subnets of the VPC, got SubnetSelection(subnet_group_name='x', ",
            {"vpc_subnets": ec2.SubnetSelection(subnet_group_name="x", subnet_type=ec2.SubnetType.PUBLIC)},
        ),
        (
            ValueError,
            "'vpc_subnets' must select at least one subnet, got SubnetSelection(availability_zones=['none'])",
            {"vpc_subnets": ec2.SubnetSelection(availability_zones=["none"])},
        ),
        (ValueError, "'security_groups' must have at most 5 items, got", {"security_groups": [group] * 6}),
        (ValueError, "'vpc_subnets' must be left out without 'vpc', got", {"vpc": None, "vpc_subnets": {}}),
        (ValueError, "'security_groups' must be left out without 'vpc'", {"vpc": None, "security_groups": [group]}),
        (TypeError, "'vpc' must be an ec2.IVpc, got 'vpc-1': wrap it: ec2.Vpc.from_lookup(self", {"vpc": "vpc-1"}),
        (TypeError, "'vpc' must be an ec2.IVpc, got <aws_cdk.aws_ec2.CfnVPC object>: wrap it", {"vpc": cfn_vpc}),
        (TypeError, "'security_groups' must be a list, got", {"security_groups": group}),
        (TypeError, "'security_groups[0]' must be an ec2.ISecurityGroup, got 'sg-1'", {"security_groups": ["sg-1"]}),
        (TypeError, "'security_groups[0]' must be an ec2.ISecurityGroup, got <", {"security_groups": [cfn_group]}),
        (
            TypeError,
            "'vpc_subnets' must be a SubnetSelection, got <SubnetType.PUBLIC",
            {"vpc_subnets": ec2.SubnetType.PUBLIC},
        ),
    ]


def test_what_is_no_network_is_refused(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    all_refusals = refusals(stack, vpc)
    before = [child.node.id for child in stack.node.children]
    for error, message, changes in all_refusals:
        with pytest.raises(error) as refused:
            bias_monitor(stack, **{"vpc": vpc, **changes})
        assert str(refused.value).startswith(message)
    assert [child.node.id for child in stack.node.children] == before


# ---------------------------------------------------------------- connections
def test_others_may_allow_the_jobs_in(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    monitor = bias_monitor(stack, vpc=vpc)
    database = ec2.SecurityGroup(stack, "Database", vpc=vpc)

    database.connections.allow_from(monitor, ec2.Port.tcp(5432))

    (rule,) = rules(stack, "Ingress")
    assert rule["GroupId"] == stack.resolve(database.security_group_id)
    assert rule["SourceSecurityGroupId"] == networks(stack)[0]["VpcConfig"]["SecurityGroupIds"][0]
    assert rule["FromPort"] == 5432


def test_the_jobs_are_allowed_to_go_out(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    mine = ec2.SecurityGroup(stack, "Mine", vpc=vpc, allow_all_outbound=False)
    monitor = bias_monitor(stack, vpc=vpc, security_groups=[mine])
    database = ec2.SecurityGroup(stack, "Database", vpc=vpc)

    monitor.connections.allow_to(database, ec2.Port.tcp(5432))

    (out,), (into,) = rules(stack, "Egress"), rules(stack, "Ingress")
    assert out["GroupId"] == into["SourceSecurityGroupId"] == stack.resolve(mine.security_group_id)
    # The baselining job starts after it may go out.
    (baseline,) = template_of(stack).find_resources("Custom::ClarifyBaseline").values()
    assert any("MinetoStackDatabase" in each for each in baseline["DependsOn"])


@pytest.mark.parametrize(
    "network_config", [None, NetworkConfig(subnets=["subnet-1"], security_group_ids=["sg-1"])], ids=["none", "ids"]
)
def test_without_a_vpc_there_are_no_connections(
    stack: cdk.Stack, vpc: ec2.Vpc, network_config: NetworkConfig | None
) -> None:
    monitor = bias_monitor(stack, network_config=network_config)

    with pytest.raises(ValueError, match="'vpc' must be given for a monitor to have connections, got None: write vpc="):
        monitor.connections  # noqa: B018
    with pytest.raises(RuntimeError, match="Stack/Bias has no connections: its jobs are in no VPC"):
        ec2.SecurityGroup(stack, "Database", vpc=vpc).connections.allow_from(monitor, ec2.Port.tcp(5432))


# ---------------------------------------------------------------- several instances of one job
def apart(stack: cdk.Stack) -> list[str]:
    return warnings_of(stack, "cdk-clarify-monitors:security-groups")


def _group(stack: cdk.Stack, vpc: ec2.Vpc, id_: str = "Mine", **arguments: Any) -> ec2.SecurityGroup:
    return ec2.SecurityGroup(stack, id_, vpc=vpc, **arguments)


def _l1_group(stack: cdk.Stack, vpc: ec2.Vpc, **arguments: Any) -> list[Any]:
    group = ec2.CfnSecurityGroup(stack, "L1", group_description="x", vpc_id=vpc.vpc_id, **arguments)
    return [ec2.SecurityGroup.from_security_group_id(stack, "OfL1", group.attr_group_id)]


def _with_rules(group: ec2.SecurityGroup, *ports: ec2.Port) -> list[Any]:
    for port in ports:
        group.connections.allow_internally(port)
    return [group]


def _towards(stack: cdk.Stack, vpc: ec2.Vpc, *, both: bool) -> list[Any]:
    first, second = _group(stack, vpc), _group(stack, vpc, "Second")
    second.connections.allow_from(first, ec2.Port.all_traffic())
    return [first, second] if both else [second]


APART: dict[str, Callable[[cdk.Stack, ec2.Vpc], list[Any]]] = {
    "no rules": lambda stack, vpc: [_group(stack, vpc)],
    "two groups": lambda stack, vpc: [_group(stack, vpc), _group(stack, vpc, "Other")],
    "one port": lambda stack, vpc: _with_rules(_group(stack, vpc), ec2.Port.tcp(443)),
    "some ports": lambda stack, vpc: _with_rules(_group(stack, vpc), ec2.Port.tcp_range(7000, 7100)),
    "UDP": lambda stack, vpc: _with_rules(_group(stack, vpc), ec2.Port.all_udp()),
    "ping": lambda stack, vpc: _with_rules(_group(stack, vpc), ec2.Port.icmp_ping()),
    "a rule for another group": lambda stack, vpc: _towards(stack, vpc, both=False),
    "in, but not out": lambda stack, vpc: [
        *_with_rules(group := _group(stack, vpc, allow_all_outbound=False)),
        *(group.add_ingress_rule(group, ec2.Port.all_traffic()) or []),
    ],
    "an L1 group": lambda stack, vpc: _l1_group(stack, vpc),
}


@pytest.mark.parametrize("groups", APART.values(), ids=APART.keys())
def test_instances_that_cannot_talk_are_warned_of(stack: cdk.Stack, vpc: ec2.Vpc, groups: Any) -> None:
    bias_monitor(stack, vpc=vpc, instance_count=2, security_groups=groups(stack, vpc))

    (warning,) = apart(stack)
    assert "call group.connections.allow_internally(ec2.Port.all_traffic())" in warning


TOGETHER: dict[str, Callable[[cdk.Stack, ec2.Vpc], list[Any]]] = {
    "all traffic": lambda stack, vpc: _with_rules(_group(stack, vpc), ec2.Port.all_traffic()),
    "all traffic, in and out": lambda stack, vpc: _with_rules(
        _group(stack, vpc, allow_all_outbound=False), ec2.Port.all_traffic()
    ),
    "all TCP": lambda stack, vpc: _with_rules(_group(stack, vpc), ec2.Port.all_tcp()),
    "unprivileged ports": lambda stack, vpc: _with_rules(_group(stack, vpc), ec2.Port.tcp_range(1024, 65_535)),
    "encrypted traffic": lambda stack, vpc: _with_rules(_group(stack, vpc), ec2.Port.esp()),
    "from one group to the other": lambda stack, vpc: _towards(stack, vpc, both=True),
    "the addresses of the VPC": lambda stack, vpc: [
        group := _group(stack, vpc),
        *(group.add_ingress_rule(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.all_tcp()) or []),
    ],
    "imported": lambda stack, vpc: [ec2.SecurityGroup.from_security_group_id(stack, "Its", "sg-1")],
    "one imported": lambda stack, vpc: [
        _group(stack, vpc),
        ec2.SecurityGroup.from_security_group_id(stack, "Its", "sg-1"),
    ],
    "the VPC's default group": lambda stack, vpc: [
        ec2.SecurityGroup.from_security_group_id(stack, "Its", vpc.vpc_default_security_group)
    ],
    "an L1 group with a rule": lambda stack, vpc: _l1_group(
        stack, vpc, security_group_ingress=[{"ipProtocol": "-1", "cidrIp": "10.0.0.0/8"}]
    ),
    "rules that the deployment decides": lambda stack, vpc: _l1_group(
        stack, vpc, security_group_ingress=cdk.Fn.condition_if("IsOpen", [], [])
    ),
    "a rule that the deployment decides": lambda stack, vpc: _l1_group(
        stack, vpc, security_group_ingress=[cdk.Fn.condition_if("IsOpen", {"IpProtocol": "-1"}, cdk.Aws.NO_VALUE)]
    ),
}


@pytest.mark.parametrize("groups", TOGETHER.values(), ids=TOGETHER.keys())
def test_instances_that_may_talk_get_no_warning(stack: cdk.Stack, vpc: ec2.Vpc, groups: Any) -> None:
    bias_monitor(stack, vpc=vpc, instance_count=2, security_groups=groups(stack, vpc))

    assert apart(stack) == []


def test_rules_that_are_added_later_count(app: cdk.App, stack: cdk.Stack) -> None:
    network = cdk.Stack(app, "Network", env=ENVIRONMENT)
    vpc = ec2.Vpc(network, "Vpc", max_azs=1)
    group = _group(network, vpc)
    bias_monitor(stack, vpc=vpc, security_groups=[group], baseline=BaselineOptions(instance_count=2))
    group.connections.allow_internally(ec2.Port.all_traffic())

    assert apart(stack) == []


def test_ids_of_groups_that_the_app_makes_are_looked_at(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    config = NetworkConfig.from_vpc(vpc, security_groups=[_group(stack, vpc)])
    bias_monitor(stack, instance_count=2, network_config=config)

    assert len(apart(stack)) == 1


def test_a_network_may_be_taken_out_of_the_definition(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    monitor = bias_monitor(stack, vpc=vpc, instance_count=2, security_groups=[_group(stack, vpc)])
    definition: Any = monitor.node.find_child("JobDefinition")
    definition.network_config = None

    assert apart(stack) == []


@pytest.mark.parametrize("own", [True, False])
def test_one_instance_and_a_group_of_its_own_are_fine(stack: cdk.Stack, vpc: ec2.Vpc, own: bool) -> None:
    bias_monitor(stack, vpc=vpc, **({"instance_count": 2} if own else {"security_groups": [_group(stack, vpc)]}))

    assert apart(stack) == []


# ---------------------------------------------------------------- order
def test_the_job_waits_until_it_can_reach_what_it_needs(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    bias_monitor(stack, vpc=vpc)
    add_endpoints(vpc, "logs")

    (baseline,) = template_of(stack).find_resources("Custom::ClarifyBaseline").values()
    waits = " ".join(baseline["DependsOn"])
    routes = template_of(stack).find_resources("AWS::EC2::Route", {"Properties": {"NatGatewayId": {}}})
    assert len(routes) == 2
    for part in [*routes, "VpcPrivateSubnet1RouteTableAssociation", "VpcS3", "Vpclogs"]:
        assert part in waits
    assert "VpcPublicSubnet1DefaultRoute" not in waits


def test_ids_of_the_app_are_waited_for_too(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    bias_monitor(stack, network_config=NetworkConfig.from_vpc(vpc, security_groups=[group]))

    (baseline,) = template_of(stack).find_resources("Custom::ClarifyBaseline").values()
    assert "VpcPrivateSubnet1DefaultRoute" in " ".join(baseline["DependsOn"])


# ---------------------------------------------------------------- endpoints
def test_what_an_isolated_vpc_lacks_is_warned_of(stack: cdk.Stack, isolated_vpc: ec2.Vpc) -> None:
    monitor = bias_monitor(stack, vpc=isolated_vpc)

    (warning,) = warnings(stack)
    assert warning.startswith(
        "no route leads out of the subnets of the jobs in the VPC Stack/Vpc, which has no endpoints for s3, ecr.api, "
        "ecr.dkr, logs, monitoring, sagemaker.api, sagemaker.runtime: add them (vpc.add_interface_endpoint; "
        "vpc.add_gateway_endpoint for s3), or choose subnets with a NAT gateway"
    )
    cdk.Annotations.of(monitor).acknowledge_warning("cdk-clarify-monitors:vpc-endpoints")
    assert warnings(stack) == []


def test_endpoints_that_are_added_later_count(stack: cdk.Stack, isolated_vpc: ec2.Vpc) -> None:
    bias_monitor(stack, vpc=isolated_vpc)
    add_endpoints(isolated_vpc, *SERVICES, *TO_ASK)

    assert warnings(stack) == []


def test_no_model_needs_no_sagemaker(stack: cdk.Stack, isolated_vpc: ec2.Vpc) -> None:
    bias_monitor(stack, vpc=isolated_vpc, model_config=None, data_config=data_config(predicted_label="debt"))
    add_endpoints(isolated_vpc, *SERVICES)

    assert warnings(stack) == []


def test_monitored_endpoint_that_is_asked_needs_sagemaker(stack: cdk.Stack, isolated_vpc: ec2.Vpc) -> None:
    explainability_monitor(stack, vpc=isolated_vpc)
    add_endpoints(isolated_vpc, *SERVICES)

    (warning,) = warnings(stack)
    assert "has no endpoints for sagemaker.api, sagemaker.runtime: " in warning


def _endpoints_of_another_vpc(stack: cdk.Stack, vpc: ec2.Vpc) -> dict[str, Any]:
    add_endpoints(ec2.Vpc(stack, "Other", max_azs=1), *SERVICES, *TO_ASK)
    return {"vpc": vpc}


def _network_of_l1s(stack: cdk.Stack, vpc: Any) -> dict[str, Any]:
    selected = [each.subnet_id for each in vpc.isolated_subnets]
    return {"network_config": NetworkConfig(subnets=selected, security_group_ids=["sg-1"])}


WARNED: dict[str, Callable[[cdk.Stack, ec2.Vpc], dict[str, Any]]] = {
    "ids of isolated subnets": _network_of_l1s,
    "NetworkConfig.from_vpc": lambda stack, vpc: {
        "network_config": NetworkConfig.from_vpc(
            vpc, security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")]
        )
    },
    # SageMaker's interfaces get no public address.
    "public subnets": lambda stack, vpc: {
        "vpc": ec2.Vpc(stack, "PublicVpc", max_azs=1, nat_gateways=0, subnet_configuration=[PUBLIC])
    },
    "one isolated subnet": lambda stack, vpc: {
        "vpc": (mixed := ec2.Vpc(stack, "Mixed", max_azs=1, nat_gateways=0, subnet_configuration=[PUBLIC, ISOLATED])),
        "vpc_subnets": ec2.SubnetSelection(subnets=mixed.isolated_subnets),
    },
    "endpoints of another VPC": _endpoints_of_another_vpc,
    "a VPC of another stack": lambda stack, vpc: {
        "vpc": ec2.Vpc(
            cdk.Stack(cdk.App.of(stack), "Network", env=ENVIRONMENT), "V", max_azs=1, subnet_configuration=[ISOLATED]
        )
    },
}


@pytest.mark.parametrize("arguments", WARNED.values(), ids=WARNED.keys())
def test_subnets_without_a_way_out_are_warned_of(stack: cdk.Stack, isolated_vpc: ec2.Vpc, arguments: Any) -> None:
    bias_monitor(stack, **arguments(stack, isolated_vpc))

    assert len(warnings(stack)) == 1


def _with_transit_gateway(stack: cdk.Stack, vpc: ec2.Vpc) -> dict[str, Any]:
    for subnet in vpc.isolated_subnets:
        subnet.add_route(  # type: ignore[attr-defined]
            "Out", router_type=ec2.RouterType.TRANSIT_GATEWAY, router_id="tgw-1"
        )
    return {"vpc": vpc}


def _with_fips_endpoints(stack: cdk.Stack, vpc: ec2.Vpc) -> dict[str, Any]:
    add_endpoints(vpc, *(f"{name}-fips" for name in [*SERVICES, *TO_ASK]))
    return {"vpc": vpc}


def _with_l1_endpoints(stack: cdk.Stack, vpc: ec2.Vpc) -> dict[str, Any]:
    for number, name in enumerate(["s3", *SERVICES, *TO_ASK]):
        service = cdk.Fn.sub(f"com.amazonaws.${{AWS::Region}}.{name}")
        ec2.CfnVPCEndpoint(stack, f"Endpoint{number}", vpc_id=vpc.vpc_id, service_name=service)
    return {"vpc": vpc}


def _with_unknown_endpoint(stack: cdk.Stack, vpc: ec2.Vpc) -> dict[str, Any]:
    service = cdk.CfnParameter(stack, "Service").value_as_string
    ec2.CfnVPCEndpoint(stack, "Endpoint", vpc_id=vpc.vpc_id, service_name=service)
    return {"vpc": vpc}


def _imported(stack: cdk.Stack, vpc: ec2.Vpc) -> dict[str, Any]:
    zones, ids = ["eu-central-1a"], ["subnet-1"]
    return {
        "vpc": ec2.Vpc.from_vpc_attributes(
            stack, "Imported", vpc_id="vpc-1", availability_zones=zones, isolated_subnet_ids=ids
        )
    }


def _own_subnet_of_imported(stack: cdk.Stack, vpc: ec2.Vpc) -> dict[str, Any]:
    subnet = ec2.PrivateSubnet(stack, "S", availability_zone="eu-central-1a", cidr_block="10.0.9.0/24", vpc_id="vpc-1")
    return {"network_config": NetworkConfig(subnets=[subnet.subnet_id], security_group_ids=["sg-1"])}


NOT_WARNED: dict[str, Callable[[cdk.Stack, ec2.Vpc], dict[str, Any]]] = {
    "no VPC": lambda stack, vpc: {},
    "ids": lambda stack, vpc: {"network_config": NetworkConfig(subnets=["subnet-1"], security_group_ids=["sg-1"])},
    "a NAT gateway": lambda stack, vpc: {"vpc": ec2.Vpc(stack, "Nat", max_azs=1)},
    "a NAT instance": lambda stack, vpc: {
        "vpc": ec2.Vpc(
            stack,
            "Nat",
            max_azs=1,
            nat_gateway_provider=ec2.NatProvider.instance_v2(instance_type=ec2.InstanceType("t3.micro")),
        )
    },
    "a transit gateway": _with_transit_gateway,
    "endpoints with FIPS": _with_fips_endpoints,
    "endpoints by their L1": _with_l1_endpoints,
    "an endpoint that the deployment knows": _with_unknown_endpoint,
    "an imported VPC": _imported,
    "a VPC to look up": lambda stack, vpc: {"vpc": ec2.Vpc.from_lookup(stack, "Looked", vpc_id="vpc-1")},
    "a subnet of an imported VPC": _own_subnet_of_imported,
}


@pytest.mark.parametrize("arguments", NOT_WARNED.values(), ids=NOT_WARNED.keys())
def test_what_may_have_a_way_out_gets_no_warning(stack: cdk.Stack, isolated_vpc: ec2.Vpc, arguments: Any) -> None:
    bias_monitor(stack, **arguments(stack, isolated_vpc))

    assert warnings(stack) == []


def test_endpoints_of_another_stack_count(app: cdk.App, stack: cdk.Stack) -> None:
    network = cdk.Stack(app, "Network", env=ENVIRONMENT)
    vpc = ec2.Vpc(network, "Vpc", max_azs=1, subnet_configuration=[ISOLATED])
    bias_monitor(stack, vpc=vpc)
    add_endpoints(vpc, *SERVICES, *TO_ASK)

    assert warnings(stack) == []


def test_a_region_that_is_unknown_changes_nothing(agnostic_stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(agnostic_stack, "Vpc", max_azs=1, subnet_configuration=[ISOLATED])
    bias_monitor(agnostic_stack, vpc=vpc)
    add_endpoints(vpc, *SERVICES, *TO_ASK)

    assert warnings(agnostic_stack) == []


def test_two_syntheses_of_a_network_give_the_same_template(stack: cdk.Stack, isolated_vpc: ec2.Vpc) -> None:
    bias_monitor(stack, vpc=isolated_vpc)

    first, second = (json.dumps(template_of(stack).to_json()) for _ in range(2))
    assert first == second
