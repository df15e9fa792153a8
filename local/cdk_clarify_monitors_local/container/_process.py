"""The container's process: takes on what a job gives it, runs the analysis, and ends with the container's exit code.

The job's inputs lie below `opt/ml/processing/input` of the container's root folder, and what is written below
`opt/ml/processing/output` are its results. A message for the job's FailureReason goes to `opt/ml/output/message`.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path

from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.container._progress import say

CONFIG = "opt/ml/processing/input/config/analysis_config.json"
_DATA = "opt/ml/processing/input/data"
_OUTPUT = "opt/ml/processing/output"
MESSAGE = "opt/ml/output/message"


def run(root: Path, environment: Mapping[str, str], models: Mapping[str, str], output: Connection) -> None:
    """Run the analysis in a process that was started for nothing else, and end it.

    Args:
        root: The container's root folder.
        environment: All variables of the process, the job's credentials among them.
        models: The joblib file of each model, by the model's name.
        output: Where all that is printed goes.
    """
    os.setsid()  # a job is stopped together with all that it has started
    threading.Thread(target=_end_with_server, daemon=True).start()
    for descriptor in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(output.fileno(), descriptor)
    output.close()
    os.environ.clear()
    os.environ.update(environment)
    sys.exit(_exit_code(root, models))


def _exit_code(root: Path, models: Mapping[str, str]) -> int:
    try:
        _analyze(root, models)
    except CustomerError as error:
        _fail(root, f"ClientError: {error}")
        return 1
    except Exception as error:
        say(traceback.format_exc())
        _fail(root, f"AlgorithmError: {type(error).__name__}: {error}, exit code: 255")
        return 255
    return 0


def _analyze(root: Path, models: Mapping[str, str]) -> None:
    started = time.monotonic()
    try:
        document = json.loads((root / CONFIG).read_text())
    except FileNotFoundError as error:
        raise CustomerError(f"The job has no analysis configuration at /{CONFIG}.") from error
    except ValueError as error:
        raise CustomerError(f"analysis_config.json is not JSON: {error}") from error
    say(f"Analysis configuration: {json.dumps(document)}")

    # Imported here: the server imports this module, and needs none of the libraries.
    from cdk_clarify_monitors_local.container._analysis import analyze

    analyze(document, root / _DATA, root / _OUTPUT, models)
    say(f"Done in {time.monotonic() - started:.1f} s")


def _fail(root: Path, message: str) -> None:
    say(message)
    path = root / MESSAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(message)


def _end_with_server() -> None:
    """Wait for the server's end, then end with all that was started: there is nobody left to report to."""
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os.killpg(os.getpid(), signal.SIGKILL)
