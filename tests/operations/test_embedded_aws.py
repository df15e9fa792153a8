"""The client against the embedded AWS, on a monitor that CloudFormation has made, with IAM enforced."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest

from cdk_clarify_monitors_local import EmbeddedAws
from cdk_clarify_monitors_operations import (
    AccessDenied,
    ClarifyModelMonitor,
    Constraints,
    ManagedByStack,
    ModelBiasMonitor,
    MonitorOperations,
    NoBaseline,
    NotFound,
    ResultMissing,
    ScheduleNotFound,
    ServiceError,
)
from tests.operations.command import clarify_monitors
from tests.support.embedded_aws.account import Account, Stack
from tests.support.embedded_aws.monitors import bias_monitor, put_data

pytestmark = pytest.mark.deploy


@pytest.fixture(scope="module")
def stack(diabetes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with a bias monitor, in an account that enforces IAM."""
    with EmbeddedAws(models={"diabetes-model": diabetes_model}, auth=True, asks_every=0.3) as aws:
        account = Account(aws, tmp_path_factory.mktemp("assemblies"))
        put_data(account)
        stack = account.stack("Loans", tags={"team": "risk"})
        stack.deploy(bias_monitor)
        yield stack


@pytest.fixture
def session(stack: Stack) -> Iterator[boto3.Session]:
    """A session as a notebook has it: all of it comes from the environment."""
    with mock.patch.dict(os.environ, stack.account.aws.environment, clear=True):
        yield boto3.Session()


def name(session: boto3.Session) -> str:
    (found,) = MonitorOperations(session).monitors(monitoring_type="ModelBias", status="Scheduled")
    return found.monitoring_schedule_name


@pytest.fixture
def monitor(session: boto3.Session) -> ModelBiasMonitor:
    return ModelBiasMonitor.attach(name(session), session, poll_interval=0.1)


@pytest.fixture
def copy_of_it(monitor: ModelBiasMonitor, session: boto3.Session) -> Iterator[ClarifyModelMonitor]:
    """A monitor of the same definition that no stack has made."""
    config = monitor.describe_schedule()["MonitoringScheduleConfig"]
    session.client("sagemaker").create_monitoring_schedule(
        MonitoringScheduleName="by-hand",
        MonitoringScheduleConfig=config,
        Tags=[{"Key": "owner", "Value": "me"}],
    )
    found = MonitorOperations(session, poll_interval=0.1).monitor("by-hand")
    yield found
    found.delete_monitoring_schedule(definitions="all")


def test_the_monitor_is_found_with_what_the_construct_gave_it(monitor: ModelBiasMonitor) -> None:
    found = monitor.to_dict()

    assert found["endpoint_name"] == "diabetes-endpoint"
    assert found["ground_truth_s3_uri"] == "s3://ground-truth/labels"
    assert found["publishes_metrics"] is True
    assert monitor.tags["team"] == "risk"
    assert monitor.stack_name == "Loans"


def test_a_monitor_without_executions_has_none(monitor: ModelBiasMonitor) -> None:
    assert list(monitor.list_executions()) == []
    assert monitor.latest_monitoring_constraint_violations() is None
    assert list(monitor.violations()) == []
    (alert,) = monitor.list_monitoring_alerts()
    assert (alert.alert_status, alert.data_points_to_alert, alert.evaluation_period) == ("OK", 1, 1)
    monitor.update_monitoring_alert(alert.alert_name, evaluation_period=3)
    assert [each.evaluation_period for each in monitor.list_monitoring_alerts()] == [3]
    assert list(monitor.list_monitoring_alert_history()) == []


def test_the_constraints_are_those_of_the_baselining_job(
    monitor: ModelBiasMonitor, stack: Stack, session: boto3.Session
) -> None:
    job = MonitorOperations(session).baselining_job(stack.monitor("Bias").job_name)

    constraints = monitor.suggested_constraints()

    assert job.status == "Completed"
    assert job.suggested_constraints().body_dict == constraints.body_dict
    assert {metric.facet for metric in constraints.bias_metrics()} == {"sex"}
    assert any(metric.name == "DPPL" for metric in constraints.bias_metrics())


def test_the_baselining_job_has_a_log(stack: Stack, session: boto3.Session) -> None:
    job = MonitorOperations(session).baselining_job(stack.monitor("Bias").job_name)
    lines = list(job.logs())
    assert lines == list(job.logs(follow=True))
    assert [line.time for line in lines] == sorted(line.time for line in lines)


