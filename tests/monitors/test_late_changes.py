"""What users change after a monitor was made is followed, and monitors that come late are whole.

Beside each monitor stands a queue of plain CDK, the control: what is followed there is followed here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from tests.support.monitors.builders import FEATURE_FLAGS, bias_monitor, document_of, explainability_monitor, only

GUARD = "Custom::ClarifyScheduleGuard"


def resources_of(stack: cdk.Stack) -> dict[str, Any]:
    """The resources of another synthesis."""
    stage = cdk.Stage.of(stack)
    assert stage is not None
    template = stage.synth(force=True).get_stack_artifact(stack.artifact_id).template
    return dict(template["Resources"])


def of_type(resources: dict[str, Any], type_: str) -> list[dict[str, Any]]:
    return [each.get("Properties", {}) for each in resources.values() if each["Type"] == type_]


def handler_statements(resources: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of the policies of the handlers' role."""
    policies = [*of_type(resources, "AWS::IAM::Policy"), *of_type(resources, "AWS::IAM::ManagedPolicy")]
    of_handler = [each for each in policies if "HandlerRole" in json.dumps(each.get("Roles", []))]
    return [statement for each in of_handler for statement in each["PolicyDocument"]["Statement"]]


def passed_roles(resources: dict[str, Any]) -> set[str]:
    found = [each["Resource"] for each in handler_statements(resources) if each["Action"] == "iam:PassRole"]
    return {arn["Fn::GetAtt"][0] for each in found for arn in (each if isinstance(each, list) else [each])}


def job_roles(resources: dict[str, Any]) -> set[str]:
    types = [f"AWS::SageMaker::Model{kind}JobDefinition" for kind in ("Bias", "Explainability")]
    return {each["RoleArn"]["Fn::GetAtt"][0] for type_ in types for each in of_type(resources, type_)}


def assert_whole(resources: dict[str, Any], count: int) -> None:
    """Every monitor's role may be passed, and its schedule is guarded."""
    (guard,) = of_type(resources, GUARD)
    names = {each["MonitoringScheduleName"] for each in of_type(resources, "AWS::SageMaker::MonitoringSchedule")}
    assert set(guard["Schedules"]) == names
    assert passed_roles(resources) == job_roles(resources)
    assert len(names) == count


# ---------------------------------------------------------------- monitors that come late
def test_a_monitor_between_two_syntheses_is_whole(stack: cdk.Stack) -> None:
    def whole(count: int) -> None:
        resources = resources_of(stack)
        assert_whole(resources, count)
        assert len(of_type(resources, "AWS::SQS::Queue")) == count  # the control

    bias_monitor(stack)
    sqs.Queue(stack, "First")
    whole(1)
    explainability_monitor(stack)
    sqs.Queue(stack, "Second")
    whole(2)
    bias_monitor(stack, "Third", monitor_schedule_name="third")
    sqs.Queue(stack, "ThirdQueue")
    whole(3)


