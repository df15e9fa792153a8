"""Accounts to deploy into: one for each test file, with a data set and fast waiters."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdk_clarify_monitors_local import EmbeddedAws
from tests.deploy.account import Account
from tests.deploy.monitors import put_data

# CDK's waiter asks every ten seconds. MiniStack's Step Functions shorten all waiting times by a factor.
_OFTEN, _SELDOM = "0.03", "0.3"


@contextlib.contextmanager
def _new_account(model: Path, folder: Path, *, waiters_ask: str = _OFTEN, auth: bool = False) -> Iterator[Account]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SFN_WAIT_SCALE", waiters_ask)
        with EmbeddedAws(models={"diabetes-model": model}, auth=auth) as aws:
            account = Account(aws, folder)
            put_data(account)
            yield account


@pytest.fixture(scope="module")
def account_of_module(diabetes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The account of a test file, for its fixtures."""
    with _new_account(diabetes_model, tmp_path_factory.mktemp("assemblies")) as account:
        yield account


@pytest.fixture
def account(account_of_module: Account) -> Iterator[Account]:
    """The account of the test file. Each test brings stacks of its own names."""
    yield account_of_module
    account_of_module.aws.clear_faults()


@pytest.fixture
def busy_account(diabetes_model: Path, tmp_path: Path) -> Iterator[Account]:
    """An account for many waiters at once, which ask less often."""
    with _new_account(diabetes_model, tmp_path, waiters_ask=_SELDOM) as account:
        yield account


@pytest.fixture(scope="session")
def strict_account(diabetes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account with IAM enforced."""
    with _new_account(diabetes_model, tmp_path_factory.mktemp("assemblies"), auth=True) as account:
        yield account
