"""With IAM enforced, the jobs of an execution have the rights of the job definition's role, and no others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cdk_clarify_monitors_local import Capture, EmbeddedAws
from tests.support.embedded_aws.executions import Monitor, client_of, make_monitor

pytestmark = pytest.mark.deploy

DUE = datetime(2026, 3, 1, 11, tzinfo=UTC)
CONFIG = {
    "headers": ["age", "sex", "approved"],
    "label": "approved",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "sex", "value_or_threshold": [1]}],
}


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(auth=True) as aws:
        yield aws


def executed(aws: EmbeddedAws, policy: dict[str, Any] | None) -> tuple[Monitor, dict[str, Any]]:
    monitor = make_monitor(aws, "ModelBias", CONFIG, policy=policy)
    moment = DUE - timedelta(minutes=30)
    captures = [Capture(f"{20 + i % 50},{i % 2}", f"0.{i % 10}", moment, f"r-{i}") for i in range(80)]
    aws.put_captures(monitor.uri("capture"), monitor.name, captures)
    aws.put_ground_truth(monitor.uri("truth"), {f"r-{i}": i % 2 for i in range(80)}, collected=moment)
    return monitor, aws.execute_schedule(monitor.name, scheduled_time=DUE)


def test_what_a_role_needs(aws: EmbeddedAws) -> None:
    """What it lacked before is of no account, once it has it."""
    monitor, _ = executed(aws, None)
    needed = {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject", "s3:PutObject"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [needed]})
    client_of(aws, "iam").put_role_policy(RoleName=monitor.name, PolicyName="job", PolicyDocument=policy)

    execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)

    assert execution["MonitoringExecutionStatus"] == "Completed", execution


@pytest.mark.parametrize(
    ("policy", "job", "reason"),
    [
        (None, "groundtruth-merge-", "Data download failed"),
        ({"Action": ["s3:GetObject", "s3:PutObject"]}, "groundtruth-merge-", "s3:ListBucket"),
        ({"Action": ["s3:ListBucket", "s3:PutObject"]}, "groundtruth-merge-", "Data download failed"),
        ({"Action": ["s3:ListBucket", "s3:GetObject"]}, "groundtruth-merge-", "Data upload failed"),
    ],
)
def test_a_role_that_may_not(aws: EmbeddedAws, policy: dict[str, Any] | None, job: str, reason: str) -> None:
    monitor, execution = executed(aws, policy)

    assert execution["MonitoringExecutionStatus"] == "Failed"
    assert job in execution["ProcessingJobArn"]
    assert reason in execution["FailureReason"]
    assert "AccessDenied" in execution["FailureReason"] or "403" in execution["FailureReason"]
    assert len(monitor.jobs()) == 1
