"""The command `clarify-monitors`, against an embedded AWS in which monitors have run."""

from __future__ import annotations

import functools
import importlib.util
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cdk_clarify_monitors_operations.__main__ as program
from cdk_clarify_monitors_local import EmbeddedAws
from cdk_clarify_monitors_operations import ClarifyModelMonitor, MonitorOperations
from cdk_clarify_monitors_operations.command._cli import cli
from cdk_clarify_monitors_operations.terminal._output import Output
from tests.operations.account import HOUR, Account
from tests.operations.command import clarify_monitors

deployed = pytest.mark.deploy
HERE = [sys.executable, "-m", "cdk_clarify_monitors_operations"]

BASELINE = {"explanations": {"kernel_shap": {"label0": {"global_shap_values": {"a": 0.7, "b": 0.5, "c": 0.05}}}}}
TURNED = {"explanations": {"kernel_shap": {"label0": {"global_shap_values": {"a": 0.05, "b": 0.2, "c": 0.7}}}}}


@pytest.fixture
def other(in_monitored: EmbeddedAws) -> Iterator[ClarifyModelMonitor]:
    """A monitor of the definition of `credit` that a test may change and delete."""
    operations = MonitorOperations(in_monitored.session, poll_interval=0.1)
    config = operations.monitor("credit").describe_schedule()["MonitoringScheduleConfig"]
    in_monitored.client("sagemaker").create_monitoring_schedule(
        MonitoringScheduleName="other", MonitoringScheduleConfig=config
    )
    found = operations.monitor("other")
    yield found
    found.delete_monitoring_schedule(definitions="all")


def file(folder: Path, name: str, document: Any) -> str:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


# What there is


@deployed
def test_a_list_has_the_newest_executions(in_monitored: EmbeddedAws) -> None:
    found = {
        each["monitoring_schedule_name"]: each["latest_execution"] for each in clarify_monitors("list", "--json").json
    }

    assert found["credit"]["status"] == "CompletedWithViolations"
    assert found["credit"]["scheduled_time"] == "2026-03-02T12:00:00+00:00"
    assert found["credit-reasons"]["status"] == "Completed"


@deployed
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("list", 0),
        ("list --fail-on-violations", 2),
        ("list --fail-on-violations --type ModelExplainability", 0),
        ("list --fail-on-violations --status Failed", 0),
        ("show credit", 0),
        ("executions credit", 0),
        ("violations credit", 2),
        ("violations credit --execution 2026-03-02T13:00+01:00", 2),
        ("violations credit --execution 2026-03-02T11:00", 0),
        ("violations credit --execution 2026-03-02T10:00", 1),
        ("violations credit --since 2026-03-02", 2),
        ("violations credit --until 2026-03-02T12:00", 0),
        ("violations credit-reasons", 0),
        ("violations nothing", 1),
        ("doctor credit", 0),
        ("compare s3://credit/constraints/analysis.json s3://credit/constraints/analysis.json", 0),
        ("compare s3://credit/constraints/analysis.json s3://credit/nothing.json", 1),
        ("--region eu-west-1 show credit", 0),
        ("show credit --region eu-west-2", 1),
        ("show credit --role-arn arn:aws:iam::123456789012:role/credit", 0),
    ],
)
def test_the_exit_code_tells_how_it_ended(line: str, code: int, in_monitored: EmbeddedAws) -> None:
    ended = clarify_monitors(*line.split())

    assert ended.code == code, ended.out + ended.err
    if code == 1:
        assert ended.out == ""
        assert ended.err.count("\n") == 1
        assert ended.err.startswith("clarify-monitors: ")


@deployed
@pytest.mark.parametrize(
    "line",
    [
        "list",
        "show credit",
        "executions credit --explain",
        "violations credit",
        "violations credit --since 2026-03-02",
        "analysis credit",
        "baseline credit",
        "constraints credit",
        "alerts credit",
        "alerts credit --history",
        "doctor credit",
        "update credit --instance-count 2 --dry-run",
        "start credit",
        "logs credit-reasons",
    ],
)
def test_json_is_all_that_is_on_stdout(line: str, in_monitored: EmbeddedAws) -> None:
    ended = clarify_monitors(*line.split(), "--json")

    documents = ended.out.splitlines() if line.startswith("logs") else [ended.out]
    assert documents
    assert all(isinstance(json.loads(document), dict | list) for document in documents)
    assert ended.code in (0, 2)


