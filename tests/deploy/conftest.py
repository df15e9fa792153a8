"""Accounts to deploy into, with data sets and impatient waiters."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from cdk_clarify_monitors_local import EmbeddedAws
from tests.support.embedded_aws.account import Account
from tests.support.embedded_aws.monitors import put_data

# Seconds from one question of CDK's waiters to the next: a few of them may ask often, many had better not.
_OFTEN, _SELDOM = 0.3, 1.5


@contextlib.contextmanager
def _new_account(
    model: Path, folder: Path, *, asks_every: float = _OFTEN, auth: bool = False, **more_models: Path
) -> Iterator[Account]:
    with EmbeddedAws(models={"diabetes-model": model, **more_models}, auth=auth, asks_every=asks_every) as aws:
        account = Account(aws, folder)
        put_data(account)
        yield account


@pytest.fixture(scope="session")
def shared_account(diabetes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The account of all tests of this process, for fixtures that several tests share."""
    with _new_account(diabetes_model, tmp_path_factory.mktemp("assemblies")) as account:
        yield account


@pytest.fixture
def account(shared_account: Account) -> Iterator[Account]:
    """The account of all tests of this process. Each test brings stacks of its own names."""
    yield shared_account
    shared_account.aws.clear_faults()


@pytest.fixture
def busy_account(diabetes_model: Path, tmp_path: Path) -> Iterator[Account]:
    """An account of its own, for many waiters at once, which ask less often."""
    with _new_account(diabetes_model, tmp_path, asks_every=_SELDOM) as account:
        yield account


@pytest.fixture(scope="session")
def model_of_sixty_features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The joblib file of a model that is quick to ask."""
    path = tmp_path_factory.mktemp("model") / "sixty-features.joblib"
    joblib.dump(LinearRegression().fit(np.eye(60), np.arange(60)), path)
    return path


@pytest.fixture(scope="session")
def strict_account(
    diabetes_model: Path, model_of_sixty_features: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Account]:
    """An account with IAM enforced."""
    models: dict[str, Any] = {"sixty-features": model_of_sixty_features}
    with _new_account(diabetes_model, tmp_path_factory.mktemp("assemblies"), auth=True, **models) as account:
        yield account
