"""Errors in one line, with the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from cdk_clarify_monitors_operations._errors import (
    AccessDenied,
    ClarifyOperationsError,
    DefinitionNotFound,
    InvalidArgument,
    NothingToUpdate,
    ScheduleNotFound,
    ServiceError,
    WaitTimeout,
)

# What the client's messages tell Python, and what that is here.
_IN_PYTHON: Final = (
    ("pass override_stack=True to", "add --override-stack to"),
    (
        "explain_failure() tells what was looked for, and what is there",
        "`clarify-monitors executions NAME --explain` tells what was looked for, and what is there",
    ),
    ("which suggested_constraints() reads", "which `clarify-monitors constraints` shows"),
    ("Call start_monitoring_schedule()", "`clarify-monitors start NAME` starts it"),
    ("run_now() tries it out", "`clarify-monitors run-now NAME` tries it out"),
    ("update_monitoring_schedule(enable_cloudwatch_metrics=True)", "`clarify-monitors update NAME --metrics`"),
    ("delete_replaced_definitions() deletes", "`clarify-monitors delete NAME --only-replaced-definitions` deletes"),
)
_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_UNKNOWN_CALLER: Final = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
)

_THROTTLED: Final = frozenset(
    {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
)

_LOG_IN: Final = "Log in again, for example with `aws sso login`"
_REGION: Final = "Choose one with --region or AWS_REGION"
_LOCAL: Final = 'for the embedded AWS: eval "$(clarify-local env)"'


def in_words_of_the_command(text: str, name: str | None = None) -> str:
    """Return a message of the client as users of the command can follow it, in one line.

    Args:
        text: The message.
        name: The monitor that it is about.
    """
    for python, command in _IN_PYTHON:
        text = text.replace(python, command.replace("NAME", name or "NAME"))
    return " ".join(text.split())


def explanation(error: Exception, options: Mapping[str, str]) -> str | None:
    """Return what went wrong and what to do, in one line; None for what nobody has foreseen.

    Args:
        error: The error.
        options: What arguments are called on the command line, by their names in Python.
    """
    if isinstance(error, ClarifyOperationsError):
        text = in_words_of_the_command(str(error), error.schedule)
        if isinstance(error, InvalidArgument):
            names = {**options, "monitor_schedule_name": options.get("name", "NAME")}
            text = re.sub(r"'(\w+)'", lambda found: names.get(found[1], found[0]), text)
        return f"{text}{_remedy(error)}"
    if isinstance(error, OSError) and error.strerror is not None:
        return f"{error.filename}: {error.strerror}" if error.filename is not None else error.strerror
    from botocore import exceptions

    if isinstance(error, exceptions.BotoCoreError | exceptions.ClientError):
        return in_words_of_the_command(_of_botocore(error))
    if isinstance(error, ValueError) and "Invalid endpoint" in str(error):  # botocore's, of an empty region
        return f"{error}. {_REGION}; {_LOCAL}"
    return None


def _remedy(error: ClarifyOperationsError) -> str:
    if isinstance(error, ScheduleNotFound):
        return ". `clarify-monitors list` shows those that there are; --region and --profile choose where it looks"
    if isinstance(error, DefinitionNotFound):
        return f". Deploy its stack again, or delete the schedule: `clarify-monitors delete {error.schedule or 'NAME'}`"
    if isinstance(error, NothingToUpdate):
        return " See `clarify-monitors update --help` for what can be changed"
    if isinstance(error, WaitTimeout):
        name = error.schedule or "NAME"
        return f" See how it goes on with `clarify-monitors show {name}`"
    if isinstance(error, AccessDenied):
        return ". Ask for this permission, or take on a role that has it, with --role-arn or --profile"
    if isinstance(error, ServiceError):
        return _of_code(error.code, refused=error.refused)
    return ""


def _of_code(code: str, *, refused: bool = True) -> str:
    if code in _EXPIRED:
        return f". {_LOG_IN}"
    if code in _UNKNOWN_CALLER:
        return f". Are these the credentials of this account? {_LOG_IN}; {_LOCAL}"
    if code in _THROTTLED:
        return ". Others ask at the same time: try again in a minute. AWS_MAX_ATTEMPTS=20 tries for longer"
    return "" if refused else ". Nothing is known of what it did: look again in a minute, and repeat it"


def _of_botocore(error: Exception) -> str:
    from botocore import exceptions

    match error:
        case exceptions.ProfileNotFound():
            import botocore.session

            known = ", ".join(sorted(botocore.session.Session().available_profiles)) or "none"
            return f"{error}. There are: {known}"
        case exceptions.NoCredentialsError() | exceptions.PartialCredentialsError():
            return f"{error}. {_LOG_IN}, or choose a profile with --profile or AWS_PROFILE; {_LOCAL}"
        case exceptions.NoRegionError():
            return f"{error} {_REGION}; {_LOCAL}"
        case exceptions.UnauthorizedSSOTokenError() | exceptions.SSOTokenLoadError() | exceptions.TokenRetrievalError():
            return f"{error}. {_LOG_IN}"
        case exceptions.HTTPClientError() | exceptions.ConnectionError():
            return f"{error}. Is AWS_ENDPOINT_URL right, does what it names run, and is there such a region? {_LOCAL}"
        case exceptions.ClientError():
            return f"{error}{_of_code(error.response.get('Error', {}).get('Code', ''))}"
    return str(error)
