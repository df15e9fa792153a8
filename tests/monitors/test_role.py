"""`monitor.role` is what a role of plain CDK is: each test has such a role beside it, for which the same holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from tests.support.monitors.builders import bias_monitor, explainability_monitor, only, template_of
from tests.support.templates.annotations import warnings_of

SAGEMAKER = iam.ServicePrincipal("sagemaker.amazonaws.com")
BASELINE = "Custom::ClarifyBaseline"


def roles_of(stack: cdk.Stack) -> tuple[iam.Role, iam.Role]:
    """The role of a monitor, and one of plain CDK."""
    role = bias_monitor(stack).role
    assert isinstance(role, iam.Role)
    return role, iam.Role(stack, "Plain", assumed_by=SAGEMAKER)


def properties_of(stack: cdk.Stack, role: iam.Role) -> dict[str, Any]:
    logical_id = stack.resolve(role.role_arn)["Fn::GetAtt"][0]
    return dict(template_of(stack).to_json()["Resources"][logical_id]["Properties"])


def test_managed_policies_can_be_added(stack: cdk.Stack) -> None:
    roles = roles_of(stack)
    for role in roles:
        role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name("AmazonS3ReadOnlyAccess"))
    for role in roles:
        assert "AmazonS3ReadOnlyAccess" in json.dumps(properties_of(stack, role)["ManagedPolicyArns"])
    assert warnings_of(stack) == []


def test_a_customer_managed_policy_can_be_attached(stack: cdk.Stack) -> None:
    for role in roles_of(stack):
        iam.ManagedPolicy(
            stack,
            f"{role.node.id}Reads",
            roles=[role],
            statements=[iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::x/*"])],
        )
    managed = template_of(stack).find_resources("AWS::IAM::ManagedPolicy")
    mine = [each["Properties"]["Roles"] for name, each in managed.items() if "Reads" in name]
    assert len(mine) == 2
    assert all(roles[0]["Ref"] for roles in mine)


def test_its_trust_can_be_extended(stack: cdk.Stack) -> None:
    statement = iam.PolicyStatement(actions=["sts:AssumeRole"], principals=[iam.ArnPrincipal("arn:aws:iam::1:root")])
    roles = roles_of(stack)
    for role in roles:
        assert role.assume_role_policy is not None
        role.assume_role_policy.add_statements(statement)
    for role in roles:
        assert "arn:aws:iam::1:root" in json.dumps(properties_of(stack, role)["AssumeRolePolicyDocument"])


def test_its_path_can_be_changed_and_its_arn_follows(stack: cdk.Stack) -> None:
    roles = roles_of(stack)
    for role in roles:
        resource = role.node.default_child
        assert isinstance(resource, iam.CfnRole)
        resource.path = "/team/"
    for role in roles:
        assert properties_of(stack, role)["Path"] == "/team/"
        assert stack.resolve(role.role_arn)["Fn::GetAtt"][1] == "Arn"


def test_a_permissions_boundary_can_be_set(stack: cdk.Stack) -> None:
    boundary = iam.ManagedPolicy.from_aws_managed_policy_name("PowerUserAccess")
    roles = roles_of(stack)
    for role in roles:
        iam.PermissionsBoundary.of(role).apply(boundary)
    for role in roles:
        assert "PowerUserAccess" in json.dumps(properties_of(stack, role)["PermissionsBoundary"])


def test_others_can_be_granted_to_pass_or_assume_it(stack: cdk.Stack) -> None:
    user = iam.User(stack, "User")
    for role in roles_of(stack):
        assert role.grant_pass_role(user).success
        assert role.grant_assume_role(user).success
        with pytest.raises(RuntimeError, match=r"(?i)cannot.*grant"):
            role.grant_assume_role(iam.AccountPrincipal("222222222222"))


def test_property_injectors_reach_it(stack: cdk.Stack) -> None:
    @jsii.implements(cdk.IPropertyInjector)
    class Paths:
        @property
        @jsii.member(jsii_name="constructUniqueId")
        def construct_unique_id(self) -> str:
            return str(iam.Role.PROPERTY_INJECTION_ID)

        @jsii.member(jsii_name="inject")
        def inject(self, original_props: Any, *, scope: Any, id: str) -> Any:
            return {**original_props, "path": "/injected/"}

    cdk.PropertyInjectors.of(stack).add(Paths())
    for role in roles_of(stack):
        assert properties_of(stack, role)["Path"] == "/injected/"


def test_customized_roles_are_not_made(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Customized")
    iam.Role.customize_roles(
        stack, use_precreated_roles={f"Customized/{id_}": "mine" for id_ in ("Bias/Role", "Plain")}
    )
    given = {"constraints": "s3://data/analysis.json", "analysis_config": "s3://data/analysis_config.json"}
    roles = [bias_monitor(stack, **given).role, iam.Role(stack, "Plain", assumed_by=SAGEMAKER)]
    for role in roles:
        assert "role/mine" in json.dumps(stack.resolve(role.role_arn))
    template = template_of(stack)
    for kind in ("Role", "Policy", "ManagedPolicy"):
        template.resource_count_is(f"AWS::IAM::{kind}", 0)


def test_customized_roles_that_are_made_have_all_inline(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Customized")
    iam.Role.customize_roles(stack, prevent_synthesis=False)
    bias_monitor(stack)
    template = template_of(stack)
    (role,) = (role for id_, role in template.find_resources("AWS::IAM::Role").items() if id_.startswith("BiasRole"))
    assert role["Properties"].keys() == {"AssumeRolePolicyDocument", "Policies"}
    template.resource_count_is("AWS::IAM::ManagedPolicy", 0)


# ---------------------------------------------------------------- what is granted, and when
def test_the_statements_of_the_jobs_are_inline(stack: cdk.Stack) -> None:
    role, _ = roles_of(stack)
    assert [policy["PolicyName"] for policy in properties_of(stack, role)["Policies"]] == ["ClarifyJobs"]
    assert not [name for name in template_of(stack).find_resources("AWS::IAM::Policy") if name.startswith("Bias")]


def test_the_baseline_waits_for_what_is_granted(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    s3.Bucket(stack, "Bucket").grant_read(monitor)
    (baseline,) = template_of(stack).find_resources(BASELINE).values()
    (policy,) = (name for name in template_of(stack).find_resources("AWS::IAM::Policy") if name.startswith("Bias"))
    assert policy in baseline["DependsOn"]


def test_the_baseline_waits_for_grants_made_in_an_aspect(stack: cdk.Stack) -> None:
    bucket, monitor = s3.Bucket(stack, "Bucket"), bias_monitor(stack)

    @jsii.implements(cdk.IAspect)
    class Grant:
        def visit(self, node: Any) -> None:
            if node is bucket:
                bucket.grant_read(monitor.role)

    cdk.Aspects.of(stack).add(Grant())
    (baseline,) = template_of(stack).find_resources(BASELINE).values()
    assert any(name.startswith("BiasRoleDefaultPolicy") for name in baseline["DependsOn"])


def test_reading_attributes_adds_nothing(stack: cdk.Stack) -> None:
    monitors = [bias_monitor(stack), explainability_monitor(stack, constraints="s3://data/analysis.json")]
    before = template_of(stack).to_json()
    paths = [each.node.path for each in stack.node.find_all()]
    for monitor in monitors:
        names = {name for name in dir(type(monitor)) if not name.startswith("_")}
        for name in names - {"connections"}:
            getattr(monitor, name)
        with pytest.raises(ValueError, match="'vpc' must be given for a monitor to have connections"):
            _ = monitor.connections
    assert [each.node.path for each in stack.node.find_all()] == paths
    assert template_of(stack).to_json() == before


def test_users_may_use_any_id_in_a_monitor(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    s3.Bucket(monitor, "Grants").grant_read(monitor)
    template_of(stack)


# ---------------------------------------------------------------- given roles
@jsii.implements(iam.IRole)
class PythonRole(cdk.Resource):
    """A role that is written in Python, around one of the CDK's."""

    def __init__(self, scope: Any, id: str) -> None:
        super().__init__(scope, id)
        self.inner = iam.Role(self, "Inner", assumed_by=SAGEMAKER)

    role_arn = property(jsii.member(jsii_name="roleArn")(lambda self: self.inner.role_arn))
    role_name = property(jsii.member(jsii_name="roleName")(lambda self: self.inner.role_name))
    role_ref = property(jsii.member(jsii_name="roleRef")(lambda self: self.inner.role_ref))
    grant_principal = property(jsii.member(jsii_name="grantPrincipal")(lambda self: self.inner.grant_principal))
    policy_fragment = property(jsii.member(jsii_name="policyFragment")(lambda self: self.inner.policy_fragment))
    assume_role_action = property(jsii.member(jsii_name="assumeRoleAction")(lambda self: "sts:AssumeRole"))

    @jsii.member(jsii_name="addToPrincipalPolicy")
    def add_to_principal_policy(self, statement: iam.PolicyStatement) -> iam.AddToPrincipalPolicyResult:
        return self.inner.add_to_principal_policy(statement)

    @jsii.member(jsii_name="attachInlinePolicy")
    def attach_inline_policy(self, policy: iam.Policy) -> None:
        self.inner.attach_inline_policy(policy)


