"""With IAM enforced: do the functions and the jobs have every permission they need, and nothing that hides a lack?"""

from __future__ import annotations

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from cdk_clarify_monitors import BaselineOptions
from tests.support.embedded_aws.account import Account
from tests.support.embedded_aws.monitors import bias_config, bias_monitor, bias_monitor_of_model, explainability_monitor

pytestmark = [pytest.mark.deploy, pytest.mark.slow]


def test_iam_allows_a_create_an_update_and_deletes(strict_account: Account) -> None:
    # Given nothing, when a stack with both monitors is created
    account, stack = strict_account, strict_account.stack("Strict", tags={"environment": "test"})

    def both(scope: cdk.Stack, facet: int) -> None:
        config = bias_config(facet_values_or_threshold=[facet])
        bias_monitor_of_model(scope, bias_config=config, baseline=BaselineOptions(remove_outputs=True))
        explainability_monitor(scope)

    stack.deploy(lambda scope: both(scope, 1))
    # Then both jobs have run, under their monitors' own roles, and the definitions have what they need
    old, explainability = stack.monitor("Bias"), stack.monitor("Explainability")
    assert account.statuses("strict-") == ["Completed", "Completed"]
    assert account.json(old.config_uri)["label"] == "target"
    # When the inputs of one change, then it has a new baseline, and the old one is cleaned up
    stack.deploy(lambda scope: both(scope, 2))
    new = stack.monitor("Bias")
    assert not stack.failures
    assert new.job_name != old.job_name
    assert account.files(old.constraints_uri) == {}
    assert account.files(new.constraints_uri)
    # When that one is removed, then the other one stays as it is
    stack.deploy(explainability_monitor)
    assert not stack.failures
    assert stack.monitor("Explainability").definition == explainability.definition
    # When the stack is deleted, then nothing stands in its way, and the results are kept
    stack.delete()
    assert not stack.failures
    assert account.files(explainability.constraints_uri)


def test_a_monitor_that_cleans_up_behind_itself_is_removed(strict_account: Account) -> None:
    # Given a monitor like any other, and one that cleans up behind itself
    account, stack = strict_account, strict_account.stack("StrictOwn")

    def both(scope: cdk.Stack) -> None:
        bias_monitor(scope, "Usual")
        bias_monitor(scope, "Own", baseline=BaselineOptions(remove_outputs=True))

    stack.deploy(both)
    own, usual = stack.monitor("Own"), stack.monitor("Usual")
    # When that one is removed, then it goes without a trace
    stack.deploy(lambda scope: bias_monitor(scope, "Usual"))
    assert not stack.failures
    assert account.files(own.constraints_uri) == {}
    assert account.files(usual.constraints_uri)


def test_iam_allows_the_rollback_of_an_update(strict_account: Account) -> None:
    # Given a deployed monitor
    account, stack = strict_account, strict_account.stack("StrictBack")
    stack.deploy(bias_monitor)
    old = stack.monitor("Bias")
    # When an update's job fails
    account.aws.fail_next_job("AlgorithmError: no")
    stack.fail_to_deploy(lambda scope: bias_monitor(scope, bias_config=bias_config(facet_values_or_threshold=[1])))
    # Then the old baseline is found again
    assert stack.monitor("Bias").definition == old.definition
    assert account.statuses("strictback-") == ["Completed", "Failed"]


def test_a_role_that_may_not_read_the_data_is_named(strict_account: Account) -> None:
    # Given a role of the user's own, to which nothing can be added
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    account = strict_account
    arn = account.client("iam").create_role(RoleName="powerless", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    # When a monitor is deployed with it
    stack = account.stack("StrictRole")
    stack.fail_to_deploy(
        lambda scope: bias_monitor(scope, role=iam.Role.from_role_arn(scope, "Role", arn, mutable=False))
    )
    # Then the event says what the role lacks
    (reason,) = stack.failures.values()
    assert "AccessDenied" in reason
    assert "powerless" in reason
    assert "s3:ListBucket" in reason
