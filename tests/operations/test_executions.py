"""Executions: listed lazily and whole, with reasons; their results, logs, waits and explanations."""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from cdk_clarify_monitors_operations import (
    AccessDenied,
    ClarifyModelMonitor,
    ClarifyMonitoringExecution,
    ClarifyOperationsError,
    InvalidArgument,
    InvalidFile,
    JobFailed,
    JobNotFound,
    NoExecutions,
    NoProcessingJob,
    NotFound,
    NotReady,
    ResultMissing,
    ServiceError,
    WaitTimeout,
)
from tests.operations.account import HOUR, Account

PLACE = f"s3://monitor/results/credit-endpoint/credit/{HOUR:%Y/%m/%d/%H}"
BIAS = {
    "facet": "sex",
    "facet_value": "2",
    "metric_name": "DPPL",
    "constraint_check_type": "bias_drift_check",
    "description": "Metric value 0.21 doesn't meet the baseline constraint requirement -0.08",
}


def attach(account: Account, name: str = "credit") -> ClarifyModelMonitor:
    return ClarifyModelMonitor.attach(name, account.session)


def execution(account: Account) -> ClarifyMonitoringExecution:
    latest = attach(account).latest_execution()
    assert latest is not None
    return latest


# ---------------------------------------------------------------- listing
def test_five_hundred_executions_are_paged_lazily(account: Account) -> None:
    for number in range(500):
        account.add_execution("credit", HOUR + timedelta(hours=number), with_job=False)
    executions = attach(account).list_executions()

    first = list(itertools.islice(executions, 3))

    assert [each.scheduled_time for each in first] == [HOUR + timedelta(hours=n) for n in (499, 498, 497)]
    assert len(account.sent("ListMonitoringExecutions")) == 1
    assert len(list(executions)) == 497
    assert len(account.sent("ListMonitoringExecutions")) == 5
    assert account.sent("DescribeProcessingJob") == []


