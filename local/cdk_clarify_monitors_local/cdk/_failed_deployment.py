"""Says why a deployment has failed: in one line, and in the few lines of the cdk command's output that tell more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cdk_clarify_monitors_local.cdk._activity import has_failed, stack_of_event
from cdk_clarify_monitors_local.cdk._python_traceback import last_traceback

_STACK_TRACE = re.compile(
    r"^\s+at .+(:\d+:\d+\)?|\(<anonymous>\)|\(native\))$|^\s*\(no user code in |^Source Location: "
)
_NO_REASON = re.compile(
    r"^(‣|❌|✨|\[|Failed resources:|CloudTrail delivery|current credentials could not)|Subprocess exited with error"
)
_CANCELLED = ("Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled")
# What has gone well, or goes without saying.
_CHATTER = re.compile(r"^(✨|\[|INFO |Node\.js [\d.]+ is past)|: (start|success): |Subprocess exited with error")
_NO_STACK = "No stacks match the name"
_MAX_REASON = 1500  # characters
_MAX_LINES = 15


def is_stack_trace(line: str) -> bool:
    """Whether a line of the cdk command's output shows where in JavaScript something went wrong."""
    return _STACK_TRACE.match(line) is not None


def reason(cloudformation: Any, printed: Sequence[str]) -> str:
    """Return why a deployment has failed: the resource, and what its service said.

    Args:
        cloudformation: A CloudFormation client.
        printed: What the cdk command has printed.
    """
    for stack in dict.fromkeys(filter(None, map(stack_of_event, printed))):
        try:
            event = _first_failure(cloudformation, stack)
        except (ClientError, BotoCoreError):
            continue
        if event is not None:
            resource = f"{event['LogicalResourceId']} ({event['ResourceType']})"
            return f"{stack}: {resource}: {_one_line(event.get('ResourceStatusReason', 'no reason was given'))}"
    raised = last_traceback(printed)
    if raised is not None:
        return f"{raised.place()}{raised.message}"[:_MAX_REASON]
    words = _one_line(_last_words(printed))
    return f"{words}; `cdk list` names the app's stacks." if words.startswith(_NO_STACK) else words


def condensed(printed: Sequence[str]) -> list[str]:
    """Return the few lines of a failed command's output that tell more than the reason does.

    Of a Python app that raises, these are the frames in the user's own files; of a deployment, the events of what has
    failed; else the last lines that say something.

    Args:
        printed: What the cdk command has printed.
    """
    raised = last_traceback(printed)
    if raised is not None:
        return [*raised.frames, *raised.error.splitlines()]
    events = [line for line in printed if stack_of_event(line) is not None]
    if events:
        return list(dict.fromkeys(" ".join(line.split()) for line in events if has_failed(line)))
    told = [line for line in printed if line.strip() and not is_stack_trace(line) and not _CHATTER.search(line)]
    return told[-_MAX_LINES:]


def _first_failure(cloudformation: Any, stack: str) -> dict[str, Any] | None:
    """Return the event of the resource that failed first in a stack's last operation, None if there is none."""
    found = None
    for event in _events_of_last_operation(cloudformation, stack):
        cancelled = event.get("ResourceStatusReason", "").startswith(_CANCELLED)
        is_stack = event["PhysicalResourceId"] == event["StackId"]
        if event["ResourceStatus"].endswith("_FAILED") and not cancelled and not is_stack:
            found = event
    return found


def _events_of_last_operation(cloudformation: Any, stack: str) -> Iterator[dict[str, Any]]:
    """Yield the events from the last one to the operation's beginning."""
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack):
        for event in page["StackEvents"]:
            yield event
            begins = event["ResourceStatus"] in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
            if begins and event["PhysicalResourceId"] == event["StackId"]:
                return


def _last_words(printed: Sequence[str]) -> str:
    spoken = [line.strip() for line in printed if line.strip() and not is_stack_trace(line)]
    meant = [line for line in spoken if not _NO_REASON.search(line)]
    return (meant or spoken or ["it printed nothing"])[-1]


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if not is_stack_trace(line)]
    return " ".join(filter(None, lines))[:_MAX_REASON]
