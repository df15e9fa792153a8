"""An organisation's defaults reach monitors as they reach the CDK's own constructs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_clarify_monitors import ModelBiasMonitorConstruct, ModelExplainabilityMonitorConstruct
from tests.support.monitors.builders import bias_monitor, explainability_monitor, only, template_of

BIAS = "AWS::SageMaker::ModelBiasJobDefinition"
Change = Callable[[Any], Any]


@jsii.implements(cdk.IPropertyInjector)
class Injector:
    """Changes the arguments of one class of constructs, and notes what it was asked."""

    def __init__(self, unique_id: str, change: Change) -> None:
        self._unique_id = unique_id
        self._change = change
        self.asked: list[tuple[str, Any]] = []

    @property
    def construct_unique_id(self) -> str:
        return self._unique_id

    def inject(self, original_props: Any, *, scope: Construct, id: str) -> Any:
        self.asked.append((id, original_props))
        return self._change(original_props)


def defaults(**arguments: Any) -> Change:
    return lambda props: {**arguments, **props}


def overrides(**arguments: Any) -> Change:
    return lambda props: {**props, **arguments}


def injecting(scope: Construct, change: Change, of: Any = ModelBiasMonitorConstruct) -> Injector:
    injector = Injector(of.PROPERTY_INJECTION_ID, change)
    cdk.PropertyInjectors.of(scope).add(injector)
    return injector


def instance_type(stack: cdk.Stack, type_: str = BIAS) -> str:
    return str(only(template_of(stack), type_)["JobResources"]["ClusterConfig"]["InstanceType"])


def test_the_ids_are_those_of_the_classes() -> None:
    assert ModelBiasMonitorConstruct.PROPERTY_INJECTION_ID == "cdk-clarify-monitors.ModelBiasMonitorConstruct"
    assert ModelExplainabilityMonitorConstruct.PROPERTY_INJECTION_ID == (
        "cdk-clarify-monitors.ModelExplainabilityMonitorConstruct"
    )


@pytest.mark.parametrize("place", ["app", "stack", "construct"])
def test_an_injector_changes_monitors_below_its_scope(app: cdk.App, stack: cdk.Stack, place: str) -> None:
    inner = Construct(stack, "Inner")
    injecting({"app": app, "stack": stack, "construct": inner}[place], defaults(instance_type="ml.m5.4xlarge"))
    bias_monitor(inner)
    assert instance_type(stack) == "ml.m5.4xlarge"


def test_an_injector_given_to_the_app_reaches_its_monitors() -> None:
    unique_id = ModelBiasMonitorConstruct.PROPERTY_INJECTION_ID
    app = cdk.App(property_injectors=[Injector(unique_id, defaults(instance_type="ml.m5.4xlarge"))])
    stack = cdk.Stack(app, "Stack")
    bias_monitor(stack)
    assert instance_type(stack) == "ml.m5.4xlarge"


def test_the_cdks_own_constructs_are_found_alike(stack: cdk.Stack) -> None:
    """The control: the nearest injector wins, is asked once for each construct, and is told scope, id and arguments."""
    far, near = (Injector(s3.Bucket.PROPERTY_INJECTION_ID, overrides(bucketName=name)) for name in ("far", "near"))
    cdk.PropertyInjectors.of(stack.node.root).add(far)
    cdk.PropertyInjectors.of(stack).add(near)
    s3.Bucket(stack, "Bucket", versioned=True)
    assert only(template_of(stack), "AWS::S3::Bucket")["BucketName"] == "near"
    assert far.asked == []
    assert near.asked == [("Bucket", {"versioned": True})]


def test_the_nearest_injector_is_asked_once(app: cdk.App, stack: cdk.Stack) -> None:
    far = injecting(app, defaults(instance_type="ml.m5.large"))
    near = injecting(stack, defaults(instance_type="ml.m5.4xlarge"))
    bias_monitor(stack, "Loans")
    assert instance_type(stack) == "ml.m5.4xlarge"
    assert far.asked == []
    ((id_, props),) = near.asked
    assert id_ == "Loans"
    assert props["endpoint_input"] == "loans-endpoint"
    assert "instance_type" not in props


def test_an_injector_of_the_other_kind_is_not_asked(stack: cdk.Stack) -> None:
    injector = injecting(stack, defaults(instance_type="ml.m5.4xlarge"), of=ModelExplainabilityMonitorConstruct)
    bias_monitor(stack)
    assert injector.asked == []
    explainability_monitor(stack)
    assert instance_type(stack, "AWS::SageMaker::ModelExplainabilityJobDefinition") == "ml.m5.4xlarge"


def test_what_an_app_says_wins_over_defaults(stack: cdk.Stack) -> None:
    injecting(stack, defaults(instance_type="ml.m5.4xlarge"))
    bias_monitor(stack, instance_type="ml.c5.xlarge")
    assert instance_type(stack) == "ml.c5.xlarge"


def test_what_is_wrong_without_defaults_is_right_with_them(stack: cdk.Stack) -> None:
    injecting(stack, overrides(endpoint_input="loans-endpoint", instance_type="ml.m5.4xlarge"))
    bias_monitor(stack, endpoint_input=None, instance_type="large")
    assert instance_type(stack) == "ml.m5.4xlarge"


def test_an_injector_added_late_reaches_later_monitors(stack: cdk.Stack) -> None:
    bias_monitor(stack, "First")
    injecting(stack, defaults(instance_type="ml.m5.4xlarge"))
    bias_monitor(stack, "Second")
    found = template_of(stack).find_resources(BIAS).values()
    types = [each["Properties"]["JobResources"]["ClusterConfig"]["InstanceType"] for each in found]
    assert sorted(types) == ["ml.m5.4xlarge", "ml.m5.xlarge"]


def test_constructs_of_the_cdk_are_injected_as_well(stack: cdk.Stack) -> None:
    key = overrides(versioned=True)
    cdk.PropertyInjectors.of(stack).add(Injector(s3.Bucket.PROPERTY_INJECTION_ID, key))
    assert bias_monitor(stack).bucket
    assert only(template_of(stack), "AWS::S3::Bucket")["VersioningConfiguration"] == {"Status": "Enabled"}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda _: None, TypeError, "'inject' must return a mapping of arguments, got None: "),
        (
            overrides(kms_key="k"),
            TypeError,
            "'kms_key' must be left out: ModelBiasMonitorConstruct has no such argument",
        ),
        (overrides(instance_type="large"), ValueError, "'instance_type' must be an instance type of SageMaker's"),
        (overrides(instance_count=0), ValueError, "'instance_count' must be"),
    ],
)
def test_what_an_injector_returns_is_checked(
    stack: cdk.Stack, change: Change, error: type[Exception], message: str
) -> None:
    injecting(stack, change)
    with pytest.raises(error, match=r".") as refused:
        bias_monitor(stack)
    assert str(refused.value).startswith(message)
    assert stack.node.children == []


def test_an_injector_that_fails_says_so_itself(stack: cdk.Stack) -> None:
    def change(props: Mapping[str, Any]) -> Any:
        raise LookupError(props["endpoint_input"])

    injecting(stack, change)
    with pytest.raises(LookupError, match="loans-endpoint"):
        bias_monitor(stack)
    assert stack.node.children == []
