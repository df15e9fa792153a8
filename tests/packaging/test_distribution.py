"""What is published: wheel and sdist are built without a network, are whole, and are typed."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cdk_clarify_monitors._resources._jsii import packed
from tests.support.repository import ROOT

VERSION = re.findall(
    r'^__version__ = "(.+)"$', (ROOT / "constructs/cdk_clarify_monitors/_version.py").read_text(), re.MULTILINE
)[0]


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, and the wheel that is built of it, as `make package` makes them."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def sdist(distributions: Path) -> set[str]:
    """The files of the sdist, below its folder."""
    with tarfile.open(distributions / f"cdk_clarify_monitors-{VERSION}.tar.gz") as archive:
        return {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}


def test_there_is_one_of_each_with_the_version(distributions: Path) -> None:
    assert sorted(path.name for path in distributions.iterdir()) == [
        f"cdk_clarify_monitors-{VERSION}-py3-none-any.whl",
        f"cdk_clarify_monitors-{VERSION}.tar.gz",
    ]


def test_the_index_would_take_them(distributions: Path) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, distributions.iterdir())]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert run.stdout.count("PASSED") == 2


def test_the_wheel_of_the_sdist_has_all_modules(distributions: Path) -> None:
    with zipfile.ZipFile(distributions / f"cdk_clarify_monitors-{VERSION}-py3-none-any.whl") as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    sources = {
        path.relative_to(ROOT / root).as_posix()
        for root in ("constructs", "lambda", "operations", "local")
        for path in (ROOT / root).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and ".ruff_cache" not in path.parts
    }
    assert packed == sources


@pytest.mark.parametrize(
    "path",
    [
        "LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml", "mkdocs.yml",
        "requirements.lock", "requirements-demo.lock", "install.py", "hatch_build.py",
        "package.json", "package-lock.json", "cdk.json", "app.py",
        "docs/index.md", "docs/images/flow.svg", "examples/diabetes/train.csv", "tests/conftest.py",
    ],
)  # fmt: skip
def test_the_sdist_has_what_it_takes_to_work_on_it(sdist: set[str], path: str) -> None:
    assert path in sdist


def test_the_sdist_has_nothing_that_was_made(sdist: set[str]) -> None:
    folders = r"(^|/)(\.venv|\.versions|node_modules|cdk\.out|site|dist|build|__pycache__|\.mypy_cache|\.hypothesis)/"
    made = rf"{folders}|\.pyc$|^\.coverage"
    assert [name for name in sdist if re.search(made, name)] == []


def test_the_version_is_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" in project["project"]["dynamic"]
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "constructs/cdk_clarify_monitors/_version.py"
    others = [ROOT / "constructs", ROOT / "lambda", ROOT / "operations", ROOT / "local"]
    found = [path for folder in others for path in folder.rglob("*.py") if f'"{VERSION}"' in path.read_text()]
    assert [path.name for path in found] == ["_version.py"]


@pytest.mark.slow
@pytest.mark.parametrize("package", ["cdk_clarify_monitors", "cdk_clarify_monitors_operations"])
def test_all_public_types_are_known(package: str) -> None:
    # Pyright finds the package through the first Python on the path.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [str(ROOT / "node_modules" / ".bin" / "pyright"), "--outputjson", "--ignoreexternal"]
    run = subprocess.run(
        [*command, "--verifytypes", package],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(run.stdout)["typeCompleteness"]
    incomplete = {
        symbol["name"]: [each["message"] for each in symbol["diagnostics"]]
        for symbol in report["symbols"]
        if symbol["diagnostics"]
    }
    assert incomplete == {}
    assert report["completenessScore"] == 1
    assert report["exportedSymbolCounts"]["withKnownType"] >= 25


# ---------------------------------------------------------------- the part in JavaScript
NODE = str(shutil.which("node"))
JAVASCRIPT = ROOT / "constructs" / "cdk_clarify_monitors" / "_resources" / "_jsii" / "package"
ASSEMBLY = json.loads((JAVASCRIPT / ".jsii").read_text(encoding="utf-8"))


def test_the_javascript_is_packed_whole_and_the_same_each_time() -> None:
    assert packed() == packed()
    with tarfile.open(fileobj=io.BytesIO(packed())) as archive:
        found = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        contents = {name: file.read() for name, file in found.items() if file}
    assert contents == {f"package/{path.name}": path.read_bytes() for path in JAVASCRIPT.iterdir()}


def test_the_javascript_has_what_its_assembly_declares() -> None:
    # Every class and function of the CDK, which is loaded by what declares the classes.
    script = f"""
