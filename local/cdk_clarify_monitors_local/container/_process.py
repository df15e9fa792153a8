"""The container's process: takes on what a job gives it, runs the analysis, and ends with the container's exit code.

The job's inputs lie below `opt/ml/processing/input` of the container's root folder, and what is written below
`opt/ml/processing/output` are its results. A message for the job's FailureReason or ExitMessage goes to
`opt/ml/output/message`.
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
from typing import Any

from cdk_clarify_monitors_local.container._errors import AlgorithmError, CustomerError
from cdk_clarify_monitors_local.container._progress import say
from cdk_clarify_monitors_local.container.monitoring._contract import Contract
from cdk_clarify_monitors_local.container.monitoring._merge import merge

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
    end_with_server()
    for descriptor in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(output.fileno(), descriptor)
    output.close()
    os.environ.clear()
    os.environ.update(environment)
    sys.exit(_exit_code(root, models))


def _exit_code(root: Path, models: Mapping[str, str]) -> int:
    started = time.monotonic()
    try:
        message = _work(root, models)
    except CustomerError as error:
        return _end(root, f"ClientError: {error}", 1)
    except AlgorithmError as error:
        return _end(root, f"AlgorithmError: {error}, exit code: 255", 255)
    except Exception as error:
        say(traceback.format_exc())
        return _end(root, f"AlgorithmError: {type(error).__name__}: {error}, exit code: 255", 255)
    if message is not None:
        _end(root, message, 0)
    say(f"Done in {time.monotonic() - started:.1f} s")
    return 0


def _work(root: Path, models: Mapping[str, str]) -> str | None:
    """Do what the job's environment asks for; return the message for its ExitMessage."""
    contract = Contract(root, os.environ)
    if contract.is_merge:
        merge(contract)
        return None
    document = _configuration(root, any_name=contract.is_analysis)
    # Imported here: the server imports this module, and needs none of the libraries.
    if contract.is_analysis:
        from cdk_clarify_monitors_local.container.monitoring import _analysis as monitoring

        return monitoring.analyze(document, contract, models)
    from cdk_clarify_monitors_local.container._analysis import analyze

    analyze(document, root / _DATA, root / _OUTPUT, models)
    return None


def _configuration(root: Path, *, any_name: bool) -> Any:
    path = root / CONFIG
    if any_name and not path.exists():
        path = next((found for found in sorted(path.parent.glob("*")) if found.is_file()), path)
    try:
        document = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise CustomerError(f"The job has no analysis configuration at /{CONFIG}.") from error
    except ValueError as error:
        raise CustomerError(f"analysis_config.json is not JSON: {error}") from error
    say(f"Analysis configuration: {json.dumps(document)}")
    return document


def _end(root: Path, message: str, exit_code: int) -> int:
    say(message)
    path = root / MESSAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(message)
    return exit_code


def end_with_server() -> None:
    """Let this process, which leads its group, end with the server's, and all that it has started with it."""
    threading.Thread(target=_wait_for_server, daemon=True).start()


def _wait_for_server() -> None:
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os.killpg(os.getpid(), signal.SIGKILL)
