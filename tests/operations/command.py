"""Runs `clarify-monitors` in this process."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any
from unittest import mock

import boto3
from botocore.loaders import Loader, create_loader
from click.testing import CliRunner

from cdk_clarify_monitors_operations.command import _application
from cdk_clarify_monitors_operations.command._cli import cli

# SageMaker's service model has megabytes: read once, and not by each call.
_LOADER: Loader = create_loader()
# What makes clients takes longer than most calls: those of the same account and environment share theirs.
_SESSIONS: dict[Any, Any] = {}
_REAL_SESSION, _make_session = boto3.Session, _application._session


def _session(*chosen: str | None, **configuration: Any) -> Any:
    if configuration or boto3.Session is not _REAL_SESSION:
        return _make_session(*chosen, **configuration)
    key = (chosen, *sorted(pair for pair in os.environ.items() if pair[0].startswith("AWS_")))
    if key not in _SESSIONS:
        session: Any = _make_session(*chosen)
        make = session.client
        clients: dict[Any, Any] = {}

        def client(service: str, **options: Any) -> Any:
            kind = (service, "config" in options)
            return clients[kind] if kind in clients else clients.setdefault(kind, make(service, **options))

        session.client = client
        _SESSIONS[key] = session
    return _SESSIONS[key]


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
    with (
        mock.patch("botocore.loaders.create_loader", return_value=_LOADER),
        mock.patch.object(_application, "_session", _session),
    ):
        ended = CliRunner().invoke(cli, arguments, prog_name="clarify-monitors", env=environment)
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return Ended(ended.exit_code, ended.stdout, ended.stderr)
