"""Every code block of the documentation: Python is type-checked and run, commands exist, data can be read."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import boto3
import pytest
import yaml
from aws_cdk import aws_kms as kms

from cdk_clarify_monitors_lambda.clarify_baseline.aws.processing_jobs import JobRecord
from cdk_clarify_monitors_local import _cli
from cdk_clarify_monitors_operations.command._cli import cli
from tests.support.monitors.builders import bias_monitor, only, template_of
from tests.support.pages import Block, blocks, name_of
from tests.support.repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NODE_PACKAGES = json.loads((ROOT / "package.json").read_text())["dependencies"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

# Indented blocks are commands, but for this one, which is what a deployment says.
FAILURE = next(block for block in blocks("") if name_of(block.page) == "docs/baselines.md")
COMMANDS = [block for block in blocks() if block.language in ("", "sh") and block != FAILURE]
PYTHON = blocks("python")
FLEETS = "docs/fleets.md"
# Their apps have data of their own: test_tutorial.py, test_fleets.py and test_recipes.py run them, and the tests of
# clarify-local that of the README.
ELSEWHERE = ("README.md", "docs/see-a-monitor-find-drift.md", "docs/start-here.md", FLEETS, "docs/recipes/")


def test_each_block_has_a_language_that_is_checked() -> None:
    checked = {"", "sh", "python", "json", "yaml", "csv", "text"}
    assert [str(block) for block in blocks() if block.language not in checked] == []


# ---------------------------------------------------------------- Python
def _is_quoted_from_the_source(block: Block) -> bool:
    """A line of a class, quoted from the source: there it is checked already."""
    sources = (ROOT / "constructs").rglob("*.py")
    return any(block.code.strip() in source.read_text(encoding="utf-8") for source in sources)


SNIPPETS = [block for block in PYTHON if not _is_quoted_from_the_source(block)]


def test_python_has_no_type_errors(tmp_path: Path) -> None:
    files = [tmp_path / f"block{number}.py" for number in range(len(SNIPPETS))]
    for file, block in zip(files, SNIPPETS, strict=True):
        file.write_text(block.code, encoding="utf-8")

    # In the project's folder, for its settings and its cache: the CDK's types alone take most of a minute without.
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", *map(str, files)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert len(SNIPPETS) >= 4
    assert [line for line in run.stdout.splitlines() if not _is_of_the_sdk(line)] == []
    assert run.stderr == ""


def _is_of_the_sdk(line: str) -> bool:
    """The SageMaker SDK stands in the documentation to compare with; it is not installed."""
    return 'module named "sagemaker' in line or line.endswith("missing-imports")


def _apps() -> list[Block]:
    """The apps on their own."""
    return [b for b in SNIPPETS if "cdk.App()" in b.code and not name_of(b.page).startswith(ELSEWHERE)]


@pytest.mark.parametrize("block", _apps(), ids=str)
def test_an_app_can_be_synthesized(block: Block) -> None:
    names: dict[str, Any] = {"__name__": "app"}
    exec(compile(block.code, str(block), "exec"), names)  # noqa: S102

    (stack,) = names["app"].synth().stacks
    types = [resource["Type"] for resource in stack.template["Resources"].values()]
    monitors = len(re.findall(r"^(?:\w+ = )?Model\w+MonitorConstruct\($", block.code, re.MULTILINE))
    assert types.count("Custom::ClarifyBaseline") == types.count("AWS::SageMaker::MonitoringSchedule") == monitors > 0


def test_the_documentation_shows_apps() -> None:
    assert {name_of(block.page) for block in _apps()} >= {"docs/concepts.md", "docs/alarms-and-dashboards.md"}


# What they define is used below.
_ON_A_MONITOR = {
    "docs/alarms-and-dashboards.md": {"Alerts", "dashboard"},
    "docs/costs.md": {"forget"},
    "docs/security.md": {"EncryptedResults", "with_defaults"},
}
# tests/operations runs them.
_OF_THE_CLIENT = ("docs/operations.md", "docs/report.md")
# They need an app and schedules of the reader's. What they call is tested in tests/local_, and mypy knows each name.
_OF_A_READERS_APP = "docs/local.md"


def _is_of_the_client(block: Block) -> bool:
    return name_of(block.page).startswith(_OF_THE_CLIENT) or "ModelBiasMonitor.attach" in block.code


def _fragments() -> list[Block]:
    """The blocks that run by themselves: neither apps, nor of the SDK, which is not installed, nor for an account."""
    others = [block for block in SNIPPETS if block not in _apps() and not name_of(block.page).startswith(ELSEWHERE)]
    others = [b for b in others if "from sagemaker" not in b.code and not _is_of_the_client(b)]
    return [block for block in others if name_of(block.page) != _OF_A_READERS_APP]


@pytest.mark.parametrize("block", _fragments(), ids=str)
def test_a_fragment_runs(block: Block) -> None:
    names: dict[str, Any] = {"__name__": "fragment"}
    exec(compile(block.code, str(block), "exec"), names)  # noqa: S102
    defined = {name for name, value in names.items() if getattr(value, "__module__", None) == "fragment"}
    assert defined <= _ON_A_MONITOR.get(name_of(block.page), set())


def test_what_fragments_define_does_what_the_pages_say() -> None:
    names: dict[str, Any] = {"__name__": "fragment"}
    for block in _fragments():
        if name_of(block.page) in _ON_A_MONITOR:
            exec(compile(block.code, str(block), "exec"), names)  # noqa: S102
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    names["with_defaults"](stack, kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:111111111111:key/k"))
    monitor = bias_monitor(stack)
    names["forget"](monitor)
    names["dashboard"](monitor)
    alerts = template_of(names["Alerts"](cdk.App(analytics_reporting=False), "Alerts"))
    template = template_of(stack)

    (bucket,) = template.find_resources("AWS::S3::Bucket").values()
    assert bucket["DeletionPolicy"] == "Delete"
    template.resource_count_is("AWS::CloudWatch::Dashboard", 1)
    outputs = only(template, "AWS::SageMaker::ModelBiasJobDefinition")["ModelBiasJobOutputConfig"]
    assert str(outputs["KmsKeyId"]).endswith("key/k")
    alerts.resource_count_is("AWS::Chatbot::SlackChannelConfiguration", 1)


# ---------------------------------------------------------------- commands
_BETWEEN = ";&|{}"


def _commands(code: str) -> Iterator[list[str]]:
    """The simple commands of a piece of shell, those in `$(…)` too."""
    for inner in re.findall(r"\$\(([^()]*)\)", code):
        yield from _commands(inner)
    for line in code.splitlines():
        command: list[str] = []
        words = shlex.shlex(line, posix=True, punctuation_chars=_BETWEEN)
        words.whitespace_split = True
        for word in [*words, ";"]:
            if not set(word) <= set(_BETWEEN):
                command.append(word)
            elif command:
                yield command
                command = []


def _parse(arguments: list[str]) -> None:
    """Parse a command line of `clarify-monitors`, up to where it goes into a file."""
    name, *rest = arguments[: arguments.index(">")] if ">" in arguments else arguments
    cli.commands[name].make_context(name, rest)


_PARSERS: dict[str, Callable[[list[str]], object]] = {
    "clarify-local": lambda arguments: _cli._parser().parse_args(arguments),
    "clarify-monitors": _parse,
}


def _can_be_installed(requirement: str) -> bool:
    """Whether it is this project, with extras that it has: by its name, from a checkout, or with git from one."""
    form = rf"({PROJECT['name']}|/path/to/checkout)(\[[\w,]+\])?( @ git\+file:///path/to/checkout)?"
    found = re.fullmatch(form, requirement)
    return found is not None and set(re.findall(r"\w+", found[2] or "")) <= set(PROJECT["optional-dependencies"])


def _exists(command: list[str]) -> bool:
    match command:
        case ["make", *targets]:
            return bool(targets) and set(targets) <= TARGETS
        case ["pip", "install", requirement]:
            return _can_be_installed(requirement)
        case ["npm", "install", package]:
            return package in NODE_PACKAGES
        case ["npx", "cdk", "deploy" | "synth" | "destroy", *_]:
            return (ROOT / "node_modules" / ".bin" / "cdk").exists()
        case ["clarify-local" | ".venv/bin/clarify-local" | "clarify-monitors" as program, *arguments]:
            _PARSERS[Path(program).name](arguments)  # exits or raises if it does not know them
            return True
        case ["source" | "python", file, *_]:
            return (ROOT / file).exists()
        case ["eval", _]:
            return True  # what is in it is looked at by itself
        case ["aws", service, *_]:
            return service in boto3.Session().get_available_services()
        case [program, *arguments] if program.startswith(".venv/bin/"):
            scripts = [argument for argument in arguments if argument.endswith(".py")]
            return (ROOT / program).exists() and all((ROOT / script).exists() for script in scripts)
    return False


@pytest.mark.parametrize("block", COMMANDS, ids=str)
def test_every_command_exists(block: Block) -> None:
    found = list(_commands(block.code))
    assert found
    assert [command for command in found if not _exists(command)] == []


@pytest.mark.parametrize("block", COMMANDS, ids=str)
def test_the_shell_can_parse_every_block(block: Block) -> None:
    subprocess.run(["bash", "-n"], input=block.code, text=True, check=True, capture_output=True)  # noqa: S607


def test_every_command_of_a_workflow_exists() -> None:
    workflows = [yaml.safe_load(block.code) for block in blocks("yaml")]
    steps = [step for workflow in workflows for job in workflow.get("jobs", {}).values() for step in job["steps"]]
    commands = [shlex.split(step["run"]) for step in steps if "run" in step]
    known = [["pytest"], ["pip", "install", "pytest"]]
    assert len(commands) >= 6
    assert [command for command in commands if command not in known and not _exists(command)] == []


@pytest.mark.parametrize(
    "command",
    [
        "make nothing",
        "pip install other",
        "pip install /path/to/checkout[x]",
        "python x.py",
        "npm install other",
        "rm -rf x",
    ],
)
def test_a_command_that_does_not_exist_is_noticed(command: str) -> None:
    assert not _exists(shlex.split(command))


# ---------------------------------------------------------------- data and texts
@pytest.mark.parametrize("block", [b for b in blocks() if b.language in ("json", "yaml", "csv")], ids=str)
def test_blocks_of_data_can_be_parsed(block: Block) -> None:
    match block.language:
        case "json":
            json.loads(block.code)
        case "yaml":
            assert yaml.safe_load(block.code)
        case "csv":
            assert len({len(row) for row in csv.reader(io.StringIO(block.code))}) == 1


def test_the_example_of_a_failure_is_what_a_deployment_says() -> None:
    text = " ".join(FAILURE.code.split())
    (name,) = re.findall(r"The baselining job (\S+) has", text)
    reason = re.split(r" ExitMessage: ", text)[0]
    assert text == str(JobRecord(name, "Failed", reason, "…").failure())


def test_blocks_of_python_are_whole() -> None:
    for block in PYTHON:
        ast.parse(block.code)
