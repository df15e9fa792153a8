"""Monitors that are renamed, removed or destroyed: what goes, and what stays."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import BaselineOptions
from tests.support.embedded_aws.account import DATA_BUCKET, Account, wait_for
from tests.support.embedded_aws.monitors import bias_config, bias_monitor, data_config

pytestmark = pytest.mark.deploy

REMOVING = BaselineOptions(remove_outputs=True)


@pytest.mark.slow
def test_a_renamed_monitor_replaces_the_old_one(account: Account) -> None:
    # Given a deployed monitor
    stack = account.stack("Renamed")
    stack.deploy(lambda scope: bias_monitor(scope, "Before"))
    old = stack.monitor("Before")
    # When its construct gets another id, then there is a new monitor with a baseline of its own
    stack.deploy(lambda scope: bias_monitor(scope, "After"))
    new = stack.monitor("After")
    assert not stack.failures
    assert new.job_name != old.job_name
    assert schedules(account, "renamed-") == [new.schedule["MonitoringScheduleName"]]
    assert definitions(account, "Renamed-") == [new.definition["JobDefinitionName"]]
    # And of the old one only the results are left
    assert account.head(old.constraints_uri)
    # When only its schedule gets another name, then the schedule is a new one, with the same baseline
    stack.deploy(lambda scope: bias_monitor(scope, "After", monitor_schedule_name="renamed-fairness"))
    assert not stack.failures
    assert schedules(account, "renamed-") == ["renamed-fairness"]
    assert stack.monitor("After").definition == new.definition
    assert account.statuses("renamed-") == ["Completed", "Completed"]


@pytest.mark.slow
def test_a_removed_monitor_leaves_the_other_one_alone(account: Account) -> None:
    # Given two monitors that write to the same place, one of which cleans up behind itself
    data = data_config(s3_output_path=f"s3://{DATA_BUCKET}/shared/")
    men = bias_config(facet_values_or_threshold=[1])

    def first(scope: cdk.Stack) -> None:
        bias_monitor(scope, "First", data_config=data)

    def both(scope: cdk.Stack) -> None:
        first(scope)
        bias_monitor(scope, "Second", data_config=data, bias_config=men, baseline=REMOVING)

    stack = account.stack("Shared")
    stack.deploy(both)
    before, second = stack.monitor("First"), stack.monitor("Second")
    assert folders(account, f"s3://{DATA_BUCKET}/shared/") >= {before.job_name, second.job_name}
    # When that one is removed
    stack.deploy(first)
    # Then its results and configs are gone, and the other one's are not
    assert not stack.failures
    assert stack.monitor("First") == before
    assert account.head(before.constraints_uri)
    assert account.head(before.config_uri)
    left = [uri for uri in account.files(f"s3://{DATA_BUCKET}/shared/") if second.job_name in uri]
    assert left == []
    assert second.config_uri not in account.files(f"s3://{stack.bucket}/")


def test_a_kept_bucket_gives_a_new_stack_the_old_baseline(account: Account) -> None:
    # Given a monitor with a bucket of the user's, deployed and destroyed
    account.create_bucket("kept-results")

    def monitor(scope: cdk.Stack) -> None:
        bias_monitor(scope, bucket=s3.Bucket.from_bucket_name(scope, "Kept", "kept-results"))

    stack = account.stack("Again")
    stack.deploy(monitor)
    before = stack.monitor("Bias")
    stack.delete()
    # When it is deployed again, then its role has another name, and its baseline is the same: no job has run
    again = account.stack("Again")
    again.deploy(monitor)
    after = again.monitor("Bias")
    assert not again.failures
    assert after.definition["RoleArn"] != before.definition["RoleArn"]
    assert after.constraints_uri == before.constraints_uri
    assert account.statuses("again-") == ["Completed"]
    # When the job's record is deleted and the role changes, then the result in S3 counts
    account.client("sagemaker").delete_processing_job(ProcessingJobName=after.job_name)
    again.deploy(lambda scope: bias_monitor_with_role(scope, "kept-results"))
    assert not again.failures
    assert again.monitor("Bias").constraints_uri == before.constraints_uri
    assert account.statuses("again-") == []


def bias_monitor_with_role(scope: cdk.Stack, bucket: str) -> None:
    """The same monitor with a role of the user's."""
    role = iam.Role(scope, "Own", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    bias_monitor(scope, role=role, bucket=s3.Bucket.from_bucket_name(scope, "Kept", bucket))


@pytest.mark.slow
def test_a_busy_schedule_delays_updates_and_deletes(account: Account) -> None:
    stack = account.stack("Busy")

    def monitors(*names: str, metrics: bool) -> Callable[[cdk.Stack], object]:
        return lambda scope: [bias_monitor(scope, name, enable_cloudwatch_metrics=metrics) for name in names]

    def is_held_up(schedule: str, request_type: str) -> bool:
        lines = [line for line in stack.log("waiting") if line["request_type"] == request_type]
        return any(f"{schedule} is busy" in str(line["reason"]) for line in lines)

    def while_busy(name: str, begin: Callable[[], None], request_type: str = "Update") -> str:
        """Begin something while an execution is under way, which ends when that is seen to wait for it."""
        schedule = str(stack.monitor(name).schedule["MonitoringScheduleName"])
        account.aws.keep_schedule_busy(schedule, seconds=300)
        begin()
        wait_for(f"a wait for {schedule}", lambda: is_held_up(schedule, request_type))
        account.aws.clear_faults()
        stack.finish()
        return schedule

    # Given two monitors
    stack.deploy(monitors("Kept", "Removed", metrics=True))
    before = stack.monitor("Kept")
    # When an execution is under way while its schedule is updated, removed, or destroyed with the stack
    kept = while_busy("Kept", lambda: stack.begin(monitors("Kept", "Removed", metrics=False)))
    # Then that waits, and comes about
    after = stack.monitor("Kept")
    assert after.definition["JobDefinitionName"] != before.definition["JobDefinitionName"]
    assert after.job_name == before.job_name
    while_busy("Removed", lambda: stack.begin(monitors("Kept", metrics=False)))
    assert schedules(account, "busy-") == [kept]
    while_busy("Kept", stack.begin_deletion, "Delete")
    assert schedules(account, "busy-") == []
    assert stack.status == "DELETE_COMPLETE"
    assert not stack.failures


def test_destroying_keeps_results_and_bucket(account: Account) -> None:
    # Given a deployed monitor
    stack = account.stack("Kept")
    stack.deploy(bias_monitor)
    monitor, files = stack.monitor("Bias"), account.files(f"s3://{stack.bucket}/")
    # When the stack is deleted
    stack.delete()
    # Then the bucket is there, with the results and the configs
    assert {monitor.constraints_uri, monitor.config_uri} <= files.keys()
    now = account.files(monitor.config_uri) | account.files(monitor.constraints_uri)
    assert now.items() <= files.items()
    # And the monitor is not
    assert schedules(account, "kept-") == []
    assert definitions(account, "Kept-") == []


def test_destroying_removes_what_the_monitor_wrote_if_asked_to(account: Account) -> None:
    # Given a monitor that cleans up behind itself, in a bucket with other things
    account.create_bucket("of-the-user")
    foreign = account.put("s3://of-the-user/reports/analysis.json", "{}")

    def monitor(scope: cdk.Stack, facet: int) -> None:
        bucket = s3.Bucket.from_bucket_name(scope, "Bucket", "of-the-user")
        config = bias_config(facet_values_or_threshold=[facet])
        bias_monitor(scope, bucket=bucket, bias_config=config, baseline=REMOVING)

    stack = account.stack("Cleaned")
    stack.deploy(lambda scope: monitor(scope, 1))
    old = stack.monitor("Bias")
    # When its baseline is replaced
    stack.deploy(lambda scope: monitor(scope, 2))
    # Then the files of the old one are gone, and those of the new one are there
    new, files = stack.monitor("Bias"), account.files("s3://of-the-user/")
    assert not stack.failures
    assert not {uri for uri in files if old.job_name in uri or uri == old.config_uri}
    assert {new.constraints_uri, new.config_uri} <= files.keys()
    # And when the stack is deleted, only other people's files are left
    stack.delete()
    assert list(account.files("s3://of-the-user/")) == [foreign]


def schedules(account: Account, name_contains: str) -> list[str]:
    found = account.client("sagemaker").list_monitoring_schedules(NameContains=name_contains)
    return [summary["MonitoringScheduleName"] for summary in found["MonitoringScheduleSummaries"]]


def definitions(account: Account, prefix: str) -> list[str]:
    found = account.client("sagemaker").list_model_bias_job_definitions()["JobDefinitionSummaries"]
    names = [summary["MonitoringJobDefinitionName"] for summary in found]
    return [name for name in names if name.startswith(prefix)]


def folders(account: Account, uri: str) -> set[str]:
    """Names of the folders below a URI."""
    return {found.removeprefix(uri).split("/")[0] for found in account.files(uri)}
