"""docs/clarify-monitors.md and docs/from-a-notebook.md are true: what they show is run, in its order."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cdk_clarify_monitors_operations as package
from cdk_clarify_monitors_local import EmbeddedAws
from cdk_clarify_monitors_operations.command._cli import cli
from tests.operations.command import clarify_monitors
from tests.support.pages import Block, blocks, name_of, rows
from tests.support.repository import ROOT

COMMAND, NOTEBOOK = "docs/clarify-monitors.md", "docs/from-a-notebook.md"
SIGNATURES = json.loads((ROOT / "tests" / "config" / "sdk_signatures.json").read_text())["signatures"]
# Generated names differ from run to run.
_GENERATED = re.compile(r"\b[0-9a-f]{16}\b")


def of_page(page: str, *languages: str) -> list[Block]:
    return [block for block in blocks() if name_of(block.page) == page and block.language in languages]


def run(block: Block) -> str:
    """Run the commands of a block; return what they print."""
    printed = ""
    for line in block.code.splitlines():
        command, _, comment = line.partition("    # ")
        if command.startswith("eval"):
            assert clarify_monitors(*shlex.split(command.split("(")[1].split(")")[0])[1:]).code == 0
            continue
        program, *words = shlex.split(command)
        assert program == "clarify-monitors"
        words, target = (words[: words.index(">")], words[-1]) if ">" in words else (words, None)
        ended = clarify_monitors(*words)
        expected = re.fullmatch(r"exits with (\d)", comment)
        assert ended.code == (int(expected[1]) if expected else 0), f"{line}\n{ended.out}{ended.err}"
        if target is None:
            printed += ended.out
        else:
            Path(target).write_text(ended.out)
    return printed


@pytest.mark.deploy
def test_the_commands_do_what_their_page_says(
    in_monitored: EmbeddedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    compared = 0
    printed = ""
    for block in of_page(COMMAND, "sh", "text"):
        if block.language == "sh":
            printed = run(block)
        else:
            assert _GENERATED.sub("…", printed) == _GENERATED.sub("…", block.code), str(block)
            compared += 1
    assert compared == 4


@pytest.mark.deploy
def test_what_replaces_a_notebook_runs(in_monitored: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[Any] = []
    (shell,) = (each for each in of_page(NOTEBOOK, "sh") if "clarify-monitors" in each.code)
    (block,) = (each for each in of_page(NOTEBOOK, "python") if "cdk_clarify_monitors_operations" in each.code)

    assert "CompletedWithViolations" in run(shell)
    exec(compile(block.code, str(block), "exec"), {"print": lambda *values: printed.append(values)})  # noqa: S102

    assert [status for _, status, *_ in printed[:3]] == ["CompletedWithViolations", "Completed", "Failed"]
    assert ("sex", "1", "DPPL") not in printed
    assert len(printed) > 3 + 9


# ---------------------------------------------------------------- the notebook
BEFORE = [block for block in of_page(NOTEBOOK, "python") if "from sagemaker" in block.code]


def calls(block: Block) -> Iterator[tuple[str, set[str]]]:
    """The calls of a notebook that the recorded signatures know, with their arguments."""
    tree = ast.parse(block.code)
    (kind,) = set(re.findall(r"\bModel\w+Monitor\b", block.code))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else f"{kind}.{getattr(node.func, 'attr', '')}"
            name = "ClarifyModelMonitor" if name == kind else name
            name = f"CronExpressionGenerator.{name.rpartition('.')[2]}" if name.endswith(("hourly", "daily")) else name
            if name in SIGNATURES:
                assert not node.args
                yield name, {str(keyword.arg) for keyword in node.keywords}


def test_what_a_notebook_did_has_the_arguments_of_the_sdk() -> None:
    found = {}
    for block in BEFORE[2:]:
        for name, arguments in calls(block):
            required = {each for each, default in SIGNATURES[name].items() if default == "required"}
            assert required <= arguments <= set(SIGNATURES[name]), name
            found[name] = arguments
    assert {"ModelBiasMonitor.suggest_baseline", "ModelExplainabilityMonitor.create_monitoring_schedule"} <= set(found)
    assert {"ClarifyModelMonitor", "DataConfig", "EndpointInput", "SHAPConfig", "BiasConfig"} <= set(found)


def test_both_sdks_import_the_same_names() -> None:
    old, new = (set(re.findall(r"\b[A-Z]\w+|get_execution_role", block.code)) for block in BEFORE[:2])
    assert old == new


def test_what_takes_the_place_of_a_call_exists() -> None:
    table = [[cell.content for cell in row] for row in rows(ROOT / NOTEBOOK)]
    assert len(table) >= 11
    for _, shell, python in table:
        assert {words.split()[1] for words in re.findall(r"`clarify-monitors ([^`]+)`", f" {shell}")} <= {"NAME"}
        assert {words.split()[0] for words in re.findall(r"`clarify-monitors ([^`]+)`", shell)} <= set(cli.commands)
        for name in re.findall(r"`(\w+)`", python):
            assert hasattr(package.ClarifyModelMonitor, name), name


def test_the_page_speaks_of_every_subcommand() -> None:
    page = (ROOT / COMMAND).read_text(encoding="utf-8")
    assert [name for name in cli.commands if f"clarify-monitors {name}" not in page] == []
