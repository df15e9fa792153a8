"""The judge of recorded cases, whose fake AWS also serves the other tests."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from cdk_clarify_monitors_local import EmbeddedAws
from tests.support.embedded_aws.monitored_hours import monitored_hours

JUDGE = Path(__file__).parent / "judge"
_REAL_TIME = SimpleNamespace(**vars(time))

# Importing the judge changes the environment: only the tests here may see that.
with mock.patch.dict(os.environ):
    sys.path.insert(0, str(JUDGE))
    try:
        import run_ops

        from tests.operations.account import Account
    finally:
        sys.path.remove(str(JUDGE))
    _ENVIRONMENT = dict(os.environ)


@pytest.fixture(autouse=True)
def offline(request: pytest.FixtureRequest) -> Iterator[None]:
    """Credentials that belong to nobody, and no configuration of this machine."""
    with mock.patch.dict(os.environ, _ENVIRONMENT, clear=True):
        yield


@pytest.fixture(autouse=True)
def ministack_in_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """MiniStack clears expired items of DynamoDB in a thread, also where a test only imported it.

    Where sleeping takes no time, the thread would never pause, and use up the sleeps that the judge allows.
    """
    if dynamodb := sys.modules.get("ministack.services.dynamodb"):
        monkeypatch.setattr(dynamodb, "time", _REAL_TIME)


@pytest.fixture(scope="session")
def judge() -> Any:
    """The judge: `run` carries out a case, `compare` finds the differences."""
    return run_ops


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that only waiting moves; how long each wait was."""
    slept: list[float] = []
    start, start_monotonic = time.time(), time.monotonic()

    def sleep(seconds: float) -> None:
        assert len(slept) < 2000, "waits for ever"
        slept.append(seconds)

    monkeypatch.setattr("time.sleep", sleep)
    monkeypatch.setattr("time.time", lambda: start + sum(slept))
    monkeypatch.setattr("time.monotonic", lambda: start_monotonic + sum(slept))
    return slept


@pytest.fixture
def account(clock: list[float]) -> Account:
    """An account with the bias monitor `credit` and the explainability monitor `shap`."""
    return Account()


@pytest.fixture(scope="session")
def monitored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An account in which two monitors have run; a test that changes them changes them back."""
    with monitored_hours(tmp_path_factory.mktemp("models")) as aws:
        yield aws


@pytest.fixture
def in_monitored(monitored: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """The same, and an environment that points at it."""
    with mock.patch.dict(os.environ, monitored.environment, clear=True):
        yield monitored
