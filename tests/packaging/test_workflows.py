"""GitHub's workflows run what is here, with pinned actions and no more rights than they need."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.pages import name_of
from tests.support.repository import ROOT

OF_A_NEW_APP = ROOT / "local/cdk_clarify_monitors_local/new_app/template/.github/workflows/test.yml"
PATHS = [*sorted((ROOT / ".github" / "workflows").iterdir()), OF_A_NEW_APP]
WORKFLOWS: dict[str, Any] = {name_of(path): yaml.safe_load(path.read_text(encoding="utf-8")) for path in PATHS}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

each_workflow = pytest.mark.parametrize("path", PATHS, ids=name_of)


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for workflow in WORKFLOWS.values():
        yield from workflow["jobs"].items()


def steps() -> Iterator[dict[str, Any]]:
    for _, job in jobs():
        yield from job["steps"]


@each_workflow
def test_actions_are_pinned_by_commit_beside_a_version(path: Path) -> None:
    used = re.findall(r"uses: *(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert used != []
    assert [each for each in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


def test_an_action_has_the_same_pin_everywhere() -> None:
    pins = {step["uses"] for step in steps() if "uses" in step}
    assert len(pins) == len({pin.partition("@")[0] for pin in pins})


@each_workflow
def test_workflows_may_only_read(path: Path) -> None:
    assert WORKFLOWS[name_of(path)]["permissions"] == {"contents": "read"}


def test_only_publishing_may_prove_who_it_is() -> None:
    granted = {name: job["permissions"] for name, job in jobs() if "permissions" in job}
    assert granted == {"publish": {"id-token": "write"}}
    assert WORKFLOWS[".github/workflows/release.yml"]["jobs"]["publish"]["environment"] == "release"


@each_workflow
def test_no_secret_is_used(path: Path) -> None:
    assert "secrets." not in path.read_text(encoding="utf-8")


def test_what_is_checked_out_keeps_no_credentials() -> None:
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == len(list(jobs()))
    assert [step for step in checkouts if step.get("with", {}).get("persist-credentials") is not False] == []


def test_text_of_an_event_is_no_part_of_a_command() -> None:
    """A branch or a tag may be called `$(…)`: such text comes as an environment variable."""
    assert [step["run"] for step in steps() if "${{" in step.get("run", "")] == []


def test_each_target_of_make_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    commands = re.findall(r"make (.+)", "\n".join(step.get("run", "") for step in steps()))
    called = set(" ".join(commands).split())
    assert {"test", "test-versions", "demo", "audit", "package"} <= called
    assert called - targets == set()


def test_each_python_that_is_promised_is_run() -> None:
    promised = {each.split(" :: ")[-1] for each in PROJECT["classifiers"] if "Python :: 3." in each}
    lists = [step["with"]["python-version"] for step in steps() if "python-version" in step.get("with", {})]
    (of_versions,) = (text.split() for text in lists if "\n" in text)
    matrix = WORKFLOWS[".github/workflows/test.yml"]["jobs"]["test"]["strategy"]["matrix"]["include"]
    assert set(of_versions) == promised
    assert {each["python"] for each in matrix} == {min(promised), max(promised)}
