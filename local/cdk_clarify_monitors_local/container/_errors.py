"""The errors that end a job, in the words of the job's FailureReason."""

from __future__ import annotations

from importlib.util import find_spec


class CustomerError(Exception):
    """Something in the configuration, the data or the model is wrong. The FailureReason starts with `ClientError:`."""


class AlgorithmError(Exception):
    """Data are not what the container can read. The FailureReason starts with `AlgorithmError:`."""


def unsupported(what: str, remedy: str | None = None) -> CustomerError:
    """Return the error for what Clarify can do and this stand-in cannot.

    Args:
        what: What it is.
        remedy: What to do. Default: to try the monitor in AWS.
    """
    remedy = remedy or "Keep this monitor in a stack of its own, deploy the others here by --stack, and try it in AWS."
    return CustomerError(f"The embedded AWS's stand-in for Clarify does not support {what}. {remedy}")


def check_parquet_can_be_read() -> None:
    """Refuse Parquet where the library is not installed that reads it: `make demo` does without.

    Raises:
        AlgorithmError: It is not.
    """
    if find_spec("pyarrow") is None:
        raise AlgorithmError("Parquet needs pyarrow, which is not installed: pip install pyarrow")
