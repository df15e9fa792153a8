"""What is shown of a cdk command that has failed: the lines of the user's own files, what has failed, and why."""

from __future__ import annotations

import sysconfig
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

import cdk_clarify_monitors
from cdk_clarify_monitors_local import _cli
from cdk_clarify_monitors_local._errors import CdkError
from cdk_clarify_monitors_local.cdk._deployed_stacks import (
    StackArn,
    deleted_stacks,
    deployed_stacks,
    monitoring_schedules,
)
from cdk_clarify_monitors_local.cdk._failed_deployment import condensed, reason

LIBRARY = Path(cdk_clarify_monitors.__file__).parent
INSTALLED = Path(sysconfig.get_path("purelib"))
STANDARD = Path(sysconfig.get_path("stdlib"))
BEGIN = "Traceback (most recent call last):"
END = "python app.py: Subprocess exited with error 1"
RAISED = "cdk_clarify_monitors._validation.errors.InvalidValue: 'facet_name' must be a column"


def frame(file: Path | str, line: int, code: str) -> list[str]:
    return [f'  File "{file}", line {line}, in <module>', f"    {code}"]


class NoStacks:
    """A CloudFormation that is not to be asked."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def why(printed: list[str]) -> str:
    return reason(NoStacks(), printed)


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ([RAISED], "'facet_name' must be a column"),
        (["KeyError: 'no such key'"], "KeyError: 'no such key'"),
        (["RuntimeError: first line", "  and a second one"], "RuntimeError: first line and a second one"),
        (["mypackage.MyError"], "mypackage.MyError"),
    ],
)
def test_an_app_that_raises_is_told_by_its_own_lines(last: list[str], told: str, folder: Path) -> None:
    app, helper = frame(folder / "app.py", 17, "monitor()"), frame(folder / "lib" / "helper.py", 4, "Bias(stack)")
    printed = [
        "jsii.errors.JavaScriptError: ",
        "  Error: the same in JavaScript",
        "",
        BEGIN,
        *app,
        *frame(INSTALLED / "jsii" / "_runtime.py", 135, "super().__call__()"),
        "           ^^^^^^^^^",
        *helper,
        *frame(LIBRARY / "_monitors" / "model_bias_monitor.py", 178, "MonitorSettings("),
        *frame("<string>", 29, ""),
        *frame("/opt/python/lib/python3.12/json/decoder.py", 3, "raise"),
        *frame(STANDARD / "json" / "decoder.py", 3, "raise"),
        *last,
        END,
    ]

    assert condensed(printed) == [*app, *helper, *last]
    assert why(printed) == f"{Path('lib', 'helper.py')}, line 4: {told}"


def test_the_last_of_several_tracebacks_counts(folder: Path) -> None:
    cause = [BEGIN, *frame(folder / "app.py", 1, "first()"), "KeyError: 'a'"]
    printed = [*cause, "", "During handling of the above exception, another exception occurred:", ""]
    printed += [BEGIN, *frame(folder / "app.py", 9, "second()"), "ValueError: b", END]

    assert why(printed) == "app.py, line 9: ValueError: b"
    assert "first()" not in "\n".join(condensed(printed))


def test_a_file_that_is_no_python_has_a_place_too(folder: Path) -> None:
    lines = [f'  File "{folder / "app.py"}", line 3', "    import x y", "             ^", "SyntaxError: invalid syntax"]

    assert why([*lines, END]) == "app.py, line 3: SyntaxError: invalid syntax"
    assert condensed([*lines, END]) == lines


def test_an_error_in_no_file_of_the_users_is_told(folder: Path) -> None:
    printed = [BEGIN, *frame(INSTALLED / "other" / "__main__.py", 1, "main()"), "OSError: disk full", END]
    assert (why(printed), condensed(printed)) == ("OSError: disk full", ["OSError: disk full"])


def test_of_a_deployment_the_failures_are_told() -> None:
    failed = "Loans | 21/25 | 5:12:12 PM | CREATE_FAILED | AWS::IAM::Role | Role (Role1) No way"
    printed = [
        "✨  Synthesis time: 24.29s",
        "Loans: start: Building Data",
        "Loans | 20/25 | 5:12:12 PM | CREATE_COMPLETE | AWS::S3::Bucket | Bucket (Bucket1)",
        failed.replace(" | AWS", "           | AWS"),
        failed,
        "Loans | 19/25 | 5:12:12 PM | ROLLBACK_COMPLETE | AWS::CloudFormation::Stack | Loans",
        "❌  Loans failed to deploy",
        "    at Object.deploy (/node_modules/aws-cdk/lib/index.js:1:2)",
    ]

    assert condensed(printed) == [failed]


def test_without_either_the_last_words_are_told() -> None:
    printed = ["✨  Synthesis time: 1s", "Loans: success: Built Data", "", *(f"word {number}" for number in range(40))]
    assert condensed([*printed, "    at x (/a.js:1:2)"]) == [f"word {number}" for number in range(25, 40)]
    assert why(["No stacks match the name(s) Nope"]).endswith("Nope; `cdk list` names the app's stacks.")


@pytest.mark.parametrize("options", [[], ["--verbose"]])
def test_the_reason_comes_last(
    options: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = frame(folder / "app.py", 3, "Bias(stack)")
    error = CdkError(
        "cdk deploy failed: app.py, line 3: ValueError: b", "\n".join([BEGIN, *lines, "ValueError: b", END])
    )

    def fail(_: Namespace) -> None:
        raise error

    monkeypatch.setattr(_cli, "_deploy", fail)

    assert _cli.run(["deploy", *options]) == 1

    told = capfd.readouterr()
    assert told.err == "cdk deploy failed: app.py, line 3: ValueError: b\n"
    assert told.out.splitlines() == ([] if options else lines)  # else they have been shown as they came


# ---------------------------------------------------------------- what was deployed
ARN = "arn:aws:cloudformation:{}:123456789012:stack/{}/16bb3f5a"
PRINTED = f"""
Network (no changes)