@deployed
def test_an_option_may_stand_before_the_subcommand(in_monitored: EmbeddedAws) -> None:
    assert clarify_monitors("--json", "show", "credit").out == clarify_monitors("show", "credit", "--json").out


@deployed
def test_executions_have_their_reasons(in_monitored: EmbeddedAws) -> None:
    ended = clarify_monitors("executions", "credit", "--explain")

    assert [line.split()[2] for line in ended.out.splitlines()[1:4]] == [
        "CompletedWithViolations",
        "Completed",
        "Failed",
    ]
    assert "It looked for:" in ended.out
    assert "captured data below s3://credit/capture/credit/AllTraffic" in ended.out


@deployed
def test_a_list_that_is_cut_off_says_so(in_monitored: EmbeddedAws) -> None:
    cut, whole = (clarify_monitors("executions", "credit", "--json", "--limit", limit) for limit in ("2", "3"))

    assert (len(cut.json), len(whole.json)) == (2, 3)
    assert "--limit 4 shows more" in cut.err
    assert whole.err == ""


@deployed
def test_an_analysis_can_be_compared_offline(in_monitored: EmbeddedAws, tmp_path: Path) -> None:
    constraints = file(tmp_path, "constraints.json", clarify_monitors("constraints", "credit", "--json").out)
    analysis = file(tmp_path, "analysis.json", clarify_monitors("analysis", "credit", "--json").out)
    offline = {name: None for name in os.environ if name.startswith("AWS_")}

    ended = clarify_monitors("compare", constraints, analysis, "--json", **offline)

    found = clarify_monitors("violations", "credit", "--json").json
    assert ended.code == 2
    assert [each["metric_name"] for each in ended.json["violations"]] == [each["metric"] for each in found]


@deployed
def test_a_log_has_the_lines_of_the_job(in_monitored: EmbeddedAws) -> None:
    plain, lines = clarify_monitors("logs", "credit"), clarify_monitors("logs", "credit", "--json")
    messages = [json.loads(line)["message"] for line in lines.out.splitlines()]

    assert [line.split(" ", 2)[2] for line in plain.out.splitlines()] == messages
    assert any("9 violations" in message for message in messages)


# Steering


@deployed
def test_an_update_tells_what_it_changes(other: ClarifyModelMonitor) -> None:
    before, env = other.refresh().to_dict(), other.env or {}
    planned = clarify_monitors("update", "other", "--env", "STAGE=a=b", "--instance-count", "2", "--dry-run")
    assert other.refresh().to_dict() == before
    assert "Would send: CreateModelBiasJobDefinition, UpdateMonitoringSchedule" in planned.out

    changed = clarify_monitors("update", "other", "--env", "STAGE=a=b", "--instance-count", "2", "--json")
    assert changed.code == 0
    assert other.refresh().env == {**env, "STAGE": "a=b"}
    assert other.instance_count == 2
    assert changed.json["calls"][0]["operation"] == "CreateModelBiasJobDefinition"

    clarify_monitors("update", "other", "--unset-env", "STAGE", "--remove", "max-runtime-in-seconds")
    assert (other.refresh().env or {}, other.max_runtime_in_seconds) == (env, None)


@deployed
def test_edited_constraints_are_put_in_force(other: ClarifyModelMonitor, tmp_path: Path) -> None:
    document = clarify_monitors("constraints", "other", "--json").json
    (group,) = document["post_training_bias_metrics"]["facets"]["sex"]
    for metric in group["metrics"]:
        metric["value"] = 1.0
    edited = file(tmp_path, "edited.json", document)

    assert clarify_monitors("constraints", "other", "--set", edited, "--dry-run").code == 0
    assert clarify_monitors("constraints", "other", "--json").json != document
    assert clarify_monitors("constraints", "other", "--set", edited).code == 0
    assert clarify_monitors("constraints", "other", "--json").json == document


@deployed
def test_a_schedule_is_stopped_and_started(other: ClarifyModelMonitor) -> None:
    assert clarify_monitors("stop", "other", "--json").json == {
        "monitoring_schedule_name": "other",
        "status": "Stopped",
    }
    assert "(schedule-stopped)" in (examined := clarify_monitors("doctor", "other")).out
    assert "`clarify-monitors start other`" in examined.out
    assert clarify_monitors("start", "other").out == "other is Scheduled.\n"


