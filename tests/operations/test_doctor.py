"""doctor() finds what keeps a monitor from finding drift, one finding for each cause, with its remedy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cdk_clarify_monitors_operations import ClarifyModelMonitor, Finding, MonitorOperations
from tests.operations.account import HOUR, ROLE, Account, text


def examine(account: Account, name: str = "credit") -> dict[str, Finding]:
    found = ClarifyModelMonitor.attach(name, account.session).doctor()
    return {finding.code: finding for finding in found}


@pytest.fixture
def healthy(account: Account) -> Account:
    """Both monitors run, with data and labels that match."""
    for name in ("credit", "shap"):
        account.add_execution(name, HOUR)
    account.put_captured(HOUR - timedelta(hours=1), "e1", "request-1")
    account.put_label(HOUR - timedelta(hours=1), "request-1")
    return account


@pytest.mark.parametrize("name", ["credit", "shap"])
def test_a_monitor_that_works_has_no_findings(healthy: Account, name: str) -> None:
    assert examine(healthy, name) == {}
    assert healthy.changes() == []


def test_limits_that_nothing_violates_are_a_finding(healthy: Account) -> None:
    uri = "s3://monitor/limits.json"
    metrics = [{"name": "DPPL", "value": 10}, {"name": "CI", "value": -1}, {"name": "DI", "value": 1.2}]
    metrics += [{"name": "TE", "value": "Infinity"}, {"name": "CDDPL", "value": None}, {"name": "new", "value": 9}]
    groups = [{"value_or_threshold": "1", "metrics": metrics}]
    healthy.put_json(uri, {"post_training_bias_metrics": {"facets": {"sex": groups}}})
    change(healthy, "definition.ModelBiasBaselineConfig", {"ConstraintsResource": {"S3Uri": uri}})

    finding = examine(healthy)["limits-without-effect"]

    assert finding.summary == (
        "Constraints that no execution can violate: DPPL 10 of sex 1 (its values are \N{MINUS SIGN}1 to 1); "
        "CI -1 of sex 1 (its values are \N{MINUS SIGN}1 to 1)."
    )
    metrics[0]["value"] = 0.1
    metrics[1]["value"] = -0.99
    healthy.put_json(uri, {"post_training_bias_metrics": {"facets": {"sex": groups}}})
    assert "limits-without-effect" not in examine(healthy)


def test_all_monitors_can_be_examined_at_once(healthy: Account) -> None:
    operations = MonitorOperations(healthy.session)
    assert operations.doctor() == []
    healthy.aws["job_definitions"]["ModelBias"]["old"] = healthy.aws["job_definitions"]["ModelBias"]["credit-def"]
    del healthy.aws["job_definitions"]["ModelExplainability"]["shap-def"]

    orphans, broken = operations.doctor()

    assert (broken.code, broken.monitoring_schedule_name) == ("not-examined", "shap")
    assert "shap-def" in broken.summary
    assert broken.remedy.startswith("Deploy its stack again")
    assert orphans.code == "orphaned-definitions"
    assert "old (ModelBias)" in orphans.summary


def change(account: Account, path: str, value: Any) -> None:
    """Change a part of the account: `schedule.…`, `definition.…`, `endpoint.…`."""
    first, *middle, last = path.split(".")
    target: Any = {
        "schedule": account.aws["schedules"]["credit"]["desc"],
        "definition": account.aws["job_definitions"]["ModelBias"]["credit-def"],
        "endpoint": account.endpoints["credit-endpoint"],
        "account": account.__dict__,
    }[first]
    for name in middle:
        target = target[name]
    if value is None:
        del target[last]
    else:
        target[last] = value


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        (
            {"schedule.MonitoringScheduleStatus": "Failed", "schedule.FailureReason": "no such endpoint"},
            "schedule-failed",
            "no such endpoint",
        ),
        ({"schedule.MonitoringScheduleStatus": "Stopped"}, "schedule-stopped", "start_monitoring_schedule"),
        ({"schedule.MonitoringScheduleStatus": "Pending"}, "schedule-pending", "at work"),
        ({"endpoint.EndpointStatus": "Updating"}, "endpoint-not-in-service", "is Updating"),
        ({"endpoint.DataCaptureConfig": None}, "capture-off", "captures nothing"),
        ({"endpoint.DataCaptureConfig.EnableCapture": False}, "capture-off", "captures nothing"),
        ({"endpoint.DataCaptureConfig.CaptureStatus": "Stopped"}, "capture-off", "captures nothing"),
        ({"endpoint.DataCaptureConfig.CurrentSamplingPercentage": 10}, "capture-sampled", "only 10 %"),
        ({"account.capture_modes": ["Output"]}, "capture-one-sided", "does not capture the input"),
        (
            {"definition.ModelBiasAppSpecification.Environment.publish_cloudwatch_metrics": "Disabled"},
            "metrics-off",
            "enable_cloudwatch_metrics=True",
        ),
        ({"definition.ModelBiasAppSpecification.Environment": None}, "metrics-off", "no metrics"),
        ({"definition.ModelBiasBaselineConfig": None}, "no-baseline", "compared with nothing"),
        (
            {"definition.ModelBiasBaselineConfig": {"ConstraintsResource": {"S3Uri": "s3://monitor/no.json"}}},
            "constraints-unreadable",
            "s3://monitor/no.json does not exist",
        ),
        (
            {"definition.ModelBiasBaselineConfig": {"BaseliningJobName": "gone"}},
            "baselining-job-missing",
            "The baselining job gone is gone",
        ),
        ({"account.denied_by_role": {"s3:GetObject"}}, "role-may-not-read", "s3:GetObject"),
        ({"account.denied_by_role": {"s3:PutObject"}}, "role-may-not-write", "s3://monitor/results"),
        ({"account.roles": set()}, "role-missing", ROLE),
        ({"definition.ModelBiasJobInput.GroundTruthS3Input.S3Uri": "s3://data/other"}, "no-ground-truth", "no labels"),
    ],
)
def test_a_fault_is_one_finding_with_a_remedy(healthy: Account, changes: dict[str, Any], code: str, words: str) -> None:
    for path, value in changes.items():
        change(healthy, path, value)

    found = examine(healthy)

    assert list(found) == [code]
    assert words in found[code].summary + found[code].remedy
    assert found[code].remedy.endswith(".")
    assert found[code].monitoring_schedule_name == "credit"


def test_an_endpoint_that_is_gone_is_one_finding(healthy: Account) -> None:
    healthy.endpoints.clear()
    assert list(examine(healthy)) == ["endpoint-missing"]


def test_nothing_captured_says_when_there_was_something(healthy: Account) -> None:
    healthy.objects = {uri: body for uri, body in healthy.objects.items() if "capture" not in uri}
    healthy.put_captured(HOUR - timedelta(days=3))

    found = examine(healthy)

    assert list(found) == ["nothing-captured"]
    assert "2024-04-29T03:00Z" in found["nothing-captured"].summary


def test_labels_of_other_ids_are_found(healthy: Account) -> None:
    healthy.objects = {uri: body for uri, body in healthy.objects.items() if "labels" not in uri}
    healthy.put_label(HOUR - timedelta(hours=1), "e1")  # the event id, where the request had an InferenceId
    healthy.put(f"s3://data/labels/{HOUR - timedelta(hours=1):%Y/%m/%d/%H}/broken.jsonl", "{no json\n\n[]\n3")

    found = examine(healthy)

    assert list(found) == ["ids-do-not-match"]
    assert "captured is for example request-1, labelled e1" in found["ids-do-not-match"].summary


def test_event_ids_match_where_requests_had_no_inference_id(healthy: Account) -> None:
    healthy.objects = {uri: body for uri, body in healthy.objects.items() if "s3://data" not in uri}
    healthy.put_captured(HOUR - timedelta(hours=1), "e1")
    healthy.put_label(HOUR - timedelta(hours=1), "e1")
    assert examine(healthy) == {}


@pytest.mark.parametrize(
    ("captured", "labelled", "remedies"),
    [
        (False, False, ["endpoint's data capture", "Upload labels"]),
        (True, False, ["Upload labels"]),
        (False, True, ["endpoint's data capture"]),
        (True, True, ["it came after the execution"]),
    ],
)
def test_a_want_of_data_is_one_finding_with_a_list(
    captured: bool, labelled: bool, remedies: list[str], account: Account
) -> None:
    account.add_execution("credit", HOUR, "Failed", reason="Job inputs had no data", with_job=False)
    if captured:
        account.put_captured(HOUR - timedelta(hours=1), "e1")
    if labelled:
        account.put_label(HOUR - timedelta(hours=1), "e1")

    found = examine(account)

    assert list(found) == ["execution-failed"]
    finding = found["execution-failed"]
    assert finding.summary.endswith("failed: Job inputs had no data. It looked for:")
    assert [each.partition(" below ")[0] for each in finding.details] == ["captured data", "ground truth"]
    assert [("no files" not in each) for each in finding.details] == [captured, labelled]
    told = ["endpoint's data capture", "Upload labels", "it came after the execution"]
    assert [each for each in told if each in finding.remedy] == remedies
    assert "run_now()" in finding.remedy


@pytest.mark.parametrize("has_endpoint", [True, False])
def test_what_keeps_data_away_tells_of_the_failure(has_endpoint: bool, account: Account) -> None:
    account.add_execution("credit", HOUR, "Failed", reason="Job inputs had no data", with_job=False)
    if has_endpoint:
        change(account, "endpoint.DataCaptureConfig.CaptureStatus", "Stopped")
    else:
        account.endpoints.clear()

    ((code, finding),) = examine(account).items()

    assert code == ("capture-off" if has_endpoint else "endpoint-missing")
    assert finding.details == (
        "The execution of credit that was due at 2024-05-02T03:00Z failed. SageMaker says: Job inputs had no data.",
    )


@pytest.mark.parametrize("cause", ["endpoint-missing", "ids-do-not-match", "constraints-unreadable"])
def test_a_failure_is_told_with_its_cause(cause: str, account: Account) -> None:
    reason = 'ClientError: No S3 objects found under "s3://monitor/no.json"'
    account.add_execution("credit", HOUR, "Failed", reason=reason, with_job=cause != "endpoint-missing")
    for job in account.aws["processing_jobs"].values():
        job[0]["FailureReason"] = reason
    account.put_captured(HOUR - timedelta(hours=1), "e1")
    account.put_label(HOUR - timedelta(hours=1), "other" if cause == "ids-do-not-match" else "e1")
    if cause == "endpoint-missing":
        account.endpoints.clear()
    if cause == "constraints-unreadable":
        uri = {"ConstraintsResource": {"S3Uri": "s3://monitor/no.json"}}
        change(account, "definition.ModelBiasBaselineConfig", uri)

    ((code, finding),) = examine(account).items()

    (detail,) = finding.details
    assert (code, detail.count("..")) == (cause, 0)
    assert detail.startswith("The execution of credit that was due at 2024-05-02T03:00Z failed. ")
    assert reason in detail


def test_errors_come_before_warnings(healthy: Account) -> None:
    change(healthy, "schedule.MonitoringScheduleStatus", "Stopped")
    change(healthy, "definition.ModelBiasAppSpecification.Environment", None)
    healthy.endpoints.clear()
    healthy.deny("ListModelBiasJobDefinitions")

    found = ClarifyModelMonitor.attach("credit", healthy.session).doctor()

    assert [finding.severity for finding in found] == ["error", "warning", "warning", "unknown"]
    assert [finding.severity for finding in MonitorOperations(healthy.session).doctor()][:2] == ["error", "error"]


def test_a_cause_is_told_once(healthy: Account) -> None:
    healthy.denied_by_role = {"s3:GetObject"}
    healthy.deny("DescribeEndpoint")

    refused, *unknown = ClarifyModelMonitor.attach("credit", healthy.session).doctor()

    assert refused.code == "not-examined" or len(refused.details) == 4
    assert len({finding.summary for finding in unknown}) == len(unknown)


def test_a_failure_whose_job_is_gone_keeps_its_reason(account: Account) -> None:
    job = account.add_execution("credit", HOUR, "Failed", reason="AlgorithmError: no label")
    del account.aws["processing_jobs"][job]

    assert "SageMaker says: AlgorithmError: no label." in examine(account)["execution-failed"].summary


def test_a_stopped_execution_names_the_limit(healthy: Account) -> None:
    healthy.add_execution("credit", HOUR + timedelta(minutes=1), "Stopped")
    healthy.aws["job_definitions"]["ModelBias"]["credit-def"]["StoppingCondition"] = {"MaxRuntimeInSeconds": 600}
    assert "longer than 600 seconds" in examine(healthy)["execution-stopped"].summary


@pytest.mark.parametrize(
    ("age", "code"), [(timedelta(minutes=10), "no-executions-yet"), (timedelta(days=3), "no-executions")]
)
def test_a_schedule_without_executions_is_young_or_stuck(account: Account, age: timedelta, code: str) -> None:
    account.aws["schedules"]["credit"]["desc"]["CreationTime"] = text(datetime.now(UTC) - age)
    found = examine(account)
    assert code in found
    assert found["no-ground-truth"].severity == "warning"  # nobody may have asked yet


def test_a_baselining_job_that_failed_is_explained(healthy: Account) -> None:
    definition = healthy.aws["job_definitions"]["ModelBias"]["credit-def"]
    definition["ModelBiasBaselineConfig"] = {"BaseliningJobName": "base"}
    state = {"ProcessingJobStatus": "Failed", "FailureReason": "AlgorithmError: no label"}
    healthy.aws["processing_jobs"]["base"] = healthy._job("base", HOUR, state)
    assert "AlgorithmError: no label" in examine(healthy)["baselining-job-failed"].summary


def test_definitions_left_behind_are_found(healthy: Account) -> None:
    ClarifyModelMonitor.attach("credit", healthy.session).update_monitoring_schedule(
        instance_count=2, keep_replaced_definition=True
    )
    found = examine(healthy)  # the executions name the old one
    assert list(found) == ["orphaned-definitions"]
    assert "credit-def" in found["orphaned-definitions"].summary


@pytest.mark.parametrize(
    "operation",
    [
        "ListMonitoringExecutions",
        "DescribeEndpoint",
        "DescribeEndpointConfig",
        "ListObjectsV2",
        "GetObject",
        "SimulatePrincipalPolicy",
        "ListModelBiasJobDefinitions",
        "ListMonitoringSchedules",
    ],
)
def test_a_denied_look_is_a_finding_and_the_rest_goes_on(healthy: Account, operation: str) -> None:
    healthy.deny(operation)
    change(healthy, "definition.ModelBiasAppSpecification.Environment", None)

    found = ClarifyModelMonitor.attach("credit", healthy.session).doctor()

    codes = {finding.code for finding in found}
    if operation == "ListMonitoringExecutions":
        codes -= {"nothing-captured", "no-ground-truth"}  # without executions, the last full hour is looked at
    assert codes == {"not-examined", "metrics-off"}
    assert any(finding.severity == "unknown" and "may not do" in finding.summary for finding in found)


def test_batch_transforms_are_examined_where_they_capture(account: Account) -> None:
    definition = account.aws["job_definitions"]["ModelBias"]["credit-def"]
    definition["ModelBiasJobInput"].pop("EndpointInput")
    definition["ModelBiasJobInput"]["BatchTransformInput"] = {
        "DataCapturedDestinationS3Uri": "s3://data/batch",
        "DatasetFormat": {"Csv": {}},
        "LocalPath": "/opt/ml/processing/input",
    }
    account.add_execution("credit", HOUR)
    hour = HOUR - timedelta(hours=1)
    account.put_label(hour, "e")

    found = examine(account)
    assert list(found) == ["nothing-captured"]
    assert "s3://data/batch/output" in found["nothing-captured"].summary

    account.put(f"s3://data/batch/output/{hour:%Y/%m/%d/%H}/1.json", '[{"prefix": "s3://data/out/"}, "a.out"]')
    assert examine(account) == {}


def test_a_finding_turns_into_json(healthy: Account) -> None:
    change(healthy, "schedule.MonitoringScheduleStatus", "Stopped")
    assert examine(healthy)["schedule-stopped"].to_dict() == {
        "code": "schedule-stopped",
        "severity": "warning",
        "summary": "The schedule is stopped: nothing is monitored.",
        "remedy": "Call start_monitoring_schedule().",
        "monitoring_schedule_name": "credit",
        "details": [],
    }
