"""Apps with values that are known at deployment only, and what comes of them in a pretended AWS.

It runs the Lambda function's code on the resolved properties.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from tests.support.monitors.builders import UNSTAGED
from tests.support.recorded.outcome import Outcome, outcome
from tests.support.templates.deployment import Cloud

ACCOUNT, REGION = "111111111111", "eu-central-1"
DEFINITION = "AWS::SageMaker::ModelBiasJobDefinition"


def new_app(outdir: Path, **context: Any) -> cdk.App:
    return cdk.App(
        outdir=str(outdir),
        context={**UNSTAGED, **context},
        analytics_reporting=False,
    )


def deployed(outdir: Path, make: Callable[[cdk.Stack], Any], **parameters: str) -> Outcome:
    """The outcome of a stack for any account and region, with these parameters."""
    app = new_app(outdir)
    make(cdk.Stack(app, "Stack"))
    app.synth()
    return outcome(Cloud(ACCOUNT, REGION).deploy(outdir, "Stack", **parameters))


def parameter(stack: cdk.Stack, name: str, type_: str = "String") -> cdk.CfnParameter:
    return cdk.CfnParameter(stack, name, type=type_)


def text(stack: cdk.Stack, name: str) -> str:
    return parameter(stack, name).value_as_string


def number(stack: cdk.Stack, name: str) -> Any:
    return parameter(stack, name, "Number").value_as_number


def strings(stack: cdk.Stack, name: str, type_: str = "CommaDelimitedList") -> list[str]:
    return parameter(stack, name, type_).value_as_list
