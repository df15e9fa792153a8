"""More monitors than the account has instances for: they wait in line, and nothing fails."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest

from tests.deploy.splitting import deploy_side_by_side
from tests.support.embedded_aws.account import Account, wait_for
from tests.support.embedded_aws.monitors import bias_monitor

pytestmark = [pytest.mark.deploy, pytest.mark.slow]


def test_two_monitors_in_one_stack_wait_for_the_only_instance(account: Account) -> None:
    # Given an account with one instance, which somebody else's job has
    account.aws.limit_processing_instances(1)
    start_job_of_somebody_else(account, "somebody-else")
    # When two monitors are deployed
    stack = account.stack("Two")
    stack.begin(lambda scope: [bias_monitor(scope, "First"), bias_monitor(scope, "Second")])
    # Then they wait, and say for what
    (line, *_) = wait_for("a waiting monitor", lambda: stack.log("waiting"))
    assert line["baseline"].startswith("two-")
    assert "ResourceLimitExceeded" in line["reason"]
    # And when the instance is free, both get their baselines, one after the other
    account.client("sagemaker").stop_processing_job(ProcessingJobName="somebody-else")
    stack.finish()
    assert stack.status == "CREATE_COMPLETE", stack.failures
    assert account.statuses("two-") == ["Completed", "Completed"]
    assert most_at_once([*account.jobs("somebody-else"), *account.jobs("two-")]) == 1


def test_six_monitors_wait_for_two_instances(busy_account: Account) -> None:
    # Given an account with two instances, both of which somebody else's jobs have
    account = busy_account
    account.aws.limit_processing_instances(2)
    others = ["somebody-else-1", "somebody-else-2"]
    for other in others:
        start_job_of_somebody_else(account, other)
    for _ in range(6):
        account.aws.slow_next_job(0.5)

    # When six monitors of one stack are deployed, all at the same time
    def six(scope: cdk.Stack) -> None:
        for number in range(6):
            bias_monitor(scope, f"Monitor{number}")

    shared, *stacks = deploy_side_by_side(account, "Six", six)

    # Then the log tells that each of them waits
    def all_wait() -> bool:
        return len({line["baseline"] for line in shared.log("waiting")}) == 6

    wait_for("six waiting monitors", all_wait)
    # And when the instances are free, all get their baselines, no more than two at once
    for other in others:
        account.client("sagemaker").stop_processing_job(ProcessingJobName=other)
    for stack in stacks:
        stack.finish()
    assert {stack.name: stack.failures for stack in stacks if stack.status != "CREATE_COMPLETE"} == {}
    assert account.statuses("six-") == ["Completed"] * 6
    assert most_at_once([*account.jobs("somebody-else"), *account.jobs("six-")]) == 2


def start_job_of_somebody_else(account: Account, name: str) -> None:
    """A job that has nothing to do with the monitors, and that keeps its instance until somebody stops it."""
    account.aws.fail_next_job("It was stopped", seconds=300)
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    account.client("sagemaker").create_processing_job(
        ProcessingJobName=name,
        RoleArn=role,
        AppSpecification={"ImageUri": "somebody/image"},
        ProcessingResources={
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        },
    )


def most_at_once(jobs: list[dict[str, Any]]) -> Any:
    """How many of the jobs ran at the same time at most."""
    return max(
        sum(other["CreationTime"] <= job["CreationTime"] < other["ProcessingEndTime"] for other in jobs) for job in jobs
    )
