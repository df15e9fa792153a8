"""What an error of AWS means for a deployment."""

import re

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

AWS_ERRORS = (ClientError, BotoCoreError, ConnectionError, TimeoutError)
"""Everything that a call of AWS can raise."""

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
# A conditional write has lost against another one.
_CONFLICT_CODES = frozenset(("ConditionalRequestConflict", "NoSuchKey", "PreconditionFailed"))
_DENIED_CODES = frozenset(("AccessDenied", "AccessDeniedException", "Forbidden", "403", "UnauthorizedOperation"))
_MISSING_CODES = frozenset(("NoSuchKey", "NoSuchBucket", "404", "NotFound", "ResourceNotFound"))
_TOO_MANY_REQUESTS, _SERVER_ERROR = 429, 500


def error_code(error: BaseException) -> str:
    """AWS's error code, or ""."""
    return str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else ""


def error_message(error: BaseException) -> str:
    """AWS's message, or Python's."""
    return str(error.response["Error"].get("Message", "")) if isinstance(error, ClientError) else str(error)


def describe(error: BaseException) -> str:
    """The error in words: call, resource, code and message."""
    notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    if isinstance(error, ClientError):
        return f"{error.operation_name}{notes} was refused: {error_code(error)}: {error_message(error)}"
    return f"{type(error).__name__}{notes}: {error}"


def is_transient(error: BaseException) -> bool:
    """True if the same call may succeed at once: throttling, server errors, broken connections, lost races."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return (
            error_code(error) in _TRANSIENT_CODES | _CONFLICT_CODES
            or status == _TOO_MANY_REQUESTS
            or status >= _SERVER_ERROR
        )
    return isinstance(error, HTTPClientError | BotoConnectionError | ConnectionError | TimeoutError)


def is_denied(error: BaseException) -> bool:
    """True if IAM has denied the call, which it also does for some seconds after a policy was created."""
    return error_code(error) in _DENIED_CODES


def is_key_refused(error: BaseException) -> bool:
    """True if an object's KMS key cannot be used: disabled, deleted, pending deletion, or not permitted."""
    return error_code(error).startswith("KMS.") or (is_denied(error) and "kms:" in error_message(error))


def is_refused(error: BaseException) -> bool:
    """True if the call has had no effect. After other errors it may have had one."""
    return isinstance(error, ClientError) and not is_transient(error)


def is_missing(error: BaseException) -> bool:
    """True if the job, schedule, object or bucket does not exist."""
    not_found = error_code(error) == "ValidationException" and "could not find" in error_message(error).lower()
    return error_code(error) in _MISSING_CODES or not_found


def is_role_not_ready(error: BaseException) -> bool:
    """True if SageMaker cannot assume the job's role, as for some seconds after its creation."""
    return error_code(error) in {"ValidationException", *_DENIED_CODES} and bool(
        re.search(r"assume\s*role", error_message(error), re.IGNORECASE)
    )


def is_name_taken(error: BaseException) -> bool:
    """True if a job has this name."""
    return error_code(error) == "ResourceInUse"


def is_quota_exhausted(error: BaseException) -> bool:
    """True if the account has no instances left for now."""
    return error_code(error) == "ResourceLimitExceeded"


def is_quota_too_small(error: BaseException) -> bool:
    """True if the account's quota is smaller than what the job needs: waiting does not help."""
    match = re.search(r"is (\d+) \S+, with current utilization .* request delta of (\d+)", error_message(error))
    return is_quota_exhausted(error) and match is not None and int(match[1]) < int(match[2])
