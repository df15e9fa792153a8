"""The command `clarify-local`."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import pty
import re
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_clarify_monitors_local import EmbeddedAws, _cli
from cdk_clarify_monitors_local import __main__ as command
from cdk_clarify_monitors_operations.data._metric_meanings import METRICS
from tests.local_.handmade_app.app import synthesize
from tests.local_.processing_job import CONFIG
from tests.support.pages import blocks
from tests.support.repository import ROOT

APP = Path(__file__).parent / "handmade_app" / "app.py"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own for what the command remembers; what it left running is ended."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    yield tmp_path / "state"
    if (tmp_path / "state").exists():
        _cli.run(["stop"])


@pytest.fixture
def said(capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs the command in this process; what it says."""

    def run(*arguments: str, exit_code: int = 0) -> str:
        capfd.readouterr()
        ended = _cli.run(list(arguments))
        out, err = capfd.readouterr()
        assert ended == exit_code, out + err
        return out + err

    return run


def clarify_local(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cdk_clarify_monitors_local", *arguments],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "shap" else find_spec(name))

    with pytest.raises(SystemExit) as raised:
        command.main()

    assert "(shap): pip install 'cdk-clarify-monitors[local]'" in str(raised.value)


def test_help_shows_how_to_begin() -> None:
    process = clarify_local("--help")

    assert process.returncode == 0
    assert "clarify-local new my-monitors" in process.stdout
    assert "clarify-local run --model" in process.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "no-such.out"], "no-such.out is not the folder of a synthesized app; make one with `cdk synth`."),
        (["run", __file__], f'{__file__} is a file; write the command that runs it, such as "python {__file__}".'),
        (["start", "--account", "123"], "--account takes the twelve digits of an account's id, got '123'."),
        (["run"], "There is no cdk.json here."),
        (["run", "--model", "credit", "cdk.out"], "is not the folder of a synthesized app"),
        (["run", "--model", "credit", "python app.py"], "--model takes NAME=FILE, got 'credit'."),
        (["run", "--model", "credit=no.joblib", "python app.py"], "The model 'credit' has no file: "),
        (["deploy", "python app.py"], "The embedded AWS does not run. Start it with `clarify-local start`."),
        (["show"], "The embedded AWS does not run."),
        (["start", "--clock", "noon"], "--clock takes a time such as 2026-03-01T11:00Z, got 'noon'."),
        (["execute", "fair", "--at", "noon"], "--at takes a time such as 2026-03-01T11:00Z, got 'noon'."),
        (["execute", "fair"], "The embedded AWS does not run."),
        (["clock", "tomorrow"], "clock takes a duration such as +1d, +6h or +1d12h, got 'tomorrow'."),
        (["clock", "+"], "clock takes a duration such as +1d, +6h or +1d12h, got '+'."),
        (["clock", "-1h"], "The clock only moves forward, by a duration such as +1d, +6h or +1d12h, got '-1h'."),
        (["clock", "-1"], "The clock only moves forward, by a duration such as +1d, +6h or +1d12h, got '-1'."),
        (["clock", "-1d12h"], "The clock only moves forward, by a duration such as +1d, +6h or +1d12h, got '-1d12h'."),
        (["clock", "--", "-2d"], "The clock only moves forward, by a duration such as +1d, +6h or +1d12h, got '-2d'."),
        (["clock", "\N{MINUS SIGN}6h"], "The clock only moves forward, by a duration such as +1d"),
        (["clock", "+1d"], "The embedded AWS does not run."),
        (["env"], "The embedded AWS does not run."),
        (["put", "file", "s3://bucket/key"], "The embedded AWS does not run."),
        (["stop"], "The embedded AWS does not run."),
    ],
)
def test_what_cannot_be_done_says_what_to_do(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert _cli.run(arguments) == 1
    assert message in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("arguments", [["clock", "--back"], ["clock", "+1d", "+1h"], ["show", "-1h"], ["stop", "now"]])
def test_an_unknown_argument_is_named(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _cli.run(arguments)

    assert f"unrecognized arguments: {arguments[-1]}" in capsys.readouterr().err


def test_a_taken_port_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert _cli.run(["run", "--port", str(port), "python app.py"]) == 1

    told = capsys.readouterr()
    assert f"Port {port} of 127.0.0.1 cannot be used" in told.err
    assert told.out == "starting the embedded AWS …\n"


@pytest.mark.parametrize(("program", "message"), [("node", "Node.js is needed"), ("cdk", "npm install aws-cdk")])
def test_missing_tools_are_told(program: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cdk_clarify_monitors_local import CdkError
    from cdk_clarify_monitors_local.cdk import _cdk_cli

    tools = tmp_path / "bin"
    tools.mkdir()
    if program == "cdk":
        (tools / "node").write_text("")
        (tools / "node").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(CdkError, match=message):
        _cdk_cli.find()


def prepare_bucket(exports: str, data: Path) -> None:
    """Make the bucket of the handmade app, as a user of the exported variables would."""
    script = """
import sys, boto3
s3 = boto3.client("s3")
s3.create_bucket(Bucket="by-hand")
s3.upload_file(sys.argv[1], "by-hand", "train.csv")
s3.put_object(Bucket="by-hand", Key="config/analysis_config.json", Body=sys.argv[2])
"""
    line = shlex.join([sys.executable, "-c", script, str(data), json.dumps(CONFIG)])
    subprocess.run(["/bin/sh", "-c", f"{exports}\n{line}"], check=True)


def add_schedule(aws: EmbeddedAws, name: str) -> None:
    """Make a monitor by hand, which belongs to no stack."""
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    sagemaker = aws.client("sagemaker")
    sagemaker.create_model_bias_job_definition(
        JobDefinitionName=name,
        ModelBiasAppSpecification={"ImageUri": "image", "ConfigUri": "s3://by-hand/config/analysis_config.json"},
        ModelBiasJobInput={
            "EndpointInput": {"EndpointName": "handmade-endpoint", "LocalPath": "/opt/ml/processing/input"},
            "GroundTruthS3Input": {"S3Uri": "s3://by-hand/labels"},
        },
        ModelBiasJobOutputConfig={
            "MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://by-hand/out", "LocalPath": "/opt/ml/processing/output"}}]
        },
        JobResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 20}},
        RoleArn=role,
    )
    config = {
        "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        "MonitoringJobDefinitionName": name,
        "MonitoringType": "ModelBias",
    }
    sagemaker.create_monitoring_schedule(MonitoringScheduleName=name, MonitoringScheduleConfig=config)


