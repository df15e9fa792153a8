"""Start here, the tutorial that goes on from it, and the test of docs/local.md, are run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pages import Block, blocks, name_of
from tests.support.repository import ROOT

pytestmark = pytest.mark.deploy

_TOOLS = (Path(sys.executable).parent, ROOT / "node_modules" / ".bin")  # `python` and `cdk`
_VARIABLES = {**os.environ, "PATH": os.pathsep.join([*map(str, _TOOLS), os.environ["PATH"]])}


def of_page(page: str, language: str) -> list[Block]:
    return [block for block in blocks(language) if name_of(block.page) == page]


def run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, *arguments]
    ended = subprocess.run(command, cwd=folder, env=_VARIABLES, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of Start here and the tutorial, named as their texts name them, after the first step."""
    folder = tmp_path_factory.mktemp("tutorial")
    python = [*of_page("docs/start-here.md", "python"), *of_page("docs/see-a-monitor-find-drift.md", "python")]
    for name, block in zip(["train.py", "app.py", "watch.py"], python, strict=True):
        text = block.page.read_text().splitlines()[: block.line]
        assert re.findall(r"`(\w+\.py)`", "\n".join(text))[-1] == name
        (folder / name).write_text(block.code)
    run(folder, "train.py")
    return folder


@pytest.mark.slow
def test_the_tutorial_prints_what_it_says(folder: Path) -> None:
    (printed,) = of_page("docs/see-a-monitor-find-drift.md", "text")

    assert run(folder, "watch.py") == printed.code


@pytest.mark.slow
def test_the_test_of_a_users_stack_finds_drift(folder: Path) -> None:
    (block,) = (block for block in of_page("docs/local.md", "python") if "def test_" in block.code)
    (folder / "test_drift.py").write_text(block.code)

    assert len(block.code.splitlines()) < 25
    assert len(block.code[block.code.index("def test_") :].splitlines()) < 20
    assert "1 passed" in run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_drift.py")
