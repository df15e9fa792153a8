"""Runs `clarify-monitors` in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from unittest import mock

from botocore.loaders import Loader, create_loader
from click.testing import CliRunner

from cdk_clarify_monitors_operations.command._cli import cli

# SageMaker's service model has megabytes: read once, and not by each call.
_LOADER: Loader = create_loader()


@dataclass(frozen=True)
class Ended:
    """A call that has ended.

    Attributes:
        code: The exit code.
        out: What it printed.
        err: What it said on stderr.
    """

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document that it printed."""
        return json.loads(self.out)


def clarify_monitors(*arguments: str, **environment: str | None) -> Ended:
    """Run the command; None as a variable's value takes it away."""
    with mock.patch("botocore.loaders.create_loader", return_value=_LOADER):
        ended = CliRunner().invoke(cli, arguments, prog_name="clarify-monitors", env=environment)
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return Ended(ended.exit_code, ended.stdout, ended.stderr)