def test_executions_can_be_filtered(account: Account) -> None:
    statuses = ["Completed", "Failed", "CompletedWithViolations", "Failed", "Completed", "InProgress"]
    for number, status in enumerate(statuses):
        account.add_execution("credit", HOUR + timedelta(hours=number), status)
    account.add_execution("shap", HOUR)
    monitor = attach(account)

    def hours(**filters: Any) -> list[int]:
        found = monitor.list_executions(**filters)
        return [(each.scheduled_time - HOUR) // timedelta(hours=1) for each in found if each.scheduled_time]

    assert hours() == [5, 4, 3, 2, 1, 0]
    assert hours(newest_first=False) == [0, 1, 2, 3, 4, 5]
    assert hours(status="Failed") == [3, 1]
    assert hours(since=HOUR + timedelta(hours=3)) == [5, 4, 3]
    assert hours(until=HOUR + timedelta(hours=3)) == [2, 1, 0]
    assert hours(since=HOUR, until=HOUR + timedelta(hours=2)) == [1, 0]
    assert hours(limit=2) == [5, 4]
    assert hours(limit=0) == []
    east = timezone(timedelta(hours=9))
    assert hours(since=(HOUR + timedelta(hours=5)).astimezone(east)) == [5]


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"since": datetime(2024, 5, 1)}, "'since' must be a datetime with a time zone"),
        ({"until": datetime(2024, 5, 1)}, "'until' must be a datetime with a time zone"),
        ({"since": "2024-05-01"}, "'since' must be a datetime with a time zone"),
        ({"since": HOUR, "until": HOUR}, "'since' must be before 'until'"),
        ({"since": HOUR, "until": HOUR - timedelta(hours=1)}, "'since' must be before 'until'"),
        ({"status": "Done"}, "'status' must be one of Pending, InProgress"),
        ({"limit": -1}, "'limit' must be a whole number of 0 or more, got -1"),
        ({"limit": "3"}, "'limit' must be a whole number of 0 or more, got '3'"),
        ({"limit": 1.5}, "'limit' must be a whole number of 0 or more, got 1.5"),
    ],
)
def test_filters_that_cannot_be_are_refused_at_once(account: Account, filters: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        attach(account).list_executions(**filters)
    assert account.sent("ListMonitoringExecutions") == []


def test_times_are_in_utc_and_turn_into_json(account: Account) -> None:
    account.add_execution("credit", HOUR, "Failed", reason="Job inputs had no data", with_job=False)

    found = execution(account)

    assert found.scheduled_time == HOUR
    assert found.scheduled_time.tzinfo is UTC
    assert found.to_dict()["scheduled_time"] == "2024-05-02T03:00:00+00:00"
    assert found.to_dict()["failure_reason"] == "Job inputs had no data"
    assert "_aws" not in found.to_dict()


def test_the_latest_finished_one_can_be_asked_for(account: Account) -> None:
    account.add_execution("credit", HOUR, "Completed")
    account.add_execution("credit", HOUR + timedelta(hours=1), "InProgress")
    monitor = attach(account)

    assert monitor.latest_execution().status == "InProgress"  # type: ignore[union-attr]
    assert monitor.latest_execution(finished=True).status == "Completed"  # type: ignore[union-attr]
    assert attach(account, "shap").latest_execution() is None


# ---------------------------------------------------------------- results
def test_violations_have_their_numbers_and_their_execution(account: Account) -> None:
    job = account.add_execution("credit", HOUR, "CompletedWithViolations")
    account.put_json(f"{PLACE}/constraint_violations.json", {"violations": [BIAS]})

    (found,) = execution(account).violations()

    assert (found.value, found.limit) == (0.21, -0.08)
    assert (found.facet, found.facet_value, found.metric) == ("sex", "2", "DPPL")
    assert (found.scheduled_time, found.job_name) == (HOUR, job)
    assert found.to_dict()["scheduled_time"] == "2024-05-02T03:00:00+00:00"


@pytest.mark.parametrize(
    ("description", "value", "limit"),
    [
        ("Metric value Infinity doesn't meet the baseline constraint requirement 2.5", float("inf"), 2.5),
        ("Metric value -1e-07 doesn't meet the baseline constraint requirement 0.0", -1e-07, 0.0),
        ("Feature attribution drift 0.860173572903856 exceeds threshold 0.9", 0.860173572903856, 0.9),
        ("Value 0.41 does not meet the constraint requirement [-0.1, 0.1]", 0.41, None),
        ("Something else", None, None),
    ],
)
def test_numbers_are_read_out_of_sentences(
    account: Account, description: str, value: float | None, limit: float | None
) -> None:
    account.add_execution("credit", HOUR, "CompletedWithViolations")
    account.put_json(f"{PLACE}/constraint_violations.json", {"violations": [{**BIAS, "description": description}]})

    (found,) = execution(account).violations()

    assert (found.value, found.limit) == (value, limit)


def test_without_violations_the_list_is_empty(account: Account) -> None:
    account.add_execution("credit", HOUR, "Completed")

    assert execution(account).violations() == []
    with pytest.raises(
        ResultMissing, match=r"constraint_violations\.json does not exist.*only if there are violations"
    ):
        execution(account).constraint_violations()


@pytest.mark.parametrize("job", [{}, {"ExitMessage": "CompletedWithViolations: Job completed with 9 violations."}])
def test_a_lost_file_of_violations_is_an_error(account: Account, job: dict[str, Any]) -> None:
    name = account.add_execution("credit", HOUR, "CompletedWithViolations", job=job)
    with pytest.raises(ResultMissing):
        execution(account).violations()
    if job:  # without its schedule, only the job tells
        arn = account.arn("processing-job", str(name))
        with pytest.raises(ResultMissing):
            ClarifyMonitoringExecution.from_processing_arn(arn, account.session).violations()


def test_violations_across_executions_are_read_one_by_one(account: Account) -> None:
    for number in range(4):
        status = "CompletedWithViolations" if number % 2 else "Failed"
        moment = HOUR + timedelta(hours=number)
        account.add_execution("credit", moment, status)
        place = f"s3://monitor/results/credit-endpoint/credit/{moment:%Y/%m/%d/%H}"
        account.put_json(f"{place}/constraint_violations.json", {"violations": [BIAS, BIAS]})
    found = attach(account).violations(since=HOUR)

    first = next(found)

    assert first.scheduled_time == HOUR + timedelta(hours=3)
    assert len(account.sent("GetObject")) == 1
    assert len(list(found)) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "must be a JSON object, but is a list"),
        ("null", "must be a JSON object"),
        ("{}", r"not as Clarify writes a constraint_violations\.json"),
        ('{"violations": null}', "not as Clarify"),
        ('{"violations": [1]}', "not as Clarify"),
        ('{"violations": [{}]}', "not as Clarify"),
        ('{"violations": {"a": 1}}', "not as Clarify"),
    ],
)
def test_a_file_that_is_none_is_named(account: Account, content: str, words: str) -> None:
    account.add_execution("credit", HOUR, "CompletedWithViolations")
    account.put(f"{PLACE}/constraint_violations.json", content)

    with pytest.raises(InvalidFile, match=words) as caught:
        execution(account).violations()

    assert caught.value.uri == f"{PLACE}/constraint_violations.json"


