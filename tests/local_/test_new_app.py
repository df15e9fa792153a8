"""`clarify-local new` makes an app that works as it is, or nothing."""

from __future__ import annotations

import json
import os
import re
import resource
import shlex
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from cdk_clarify_monitors_local import _cli
from cdk_clarify_monitors_local.new_app import _new_app
from tests.support.repository import ROOT

TEMPLATE = ROOT / "local" / "cdk_clarify_monitors_local" / "new_app" / "template"


def files_of(folder: Path) -> dict[str, str]:
    """The files below a folder, and what is in them."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8", errors="surrogateescape")
        for path in folder.rglob("*")
        if path.is_file()
    }


def lines_of(name: str) -> list[str]:
    return (TEMPLATE / name).read_text(encoding="utf-8").splitlines()


# ---------------------------------------------------------------- the app
def run_tests_of_a_new_app(folder: Path, file: str) -> str:
    assert _cli.run(["new", str(folder), "--name", "first-monitors"]) == 0
    # Without what pytest tells its workers.
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    variables["PATH"] = os.pathsep.join([str(ROOT / "node_modules" / ".bin"), variables["PATH"]])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file]
    ended = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_snapshot_of_a_new_app_fits(tmp_path: Path) -> None:
    said = run_tests_of_a_new_app(tmp_path / "my first-monitors", "tests/test_monitors.py")
    assert "1 snapshot passed" in said


@pytest.mark.slow
@pytest.mark.deploy
def test_a_new_app_finds_drift_when_tested(tmp_path: Path) -> None:
    """A real `cdk deploy`, and two days."""
    said = run_tests_of_a_new_app(tmp_path / "my first-monitors", "tests/test_drift.py")
    assert "passed" in said


def test_a_new_app_is_the_template_under_its_own_name(tmp_path: Path) -> None:
    assert _cli.run(["new", str(tmp_path / "Fair-Loans")]) == 0

    made = files_of(tmp_path / "Fair-Loans")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    of_git = subprocess.run(listed, cwd=TEMPLATE, capture_output=True, text=True, check=True).stdout.split()
    kept = [name for name in of_git if (TEMPLATE / name).exists() and not name.startswith("requirements")]
    assert set(made) == {*kept, "requirements.txt", "requirements-dev.txt"}
    for name in kept:
        assert made[name] == (TEMPLATE / name).read_text(encoding="utf-8").replace("LoanMonitors", "Fair-Loans")
    assert 'STACK_NAME = "Fair-Loans"' in made["settings.py"]
    assert made["README.md"].startswith("# Fair-Loans\n")


def test_what_the_command_prints_comes_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "it's mine"

    assert _cli.run(["new", str(folder), "--name", "mine"]) == 0

    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"A CDK app with both monitors is in {folder}."
    (change,) = (line.strip() for line in printed if line.startswith("  cd "))
    assert shlex.split(change) == ["cd", str(folder)]
    readme = (TEMPLATE / "README.md").read_text(encoding="utf-8")
    steps = [line.strip().partition("  ")[0] for line in printed if line.startswith("  ")]
    for step in " && ".join(steps[1:]).split(" && "):
        assert step in readme


def test_the_readme_runs_the_app_with_its_own_names() -> None:
    settings = dict(re.findall(r'^([A-Z_]+) = "(.+)"$', (TEMPLATE / "settings.py").read_text(), re.MULTILINE))
    (line,) = (line for line in lines_of("README.md") if line.startswith("clarify-local run"))

    options = _cli._parser().parse_args(shlex.split(line)[1:])

    assert options.model == [f"{settings['MODEL']}=model.joblib"]
    assert options.endpoint == [f"{settings['ENDPOINT']}={settings['MODEL']}"]
    assert options.capture == settings["DATA_CAPTURE"]


def test_a_new_app_takes_the_tools_that_are_tested_here() -> None:
    package, cdk_json = (json.loads((ROOT / name).read_text()) for name in ("package.json", "cdk.json"))
    assert json.loads((TEMPLATE / "package.json").read_text())["devDependencies"] == {
        "aws-cdk": package["dependencies"]["aws-cdk"]
    }
    assert json.loads((TEMPLATE / "cdk.json").read_text())["context"] == cdk_json["context"]
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {*lines_of("requirements.txt")} - {"cdk-clarify-monitors"} <= set(needed)
    tools = [Requirement(line) for line in lines_of("requirements-dev.txt") if "<" in line]
    assert [tool.name for tool in tools] == ["mypy", "pytest", "ruff", "syrupy"]
    assert [str(tool) for tool in tools if metadata.version(tool.name) not in tool.specifier] == []


# ---------------------------------------------------------------- where the library comes from
URL = "https://example.com/cdk-clarify-monitors.git"


@pytest.mark.parametrize(
    ("origin", "requirement"),
    [
        (None, "cdk-clarify-monitors[local]==9.8.7"),
        ({"url": "file:///a%20b/checkout", "dir_info": {}}, "cdk-clarify-monitors[local] @ file:///a%20b/checkout"),
        ({"url": "file:///gone-9.8.7.whl", "archive_info": {}}, "cdk-clarify-monitors[local] @ file:///gone-9.8.7.whl"),
        (
            {"url": URL, "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            f"cdk-clarify-monitors[local] @ git+{URL}@abc",
        ),
    ],
)
def test_requirements_name_where_the_library_came_from(
    origin: dict[str, object] | None, requirement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, origin, monkeypatch)

    _new_app.create(tmp_path / "loans")

    made = files_of(tmp_path / "loans")
    assert requirement in made["requirements-dev.txt"].splitlines()
    assert requirement.replace("[local]", "") in made["requirements.txt"].splitlines()
    assert str(Requirement(requirement)) == requirement


def test_a_wheel_comes_into_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "with blank" / "cdk_clarify_monitors-9.8.7-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.write_bytes(b"\x00\xff")
    install(tmp_path, {"url": wheel.as_uri(), "archive_info": {}}, monkeypatch)

    assert _new_app.create(tmp_path / "loans") is None

    assert (tmp_path / "loans" / "wheels" / wheel.name).read_bytes() == b"\x00\xff"
    made = files_of(tmp_path / "loans")
    assert f"./wheels/{wheel.name}" in made["requirements.txt"].splitlines()
    assert f"./wheels/{wheel.name}[local]" in made["requirements-dev.txt"].splitlines()


def install(folder: Path, origin: dict[str, object] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put what an installer records about this library first on the path."""
    dist_info = folder / "site-packages" / "cdk_clarify_monitors-9.8.7.dist-info"
    dist_info.mkdir(parents=True)
    (dist_info / "METADATA").write_text("Metadata-Version: 2.1\nName: cdk-clarify-monitors\nVersion: 9.8.7\n")
    if origin is not None:
        (dist_info / "direct_url.json").write_text(json.dumps(origin))
    monkeypatch.syspath_prepend(str(dist_info.parent))


