"""Attaching, starting, stopping, deleting, baselines, alerts: each works, is repeatable, and says what is wrong."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cdk_clarify_monitors_operations import (
    AccessDenied,
    AlertNotFound,
    ClarifyBaseliningJob,
    ClarifyModelMonitor,
    ClarifyOperationsError,
    DefinitionNotFound,
    InvalidArgument,
    JobNotFound,
    ManagedByStack,
    ModelBiasMonitor,
    ModelExplainabilityMonitor,
    MonitorOperations,
    NoBaseline,
    NothingToUpdate,
    NotSupported,
    ScheduleFailed,
    ScheduleNotFound,
    ServiceError,
    WaitTimeout,
    WrongMonitorType,
)
from tests.operations.account import HOUR, Account


def attach(account: Account, name: str = "credit") -> ClarifyModelMonitor:
    return ClarifyModelMonitor.attach(name, account.session)


def definitions(account: Account) -> list[str]:
    return list(account.aws["job_definitions"]["ModelBias"])


# ---------------------------------------------------------------- attaching
def test_a_monitor_is_of_the_class_of_its_type(account: Account) -> None:
    assert type(attach(account)) is ModelBiasMonitor
    assert type(attach(account, "shap")) is ModelExplainabilityMonitor
    assert type(MonitorOperations(account.session).monitor("shap")) is ModelExplainabilityMonitor
    assert type(ModelBiasMonitor.attach("credit", account.session)) is ModelBiasMonitor


def test_a_subclass_attaches_as_itself(account: Account) -> None:
    class Mine(ModelBiasMonitor):
        pass

    class Both(ClarifyModelMonitor):
        pass

    assert type(Mine.attach("credit", account.session)) is Mine
    assert type(Both.attach("shap", account.session)) is Both
    assert type(attach(account)) is ModelBiasMonitor


@pytest.mark.parametrize("kind", ["DataQuality", "ModelQuality", "ModelExplainability", None])
def test_a_schedule_of_another_type_is_refused(account: Account, kind: str | None) -> None:
    description = account.aws["schedules"]["credit"]["desc"]
    if kind is None:
        del description["MonitoringType"], description["MonitoringScheduleConfig"]["MonitoringType"]
    else:
        description["MonitoringType"] = description["MonitoringScheduleConfig"]["MonitoringType"] = kind

    with pytest.raises(
        WrongMonitorType, match=f"'credit' is of type {kind or 'another type'}.*, not ModelBias"
    ) as caught:
        ModelBiasMonitor.attach("credit", account.session)

    assert isinstance(caught.value, TypeError)
    assert caught.value.schedule == "credit"


def test_a_schedule_that_is_not_there_is_named_with_its_region(account: Account) -> None:
    with pytest.raises(ScheduleNotFound, match="no monitoring schedule 'none' in us-west-2") as caught:
        attach(account, "none")
    assert caught.value.schedule == "none"


def test_a_definition_that_is_gone_is_named(account: Account) -> None:
    account.aws["job_definitions"]["ModelBias"].clear()
    with pytest.raises(DefinitionNotFound, match="job definition 'credit-def' of the monitoring schedule 'credit'"):
        attach(account)


@pytest.mark.parametrize(
    "name", [None, 3, ["credit"], "", "cre dit", "arn:aws:sagemaker:us-west-2:123456789012:monitoring-schedule/credit"]
)
def test_what_cannot_be_a_name_is_refused_at_once(account: Account, name: Any) -> None:
    with pytest.raises(InvalidArgument, match="'monitor_schedule_name' must be the name") as caught:
        attach(account, name)
    assert repr(name) in str(caught.value)
    assert account.calls == []


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_waits_need_positive_times(account: Account, seconds: float) -> None:
    with pytest.raises(InvalidArgument, match="'timeout' must be"):
        ModelBiasMonitor.attach("credit", account.session, timeout=seconds)
    with pytest.raises(InvalidArgument, match="'poll_interval' must be"):
        MonitorOperations(account.session, poll_interval=seconds)


def test_a_monitor_turns_into_json(account: Account) -> None:
    found = attach(account).to_dict()

    assert found["monitoring_type"] == "ModelBias"
    assert found["constraints_s3_uri"] == "s3://monitor/ModelBias.json"
    assert found["ground_truth_s3_uri"] == "s3://data/labels"
    assert found["publishes_metrics"] is True


def test_monitors_are_listed_without_those_of_other_kinds(account: Account) -> None:
    quality = account.add_monitor("quality", "ModelBias")
    assert quality
    description = account.aws["schedules"]["quality"]["desc"]
    description["MonitoringScheduleConfig"] = {"MonitoringType": "DataQuality"}
    account.aws["page_size"] = {"ListMonitoringSchedules": 1}
    operations = MonitorOperations(account.session)

    assert [each.monitoring_schedule_name for each in operations.monitors()] == ["credit", "shap"]
    assert next(operations.monitors()).to_dict()["creation_time"] == "2024-05-01T08:00:00+00:00"
    with pytest.raises(InvalidArgument, match="'status' must be one of Pending, Scheduled"):
        operations.monitors(status="Running")
    with pytest.raises(InvalidArgument, match="'monitoring_type' must be one of ModelBias, ModelExplainability"):
        operations.monitors(monitoring_type="DataQuality")


def test_definitions_that_nobody_uses_are_found(account: Account) -> None:
    account.aws["job_definitions"]["ModelBias"]["old"] = account.aws["job_definitions"]["ModelBias"]["credit-def"]
    assert list(MonitorOperations(account.session).orphaned_definitions()) == [("ModelBias", "old")]


# ---------------------------------------------------------------- start and stop
@pytest.mark.parametrize("method", ["start_monitoring_schedule", "stop_monitoring_schedule"])
def test_start_and_stop_wait_until_it_is_done(account: Account, clock: list[float], method: str) -> None:
    operation = method.partition("_")[0].title() + "MonitoringSchedule"
    end = "Stopped" if method.startswith("stop") else "Scheduled"
    account.aws["schedules"]["credit"]["after"] = {operation: ["Pending", "Pending", end]}
    monitor = attach(account)

    getattr(monitor, method)()

    assert account.changes() == [operation]
    assert clock == [5, 5]
    assert monitor.status == end
    getattr(monitor, method)(wait=False)
    assert clock == [5, 5]


@pytest.mark.parametrize("method", ["start_monitoring_schedule", "stop_monitoring_schedule"])
def test_a_schedule_that_fails_is_said(account: Account, method: str) -> None:
    operation = method.partition("_")[0].title() + "MonitoringSchedule"
    account.aws["schedules"]["credit"]["after"] = {operation: ["Pending", "Failed: no such role"]}
    with pytest.raises(ScheduleFailed, match="credit is Failed: no such role") as caught:
        getattr(attach(account), method)()
    assert (caught.value.schedule, caught.value.reason) == ("credit", "no such role")


@pytest.mark.parametrize("method", ["start_monitoring_schedule", "stop_monitoring_schedule", "describe_schedule"])
def test_a_schedule_that_has_gone_meanwhile_is_said(account: Account, method: str) -> None:
    monitor = attach(account)
    del account.aws["schedules"]["credit"]
    with pytest.raises(ScheduleNotFound, match="credit"):
        getattr(monitor, method)()


def test_a_wait_for_a_start_ends(account: Account, clock: list[float]) -> None:
    account.aws["schedules"]["credit"]["after"] = {"StartMonitoringSchedule": ["Pending"] * 290}
    with pytest.raises(WaitTimeout, match="took longer than 900 seconds") as caught:
        attach(account).start_monitoring_schedule()
    assert sum(clock) == pytest.approx(900)
    assert caught.value.schedule == "credit"
    assert isinstance(caught.value, TimeoutError)


def test_start_and_stop_are_allowed_for_what_a_stack_made(account: Account) -> None:
    account.stacks[account.arn("monitoring-schedule", "credit")] = "Loans"
    attach(account).stop_monitoring_schedule()
    assert account.changes() == ["StopMonitoringSchedule"]


# ---------------------------------------------------------------- delete
def test_a_delete_waits_until_the_schedule_is_gone(account: Account) -> None:
    statuses = ["Pending", "Scheduled", "Stopped", "Pending", "gone"]
    account.aws["schedules"]["credit"]["after"] = {"DeleteMonitoringSchedule": statuses}

    attach(account).delete_monitoring_schedule()

    assert account.changes() == ["DeleteMonitoringSchedule", "DeleteModelBiasJobDefinition"]
    assert definitions(account) == []


def test_a_repeated_delete_sends_nothing(account: Account) -> None:
    monitor = attach(account)
    monitor.delete_monitoring_schedule()
    sent = len(account.calls)

    monitor.delete_monitoring_schedule()

    assert account.changes(after=sent) == []


def test_a_delete_is_taken_up_after_the_definition_was_refused(account: Account) -> None:
    account.refuse("DeleteModelBiasJobDefinition", {"Code": "ResourceInUse", "Message": "in use"}, nth=1)
    monitor = attach(account)
    with pytest.raises(ServiceError, match="in use"):
        monitor.delete_monitoring_schedule()
    sent = len(account.calls)

    monitor.delete_monitoring_schedule()

    assert account.changes(after=sent) == ["DeleteModelBiasJobDefinition"]
    assert definitions(account) == []


def test_a_delete_is_taken_up_after_its_wait_timed_out(account: Account) -> None:
    account.aws["schedules"]["credit"]["after"] = {"DeleteMonitoringSchedule": ["Pending"] * 20 + ["gone"]}
    monitor = ClarifyModelMonitor.attach("credit", account.session, timeout=30)
    with pytest.raises(WaitTimeout):
        monitor.delete_monitoring_schedule()
    assert definitions(account) == ["credit-def"]

    with pytest.raises(WaitTimeout):
        monitor.delete_monitoring_schedule()
    monitor.delete_monitoring_schedule()

    assert account.changes() == ["DeleteMonitoringSchedule", "DeleteModelBiasJobDefinition"]


def test_another_process_takes_up_a_delete_that_is_under_way(account: Account) -> None:
    account.aws["schedules"]["credit"]["queue"] = ["Pending", "Pending", "gone"]
    account.aws["schedules"]["credit"]["queue"] = ["Scheduled", "Pending", "Pending", "gone"]

    attach(account).delete_monitoring_schedule()

    assert account.changes() == ["DeleteModelBiasJobDefinition"]


def test_somebody_elses_delete_counts(account: Account) -> None:
    account.aws["failures"] = [
        {
            "operation": "DeleteMonitoringSchedule",
            "gone": True,
            "error": {"Code": "ResourceNotFound", "Message": "not found"},
        }
    ]

    attach(account).delete_monitoring_schedule()

    assert account.changes() == ["DeleteMonitoringSchedule", "DeleteModelBiasJobDefinition"]


def test_a_refused_delete_deletes_nothing_else(account: Account) -> None:
    error = {"Code": "ValidationException", "Message": "Monitoring schedule has an execution running"}
    account.refuse("DeleteMonitoringSchedule", error)
    with pytest.raises(ServiceError, match="has an execution running"):
        attach(account).delete_monitoring_schedule()
    assert account.changes() == ["DeleteMonitoringSchedule"]


def test_a_delete_that_fails_is_said(account: Account) -> None:
    account.aws["schedules"]["credit"]["after"] = {"DeleteMonitoringSchedule": ["Pending", "Failed: no such network"]}
    monitor = attach(account)
    with pytest.raises(ScheduleFailed, match="could not be deleted: no such network"):
        monitor.delete_monitoring_schedule()
    assert definitions(account) == ["credit-def"]


def test_a_delete_that_failed_unseen_is_sent_again(account: Account) -> None:
    monitor = attach(account)
    monitor.delete_monitoring_schedule(wait=False)
    account.aws["schedules"]["credit"]["queue"] = ["Failed: no such network"] * 2
    account.aws["schedules"]["credit"]["after"] = {"DeleteMonitoringSchedule": ["Pending", "gone"]}

    monitor.delete_monitoring_schedule()

    assert account.changes() == ["DeleteMonitoringSchedule", "DeleteMonitoringSchedule", "DeleteModelBiasJobDefinition"]


def test_a_failed_schedule_whose_delete_fails_is_said_at_once(account: Account, clock: list[float]) -> None:
    account.aws["schedules"]["credit"]["desc"]["MonitoringScheduleStatus"] = "Failed"
    account.aws["schedules"]["credit"]["after"] = {"DeleteMonitoringSchedule": ["Pending", "Failed: still in use"]}
    with pytest.raises(ScheduleFailed, match="could not be deleted: still in use"):
        attach(account).delete_monitoring_schedule()
    assert sum(clock) < 60


def test_a_schedule_made_again_after_its_delete_can_be_deleted(account: Account) -> None:
    monitor = attach(account)
    monitor.delete_monitoring_schedule()
    account.add_monitor("credit", "ModelBias")

    monitor.delete_monitoring_schedule()

    assert account.changes() == ["DeleteMonitoringSchedule", "DeleteModelBiasJobDefinition"] * 2


def test_a_delete_goes_for_the_definition_in_use_now(account: Account) -> None:
    stale = attach(account)
    attach(account).update_monitoring_schedule(instance_count=2)
    used = account.aws["schedules"]["credit"]["desc"]["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"]
    sent = len(account.calls)

    stale.delete_monitoring_schedule()

    assert account.changes(after=sent) == ["DeleteMonitoringSchedule", "DeleteModelBiasJobDefinition"]
    assert account.sent("DeleteModelBiasJobDefinition")[-1] == {"JobDefinitionName": used}
    assert definitions(account) == []


@pytest.mark.parametrize("method", ["start_monitoring_schedule", "stop_monitoring_schedule"])
def test_what_was_deleted_is_not_sent_anything(account: Account, method: str) -> None:
    monitor = attach(account)
    monitor.delete_monitoring_schedule()
    sent = len(account.calls)

    with pytest.raises(ScheduleNotFound, match="'credit'"):
        getattr(monitor, method)()

    assert account.changes(after=sent) == []


@pytest.mark.parametrize("which", ["current", "all", "none"])
def test_a_schedule_without_its_definition_can_be_deleted(account: Account, which: Any) -> None:
    account.aws["job_definitions"]["ModelBias"].clear()
    monitor = MonitorOperations(account.session).monitor("credit", needs_definition=False)
    assert (monitor.monitoring_type, monitor.status, monitor.job_definition_name) == (
        "ModelBias",
        "Scheduled",
        "credit-def",
    )
    for ask in (lambda: monitor.role, lambda: monitor.endpoint_name, monitor.to_dict, monitor.refresh):
        with pytest.raises(DefinitionNotFound, match="job definition 'credit-def' of the monitoring schedule 'credit'"):
            ask()
    monitor.stop_monitoring_schedule()
    assert list(monitor.list_executions()) == []

    monitor.delete_monitoring_schedule(definitions=which)

    assert account.changes() == ["StopMonitoringSchedule", "DeleteMonitoringSchedule"]


def test_a_failed_schedule_can_be_deleted(account: Account) -> None:
    account.aws["schedules"]["credit"]["desc"]["MonitoringScheduleStatus"] = "Failed"
    account.aws["schedules"]["credit"]["after"] = {"DeleteMonitoringSchedule": ["Failed: old", "Pending", "gone"]}
    attach(account).delete_monitoring_schedule()
    assert definitions(account) == []


def test_a_delete_without_waiting_leaves_the_definitions(account: Account) -> None:
    monitor = attach(account)
    monitor.delete_monitoring_schedule(wait=False)
    assert account.changes() == ["DeleteMonitoringSchedule"]

    monitor.delete_monitoring_schedule()

    assert account.changes() == ["DeleteMonitoringSchedule", "DeleteModelBiasJobDefinition"]


@pytest.mark.parametrize(
    ("which", "left"), [("none", ["credit-def", "old", "other"]), ("current", ["old", "other"]), ("all", ["other"])]
)
def test_which_definitions_go_can_be_chosen(account: Account, which: Any, left: list[str]) -> None:
    found = account.aws["job_definitions"]["ModelBias"]
    found["old"] = found["other"] = found["credit-def"]
    account.add_execution("credit", HOUR)
    account.aws["executions"]["credit"][0]["MonitoringJobDefinitionName"] = "old"

    attach(account).delete_monitoring_schedule(definitions=which)

    assert definitions(account) == left


def test_replaced_definitions_can_be_cleared_away(account: Account) -> None:
    monitor = attach(account)
    monitor.update_monitoring_schedule(instance_count=2, keep_replaced_definition=True)
    made = monitor.job_definition_name
    monitor.update_monitoring_schedule(instance_count=3, keep_replaced_definition=True)

    assert monitor.delete_replaced_definitions(dry_run=True) == [made]
    assert made in definitions(account)
    assert monitor.delete_replaced_definitions() == [made]
    assert sorted(definitions(account)) == sorted([monitor.job_definition_name, "credit-def"])


def test_a_delete_of_what_a_stack_made_is_refused(account: Account) -> None:
    account.stacks[account.arn("monitoring-schedule", "credit")] = "Loans"
    with pytest.raises(ManagedByStack, match="The stack Loans made"):
        attach(account).delete_monitoring_schedule()
    assert account.changes() == []

    attach(account).delete_monitoring_schedule(override_stack=True)
    assert account.changes() == ["DeleteMonitoringSchedule", "DeleteModelBiasJobDefinition"]


def test_an_unknown_choice_of_definitions_is_refused(account: Account) -> None:
    with pytest.raises(InvalidArgument, match="'definitions' must be current, all or none"):
        attach(account).delete_monitoring_schedule(definitions="every")  # type: ignore[arg-type]
    assert account.changes() == []


# ---------------------------------------------------------------- baselines
def test_constraints_of_the_definition_are_the_suggested_ones(account: Account) -> None:
    assert attach(account).suggested_constraints().file_s3_uri == "s3://monitor/ModelBias.json"
    with pytest.raises(
        NoBaseline, match=r"names no baselining job; it has the constraints s3://monitor/ModelBias\.json"
    ):
        attach(account).describe_latest_baselining_job()


@pytest.mark.parametrize("name", [None, "", 3])
def test_a_baselining_job_needs_a_name(account: Account, name: Any) -> None:
    with pytest.raises(InvalidArgument, match="'processing_job_name' must be the name of a job, got"):
        MonitorOperations(account.session).baselining_job(name)


def test_a_monitor_without_a_baseline_says_so(account: Account) -> None:
    del account.aws["job_definitions"]["ModelBias"]["credit-def"]["ModelBiasBaselineConfig"]
    for read in (attach(account).suggested_constraints, attach(account).latest_baselining_job):
        with pytest.raises(NoBaseline, match="it has no constraints"):
            read()


def test_a_baselining_job_that_is_gone_still_has_its_result(account: Account) -> None:
    job = ClarifyBaseliningJob("base", account.session, output_s3_uri="s3://monitor/base/")
    account.put_json("s3://monitor/base/analysis.json", {"version": "1.0"})

    assert job.suggested_constraints().body_dict == {"version": "1.0"}
    with pytest.raises(JobNotFound, match="no processing job base in us-west-2"):
        job.describe()


@pytest.mark.parametrize("method", ["latest_monitoring_statistics", "run_baseline", "baseline_statistics"])
def test_what_the_sdk_refuses_is_refused(account: Account, method: str) -> None:
    with pytest.raises(NotSupported) as caught:
        getattr(attach(account), method)()
    assert isinstance(caught.value, NotImplementedError)


# ---------------------------------------------------------------- alerts
@pytest.fixture
def alerts(account: Account) -> Account:
    account.aws["alerts"]["credit"] = [
        {
            "MonitoringAlertName": f"alert-{number}",
            "CreationTime": "2024-05-01T08:00:00Z",
            "LastModifiedTime": "2024-05-02T08:00:00Z",
            "AlertStatus": "OK",
            "DatapointsToAlert": 1,
            "EvaluationPeriod": 3,
            "Actions": {"ModelDashboardIndicator": {"Enabled": True}},
        }
        for number in range(3)
    ]
    account.aws["alert_history"] = [
        {
            "MonitoringScheduleName": "credit",
            "MonitoringAlertName": "alert-0",
            "CreationTime": f"2024-05-{day:02}T08:00:00Z",
            "AlertStatus": "InAlert" if day % 2 else "OK",
        }
        for day in range(1, 25)
    ]
    account.aws["page_size"] = {"ListMonitoringAlerts": 2, "ListMonitoringAlertHistory": 5}
    return account


def test_all_pages_of_alerts_and_their_history_are_read(alerts: Account) -> None:
    monitor = attach(alerts)
    assert [alert.alert_name for alert in monitor.list_monitoring_alerts()] == ["alert-0", "alert-1", "alert-2"]
    history = monitor.list_monitoring_alert_history()
    first = next(history)
    assert first.creation_time == datetime(2024, 5, 24, 8, tzinfo=UTC)
    assert len(alerts.sent("ListMonitoringAlertHistory")) == 1
    assert len(list(history)) == 23


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"data_points_to_alert": 2}, (2, 3)),
        ({"evaluation_period": 5}, (1, 5)),
        ({"data_points_to_alert": 4, "evaluation_period": 4}, (4, 4)),
    ],
)
def test_what_is_not_given_of_an_alert_stays(alerts: Account, given: dict[str, int], sent: tuple[int, int]) -> None:
    attach(alerts).update_monitoring_alert("alert-2", **given)
    (request,) = alerts.sent("UpdateMonitoringAlert")
    assert (request["DatapointsToAlert"], request["EvaluationPeriod"]) == sent


@pytest.mark.parametrize(
    ("name", "given", "error", "words"),
    [
        ("alert-0", {}, NothingToUpdate, "Got no alert property"),
        ("none", {"evaluation_period": 3}, AlertNotFound, "it has: alert-0, alert-1, alert-2"),
        ("alert-0", {"data_points_to_alert": 0}, InvalidArgument, "from 1 to 100, got 0"),
        ("alert-0", {"evaluation_period": 101}, InvalidArgument, "from 1 to 100, got 101"),
        ("alert-0", {"data_points_to_alert": 4}, InvalidArgument, "could never go off; they would be 4 and 3"),
        ("alert-0", {"data_points_to_alert": "2"}, InvalidArgument, "from 1 to 100, got '2'"),
    ],
)
def test_an_alert_that_cannot_be_is_refused(
    alerts: Account, name: str, given: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        attach(alerts).update_monitoring_alert(name, **given)
    assert alerts.changes() == []


def test_alerts_of_a_schedule_that_has_gone_are_an_error(alerts: Account) -> None:
    monitor = attach(alerts)
    del alerts.aws["schedules"]["credit"]
    with pytest.raises(ScheduleNotFound):
        list(monitor.list_monitoring_alerts())


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"sort_by": "Name"}, "'sort_by' must be one of CreationTime, Status"),
        ({"sort_order": "Up"}, "'sort_order' must be one of"),
        ({"status_equals": "Ok"}, "'status_equals' must be one of InAlert, OK, got 'Ok'"),
        ({"creation_time_after": datetime(2024, 5, 1)}, "time zone"),
        ({"creation_time_after": HOUR, "creation_time_before": HOUR - timedelta(days=1)}, "must be before"),
    ],
)
def test_filters_of_the_history_are_checked_at_once(alerts: Account, filters: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        attach(alerts).list_monitoring_alert_history(**filters)
    assert alerts.sent("ListMonitoringAlertHistory") == []


# ---------------------------------------------------------------- permissions
OPERATIONS: dict[str, Callable[[Any], object]] = {
    "DescribeMonitoringSchedule": lambda monitor: monitor.describe_schedule(),
    "DescribeModelBiasJobDefinition": lambda monitor: monitor.refresh(),
    "ListTags": lambda monitor: monitor.tags,
    "ListMonitoringExecutions": lambda monitor: next(monitor.list_executions()),
    "StartMonitoringSchedule": lambda monitor: monitor.start_monitoring_schedule(),
    "StopMonitoringSchedule": lambda monitor: monitor.stop_monitoring_schedule(),
    "DeleteMonitoringSchedule": lambda monitor: monitor.delete_monitoring_schedule(),
    "ListMonitoringSchedules": lambda monitor: monitor.delete_monitoring_schedule(),
    "DeleteModelBiasJobDefinition": lambda monitor: monitor.delete_monitoring_schedule(),
    "CreateModelBiasJobDefinition": lambda monitor: monitor.update_monitoring_schedule(instance_count=2),
    "UpdateMonitoringSchedule": lambda monitor: monitor.update_monitoring_schedule(instance_count=2),
    "PutObject": lambda monitor: monitor.update_monitoring_schedule(analysis_config={"a": 1}),
    "GetRole": lambda monitor: monitor.update_monitoring_schedule(role="Other"),
    "CreateMonitoringSchedule": lambda monitor: monitor.run_now(),
    "ListMonitoringAlerts": lambda monitor: list(monitor.list_monitoring_alerts()),
    "UpdateMonitoringAlert": lambda monitor: monitor.update_monitoring_alert("alert-0", 2),
    "ListMonitoringAlertHistory": lambda monitor: list(monitor.list_monitoring_alert_history()),
    "DescribeProcessingJob": lambda monitor: monitor.latest_execution().describe(),
    "StopProcessingJob": lambda monitor: monitor.latest_execution().stop(),
    "DescribeLogStreams": lambda monitor: list(monitor.get_latest_execution_logs()),
    "GetLogEvents": lambda monitor: list(monitor.get_latest_execution_logs()),
    "ListObjectsV2": lambda monitor: list(monitor.latest_execution().files()),
    "GetObject": lambda monitor: monitor.suggested_constraints(),
    "ListModelBiasJobDefinitions": lambda monitor: monitor.replaced_definitions(),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_denied_is_named_by_action_and_resource(alerts: Account, operation: str) -> None:
    job = alerts.add_execution("credit", HOUR)
    alerts.aws["log_streams"][f"{job}/algo-1-1"] = [[1000, "one"]]
    monitor = attach(alerts)
    alerts.deny(operation)

    with pytest.raises(ClarifyOperationsError) as caught:
        OPERATIONS[operation](monitor)

    action = {"ListObjectsV2": "ListBucket"}.get(operation, operation)
    assert f":{action} on " in str(caught.value)
    assert f"is not authorized to perform: {operation}" in str(caught.value)
    assert caught.value.action.endswith(f":{action}")  # type: ignore[attr-defined]
    assert caught.value.resource  # type: ignore[attr-defined]


def test_all_errors_are_of_one_tree() -> None:
    import cdk_clarify_monitors_operations as package

    errors = [
        each
        for name in package.__all__
        if isinstance(each := getattr(package, name), type) and issubclass(each, Exception)
    ]
    assert len(errors) > 20
    assert all(issubclass(each, ClarifyOperationsError) for each in errors)


def test_errors_can_be_sent_to_another_process(account: Account) -> None:
    account.deny("DescribeMonitoringSchedule")
    with pytest.raises(AccessDenied) as caught:
        attach(account)

    copied = pickle.loads(pickle.dumps(caught.value))  # noqa: S301

    assert type(copied) is AccessDenied
    assert str(copied) == str(caught.value)
    assert vars(copied) == vars(caught.value)


def test_a_denied_job_and_a_denied_object_are_named(account: Account) -> None:
    job = account.add_execution("credit", HOUR)
    account.deny("DescribeProcessingJob")
    account.deny("GetObject")
    with pytest.raises(AccessDenied) as caught:
        next(attach(account).list_executions()).describe()
    assert caught.value.job_name == job
    with pytest.raises(AccessDenied) as caught:
        attach(account).suggested_constraints()
    assert caught.value.uri == "s3://monitor/ModelBias.json"


def test_the_client_prints_nothing(account: Account, capfd: pytest.CaptureFixture[str]) -> None:
    account.add_execution("credit", HOUR)
    monitor = attach(account)
    monitor.update_monitoring_schedule(instance_count=2)
    list(monitor.get_latest_execution_logs())
    monitor.delete_monitoring_schedule()
    assert capfd.readouterr() == ("", "")
