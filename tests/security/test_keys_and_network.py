"""Keys, buckets, roles and networks that users bring."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import BaselineFunctions, NetworkConfig
from tests.support.monitors.builders import bias_monitor, data_config, explainability_monitor, model_config
from tests.support.templates.annotations import warnings_of
from tests.support.templates.iam import ACCOUNT, REGION, Request, Synthesize, Template, allows, as_list

_HANDLERS = "ClarifyBaselineProviderHandlerRole"


def warnings(stack: cdk.Stack, id_: str) -> list[str]:
    """The warnings with an id on a stack's constructs."""
    return warnings_of(stack, f"cdk-clarify-monitors:{id_}")


def promised(warning: str) -> Any:
    """The JSON that a warning tells to add by hand."""
    start = min(position for position in (warning.find("["), warning.find("{")) if position >= 0)
    return json.JSONDecoder().raw_decode(warning[start:])[0]


# ---------------------------------------------------------------- keys
def test_a_key_of_the_app_encrypts_jobs_and_uploads(stack: cdk.Stack, synthesize: Synthesize) -> None:
    output, volume = kms.Key(stack, "Output"), kms.Key(stack, "Volume")
    bias_monitor(stack, output_kms_key=output, volume_kms_key=volume)
    template = synthesize(stack)
    arn = {name: f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{id_}" for name, id_ in _logical_ids(template).items()}
    (definition,) = template.of_type("AWS::SageMaker::ModelBiasJobDefinition").values()
    assert definition["ModelBiasJobOutputConfig"]["KmsKeyId"] == arn["Output"]
    assert definition["JobResources"]["ClusterConfig"]["VolumeKmsKeyId"] == arn["Volume"]
    (baseline,) = template.of_type("Custom::ClarifyBaseline").values()
    tokens = baseline["Tokens"]["String"]
    assert tokens["/UploadKmsKeyId"] == arn["Output"]
    assert tokens["/Baselining/ProcessingJob/ProcessingOutputConfig/KmsKeyId"] == arn["Output"]
    assert tokens["/Baselining/ProcessingJob/ProcessingResources/ClusterConfig/VolumeKmsKeyId"] == arn["Volume"]
    jobs, handlers = template.role("BiasRole"), template.role(_HANDLERS)
    assert allows(jobs, Request("kms:GenerateDataKey", arn["Output"]))
    by_service = {"kms:GrantIsForAWSResource": "true"}
    assert allows(jobs, Request("kms:CreateGrant", arn["Volume"], by_service))
    assert not allows(jobs, Request("kms:CreateGrant", arn["Volume"]))
    assert not allows(jobs, Request("kms:CreateGrant", arn["Output"], by_service))
    assert allows(handlers, Request("kms:GenerateDataKey", arn["Output"]))
    assert not allows(handlers, Request("kms:GenerateDataKey", arn["Volume"]))
    # The keys' policies leave it to IAM who of their account may use them.
    for key in template.of_type("AWS::KMS::Key").values():
        (statement,) = key["KeyPolicy"]["Statement"]
        assert statement["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        assert statement["Action"] == "kms:*"


def _logical_ids(template: Template) -> dict[str, str]:
    return {
        name: id_ for id_ in template.of_type("AWS::KMS::Key") for name in ("Output", "Volume") if id_.startswith(name)
    }


def test_a_bucket_with_a_key_brings_the_key_along(stack: cdk.Stack, synthesize: Synthesize) -> None:
    bucket = s3.Bucket(stack, "Mine", encryption=s3.BucketEncryption.KMS)
    bias_monitor(stack, bucket=bucket)
    template = synthesize(stack)
    (key,) = template.of_type("AWS::KMS::Key")
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"
    for role in ("BiasRole", _HANDLERS):
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            assert allows(template.role(role), Request(action, arn)), (role, action)
    (baseline,) = template.of_type("Custom::ClarifyBaseline").values()
    assert "UploadKmsKeyId" not in json.loads(baseline["Baseline"])  # the bucket's default applies


def test_an_alias_stands_for_the_key_that_it_points_to(stack: cdk.Stack, synthesize: Synthesize) -> None:
    alias = kms.Alias.from_alias_name(stack, "Alias", "alias/loans")
    bias_monitor(stack, output_kms_key=alias)
    template = synthesize(stack)
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd"
    for role in ("BiasRole", _HANDLERS):
        statements = template.role(role)
        assert allows(statements, Request("kms:GenerateDataKey", key, {"kms:ResourceAliases": ["alias/loans"]}))
        assert not allows(statements, Request("kms:GenerateDataKey", key, {"kms:ResourceAliases": ["alias/other"]}))
        assert not allows(statements, Request("kms:GenerateDataKey", key))


def test_a_key_of_another_account_needs_its_owner(stack: cdk.Stack) -> None:
    arn = f"arn:aws:kms:{REGION}:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    bias_monitor(stack, output_kms_key=kms.Key.from_key_arn(stack, "Key", arn))
    (warning,) = warnings(stack, "key")
    assert arn in warning
    assert promised(warning) == {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"],
        "Resource": "*",
    }


def test_a_key_of_the_same_account_needs_nobody(stack: cdk.Stack) -> None:
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    bias_monitor(stack, output_kms_key=kms.Key.from_key_arn(stack, "Key", arn))
    assert warnings(stack, "key") == []


def test_an_imported_bucket_relies_on_the_roles_permissions(stack: cdk.Stack, synthesize: Synthesize) -> None:
    bias_monitor(stack, bucket=s3.Bucket.from_bucket_name(stack, "Given", "given"))
    assert warnings(stack, "bucket") == []
    statements = synthesize(stack).role("BiasRole")
    assert any("arn:aws:s3:::given" in as_list(s["Resource"]) for s in statements)


def test_a_bucket_of_another_account_needs_its_owner(stack: cdk.Stack) -> None:
    given = s3.Bucket.from_bucket_attributes(stack, "Given", bucket_name="given", account="999999999999")
    bias_monitor(stack, bucket=given)
    (warning,) = warnings(stack, "bucket")
    statement = promised(warning)
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert statement["Resource"] == ["arn:aws:s3:::given", "arn:aws:s3:::given/*"]


# ---------------------------------------------------------------- roles
def _role(stack: cdk.Stack, how: str) -> iam.IRole:
    arn, service = f"arn:aws:iam::{ACCOUNT}:role/given", iam.ServicePrincipal("sagemaker.amazonaws.com")
    match how:
        case "immutable":
            return iam.Role.from_role_arn(stack, "Given", arn, mutable=False)
        case "other account":
            return iam.Role.from_role_arn(stack, "Given", arn.replace(ACCOUNT, "999999999999"))
        case "without policy updates":
            role = iam.Role(stack, "Given", assumed_by=service)
            role.add_to_policy(iam.PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"]))
            return role.without_policy_updates()
        case "imported by ARN":
            return iam.Role.from_role_arn(stack, "Given", arn)
        case "imported by name":
            return iam.Role.from_role_name(stack, "Given", "given")
        case _:
            return iam.Role(stack, "Given", assumed_by=service)


@pytest.mark.parametrize("how", ["immutable", "other account", "without policy updates"])
def test_nothing_is_added_to_an_immutable_role(stack: cdk.Stack, how: Any) -> None:
    role = _role(stack, how)
    bias_monitor(stack, "Monitor", role=role)
    template = Template(cdk.assertions.Template.from_stack(stack).to_json())
    given = [p for p in template.of_type("AWS::IAM::Policy") if p.startswith(("Given", "Monitor"))]
    assert "InvokeEndpoint" not in json.dumps(template.of_type("AWS::IAM::Policy"))
    assert len(given) == (how == "without policy updates")  # the user's own
    (warning,) = warnings(stack, "role")
    # What the warning promises is what a role of ours would have.
    reference = cdk.Stack(cdk.App(), "Loans", env=cdk.Environment(account=ACCOUNT, region=REGION))
    bias_monitor(reference, "Monitor")
    own = Template(cdk.assertions.Template.from_stack(reference).to_json()).role("MonitorRole")
    assert [*map(_comparable, template.resolve(promised(warning)))] == [*map(_comparable, own)]


def _comparable(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement in one form: CDK writes a list of one as its item, and sorts lists."""
    return {**statement, **{name: sorted(as_list(statement[name])) for name in ("Action", "Resource")}}


@pytest.mark.parametrize("how", ["imported by ARN", "imported by name", "of the app"])
def test_other_roles_get_a_policy_before_the_job_starts(stack: cdk.Stack, how: Any) -> None:
    bias_monitor(stack, "Monitor", role=_role(stack, how))
    template = cdk.assertions.Template.from_stack(stack).to_json()
    (policy,) = (id_ for id_ in template["Resources"] if id_.startswith(("GivenPolicy", "GivenDefault")))
    assert "InvokeEndpoint" in json.dumps(template["Resources"][policy])
    (baseline,) = (r for r in template["Resources"].values() if r["Type"] == "Custom::ClarifyBaseline")
    assert policy in baseline["DependsOn"]
    assert warnings(stack, "role") == []


def test_precreated_roles_are_reported_not_made(app: cdk.App, stack: cdk.Stack) -> None:
    iam.Role.customize_roles(stack, use_precreated_roles={"Loans/Monitor/Role": "jobs-of-loans"})
    bias_monitor(
        stack, "Monitor", constraints="s3://data/analysis.json", analysis_config="s3://data/analysis_config.json"
    )
    template = cdk.assertions.Template.from_stack(stack)
    template.resource_count_is("AWS::IAM::Role", 0)
    template.resource_count_is("AWS::IAM::Policy", 0)
    definition = next(iter(template.find_resources("AWS::SageMaker::ModelBiasJobDefinition").values()))
    assert json.dumps(definition["Properties"]["RoleArn"]).count("jobs-of-loans") == 1


def test_grants_to_a_monitor_are_there_before_its_job_starts(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack, "Monitor")
    bucket = s3.Bucket(stack, "Data", encryption=s3.BucketEncryption.KMS)
    bucket.grant_read(monitor)
    template = cdk.assertions.Template.from_stack(stack).to_json()
    (policy,) = (id_ for id_ in template["Resources"] if id_.startswith("MonitorRoleDefaultPolicy"))
    (baseline,) = (r for r in template["Resources"].values() if r["Type"] == "Custom::ClarifyBaseline")
    assert policy in baseline["DependsOn"]
    assert "kms:Decrypt" in json.dumps(template["Resources"][policy])


# ---------------------------------------------------------------- network
def test_the_network_reaches_jobs_and_definitions(stack: cdk.Stack, synthesize: Synthesize) -> None:
    network = NetworkConfig(
        subnets=["subnet-1", "subnet-2"],
        security_group_ids=["sg-1"],
        encrypt_inter_container_traffic=True,
    )
    explainability_monitor(stack, network_config=network)
    template = synthesize(stack)
    (definition,) = template.of_type("AWS::SageMaker::ModelExplainabilityJobDefinition").values()
    (baseline,) = template.of_type("Custom::ClarifyBaseline").values()
    expected = {
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": True,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
    }
    assert definition["NetworkConfig"] == expected
    assert json.loads(baseline["Baseline"])["Baselining"]["ProcessingJob"]["NetworkConfig"] == expected


def test_a_vpc_of_the_app_confines_the_jobs_to_its_subnets(stack: cdk.Stack, synthesize: Synthesize) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    bias_monitor(stack, network_config=NetworkConfig.from_vpc(vpc, security_groups=[group]))
    (create,) = (s for s in synthesize(stack).role("BiasRole") if s["Action"] == "ec2:CreateNetworkInterface")
    kinds = [arn.split(":")[-1].split("/")[0] for arn in create["Resource"]]
    assert sorted(kinds) == ["network-interface", "security-group", "subnet", "subnet"]
    assert [arn for arn in create["Resource"] if arn.endswith(("subnet/*", "security-group/*"))] == []


def test_a_list_of_subnets_from_a_parameter_is_not_looked_into(stack: cdk.Stack, synthesize: Synthesize) -> None:
    subnets = cdk.CfnParameter(stack, "Subnets", type="List<AWS::EC2::Subnet::Id>").value_as_list
    bias_monitor(stack, network_config=NetworkConfig(subnets=subnets, security_group_ids=["sg-1"]))
    (create,) = (s for s in synthesize(stack).role("BiasRole") if s["Action"] == "ec2:CreateNetworkInterface")
    assert f"arn:aws:ec2:{REGION}:*:subnet/*" in create["Resource"]


@pytest.mark.parametrize(
    ("isolated", "changes", "warned"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"model_config": None, "data_config": data_config(predicted_label="debt")}, False),
    ],
)
def test_isolation_from_a_model_that_is_asked_is_warned_of(
    stack: cdk.Stack, isolated: Any, changes: Any, warned: Any
) -> None:
    bias_monitor(stack, network_config=NetworkConfig(enable_network_isolation=isolated), **changes)
    assert bool(warnings(stack, "network-isolation")) == warned


def test_isolation_from_an_endpoint_is_warned_of_too(stack: cdk.Stack) -> None:
    model = model_config(model_name=None, instance_count=None, instance_type=None, endpoint_name="loans")
    isolated = NetworkConfig(enable_network_isolation=True)
    explainability_monitor(stack, model_config=model, network_config=isolated)
    assert len(warnings(stack, "network-isolation")) == 1


# ---------------------------------------------------------------- the functions in a VPC
def test_all_functions_run_in_the_vpc_when_asked(stack: cdk.Stack, synthesize: Synthesize) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)
    BaselineFunctions.of(stack).run_in_vpc(vpc)
    bias_monitor(stack)
    template = synthesize(stack)
    functions = {
        id_: f for id_, f in template.of_type("AWS::Lambda::Function").items() if "Framework" in id_ or "On" in id_
    }
    configs = [f["VpcConfig"] for id_, f in template.of_type("AWS::Lambda::Function").items() if "Clarify" in id_]
    assert len(configs) == 5
    assert functions
    groups = {group for config in configs for group in config["SecurityGroupIds"]}
    assert len(groups) == 1
    assert all(len(config["SubnetIds"]) == 2 for config in configs)
    (group,) = (g for id_, g in template.of_type("AWS::EC2::SecurityGroup").items() if id_.startswith("Clarify"))
    assert "SecurityGroupIngress" not in group
    assert [(rule["IpProtocol"], rule["FromPort"]) for rule in group["SecurityGroupEgress"]] == [("tcp", 443)]


@pytest.mark.parametrize("role", ["HandlerRole", "FrameworkOnEventRole", "FrameworkCompleteRole"])
def test_only_lambda_may_connect_the_functions_to_the_vpc(stack: cdk.Stack, synthesize: Synthesize, role: Any) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)
    BaselineFunctions.of(stack).run_in_vpc(vpc)
    bias_monitor(stack)
    statements = synthesize(stack).role(f"ClarifyBaselineProvider{role}")
    interface = f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-1"
    subnet = f"arn:aws:ec2:{REGION}:999999999999:subnet/subnet-1"
    code = {"lambda:SourceFunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:any"}
    needed = [
        ("ec2:CreateNetworkInterface", interface),
        ("ec2:CreateNetworkInterface", subnet),
        ("ec2:CreateNetworkInterface", f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-1"),
        ("ec2:DeleteNetworkInterface", interface),
        ("ec2:AssignPrivateIpAddresses", interface),
        ("ec2:UnassignPrivateIpAddresses", interface),
        ("ec2:DescribeNetworkInterfaces", "*"),
        ("ec2:DescribeSubnets", "*"),
    ]
    for action, resource in needed:
        assert allows(statements, Request(action, resource))
        assert not allows(statements, Request(action, resource, code))


def test_given_security_groups_and_subnets_are_taken(stack: cdk.Stack, synthesize: Synthesize) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)
    group = ec2.SecurityGroup(stack, "Mine", vpc=vpc)
    selection = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, one_per_az=True)
    BaselineFunctions.of(stack).run_in_vpc(vpc, vpc_subnets=selection, security_groups=[group])
    bias_monitor(stack)
    template = synthesize(stack)
    assert not [id_ for id_ in template.of_type("AWS::EC2::SecurityGroup") if id_.startswith("Clarify")]


def test_the_vpc_comes_before_the_first_monitor(stack: cdk.Stack) -> None:
    bias_monitor(stack)
    must = "'run_in_vpc' must be called before the first monitor of the stack, or of one nested in it, is made"
    with pytest.raises(ValueError, match=f"^{must}, got '{stack.node.path}/Vpc': move the call up$"):
        BaselineFunctions.of(stack).run_in_vpc(ec2.Vpc(stack, "Vpc", max_azs=1))


def test_the_vpc_precedes_the_first_monitor_of_a_nested_stack(stack: cdk.Stack) -> None:
    bias_monitor(cdk.NestedStack(stack, "Nested"))
    with pytest.raises(ValueError, match=r"^'run_in_vpc' must be called before the first monitor of the stack, or of"):
        BaselineFunctions.of(stack).run_in_vpc(ec2.Vpc(stack, "Vpc", max_azs=1))


def test_a_second_vpc_is_refused(stack: cdk.Stack) -> None:
    first, second = ec2.Vpc(stack, "First", max_azs=1), ec2.Vpc(stack, "Second", max_azs=1)
    functions = BaselineFunctions.of(stack)
    functions.run_in_vpc(first)
    must = f"'run_in_vpc' must be called once for a stack, which is in '{stack.node.path}/First' already"
    remedy = "decide for one VPC, one choice of subnets and security groups"
    with pytest.raises(ValueError, match=f"^{must}, got '{stack.node.path}/Second': {remedy}$"):
        functions.run_in_vpc(second)


def test_a_second_choice_of_network_is_refused(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=1)
    group = ec2.SecurityGroup(stack, "Mine", vpc=vpc)
    BaselineFunctions.of(stack).run_in_vpc(vpc)
    for changes in ({"security_groups": [group]}, {"vpc_subnets": ec2.SubnetSelection(one_per_az=True)}):
        with pytest.raises(ValueError, match=r"^'run_in_vpc' must be called once for a stack"):
            BaselineFunctions.of(stack).run_in_vpc(vpc, **changes)


def test_the_same_again_is_nothing_new(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=1)
    group = ec2.SecurityGroup(stack, "Mine", vpc=vpc)
    for _ in range(2):
        subnets = ec2.SubnetSelection(one_per_az=True)
        BaselineFunctions.of(stack).run_in_vpc(vpc, vpc_subnets=subnets, security_groups=[group])
    bias_monitor(stack)
    BaselineFunctions.of(stack).run_in_vpc(vpc, vpc_subnets=subnets, security_groups=[group])


def _function_networks(stack: cdk.Stack) -> Any:
    functions = cdk.assertions.Template.from_stack(stack).find_resources("AWS::Lambda::Function").values()
    found = [function["Properties"].get("VpcConfig") for function in functions]
    assert len(found) == 5
    return found


def test_functions_of_a_nested_stack_run_in_its_parents_vpc(stack: cdk.Stack) -> None:
    BaselineFunctions.of(stack).run_in_vpc(ec2.Vpc(stack, "Vpc", max_azs=1))
    nested = cdk.NestedStack(cdk.NestedStack(stack, "Nested"), "Inner")
    bias_monitor(nested)
    assert all(_function_networks(nested))


def test_a_nested_stack_may_have_its_own_choice(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=1)
    mine = ec2.SecurityGroup.from_security_group_id(stack, "Mine", "sg-1")
    nested = cdk.NestedStack(stack, "Nested")
    BaselineFunctions.of(nested).run_in_vpc(vpc, security_groups=[mine])
    bias_monitor(nested)
    BaselineFunctions.of(stack).run_in_vpc(vpc)
    assert [network["SecurityGroupIds"] for network in _function_networks(nested)] == [["sg-1"]] * 5
