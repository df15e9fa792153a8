"""The container's process: `python -m cdk_clarify_monitors_local.container ROOT`.

ROOT is the container's root folder: the job's inputs lie below `opt/ml/processing/input`, and what is written below
`opt/ml/processing/output` are its results. A message for the job's FailureReason goes to `opt/ml/output/message`.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
import time
import traceback
from pathlib import Path

from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.container._progress import say

_CONFIG = "opt/ml/processing/input/config/analysis_config.json"
_DATA = "opt/ml/processing/input/data"
_OUTPUT = "opt/ml/processing/output"
_MESSAGE = "opt/ml/output/message"

#: The variable that holds the joblib file of each model, by the model's name, as JSON.
_MODELS = "CLARIFY_LOCAL_MODELS"


def main() -> int:
    """Run the analysis; return the exit code."""
    root = Path(sys.argv[1])
    threading.Thread(target=_end_with_server, daemon=True).start()
    try:
        _run(root)
    except CustomerError as error:
        _fail(root, f"ClientError: {error}")
        return 1
    except Exception as error:
        say(traceback.format_exc())
        _fail(root, f"AlgorithmError: {type(error).__name__}: {error}, exit code: 255")
        return 255
    return 0


def _run(root: Path) -> None:
    started = time.monotonic()
    try:
        document = json.loads((root / _CONFIG).read_text())
    except FileNotFoundError as error:
        raise CustomerError(f"The job has no analysis configuration at /{_CONFIG}.") from error
    except ValueError as error:
        raise CustomerError(f"analysis_config.json is not JSON: {error}") from error
    say(f"Analysis configuration: {json.dumps(document)}")

    # Imported here: a missing file is told without waiting for pandas.
    from cdk_clarify_monitors_local.container._analysis import analyze

    analyze(document, root / _DATA, root / _OUTPUT, json.loads(os.environ.get(_MODELS, "{}")))
    say(f"Done in {time.monotonic() - started:.1f} s")


def _fail(root: Path, message: str) -> None:
    say(message)
    path = root / _MESSAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(message)


def _end_with_server() -> None:
    """Wait for the server's end of the pipe to close; a job without its server has nobody to report to."""
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        # Not through sys.stdin: its buffer's lock would hold up a normal end.
        while os.read(0, 1024):
            pass
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
