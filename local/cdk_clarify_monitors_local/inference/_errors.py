"""What an inference container answers if it cannot answer a request."""

from __future__ import annotations


class InferenceError(Exception):
    """A request without a prediction.

    Attributes:
        status: The HTTP status that the container answers.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
