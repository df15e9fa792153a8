"""An account that has what the examples name: a model, endpoints, data sets, the results of a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cdk_clarify_monitors_local import EmbeddedAws
from tests.support.embedded_aws.account import Account


@pytest.fixture(scope="session")
def account(diabetes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """One account for all examples of this process: each brings stacks of its own names."""
    with EmbeddedAws(models={"diabetes-model": diabetes_model}, asks_every=0.3) as aws:
        account = Account(aws, tmp_path_factory.mktemp("assemblies"))
        for bucket in ("loans-data", "diabetes-data"):
            account.create_bucket(bucket)
        for endpoint in ("diabetes-endpoint", "loans-endpoint"):
            aws.add_endpoint(endpoint)
        yield account


@pytest.fixture
def other_accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Account]]:
    """Two further accounts by their ids, each with the bucket of its data."""
    with ExitStack() as running:
        accounts = {}
        for id_ in ("111111111111", "222222222222"):
            aws = running.enter_context(EmbeddedAws(account=id_, region="eu-central-1", asks_every=0.3))
            accounts[id_] = Account(aws, tmp_path_factory.mktemp("assemblies"))
            accounts[id_].create_bucket(f"loans-{id_}")
        yield accounts