def assert_only_its_monitors(aws: EmbeddedAws, deployed: str) -> None:
    """A deployment shows the monitors of its stacks, `show` all or those named."""
    assert "no-stacks" not in deployed
    assert "no-stacks" in clarify_local("show").stdout
    assert "by-hand-schedule" not in clarify_local("show", "no-stacks").stdout
    aws.client("sagemaker").delete_monitoring_schedule(MonitoringScheduleName="no-stacks")
    for arguments in (["show", "no-stacks"], ["execute", "no-stacks"]):
        unknown = clarify_local(*arguments)
        assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
        assert "There is no monitoring schedule 'no-stacks'. `clarify-local show`" in unknown.stderr


def assert_shown_at_any_width(status: str) -> None:
    """The boxes fit into a terminal, and into a pipe; only a terminal gets colours, unless it does not want them."""
    for columns, color in ((40, True), (80, False)):
        shown = on_a_terminal("show", columns=columns, color=color)
        assert ("\x1b[" in shown) == color
        lines = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", shown).splitlines()
        assert max(map(len, lines)) == columns
        assert any(status in line for line in lines)
    piped = clarify_local("show").stdout
    assert status in piped
    assert "\x1b" not in piped


def on_a_terminal(*arguments: str, columns: int, color: bool) -> str:
    """What the command shows on a terminal of so many columns."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
    unset = ("COLUMNS", "NO_COLOR", "CI")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    process = subprocess.Popen(
        [sys.executable, "-m", "cdk_clarify_monitors_local", *arguments],
        env={**environment, "TERM": "xterm", **({} if color else {"NO_COLOR": "1"})},
        stdin=other,
        stdout=other,
        stderr=other,
    )
    os.close(other)
    shown = b""
    with contextlib.suppress(OSError), process, open(main, "rb", buffering=0) as terminal:  # noqa: PTH123
        while part := terminal.read(65536):  # it ends with an OSError
            shown += part
    return shown.decode()


@pytest.mark.slow
@pytest.mark.deploy
def test_the_commands_work_step_by_step(state: Path, make_data: Any, said: Callable[..., str]) -> None:
    """The account is in a process of its own, and the cdk command; the others are as right in this one."""
    started = clarify_local(
        "start", "--region", "us-east-1", "--clock", "2026-03-01T10:20Z", "--endpoint", "handmade-endpoint"
    )
    assert started.returncode == 0, started.stderr
    assert "The embedded AWS answers at http://127.0.0.1:" in started.stdout
    running = state / "clarify-local" / "running.json"
    assert running.stat().st_mode & 0o077 == 0
    directory = Path(json.loads(running.read_text())["account"]["directory"])

    assert "One runs already" in said("start", exit_code=1)
    assert "There are no monitors in this account." in said("show")

    exports = said("env")
    names = [line.removeprefix("export ").partition("=")[0] for line in exports.splitlines()]
    assert {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"} <= set(names)
    prepare_bucket(exports, make_data.TRAINING_DATA)

    put = said("put", str(make_data.TRAINING_DATA), "s3://by-hand-too/data/")
    assert put == "s3://by-hand-too/data/train.csv\n"

    aws = EmbeddedAws.attach(json.loads(running.read_text()))
    add_schedule(aws, "no-stacks")

    context = ["-c", "stack=by-hand", "-c", "bucket=by-hand"]
    deployed = clarify_local("deploy", shlex.join([sys.executable, str(APP)]), *context)
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert "Bias monitor" in deployed.stdout
    assert f"Class Imbalance (CI). {METRICS['CI'].meaning}" in deployed.stdout
    assert "by-hand-schedule" in deployed.stdout
    assert_only_its_monitors(aws, deployed.stdout)
    assert "CREATE_COMPLETE" not in deployed.stdout
    assert_shown_at_any_width("✓ Scheduled, cron(0 * ? * * *)")

    executed = said("execute", "by-hand-schedule", "--at", "2026-03-01T11:00Z", exit_code=1)  # nothing was captured
    assert "2026-03-01 11:00  by-hand-schedule  ✗ Failed: " in executed
    moved = said("clock", "+1d")
    assert "running the executions that are due until 2026-03-02 10:2" in moved
    assert moved.count("by-hand-schedule  ✗ Failed: ") == 24
    assert moved.count("`clarify-monitors executions by-hand-schedule --explain`") == 1
    assert "No execution was due." in said("clock", "+1m")
    assert "The clock shows 2026-03-02 10:2" in moved

    assert "last execution  ✗ Failed, due 2026-03-02 10:00 UTC: " in said("show")
    synthesize(state.parent / "by-hand.out", {"stack": "by-hand", "bucket": "by-hand"})
    destroyed = clarify_local("destroy", "--verbose", str(state.parent / "by-hand.out"))
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr
    assert "DELETE_COMPLETE" in destroyed.stdout
    assert destroyed.stdout.endswith("Deleted: by-hand.\n")
    assert "There are no monitors in this account." in said("show")

    said("stop")
    assert not running.exists()
    assert not directory.exists()
    said("show", exit_code=1)


def progress_of(shown: str, first: str, then: str) -> bool:
    """Whether two lines of what runs now are there, in this order."""
    return re.search(rf"^{first}.* …$[\s\S]*^{then}.* …$", shown, re.MULTILINE) is not None


def readme(language: str) -> list[str]:
    """The README's code blocks in a language."""
    return [block.code for block in blocks(language) if block.page == ROOT / "README.md"]


