"""A stack for the tests of the documentation."""

import aws_cdk as cdk
import pytest


@pytest.fixture
def stack() -> cdk.Stack:
    app = cdk.App(analytics_reporting=False)
    return cdk.Stack(app, "Stack", env=cdk.Environment(account="111111111111", region="eu-central-1"))
