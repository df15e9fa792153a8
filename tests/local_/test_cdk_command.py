"""The real cdk command, and what it is told: nothing of that reaches the app."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_clarify_monitors_local.cdk import _cdk_cli

APP = """
import json, os, pathlib, sys
import aws_cdk as cdk
pathlib.Path(sys.argv[1]).write_text(json.dumps(dict(os.environ)))
app = cdk.App()
cdk.Stack(app, "Told")
app.synth()
"""
PERIOD = "console.log(setTimeout(() => {}, Number(process.argv[1])).unref()._idleTimeout)"
PROMISE = """require("util").promisify(setTimeout)(1, "sleep returns its value").then(console.log)"""


def node(script: str, *arguments: str) -> str:
    """What a script prints in a process as the cdk command's."""
    run = subprocess.run(
        ["node", "-e", script, *arguments],  # noqa: S607 (as the cdk command finds it)
        env={**os.environ, "NODE_OPTIONS": _cdk_cli._node_options({})},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


def environment_of_an_app(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """The environment in which the cdk command runs an app."""
    app, found = folder / "app.py", folder / "environment.json"
    app.write_text(APP)
    ended = _cdk_cli.run(
        "list",
        [],
        app=shlex.join([sys.executable, str(app), str(found)]),
        context={},
        environment={**os.environ, **environment},
        cwd=folder,
        echo=None,
    )
    assert ended.stdout == "Told\n"
    return dict(json.loads(found.read_text()))


@pytest.mark.parametrize(
    ("version", "warning"),
    [
        ("v20.20.2", "Node.js 20.20.2 is past its end of life; use 22 or newer."),
        ("v21.0.0", "Node.js 21.0.0 is past its end of life; use 22 or newer."),
        ("v22.0.0", None),
        ("v24.19.0", None),
        ("v100.0.0-nightly", None),
    ],
)
def test_an_old_node_is_named_in_one_line(version: str, warning: str | None) -> None:
    assert _cdk_cli.end_of_life(version) == warning


def test_nothing_but_that_line_tells_of_the_node(tmp_path: Path) -> None:
    echoed: list[str] = []
    (tmp_path / "app.py").write_text("import aws_cdk as cdk\napp = cdk.App()\ncdk.Stack(app, 'Told')\napp.synth()\n")
    _cdk_cli.run(
        "list",
        [],
        app=shlex.join([sys.executable, "app.py"]),
        context={},
        environment=os.environ,
        cwd=tmp_path,
        echo=echoed.append,
    )
    warning = _cdk_cli.end_of_life(node("console.log(process.version)"))
    assert echoed == [*filter(None, [warning]), "Told"]


@pytest.mark.parametrize(("period", "waits"), [(2000, 100), (5000, 250), (1999, 1999), (300_000, 300_000)])
def test_cloudformation_is_asked_more_often(period: int, waits: int) -> None:
    assert node(PERIOD, str(period)) == str(waits)


def test_two_periods_of_the_cdk_command_are_shortened() -> None:
    source = Path(os.path.realpath(_cdk_cli.find())).parents[1].joinpath("lib", "index.js").read_text()
    assert "async function waitFor(valueProvider, timeout = 5e3) {" in source
    assert "pollingInterval = 2e3," in source


def test_promises_to_sleep_keep_their_value() -> None:
    assert node(PROMISE) == "sleep returns its value"


def test_the_package_may_lie_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / 'with "quotes" and \\ in its name.js'
    shutil.copy(_cdk_cli._IMPATIENCE, script)
    monkeypatch.setattr(_cdk_cli, "_IMPATIENCE", script)
    assert node(PERIOD, "5000") == "250"


@pytest.mark.slow
@pytest.mark.parametrize("options", ["", "--no-warnings --require events"])
def test_the_app_gets_the_callers_options_of_node(options: str, tmp_path: Path) -> None:
    told = environment_of_an_app(tmp_path, {"NODE_OPTIONS": options})
    assert told["NODE_OPTIONS"].strip() == options
