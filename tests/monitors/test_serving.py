"""Models and endpoints of the same app: rights to ask them and to read what they capture, and what waits for them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from cdk_clarify_monitors import EndpointInput, ModelConfig
from tests.support.cdk_versions import needs_own_acknowledgements
from tests.support.monitors.builders import (
    ENVIRONMENT,
    bias_monitor,
    explainability_monitor,
    model_config,
    only,
    template_of,
)
from tests.support.templates.annotations import warnings_of

CAPTURED = "s3://captured/loans"


@jsii.implements(cdk.IStringProducer)
class Late:
    """The producer of a lazy string."""

    def __init__(self, value: str) -> None:
        self._value = value

    def produce(self, _context: cdk.IResolveContext) -> str:
        return self._value


def warnings(stack: cdk.Stack, id_: str = "") -> list[str]:
    return warnings_of(stack, f"cdk-clarify-monitors:{id_}")


def statements(stack: cdk.Stack, action: str) -> list[dict[str, Any]]:
    """The statements for an action in the inline policies of the monitors' roles."""
    roles = template_of(stack).find_resources("AWS::IAM::Role").values()
    policies = [policy for role in roles for policy in role["Properties"].get("Policies", [])]
    found = [s for p in policies if p["PolicyName"] == "ClarifyJobs" for s in p["PolicyDocument"]["Statement"]]
    return [statement for statement in found if action in statement["Action"]]


def config(scope: Construct, name: str | None = None, uri: str = CAPTURED, **capture: Any) -> Any:
    options = sagemaker.CfnEndpointConfig.DataCaptureConfigProperty(
        capture_options=[
            sagemaker.CfnEndpointConfig.CaptureOptionProperty(capture_mode=m) for m in ("Input", "Output")
        ],
        destination_s3_uri=uri,
        initial_sampling_percentage=100,
        **{"enable_capture": True, **capture},
    )
    return sagemaker.CfnEndpointConfig(
        scope, "Config", production_variants=[], endpoint_config_name=name, data_capture_config=options
    )


def endpoint(scope: Construct, config_name: str = "loans-1", name: str | None = None) -> sagemaker.CfnEndpoint:
    return sagemaker.CfnEndpoint(scope, "Endpoint", endpoint_config_name=config_name, endpoint_name=name)


def model(scope: Construct, name: str | None = None) -> sagemaker.CfnModel:
    return sagemaker.CfnModel(scope, "Model", model_name=name)


def reads(stack: cdk.Stack, uri: str = "captured/loans") -> bool:
    """Whether a monitor's role may list and read what is below a place."""
    objects = json.dumps([s["Resource"] for s in statements(stack, "s3:GetObject")])
    buckets = json.dumps([s["Resource"] for s in statements(stack, "s3:ListBucket")])
    return f":s3:::{uri}/*" in objects and f":s3:::{uri.split('/')[0]}" in buckets


# ---------------------------------------------------------------- names that are known at deployment
@pytest.mark.parametrize(
    ("kind", "ask", "action"),
    [
        ("Endpoint", lambda s: ModelConfig(endpoint_name=endpoint(s).attr_endpoint_name), "sagemaker:InvokeEndpoint"),
        ("Model", lambda s: model_config(model_name=model(s).attr_model_name), "sagemaker:DescribeModel"),
        # A name that is taken out of the ARN.
        (
            "Endpoint",
            lambda s: ModelConfig(endpoint_name=cdk.Fn.select(1, cdk.Fn.split("/", endpoint(s).ref))),
            "sagemaker:InvokeEndpoint",
        ),
        (
            "Model",
            lambda s: (
                model_config(model_name=cdk.Lazy.uncached_string(Late(found.attr_model_name)))
                if (found := model(s))
                else None
            ),
            "sagemaker:DescribeModel",
        ),
    ],
)
def test_what_has_a_name_later_is_allowed_by_its_arn(
    stack: cdk.Stack, kind: str, ask: Callable[[cdk.Stack], ModelConfig], action: str
) -> None:
    explainability_monitor(stack, model_config=ask(stack))

    (statement,) = statements(stack, action)
    assert {"Ref": kind} in statement["Resource"]
    assert warnings(stack, "(model|endpoint)-name") == []


