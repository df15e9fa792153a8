"""Importing the library costs little more than importing the CDK, which every app does."""

import json
import subprocess
import sys

import pytest

MODULES = """\
import json, sys
import aws_cdk
before = set(sys.modules)
import cdk_clarify_monitors
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.fixture(scope="module")
def imported() -> set[str]:
    """The modules that an import of the library loads in a new process that has imported `aws_cdk`."""
    run = subprocess.run([sys.executable, "-c", MODULES], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout))


def test_of_the_cdk_only_what_every_monitor_needs(imported):
    """No aws_lambda, aws_ec2, custom_resources ...: they are imported by those who need them."""
    services = {name.split(".")[1] for name in imported if name.startswith("aws_cdk.")} - {"interfaces"}
    assert services == {"aws_iam", "aws_sagemaker"}


def test_no_other_package(imported):
    """Neither the Lambda function's code, nor the embedded AWS, nor any package that is not declared."""
    packages = {name.split(".")[0] for name in imported}
    assert packages - sys.stdlib_module_names == {"aws_cdk", "cdk_clarify_monitors"}
