"""What the container says while it works; SageMaker sends it to CloudWatch Logs."""

from __future__ import annotations


def say(message: str) -> None:
    """Print a line at once."""
    print(message, flush=True)  # noqa: T201