def test_ref_of_a_model_in_the_cdk_is_what_the_policy_has(stack: cdk.Stack) -> None:
    """The control: what the CDK itself writes for the ARN of a resource."""
    found = model(stack)

    assert stack.resolve(found.ref) == {"Ref": "Model"}
    assert stack.resolve(found.attr_model_name) == {"Fn::GetAtt": ["Model", "ModelName"]}


def test_a_model_of_another_stack_is_allowed_by_its_arn(app: cdk.App, stack: cdk.Stack) -> None:
    other = cdk.Stack(app, "Serving", env=ENVIRONMENT)
    explainability_monitor(stack, model_config=model_config(model_name=model(other).attr_model_name))

    (statement,) = statements(stack, "sagemaker:DescribeModel")
    assert len(statement["Resource"]) == 2
    assert "ModelName" in json.dumps(statement["Resource"][0])
    assert "ModelName" not in json.dumps(statement["Resource"][1])


def test_given_role_may_ask_by_the_arn(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Given", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    explainability_monitor(stack, role=role, model_config=model_config(model_name=model(stack).attr_model_name))

    policies = json.dumps(template_of(stack).find_resources("AWS::IAM::Policy"))
    assert '{"Ref": "Model"}' in policies


@pytest.mark.parametrize(
    "name",
    [
        lambda stack: cdk.CfnParameter(stack, "Name").value_as_string,
        lambda stack: cdk.Fn.import_value("LoansModel"),
        lambda stack: f"loans-{cdk.CfnParameter(stack, 'Version').value_as_string}",
        lambda stack: cdk.aws_ssm.StringParameter.value_for_string_parameter(stack, "/loans/model"),
        lambda stack: endpoint(stack).attr_endpoint_name,  # a model of an endpoint's name: of none that is known
    ],
)
def test_an_unknown_name_gets_a_warning_with_the_statement(stack: cdk.Stack, name: Callable[[cdk.Stack], str]) -> None:
    explainability_monitor(stack, model_config=model_config(model_name=name(stack)))

    (warning,) = warnings(stack, "model-name")
    statement = json.JSONDecoder().raw_decode(warning[warning.index("{") :])[0]
    assert statement["Action"] == "sagemaker:DescribeModel"
    assert statement["Resource"][0].endswith(":model/<name in lower case>")


def test_literal_name_gets_no_warning(stack: cdk.Stack) -> None:
    explainability_monitor(stack, model_config=model_config(model_name="Loans"), data_capture_s3_uri=CAPTURED)

    assert warnings(stack) == []


def test_the_arn_in_place_of_a_name_is_refused(stack: cdk.Stack) -> None:
    served, named = endpoint(stack), model(stack)
    for changes in (
        {"model_config": model_config(model_name=named.ref)},
        {"model_config": model_config(model_name=named.get_att("ModelArn").to_string())},
        {"model_config": ModelConfig(endpoint_name=served.ref)},
        {"endpoint_input": served.ref},
    ):
        with pytest.raises(
            ValueError, match=r"'(model|endpoint)_name' must be a name, not the ARN, got .*: pass attr_"
        ):
            explainability_monitor(stack, **changes)
    assert [child.node.id for child in stack.node.children] == ["Endpoint", "Model"]


# ---------------------------------------------------------------- constructs in place of names
def waited_for(template: Mapping[str, Any], logical_id: str) -> set[str]:
    """All that CloudFormation makes before a resource, by what refers to what."""
    seen, new = set[str](), {logical_id}
    while new:
        seen |= new
        texts = [json.dumps(template["Resources"][each]) for each in new]
        new = {each for each in template["Resources"] if any(f'"{each}"' in text for text in texts)} - seen
    return seen - {logical_id}


def test_a_construct_is_taken_for_a_name(stack: cdk.Stack) -> None:
    asked, served = model(stack, "loans-model"), endpoint(stack, name="loans-endpoint")
    explainability_monitor(
        stack,
        endpoint_input=served,
        model_config=model_config(model_name=asked),
        data_capture_s3_uri=CAPTURED,
    )

    template = template_of(stack).to_json()
    logical_ids = {resource["Type"]: id_ for id_, resource in template["Resources"].items()}
    assert "Endpoint" in waited_for(template, logical_ids["AWS::SageMaker::MonitoringSchedule"])
    assert "Model" in waited_for(template, logical_ids["Custom::ClarifyBaseline"])
    (statement,) = statements(stack, "sagemaker:DescribeModel")
    assert {"Ref": "Model"} in statement["Resource"]
    assert warnings(stack) == []


def test_a_config_with_a_construct_equals_one_with_its_name(stack: cdk.Stack) -> None:
    served, named = endpoint(stack), model(stack)
    pairs = [
        (ModelConfig(endpoint_name=served), ModelConfig(endpoint_name=served.attr_endpoint_name)),
        (model_config(model_name=named), model_config(model_name=named.attr_model_name)),
        (EndpointInput(served, "/captured"), EndpointInput(served.attr_endpoint_name, "/captured")),
    ]
    for config, by_name in pairs:
        assert config == copy.deepcopy(config) == by_name
        assert hash(config) == hash(by_name)


@jsii.implements(sagemaker.IEndpoint)
class Alpha(cdk.Resource):
    """An endpoint like those of the CDK's own L2, which is not in aws-cdk-lib yet."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, "Alpha")
        self._made = endpoint(self)

    @property
    def endpoint_arn(self) -> str:
        return self._made.ref

    @property
    def endpoint_name(self) -> str:
        return self._made.attr_endpoint_name

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        return iam.Grant.drop(grantee, "not asked here")


def test_an_endpoint_above_the_l1_is_taken_too(stack: cdk.Stack) -> None:
    served: Any = Alpha(stack)
    bias_monitor(stack, endpoint_input=EndpointInput(served, "/captured"), data_capture_s3_uri=CAPTURED)

    definition = only(template_of(stack), "AWS::SageMaker::ModelBiasJobDefinition")
    name = definition["ModelBiasJobInput"]["EndpointInput"]["EndpointName"]
    assert name == stack.resolve(served.endpoint_name)


def test_an_endpoint_of_another_stack_is_imported(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, endpoint_input=endpoint(cdk.Stack(app, "Serving", env=ENVIRONMENT)))

    definition = only(template_of(stack), "AWS::SageMaker::ModelBiasJobDefinition")
    assert "Serving" in json.dumps(definition["ModelBiasJobInput"]["EndpointInput"]["EndpointName"])
    assert [each.node.id for each in stack.dependencies] == ["Serving"]


@pytest.mark.parametrize("change", [{"account": "222222222222"}, {"region": "us-east-1"}])
def test_an_endpoint_of_another_environment_is_refused(app: cdk.App, stack: cdk.Stack, change: dict[str, str]) -> None:
    place = {"account": "111111111111", "region": "eu-central-1", **change}
    other = cdk.Stack(app, "Serving", env=cdk.Environment(**place))
    must = r"must be of the monitor's account and region \(111111111111, eu-central-1\)"
    for changes in (
        {"endpoint_input": endpoint(Construct(other, "1"))},
        {"model_config": model_config(model_name=model(Construct(other, "2")))},
    ):
        with pytest.raises(ValueError, match=rf"_name' {must}, got '{', '.join(place.values())}'"):
            explainability_monitor(stack, **changes)
    assert not stack.node.children


# ---------------------------------------------------------------- captured data
ORDERS = {
    "monitor last": ["config", "endpoint", "monitor"],
    "monitor first": ["monitor", "config", "endpoint"],
    "monitor between": ["endpoint", "monitor", "config"],
}


@pytest.mark.parametrize("order", ORDERS)
def test_the_capture_is_found_by_names_in_any_order(stack: cdk.Stack, order: str) -> None:
    make: dict[str, Callable[[], Any]] = {
        "config": lambda: config(stack, "loans-1"),
        "endpoint": lambda: endpoint(stack, "loans-1", "loans"),
        "monitor": lambda: bias_monitor(stack, endpoint_input="loans"),
    }
    for each in ORDERS[order]:
        make[each]()

    assert reads(stack)
    assert warnings(stack, "data-capture") == []


def test_the_capture_is_found_by_references(stack: cdk.Stack) -> None:
    served = endpoint(stack, config(stack).attr_endpoint_config_name)
    bias_monitor(stack, endpoint_input=served.attr_endpoint_name)

    assert reads(stack)
    assert warnings(stack) == []


def test_a_bucket_of_the_app_is_found_with_its_key(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Bucket", encryption_key=key)
    served = endpoint(stack, config(stack, uri=bucket.s3_url_for_object("capture")).attr_endpoint_config_name)
    bias_monitor(stack, endpoint_input=served.attr_endpoint_name)

    (objects,) = [each for each in statements(stack, "s3:GetObject") if "/capture/*" in json.dumps(each["Resource"])]
    logical_id = stack.resolve(bucket.bucket_name)["Ref"]
    assert objects["Resource"] == {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": logical_id}, "/capture/*"]]}
    (decrypt,) = statements(stack, "kms:Decrypt")
    assert decrypt["Resource"] == stack.resolve(key.key_arn)


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        ("arn:aws:kms:eu-central-1:111111111111:key/k", "arn:aws:kms:eu-central-1:111111111111:key/k"),
        ("k", "arn:aws:kms:eu-central-1:111111111111:key/k"),
        ("alias/capture", "arn:aws:kms:eu-central-1:111111111111:key/*"),
    ],
)
def test_the_key_of_the_capture_may_decrypt(stack: cdk.Stack, key: str, resource: str) -> None:
    config(stack, "loans-1", kms_key_id=key)
    endpoint(stack, "loans-1", "loans")
    bias_monitor(stack, endpoint_input="loans")

    (statement,) = statements(stack, "kms:Decrypt")
    arn = json.dumps(statement["Resource"]).replace('{"Fn::Sub": "', "").replace("${AWS::Partition}", "aws")
    assert resource in arn
    assert ("Condition" in statement) is key.startswith("alias")


def test_a_change_of_the_capture_is_followed(stack: cdk.Stack) -> None:
    made = config(stack, "loans-1")
    endpoint(stack, "loans-1", "loans")
    bias_monitor(stack, endpoint_input="loans")
    made.add_property_override("DataCaptureConfig.DestinationS3Uri", "s3://other/place/")

    assert reads(stack, "other/place")
    assert not reads(stack)


def test_a_raw_resource_is_found_too(stack: cdk.Stack) -> None:
    capture = {"EnableCapture": True, "DestinationS3Uri": CAPTURED, "CaptureOptions": [{"CaptureMode": "Input"}]}
    properties = {"EndpointConfigName": "loans-1", "DataCaptureConfig": capture}
    cdk.CfnResource(stack, "Config", type="AWS::SageMaker::EndpointConfig", properties=properties)
    cdk.CfnResource(
        stack,
        "Endpoint",
        type="AWS::SageMaker::Endpoint",
        properties={"EndpointName": "loans", "EndpointConfigName": "loans-1"},
    )
    bias_monitor(stack, endpoint_input="loans")

    assert reads(stack)


def test_the_capture_of_an_endpoint_in_another_stack_is_found(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, endpoint_input="loans")
    serving = cdk.Stack(app, "Serving", env=ENVIRONMENT)
    bucket = s3.Bucket(serving, "Bucket")
    config(serving, "loans-1", bucket.s3_url_for_object("capture"))
    endpoint(serving, "loans-1", "loans")

    assert any("/capture/*" in json.dumps(each) for each in statements(stack, "s3:GetObject"))
    assert warnings(stack) == []
    assert [each.node.id for each in stack.dependencies] == ["Serving"]


def test_stack_that_needs_the_monitors_is_not_referred_to(app: cdk.App, stack: cdk.Stack) -> None:
    """The control, two stacks that refer to each other, is refused by the CDK."""
    monitor = bias_monitor(stack, endpoint_input="loans")
    serving = cdk.Stack(app, "Serving", env=ENVIRONMENT)
    bucket = s3.Bucket(serving, "Bucket", bucket_name=f"after-{cdk.Fn.select(0, [monitor.role.role_name])}")
    config(serving, "loans-1", bucket.s3_url_for_object("capture"))
    endpoint(serving, "loans-1", "loans")

    assert len(warnings(stack, "data-capture")) == 1
    assert not stack.dependencies


def test_an_endpoint_of_another_account_is_another_one(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, endpoint_input="loans")
    serving = cdk.Stack(app, "Serving", env=cdk.Environment(account="222222222222", region="eu-central-1"))
    config(serving, "loans-1")
    endpoint(serving, "loans-1", "loans")

    assert not reads(stack)
    assert len(warnings(stack, "data-capture")) == 1


def test_a_given_place_is_taken_as_it_is(stack: cdk.Stack) -> None:
    config(stack, "loans-1")
    monitor = bias_monitor(stack, endpoint_input="loans", data_capture_s3_uri="s3://given/place")
    monitor.node.add_dependency(endpoint(stack, "loans-1", "loans"))

    assert reads(stack, "given/place")
    assert not reads(stack)
    assert warnings(stack) == []


def test_two_syntheses_give_the_same_template(stack: cdk.Stack) -> None:
    config(stack, "loans-1")
    endpoint(stack, "loans-1", "loans")
    bias_monitor(stack, endpoint_input="loans")

    assert template_of(stack).to_json() == template_of(stack).to_json()


# ---------------------------------------------------------------- the warning of captured data
def test_an_unknown_place_gets_a_warning(stack: cdk.Stack) -> None:
    bias_monitor(stack)

    (warning,) = warnings(stack)
    assert warning.startswith(
        "the executions will be denied s3:GetObject and s3:ListBucket where the endpoint captures its data: give that "
        "place as 'data_capture_s3_uri', or grant it with capture_bucket.grant_read(monitor)"
    )


def grant(stack: cdk.Stack, monitor: Any) -> None:
    s3.Bucket.from_bucket_name(stack, "Captured", "captured").grant_read(monitor)


@pytest.mark.parametrize(
    "allow",
    [
        grant,
        lambda _, monitor: monitor.role.add_managed_policy(
            iam.ManagedPolicy.from_aws_managed_policy_name("AmazonS3ReadOnlyAccess")
        ),
        lambda stack, monitor: monitor.role.attach_inline_policy(
            iam.Policy(
                stack,
                "Own",
                statements=[iam.PolicyStatement(actions=["s3:Get*"], resources=["arn:aws:s3:::captured/*"])],
            )
        ),
        pytest.param(
            lambda _, monitor: cdk.Annotations.of(monitor).acknowledge_warning("cdk-clarify-monitors:data-capture"),
            marks=needs_own_acknowledgements,
        ),
    ],
)
def test_what_is_granted_or_acknowledged_gets_no_warning(
    stack: cdk.Stack, allow: Callable[[cdk.Stack, Any], None]
) -> None:
    allow(stack, bias_monitor(stack))

    assert warnings(stack) == []


@pytest.mark.parametrize(
    "add",
    [
        lambda stack, statement: iam.User(stack, "Other").add_to_principal_policy(statement),
        lambda stack, statement: iam.Group(stack, "Other").add_to_principal_policy(statement),
        lambda stack, statement: iam.ManagedPolicy(
            stack, "Other", statements=[statement], users=[iam.User(stack, "User")]
        ),
        lambda stack, statement: iam.Role(stack, "Other", assumed_by=iam.AccountRootPrincipal()).add_to_policy(
            statement
        ),
    ],
    ids=["user", "group", "managed policy", "role"],
)
def test_policies_of_others_are_not_the_monitors(stack: cdk.Stack, add: Callable[..., object]) -> None:
    add(stack, iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"]))
    bias_monitor(stack)

    assert len(warnings(stack, "data-capture")) == 1


def test_a_given_role_gets_no_warning(stack: cdk.Stack) -> None:
    bias_monitor(stack, role=iam.Role(stack, "R", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com")))

    assert warnings(stack, "data-capture") == []


def test_a_capture_that_the_deployment_decides_is_unknown(stack: cdk.Stack) -> None:
    made = config(stack, "loans-1")
    made.data_capture_config = cdk.Fn.condition_if("IsProd", made.data_capture_config, cdk.Aws.NO_VALUE)
    endpoint(stack, "loans-1", "loans")
    bias_monitor(stack, endpoint_input="loans")

    (warning,) = warnings(stack, "data-capture")
    assert warning.startswith("the executions will be denied s3:GetObject and s3:ListBucket")


def test_functions_of_cloudformation_in_raw_capture_are_taken(stack: cdk.Stack) -> None:
    made = config(stack, "loans-1")
    made.add_property_override("DataCaptureConfig.DestinationS3Uri", {"Fn::Sub": "s3://${AWS::AccountId}/loans"})
    made.add_property_override("DataCaptureConfig.KmsKeyId", {"Fn::ImportValue": "key"})
    endpoint(stack, "loans-1", "loans")
    bias_monitor(stack, endpoint_input="loans")

    assert warnings(stack, "data-capture") == []
    (*_, captured) = statements(stack, "s3:GetObject")
    assert {"Fn::Sub": "s3://${AWS::AccountId}/loans"} in captured["Resource"]["Fn::Join"][1][1]["Fn::Select"][1][
        "Fn::Split"
    ]
    (*_, key) = statements(stack, "kms:Decrypt")
    assert {"Fn::ImportValue": "key"} in key["Resource"]["Fn::Join"][1]


@pytest.mark.parametrize("capture", [{"EnableCapture": False}, {"CaptureOptions": []}])
def test_an_endpoint_that_captures_nothing_gets_a_warning(stack: cdk.Stack, capture: dict[str, Any]) -> None:
    made = config(stack, "loans-1")
    for name, value in capture.items():
        made.add_property_override(
            f"DataCaptureConfig.{'EnableCapture' if value is False else 'CaptureOptions'}", value
        )
        assert name
    endpoint(stack, "loans-1", "loans")
    bias_monitor(stack, endpoint_input="loans")

    (warning,) = warnings(stack, "data-capture")
    assert warning.startswith("the endpoint captures nothing: turn on data capture of requests and responses")
    assert "Stack/Config" in warning


# ---------------------------------------------------------------- order
def test_a_named_endpoint_of_the_stack_is_not_waited_for(stack: cdk.Stack) -> None:
    endpoint(stack, name="loans")
    explainability_monitor(
        stack, endpoint_input="loans", model_config=ModelConfig(endpoint_name="loans"), data_capture_s3_uri=CAPTURED
    )

    (warning,) = warnings(stack)
    assert warning.startswith(
        "nothing makes the monitor wait for the endpoint Stack/Endpoint, which this stack makes: call "
        "monitor.node.add_dependency(endpoint), or pass its attr_endpoint_name in place of its name"
    )
    assert "cdk-clarify-monitors:endpoint-dependency" in warning


def test_a_named_model_of_the_stack_is_not_waited_for(stack: cdk.Stack) -> None:
    explainability_monitor(stack, model_config=model_config(model_name="loans"), data_capture_s3_uri=CAPTURED)
    model(stack, "loans")

    (warning,) = warnings(stack)
    assert "the model Stack/Model" in warning
    assert "attr_model_name" in warning


@pytest.mark.parametrize("waits", ["by itself", "as a part of another construct", "by what it waits for"])
def test_what_is_waited_for_gets_no_warning(stack: cdk.Stack, waits: str) -> None:
    """The control is the CDK's own DependsOn."""
    scope, serving = Construct(stack, "Monitors"), Construct(stack, "Serving")
    served = endpoint(serving, name="loans")
    monitor = bias_monitor(scope, endpoint_input="loans", data_capture_s3_uri=CAPTURED)
    if waits == "by itself":
        monitor.node.add_dependency(served)
    elif waits == "as a part of another construct":
        scope.node.add_dependency(serving)
    else:
        between = cdk.CfnWaitConditionHandle(stack, "Between")
        between.add_dependency(served)
        monitor.node.add_dependency(between)

    assert warnings(stack) == []
    (baseline,) = template_of(stack).find_resources("Custom::ClarifyBaseline").values()
    depends = stack.resolve(served.logical_id) if waits != "by what it waits for" else "Between"
    assert depends in baseline["DependsOn"]


def test_a_named_endpoint_of_another_stack_is_no_matter(app: cdk.App, stack: cdk.Stack) -> None:
    endpoint(cdk.Stack(app, "Serving", env=ENVIRONMENT), name="loans")
    bias_monitor(stack, endpoint_input="loans", data_capture_s3_uri=CAPTURED)

    assert warnings(stack) == []


def test_the_same_parameter_twice_is_a_name(agnostic_stack: cdk.Stack) -> None:
    name = cdk.CfnParameter(agnostic_stack, "Name").value_as_string
    endpoint(agnostic_stack, name=name)
    bias_monitor(agnostic_stack, endpoint_input=name, data_capture_s3_uri=CAPTURED)

    assert len(warnings(agnostic_stack, "endpoint-dependency")) == 1
