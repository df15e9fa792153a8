"""What an error of AWS means for a deployment."""

import re

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

AWS_ERRORS = (ClientError, BotoCoreError, ConnectionError, TimeoutError)
"""All that a call of AWS can raise."""

IAM_SECONDS = 90
"""So long a refusal may come from a policy that is new and not known everywhere yet."""

_TRANSIENT_CODES = frozenset(
    (
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
    )
)
# Of a conditional write.
_OVERTAKEN_CODES = frozenset(("ConditionalRequestConflict", "NoSuchKey", "PreconditionFailed"))
_DENIED_CODES = frozenset(("AccessDenied", "AccessDeniedException", "Forbidden", "403", "UnauthorizedOperation"))
_MISSING_CODES = frozenset(("NoSuchKey", "NoSuchBucket", "404", "NotFound", "ResourceNotFound"))
_TOO_MANY_REQUESTS, _SERVER_ERROR = 429, 500


def code(error: BaseException) -> str:
    """AWS's error code, or ""."""
    return str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else ""


def message(error: BaseException) -> str:
    """AWS's message, or Python's."""
    return str(error.response["Error"].get("Message", "")) if isinstance(error, ClientError) else str(error)


def described(error: BaseException) -> str:
    """Call, code and message, and on what."""
    notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    if isinstance(error, ClientError):
        return f"{error.operation_name}{notes} was refused: {code(error)}: {message(error)}"
    return f"{type(error).__name__}{notes}: {error}"


def is_transient(error: BaseException) -> bool:
    """Is it an accident that goes by: throttling, a server's error, a broken connection, a lost race?"""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return (
            code(error) in _TRANSIENT_CODES | _OVERTAKEN_CODES
            or status == _TOO_MANY_REQUESTS
            or status >= _SERVER_ERROR
        )
    return isinstance(error, HTTPClientError | BotoConnectionError | ConnectionError | TimeoutError)


def is_denied(error: BaseException) -> bool:
    """Did IAM refuse? It does so for some seconds after a policy was made, too."""
    return code(error) in _DENIED_CODES


def is_key_refused(error: BaseException) -> bool:
    """Did the KMS key of an object refuse: disabled, gone, about to be deleted, or not ours to use?"""
    return code(error).startswith("KMS.") or (is_denied(error) and "kms:" in message(error))


def is_refused(error: BaseException) -> bool:
    """Did AWS answer that it has not done what was asked? After other errors it may have done it."""
    return isinstance(error, ClientError) and not is_transient(error)


def may_pass(error: BaseException, elapsed: float) -> bool:
    """May the same call succeed in a while?

    Args:
        error: What it ended with.
        elapsed: Seconds since the request came in. A refusal is not taken for final at once.
    """
    return is_transient(error) or (is_denied(error) and elapsed < IAM_SECONDS)


def is_missing(error: BaseException) -> bool:
    """Is there no such job, object or bucket?"""
    not_found = code(error) == "ValidationException" and "could not find" in message(error).lower()
    return code(error) in _MISSING_CODES or not_found


def is_role_not_ready(error: BaseException) -> bool:
    """Can SageMaker not assume the job's role? It cannot for some seconds after the role was made."""
    return code(error) in {"ValidationException", *_DENIED_CODES} and bool(
        re.search(r"assume\s*role", message(error), re.IGNORECASE)
    )


def is_name_taken(error: BaseException) -> bool:
    """Is there a job of this name?"""
    return code(error) == "ResourceInUse"


def is_quota_exhausted(error: BaseException) -> bool:
    """Has the account no instances left for now?"""
    return code(error) == "ResourceLimitExceeded"


def is_quota_too_small(error: BaseException) -> bool:
    """Is the account's quota smaller than what one job wants, so that no waiting helps?"""
    found = re.search(r"is (\d+) \S+, with current utilization .* request delta of (\d+)", message(error))
    return is_quota_exhausted(error) and found is not None and int(found[1]) < int(found[2])
