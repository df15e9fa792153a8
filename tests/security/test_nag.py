"""cdk-nag has nothing to say about what the library makes that docs/security.md does not answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

from cdk_clarify_monitors import BaselineFunctions, BaselineOptions, NetworkConfig
from tests.support.monitors.all_options import bias_monitor_with_all_options, explainability_monitor_with_all_options
from tests.support.monitors.builders import bias_monitor, explainability_monitor
from tests.support.repository import ROOT
from tests.support.templates.iam import ACCOUNT, REGION
from tests.support.templates.nag import AwsSolutionsChecks, findings


def _both(stack: cdk.Stack) -> None:
    bias_monitor(stack)
    explainability_monitor(stack)


def _functions_in_vpc(stack: cdk.Stack) -> None:
    BaselineFunctions.of(stack).run_in_vpc(ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1))
    network = NetworkConfig(subnets=["subnet-1"], security_group_ids=["sg-1"])
    bias_monitor(stack, network_config=network)


def _given_bucket_and_key(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "OutputKey", enable_key_rotation=True)
    bucket = s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.KMS, encryption_key=key, enforce_ssl=True)
    bias_monitor(stack, bucket=bucket, output_kms_key=kms.Alias.from_alias_name(stack, "Alias", "alias/x"))


def _given_role(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Given", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    bias_monitor(stack, role=role)


def _role_of_another_stack(stack: cdk.Stack) -> None:
    app: Any = stack.node.root
    roles = cdk.Stack(app, "Roles", env=cdk.Environment(account=ACCOUNT, region=REGION))
    role = iam.Role(roles, "Given", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    monitors = cdk.Stack(app, "Monitors", env=cdk.Environment(account=ACCOUNT, region=REGION))
    bias_monitor(monitors, role=role)


def _roles_reported(stack: cdk.Stack) -> None:
    iam.Role.customize_roles(stack, prevent_synthesis=False)
    bias_monitor(stack)


def _capture_of_the_app(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.S3_MANAGED, enforce_ssl=True)
    capture = sagemaker.CfnEndpointConfig.DataCaptureConfigProperty(
        capture_options=[sagemaker.CfnEndpointConfig.CaptureOptionProperty(capture_mode="Input")],
        destination_s3_uri=bucket.s3_url_for_object("capture"),
        enable_capture=True,
        initial_sampling_percentage=100,
        kms_key_id="alias/capture",
    )
    config = sagemaker.CfnEndpointConfig(stack, "Given", production_variants=[], data_capture_config=capture)
    name = config.attr_endpoint_config_name
    endpoint = sagemaker.CfnEndpoint(stack, "GivenEndpoint", endpoint_config_name=name)
    bias_monitor(stack, endpoint_input=endpoint.attr_endpoint_name)


def _outputs_removed(stack: cdk.Stack) -> None:
    bias_monitor(stack, baseline=BaselineOptions(remove_outputs=True, dataset_identity=True))


STACKS: dict[str, Callable[[cdk.Stack], Any]] = {
    "both": _both,
    "bias with all options": bias_monitor_with_all_options,
    "explainability with all options": explainability_monitor_with_all_options,
    "functions in a VPC": _functions_in_vpc,
    "given bucket and key": _given_bucket_and_key,
    "given role": _given_role,
    "role of another stack": _role_of_another_stack,
    "roles reported": _roles_reported,
    "outputs removed": _outputs_removed,
    "capture of the app": _capture_of_the_app,
}


@pytest.mark.parametrize("known", [True, False], ids=["one region", "any region"])
@pytest.mark.parametrize("name", STACKS)
def test_cdk_nag_finds_nothing_that_is_not_answered(app: cdk.App, name: Any, known: Any) -> None:
    environment = cdk.Environment(account=ACCOUNT, region=REGION) if known else None
    STACKS[name](cdk.Stack(app, "Nagged", env=environment))
    assert findings(app) == []


def test_cdk_nag_finds_nothing_as_a_plugin_either(app: cdk.App, stack: cdk.Stack, tmp_path: Path) -> None:
    """The way the documentation of cdk-nag shows, where the CDK itself takes the acknowledgements into account."""
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    _both(stack)
    report = Path(app.synth().directory) / "validation-report.json"
    assert not report.exists() or '"severity": "error"' not in report.read_text()


def test_what_users_add_is_still_checked(app: cdk.App, stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    monitor.role.add_to_principal_policy(iam.PolicyStatement(actions=["s3:*"], resources=["*"]))
    found = findings(app)
    assert [finding.split(" at ")[0] for finding in found] == [
        "AwsSolutions-IAM5[Action::s3:*]",
        "AwsSolutions-IAM5[Resource::*]",
    ]


def test_the_library_does_not_need_cdk_nag() -> None:
    code = "import sys; import cdk_clarify_monitors; sys.exit('cdk_nag' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "constructs")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, capture_output=True)


def test_the_example_passes(tmp_path: Path) -> None:
    code = """
import runpy, sys
import aws_cdk as cdk
from tests.support.templates.nag import findings

apps = []
made = cdk.App.__init__

def remember(self, *args, **kwargs):
    made(self, *args, **kwargs)
    apps.append(self)

cdk.App.__init__ = remember
runpy.run_path("app.py", run_name="__main__")
print("\\n".join(findings(apps[0])))
"""
    roots = [ROOT, ROOT / "constructs", ROOT / "lambda", ROOT / "local"]
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(tmp_path),
        "CDK_VALIDATION": "false",
        "PYTHONPATH": os.pathsep.join(map(str, roots)),
    }
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert run.stdout.strip() == ""


def test_the_documentation_lists_what_is_acknowledged(app: cdk.App, stack: cdk.Stack) -> None:
    _functions_in_vpc(stack)
    text = (ROOT / "docs" / "security.md").read_text()
    key = cdk.Validations.ACKNOWLEDGED_RULES_METADATA_KEY
    rules = {
        id_.split("[")[0]
        for construct in stack.node.find_all()
        for entry in construct.node.metadata
        if entry.type == key
        for id_ in entry.data
        if id_.startswith("AwsSolutions")
    }
    assert rules == {"AwsSolutions-IAM5", "AwsSolutions-L1", "AwsSolutions-S1", "AwsSolutions-SF1", "AwsSolutions-SF2"}
    assert [rule for rule in rules if f"`{rule}`" not in text] == []
