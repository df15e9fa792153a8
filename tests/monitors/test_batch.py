"""What is sent to the CDK in one message does what the same calls do, and what it makes is found in the tree."""

from __future__ import annotations

import contextlib
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from cdk_clarify_monitors import _batch
from cdk_clarify_monitors._batch import Batch, BatchedConstruct
from tests.monitors.builders import template_of

ROLE = {"assumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}


@jsii.implements(cdk.IAspect)
class Visitor:
    """An object of Python's that the CDK calls."""

    def __init__(self) -> None:
        self.visited: list[str] = []

    def visit(self, node: IConstruct) -> None:
        self.visited.append(node.node.id)


def test_what_is_made_is_found_in_the_tree_as_an_object_of_its_class(stack: cdk.Stack) -> None:
    batch = Batch()
    arn = batch.get(batch.new("aws-cdk-lib.aws_iam.CfnRole", stack, "Role", ROLE), "attrArn")
    made = batch.run()
    role = stack.node.find_child("Role")
    assert isinstance(role, iam.CfnRole)
    assert stack.resolve(made[arn]) == stack.resolve(role.attr_arn) == {"Fn::GetAtt": ["Role", "Arn"]}


def test_a_result_stands_for_a_value_a_part_of_a_string_a_target_or_something_deep_inside(stack: cdk.Stack) -> None:
    batch = Batch()
    scope = batch.new("constructs.Construct", stack, "Scope")
    duration = batch.call("aws-cdk-lib.Duration", "minutes", 5)
    seconds = batch.call(duration, "toIsoString")
    tags = [{"key": "duration", "value": f"about {seconds}, {seconds} at most"}]
    batch.new("aws-cdk-lib.aws_iam.CfnRole", scope, "Role", {**ROLE, "tags": tags})
    made = batch.run()
    assert made == {seconds: "PT5M"}
    (resource,) = template_of(stack).find_resources("AWS::IAM::Role").values()
    assert resource["Properties"]["Tags"] == [{"Key": "duration", "Value": "about PT5M, PT5M at most"}]


def test_constructs_that_were_made_before_are_found_by_their_ids(stack: cdk.Stack) -> None:
    Construct(Construct(stack, "Outer"), "Inner")
    batch = Batch()
    path = batch.get(batch.get(batch.child(stack, "Outer", "Inner"), "node"), "path")
    assert batch.run()[path] == "Stack/Outer/Inner"


def test_objects_of_python_take_part(stack: cdk.Stack) -> None:
    visitor = Visitor()
    batch = Batch()
    batch.call(batch.call("aws-cdk-lib.Aspects", "of", stack), "add", visitor)
    batch.new("constructs.Construct", stack, "Child")
    batch.run()
    template_of(stack)
    assert visitor.visited == ["Stack", "Child"]


@pytest.mark.parametrize(
    "text", ["${AWS::Region} ${!literal}", 'a "quoted" \\ text', "ünïcode \u2028", "$&$1", "@step.0"]
)
def test_strings_arrive_as_they_are(stack: cdk.Stack, text: str) -> None:
    batch = Batch()
    node = batch.get(stack, "node")
    batch.call(node, "setContext", "key", {text: [text]})
    found = batch.call(node, "tryGetContext", "key")
    batch.call(node, "setContext", "other", found)
    batch.run()
    assert stack.node.try_get_context("other") == {text: [text]}


def test_tokens_of_the_cdk_are_strings_like_others(stack: cdk.Stack) -> None:
    parameter = cdk.CfnParameter(stack, "Parameter")
    batch = Batch()
    text = f"s3://{parameter.value_as_string}/key"
    joined = batch.call("aws-cdk-lib.Fn", "join", "", [text, "/more"])
    assert stack.resolve(batch.run()[joined]) == stack.resolve(f"{text}/more")


def test_what_the_cdk_refuses_is_raised(stack: cdk.Stack) -> None:
    batch = Batch()
    for _ in range(2):
        batch.new("constructs.Construct", stack, "Twice")
    with pytest.raises(RuntimeError, match="There is already a Construct with name 'Twice'"):
        batch.run()


def test_what_is_to_be_done_afterwards_is_done_if_all_went_well(stack: cdk.Stack) -> None:
    done: list[int] = []
    for _ in range(2):
        batch = Batch()
        batch.new("constructs.Construct", stack, "Twice")
        batch.afterwards(lambda: done.append(len(stack.node.children)))
        with contextlib.suppress(RuntimeError):
            batch.run()
    assert done == [1]


def test_a_construct_takes_part_in_the_steps_that_make_it(stack: cdk.Stack) -> None:
    class Pair(BatchedConstruct):
        def __init__(self, scope: Construct, id: str) -> None:
            batch = Batch()
            batch.new("constructs.Construct", self, "Left")
            batch.new("constructs.Construct", self, "Right")
            batch.call(batch.get(stack, "node"), "addMetadata", "made", batch.get(batch.get(self, "node"), "path"))
            super().__init__(scope, id, batch)

    pair = Pair(stack, "Pair")
    assert [child.node.path for child in pair.node.children] == ["Stack/Pair/Left", "Stack/Pair/Right"]
    assert stack.node.find_child("Pair") is pair
    assert [entry.data for entry in stack.node.metadata if entry.type == "made"] == ["Stack/Pair"]


def test_a_batch_is_one_message_and_none_if_it_is_empty(stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    send = jsii.sinvoke

    def remembered(*arguments: Any) -> Any:
        sent.append(arguments)
        return send(*arguments)

    monkeypatch.setattr(_batch.jsii, "sinvoke", remembered)
    assert Batch().run() == {}
    assert sent == []
    batch = Batch()
    for number in range(10):
        batch.new("constructs.Construct", stack, f"Child{number}")
    batch.run()
    assert len(sent) == 1
    assert len(stack.node.children) == 10
