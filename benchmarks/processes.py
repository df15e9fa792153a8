"""Runs the apps that are compared, each in a process of its own as `cdk synth` would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent

OURS, PYTHON, JAVASCRIPT, EMPTY = "this library", "Python by hand", "JavaScript by hand", "empty stack"
FLEET = "a fleet"
APPS = {
    OURS: HERE / "apps" / "ours.py",
    PYTHON: HERE / "apps" / "handwritten.py",
    JAVASCRIPT: HERE / "apps" / "handwritten.js",
    EMPTY: HERE / "apps" / "empty.py",
    FLEET: HERE / "apps" / "fleet.py",
}
_STACK = "Monitors"


@dataclass(frozen=True)
class Run:
    """One process that synthesized an app.

    Attributes:
        seconds: From its start to its end.
        template: What it synthesized, as it stands in the file; empty: a fleet has many.
        output: What it printed.
    """

    seconds: float
    template: str
    output: str


def environment(output: str) -> dict[str, str]:
    """The environment of an app: as the cdk command sets it, without what would hide the differences.

    Args:
        output: The folder of the cloud assembly.
    """
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "CDK_OUTDIR": output,
        "CDK_CONTEXT_JSON": json.dumps(json.loads((ROOT / "cdk.json").read_text())["context"]),
        # The CDK's own rules for templates take seconds in each process, whoever wrote the app.
        "CDK_VALIDATION": "false",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": ",".join(map(str, range(18, 40))),
    }


def synthesize(app: str, monitors: int, *, observed: bool = False) -> Run:
    """Synthesize an app.

    Args:
        app: Its name in `APPS`.
        monitors: The number of its monitors.
        observed: Whether it runs inside `observed` (Python only). Its time means nothing then.
    """
    path = APPS[app]
    command = ["node", str(path)] if path.suffix == ".js" else [sys.executable, str(path)]
    if observed:
        command = [sys.executable, "-m", f"{__package__}.observed", str(path)]
    with (
        tempfile.TemporaryDirectory() as output,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603  our own apps
            [*command, str(monitors)], env=environment(output), cwd=ROOT, stdout=stdout, stderr=stderr
        )
        process.wait()
        seconds = time.perf_counter() - started
        if process.returncode:
            stderr.seek(0)
            raise RuntimeError(f"{path.name} with {monitors} monitors failed:\n{stderr.read().decode()}")
        stdout.seek(0)
        printed = stdout.read().decode()
        file = Path(output) / f"{_STACK}.template.json"
        template = "" if app == FLEET else file.read_text()
    return Run(seconds, template, printed)
