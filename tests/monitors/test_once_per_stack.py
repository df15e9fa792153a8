"""What the monitors of a stack share is made once, with any number of monitors, whatever their options."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import BaselineFunctions, BaselineOptions
from tests.support.monitors.builders import ENVIRONMENT, bias_monitor, explainability_monitor, template_of

REMOVES = BaselineOptions(remove_outputs=True)
LINKS = "Custom::ClarifyBaseline"


def other_monitors(scope: Any, **changes: Any) -> Any:
    explainability_monitor(scope, "Second", **changes)
    bias_monitor(scope, "Third", **changes)


def shared_by(stack: cdk.Stack) -> Any:
    """The resources that belong to no monitor, by their types."""
    resources = template_of(stack).to_json()["Resources"]
    return {id_: found["Type"] for id_, found in resources.items() if not id_.startswith(("First", "Second", "Third"))}


def removal_policy_of(stack: cdk.Stack) -> Any:
    """The only policy for removals, by its id."""
    policies = template_of(stack).find_resources("AWS::IAM::Policy")
    ((id_, policy),) = ((id_, policy) for id_, policy in policies.items() if "RemovalPolicy" in id_)
    return id_, policy["Properties"]


@pytest.mark.parametrize(
    "options",
    [
        BaselineOptions(),
        REMOVES,
        BaselineOptions(remove_outputs=True, dataset_identity=True, timeout=cdk.Duration.hours(3)),
        BaselineOptions(wait=False, dataset_identity=True, remove_outputs=True),
    ],
    ids=["defaults", "remove_outputs", "a chain", "no wait"],
)
def test_three_monitors_share_what_one_has(app: cdk.App, options: Any) -> None:
    one, three = cdk.Stack(app, "One", env=ENVIRONMENT), cdk.Stack(app, "Three", env=ENVIRONMENT)
    for stack in (one, three):
        bias_monitor(stack, "First", baseline=options)
    other_monitors(three, baseline=options)

    assert shared_by(three) == shared_by(one)


def test_three_monitors_share_the_network_of_the_functions(app: cdk.App) -> None:
    one, three = cdk.Stack(app, "One", env=ENVIRONMENT), cdk.Stack(app, "Three", env=ENVIRONMENT)
    for stack in (one, three):
        vpc = ec2.Vpc(stack, "Vpc", max_azs=1, nat_gateways=1)
        BaselineFunctions.of(stack).run_in_vpc(vpc)
        bias_monitor(stack, "First", baseline=REMOVES)
        BaselineFunctions.of(stack).run_in_vpc(vpc)
    other_monitors(three, baseline=REMOVES)

    assert shared_by(three) == shared_by(one)


def test_nested_stacks_have_what_they_share_themselves(stack: cdk.Stack) -> None:
    nested = [cdk.NestedStack(stack, name) for name in ("A", "B")]
    for each in (stack, *nested):
        bias_monitor(each, "First", baseline=REMOVES)
        other_monitors(each, baseline=REMOVES)

    of_monitors, of_one, of_other = (shared_by(each) for each in (stack, *nested))
    assert of_one == of_other
    assert "Custom::ClarifyScheduleGuard" in of_one.values()
    assert of_one.items() <= of_monitors.items()


def test_the_removal_policy_is_for_every_monitor_that_removes(stack: cdk.Stack) -> None:
    bias_monitor(stack, "Keeps")
    bias_monitor(stack, "First", baseline=REMOVES, output_s3_uri="s3://results/first")
    explainability_monitor(stack, "Kept", baseline=BaselineOptions(dataset_identity=True))
    other_monitors(stack, baseline=REMOVES)

    id_, policy = removal_policy_of(stack)

    depends = {name: link.get("DependsOn", []) for name, link in template_of(stack).find_resources(LINKS).items()}
    waiting = {name for name, on in depends.items() if id_ in on}
    assert {name.split("Baseline")[0] for name in waiting} == {"First", "Second", "Third"}
    assert len(policy["Roles"]) == 1
    assert all(statement["Effect"] == "Allow" for statement in policy["PolicyDocument"]["Statement"])


def test_a_refused_monitor_leaves_no_trace_in_what_is_shared(app: cdk.App) -> None:
    clean, tried = cdk.Stack(app, "Clean", env=ENVIRONMENT), cdk.Stack(app, "Tried", env=ENVIRONMENT)
    for stack in (clean, tried):
        bias_monitor(stack, "First")
        if stack is tried:
            with pytest.raises(ValueError, match="'id' must be unique in 'Tried', got 'First'"):
                bias_monitor(stack, "First", baseline=REMOVES)
        other_monitors(stack, baseline=REMOVES)

    assert shared_by(tried) == shared_by(clean)
    assert removal_policy_of(tried)[0] == removal_policy_of(clean)[0]


def test_functions_know_whose_the_default_bucket_is(stack: cdk.Stack) -> None:
    bias_monitor(stack, "First")
    expected = {"DEFAULT_BUCKET": {"Ref": "ClarifyMonitorBucket"}, "DEFAULT_BUCKET_OWNER": ENVIRONMENT.account}

    functions = template_of(stack).find_resources("AWS::Lambda::Function").values()

    ours = [it["Properties"] for it in functions if it["Properties"]["Handler"].startswith("handler.")]
    assert [properties["Environment"]["Variables"] for properties in ours] == [expected, expected]


def test_functions_know_nothing_of_a_bucket_that_is_given(stack: cdk.Stack) -> None:
    bias_monitor(stack, "First", bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "given"))

    functions = template_of(stack).find_resources("AWS::Lambda::Function").values()

    ours = [it["Properties"] for it in functions if it["Properties"]["Handler"].startswith("handler.")]
    assert [properties.get("Environment") for properties in ours] == [None, None]