@pytest.mark.deploy
def test_the_example_of_the_readme_runs_as_it_stands(tmp_path: Path) -> None:
    checkout = tmp_path / "a checkout"  # with what `make demo` has made
    shutil.copytree(ROOT / "examples" / "diabetes", checkout / "examples" / "diabetes")
    (checkout / ".venv").symlink_to(sys.prefix)
    (checkout / "node_modules").symlink_to(ROOT / "node_modules")
    (app,), (commands, *_) = readme("python"), readme("sh")
    (checkout / "monitors.py").write_text(app)

    process = subprocess.run(["/bin/bash", "-ec", commands], cwd=checkout, capture_output=True, text=True, check=False)

    assert process.returncode == 0, process.stdout + process.stderr
    assert "Bias monitor" in process.stdout
    data = Path("examples", "diabetes", "train.csv")
    assert (checkout / data).read_bytes() == (ROOT / data).read_bytes()


@pytest.mark.slow
@pytest.mark.deploy
def test_run_does_all_on_a_synthesized_app(tmp_path: Path, diabetes_model: Path) -> None:
    assembly = str(tmp_path / "example.out")
    variables = {**os.environ, "CDK_OUTDIR": assembly}
    subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=variables, check=True, capture_output=True)

    endpoint = ["--endpoint", "diabetes-endpoint=diabetes-model", "--capture", "s3://diabetes-data/capture"]
    model = ["--model", f"diabetes-model={diabetes_model}"]
    process = clarify_local("run", *model, *endpoint, "--auth", assembly)

    assert process.returncode == 0, process.stdout + process.stderr
    assert "Bias monitor" in process.stdout
    assert "Feature-attribution monitor" in process.stdout
    assert f"Disparate Impact (DI). {METRICS['DI'].meaning}" in " ".join(process.stdout.replace("│", " ").split())
    assert "Not computed: Group variable is empty or not provided." in process.stdout
    assert "the prediction of target" in process.stdout
    assert "label0" not in process.stdout
    assert process.stdout.count("✓ Completed, ") == process.stdout.count("✓ Scheduled, ") == 2
    assert progress_of(process.stdout, "starting the embedded AWS", "baselining job of Bias in DiabetesMonitors")
    assert progress_of(process.stdout, "bootstrapping ", "baselining job of Explainability in DiabetesMonitors")
    assert "CREATE_" not in process.stdout
    assert "\x1b" not in process.stdout
    assert process.stderr == ""


@pytest.mark.slow
@pytest.mark.deploy
def test_a_model_that_was_not_given_is_told() -> None:
    process = clarify_local("run", shlex.join([sys.executable, "app.py"]))

    assert process.returncode == 1
    assert "CREATE_FAILED" in process.stdout  # now the cdk command's output is of interest
    (told,) = process.stderr.splitlines()
    assert told.startswith("cdk deploy failed: DiabetesMonitors: ")
    assert Path(told.partition(" Log: ")[2]).is_file()
    assert 'Could not find model "diabetes-model" in the embedded AWS' in told
    assert "--model diabetes-model=FILE" in told
