"""What tells whether a schedule would be updated: literals as a digest, and the tokens that nothing else looks at."""

from typing import Any

import aws_cdk as cdk

from cdk_clarify_monitors import NetworkConfig
from tests.support.monitors.builders import bias_monitor, only, template_of


def _inputs(make: Any = lambda stack: {}) -> list[Any]:
    stack = cdk.Stack(cdk.App(), "Loans", env=cdk.Environment(account="111111111111", region="eu-central-1"))
    bias_monitor(stack, constraints="s3://models/analysis.json", **make(stack))
    found: list[Any] = only(template_of(stack), "Custom::ClarifyBaseline")["ScheduleInputs"]
    return found


def test_tokens_of_each_kind_are_looked_at() -> None:
    def tokens(stack: cdk.Stack) -> dict[str, Any]:
        return {
            "endpoint_input": cdk.CfnParameter(stack, "Endpoint").value_as_string,
            "instance_count": cdk.CfnParameter(stack, "Count", type="Number").value_as_number,
            "network_config": NetworkConfig(
                security_group_ids=["sg-1"],
                subnets=cdk.CfnParameter(stack, "Subnets", type="CommaDelimitedList").value_as_list,
            ),
        }

    digest, *looked_at = _inputs(tokens)
    for name in ("Endpoint", "Count", "Subnets"):
        assert {"Ref": name} in looked_at
    assert digest == _inputs(tokens)[0]


def test_the_digest_does_not_depend_on_how_tokens_are_numbered() -> None:
    def later(stack: cdk.Stack) -> dict[str, Any]:
        for number in range(20):
            cdk.CfnParameter(stack, f"Unused{number}").value_as_string  # noqa: B018  it takes a number
        return {}

    assert _inputs() == _inputs(later)