def test_the_definition_says_where_the_baseline_comes_from(monitor: ModelBiasMonitor) -> None:
    if monitor.baselining_job_name is None:
        with pytest.raises(NoBaseline, match="suggested_constraints"):
            monitor.describe_latest_baselining_job()
    else:
        assert monitor.describe_latest_baselining_job()["ProcessingJobStatus"] == "Completed"


def test_update_and_delete_of_what_the_stack_made_are_refused(monitor: ModelBiasMonitor) -> None:
    before = monitor.describe_schedule()

    with pytest.raises(ManagedByStack, match="The stack Loans made"):
        monitor.update_monitoring_schedule(instance_count=2)
    with pytest.raises(ManagedByStack, match="The stack Loans made"):
        monitor.delete_monitoring_schedule()

    assert monitor.describe_schedule() == before


def test_it_can_be_stopped_and_started(monitor: ModelBiasMonitor) -> None:
    monitor.stop_monitoring_schedule()
    assert monitor.status == "Stopped"
    monitor.start_monitoring_schedule()
    assert monitor.status == "Scheduled"


def test_a_monitor_made_by_hand_can_be_changed(copy_of_it: ClarifyModelMonitor, stack: Stack) -> None:
    original = copy_of_it.job_definition_name
    planned = copy_of_it.update_monitoring_schedule(instance_count=2, env={"A": "b"}, dry_run=True)

    change = copy_of_it.update_monitoring_schedule(instance_count=2, env={"A": "b"})

    assert [call.operation for call in planned.calls][:2] == [call.operation for call in change.calls]
    assert copy_of_it.instance_count == 2
    assert copy_of_it.env == {"A": "b", "publish_cloudwatch_metrics": "Enabled"}
    assert copy_of_it.job_definition_name != original
    # The stack's own schedule uses the old one still.
    assert "uses it" in change.warnings[0]
    assert stack.monitor("Bias").definition["JobDefinitionName"] == original
    assert copy_of_it.update_monitoring_schedule(instance_count=2).calls == ()


def test_a_lost_answer_changes_nothing(copy_of_it: ClarifyModelMonitor, stack: Stack) -> None:
    aws = stack.account.aws
    for operation in ("CreateModelBiasJobDefinition", "UpdateMonitoringSchedule", "DeleteModelBiasJobDefinition"):
        aws.fail_next_calls(f"sagemaker:{operation}", code="InternalFailure", status=500, lose_answer=True)

    copy_of_it.update_monitoring_schedule(instance_count=3)

    assert copy_of_it.instance_count == 3
    assert copy_of_it.replaced_definitions() == []


def test_a_refused_update_leaves_nothing_behind(
    copy_of_it: ClarifyModelMonitor, stack: Stack, session: boto3.Session
) -> None:
    before = copy_of_it.to_dict()
    stack.account.aws.fail_next_calls(
        "sagemaker:UpdateMonitoringSchedule", code="ValidationException", message="an execution is running"
    )

    with pytest.raises(ServiceError, match="an execution is running"):
        copy_of_it.update_monitoring_schedule(instance_count=4)

    assert copy_of_it.refresh().to_dict() == before
    assert list(MonitorOperations(session).orphaned_definitions()) == []


def test_edited_constraints_can_be_put_in_force(
    copy_of_it: ClarifyModelMonitor, stack: Stack, session: boto3.Session
) -> None:
    constraints = copy_of_it.suggested_constraints()
    constraints.kms_key = None
    constraints.set_bias_limit("DPPL", 0.5, facet="sex")
    uri = constraints.save(f"s3://{stack.bucket}/edited/analysis.json")

    copy_of_it.update_monitoring_schedule(constraints=constraints)

    assert copy_of_it.constraints_s3_uri == uri
    found = Constraints.from_s3_uri(uri, session=session).bias_metrics()
    assert {metric.value for metric in found if metric.name == "DPPL"} == {0.5}


def test_limits_of_ones_own_leave_the_job_to_be_found(
    copy_of_it: ClarifyModelMonitor, stack: Stack, session: boto3.Session
) -> None:
    job = MonitorOperations(session).baselining_job(stack.monitor("Bias").job_name)
    suggested = job.suggested_constraints().body_dict
    assert copy_of_it.overridden_constraints() is None
    constraints = copy_of_it.suggested_constraints()
    constraints.kms_key = None
    constraints.set_bias_limit("DPPL", 0.5, facet="sex")
    constraints.save(f"{job.output_s3_uri}/constraints-0123456789abcdef/analysis.json")  # as a deployment does

    copy_of_it.update_monitoring_schedule(constraints=constraints)

    found, before = copy_of_it.find_baselining_job(), copy_of_it.overridden_constraints()
    assert (found and found.processing_job_name, before and before.body_dict) == (job.processing_job_name, suggested)


