"""KMS keys come and go: none of them is in the way of an update or a rollback."""

import json

import pytest

from tests.support.simulation.simulated_aws import Plan, SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import Disturbance, Properties, Stack, variant

A, B = (f"arn:aws:kms:us-west-2:123456789012:key/{name}" for name in "ab")


def _with(key: str | None, number: int = 1) -> Properties:
    return variant(number, **({"UploadKmsKeyId": key} if key else {}))


@pytest.mark.parametrize("old", [A, None])
@pytest.mark.parametrize("new", [B, None])
@pytest.mark.parametrize("number", [1, 2])
def test_a_key_that_has_gone_is_no_obstacle(
    aws: SimulatedAws, stack: Stack, old: str | None, new: str | None, number: int
) -> None:
    stack.create(_with(old))
    aws.refused_keys = {A}

    assert stack.update(_with(new, number))

    assert len(aws.jobs) == number
    assert aws.violations == []


@pytest.mark.parametrize("disturbance", [Disturbance(fails_after=30), Disturbance(fails_at_last=True)])
def test_a_rollback_needs_no_key(aws: SimulatedAws, stack: Stack, disturbance: Disturbance) -> None:
    stack.create(_with(A))
    answer = stack.data
    aws.refused_keys = {A}

    assert not stack.update(_with(B, 2), disturbance)

    assert not stack.must_roll_back_from
    assert stack.data == answer


def test_a_new_key_that_does_not_work_fails_and_rolls_back(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(_with(A))
    answer = stack.data
    aws.refused_keys = {B}

    assert not stack.update(_with(B))

    assert "KMS.DisabledException" in stack.failures[0].reason
    assert not stack.must_roll_back_from
    assert stack.data == answer


def test_a_delete_needs_no_key(aws: SimulatedAws, stack: Stack) -> None:
    aws.plans.append(Plan(seconds=9999))
    stack.start(_with(A))
    aws.refused_keys = {A}

    delete = stack.event("Delete", _with(A), physical_id="Stack-Baseline-1ABCDEFGH9")
    assert stack.answer_to(delete).is_success

    assert aws.live_jobs() == []


def test_claims_are_encrypted_by_s3_itself(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(_with(A))

    claims = [put for put in aws.puts if "/request-" in put["Key"]]
    assert claims
    assert {put["ServerSideEncryption"] for put in claims} == {"AES256"}


def test_an_unreadable_claim_of_an_old_version_is_overwritten(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(_with(A))
    (claim,) = {(put["Bucket"], put["Key"]) for put in aws.puts if "/request-" in put["Key"]}
    aws.encrypted[claim] = A  # as older versions wrote it
    aws.refused_keys = {A}

    assert stack.update(_with(B, 2))

    assert json.loads(aws.objects[claim])["PhysicalResourceId"] == stack.physical_resource_id
    assert aws.violations == []


def test_a_retry_with_another_key_reads_a_config_of_that_key(aws: SimulatedAws, stack: Stack) -> None:
    # Given a config that was written for a job that never started
    aws.role_ready_at = aws.world.now + 10_000
    assert not stack.create(_with(A))
    aws.role_ready_at = 0.0

    assert stack.create(_with(B))

    assert aws.encrypted[split(stack.data["BaseliningAnalysisConfigS3Uri"])] == B
