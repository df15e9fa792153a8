"""Constraints with limits of the user's own, which the custom resource writes beside the suggested ones."""

from typing import Any

import pytest

from tests.support.simulation.simulated_aws import SimulatedAws, bias_metrics, split
from tests.support.simulation.simulated_cloudformation import Disturbance, Properties, Stack, variant

A, B = (f"arn:aws:kms:us-west-2:123456789012:key/{name}" for name in "ab")


def _with(*limits: float, **changes: Any) -> Properties:
    overrides = [{"Metric": "DPPL", "AtMost": limit} for limit in limits]
    return variant(1, **{"Baselining/ConstraintsOverrides": overrides or None}, **changes)


@pytest.fixture(autouse=True)
def measured(aws: SimulatedAws) -> None:
    aws.metrics = bias_metrics("DPPL", "DI")


def _values(aws: SimulatedAws, uri: str) -> list[float]:
    (group,) = aws.json(uri)["post_training_bias_metrics"]["facets"]["age"]
    return [metric["value"] for metric in group["metrics"]]


def test_the_definition_gets_the_file_with_the_limit(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create(_with(0.1))

    job = stack.data["BaseliningJobName"]
    assert _values(aws, stack.data["ConstraintsS3Uri"]) == [0.1, 0.25]
    assert _values(aws, f"s3://monitor/baseline/{job}/analysis.json") == [0.25, 0.25]


def test_another_limit_runs_no_job_and_writes_another_file(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(_with(0.1))
    first = stack.data["ConstraintsS3Uri"]

    assert stack.update(_with(0.2))

    assert len(aws.jobs) == 1
    assert _values(aws, stack.data["ConstraintsS3Uri"]) == [0.2, 0.25]
    assert _values(aws, first) == [0.1, 0.25]
    assert aws.violations == []


@pytest.mark.parametrize(("old", "new"), [((), (0.1,)), ((0.1,), ()), ((0.1,), (0.2,))])
def test_a_rollback_leads_back_to_the_former_file(
    aws: SimulatedAws, stack: Stack, old: tuple[float, ...], new: tuple[float, ...]
) -> None:
    stack.create(_with(*old))
    answer = stack.data

    assert not stack.update(_with(*new), Disturbance(fails_at_last=True))

    assert stack.data == answer
    assert len(aws.jobs) == 1
    assert aws.violations == []


def test_a_limit_for_what_was_not_measured_fails_with_what_was(aws: SimulatedAws, stack: Stack) -> None:
    aws.metrics = bias_metrics("DI", "RD")

    assert not stack.create(_with(0.1))

    (failure,) = stack.failures
    assert "limits the metric 'DPPL', which is not in the suggested constraints: 'DI', 'RD'." in failure.reason
    assert "They are in s3://monitor/baseline/" in failure.reason


def test_the_job_is_not_run_again_after_a_limit_was_refused(aws: SimulatedAws, stack: Stack) -> None:
    aws.metrics = bias_metrics("DI")
    stack.create(_with(0.1))

    assert stack.create(_with())

    assert len(aws.jobs) == 1


def test_a_key_that_has_gone_is_no_obstacle_to_an_update(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(_with(0.1, UploadKmsKeyId=A))
    name = stack.data["BaseliningJobName"]
    aws.encrypted["monitor", f"baseline/{name}/analysis.json"] = A
    aws.refused_keys = {A}

    assert stack.update(_with(0.1, UploadKmsKeyId=B))

    assert not stack.update(_with(0.2, UploadKmsKeyId=B))  # the suggested constraints cannot be read any more
    assert "kms:Decrypt" in stack.failures[-1].reason
    assert not stack.must_roll_back_from


def test_the_file_goes_with_the_outputs(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(_with(0.1, **{"Baselining/RemoveOutputs": True}))
    uri = stack.data["ConstraintsS3Uri"]

    assert stack.delete()

    assert split(uri) not in aws.objects
