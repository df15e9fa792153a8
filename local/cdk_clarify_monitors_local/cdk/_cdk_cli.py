"""Runs the cdk command: the real one, without network, telemetry or questions, and with less patience."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from cdk_clarify_monitors_local._errors import CdkError
from cdk_clarify_monitors_local.cdk import _failed_deployment

# jsii and cdk warn on every start, in a dozen lines, about a Node.js that is near or past its end of life; they take a
# list of versions. One line about one that is past it is enough.
_NODE_VERSIONS = ",".join(str(version) for version in range(18, 40))

_OLDEST_NODE = 22
# How a command ends that Ctrl-C has reached, which all processes of a terminal get.
_INTERRUPTED = (-signal.SIGINT, 128 + signal.SIGINT)

#: What keeps the command quiet and offline.
_QUIET = {
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "CDK_DISABLE_VERSION_CHECK": "1",
    "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": _NODE_VERSIONS,
    "JSII_SILENCE_WARNING_KNOWN_BROKEN_NODE_VERSION": "1",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    "NODE_NO_WARNINGS": "1",
}

_IMPATIENCE = Path(__file__).parent / "_impatient_cdk.js"

_NOT_ASKING = {"deploy": ["--require-approval", "never", "--progress", "events"], "destroy": ["--force"]}


def find() -> str:
    """Return the cdk command: of the nearest `node_modules` up from here, else of the PATH.

    Raises:
        CdkError: There is none, or no Node.js to run it.
    """
    if shutil.which("node") is None:
        raise CdkError("Node.js is needed to run the AWS CDK; install it from https://nodejs.org/.")
    here = Path.cwd()
    for folder in (here, *here.parents):
        command = folder / "node_modules" / ".bin" / "cdk"
        if command.exists():
            return str(command)
    command_on_path = shutil.which("cdk")
    if command_on_path is None:
        raise CdkError("The cdk command is needed; install it with `npm install aws-cdk`.")
    return command_on_path


def run(
    command: str,
    arguments: Sequence[str],
    *,
    app: str | os.PathLike[str] | None,
    context: Mapping[str, str],
    environment: Mapping[str, str],
    cwd: str | os.PathLike[str] | None,
    echo: Callable[[str], None] | None,
) -> subprocess.CompletedProcess[str]:
    """Run a cdk command.

    Args:
        command: Its name, e.g. `deploy`.
        arguments: Its arguments.
        app: The app's command line or a cloud assembly's folder.
        context: Context values.
        environment: The environment, which points at an AWS account.
        cwd: The folder to run it in.
        echo: Gets every line of its output as it comes.

    Returns:
        The finished command; `stdout` has all of its output, but for stack traces of JavaScript.

    Raises:
        CdkError: There is no cdk command.
    """
    line = [find(), command, *arguments, *_NOT_ASKING.get(command, ()), "--no-notices", "--no-color"]
    if app is not None:
        # cdk drops a quote that begins an argument together with the one that ends it: '/a b/python' '/a b/app.py'
        line += ["--app", f" {app}" if str(app).startswith(("'", '"')) else str(app)]
    for key, value in context.items():
        line += ["--context", f"{key}={value}"]
    if echo is not None and (warning := end_of_life(_node_version())):
        echo(warning)
    process = subprocess.Popen(  # noqa: S603 (the caller's own command)
        line,
        env={**environment, **_QUIET, "NODE_OPTIONS": _node_options(environment)},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines = []
    with process:
        assert process.stdout is not None  # noqa: S101 (for the type checker)
        for text in process.stdout:
            if _failed_deployment.is_stack_trace(text.rstrip("\n")):
                continue
            lines.append(text)
            if echo is not None:
                echo(text.rstrip("\n"))
    if process.returncode in _INTERRUPTED:
        raise KeyboardInterrupt
    return subprocess.CompletedProcess(line, process.returncode, "".join(lines))


def end_of_life(version: str) -> str | None:
    """What there is to say of a version of Node.js as it tells it itself, such as `v20.1.0`."""
    if int(version.removeprefix("v").partition(".")[0]) >= _OLDEST_NODE:
        return None
    return f"Node.js {version.removeprefix('v')} is past its end of life; use {_OLDEST_NODE} or newer."


@cache
def _node_version() -> str:
    command = ["node", "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


def _node_options(environment: Mapping[str, str]) -> str:
    # Between double quotes a backslash escapes, as in JSON.
    return f"{environment.get('NODE_OPTIONS', '')} --require {json.dumps(str(_IMPATIENCE), ensure_ascii=False)}"