def test_a_huge_file_is_not_read(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdk_clarify_monitors_operations.data._files.MAX_FILE_BYTES", 1000)
    account.add_execution("credit", HOUR, "CompletedWithViolations")
    account.put(f"{PLACE}/constraint_violations.json", " " * 1001)

    with pytest.raises(InvalidFile, match="has 1001 bytes, more than the 1000 that are read"):
        execution(account).constraint_violations()


@pytest.mark.parametrize(
    ("status", "job", "error"),
    [
        ("Failed", {"FailureReason": "AlgorithmError: no", "ExitMessage": "no label"}, JobFailed),
        ("Stopped", {"ProcessingJobStatus": "Stopped"}, JobFailed),
        ("InProgress", {"ProcessingJobStatus": "InProgress"}, NotReady),
        ("Stopping", {"ProcessingJobStatus": "Stopping"}, NotReady),
    ],
)
def test_a_missing_result_says_what_became_of_the_job(
    account: Account, status: str, job: dict[str, Any], error: type[Exception]
) -> None:
    state = {"ProcessingJobStatus": "Failed", **job}
    name = account.add_execution("credit", HOUR, status, job=state)

    with pytest.raises(error) as caught:
        execution(account).analysis()

    assert str(name) in str(caught.value)
    assert state["ProcessingJobStatus"] in str(caught.value)
    assert all(str(state[key]) in str(caught.value) for key in ("FailureReason", "ExitMessage") if key in state)


def test_an_exit_message_that_the_reason_has_is_not_repeated(account: Account) -> None:
    job = {"ProcessingJobStatus": "Failed", "FailureReason": "ClientError: No label.", "ExitMessage": "No label."}
    account.add_execution("credit", HOUR, "Failed", job=job)

    with pytest.raises(JobFailed, match=r"is Failed: ClientError: No label\. Its log"):
        execution(account).analysis()


@pytest.mark.parametrize("description", [{"ProcessingOutputConfig": {"Outputs": []}}, {"ProcessingOutputConfig": None}])
def test_a_job_without_outputs_or_inputs_is_tolerated(account: Account, description: dict[str, Any]) -> None:
    name = str(account.add_execution("credit", HOUR))
    job = account.aws["processing_jobs"][name][0]
    job.pop("ProcessingOutputConfig")
    job |= {key: value for key, value in description.items() if value is not None}
    job["ProcessingInputs"] = [{"InputName": "query", "DatasetDefinition": {"LocalPath": "/opt/ml/processing/q"}}]

    found = ClarifyMonitoringExecution.from_processing_arn(account.arn("processing-job", name), account.session)

    assert found.output_s3_uri is None
    assert [(each.name, each.s3_uri) for each in found.inputs] == [("query", None)]
    assert list(found.files()) == []
    with pytest.raises(ResultMissing, match="has no output"):
        found.analysis()


def test_a_result_outlives_the_record_of_its_job(account: Account) -> None:
    name = str(account.add_execution("credit", HOUR, "Completed"))
    found = execution(account)
    assert found.output_s3_uri == PLACE
    del account.aws["processing_jobs"][name]

    with pytest.raises(ResultMissing, match="is gone"):
        found.analysis()
    account.put_json(f"{PLACE}/analysis.json", {"version": "1.0"})
    assert found.analysis().body_dict == {"version": "1.0"}
    with pytest.raises(JobNotFound, match=name):
        found.describe()


def test_files_of_the_output_are_listed(account: Account) -> None:
    account.add_execution("credit", HOUR)
    for name in ("analysis.json", "report.html", "explanations_shap/out.csv"):
        account.put(f"{PLACE}/{name}", "x")
    account.put(f"{PLACE}-other/analysis.json", "x")
    account.aws["page_size"] = {"ListObjectsV2": 2}

    found = [each.s3_uri for each in execution(account).files()]

    assert found == [f"{PLACE}/{name}" for name in ("analysis.json", "explanations_shap/out.csv", "report.html")]


@pytest.mark.parametrize("arn", ["", "job", "arn:aws:s3:::bucket/key", "arn:aws:sagemaker:r:1:endpoint/e", None])
def test_what_is_no_arn_of_a_job_is_refused(account: Account, arn: Any) -> None:
    with pytest.raises(InvalidArgument, match="'processing_job_arn' must be the ARN"):
        ClarifyMonitoringExecution.from_processing_arn(arn, account.session)


# ---------------------------------------------------------------- logs and waits
def test_the_log_of_more_than_fifty_instances_is_whole(account: Account) -> None:
    name = account.add_execution("credit", HOUR)
    account.aws["log_streams"] = {
        f"{name}/algo-{number}-1": [[1000 * number, f"line {number}"]] for number in range(1, 61)
    }

    lines = list(execution(account).logs())

    assert [line.message for line in lines] == [f"line {number}" for number in range(1, 61)]
    assert lines[0].time == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)


