"""CloudFormation's own rules have nothing to say about the templates, neither cfn-lint's nor those of the CDK."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import BaselineOptions, BiasMetricThreshold, ClarifyDashboard
from cdk_clarify_monitors._spec.clarify_image import ACCOUNTS, REGIONS_WITHOUT_RESOURCE_TYPES
from tests.support.cdk_versions import needs_validations
from tests.support.monitors.all_options import bias_monitor_with_all_options, explainability_monitor_with_all_options
from tests.support.monitors.builders import FEATURE_FLAGS, bias_monitor, explainability_monitor
from tests.support.repository import ROOT
from tests.support.templates.lint import findings

pytestmark = pytest.mark.no_cover  # a tracer would follow cfn-lint, not the library

# Those with an image and with the resource types.
REGIONS = sorted(ACCOUNTS.keys() - REGIONS_WITHOUT_RESOURCE_TYPES)

VARIANTS: dict[str, Callable[[cdk.Stack], Any]] = {
    "Bias": bias_monitor,
    "Explainability": explainability_monitor,
    "BiasAllOptions": bias_monitor_with_all_options,
    "ExplainabilityAllOptions": explainability_monitor_with_all_options,
    "LongBaseline": lambda stack: bias_monitor(stack, baseline=BaselineOptions(timeout=cdk.Duration.hours(3))),
}


def alarmed(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    monitor.add_alarms(bias_metrics=[BiasMetricThreshold("DPPL", min_value=-0.1, max_value=0.1)])
    monitor.add_monitoring_alert("Alert", monitoring_alert_name="loans", datapoints_to_alert=1, evaluation_period=2)
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor])


VARIANTS["Alarmed"] = alarmed
SOURCE_ROOTS = ("constructs", "lambda", "local")


def synthesized(outdir: Path, variant: str, environment: cdk.Environment | None = None) -> str:
    app = cdk.App(outdir=str(outdir), context=FEATURE_FLAGS, analytics_reporting=False)
    VARIANTS[variant](cdk.Stack(app, variant, env=environment))
    app.synth()
    return (outdir / f"{variant}.template.json").read_text()


def test_there_are_twenty_regions() -> None:
    assert len(REGIONS) == 20


@pytest.mark.parametrize("variant", VARIANTS)
def test_cfn_lint_accepts_a_template_for_any_region(variant: Any, tmp_path: Path) -> None:
    assert findings(synthesized(tmp_path, variant), *REGIONS) == []


@pytest.mark.parametrize("region", ["eu-central-1", "us-isof-south-1"])
def test_cfn_lint_accepts_a_template_for_one_region(region: Any, tmp_path: Path) -> None:
    environment = cdk.Environment(account="111111111111", region=region)
    assert findings(synthesized(tmp_path, "Bias", environment), region) == []


def test_110_monitors_fit_into_a_stack(tmp_path: Path) -> None:
    """A template has 500 resources and a megabyte at most."""
    app = cdk.App(outdir=str(tmp_path), context=FEATURE_FLAGS, analytics_reporting=False)
    stack = cdk.Stack(app, "Loans")
    for number in range(110):
        make = bias_monitor if number % 2 else explainability_monitor
        make(stack, f"Monitor{number:03}", data_capture_s3_uri=f"s3://data/captured/{number}")
    app.synth()
    template = (tmp_path / "Loans.template.json").read_text()
    assert len(json.loads(template)["Resources"]) <= 500
    assert len(template.encode()) <= 1_000_000


def test_cfn_lint_finds_what_is_wrong(tmp_path: Path) -> None:
    template = json.loads(synthesized(tmp_path, "Bias"))
    (definition,) = (r for r in template["Resources"].values() if r["Type"].endswith("JobDefinition"))
    del definition["Properties"]["RoleArn"]
    (finding,) = findings(json.dumps(template), *REGIONS)
    assert finding.startswith("E3003 ")


def test_cfn_lint_accepts_the_example(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, ROOT / "app.py"],
        check=True,
        capture_output=True,
        env={**os.environ, "CDK_OUTDIR": str(tmp_path), "CDK_VALIDATION": "false"},
    )
    assert findings((tmp_path / "DiabetesMonitors.template.json").read_text(), *REGIONS) == []


VALIDATED = """\
import sys
import aws_cdk as cdk
from tests.support.monitors.builders import FEATURE_FLAGS
from tests.monitors.test_lint import VARIANTS

app = cdk.App(outdir=sys.argv[1], context=FEATURE_FLAGS)
for name, make in VARIANTS.items():
    make(cdk.Stack(app, name, env=cdk.Environment(account="111111111111", region="eu-central-1")))
cdk.CfnResource(cdk.Stack(app, "Wrong"), "Schedule", type="AWS::SageMaker::MonitoringSchedule")
app.synth()
"""


@pytest.mark.slow
@needs_validations
def test_the_cdks_own_validation_finds_only_what_is_wrong(tmp_path: Path) -> None:
    """With what users have: the CDK validates by default, its rules' violations are errors."""
    environment = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, (ROOT, *(ROOT / name for name in SOURCE_ROOTS))))
    command = [sys.executable, "-c", VALIDATED, str(tmp_path)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "ValidationFailed" in run.stderr
    reports = json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
    violations = [
        (construct["constructPath"], violation["description"])
        for report in reports
        for violation in report["violations"]
        for construct in violation["violatingConstructs"]
        if "cdk-clarify-monitors:" not in violation["ruleName"]  # the library's own warnings
    ]
    assert sorted(violations) == [
        ("Wrong/Schedule", f"Properties: '{name}' is a required property")
        for name in ("MonitoringScheduleConfig", "MonitoringScheduleName")
    ]
