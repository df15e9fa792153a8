"""Fleets of bias monitors, and what was synthesized of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from cdk_clarify_monitors import ModelBiasMonitorConstruct, MonitorFleet
from tests.support.monitors.builders import FEATURE_FLAGS, bias_monitor

REGION = "eu-central-1"
ACCOUNTS = ("111111111111", "222222222222")
ENVIRONMENTS = [cdk.Environment(account=account, region=REGION) for account in ACCOUNTS]


def row(key: str, account: str = ACCOUNTS[0], **cells: Any) -> dict[str, Any]:
    """The row of a monitor."""
    return {"endpoint": key, "account": account, "region": REGION, **cells}


def build_monitor(stack: cdk.Stack, id_: str, row: Any) -> ModelBiasMonitorConstruct:
    """The bias monitor of a row; cells that have names of its arguments are these."""
    arguments = {name: value for name, value in row.items() if name not in ("endpoint", "account", "region")}
    return bias_monitor(
        stack, id_, endpoint_input=row["endpoint"], data_capture_s3_uri="s3://data/capture", **arguments
    )


def fleet(scope: Construct, rows: Iterable[Any], **changes: Any) -> MonitorFleet:
    """A fleet in two accounts, with two stacks in each."""
    given = {
        "rows": rows,
        "key": "endpoint",
        "environments": ENVIRONMENTS,
        "stacks_per_environment": 2,
        "build_monitor": build_monitor,
    }
    return MonitorFleet(scope, "Loans", **{**given, **changes})


def synthesize(folder: Path, rows: Iterable[Any], **changes: Any) -> dict[str, str]:
    """The templates of a fleet by the names of its stacks, to the byte."""
    app = cdk.App(outdir=str(folder), context=FEATURE_FLAGS, analytics_reporting=False)
    fleet(app, rows, **changes)
    artifacts = app.synth().stacks_recursively
    return {artifact.stack_name: Path(artifact.template_full_path).read_text() for artifact in artifacts}


def resources(template: str) -> dict[str, Any]:
    """The resources of a template."""
    found: dict[str, Any] = json.loads(template)["Resources"]
    return found
