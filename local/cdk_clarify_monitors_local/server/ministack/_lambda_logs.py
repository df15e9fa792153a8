"""What functions log."""

from __future__ import annotations

from cdk_clarify_monitors_local.server.ministack._private_names import LAMBDA_RUNTIME, private, replace

#: Lambda gives the root logger a handler before it imports a function's module.
_LOGGING_SETUP = """
import logging as _logging, sys as _sys, time as _time
_formatter = _logging.Formatter("[%(levelname)s]\\t%(asctime)s.%(msecs)03dZ\\t%(message)s", "%Y-%m-%dT%H:%M:%S")
_formatter.converter = _time.gmtime
_handler = _logging.StreamHandler(_sys.stderr)
_handler.setFormatter(_formatter)
_logging.getLogger().addHandler(_handler)
"""


def keep_log_records_of_python_functions() -> None:
    """Send what Python functions log to their log group; MiniStack's worker drops it."""
    script = private(LAMBDA_RUNTIME, "_PYTHON_WORKER_SCRIPT")
    replace(LAMBDA_RUNTIME, "_PYTHON_WORKER_SCRIPT", _LOGGING_SETUP + script)
