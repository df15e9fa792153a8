"""Properties of which an update could not carry two, old and new ones, are refused at synthesis."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from constructs import IConstruct

from cdk_clarify_monitors import BaselineOptions
from tests.support.monitors.all_options import bias_monitor_with_all_options, explainability_monitor_with_all_options
from tests.support.monitors.builders import FEATURE_FLAGS, bias_monitor, data_config, explainability_monitor
from tests.support.simulation.simulated_aws import SimulatedAws
from tests.support.simulation.simulated_cloudformation import Stack as SimulatedStack
from tests.support.templates.deployment import Cloud

LIMIT = 262_144
# The longest that AWS takes, of letters with four bytes.
TAGS = {f"{number:02d}{'𠀀' * 126}": "𠀀" * 256 for number in range(50)}
VARIABLES = {f"E{number:02d}{'x' * 253}": "v" * 256 for number in range(49)}
WORDY = {f"E{number}": "😀" * 256 for number in range(49)}


def refusal(app: cdk.App) -> str:
    """What the CDK says to an app that it does not synthesize; "" if it does."""
    try:
        app.synth()
    except RuntimeError as error:
        return str(error)
    return ""


def update_size(app: cdk.App, name: str) -> int:
    """The bytes of the largest input that CDK's provider framework hands to Step Functions for an update."""
    template = Cloud("111111111111", "eu-central-1").deploy(app.synth().directory, name)
    sizes = []
    for id_ in template.logical_ids("Custom::ClarifyBaseline"):
        properties = json.loads(json.dumps(template.value(template.template["Resources"][id_]["Properties"])))
        stack = SimulatedStack(SimulatedAws())
        event = stack.event("Update", properties, properties, "x" * 60)
        more = {"ServiceToken": properties["ServiceToken"], "ResponseURL": "https://example.com/" + "x" * 2000}
        answer = stack.framework.handlers.on_event(event)
        sizes.append(len(json.dumps({**event, **more, **answer}, ensure_ascii=False, separators=(",", ":")).encode()))
    return max(sizes)


def test_most_tags_variables_and_inline_configs_can_be_updated(app: cdk.App, stack: cdk.Stack) -> None:
    # Both configs are as large as they can be without being files
    headers = ["approved", "age", *(f"column_{number:05d}" for number in range(440))]
    bias_monitor(stack, data_config=data_config(headers=headers), tags=TAGS, env=VARIABLES)

    assert refusal(app) == ""
    assert 200_000 < update_size(app, "Stack") <= LIMIT
    assert "AnalysisConfigAsset" not in (Path(app.outdir) / stack.template_file).read_text()


def test_the_refusal_tells_size_limit_and_remedy(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, env=WORDY)

    message = refusal(app)

    assert re.search(
        r"\[Stack/Bias/Baseline\] the properties have up to \d{6} bytes "
        r"\(Baseline \d{6}, Tokens \d+, ServiceToken \d+\), the limit is 126976: "
        r"an update sends old and new ones through Step Functions, which takes 262144; "
        r"use fewer or shorter tags, environment variables and deploy-time values",
        message,
    )
    assert message.count("the properties have") == 1


def test_every_monitor_that_is_too_large_is_named(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, "Small")
    bias_monitor(stack, "Bias", env=WORDY, baseline=BaselineOptions(timeout=cdk.Duration.hours(2)))
    explainability_monitor(stack, env=WORDY)

    found = re.findall(r"\[(Stack/\S+)\] the properties have", refusal(app))

    assert found == [*(f"Stack/Bias/Baseline{number}" for number in ("", 2, 3)), "Stack/Explainability/Baseline"]


def test_of_what_is_not_refused_two_fit(tmp_path: Path) -> None:
    """The largest that is accepted, of several kinds."""
    kinds: dict[str, Any] = {
        "quotes": {"env": lambda n: {f"E{i}": '"' * 256 for i in range(n)}},
        "backslashes": {"env": lambda n: {f"E{i}": "\\" * 256 for i in range(n)}},
        "lines": {"env": lambda n: {f"E{i}": "\n" * 256 for i in range(n)}},
        "letters": {"env": lambda n: {f"E{i}": "é" * 256 for i in range(n)}},
        "emoji": {"env": lambda n: {f"E{i}": "😀" * 256 for i in range(n)}},
    }
    for kind, change in kinds.items():
        # Tags bring all of them near to the limit.
        accepted = []
        for count in (8, 16, 24, 32, 40, 49):
            folder = tmp_path / f"{kind}-{count}"
            app = cdk.App(outdir=str(folder), context=FEATURE_FLAGS, analytics_reporting=False)
            stack = cdk.Stack(app, "Stack")
            bias_monitor(stack, tags=TAGS, env=change["env"](count))
            if not refusal(app):
                accepted.append(app)
        assert accepted, kind
        assert update_size(accepted[-1], "Stack") <= LIMIT, kind


@jsii.implements(cdk.IAspect)
class _MoreTags:
    def visit(self, node: IConstruct) -> None:
        if isinstance(node, cdk.CfnResource) and node.cfn_resource_type == "Custom::ClarifyBaseline":
            node.add_property_override("Tags", [{"Key": "x" * 128, "Value": "y" * 256}] * 400)


def test_what_an_aspect_adds_counts(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack)
    assert refusal(app) == ""
    cdk.Aspects.of(stack).add(_MoreTags())

    with pytest.raises(RuntimeError, match=r"Tags \d{6}"):
        app.synth(force=True)


def test_the_stacks_tags_count(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, tags=TAGS)
    for key, value in TAGS.items():
        stack.tags.set_tag(key[::-1], value)

    assert re.search(r"\(StackTags \d{5}, Tags \d{5}, ", refusal(app))


def test_many_deploy_time_values_are_estimated(app: cdk.App, stack: cdk.Stack) -> None:
    names = [cdk.CfnParameter(stack, f"P{number}").value_as_string for number in range(190)]
    bias_monitor(stack, "Some", data_config=data_config(headers=["approved", "age", *names[:100]]))
    bias_monitor(stack, "Many", data_config=data_config(headers=["approved", "age", *names, *_more(stack)]))

    message = refusal(app)

    assert "[Stack/Many/Baseline] the properties have up to" in message
    assert "(Tokens " in message
    assert "Stack/Some" not in message


def _more(stack: cdk.Stack) -> list[str]:
    return [cdk.Fn.sub(f"${{P{number}}}-${{AWS::Region}}-{number}") for number in range(190)]


def test_a_monitor_with_all_options_is_not_refused(app: cdk.App) -> None:
    for make in (bias_monitor_with_all_options, explainability_monitor_with_all_options):
        environment = cdk.Environment(account="1" * 12, region="eu-west-1")
        make(cdk.Stack(app, make.__name__.replace("_", ""), env=environment))

    assert refusal(app) == ""
