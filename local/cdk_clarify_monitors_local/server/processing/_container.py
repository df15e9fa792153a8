"""Runs the stand-in for the Clarify container: each job in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from cdk_clarify_monitors_local.container import _process
from cdk_clarify_monitors_local.server._forked_process import ForkedProcess


class ContainerProcess(ForkedProcess):
    """A running container.

    Args:
        root: The container's root folder.
        environment: All of its variables.
        models: The joblib file of each model, by the model's name.
    """

    def __init__(self, root: Path, environment: Mapping[str, str], models: Mapping[str, str]) -> None:
        super().__init__(_process.run, root, dict(environment), dict(models), duplex=False)

    def lines(self) -> Iterator[str]:
        """Yield what it prints, line by line, until its end."""
        with (
            self.connection,
            open(self.connection.fileno(), encoding="utf-8", errors="replace", closefd=False) as file,
        ):
            for line in file:
                yield line.rstrip("\n")
