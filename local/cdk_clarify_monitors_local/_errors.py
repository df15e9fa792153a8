"""The errors of the embedded AWS, as a caller meets them."""

from __future__ import annotations


class EmbeddedAwsError(RuntimeError):
    """The embedded AWS could not be started, or could not do what was requested."""


class CdkError(RuntimeError):
    """The cdk command failed or cannot be found.

    Attributes:
        reason: Why, in one line.
        output: What the command has printed.
    """

    def __init__(self, reason: str, output: str = "") -> None:
        super().__init__(f"{output}\n{reason}" if output else reason)
        self.reason = reason
        self.output = output
