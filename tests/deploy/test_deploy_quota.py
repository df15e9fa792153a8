"""More monitors than the account has instances for: they wait in line, and nothing fails."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest

from tests.deploy.account import Account, wait_for
from tests.deploy.monitors import bias_monitor
from tests.deploy.splitting import deploy_side_by_side

pytestmark = pytest.mark.deploy


def test_two_monitors_in_one_stack_wait_for_the_only_instance(account: Account) -> None:
    # Given an account with one instance, which somebody else's job has
    account.aws.limit_processing_instances(1)
    account.aws.fail_next_job("It was stopped", seconds=300)
    start_job_of_somebody_else(account)
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


def test_twenty_monitors_wait_for_two_instances(busy_account: Account) -> None:
    # Given an account with two instances, where jobs take a while
    account = busy_account
    account.aws.limit_processing_instances(2)
    for _ in range(20):
        account.aws.slow_next_job(1.0)

    # When twenty monitors of one stack are deployed, all at the same time
    def twenty(scope: cdk.Stack) -> None:
        for number in range(20):
            bias_monitor(scope, f"Monitor{number:02}")

    shared, *stacks = deploy_side_by_side(account, "Twenty", twenty)
    for stack in stacks:
        stack.finish()
    # Then all of them have baselines, and no more than two jobs have run at once
    assert {stack.name: stack.failures for stack in stacks if stack.status != "CREATE_COMPLETE"} == {}
    assert account.statuses("twenty-") == ["Completed"] * 20
    assert most_at_once(account.jobs("twenty-")) == 2
    # And the log tells which of them have waited: most, though how many depends on the moment
    waiting = {line["baseline"] for line in shared.log("waiting")}
    assert len(waiting) >= 10, waiting


def start_job_of_somebody_else(account: Account) -> None:
    """A job that has nothing to do with the monitors."""
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = account.client("iam").create_role(RoleName="somebody", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    account.client("sagemaker").create_processing_job(
        ProcessingJobName="somebody-else",
        RoleArn=role,
        AppSpecification={"ImageUri": "somebody/image"},
        ProcessingResources={
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        },
    )


def most_at_once(jobs: list[dict[str, Any]]) -> int:
    """How many of the jobs ran at the same time at most."""
    return max(
        sum(other["CreationTime"] <= job["CreationTime"] < other["ProcessingEndTime"] for other in jobs) for job in jobs
    )