@deployed
def test_nothing_is_deleted_without_being_asked(other: ClarifyModelMonitor) -> None:
    refused = clarify_monitors("delete", "other")
    assert refused.code == 1
    assert "add --yes" in refused.err
    assert other.refresh().status == "Scheduled"

    assert on_a_terminal("delete", "other", answer="n\n")[0] == 1
    assert other.refresh().status == "Scheduled"

    assert clarify_monitors("delete", "other", "--yes", "--definitions", "none").out == "other is gone.\n"
    again = clarify_monitors("delete", "other", "--yes")
    assert (again.code, "`clarify-monitors list`" in again.err) == (1, True)


def on_a_terminal(*arguments: str, answer: str = "", **environment: str) -> tuple[int, str]:
    """Run the command in a process of its own, on a terminal; return its exit code and what it showed."""
    here, there = pty.openpty()
    variables = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **environment}
    process = subprocess.Popen([*HERE, *arguments], stdin=there, stdout=there, stderr=there, env=variables)
    os.close(there)
    os.write(here, answer.encode())
    shown = b""
    while True:
        try:
            part = os.read(here, 4096)
        except OSError:  # as Linux tells that the other side is gone
            break
        if not part:
            break
        shown += part
    os.close(here)
    return process.wait(), shown.decode()


@deployed
def test_colours_are_for_terminals_that_want_them(in_monitored: EmbeddedAws) -> None:
    code, coloured = on_a_terminal("show", "credit")
    on_none = clarify_monitors("show", "credit", TERM="xterm-256color")
    unwanted = clarify_monitors("show", "credit", TERM="xterm-256color", FORCE_COLOR="1", NO_COLOR="1")

    assert code == 0
    assert "\x1b[32mScheduled" in coloured
    assert "\x1b" not in on_none.out
    assert re.search(r"\x1b\[[\d;]*3\dm", unwanted.out) is None


@deployed
def test_an_interrupted_wait_says_how_to_go_on(other: ClarifyModelMonitor, in_monitored: EmbeddedAws) -> None:
    command = [*HERE, "run-now", "other", "--name", "other-now", "--wait"]
    # What runs these tests in the background lets its children ignore the signal.
    heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heard)
    assert process.stderr is not None
    waiting = iter(process.stderr.readline, "")
    assert any("Waiting for the execution of other-now" in line for line in waiting)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()

    assert process.returncode == 130
    assert out == ""
    assert err.strip().splitlines()[-1] == (
        "clarify-monitors: Interrupted. The execution goes on, nothing was undone: `clarify-monitors executions "
        "other-now` tells how it ends, `clarify-monitors delete other-now` removes the one-time schedule."
    )
    assert clarify_monitors("delete", "other-now", "--yes").code == 0


@deployed
def test_a_profile_tells_all_that_is_needed(in_monitored: EmbeddedAws, tmp_path: Path) -> None:
    variables = in_monitored.environment
    config = file(
        tmp_path,
        "config",
        f"""[profile local]
region = {variables["AWS_REGION"]}
endpoint_url = {variables["AWS_ENDPOINT_URL"]}
aws_access_key_id = {variables["AWS_ACCESS_KEY_ID"]}
aws_secret_access_key = {variables["AWS_SECRET_ACCESS_KEY"]}
[profile role]
region = {variables["AWS_REGION"]}
endpoint_url = {variables["AWS_ENDPOINT_URL"]}
source_profile = local
role_arn = arn:aws:iam::{in_monitored.account}:role/credit
""",
    )
    nothing: dict[str, str | None] = {name: None for name in os.environ if name.startswith("AWS_")}
    nothing |= {"AWS_CONFIG_FILE": config, "AWS_EC2_METADATA_DISABLED": "true"}

    for profile in ("local", "role"):
        assert clarify_monitors("show", "credit", "--profile", profile, **nothing).code == 0
    unknown = clarify_monitors("show", "credit", "--profile", "other", **nothing)
    assert "There are: local, role" in unknown.err


