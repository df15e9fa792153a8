"""Where it is measured: the date, the machine, the versions."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from .results import Environment

_PACKAGES = ("cdk-clarify-monitors", "aws-cdk-lib", "constructs", "jsii", "boto3")


def look() -> Environment:
    """Look around."""
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)  # noqa: S607  of the PATH
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": {
            "Python": platform.python_version(),
            "Node.js": node.stdout.strip().removeprefix("v"),
            **{package: metadata.version(package) for package in _PACKAGES},
        },
        "cpus": os.cpu_count() or 1,
        "cpu": _cpu(),
        "system": platform.system(),
    }


def _cpu() -> str:
    """The processor's name; Python knows it on some systems only."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