def test_any_executions_log_can_be_followed(account: Account, clock: list[float]) -> None:
    running = {"ProcessingJobStatus": "InProgress"}
    states = [running, running, {"ProcessingJobStatus": "Completed"}]
    name = account.add_execution("credit", HOUR, "InProgress", job=states)
    account.add_execution("credit", HOUR + timedelta(hours=1))
    streams = account.aws["log_streams"]
    streams[f"{name}/algo-1-1"] = [[1000, "one"]]
    (_, older) = attach(account).list_executions()

    lines = older.logs(follow=True)
    assert next(lines).message == "one"
    streams[f"{name}/algo-1-1"].append([2000, "two"])
    streams[f"{name}/algo-2-1"] = [[1500, "other instance"]]

    assert [line.message for line in lines] == ["other instance", "two"]
    assert len(clock) == 2


def test_lines_of_the_same_millisecond_keep_their_order(account: Account) -> None:
    name = account.add_execution("credit", HOUR)
    lines = [[1000, "z"], [1000, "a"], [1000, "m"]]
    account.aws["log_streams"][f"{name}/algo-1-1"] = lines
    for follow in (False, True):
        assert [line.message for line in execution(account).logs(follow=follow)] == ["z", "a", "m"]


def test_a_stopped_job_ends_a_wait_and_a_log_without_an_error(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    name = account.add_execution("credit", HOUR, "Stopped")
    account.aws["log_streams"][f"{name}/algo-1-1"] = [[1000, "one"]]

    assert [line.message for line in execution(account).logs(follow=True)] == ["one"]
    assert execution(account).wait().status == "Stopped"
    assert f"{name} was stopped" in caplog.text


def test_following_a_job_that_fails_raises_after_its_last_line(account: Account) -> None:
    failed = {"ProcessingJobStatus": "Failed", "FailureReason": "AlgorithmError: no label"}
    name = account.add_execution("credit", HOUR, "InProgress", job=[{"ProcessingJobStatus": "InProgress"}, failed])
    account.aws["log_streams"][f"{name}/algo-1-1"] = [[1000, "one"], [2000, "no label"]]
    lines = attach(account).get_latest_execution_logs(wait=True)

    seen = [next(lines).message, next(lines).message]
    with pytest.raises(JobFailed, match="AlgorithmError: no label"):
        next(lines)

    assert seen == ["one", "no label"]
    assert [line.message for line in attach(account).get_latest_execution_logs()] == ["one", "no label"]


def test_a_job_that_has_written_nothing_has_no_lines(account: Account) -> None:
    account.add_execution("credit", HOUR)
    assert list(execution(account).logs()) == []
    error = {"Code": "ResourceNotFoundException", "Message": "The specified log group does not exist."}
    account.refuse("DescribeLogStreams", error)
    assert list(execution(account).logs()) == []


def test_the_log_of_no_execution_or_no_job_is_an_error_at_once(account: Account) -> None:
    with pytest.raises(NoExecutions, match="No execution jobs were kicked off"):
        attach(account).get_latest_execution_logs()
    account.add_execution("credit", HOUR, "Failed", reason="Job inputs had no data", with_job=False)
    with pytest.raises(NoProcessingJob, match="Job inputs had no data") as caught:
        attach(account).get_latest_execution_logs()
    assert (caught.value.schedule, caught.value.reason) == ("credit", "Job inputs had no data")


def test_an_execution_can_be_waited_for(account: Account, clock: list[float]) -> None:
    running = {"ProcessingJobStatus": "InProgress"}
    account.add_execution("credit", HOUR, "InProgress", job=[running, running, {"ProcessingJobStatus": "Completed"}])

    execution(account).wait()

    assert clock == [5, 5]


def test_a_wait_for_a_bias_execution_spans_both_jobs(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.add_execution("credit", HOUR)
    summary = account.aws["executions"]["credit"][0]
    summary["MonitoringExecutionStatus"] = "InProgress"
    analysis = summary["ProcessingJobArn"]
    merge = "groundtruth-merge-202405020300-0a"
    summary["ProcessingJobArn"] = account.arn("processing-job", merge)
    account.aws["processing_jobs"][merge] = [
        account._job(merge, HOUR, {"ProcessingJobStatus": state}) for state in ("InProgress", "Completed")
    ]
    found = execution(account)
    listed: list[int] = []
    ask = account._sagemaker

    def answer(op: str, p: dict[str, Any]) -> Any:
        if op == "ListMonitoringExecutions":
            listed.append(1)
            if len(listed) == 3:
                summary.update(ProcessingJobArn=analysis, MonitoringExecutionStatus="CompletedWithViolations")
        return ask(op, p)

    monkeypatch.setattr(account, "_sagemaker", answer)

    assert found.wait().status == "CompletedWithViolations"


def test_a_wait_without_a_job_says_why_the_execution_failed(account: Account) -> None:
    account.add_execution("credit", HOUR, "Pending", with_job=False)
    found = execution(account)
    account.aws["executions"]["credit"][0] |= {"MonitoringExecutionStatus": "Failed", "FailureReason": "no data"}

    with pytest.raises(NoProcessingJob, match="Failed: no data"):
        found.wait()


def test_a_wait_that_is_too_long_says_so(account: Account) -> None:
    name = account.add_execution("credit", HOUR, "InProgress")
    with pytest.raises(WaitTimeout, match="took longer than 20 seconds") as caught:
        execution(account).wait(timeout=20)
    assert caught.value.job_name == name
    account.add_execution("shap", HOUR, "Pending", with_job=False)
    with pytest.raises(WaitTimeout):
        attach(account, "shap").latest_execution().wait(timeout=20)  # type: ignore[union-attr]


def test_a_wait_for_a_failed_job_raises(account: Account) -> None:
    account.add_execution("credit", HOUR, "Failed", job={"ProcessingJobStatus": "Failed", "FailureReason": "because"})
    with pytest.raises(JobFailed, match="because"):
        execution(account).wait()


@pytest.mark.parametrize(
    ("status", "content", "error"),
    [
        ("Failed", None, JobFailed),
        ("InProgress", None, NotReady),
        ("Completed", None, ResultMissing),
        ("Completed", "<html>", InvalidFile),
    ],
)
def test_what_a_result_lacks_names_schedule_and_job(
    account: Account, status: str, content: str | None, error: type[ClarifyOperationsError]
) -> None:
    job = account.add_execution("credit", HOUR, job={"ProcessingJobStatus": status})
    if content is not None:
        account.put(f"{PLACE}/constraint_violations.json", content)
    with pytest.raises(error) as caught:
        execution(account).constraint_violations()
    assert (caught.value.schedule, caught.value.job_name) == ("credit", job)
    assert caught.value.uri == f"{PLACE}/constraint_violations.json"


def test_a_job_that_may_not_be_looked_at_names_its_schedule(account: Account) -> None:
    job = account.add_execution("credit", HOUR)
    for operation in ("DescribeProcessingJob", "StopProcessingJob", "DescribeLogStreams", "GetObject"):
        account.deny(operation)
    found = execution(account)
    for call in (found.describe, found.wait, found.stop, found.logs, found.analysis):
        with pytest.raises(AccessDenied) as caught:
            call()
        assert (caught.value.schedule, caught.value.job_name) == ("credit", job)


def test_a_result_whose_key_is_gone_is_not_missing(account: Account) -> None:
    account.add_execution("credit", HOUR)
    error = {"Code": "KMS.NotFoundException", "Message": "Key 'arn:aws:kms:x' does not exist", "Status": 400}
    account.objects[f"{PLACE}/constraint_violations.json"] = {"error": error}
    with pytest.raises(ServiceError, match=r"KMS\.NotFoundException") as caught:
        execution(account).violations()
    assert not isinstance(caught.value, NotFound)


@pytest.mark.parametrize(
    ("status", "words"),
    [("Failed", "started no processing job: Failed"), ("Pending", "has not started a processing job yet: Pending")],
)
def test_an_execution_without_a_job_says_whether_one_may_come(account: Account, status: str, words: str) -> None:
    account.add_execution("credit", HOUR, status, with_job=False)
    with pytest.raises(NoProcessingJob, match=words):
        execution(account).violations()


def test_what_a_violation_is_about_is_text(account: Account) -> None:
    account.add_execution("credit", HOUR, "CompletedWithViolations")
    account.put(f"{PLACE}/constraint_violations.json", json.dumps({"violations": [BIAS | {"facet_value": 2}]}))
    (found,) = execution(account).violations()
    assert (found.facet, found.facet_value, found.label) == ("sex", "2", None)


@pytest.mark.parametrize("violations", [{}, "", None, 0, ["x"], [{}], [BIAS | {"description": None}], [float("nan")]])
def test_violations_that_are_none_are_refused(account: Account, violations: Any) -> None:
    account.add_execution("credit", HOUR)
    account.put(f"{PLACE}/constraint_violations.json", json.dumps({"violations": violations}))
    with pytest.raises(InvalidFile, match=r"is not as Clarify writes a constraint_violations\.json"):
        execution(account).violations()


def test_infinite_numbers_turn_into_json(account: Account) -> None:
    entry = BIAS | {"description": "Metric value Infinity doesn't meet the baseline constraint requirement -Infinity"}
    account.add_execution("credit", HOUR, "CompletedWithViolations")
    account.put(f"{PLACE}/constraint_violations.json", json.dumps({"violations": [entry]}))
    (found,) = execution(account).violations()
    assert (found.value, found.limit) == (float("inf"), float("-inf"))
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["value"] == "Infinity"


def test_an_execution_can_be_stopped(account: Account) -> None:
    name = account.add_execution("credit", HOUR, "InProgress")
    execution(account).stop()
    assert account.sent("StopProcessingJob") == [{"ProcessingJobName": name}]


# ---------------------------------------------------------------- explanations
NO_DATA: dict[str, Any] = {"status": "Failed", "reason": "Job inputs had no data", "with_job": False}


def test_no_data_is_explained_by_the_window_and_what_is_there(account: Account) -> None:
    account.add_execution("credit", HOUR, **NO_DATA)
    account.put_captured(HOUR - timedelta(hours=1))
    account.put_label(HOUR - timedelta(hours=30), "e")

    found = execution(account).explain_failure()

    captured, labels = found.searches
    assert (captured.kind, captured.files) == ("captured data", 1)
    assert captured.s3_uri == "s3://data/capture/credit-endpoint/AllTraffic"
    assert (labels.kind, labels.files) == ("ground truth", 0)
    assert (labels.start, labels.end) == (HOUR - timedelta(hours=1), HOUR)
    assert labels.latest_hour == HOUR - timedelta(hours=30)
    assert "Job inputs had no data" in found.text
    assert "no files, the latest are of 2024-04-30T21:00Z" in found.text
    assert found.to_dict()["searches"][1]["files"] == 0


def test_data_that_came_late_is_seen(account: Account) -> None:
    account.add_execution("credit", HOUR, **NO_DATA)
    account.put_captured(HOUR - timedelta(hours=1))
    account.put_label(HOUR - timedelta(hours=1), "e")

    assert "came after the execution" in execution(account).explain_failure().text


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        (None, "the endpoint credit-endpoint does not exist"),
        ({"DataCaptureConfig": None}, "has no data capture"),
        ({"CaptureStatus": "Stopped"}, "the data capture of credit-endpoint is off"),
    ],
)
def test_an_endpoint_that_captures_nothing_is_said(
    account: Account, endpoint: dict[str, Any] | None, words: str
) -> None:
    account.add_execution("credit", HOUR, **NO_DATA)
    if endpoint is None:
        account.endpoints.clear()
    elif "DataCaptureConfig" in endpoint:
        del account.endpoints["credit-endpoint"]["DataCaptureConfig"]
    else:
        account.endpoints["credit-endpoint"]["DataCaptureConfig"].update(endpoint)

    assert words in execution(account).explain_failure().text