def test_an_execution_runs_now_beside_the_schedule(copy_of_it: ClarifyModelMonitor) -> None:
    run = copy_of_it.run_now("-PT2H", "-PT0H", name="by-hand-now")

    assert run.schedule_expression == "NOW"
    run.delete_monitoring_schedule()
    with pytest.raises(ScheduleNotFound):
        run.refresh()
    assert copy_of_it.refresh().status == "Scheduled"


def test_a_report_of_what_ran_can_be_saved_where_results_are(
    copy_of_it: ClarifyModelMonitor, stack: Stack, tmp_path: Path
) -> None:
    stack.account.aws.execute_schedule(copy_of_it.monitoring_schedule_name)

    report = copy_of_it.report(cache_directory=tmp_path)
    page, numbers = report.save(f"{copy_of_it.output_s3_uri}/reports/")

    assert report.complete
    (execution,) = report.numbers.executions
    assert execution.outcome == "NoData"
    s3 = stack.account.aws.client("s3")
    for uri, content in ((page, report.html()), (numbers, json.dumps(report.to_dict(), indent=1) + "\n")):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() == content


def test_a_delete_can_be_repeated(monitor: ModelBiasMonitor, session: boto3.Session) -> None:
    session.client("sagemaker").create_monitoring_schedule(
        MonitoringScheduleName="short-lived",
        MonitoringScheduleConfig=monitor.describe_schedule()["MonitoringScheduleConfig"],
    )
    short_lived = MonitorOperations(session).monitor("short-lived")
    assert len(list(short_lived.list_monitoring_alerts())) == 1
    short_lived.delete_monitoring_schedule()
    short_lived.delete_monitoring_schedule()
    assert monitor.refresh().job_definition_name  # the definition is the stack's


def test_doctor_says_what_is_missing(monitor: ModelBiasMonitor) -> None:
    found = {finding.code for finding in monitor.doctor()}
    # The endpoint captures nothing, and nobody has made the bucket of the labels.
    assert found <= {"no-executions-yet", "capture-off", "not-examined", "role-may-not-read", "no-ground-truth"}
    assert {"no-executions-yet", "capture-off"} <= found


def test_files_that_are_not_there_are_told_apart(session: boto3.Session, stack: Stack) -> None:
    with pytest.raises(ResultMissing, match="NoSuchKey"):
        Constraints.from_s3_uri(f"s3://{stack.bucket}/none.json", session=session)
    with pytest.raises((ResultMissing, NotFound), match="NoSuchBucket"):
        Constraints.from_s3_uri("s3://no-such-bucket-anywhere/none.json", session=session)


def test_a_user_without_permissions_is_told_which(session: boto3.Session, stack: Stack) -> None:
    iam = session.client("iam")
    iam.create_user(UserName="intern")
    key: Any = iam.create_access_key(UserName="intern")["AccessKey"]
    intern = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])
    schedule = name(session)

    with pytest.raises(AccessDenied) as caught:
        ModelBiasMonitor.attach(schedule, intern)
    with pytest.raises(AccessDenied) as caught_by_s3:
        Constraints.from_s3_uri(f"s3://{stack.bucket}/none.json", session=intern)

    assert caught.value.action == "sagemaker:DescribeMonitoringSchedule"
    assert caught.value.resource == f"monitoring-schedule/{schedule}"
    assert caught.value.schedule == schedule
    assert caught_by_s3.value.action == "s3:GetObject"


def test_the_command_tells_of_the_stack_and_its_baselining_job(session: boto3.Session, stack: Stack) -> None:
    schedule = name(session)

    refused = clarify_monitors("delete", schedule, "--yes")
    told = clarify_monitors("baseline", schedule, "--json").json

    assert refused.code == 1
    assert "The stack Loans made" in refused.err
    assert "add --override-stack to delete it all the same" in refused.err
    assert told["baselining_job"]["processing_job_name"] == stack.monitor("Bias").job_name
    assert told["baselining_job"]["status"] == "Completed"
    assert told["constraints_s3_uri"] == stack.monitor("Bias").constraints_uri


def test_the_command_takes_on_a_role(session: boto3.Session, stack: Stack) -> None:
    iam = session.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName="on-call", AssumeRolePolicyDocument=document)["Role"]["Arn"]

    denied = clarify_monitors("show", name(session), "--role-arn", arn)

    assert denied.code == 1
    assert "may not do sagemaker:DescribeMonitoringSchedule" in denied.err
    assert "on-call" in denied.err
