"""Stacks whose security is looked at, and what is synthesized from them."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest

from tests.support.monitors.builders import UNSTAGED
from tests.support.templates.iam import ACCOUNT, REGION, Synthesize, Template


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    return cdk.App(
        outdir=str(tmp_path / "cdk.out"),
        context=UNSTAGED,
        analytics_reporting=False,
    )


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Loans", env=cdk.Environment(account=ACCOUNT, region=REGION))


@pytest.fixture
def synthesize(app: cdk.App) -> Synthesize:
    """Synthesizes the app, and returns a stack's template."""

    def synthesized(stack: cdk.Stack, partition: str = "aws") -> Template:
        return Template(app.synth().get_stack_by_name(stack.stack_name).template, partition)

    return synthesized
