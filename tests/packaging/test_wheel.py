"""The wheel has what users need and nothing else, and works where nothing of the source tree can be seen."""

import email.parser
import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from tests.support.repository import ROOT
from tests.support.templates.deployment import Cloud

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PACKAGES = {
    "cdk_clarify_monitors": ROOT / "constructs" / "cdk_clarify_monitors",
    "cdk_clarify_monitors_lambda": ROOT / "lambda" / "cdk_clarify_monitors_lambda",
    "cdk_clarify_monitors_operations": ROOT / "operations" / "cdk_clarify_monitors_operations",
    "cdk_clarify_monitors_local": ROOT / "local" / "cdk_clarify_monitors_local",
}

APP = """\
import json, sys
import aws_cdk as cdk
import cdk_clarify_monitors as library
import cdk_clarify_monitors_lambda
import cdk_clarify_monitors_operations

app = cdk.App(outdir=sys.argv[1], analytics_reporting=False)
stack = cdk.Stack(app, "Elsewhere", env=cdk.Environment(account="111111111111", region="eu-central-1"))
library.ModelBiasMonitorConstruct(
    stack,
    "Monitor",
    endpoint_input="loans",
    ground_truth_input="s3://data/labels",
    data_config=library.DataConfig("s3://data/train.csv", label="approved", headers=["approved", "age"]),
    bias_config=library.BiasConfig([1], "age", [40]),
    model_config=library.ModelConfig(model_name="loans", instance_count=1, instance_type="ml.m5.large"),
)
app.synth()
print(json.dumps({
    "modules": [library.__file__, cdk_clarify_monitors_lambda.__file__, cdk_clarify_monitors_operations.__file__],
    "version": library.__version__,
    "path": sys.path,
}))
"""


def files_of(package: Path) -> set[str]:
    """The files of a source package that neither Python nor ruff has made."""
    found = (path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
    found = (path for path in found if ".ruff_cache" not in path.parts)
    return {path.relative_to(package.parent).as_posix() for path in found}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the source tree as it is."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def dist_info(wheel: Path) -> str:
    return "-".join(wheel.name.split("-")[:2]) + ".dist-info"


@pytest.fixture(scope="module")
def metadata(wheel: Path, dist_info: str) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return email.parser.Parser().parsestr(archive.read(f"{dist_info}/METADATA").decode())


def test_the_wheel_has_the_packages_and_nothing_else(wheel: Any, dist_info: Any) -> None:
    about = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
    expected = {f"{dist_info}/{name}" for name in about}.union(*map(files_of, PACKAGES.values()))
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names))
    assert set(names) == expected
    ours = [name for name in names if "/new_app/template/" not in name]  # that has tests of its own
    assert not [name for name in ours if re.search(r"__pycache__|\.pyc|test|\.mypy_cache|\.egg-info", name)]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed(wheel: Any, package: Any) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(f"{package}/py.typed") == b""


def test_the_wheel_is_for_any_python_and_system(wheel: Any) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")


def normalized(requirement: str) -> str:
    """A requirement without blanks and with its specifiers in order."""
    name, specifiers = re.findall(r"^([\w-]+)(.*)$", requirement.replace(" ", ""))[0]
    return str(name) + ",".join(sorted(specifiers.split(",")))


def test_the_hard_dependencies_are_three(metadata: Any) -> None:
    required = metadata.get_all("Requires-Dist")
    always = [requirement for requirement in required if ";" not in requirement]
    names = sorted(re.findall(r"^[\w-]+", requirement)[0] for requirement in always)
    assert names == ["aws-cdk-lib", "constructs", "jsii"]
    assert sorted(map(normalized, always)) == sorted(map(normalized, PROJECT["dependencies"]))


@pytest.mark.parametrize("extra", ["local", "operations", "report"])
def test_all_other_dependencies_belong_to_an_extra(metadata: Any, extra: Any) -> None:
    optional = [r.split(";") for r in metadata.get_all("Requires-Dist") if ";" in r]
    markers = {marker.strip().replace('"', "'") for _, marker in optional}
    assert markers == {"extra == 'local'", "extra == 'operations'", "extra == 'report'"}
    assert sorted(metadata.get_all("Provides-Extra")) == ["local", "operations", "report"]
    found = [normalized(requirement) for requirement, marker in optional if extra in marker]
    assert sorted(found) == sorted(map(normalized, PROJECT["optional-dependencies"][extra]))


def test_the_metadata_name_package_python_and_license(metadata: Any, installed: Any) -> None:
    assert metadata["Name"] == "cdk-clarify-monitors"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata["Version"] == installed["version"]


def test_the_command_is_there(wheel: Any, dist_info: Any) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entry_points = archive.read(f"{dist_info}/entry_points.txt").decode()
        (module,) = re.findall(r"^clarify-local = ([\w.]+):main$", entry_points, re.MULTILINE)
        assert f"{module.replace('.', '/')}.py" in archive.namelist()


def test_the_reports_templates_are_in_it(wheel: Any) -> None:
    with zipfile.ZipFile(wheel) as archive:
        folder = "cdk_clarify_monitors_operations/report/"
        found = {name.removeprefix(folder) for name in archive.namelist() if name.startswith(folder)}
    assert {"report.css", "report.js", "templates/page.html.jinja", "templates/report.html.jinja"} <= found


# ---------------------------------------------------------------- in another environment
@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the wheel; what it depends on is taken from this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    install = ["install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *install], check=True, capture_output=True)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    # The folder goes on the path as it is: its own .pth files, such as that of the editable installation, do not count.
    (site_packages / "dependencies.pth").write_text(str(Path(pytest.__file__).parents[1]) + "\n")
    return folder


@pytest.fixture(scope="module")
def installed(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What another app says that uses the library there; its cloud assembly is in `cdk.out` of its folder."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "app.py").write_text(APP)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [str(environment / "bin" / "python"), "-I", "app.py", "cdk.out"]
    run = subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True, text=True)
    return {**json.loads(run.stdout), "folder": folder}


def test_nothing_of_the_source_tree_is_on_the_path(installed: Any) -> None:
    sources = [str(path.parent) for path in PACKAGES.values()]
    assert not [entry for entry in installed["path"] if entry in (*sources, str(ROOT), "")]


def test_the_library_is_the_installed_one(installed: Any, environment: Any) -> None:
    for file in installed["modules"]:
        assert Path(file).is_relative_to(environment)


def test_another_app_finds_the_lambda_function_in_it(installed: Any, environment: Any) -> None:
    assembly = installed["folder"] / "cdk.out"
    (handler,) = assembly.glob("asset.*/handler.py")
    (site_packages,) = environment.glob("lib/python*/site-packages")
    package = site_packages / "cdk_clarify_monitors_lambda"
    code = {path.relative_to(handler.parent): path.read_bytes() for path in handler.parent.rglob("*.py")}
    assert Path("clarify_baseline/lifecycle/baseline_waiter.py") in code
    assert code.items() <= {path.relative_to(package): path.read_bytes() for path in package.rglob("*.py")}.items()


def test_another_app_can_be_deployed(installed: Any) -> None:
    cloud = Cloud("111111111111", "eu-central-1")
    stack = cloud.deploy(installed["folder"] / "cdk.out", "Elsewhere")
    types = {resource["Type"] for resource in stack.template["Resources"].values()}
    assert types >= {
        "Custom::ClarifyBaseline",
        "AWS::SageMaker::ModelBiasJobDefinition",
        "AWS::SageMaker::MonitoringSchedule",
    }
    assert len(cloud.aws.processing_jobs) == 1
