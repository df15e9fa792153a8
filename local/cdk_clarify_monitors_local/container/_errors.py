"""The errors that end a job, in the words of the job's FailureReason."""

from __future__ import annotations


class CustomerError(Exception):
    """Something in the configuration, the data or the model is wrong. The FailureReason starts with `ClientError:`."""


class AlgorithmError(Exception):
    """Data are not what the container can read. The FailureReason starts with `AlgorithmError:`."""


def unsupported(what: str) -> CustomerError:
    """Return the error for what Clarify can do and this stand-in cannot."""
    return CustomerError(f"The embedded AWS's stand-in for Clarify does not support {what}.")
