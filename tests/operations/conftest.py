"""The judge of recorded cases, whose fake AWS also serves the other tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

JUDGE = Path(__file__).parent / "judge"

# Importing the judge changes the environment: only the tests here may see that.
with mock.patch.dict(os.environ):
    sys.path.insert(0, str(JUDGE))
    try:
        import fake_ops
        import run_ops
    finally:
        sys.path.remove(str(JUDGE))
    _ENVIRONMENT = dict(os.environ)


@pytest.fixture(autouse=True)
def offline(request: pytest.FixtureRequest) -> Iterator[None]:
    """Credentials that belong to nobody, and no configuration of this machine."""
    with mock.patch.dict(os.environ, _ENVIRONMENT, clear=True):
        yield


@pytest.fixture(scope="session")
def judge() -> Any:
    """The judge: `run` carries out a case, `compare` finds the differences."""
    return run_ops


@pytest.fixture
def fake_aws() -> Any:
    """Makes a fake AWS of a document such as the cases have; every answer fits botocore's models."""

    def make(aws: dict[str, Any]) -> Any:
        return fake_ops.FakeOps(aws, "us-west-2", "123456789012")

    return make
