"""An account that has what the examples name: a model, endpoints, data sets, the results of a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdk_clarify_monitors_local import EmbeddedAws
from tests.support.embedded_aws.account import Account


@pytest.fixture(scope="session")
def account(diabetes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """One account for all examples of this process: each brings stacks of its own names."""
    with EmbeddedAws(models={"diabetes-model": diabetes_model}, asks_every=0.3) as aws:
        account = Account(aws, tmp_path_factory.mktemp("assemblies"))
        account.create_bucket("loans-data")
        for endpoint in ("diabetes-endpoint", "loans-endpoint"):
            aws.add_endpoint(endpoint)
        yield account
