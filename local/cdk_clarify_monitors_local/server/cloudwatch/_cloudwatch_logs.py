"""Log streams of what SageMaker runs."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

_log = logging.getLogger("sagemaker")


def write(logs: Any, group: str, stream: str, lines: Sequence[str]) -> None:
    """Write lines to a log stream, which is made if there is none; without a permission for it nothing is written.

    Args:
        logs: A client of CloudWatch Logs.
        group: The log group's name.
        stream: The log stream's name.
        lines: What to write.
    """
    if not lines:
        return
    now = int(time.time() * 1000)
    try:
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_group(logGroupName=group)
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [{"timestamp": now, "message": line or " "} for line in lines]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    except (ClientError, BotoCoreError) as error:
        _log.warning("no logs in %s: %s", group, error)
