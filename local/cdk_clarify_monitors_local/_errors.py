"""The errors of the embedded AWS, as a caller meets them."""

from __future__ import annotations


class EmbeddedAwsError(RuntimeError):
    """The embedded AWS could not be started or did not do what it was asked."""


class CdkError(RuntimeError):
    """The cdk command failed or cannot be found."""
