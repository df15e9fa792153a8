"""What a SageMaker request is refused with, and what a job fails with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """A request that the service refuses.

    Attributes:
        code: The error's name as a client sees it, e.g. `ValidationException`.
        status: The HTTP status.
        details: What the answer has beside the message.
    """

    def __init__(self, code: str, message: str, status: int = 400, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.details = dict(details or {})


def validation_error(message: str) -> ApiError:
    """Return the error SageMaker gives for a request it understands but does not accept."""
    return ApiError("ValidationException", message)


class JobFailedError(Exception):
    """A processing job cannot go on; the text becomes its FailureReason.

    Attributes:
        exit_message: What its container said, if that becomes its ExitMessage.
    """

    def __init__(self, reason: str, exit_message: str | None = None) -> None:
        super().__init__(reason)
        self.exit_message = exit_message
