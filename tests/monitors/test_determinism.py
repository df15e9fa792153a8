"""The same app gives the same template and the same assets, whoever synthesizes it wherever."""

import compileall
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repository import ROOT

APP = """\
import aws_cdk as cdk
import cdk_clarify_monitors_lambda
from tests.support.monitors.all_options import bias_monitor_with_all_options, explainability_monitor_with_all_options
from tests.support.monitors.builders import FEATURE_FLAGS, bias_monitor, data_config, explainability_monitor

app = cdk.App(context=FEATURE_FLAGS, analytics_reporting=False)
both = cdk.Stack(app, "Both", tags={"b": "2", "a": "1"})
bias_monitor(both)
explainability_monitor(both)
wide = data_config(headers=["approved", "age", *(f"column {number}" for number in range(1000))])
bias_monitor(both, "Wide", data_config=wide)
for make in (bias_monitor_with_all_options, explainability_monitor_with_all_options):
    make(cdk.Stack(app, make.__name__.replace("_", ""), env=cdk.Environment(account="1" * 12, region="eu-west-1")))
app.synth()
print(cdk_clarify_monitors_lambda.__path__[0])
"""


def synthesized(folder: Path, lambda_root: Path, hash_seed: str) -> dict[str, str]:
    """Synthesize in a folder; digests of everything in the cloud assembly that a deployment uses."""
    folder.mkdir(parents=True)
    roots = (lambda_root, ROOT / "constructs", ROOT / "local", ROOT)
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(folder / "cdk.out"),
        "CDK_VALIDATION": "false",
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": os.pathsep.join(map(str, roots)),
    }
    run = subprocess.run(
        [sys.executable, "-c", APP], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    assert Path(run.stdout.strip()) == lambda_root / "cdk_clarify_monitors_lambda"
    files = (path for path in (folder / "cdk.out").rglob("*") if path.is_file())
    # *.metadata.json has traces of stacks, with the temporary folder of the CDK's own code.
    files = (path for path in files if not path.name.endswith(".metadata.json"))
    return {
        str(path.relative_to(folder / "cdk.out")): hashlib.sha256(deployed_part(path)).hexdigest()
        for path in sorted(files)
    }


def deployed_part(path: Path) -> bytes:
    """The content of a file. Old versions of the CDK have the traces of stacks in the manifest."""
    if path.name != "manifest.json":
        return path.read_bytes()
    manifest = json.loads(path.read_bytes())
    for artifact in manifest["artifacts"].values():
        artifact.pop("metadata", None)
    return json.dumps(manifest).encode()


@pytest.fixture(scope="module")
def used_lambda(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Lambda package as it is after it has been imported, type-checked and compiled, at another time."""
    root = tmp_path_factory.mktemp("used")
    package = root / "cdk_clarify_monitors_lambda"
    shutil.copytree(
        ROOT / "lambda" / "cdk_clarify_monitors_lambda", package, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    assert compileall.compile_dir(package, quiet=1)
    shutil.copy(next(package.rglob("handler.*.pyc")), package / "handler.pyc")
    for path in package.rglob("*"):
        os.utime(path, (0, 0))
    return root


@pytest.fixture(scope="module")
def of_used_lambda(used_lambda: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is synthesized with that, elsewhere and with another order of sets."""
    return synthesized(tmp_path_factory.mktemp("some") / "where else", used_lambda, "2")


def test_two_syntheses_are_byte_identical(tmp_path: Path, of_used_lambda: dict[str, str]) -> None:
    first, second = synthesized(tmp_path / "here", ROOT / "lambda", "1"), of_used_lambda
    assert {"Both.template.json", "Both.assets.json", "manifest.json"} <= first.keys()
    assert any(name.endswith("clarify_baseline/custom_resource.py") for name in first)
    assert first == second


def test_another_line_of_code_is_another_asset(
    tmp_path: Path, used_lambda: Path, of_used_lambda: dict[str, str]
) -> None:
    """The comparison above would notice."""
    first, another = of_used_lambda, tmp_path / "another"
    shutil.copytree(used_lambda, another)
    with (another / "cdk_clarify_monitors_lambda" / "handler.py").open("a") as code:
        code.write("# one more line\n")
    second = synthesized(tmp_path / "there", another, "2")
    assert first["Both.template.json"] != second["Both.template.json"]
    assert first["Both.assets.json"] != second["Both.assets.json"]