@pytest.mark.parametrize("flags", [{}, FEATURE_FLAGS], ids=["old", "new"])
@pytest.mark.parametrize("stabilized", [False, True])
@pytest.mark.parametrize("first", [False, True])
def test_a_monitor_of_an_aspect_is_whole(flags: dict[str, Any], stabilized: bool, first: bool) -> None:
    app = cdk.App(context={**flags, "@aws-cdk/core:aspectStabilization": stabilized}, analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    zone = Construct(stack, "Zone") if first else None
    bias_monitor(stack)
    zone = zone or Construct(stack, "Zone")

    @jsii.implements(cdk.IAspect)
    class Late:
        def visit(self, node: Any) -> None:
            if node is zone and not zone.node.try_find_child("Late"):
                explainability_monitor(zone, "Late")
                sqs.Queue(zone, "Control")

    cdk.Aspects.of(zone).add(Late())
    resources = resources_of(stack)
    assert_whole(resources, 2)
    assert len(of_type(resources, "AWS::SQS::Queue")) == 1


@pytest.mark.parametrize("count", [50, 51, 101])
def test_roles_to_pass_are_at_most_fifty_a_statement(count: int) -> None:
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack")
    for number in range(count):
        bias_monitor(stack, f"Monitor{number}")
    resources = resources_of(stack)
    assert_whole(resources, count)
    passed = [each["Resource"] for each in handler_statements(resources) if each["Action"] == "iam:PassRole"]
    assert max(len(each) for each in passed if isinstance(each, list)) == 50


def test_a_removed_monitor_is_not_guarded(stack: cdk.Stack) -> None:
    bias_monitor(stack)
    explainability_monitor(stack, monitor_schedule_name="again")
    sqs.Queue(stack, "Control")
    assert stack.node.try_remove_child("Explainability")
    assert stack.node.try_remove_child("Control")
    monitor = explainability_monitor(stack, "Other", monitor_schedule_name="again")
    assert monitor.monitoring_schedule_name == "again"
    resources = resources_of(stack)
    (guard,) = of_type(resources, GUARD)
    assert len(guard["Schedules"]) == 2
    assert of_type(resources, "AWS::SQS::Queue") == []


# ---------------------------------------------------------------- names
def _property(schedule: sagemaker.CfnMonitoringSchedule) -> None:
    schedule.monitoring_schedule_name = "Mine"


def _override(schedule: sagemaker.CfnMonitoringSchedule) -> None:
    schedule.add_property_override("MonitoringScheduleName", "Mine")


RENAMES: dict[str, Callable[[sagemaker.CfnMonitoringSchedule], None]] = {"property": _property, "override": _override}


@pytest.mark.parametrize("given", [None, "given"])
@pytest.mark.parametrize("rename", RENAMES.values(), ids=RENAMES.keys())
def test_a_changed_name_is_followed(
    stack: cdk.Stack, rename: Callable[[sagemaker.CfnMonitoringSchedule], None], given: str | None
) -> None:
    monitor = bias_monitor(stack, monitor_schedule_name=given)
    metric = monitor.metric_bias("DPPL")
    schedule = monitor.node.default_child
    assert isinstance(schedule, sagemaker.CfnMonitoringSchedule)
    rename(schedule)
    control = sqs.Queue(stack, "Control", queue_name=given)
    queue = control.node.default_child
    assert isinstance(queue, sqs.CfnQueue)
    reference = cdk.CfnOutput(stack, "Arn", value=control.queue_arn)
    queue.queue_name = "Mine"
    resources = resources_of(stack)
    assert [each["QueueName"] for each in of_type(resources, "AWS::SQS::Queue")] == ["Mine"]
    assert stack.resolve(reference.value)["Fn::GetAtt"][1] == "Arn"
    assert monitor.monitoring_schedule_name == "Mine"
    assert stack.resolve(metric.dimensions or {})["MonitoringSchedule"] == "Mine"
    (guard,) = of_type(resources, GUARD)
    assert guard["Schedules"] == ["Mine"]
    (baseline,) = of_type(resources, "Custom::ClarifyBaseline")
    assert json.loads(baseline["Baseline"])["Schedule"] == "Mine"
    described = [
        json.dumps(each["Resource"])
        for each in handler_statements(resources)
        if each["Action"] == "sagemaker:DescribeMonitoringSchedule"
    ]
    assert any("monitoring-schedule/Mine" in each and "monitoring-schedule/mine" in each for each in described)


def test_a_name_that_becomes_a_token_is_followed(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    schedule = monitor.node.default_child
    assert isinstance(schedule, sagemaker.CfnMonitoringSchedule)
    queue = sqs.CfnQueue(stack, "Control", queue_name="given")
    name = cdk.CfnParameter(stack, "Name").value_as_string
    schedule.monitoring_schedule_name = queue.queue_name = name
    resources = resources_of(stack)
    assert of_type(resources, "AWS::SQS::Queue") == [{"QueueName": {"Ref": "Name"}}]
    (baseline,) = of_type(resources, "Custom::ClarifyBaseline")
    assert baseline["Tokens"]["String"]["/Schedule"] == {"Ref": "Name"}
    assert json.loads(baseline["Baseline"])["Schedule"] is None
    (guard,) = of_type(resources, GUARD)
    assert guard["Schedules"] == [{"Ref": "Name"}]


def test_an_unchanged_name_adds_nothing(stack: cdk.Stack) -> None:
    bias_monitor(stack)
    names = [name for name in resources_of(stack) if "Renamed" in name]
    assert names == []


# ---------------------------------------------------------------- typed properties of the L1 constructs
def test_typed_properties_can_be_read(stack: cdk.Stack) -> None:
    for monitor in (bias_monitor(stack), explainability_monitor(stack)):
        for resource in (monitor.node.find_child("JobDefinition"), monitor.node.find_child("Resource")):
            names = [name for name in dir(type(resource)) if not name.startswith("_")]
            values = {name: getattr(resource, name) for name in names}
            assert values["role_arn" if "role_arn" in values else "monitoring_schedule_name"]


def test_typed_properties_can_be_changed_in_an_aspect(stack: cdk.Stack) -> None:
    @jsii.implements(cdk.IAspect)
    class AddVariable:
        def visit(self, node: Any) -> None:
            if isinstance(node, sqs.CfnQueue):
                node.delay_seconds = 1
            if isinstance(node, sagemaker.CfnModelBiasJobDefinition):
                app: Any = node.model_bias_app_specification
                node.model_bias_app_specification = (
                    sagemaker.CfnModelBiasJobDefinition.ModelBiasAppSpecificationProperty(
                        image_uri=app.image_uri, config_uri=app.config_uri, environment={**app.environment, "X": "1"}
                    )
                )

    bias_monitor(stack)
    before = only(cdk.assertions.Template.from_stack(stack), "AWS::SageMaker::ModelBiasJobDefinition")
    sqs.Queue(stack, "Control")
    cdk.Aspects.of(stack).add(AddVariable())
    resources = resources_of(stack)
    assert of_type(resources, "AWS::SQS::Queue") == [{"DelaySeconds": 1}]
    (definition,) = of_type(resources, "AWS::SageMaker::ModelBiasJobDefinition")
    specification = definition["ModelBiasAppSpecification"]
    assert specification["Environment"].pop("X") == "1"
    assert specification == before["ModelBiasAppSpecification"]


# ---------------------------------------------------------------- text
TEXTS = [
    "${Token[@step.1]}",
    "${Token[@object.0]}",
    "${AWS::Region} ${!literal}",
    '{"Fn::Sub": "${X}"}',
    "$&$1$`",
    "</script>\u2028é",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_of_users_arrives_untouched(stack: cdk.Stack, text: str) -> None:
    control = cdk.CfnOutput(stack, "Control", value=text)
    bias_monitor(stack, env={"VARIABLE": text})
    resources = resources_of(stack)
    (definition,) = of_type(resources, "AWS::SageMaker::ModelBiasJobDefinition")
    assert definition["ModelBiasAppSpecification"]["Environment"]["VARIABLE"] == text == stack.resolve(control.value)
    (baseline,) = of_type(resources, "Custom::ClarifyBaseline")
    place = "/Baselining/ProcessingJob/Environment/VARIABLE"
    written = json.loads(baseline["Baseline"])["Baselining"]["ProcessingJob"]["Environment"]["VARIABLE"]
    assert (written or baseline["Tokens"]["String"][place]) == text


# ---------------------------------------------------------------- messages
def test_messages_name_the_public_class(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    with pytest.raises(RuntimeError, match=r"'Role' in ModelBiasMonitorConstruct \[Bias\]"):
        Construct(monitor, "Role")
    other = explainability_monitor(stack)
    with pytest.raises(RuntimeError, match=r"'Role' in ModelExplainabilityMonitorConstruct \[Explainability\]"):
        Construct(other, "Role")


@pytest.mark.parametrize("id_", ["constructor", "toString", "hasOwnProperty"])
def test_ids_that_the_cdk_takes_for_children_are_refused(stack: cdk.Stack, id_: str) -> None:
    with pytest.raises(RuntimeError, match=f"already a Construct with name '{id_}'"):
        sqs.Queue(stack, id_)
    with pytest.raises(ValueError, match=f"'id' must be unique in 'Stack', got '{id_}'"):
        bias_monitor(stack, id_)


def test_the_document_of_a_baseline_is_as_before(stack: cdk.Stack) -> None:
    bias_monitor(stack, monitor_schedule_name="given")
    document = document_of(cdk.assertions.Template.from_stack(stack))
    assert document["Schedule"] == "given"
    assert [*document] == sorted(document)