@deployed
def test_names_of_monitors_are_completed(in_monitored: EmbeddedAws) -> None:
    def completed(line: str) -> list[str]:
        words = line.split(" ")
        variables = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
        return clarify_monitors(_CLARIFY_MONITORS_COMPLETE="bash_complete", **variables).out.split()

    assert completed("clarify-monitors show cred") == ["plain,credit", "plain,credit-reasons"]
    assert completed("clarify-monitors doctor credit-") == ["plain,credit-reasons"]
    assert completed("clarify-monitors viol") == ["plain,violations"]


# Without any AWS


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_can_be_made_to_complete(shell: str) -> None:
    assert f"_CLARIFY_MONITORS_COMPLETE={shell}_complete" in clarify_monitors("completion", shell).out


@pytest.mark.parametrize(
    ("line", "variables", "message"),
    [
        ("nothing", {}, "No such command 'nothing'. See `clarify-monitors --help`."),
        ("show", {}, "Missing argument 'NAME'. See `clarify-monitors show --help`."),
        ("list --status Odd", {}, "See `clarify-monitors list --help`."),
        ("executions credit --since yesterday", {}, "no time such as 2026-03-01T11:00, 2026-03-01, 7d or 12h"),
        ("executions credit --since 1e9d", {}, "no time such as 2026-03-01T11:00, 2026-03-01, 7d or 12h"),
        ("executions credit --limit 0", {}, "0 is not in the range x>=1"),
        ("violations credit --execution 2026-03-01 --since 1d", {}, "give one of them"),
        ("alerts credit --data-points 3", {}, "--data-points and --period need --set ALERT"),
        ("alerts credit --set drift", {}, "--set needs --data-points, --period or both"),
        ("alerts credit --set drift --period 2 --history", {}, "give one of them"),
        ("alerts credit --set drift --data-points 0", {}, "--data-points must be a whole number from 1 to 100, got 0"),
        ("run-now credit --from yesterday", {}, "--from must be an offset such as -PT1H or -P1D, got 'yesterday'"),
        ("run-now credit --from -PT0H --to -PT1H", {}, "--from must be before --to, got '-PT0H' and '-PT1H'"),
        ("update credit --instance-count 0", {}, "--instance-count must be a whole number of 1 or more, got 0"),
        ("executions credit --since 1d --until 2d", {}, "--since must be before --until"),
        ("delete credit --yes --job-definition other", {}, "credit uses the job definition credit-def, not other"),
        ("delete gone --yes", {}, "There is no monitoring schedule 'gone'"),
        ("update credit --env STAGE", {}, "--env takes NAME=VALUE, got 'STAGE'; --unset-env removes a variable"),
        ("update credit", {}, "Nothing to update. See `clarify-monitors update --help`"),
        ("update credit --remove constraints --constraints s3://a/b", {}, "--remove constraints contradicts"),
        ("show credit/x", {}, "NAME must be the name of a monitoring schedule, not its ARN or anything else: letters"),
        ("show credit", {"AWS_ACCESS_KEY_ID": None}, 'eval "$(clarify-local env)"'),
        ("show credit", {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}, "Choose one with --region or AWS_REGION"),
        (
            "show credit",
            {"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_ENDPOINT_URL": None},
            "Choose one with --region or AWS_REGION",
        ),
        ("show credit", {"AWS_PROFILE": "no-such"}, "no-such) could not be found. There are: none"),
        ("show credit", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "Is AWS_ENDPOINT_URL right"),
        ("compare no-such.json other.json", {}, "no-such.json cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    line: str, variables: dict[str, str | None], message: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not variables:
        monkeypatch.setattr("boto3.Session", lambda **_: account.session)
    given = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1", "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    given |= {"AWS_CONFIG_FILE": os.devnull, "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}

    ended = clarify_monitors(*line.split(), **{**given, **variables})

    assert ended.code == 1
    assert ended.out == ""
    assert message in ended.err
    assert len([text for text in ended.err.splitlines() if not text.endswith("…")]) == 1


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("ExpiredTokenException", "Log in again, for example with `aws sso login`"),
        ("UnrecognizedClientException", "Are these the credentials of this account?"),
        ("ThrottlingException", "try again in a minute. AWS_MAX_ATTEMPTS=20 tries for longer"),
        ("AccessDeniedException", "Ask for this permission, or take on a role that has it, with --role-arn"),
    ],
)
def test_what_aws_refuses_has_a_remedy(
    code: str, remedy: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)
    for operation in ("DescribeMonitoringSchedule", "ListMonitoringSchedules"):
        account.refuse(operation, {"Code": code, "Message": "said"})

    for line in ("show credit", "list", "doctor"):
        ended = clarify_monitors(*line.split(), AWS_MAX_ATTEMPTS="1")
        assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
        assert remedy in ended.err


def test_nothing_there_says_where_to_look(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)
    assert "`clarify-monitors doctor credit` tells" in clarify_monitors("executions", "credit").err
    assert clarify_monitors("executions", "credit", "--status", "Failed").err == "There are no such executions.\n"
    account.aws["schedules"].clear()
    assert "--region and --profile choose where it looks" in clarify_monitors("list").err
    assert clarify_monitors("list", "--type", "ModelBias").err.startswith("There are no such monitors")


@pytest.mark.parametrize(
    ("baseline", "current", "code", "text"),
    [
        (BASELINE, BASELINE, 0, "No violations."),
        (BASELINE, TURNED, 2, "nDCG of the SHAP ranking"),
        ({}, BASELINE, 0, "No violations."),
        ("[]", BASELINE, 1, "must be a JSON object, but is a list"),
        ("{", BASELINE, 1, "is no JSON"),
        ({"explanations": {"kernel_shap": {"label0": 1}}}, BASELINE, 1, "is not as Clarify writes an analysis.json"),
        (BASELINE, {"post_training_bias_metrics": {"facets": []}}, 1, "is not as Clarify writes an analysis.json"),
    ],
)
def test_two_files_are_compared(baseline: Any, current: Any, code: int, text: str, tmp_path: Path) -> None:
    files = file(tmp_path, "baseline.json", baseline), file(tmp_path, "current.json", current)

    plain, as_json = clarify_monitors("compare", *files), clarify_monitors("compare", *files, "--json")

    assert plain.code == as_json.code == code
    assert text in (plain.err if code == 1 else plain.out)
    if code != 1:
        assert as_json.json["status"] == ("CompletedWithViolations" if code == 2 else "Completed")


def test_alerts_are_shown_and_changed(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)
    account.aws["alerts"]["credit"] = [
        {
            "MonitoringAlertName": "drift",
            "CreationTime": "2024-05-01T08:00:00Z",
            "LastModifiedTime": "2024-05-01T08:00:00Z",
            "AlertStatus": "InAlert",
            "DatapointsToAlert": 1,
            "EvaluationPeriod": 1,
            "Actions": {"ModelDashboardIndicator": {"Enabled": True}},
        }
    ]

    assert clarify_monitors("alerts", "credit").out.splitlines()[1].split() == ["drift", "InAlert", "1", "1"]
    assert clarify_monitors("alerts", "credit", "--set", "drift", "--data-points", "2").code == 1
    ended = clarify_monitors("alerts", "credit", "--set", "drift", "--data-points", "2", "--period", "4")

    assert ended.code == 0
    (sent,) = (call for call in account.calls if call["operation"] == "UpdateMonitoringAlert")
    assert (sent["params"]["DatapointsToAlert"], sent["params"]["EvaluationPeriod"]) == (2, 4)


def test_limits_that_nothing_violates_are_told(
    account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)

    def stored(limit: float) -> Any:
        metrics = [{"name": "DPPL", "value": limit}, {"name": "DI", "value": 1.2}]
        groups = [{"value_or_threshold": "1", "metrics": metrics}]
        edited = file(tmp_path, "edited.json", {"post_training_bias_metrics": {"facets": {"sex": groups}}})
        return clarify_monitors("constraints", "credit", "--set", edited, "--dry-run")

    assert "No execution can violate DPPL 10 of sex 1 (its values are \N{MINUS SIGN}1 to 1)." in stored(10).err
    assert "No execution can violate" not in stored(0.1).err


def test_executions_that_failed_are_no_violations(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)
    account.add_execution("credit", HOUR, "Failed", reason="Job inputs had no data", with_job=False)

    newest, period = (
        clarify_monitors("violations", "credit"),
        clarify_monitors("violations", "credit", "--since", "2024-01-01"),
    )

    assert (newest.code, newest.out) == (1, "")
    assert (period.code, period.out) == (0, "0 executions of credit (1 failed: nothing was compared): no violations.\n")


def test_a_finding_that_is_an_error_is_the_exit_code(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)
    account.endpoints.clear()

    ended = clarify_monitors("doctor", "credit")

    assert ended.code == 1
    assert any(line.startswith("error credit: ") for line in ended.out.splitlines())


def test_violations_that_cannot_be_read_are_told(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)
    account.add_execution("credit", HOUR, "CompletedWithViolations")

    ended = clarify_monitors("violations", "credit", "--since", "2024-01-01", "--json")

    assert (ended.code, ended.json) == (1, [])
    assert "constraint_violations.json does not exist" in ended.err


def test_a_monitor_without_executions_says_what_to_do(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)

    ended = clarify_monitors("analysis", "credit")

    assert ended.code == 1
    assert "`clarify-monitors run-now credit`" in ended.err


def test_a_deletion_that_was_interrupted_is_taken_up(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)
    definitions = account.aws["job_definitions"]["ModelBias"]
    made = "credit-0123456789abcdef"
    definitions[made] = {**definitions["credit-def"], "JobDefinitionName": made}
    del account.aws["schedules"]["credit"]  # as SageMaker does once it was asked to, whoever has gone meanwhile

    asked = clarify_monitors("delete", "credit")
    deleted = clarify_monitors("delete", "credit", "--yes", "--job-definition", "credit-def", "--json")

    assert (asked.code, "add --yes" in asked.err) == (1, True)
    assert (deleted.code, deleted.json) == (0, {"deleted": sorted([made, "credit-def"])})
    assert definitions == {}
    assert list(account.aws["job_definitions"]["ModelExplainability"]) == ["shap-def"]
    assert clarify_monitors("delete", "credit", "--yes").code == 1


def test_findings_for_programs_name_the_command_too(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)
    account.aws["schedules"]["credit"]["desc"]["MonitoringScheduleStatus"] = "Stopped"

    remedies = {each["code"]: each["remedy"] for each in clarify_monitors("doctor", "credit", "--json").json}

    assert "`clarify-monitors start credit` starts it" in remedies["schedule-stopped"]


def test_what_an_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    for encoding, expected in (("cp1252", b'"\\u4e2d"\n'), ("utf-8", '"\u4e2d"\n'.encode())):
        written = io.BytesIO()
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding=encoding, newline="\n"))
        Output(json=True).json_line("\u4e2d")
        assert written.getvalue() == expected