Stack ARN:
{ARN.format("eu-west-1", "Network")}
 ✅  Prod/Loans (Prod-Loans)

Outputs:
Loans.Arn = {ARN.format("eu-west-1", "not-this-one")}
Stack ARN:
{ARN.format("us-east-1", "Prod-Loans")}
"""


class CloudFormation:
    """Lists what a stack has, of two pages."""

    def __init__(self, resources: dict[str, list[tuple[str, str]]]) -> None:
        self.resources = resources

    def get_paginator(self, operation: str) -> CloudFormation:
        assert operation == "list_stack_resources"
        return self

    def paginate(self, StackName: str) -> list[dict[str, Any]]:  # noqa: N803 (the API's name)
        found = [{"ResourceType": kind, "PhysicalResourceId": id_} for kind, id_ in self.resources[StackName]]
        return [{"StackResourceSummaries": found[:1]}, {"StackResourceSummaries": found[1:]}]


def test_the_stacks_are_those_that_cdk_tells_of() -> None:
    found = deployed_stacks(PRINTED)
    assert [(stack.name, stack.region) for stack in found] == [("Network", "eu-west-1"), ("Prod-Loans", "us-east-1")]
    assert deployed_stacks("No stacks match the name(s) Nope") == []
    assert deleted_stacks("A: destroying... [1/1]\n✅  Prod/A (Prod-A): destroyed\n") == ["Prod/A (Prod-A)"]


def test_schedules_of_nested_stacks_count() -> None:
    outer, inner = ARN.format("eu-west-1", "Outer"), ARN.format("eu-west-1", "Inner")
    schedule = "arn:aws:sagemaker:eu-west-1:123456789012:monitoring-schedule/"
    resources = {
        outer: [
            ("AWS::CloudFormation::Stack", inner),
            ("AWS::S3::Bucket", "bucket"),
            ("AWS::SageMaker::MonitoringSchedule", f"{schedule}one"),
        ],
        inner: [("AWS::SageMaker::MonitoringSchedule", f"{schedule}two")],
    }
    asked: list[str] = []

    def client(region: str) -> CloudFormation:
        asked.append(region)
        return CloudFormation(resources)

    assert set(monitoring_schedules(client, [StackArn(outer)])) == {("eu-west-1", "one"), ("eu-west-1", "two")}
    assert set(asked) == {"eu-west-1"}


# ---------------------------------------------------------------- errors in a line
@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "running.json, which says where the embedded AWS runs, is damaged: remove it")],
)
def test_a_damaged_memory_says_what_to_do(
    content: str, message: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    (folder / "clarify-local").mkdir()
    (folder / "clarify-local" / "running.json").write_text(content)

    assert _cli.run(["show"]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (PermissionError(13, "Permission denied", "data.csv"), 1, "data.csv: Permission denied\n"),
        (ZeroDivisionError("by\nzero"), 1, "Unexpected ZeroDivisionError: by zero. CLARIFY_LOCAL_TRACEBACK=1 shows"),
        (KeyboardInterrupt(), 130, "Interrupted. Nothing was changed.\n"),
    ],
)
def test_what_nobody_has_foreseen_is_a_line_too(
    error: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def fail(_: Namespace) -> None:
        raise error

    monkeypatch.setattr(_cli, "_put", fail)

    assert _cli.run(["put", "data.csv", "s3://a/b"]) == code
    assert capsys.readouterr().err.startswith(message)


def test_wrong_arguments_are_a_line(capsys: Any) -> None:
    for arguments, message in (
        (["put", "file"], "clarify-local put: the following arguments are required: S3_URI. See `clarify-local put"),
        (["run", "--port", "x"], "clarify-local run: argument --port: invalid int value: 'x'. See `clarify-local run"),
        (["nothing"], "clarify-local: argument COMMAND: invalid choice: 'nothing'"),
    ):
        with pytest.raises(SystemExit) as ended:
            _cli.run(arguments)
        told = capsys.readouterr().err
        assert (ended.value.code, told.count("\n")) == (2, 1)
        assert told.startswith(message)


def test_without_a_command_it_shows_what_there_is(capsys: Any) -> None:
    assert _cli.run([]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "exit codes: 0 done, 1 an error, 2 wrong arguments, 130 interrupted by Ctrl-C" in told.err
