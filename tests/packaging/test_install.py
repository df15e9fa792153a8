"""What `make setup` and `make demo` install is pinned, comes from where it is asked for, and is whole or not there."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import install
from tests.support.repository import ROOT

NOBODY = "http://127.0.0.1:9/"  # nothing listens there
LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-demo.lock"]


def pins(lock: Path) -> dict[str, str]:
    """The entries of a lock file by their first lines, such as `boto3==1.43.106`: the hashes, in one text."""
    found = re.findall(r"^(\w.*==.*) \\\n((?: +--hash=.*\n)+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return {first: " ".join(sorted(re.findall(r"sha256:\w{64}", hashes))) for first, hashes in found}


def names(lock: Path) -> set[str]:
    return {canonicalize_name(first.partition("==")[0]) for first in pins(lock)}


# ---------------------------------------------------------------- lock files
@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_each_package_has_a_version_and_hashes(lock: Path) -> None:
    starts = re.findall(r"^\w.*$", lock.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(starts) == len(pins(lock)) > 50


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-demo.lock", "package-lock.json", ".npmrc"])
def test_no_lock_file_says_where_packages_are(name: str) -> None:
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


def test_the_demo_has_the_versions_of_the_checks() -> None:
    whole, part = ({re.split(" ;|$", first)[0]: hashes for first, hashes in pins(lock).items()} for lock in LOCKS)
    assert part.items() <= whole.items()


def test_the_demo_has_no_tools_of_the_checks() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    tools = {canonicalize_name(Requirement(each).name) for each in groups["dev"] if isinstance(each, str)}
    needed = {"markdown-it-py", "pyyaml"}  # rich and MiniStack ask for them
    assert needed < tools
    assert tools & names(LOCKS[1]) == needed
    assert {"pyarrow", "s3fs"} & names(LOCKS[1]) == set()  # smclarify names them, and imports neither


@pytest.mark.parametrize("python", ["3.12.0", "3.13.1", "3.14.0"])
def test_only_the_oldest_python_needs_numba(python: str) -> None:
    heavy = [first for first in pins(LOCKS[1]) if re.match("numba==|llvmlite==", first)]
    assert heavy != []
    assert [each for each in heavy if Marker(each.partition(";")[2]).evaluate({"python_full_version": python})] == []


# ---------------------------------------------------------------- where packages come from
LISTED = """\
:env:.default-timeout='180'
:env:.find-links='/srv/wheels'
global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'
global.index-url='https://mirror.example/simple'
global.timeout='15'
global.trusted-host="it's.example"
install.index-url='https://token:secret@mirror.example/it''s'
site.index-url='https://nowhere.example'
wheel.find-links='/nowhere'
global.proxy=''
"""


def test_settings_of_pip_come_in_pip_s_own_order() -> None:
    settings = install.pip_settings(LISTED.replace("it''s", "simple"))
    assert settings == {
        "extra-index-url": "https://one.example/simple\nhttps://two.example/simple",
        "find-links": "/srv/wheels",
        "index-url": "https://token:secret@mirror.example/simple",
        "timeout": "180",
        "trusted-host": "it's.example",
    }


def test_pip_lists_its_settings_as_they_are_read() -> None:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    variables |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "https://a.example/simple", "PIP_FIND_LINKS": "/a /b"}
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout
    found = install.pip_settings(listed)
    assert {name: value for name, value in found.items() if name in install.UV_NAMES} == {
        "index-url": "https://a.example/simple",
        "find-links": "/a /b",
    }


@pytest.mark.parametrize(
    ("setting", "value", "variable", "told"),
    [
        ("index-url", "https://a.example/simple", "UV_DEFAULT_INDEX", "https://a.example/simple"),
        ("extra-index-url", "https://a.example\nhttps://b.example", "UV_INDEX", "https://a.example https://b.example"),
        ("find-links", "/a\n/b", "UV_FIND_LINKS", "/a,/b"),
        ("trusted-host", "a.example b.example:8080", "UV_INSECURE_HOST", "a.example b.example:8080"),
        ("timeout", "120", "UV_HTTP_TIMEOUT", "120"),
        ("cert", "/etc/ca.pem", "SSL_CERT_FILE", "/etc/ca.pem"),
        ("proxy", "http://proxy.example:3128", "ALL_PROXY", "http://proxy.example:3128"),
    ],
)
def test_uv_is_told_what_pip_is_told(setting: str, value: str, variable: str, told: str) -> None:
    assert install.uv_environment({setting: value}, {})[variable] == told


@pytest.mark.parametrize("variable", ["UV_DEFAULT_INDEX", "UV_INDEX", "UV_HTTP_TIMEOUT"])
def test_what_uv_is_told_by_its_own_name_counts(variable: str) -> None:
    settings = {"index-url": "https://a.example", "extra-index-url": "https://b.example", "timeout": "120"}
    assert install.uv_environment(settings, {variable: "7"})[variable] == "7"


@pytest.mark.parametrize("variable", ["UV_INDEX_URL", "UV_EXTRA_INDEX_URL"])
def test_older_names_of_uv_s_indexes_count(variable: str) -> None:
    settings = {"index-url": "https://a.example", "extra-index-url": "https://b.example"}
    variables = install.uv_environment(settings, {variable: "https://c.example"})
    assert {"UV_DEFAULT_INDEX", "UV_INDEX"} & variables.keys() == set()


# ---------------------------------------------------------------- whole, or not there
def run(folder: Path, marker: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "install.py", marker]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "with a space"
    folder.mkdir()
    for name in ("install.py", ".npmrc", "package.json", *{*install.LOCKS.values()}):
        shutil.copy(ROOT / name, folder / name)
    return folder


def leftovers(checkout: Path) -> list[str]:
    return sorted(path.name for path in checkout.glob("*/.*") if path.name in (".installed", ".demo"))


@pytest.mark.slow
def test_a_package_index_that_is_missing_gets_a_remedy(checkout: Path) -> None:
    settings = {"PIP_INDEX_URL": NOBODY, "PIP_EXTRA_INDEX_URL": NOBODY, "PIP_FIND_LINKS": "", "PIP_RETRIES": "1"}
    finished = run(checkout, ".venv/.demo", **settings)
    assert finished.returncode == 1
    *_, last = finished.stderr.splitlines()
    assert last == install.NO_PYTHON_PACKAGES
    assert finished.stderr.splitlines()[0] == install.ANNOUNCEMENTS[".venv/.demo"]
    assert leftovers(checkout) == []


def test_a_registry_of_npm_that_is_missing_gets_a_remedy(checkout: Path) -> None:
    finished = run(checkout, "node_modules/.demo", npm_config_registry=NOBODY, npm_config_fetch_retries="0")
    assert finished.returncode == 1
    *_, last = finished.stderr.splitlines()
    assert last == install.NO_NODE_PACKAGES
    assert leftovers(checkout) == []


@pytest.mark.parametrize("marker", [".venv/.demo", "node_modules/.installed"])
def test_node_is_asked_for_before_anything_is_installed(checkout: Path, marker: str) -> None:
    finished = run(checkout, marker, PATH="")
    assert finished.returncode == 1
    assert finished.stderr.startswith("npm is needed (Node.js 22 or newer)")
    assert [path for path in checkout.iterdir() if path.is_dir()] == []


def test_what_is_installed_needs_no_connection(checkout: Path) -> None:
    (checkout / "node_modules").mkdir()
    digest = hashlib.sha256((checkout / "package-lock.json").read_bytes()).hexdigest()
    (checkout / "node_modules" / ".installed").write_text(digest)
    for marker in ("node_modules/.installed", "node_modules/.demo"):
        finished = run(checkout, marker, npm_config_registry=NOBODY)
        assert (finished.returncode, finished.stderr) == (0, "")
    assert leftovers(checkout) == [".demo", ".installed"]


def test_another_lock_file_makes_an_installation_void(checkout: Path) -> None:
    (checkout / "node_modules").mkdir()
    for marker in (".installed", ".demo"):
        (checkout / "node_modules" / marker).write_text("of another lock file")
    finished = run(checkout, "node_modules/.demo", npm_config_registry=NOBODY, npm_config_fetch_retries="0")
    assert finished.returncode == 1
    assert leftovers(checkout) == []


def test_half_of_a_cache_is_never_taken_for_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, removed = tmp_path / ".uv-cache", tmp_path / ".uv-cache-removed"

    def interrupted(path: Path, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt), install._cache(folder):
        (folder / "package").touch()
    assert (folder.exists(), removed.exists()) == (False, True)

    monkeypatch.undo()
    with install._cache(folder):
        assert (list(folder.iterdir()), removed.exists()) == ([], False)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- what make does about it
@pytest.fixture
def made(checkout: Path) -> Path:
    """A checkout in which all seems to be installed."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, checkout / name)
    for folder, program in ((".venv", "python"), ("node_modules", "cdk")):
        tools = checkout / folder / ("bin" if program == "python" else ".bin")
        tools.mkdir(parents=True)
        (tools / program).write_text("#!/bin/sh\n")  # succeeds, whatever it is asked
        (tools / program).chmod(0o755)
        (checkout / folder / ".demo").touch()
    return checkout


