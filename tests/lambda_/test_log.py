"""The log: what is in it, and what never is."""

import json

import pytest

from cdk_clarify_monitors_lambda.clarify_baseline.aws.log import Log
from tests.support.simulation.simulated_aws import Plan, SimulatedAws
from tests.support.simulation.simulated_cloudformation import Stack, variant


def test_every_line_is_json_with_request_baseline_and_event(
    aws: SimulatedAws, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.create(variant(1))
    aws.plans.append(Plan(status="Failed", failure_reason='boom\n{"event": "forged"}'))
    stack.update(variant(2))
    stack.delete()

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert {"requested", "wrote a config", "started", "complete", "failed"} <= {line["event"] for line in lines}
    assert "forged" not in {line["event"] for line in lines}
    assert {line["baseline"] for line in lines} == {"Stack-Monitor-1A2B3C4D"}
    assert all(line["request_id"] in stack.framework.responses for line in lines)


def test_the_presigned_url_of_the_answer_is_never_written(
    aws: SimulatedAws, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.create(variant(1))
    stack.update({"Baseline": "malformed"})
    stack.delete()

    written = capsys.readouterr()

    assert "X-Amz-Signature" not in written.out + written.err
    assert not [body for body in aws.objects.values() if b"X-Amz-Signature" in body]


def test_values_cannot_forge_lines(capsys: pytest.CaptureFixture[str]) -> None:
    Log(a="x\ny").write("event", b="1\r2\u20283\x854", c=["\n"])

    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1
    assert json.loads(out) == {"event": "event", "a": "x\ny", "b": "1\r2\u20283\x854", "c": ["\n"]}


def test_long_values_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    Log().write("event", value="x" * 100_000)

    assert len(capsys.readouterr().out) < 2500
