"""Apps and stacks for the tests of the constructs."""

from pathlib import Path

import aws_cdk as cdk
import pytest

from tests.support.monitors.builders import ENVIRONMENT, UNSTAGED


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    return cdk.App(outdir=str(tmp_path / "cdk.out"), context=UNSTAGED, analytics_reporting=False)


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Stack", env=ENVIRONMENT)


@pytest.fixture
def agnostic_stack(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Agnostic")