def test_a_bucket_that_may_not_be_listed_is_said(account: Account) -> None:
    account.add_execution("credit", HOUR, **NO_DATA)
    account.deny("ListObjectsV2")

    found = execution(account).explain_failure()

    assert "s3:ListBucket" in found.text
    assert [search.files for search in found.searches] == [None, None]


@pytest.mark.parametrize(
    ("expression", "offsets", "hours"),
    [
        ("cron(0 * ? * * *)", None, (1, 0)),
        ("cron(0 5 ? * * *)", None, (24, 0)),
        ("cron(0 0/6 ? * * *)", None, (6, 0)),
        ("cron(0 0/7 ? * * *)", None, (7, 0)),
        ("cron(0 3/5 ? * * *)", None, (4, 0)),  # since 23:00: the hours begin anew each day
        ("cron(0 3/23 ? * * *)", None, (24, 0)),
        ("cron(0 * ? * * *)", ("-P8D", "-P1D"), (192, 24)),
        ("cron(0 * ? * * *)", ("-PT25H", "-PT24H"), (25, 24)),
    ],
)
def test_the_window_is_that_of_offsets_or_of_the_schedule(
    account: Account, expression: str, offsets: tuple[str, str] | None, hours: tuple[int, int]
) -> None:
    config = account.aws["schedules"]["credit"]["desc"]["MonitoringScheduleConfig"]
    config["ScheduleConfig"] = {"ScheduleExpression": expression}
    source = account.aws["job_definitions"]["ModelBias"]["credit-def"]["ModelBiasJobInput"]["EndpointInput"]
    del source["StartTimeOffset"], source["EndTimeOffset"]
    if offsets:
        source["StartTimeOffset"], source["EndTimeOffset"] = offsets
    account.add_execution("credit", HOUR, **NO_DATA)

    search = execution(account).explain_failure().searches[0]

    start, end = hours
    assert (search.start, search.end) == (HOUR - timedelta(hours=start), HOUR - timedelta(hours=end))


