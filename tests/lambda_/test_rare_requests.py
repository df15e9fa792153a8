"""Requests and states of S3 that are seldom met."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from cdk_clarify_monitors_lambda import handler
from tests.support.simulation.simulated_aws import RefusedError, SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import Stack, document, properties, variant

Answer = Callable[[dict[str, Any]], dict[str, Any]]


def _claims(aws: SimulatedAws) -> list[tuple[str, str]]:
    return [place for place in aws.objects if "/request-" in place[1]]


def _refusing(bucket: str, code: str, answer: Answer, times: float = float("inf")) -> Answer:
    """A call that S3 refuses for one bucket, for ever or some times."""
    count = itertools.count()

    def refuse(params: dict[str, Any]) -> dict[str, Any]:
        if params["Bucket"] == bucket and next(count) < times:
            raise RefusedError(code, "refused")
        return answer(params)

    return refuse


@pytest.mark.parametrize("content", [b"no JSON", b"{}", b"[]", b"\xff", b'{"request_id": 5}'])
def test_a_claim_that_cannot_be_read_is_replaced(aws: SimulatedAws, stack: Stack, content: bytes) -> None:
    assert stack.create(variant(1))
    (claim,) = _claims(aws)
    aws.objects[claim] = content

    assert stack.update(variant(2))

    assert len(aws.jobs) == 2
    assert json.loads(aws.objects[claim])
    assert aws.violations == []


def test_executions_with_a_config_of_their_own_get_no_other(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create(properties(document(Monitoring=None)))

    assert "AnalysisConfigS3Uri" not in stack.data
    assert aws.json(stack.data["ConstraintsS3Uri"])
    assert len([place for place in aws.objects if place[1].endswith("analysis_config.json")]) == 1


def test_a_former_claim_that_is_out_of_reach_is_no_obstacle(
    aws: SimulatedAws, stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stack.create(variant(1, **{"Baselining/ConfigLocation": "s3://former/configs"}))
    for operation in ("_GetObject", "_DeleteObject"):
        monkeypatch.setattr(aws, operation, _refusing("former", "AccessDenied", getattr(aws, operation)))

    assert stack.update(variant(2))

    assert aws.objects[split(stack.data["ConstraintsS3Uri"])]
    events: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"the former claim cannot be read", "the former claim cannot be removed"} <= {e["event"] for e in events}


def test_a_former_claim_is_read_again_after_an_accident(
    aws: SimulatedAws, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stack.create(variant(1, **{"Baselining/ConfigLocation": "s3://former/configs"}))
    monkeypatch.setattr(aws, "_GetObject", _refusing("former", "SlowDown", aws._GetObject, times=2))

    assert stack.update(variant(2))

    assert [place for place in _claims(aws) if place[0] == "former"] == []
    assert len(aws.jobs) == 2


def test_the_handler_knows_the_resource_by_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    event = {
        "RequestType": "Create",
        "RequestId": "1",
        "ResourceType": "Custom::ClarifyScheduleGuard",
        "StackId": "stack",
        "LogicalResourceId": "ClarifyScheduleGuard",
        "ResourceProperties": {"Schedules": ["loans"]},
    }

    answer = handler.on_event(event, None)

    assert answer["PhysicalResourceId"] == "monitoring-schedules"
    assert handler.is_complete({**event, **answer}, None) == {"IsComplete": True}
