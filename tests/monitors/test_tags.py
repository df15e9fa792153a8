"""Tags are counted at synthesis: those of the stack, of `tags` and of aspects together, as AWS counts them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from constructs import Construct

from tests.support.monitors.builders import ENVIRONMENT, FEATURE_FLAGS, bias_monitor, explainability_monitor

Build = Callable[[cdk.Stack], object]

DEFINITIONS = ["AWS::SageMaker::ModelBiasJobDefinition", "AWS::SageMaker::ModelExplainabilityJobDefinition"]
OTHERS = [*DEFINITIONS, "AWS::SageMaker::MonitoringSchedule"]


def many(count: int, prefix: str = "m") -> dict[str, str]:
    return {f"{prefix}{number}": "x" for number in range(count)}


def add(scope: Construct, count: int, prefix: str = "t", **options: Any) -> None:
    for key in many(count, prefix):
        cdk.Tags.of(scope).add(key, "x", **options)


def synthesize(build: Build, stack_tags: int = 0, **context: bool) -> None:
    flags = {**FEATURE_FLAGS, **context}
    app = cdk.App(context=flags, analytics_reporting=False)
    build(cdk.Stack(app, "Loans", env=ENVIRONMENT, tags=many(stack_tags, "s")))
    app.synth()


def _of_the_job_only(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack, tags=many(25))
    add(monitor, 26, exclude_resource_types=OTHERS)


def _of_the_schedule_only(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack, tags=many(25))
    add(monitor, 26, include_resource_types=OTHERS[-1:])


def _of_the_definition_only(stack: cdk.Stack) -> None:
    monitor = explainability_monitor(stack, tags=many(25))
    add(monitor, 26, include_resource_types=DEFINITIONS)


def _without_job(stack: cdk.Stack) -> None:
    bias_monitor(stack, tags=many(21), constraints="s3://data/analysis.json")


def _from_outside(stack: cdk.Stack) -> None:
    add(stack, 30)
    bias_monitor(stack, tags=many(21))


TOO_MANY: dict[str, tuple[Build, int, str]] = {
    "of the stack": (lambda stack: bias_monitor(stack, tags=many(21)), 30, "51 of the monitoring schedule: 21 .* 30"),
    "of an aspect": (_from_outside, 0, "51 of the monitoring schedule: 51 .* 0"),
    "of the job only": (_of_the_job_only, 0, "51 of the baselining job: 51 "),
    "of the schedule only": (_of_the_schedule_only, 0, "51 of the monitoring schedule: 51 "),
    "of the definition only": (_of_the_definition_only, 0, "51 of the job definition: 51 "),
    "without a job": (_without_job, 30, "51 of the monitoring schedule: 21 .* 30"),
    "of the stack around": (lambda stack: bias_monitor(cdk.NestedStack(stack, "Inner"), tags=many(21)), 30, "21 .* 30"),
    "by far": (lambda stack: explainability_monitor(stack, tags=many(50)), 50, "100 of .*; remove 50 of them"),
}


@pytest.mark.parametrize(("build", "stack_tags", "says"), TOO_MANY.values(), ids=TOO_MANY.keys())
def test_more_than_fifty_are_refused_with_their_numbers(build: Build, stack_tags: int, says: str) -> None:
    with pytest.raises(RuntimeError) as refused:
        synthesize(build, stack_tags)
    (message,) = [line for line in str(refused.value).splitlines() if "'tags'" in line]
    assert message.strip().startswith("[Loans/")
    assert "'tags' must be at most 50 together with the stack's, got " in message
    assert re.search(says, message)


def test_each_monitor_has_one_message() -> None:
    def build(stack: cdk.Stack) -> None:
        bias_monitor(stack, tags=many(51 - 30))
        explainability_monitor(stack, tags=many(52 - 30))

    with pytest.raises(RuntimeError) as refused:
        synthesize(build, 30)
    assert str(refused.value).count("'tags' must be") == 2
    for path in ("[Loans/Bias] ", "[Loans/Explainability] "):
        assert str(refused.value).count(path) == 1


ENOUGH: dict[str, tuple[Build, int]] = {
    "fifty in all": (lambda stack: bias_monitor(stack, tags=many(20)), 30),
    "the same keys": (lambda stack: bias_monitor(stack, tags=many(50, "s")), 50),
    "fifty of the stack": (bias_monitor, 50),
    "none": (explainability_monitor, 0),
    "fifty in a stack without": (lambda stack: bias_monitor(stack, tags=many(50)), 0),
}


@pytest.mark.parametrize("explicit", [True, False])
@pytest.mark.parametrize(("build", "stack_tags"), ENOUGH.values(), ids=ENOUGH.keys())
def test_fifty_tags_in_all_are_accepted(build: Build, stack_tags: int, explicit: bool) -> None:
    synthesize(build, stack_tags, **{"@aws-cdk/core:explicitStackTags": explicit})


@pytest.mark.parametrize("explicit", [True, False])
def test_an_aspect_on_a_stack_counts_once(explicit: bool) -> None:
    def build(stack: cdk.Stack) -> None:
        add(stack, 30)
        bias_monitor(stack, tags=many(20))

    synthesize(build, **{"@aws-cdk/core:explicitStackTags": explicit})