def test_a_failed_job_is_explained_by_its_own_words(account: Account) -> None:
    reasons = {"FailureReason": "AlgorithmError", "ExitMessage": "Headers must contain label."}
    account.add_execution("credit", HOUR, "Failed", job={"ProcessingJobStatus": "Failed", **reasons})

    text = execution(account).explain_failure().text

    assert "AlgorithmError" in text
    assert "Headers must contain label." in text
    assert "/aws/sagemaker/ProcessingJobs" in text


def test_what_has_not_failed_is_not_explained(account: Account) -> None:
    account.add_execution("credit", HOUR)
    with pytest.raises(InvalidArgument, match="has not failed: it is Completed"):
        execution(account).explain_failure()


def test_a_403_names_object_and_permission(account: Account) -> None:
    account.add_execution("credit", HOUR)
    error = {"Code": "AccessDenied", "Message": "Access Denied"}
    account.objects[f"{PLACE}/analysis.json"] = {"error": error}

    with pytest.raises(AccessDenied, match=r"s3:GetObject on s3://monitor/.*analysis\.json.*s3:ListBucket") as caught:
        execution(account).analysis()

    assert caught.value.action == "s3:GetObject"
    assert caught.value.resource == f"{PLACE}/analysis.json"


def test_results_can_be_read_by_many_threads(account: Account) -> None:
    for number in range(12):
        moment = HOUR + timedelta(hours=number)
        account.add_execution("credit", moment, "CompletedWithViolations")
        place = f"s3://monitor/results/credit-endpoint/credit/{moment:%Y/%m/%d/%H}"
        account.put_json(f"{place}/constraint_violations.json", {"violations": [BIAS]})

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda each: each.violations(), attach(account).list_executions()))

    assert [len(violations) for violations in found] == [1] * 12