const anything = new Proxy(class {{}}, {{ get: (type, name) => name in type ? type[name] : anything }});
const {{ _load }} = require("module");
require("module")._load = (name, ...rest) => /^(aws-cdk-lib|constructs)/.test(name) ? anything : _load(name, ...rest);
const functions = (of) => Object.entries(Object.getOwnPropertyDescriptors(of))
    .filter(([name, {{ value }}]) => name !== "constructor" && typeof value === "function").map(([name]) => name);
const found = Object.entries(require({str(JAVASCRIPT)!r}));
console.log(JSON.stringify(found.map(([name, type]) => [name, functions(type), functions(type.prototype)])));
"""
    run = subprocess.run([NODE, "-e", script], capture_output=True, text=True, check=True)
    declared = {type_["name"]: type_.get("methods", []) for type_ in ASSEMBLY["types"].values()}
    found = {name: ({*static}, {*methods}) for name, static, methods in json.loads(run.stdout)}
    assert found.keys() == declared.keys()
    for name, (static, methods) in found.items():
        assert static == {method["name"] for method in declared[name] if method.get("static")}
        # Others of the class are for the JavaScript alone.
        assert methods >= {method["name"] for method in declared[name] if not method.get("static")}


def test_the_assembly_keeps_the_schema_of_jsii() -> None:
    variables = {**os.environ, "JSII_VALIDATE_ASSEMBLIES": "1"}
    code = "import cdk_clarify_monitors"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=variables)
    assert run.returncode == 0, run.stderr


def test_the_javascript_needs_the_versions_of_the_library() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [re.split(">=|,", each) for each in project["dependencies"]]
    assert ASSEMBLY["dependencies"] == {name: f"^{lowest}" for name, lowest, _ in needed if name != "jsii"}
    package = json.loads((JAVASCRIPT / "package.json").read_text(encoding="utf-8"))
    assert (package["name"], package["version"]) == (ASSEMBLY["name"], ASSEMBLY["version"])


# ---------------------------------------------------------------- habits
def test_the_lock_has_the_extras_that_are_asked_for() -> None:
    """Or pip before 23.3 looks for the newest version of what is asked for with extras, and has no hash for it."""
    lines = re.findall(
        r"^([\w.-]+)(?:\[(.+)\])?==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE
    )
    locked = {canonicalize_name(name): set(filter(None, extras.split(", "))) for name, extras in lines}
    missing = []
    for distribution in metadata.distributions():
        name = canonicalize_name(distribution.name)
        for requirement in map(Requirement, distribution.requires or () if name in locked else ()):
            wanted = canonicalize_name(requirement.name)
            of_extras = [{"extra": extra} for extra in ("", *locked[name])]
            applies = requirement.marker is None or any(map(requirement.marker.evaluate, of_extras))
            if applies and wanted in locked and not requirement.extras <= locked[wanted]:
                missing.append(f"{name} asks for {requirement}")
    assert missing == []


CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_changelog_keeps_its_form() -> None:
    headings = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    releases = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)
    assert len(releases) == len(headings) - 1, headings
    dates = [date for _, date in releases]
    assert dates == sorted(dates, reverse=True)
    assert not releases or releases[0][0] == VERSION
    kinds = set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_pre_commit_runs_what_continuous_integration_runs(tmp_path: Path) -> None:
    pre_commit = [str(Path(sys.executable).parent / "pre-commit")]
    variables = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path)}
    subprocess.run([*pre_commit, "validate-config"], cwd=ROOT, env=variables, check=True, capture_output=True)
    config = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    hooks = re.findall(r"entry: (.+)$", config, re.MULTILINE)
    assert re.findall(r"repo: (\S+)", config) == ["local"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    steps = re.findall(r"^\t\$\(BIN\)/((?:ruff|lint-imports|codespell|mypy).*)$", makefile, re.MULTILINE)
    commands = [" ".join(word for word in step.split()[:2] if word[0].isalpha()) for step in steps]
    entries = [hook.removeprefix(".venv/bin/").split()[:2] for hook in hooks]
    assert {" ".join(word for word in entry if word[0].isalpha()) for entry in entries} == {*commands, "make test"}
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