def test_without_a_subcommand_it_shows_what_there_is() -> None:
    alone, asked = clarify_monitors(), clarify_monitors("--help")

    assert (alone.code, alone.out, asked.code) == (1, "", 0)
    assert alone.err.startswith("Usage: clarify-monitors [OPTIONS] COMMAND")
    assert "  clarify-monitors doctor NAME               why it finds nothing\n" in asked.out
    assert "\\b" not in asked.out
    assert asked.out.count("...") == 1  # no subcommand's help is cut off


def test_every_subcommand_has_help() -> None:
    for name in cli.commands:
        ended = clarify_monitors(name, "--help")
        assert ended.code == 0
        assert ended.out.startswith(f"Usage: clarify-monitors {name}")


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "click" else find_spec(name))

    with pytest.raises(SystemExit) as raised:
        program.main()

    assert "(click): pip install 'cdk-clarify-monitors[operations]'" in str(raised.value)


def test_the_client_needs_no_library_of_the_command() -> None:
    code = "import sys; sys.modules.update(dict.fromkeys(['boto3', 'botocore', 'click', 'rich'])); "
    code += "from cdk_clarify_monitors_operations import MonitorOperations, drift; print(drift({}, {}).status)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stdout == "Completed\n", ended.stderr


@deployed
def test_a_report_is_a_page_and_its_numbers(
    in_monitored: EmbeddedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    written = clarify_monitors("report", "credit")
    numbers = clarify_monitors("report", "credit", "--limit", "1", "--json")

    assert (written.code, numbers.code) == (0, 0), written.err + numbers.err
    assert [Path(line).name for line in written.out.splitlines()] == ["credit.html", "credit.json"]
    assert Path("credit.html").read_text().startswith("<!")
    assert "older executions, which --limit leaves out" in numbers.err
    assert isinstance(numbers.json, dict)
    assert sorted(path.name for path in tmp_path.glob("credit.*")) == ["credit.html", "credit.json"]