TAKING: dict[str, Callable[[cdk.Stack], Any]] = {
    "lazy": lambda stack: iam.LazyRole(stack, "Given", assumed_by=SAGEMAKER),
    "python": lambda stack: PythonRole(stack, "Given"),
    "made": lambda stack: iam.Role(stack, "Given", assumed_by=SAGEMAKER),
    "imported": lambda stack: iam.Role.from_role_name(stack, "Given", "given"),
}


@pytest.mark.parametrize("constraints", [None, "token"])
@pytest.mark.parametrize("kind", TAKING)
def test_a_role_that_takes_permissions_is_not_warned_of(stack: cdk.Stack, kind: str, constraints: str | None) -> None:
    role = TAKING[kind](stack)
    uri = cdk.CfnParameter(stack, "Constraints").value_as_string if constraints else None
    monitor = bias_monitor(stack, role=role, constraints=uri)
    assert monitor.role.role_arn == role.role_arn
    assert warnings_of(stack) == []
    policies = template_of(stack).find_resources("AWS::IAM::Policy")
    assert "s3:ListBucket" in json.dumps({name: each for name, each in policies.items() if "Clarify" not in name})


@pytest.mark.parametrize("constraints", [None, "token"])
@pytest.mark.parametrize("account", ["111111111111", "222222222222"])
def test_a_role_that_takes_none_is_warned_of(stack: cdk.Stack, account: str, constraints: str | None) -> None:
    role = iam.Role.from_role_arn(stack, "Given", f"arn:aws:iam::{account}:role/x", mutable=account != "111111111111")
    uri = cdk.CfnParameter(stack, "Constraints").value_as_string if constraints else None
    bias_monitor(stack, role=role, constraints=uri)
    (warning,) = warnings_of(stack)
    assert warning.startswith("the given 'role' takes no permissions from here")
    assert "s3:ListBucket" in warning


def test_a_lazy_role_is_made_once(stack: cdk.Stack) -> None:
    role = iam.LazyRole(stack, "Given", assumed_by=SAGEMAKER)
    bias_monitor(stack, role=role)
    explainability_monitor(stack, role=role)
    definitions = [
        only(template_of(stack), f"AWS::SageMaker::Model{kind}JobDefinition") for kind in ("Bias", "Explainability")
    ]
    assert len({json.dumps(each["RoleArn"]) for each in definitions}) == 1


def test_a_monitor_that_writes_elsewhere_has_no_bucket(stack: cdk.Stack) -> None:
    places = {
        "constraints": "s3://data/b.json",
        "analysis_config": "s3://data/a.json",
        "output_s3_uri": "s3://data/out",
    }
    nothing: dict[str, Any] = dict.fromkeys(
        ["data_config", "bias_config", "model_config", "model_predicted_label_config"]
    )
    monitor = bias_monitor(stack, **places, **nothing)
    assert monitor.bucket is None
    template_of(stack).resource_count_is("AWS::S3::Bucket", 0)
    given = s3.Bucket(stack, "Given")
    assert bias_monitor(stack, "Other", **places, **nothing, bucket=given).bucket is given
