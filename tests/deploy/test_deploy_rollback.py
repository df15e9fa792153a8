"""Deployments that fail: what is rolled back, and what is said."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sagemaker as sagemaker

from cdk_clarify_monitors import ModelBiasMonitorConstruct
from tests.support.embedded_aws.account import Account
from tests.support.embedded_aws.monitors import bias_config, bias_monitor

pytestmark = pytest.mark.deploy

REASON = "AlgorithmError: the data have no women"
EXIT_MESSAGE = "ValueError: no rows with sex == 2"


def one_monitor(stack: cdk.Stack) -> None:
    bias_monitor(stack)


def about_men(stack: cdk.Stack) -> ModelBiasMonitorConstruct:
    return bias_monitor(stack, bias_config=bias_config(facet_values_or_threshold=[1]))


def about_men_with_something_broken(stack: cdk.Stack) -> None:
    """After the monitor comes a resource that SageMaker refuses."""
    broken = sagemaker.CfnMonitoringSchedule(
        stack,
        "Broken",
        monitoring_schedule_name="broken",
        monitoring_schedule_config={
            "monitoringJobDefinitionName": "there-is-none",
            "monitoringType": "ModelBias",
        },
    )
    broken.node.add_dependency(about_men(stack))


def test_a_failed_other_resource_rolls_the_monitor_back(account: Account) -> None:
    # Given a deployed monitor
    stack = account.stack("Other")
    stack.deploy(one_monitor)
    old, old_result = stack.monitor("Bias"), account.head(stack.monitor("Bias").constraints_uri)
    # When an update makes a new baseline, and then another resource fails
    stack.fail_to_deploy(about_men_with_something_broken)
    # Then the monitor is what it was, with the old baseline and no third job
    assert list(stack.failures) == ["Broken"]
    assert stack.monitor("Bias").definition == old.definition
    assert account.statuses("other-") == ["Completed", "Completed"]
    assert account.head(old.constraints_uri)["LastModified"] == old_result["LastModified"]
    # And the next update finds the baseline that the failed one has made
    stack.deploy(about_men)
    assert account.statuses("other-") == ["Completed", "Completed"]


def test_a_failed_job_rolls_an_update_back(account: Account) -> None:
    # Given a deployed monitor
    stack = account.stack("NewJob")
    stack.deploy(one_monitor)
    old = stack.monitor("Bias")
    # When an update needs a new baseline, and its job fails
    account.aws.fail_next_job(REASON, exit_message=EXIT_MESSAGE)
    stack.fail_to_deploy(about_men)
    # Then the stack's events tell why
    (reason,) = stack.failures.values()
    assert REASON in reason
    # And the monitor has the old baseline, without another job
    assert stack.monitor("Bias").definition == old.definition
    assert account.statuses("newjob-") == ["Completed", "Failed"]
    # And when the same update comes again, the job is tried again under another name
    stack.deploy(about_men)
    _, failed, completed = account.jobs("newjob-")
    assert completed["ProcessingJobName"] == f"{failed['ProcessingJobName']}-2"
    assert completed["ProcessingJobStatus"] == "Completed"
    assert stack.monitor("Bias").job_name == completed["ProcessingJobName"]


def test_a_failed_job_rolls_a_create_back(account: Account) -> None:
    # Given a job that will fail
    account.aws.fail_next_job(REASON, exit_message=EXIT_MESSAGE)
    # When the stack is created
    stack = account.stack("Fails")
    stack.fail_to_deploy(one_monitor)
    # Then CloudFormation shows SageMaker's reason, and where to read on
    (job,) = account.jobs("fails-")
    ((resource, reason),) = stack.failures.items()
    assert resource.startswith("BiasBaseline")
    assert REASON in reason
    assert f"ExitMessage: {EXIT_MESSAGE}" in reason
    assert job["ProcessingJobName"] in reason
    assert "/aws/sagemaker/ProcessingJobs" in reason
    # And nothing of the monitor is there
    assert not account.client("sagemaker").list_monitoring_schedules(NameContains="fails-")[
        "MonitoringScheduleSummaries"
    ]