# ---------------------------------------------------------------- what cannot be made
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([""], "DIRECTORY is empty; "),
        (["full"], "full has something in it (mine.txt); name a folder that is new or empty."),
        (["hidden"], "hidden has something in it (.gitignore); "),
        (["full/mine.txt", "--name", "mine"], "full/mine.txt is a file; "),
        (["full/mine.txt/app"], "full/mine.txt is no folder that exists; make it first."),
        (["no/such/app"], "no/such is no folder that exists; make it first."),
        (["loop"], "loop cannot be written: File exists."),
        (["x" * 300, "--name", "mine"], " cannot be written: File name too long."),
        (["/proc/app"], "/proc/app cannot be written: "),
        (["my_app"], "'my_app' is no name for a stack, "),
        (["1st"], "'1st' is no name for a stack, "),
        (["/"], "'' is no name for a stack, "),
        (["new", "--name", ""], "'' is no name for a stack, "),
        (["new", "--name", "a b"], "'a b' is no name for a stack, "),
        (["new", "--name", "a\n"], "'a\\n' is no name for a stack, "),
        (["new", "--name", "é"], "'é' is no name for a stack, "),
        (["new", "--name", "a" * 129], "' is no name for a stack, "),
        (["new", "--name", 'a"\nimport os'], " is no name for a stack, "),
    ],
)
def test_bad_input_is_one_line_and_makes_nothing(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("full/mine.txt", "hidden/.gitignore"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("mine")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*")), files_of(tmp_path)

    assert _cli.run(["new", *arguments]) == 2

    said = capsys.readouterr()
    assert message in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert (sorted(tmp_path.rglob("*")), files_of(tmp_path)) == before


@pytest.mark.parametrize("folder", ["new", "begun"])
def test_a_disk_that_fills_up_leaves_nothing_behind(folder: str, tmp_path: Path) -> None:
    (tmp_path / "begun" / ".git").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))  # cdk.json is larger
    try:
        with pytest.raises(_new_app.NewAppError, match=f"{folder} cannot be written: File too large"):
            _new_app.create(tmp_path / folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_that_comes_meanwhile_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "loans"
    folder.mkdir()
    (folder / "app.py").write_text("mine")

    with pytest.raises(FileExistsError):
        _new_app._write(folder, {Path("README.md"): b"new", Path("app.py"): b"new"})

    assert files_of(folder) == {"app.py": "mine"}


@pytest.mark.parametrize("name", ["", "."])
def test_a_folder_may_have_a_repository_and_an_environment(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "loans"
    for begun in (".git", ".venv"):
        (folder / begun).mkdir(parents=True)
        (folder / begun / "config").write_text("mine")
    monkeypatch.chdir(folder)

    assert _cli.run(["new", name or str(folder)]) == 0

    made = files_of(folder)
    assert (made[".git/config"], made[".venv/config"]) == ("mine", "mine")
    assert 'STACK_NAME = "loans"' in made["settings.py"]
