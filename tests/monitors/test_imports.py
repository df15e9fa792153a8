"""Importing the library costs little more than importing the CDK, which every app does."""

import inspect
import json
import subprocess
import sys
import typing
from typing import Any

import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

import cdk_clarify_monitors as library
from tests.support.callables import public_callables

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


def test_only_the_services_that_monitors_need_are_imported(imported: Any) -> None:
    """No aws_lambda, aws_ec2, custom_resources ...: they are imported by those who need them."""
    services = {name.split(".")[1] for name in imported if name.startswith("aws_cdk.")} - {"interfaces"}
    assert services <= {"aws_iam"}  # none, where the CDK itself imports that with all of it


def test_no_other_package_is_imported(imported: Any) -> None:
    """Neither the Lambda function's code, nor the embedded AWS, nor any package that is not declared."""
    packages = {name.split(".")[0] for name in imported}
    assert packages - sys.stdlib_module_names - {"aws_cdk"} == {"cdk_clarify_monitors"}


@pytest.mark.parametrize("name", library.__all__)
def test_types_of_arguments_can_be_looked_up(name: str) -> None:
    for annotated in public_callables(library, name):
        hints = typing.get_type_hints(annotated)
        if inspect.isfunction(annotated):
            assert hints.keys() >= set(inspect.signature(annotated).parameters) - {"self", "cls"}


def test_types_of_arguments_are_classes_of_the_cdk() -> None:
    hints = typing.get_type_hints(library.ModelBiasMonitorConstruct.__init__)
    assert hints["data_config"] == library.DataConfig | None
    assert hints["constraints"] == str | library.Constraints | None
    assert hints["bucket"] == s3.IBucket | None
    assert hints["output_kms_key"] == kms.IKey | None


def test_what_both_monitors_have_in_common_can_be_named() -> None:
    for monitor in (library.ModelBiasMonitorConstruct, library.ModelExplainabilityMonitorConstruct):
        assert issubclass(monitor, library.ClarifyMonitor)


def test_methods_of_explanation_can_be_named() -> None:
    methods = {library.SHAPConfig, library.PDPConfig, library.AsymmetricShapleyValueConfig}
    assert set(typing.get_args(library.ExplainabilityConfig)) == methods
