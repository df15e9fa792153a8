"""update_monitoring_schedule merges, plans, rolls back, is taken up again, and leaves alone what is not its own."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_clarify_monitors import BiasAnalysisConfig, BiasConfig
from cdk_clarify_monitors_operations import (
    REMOVE,
    AccessDenied,
    BatchTransformInput,
    ClarifyModelMonitor,
    Constraints,
    EndpointInput,
    InvalidArgument,
    InvalidChange,
    InvalidFile,
    ManagedByStack,
    ModelBiasMonitor,
    MonitoringDatasetFormat,
    NetworkConfig,
    NothingToUpdate,
    ResultMissing,
    ScheduleFailed,
    ServiceError,
    WaitTimeout,
)
from tests.operations.account import HOUR, KEY, Account


def attach(account: Account, name: str = "credit") -> ClarifyModelMonitor:
    return ClarifyModelMonitor.attach(name, account.session)


def definition(account: Account, name: str = "credit") -> Any:
    config = account.aws["schedules"][name]["desc"]["MonitoringScheduleConfig"]
    return account.aws["job_definitions"][config["MonitoringType"]][config["MonitoringJobDefinitionName"]]


# ---------------------------------------------------------------- merging
def test_another_endpoint_by_name_keeps_how_it_is_read(account: Account) -> None:
    before = copy.deepcopy(definition(account)["ModelBiasJobInput"])

    attach(account).update_monitoring_schedule("credit-v2")

    before["EndpointInput"]["EndpointName"] = "credit-v2"
    assert definition(account)["ModelBiasJobInput"] == before


def test_an_attribute_of_the_endpoint_alone_can_change(account: Account) -> None:
    attach(account).update_monitoring_schedule(EndpointInput(start_time_offset="-PT25H", end_time_offset="-PT24H"))

    found = definition(account)["ModelBiasJobInput"]["EndpointInput"]
    assert found["EndpointName"] == "credit-endpoint"
    assert (found["StartTimeOffset"], found["EndTimeOffset"]) == ("-PT25H", "-PT24H")
    assert found["InferenceAttribute"] == "0"


def test_batch_transforms_replace_the_endpoint_and_keep_labels(account: Account) -> None:
    attach(account).update_monitoring_schedule(
        batch_transform_input=BatchTransformInput(
            "s3://data/batch", "/opt/ml/processing/input", MonitoringDatasetFormat.csv(header=False)
        )
    )

    found = definition(account)["ModelBiasJobInput"]
    assert sorted(found) == ["BatchTransformInput", "GroundTruthS3Input"]
    assert found["BatchTransformInput"]["DatasetFormat"] == {"Csv": {"Header": False}}
    assert found["BatchTransformInput"]["S3InputMode"] == "File"


def test_batch_transforms_without_a_format_are_refused(account: Account) -> None:
    with pytest.raises(InvalidChange, match="'dataset_format', 'destination'"):
        attach(account).update_monitoring_schedule(batch_transform_input=BatchTransformInput("s3://data/batch"))
    assert account.changes() == []


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        ({"env": {"STAGE": "test"}}, {"publish_cloudwatch_metrics": "Enabled", "STAGE": "test"}),
        ({"env": {"MORE": "1"}}, {"publish_cloudwatch_metrics": "Enabled", "STAGE": "prod", "MORE": "1"}),
        ({"env": {"STAGE": None}}, {"publish_cloudwatch_metrics": "Enabled"}),
        ({"env": {}}, {"publish_cloudwatch_metrics": "Enabled"}),
        ({"enable_cloudwatch_metrics": False}, {"publish_cloudwatch_metrics": "Disabled", "STAGE": "prod"}),
        (
            {"env": {"A": "b"}, "enable_cloudwatch_metrics": False},
            {"publish_cloudwatch_metrics": "Disabled", "STAGE": "prod", "A": "b"},
        ),
    ],
)
def test_variables_are_merged(account: Account, arguments: dict[str, Any], environment: dict[str, str]) -> None:
    attach(account).update_monitoring_schedule(**arguments)

    assert definition(account)["ModelBiasAppSpecification"]["Environment"] == environment


def test_an_update_keeps_what_it_is_not_given(account: Account) -> None:
    before = copy.deepcopy(definition(account))

    attach(account).update_monitoring_schedule(instance_count=3)

    before["JobResources"]["ClusterConfig"]["InstanceCount"] = 3
    after = definition(account)
    assert {key: after[key] for key in before if key != "CreationTime"} == {
        key: before[key] for key in before if key != "CreationTime"
    }
    (update,) = account.sent("UpdateMonitoringSchedule")
    assert update["MonitoringScheduleConfig"]["ScheduleConfig"] == {"ScheduleExpression": "cron(0 * ? * * *)"}


def test_remove_takes_away_what_is_optional(account: Account) -> None:
    found = definition(account)
    found["NetworkConfig"] = {"EnableNetworkIsolation": True}
    found["StoppingCondition"] = {"MaxRuntimeInSeconds": 600}

    attach(account).update_monitoring_schedule(
        network_config=REMOVE, max_runtime_in_seconds=REMOVE, output_kms_key=REMOVE, constraints=REMOVE
    )

    after = definition(account)
    assert not {"NetworkConfig", "StoppingCondition", "ModelBiasBaselineConfig"} & set(after)
    assert "KmsKeyId" not in after["ModelBiasJobOutputConfig"]


def test_new_constraints_replace_the_baselining_job(account: Account) -> None:
    definition(account)["ModelBiasBaselineConfig"] = {"BaseliningJobName": "base"}

    attach(account).update_monitoring_schedule(constraints="s3://monitor/ModelBias.json")

    assert definition(account)["ModelBiasBaselineConfig"] == {
        "ConstraintsResource": {"S3Uri": "s3://monitor/ModelBias.json"}
    }


def test_a_role_can_be_given_by_its_name(account: Account) -> None:
    attach(account).update_monitoring_schedule(role="Other")

    assert definition(account)["RoleArn"] == "arn:aws:iam::123456789012:role/service-role/Other"


def test_an_analysis_config_is_stored_below_the_output(account: Account) -> None:
    config = BiasAnalysisConfig(BiasConfig([1], "gender", ["F"]), headers=["y", "gender"], label="y")

    attach(account).update_monitoring_schedule(analysis_config=config)

    (put,) = account.sent("PutObject")
    assert put["Key"].startswith("results/credit/analysis-config/")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", KEY)
    uri = f"s3://{put['Bucket']}/{put['Key']}"
    assert definition(account)["ModelBiasAppSpecification"]["ConfigUri"] == uri
    assert account.objects[uri]["text"].startswith('{"label_values_or_threshold": [1]')


# ---------------------------------------------------------------- times
@pytest.mark.parametrize("arguments", [{}, {"data_analysis_start_time": "-PT1H"}, {"data_analysis_end_time": "-PT0H"}])
def test_now_without_its_times_is_refused_first(account: Account, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidChange, match="NOW needs both"):
        attach(account).update_monitoring_schedule(schedule_cron_expression="NOW", instance_count=2, **arguments)
    assert account.changes() == []


def test_now_with_its_times_makes_no_definition(account: Account) -> None:
    attach(account).update_monitoring_schedule(
        schedule_cron_expression="NOW", data_analysis_start_time="-PT6H", data_analysis_end_time="-PT0H"
    )

    assert account.changes() == ["UpdateMonitoringSchedule"]
    (update,) = account.sent("UpdateMonitoringSchedule")
    assert update["MonitoringScheduleConfig"]["ScheduleConfig"] == {
        "ScheduleExpression": "NOW",
        "DataAnalysisStartTime": "-PT6H",
        "DataAnalysisEndTime": "-PT0H",
    }


def test_times_alone_keep_the_expression(account: Account) -> None:
    attach(account).update_monitoring_schedule(data_analysis_start_time="-PT2H", data_analysis_end_time="-PT1H")

    (update,) = account.sent("UpdateMonitoringSchedule")
    assert update["MonitoringScheduleConfig"]["ScheduleConfig"]["ScheduleExpression"] == "cron(0 * ? * * *)"
    assert account.changes() == ["UpdateMonitoringSchedule"]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("-PT1H", "-PT2H", "must be before"),
        ("-PT1H", "-PT1H", "must be before"),
        ("-P2D", "-PT0H", "at most 24 hours"),
        ("PT1H", "-PT0H", "not be after the execution"),
        ("an hour", "-PT0H", "must be an offset"),
        ("-PT", "-PT0H", "must be an offset"),
        ("-P", "-PT0H", "must be an offset"),
        ("-PT1.5H", "-PT0H", "must be an offset"),
        (3600, "-PT0H", "must be an offset"),
        ("-PT25H", "-PT30M", "at most 24 hours"),
    ],
)
def test_times_that_cannot_be_are_refused(account: Account, start: Any, end: str, words: str) -> None:
    with pytest.raises(InvalidChange, match=words):
        attach(account).update_monitoring_schedule(
            schedule_cron_expression="NOW", data_analysis_start_time=start, data_analysis_end_time=end
        )
    assert account.changes() == []


def test_offsets_that_cross_with_the_old_ones_are_refused(account: Account) -> None:
    with pytest.raises(InvalidChange, match="'start_time_offset' must be before 'end_time_offset'"):
        attach(account).update_monitoring_schedule(EndpointInput(end_time_offset="-PT3H"))
    assert account.changes() == []


def test_a_recurring_schedule_forgets_the_window_of_now(account: Account) -> None:
    config = account.aws["schedules"]["credit"]["desc"]["MonitoringScheduleConfig"]
    config["ScheduleConfig"] = {
        "ScheduleExpression": "NOW",
        "DataAnalysisStartTime": "-PT1H",
        "DataAnalysisEndTime": "-PT0H",
    }

    attach(account).update_monitoring_schedule(schedule_cron_expression="cron(0 * ? * * *)")

    (update,) = account.sent("UpdateMonitoringSchedule")
    assert update["MonitoringScheduleConfig"]["ScheduleConfig"] == {"ScheduleExpression": "cron(0 * ? * * *)"}


# ---------------------------------------------------------------- what cannot work
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"endpoint_input": "a", "batch_transform_input": BatchTransformInput()}, "only one of"),
        ({"endpoint_input": {"endpoint_name": "a"}}, "'endpoint_input' must be"),
        ({"analysis_config": [1]}, "'analysis_config' must be an S3 URI"),
        ({"role": object()}, "'role' must be the ARN"),
        ({"instance_type": 5}, "'instance_type' must be a string"),
        ({"output_kms_key": 5}, "'output_kms_key' must be the id"),
        ({"network_config": {}}, "'network_config' must be a NetworkConfig"),
        ({"constraints": {}}, "'constraints' must be an S3 URI or Constraints"),
        ({"ground_truth_input": "labels"}, "'ground_truth_input' must be an S3 URI"),
        ({"output_s3_uri": "s3://"}, "'output_s3_uri' must be an S3 URI"),
        ({"constraints": "/tmp/c.json"}, "'constraints' must be an S3 URI"),
        ({"instance_count": 0}, "'instance_count' must be a whole number"),
        ({"instance_count": True}, "'instance_count' must be a whole number"),
        ({"volume_size_in_gb": 1.5}, "'volume_size_in_gb' must be a whole number"),
        ({"max_runtime_in_seconds": -1}, "'max_runtime_in_seconds' must be a whole number"),
        ({"env": {"A": 1}}, "'env' must be a mapping of strings"),
        ({"schedule_cron_expression": "hourly"}, "must be NOW or a cron expression"),
        ({"enable_cloudwatch_metrics": "no"}, "must be a bool"),
        ({"network_config": NetworkConfig(subnets=["subnet-1"])}, "must be given together"),
        ({"constraints": Constraints({}, None)}, "save them first"),
        ({"constraints": "s3://monitor/ModelExplainability.json"}, "nothing would be compared"),
    ],
)
def test_what_cannot_work_is_refused_before_anything(account: Account, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        attach(account).update_monitoring_schedule(**arguments)
    assert account.changes() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            {"network_config": NetworkConfig(subnets="subnet-1", security_group_ids=["sg-1"])},
            "'subnets' of 'network_con",
        ),
        ({"network_config": NetworkConfig(subnets=["subnet-1"], security_group_ids="sg-1")}, "'security_group_ids' of"),
        ({"network_config": NetworkConfig(subnets=[1], security_group_ids=["sg-1"])}, "must be a list of ids"),  # type: ignore[list-item]
        ({"analysis_config": {"label": float("nan")}}, "'analysis_config' must be a JSON document"),
        ({"analysis_config": {"label": object()}}, "'analysis_config' must be a JSON document"),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_what_aws_could_not_be_sent_is_refused(
    account: Account, arguments: dict[str, Any], words: str, dry_run: bool
) -> None:
    with pytest.raises(InvalidChange, match=words):
        attach(account).update_monitoring_schedule(**arguments, dry_run=dry_run)
    assert account.changes() == []


def test_labels_are_refused_for_explainability(account: Account) -> None:
    with pytest.raises(InvalidChange, match="bias monitors only"):
        attach(account, "shap").update_monitoring_schedule(ground_truth_input="s3://data/labels")


@pytest.mark.parametrize("name", ["credit", "shap"])
def test_nothing_to_update_is_said_by_both_kinds(account: Account, name: str) -> None:
    with pytest.raises(NothingToUpdate, match="Nothing to update"):
        attach(account, name).update_monitoring_schedule()


def test_constraints_that_are_not_there_are_refused_first(account: Account) -> None:
    with pytest.raises(ResultMissing, match=r"s3://monitor/none\.json does not exist"):
        attach(account).update_monitoring_schedule(constraints="s3://monitor/none.json")
    assert account.changes() == []


def test_constraints_that_are_no_json_are_refused_first(account: Account) -> None:
    account.put("s3://monitor/bad.json", "{")
    with pytest.raises(InvalidFile, match=r"bad\.json is no JSON"):
        attach(account).update_monitoring_schedule(constraints="s3://monitor/bad.json")
    assert account.changes() == []


def test_edited_constraints_have_to_be_saved(account: Account) -> None:
    constraints = Constraints.from_s3_uri("s3://monitor/ModelBias.json", session=account.session)
    constraints.body_dict["version"] = "2.0"
    with pytest.raises(InvalidChange, match="save them first"):
        attach(account).update_monitoring_schedule(constraints=constraints)
    constraints.save("s3://monitor/edited.json")

    attach(account).update_monitoring_schedule(constraints=constraints)

    assert attach(account).constraints_s3_uri == "s3://monitor/edited.json"


# ---------------------------------------------------------------- dry run
def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(account: Account) -> None:
    planned = attach(account).update_monitoring_schedule(
        instance_count=2, analysis_config={"label_values_or_threshold": [1]}, dry_run=True
    )

    assert account.changes() == []
    assert planned.dry_run
    done = attach(account).update_monitoring_schedule(
        instance_count=2, analysis_config={"label_values_or_threshold": [1]}
    )
    assert [call.operation for call in planned.calls] == account.changes()
    assert planned.calls == done.calls
    assert planned.to_dict()["after"] == done.to_dict()["after"]


def test_a_change_tells_before_and_after(account: Account) -> None:
    change = attach(account).update_monitoring_schedule(instance_count=2, dry_run=True).to_dict()

    assert change["before"]["JobResources"]["ClusterConfig"]["InstanceCount"] == 1
    assert change["after"]["JobResources"]["ClusterConfig"]["InstanceCount"] == 2
    assert change["before"]["JobDefinitionName"] == "credit-def" != change["after"]["JobDefinitionName"]


# ---------------------------------------------------------------- the replaced definition
def test_a_replaced_definition_goes_when_the_schedule_settled(account: Account) -> None:
    attach(account).update_monitoring_schedule(instance_count=2)

    assert account.changes() == [
        "CreateModelBiasJobDefinition",
        "UpdateMonitoringSchedule",
        "DeleteModelBiasJobDefinition",
    ]
    assert list(account.aws["job_definitions"]["ModelBias"]) == [attach(account).job_definition_name]


def test_the_replaced_definition_can_be_kept(account: Account) -> None:
    monitor = attach(account)
    monitor.update_monitoring_schedule(instance_count=2, keep_replaced_definition=True)

    assert "credit-def" in account.aws["job_definitions"]["ModelBias"]
    assert monitor.replaced_definitions() == []  # no execution names it


def test_a_definition_that_another_schedule_uses_is_kept(account: Account) -> None:
    account.add_monitor("other", "ModelBias")
    config = account.aws["schedules"]["other"]["desc"]["MonitoringScheduleConfig"]
    config["MonitoringJobDefinitionName"] = "credit-def"

    change = attach(account).update_monitoring_schedule(instance_count=2)

    assert change.warnings == ("The job definition credit-def was kept: other uses it.",)
    assert "credit-def" in account.aws["job_definitions"]["ModelBias"]


def test_a_failed_deletion_of_the_replaced_is_a_warning(account: Account) -> None:
    account.deny("DeleteModelBiasJobDefinition")

    change = attach(account).update_monitoring_schedule(instance_count=2)

    (warning,) = change.warnings
    assert "credit-def could not be deleted" in warning
    assert "sagemaker:DeleteModelBiasJobDefinition" in warning


def test_a_replaced_definition_that_is_gone_is_no_warning(account: Account) -> None:
    account.refuse("DeleteModelBiasJobDefinition", {"Code": "ResourceNotFound", "Message": "not found"})

    assert attach(account).update_monitoring_schedule(instance_count=2).warnings == ()


# ---------------------------------------------------------------- failures and interruptions
def test_a_refused_update_takes_the_new_definition_back(account: Account) -> None:
    account.deny("UpdateMonitoringSchedule")

    with pytest.raises(AccessDenied, match="sagemaker:UpdateMonitoringSchedule on monitoring-schedule/credit"):
        attach(account).update_monitoring_schedule(instance_count=2)

    assert list(account.aws["job_definitions"]["ModelBias"]) == ["credit-def"]


def test_an_update_whose_answer_is_lost_deletes_nothing(account: Account) -> None:
    account.refuse("UpdateMonitoringSchedule", {"Code": "InternalFailure", "Message": "?", "Status": 500})

    with pytest.raises(ServiceError, match="InternalFailure"):
        attach(account).update_monitoring_schedule(instance_count=2)

    assert len(account.aws["job_definitions"]["ModelBias"]) == 2


def test_a_note_tells_of_a_new_definition_that_stays_behind(account: Account) -> None:
    account.deny("UpdateMonitoringSchedule")
    account.deny("DeleteModelBiasJobDefinition")

    with pytest.raises(AccessDenied) as caught:
        attach(account).update_monitoring_schedule(instance_count=2)

    assert "could not be deleted again" in caught.value.__notes__[0]


def test_an_interrupted_update_is_taken_up_by_the_same_call(account: Account) -> None:
    account.refuse("UpdateMonitoringSchedule", {"Code": "InternalFailure", "Message": "?", "Status": 500})
    with pytest.raises(ServiceError):
        attach(account).update_monitoring_schedule(instance_count=2)
    account.aws["failures"].clear()

    attach(account).update_monitoring_schedule(instance_count=2)

    assert list(account.aws["job_definitions"]["ModelBias"]) == [attach(account).job_definition_name]
    assert attach(account).instance_count == 2


def test_an_update_without_a_change_sends_nothing(account: Account) -> None:
    monitor = attach(account)
    monitor.update_monitoring_schedule(instance_count=2)
    sent = len(account.calls)

    assert monitor.update_monitoring_schedule(instance_count=2).calls == ()
    assert account.changes(after=sent) == []


def test_a_schedule_that_fails_later_raises_and_undoes_nothing(account: Account) -> None:
    account.aws["schedules"]["credit"]["after"] = {"UpdateMonitoringSchedule": ["Pending", "Failed: no such endpoint"]}

    with pytest.raises(ScheduleFailed, match="no such endpoint") as caught:
        attach(account).update_monitoring_schedule("nowhere")

    assert caught.value.reason == "no such endpoint"
    assert account.changes() == ["CreateModelBiasJobDefinition", "UpdateMonitoringSchedule"]


def test_a_wait_that_takes_too_long_undoes_nothing(account: Account, clock: list[float]) -> None:
    account.aws["schedules"]["credit"]["after"] = {"UpdateMonitoringSchedule": ["Pending"] * 250}
    monitor = ModelBiasMonitor.attach("credit", account.session, timeout=60)

    with pytest.raises(WaitTimeout, match="credit, which is Pending, took longer than 60 seconds"):
        monitor.update_monitoring_schedule(instance_count=2)

    assert account.changes() == ["CreateModelBiasJobDefinition", "UpdateMonitoringSchedule"]
    assert sum(clock) == pytest.approx(60)


@pytest.mark.parametrize("statuses", [["Pending", "Failed: no such endpoint"], ["Pending"] * 40])
def test_an_update_that_ends_badly_is_known_all_the_same(account: Account, statuses: list[str]) -> None:
    account.aws["schedules"]["credit"]["after"] = {"UpdateMonitoringSchedule": statuses}
    monitor = ModelBiasMonitor.attach("credit", account.session, timeout=60)
    with pytest.raises((ScheduleFailed, WaitTimeout)):
        monitor.update_monitoring_schedule(instance_count=2)

    assert (monitor.instance_count, monitor.status) == (2, statuses[-1].partition(":")[0])
    account.aws["schedules"]["credit"]["queue"] = ["Failed"] * 3
    monitor.delete_monitoring_schedule(definitions="current")
    assert list(account.aws["job_definitions"]["ModelBias"]) == ["credit-def"]


def test_an_update_is_merged_into_what_one_under_way_leaves(account: Account) -> None:
    monitor = attach(account)
    attach(account).update_monitoring_schedule(instance_type="ml.m5.4xlarge", keep_replaced_definition=True)
    desc = account.aws["schedules"]["credit"]["desc"]
    theirs, old = desc["MonitoringScheduleConfig"], {**desc["MonitoringScheduleConfig"]}
    old["MonitoringJobDefinitionName"] = "credit-def"
    answers = iter([("Pending", old), ("Scheduled", theirs)])
    original = account._schedule

    def schedule(name: str) -> Any:
        found = original(name)
        if answer := next(answers, None):
            found["desc"]["MonitoringScheduleStatus"], found["desc"]["MonitoringScheduleConfig"] = answer
        return found

    account._schedule = schedule

    monitor.update_monitoring_schedule(instance_count=2)

    assert definition(account)["JobResources"]["ClusterConfig"]["InstanceType"] == "ml.m5.4xlarge"
    assert (monitor.instance_count, monitor.instance_type) == (2, "ml.m5.4xlarge")


def test_an_update_mends_a_schedule_that_fails_before_it(account: Account) -> None:
    account.aws["schedules"]["credit"]["queue"] = ["Scheduled", "Pending", "Failed: no such role", "Failed"]

    attach(account).update_monitoring_schedule(instance_count=2)

    assert definition(account)["JobResources"]["ClusterConfig"]["InstanceCount"] == 2


def test_an_update_waits_for_one_that_is_under_way(account: Account, clock: list[float]) -> None:
    account.aws["schedules"]["credit"]["queue"] = ["Scheduled", "Pending", "Pending", "Scheduled"]

    attach(account).update_monitoring_schedule(instance_count=2)

    assert account.changes()[0] == "CreateModelBiasJobDefinition"
    assert len(clock) >= 1


def test_without_waiting_the_replaced_definition_stays(account: Account, clock: list[float]) -> None:
    attach(account).update_monitoring_schedule(instance_count=2, wait=False)

    assert account.changes() == ["CreateModelBiasJobDefinition", "UpdateMonitoringSchedule"]
    assert clock == []


# ---------------------------------------------------------------- stacks
@pytest.fixture(params=["tag", "question"])
def managed(request: pytest.FixtureRequest, account: Account) -> Account:
    arn = account.arn("monitoring-schedule", "credit")
    if request.param == "tag":
        account.aws["tags"][arn].append({"Key": "aws:cloudformation:stack-name", "Value": "Loans"})
    else:
        account.stacks[arn] = "Loans"
    return account


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_update_of_what_a_stack_made_is_refused(managed: Account, dry_run: bool) -> None:
    with pytest.raises(ManagedByStack, match="The stack Loans made the monitoring schedule credit") as caught:
        attach(managed).update_monitoring_schedule(instance_count=2, dry_run=dry_run)

    assert caught.value.stack == "Loans"
    assert managed.changes() == []


def test_an_update_past_the_stack_keeps_its_definition(managed: Account) -> None:
    attach(managed).update_monitoring_schedule(instance_count=2, override_stack=True)

    assert managed.changes() == ["CreateModelBiasJobDefinition", "UpdateMonitoringSchedule"]
    (request,) = managed.sent("CreateModelBiasJobDefinition")
    assert request["Tags"] == [{"Key": "team", "Value": "risk"}]


def test_who_may_not_ask_cloudformation_is_told_what_to_do(account: Account) -> None:
    account.deny("DescribeStackResources")

    with pytest.raises(ManagedByStack, match=r"cloudformation:DescribeStackResources.*override_stack=True"):
        attach(account).update_monitoring_schedule(instance_count=2)

    assert account.changes() == []


# ---------------------------------------------------------------- run now
def test_run_now_leaves_the_schedule_alone(account: Account, clock: list[float]) -> None:
    monitor = attach(account)
    before = copy.deepcopy(account.aws["schedules"]["credit"])

    run = monitor.run_now("-PT6H", "-PT1H")

    assert account.changes() == ["CreateMonitoringSchedule"]
    assert account.aws["schedules"]["credit"] == before
    assert run.monitoring_schedule_name.startswith("credit-now-")
    assert run.job_definition_name == "credit-def"
    assert run.schedule_expression == "NOW"
    (request,) = account.sent("CreateMonitoringSchedule")
    assert request["MonitoringScheduleConfig"]["ScheduleConfig"]["DataAnalysisStartTime"] == "-PT6H"

    run.delete_monitoring_schedule()

    assert account.changes() == ["CreateMonitoringSchedule", "DeleteMonitoringSchedule"]
    assert "credit-def" in account.aws["job_definitions"]["ModelBias"]


def test_run_now_can_wait_for_the_result(account: Account) -> None:
    account.add_execution(
        "mine", HOUR, job=[{"ProcessingJobStatus": "InProgress"}, {"ProcessingJobStatus": "Completed"}]
    )

    run = attach(account).run_now(name="mine", wait=True)

    latest = run.latest_execution()
    assert latest is not None
    assert latest.job.status == "Completed"


@pytest.mark.parametrize(("start", "end"), [("-PT0H", "-PT1H"), ("-P2D", "-PT0H"), ("now", "-PT0H")])
def test_run_now_refuses_what_cannot_be_analysed(account: Account, start: str, end: str) -> None:
    with pytest.raises(InvalidChange):
        attach(account).run_now(start, end)
    assert account.changes() == []


def test_names_of_long_schedules_fit(account: Account) -> None:
    name = "a" * 63
    account.add_monitor(name, "ModelBias")

    run = attach(account, name).run_now()
    attach(account, name).update_monitoring_schedule(instance_count=2)

    assert len(run.monitoring_schedule_name) <= 63
    assert len(attach(account, name).job_definition_name) <= 63