def would_install(checkout: Path, **variables: str) -> list[str]:
    """What `make demo` would install."""
    environment = {**os.environ, **variables}
    command = ["make", "--dry-run", "demo"]
    ended = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=True)
    return re.findall(r"install\.py (\S+)", ended.stdout)


def test_make_installs_nothing_where_all_is_whole(made: Path) -> None:
    assert would_install(made) == []


def test_make_installs_again_what_has_no_python_any_more(made: Path) -> None:
    python = made / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(made / "uninstalled" / "python3.11")
    assert would_install(made) == [".venv/.demo"]


def test_make_installs_again_what_was_moved_with_its_checkout(made: Path) -> None:
    python = made / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(sys.executable)  # it finds no library of this checkout
    assert would_install(made) == [".venv/.demo"]


def test_make_installs_again_what_has_no_cdk_command_any_more(made: Path) -> None:
    (made / "node_modules" / ".bin" / "cdk").unlink()
    assert would_install(made) == ["node_modules/.demo"]


def test_make_says_what_to_do_without_a_python(made: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "sed", "rm"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (made / ".venv" / ".demo").unlink()
    make = [str(shutil.which("make")), "demo"]
    ended = subprocess.run(make, cwd=made, env={"PATH": str(tools)}, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Python 3.11 or newer is needed; where it has another name: make PYTHON=")


@pytest.mark.parametrize("name", ["python3.11", "python3.13"])
def test_make_finds_a_python_that_has_its_version_as_name(made: Path, tmp_path: Path, name: str) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for each in ("sh", "rm", "make"):
        (tools / each).symlink_to(str(shutil.which(each)))
    (tools / name).symlink_to(sys.executable)
    (made / ".venv" / ".demo").unlink()
    printed = subprocess.run(["make", "-n", "demo"], cwd=made, env={"PATH": str(tools)}, capture_output=True, text=True)  # noqa: S607
    assert f'"{name}" install.py .venv/.demo' in printed.stdout
