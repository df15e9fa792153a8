"""Runs what depends on the CDK in each environment, and prints a table: `make test-versions`."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time

from tests.support.environments import ENVIRONMENTS, FOLDER, Environment, find_python
from tests.support.repository import ROOT

# One deployment is enough to see that the parts find each other; the others look for more than a version can break.
PARTS = (
    "tests/config",
    "tests/lambda_",
    "tests/monitors",
    "tests/parity",
    "tests/security",
    "tests/deploy/test_deploy_create.py",
)
_PYTEST = ("-n", "2", "--dist", "worksteal", "-p", "no:cacheprovider")
_VERSIONS = """
import json, platform, subprocess
from importlib.metadata import version
node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip().lstrip("v")
print(json.dumps([platform.python_version(), node, *map(version, ["aws-cdk-lib", "constructs", "jsii"])]))
"""
_HEAD = ["environment", "Python", "Node.js", "aws-cdk-lib", "constructs", "jsii", "outcome"]


def main() -> None:
    """Do what the command line says; a Python that is not there is said, and is no failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.versions", description=__doc__)
    names = [environment.name for environment in ENVIRONMENTS]
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(names)} (default: all)")
    wanted = parser.parse_args().names
    if unknown := set(wanted) - set(names):
        parser.error(f"there is no environment {', '.join(sorted(unknown))}")
    rows, failed = [_HEAD], False
    for environment in ENVIRONMENTS:
        if not wanted or environment.name in wanted:
            row, passed = _outcome(environment)
            rows.append(row)
            failed |= not passed
    _print("")
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        _print("  ".join(map(str.ljust, row, widths)).rstrip())
    sys.exit(failed)


def _outcome(environment: Environment) -> tuple[list[str], bool]:
    """A row of the table, and whether it is a good one."""
    python = find_python(environment.python)
    if python is None:
        return [environment.name, environment.python, *[""] * 4, "not run: there is no such Python here"], True
    _print(f"{environment.name}: installing")
    environment.make(python)
    asked = subprocess.run(
        [environment.interpreter, "-c", _VERSIONS],
        env=environment.variables(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    log = FOLDER / f"{environment.name}.log"
    _print(f"{environment.name}: testing; what pytest says is in {log.relative_to(ROOT)}")
    start = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        run = subprocess.run(
            [environment.interpreter, "-m", "pytest", *_PYTEST, *PARTS],
            cwd=ROOT, env=environment.variables(), stdout=output, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    counts = re.findall(r"\d+ (?:passed|failed|skipped|errors?)", log.read_text(encoding="utf-8").splitlines()[-1])
    outcome = f"{', '.join(counts) or f'pytest ended with {run.returncode}'} in {time.monotonic() - start:.0f} s"
    return [environment.name, *json.loads(asked.stdout), outcome], run.returncode == 0


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201  what it is for


if __name__ == "__main__":
    main()
