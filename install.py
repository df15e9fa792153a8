#!/usr/bin/env python3
"""Installs what `make setup` and `make demo` need: pinned, into `.venv` and `node_modules`, and nowhere else.

    python3 install.py .venv/.installed           # what the checks need
    python3 install.py .venv/.demo                # what the demo needs, a part of it
    python3 install.py node_modules/.installed    # what the checks need of Node.js
    python3 install.py node_modules/.demo         # the cdk command alone

The argument is the file that is there while all is installed. uv does the work, in seconds: pip brings it, and it gets
the packages from where pip would. Where uv cannot, pip does.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCKS = {
    ".venv/.installed": "requirements.lock",
    ".venv/.demo": "requirements-demo.lock",
    "node_modules/.installed": "package-lock.json",
    "node_modules/.demo": "package-lock.json",
}
ANNOUNCEMENTS = {
    ".venv/.installed": "Installs what the checks need: 1.6 GB, 0.5 GB of it downloads. It takes about a minute.",
    ".venv/.demo": "Installs what the demo needs: 0.7 GB (0.9 GB with Python 3.11), 0.3 GB of it downloads. "
    "It takes about half a minute.",
}

# pip's settings, and the variables in which uv looks for them.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
}

NO_PYTHON_PACKAGES = (
    "Python's packages could not be installed, for the reason above. If it is the connection: PIP_INDEX_URL names a "
    "mirror, PIP_PROXY a proxy, PIP_CERT its certificate, PIP_DEFAULT_TIMEOUT=120 waits longer; "
    "`python3 -m pip config list` shows what is set. Then repeat the command."
)
NO_NODE_PACKAGES = (
    "The packages of Node.js could not be installed, for the reason above. If it is the connection: "
    "npm_config_registry names a mirror, npm_config_proxy a proxy, npm_config_cafile its certificate, "
    "npm_config_fetch_timeout=600000 waits longer; `npm config list` shows what is set. Then repeat the command."
)


class InstallError(Exception):
    """What went wrong, and what to do about it."""


def install(name: str) -> None:
    """Install what a marker stands for, unless that was done, and make the marker.

    Args:
        name: The path of the marker: it is there while all is installed, and holds the digest of the lock file.

    Raises:
        InstallError: It cannot be installed.
    """
    marker = ROOT / name
    folder = marker.parent
    _check_tools()
    if not _is_installed(name) and not _is_installed(name.replace(".demo", ".installed")):
        _say(ANNOUNCEMENTS.get(name, ""))
        started = time.monotonic()
        markers = [marker.with_name(each) for each in (".installed", ".demo")]
        is_new = not any(each.exists() for each in markers)
        for each in markers:  # an interruption leaves a folder that counts as new
            each.unlink(missing_ok=True)
        if folder.name == "node_modules":
            install_node_packages(production=marker.name == ".demo")
        else:
            install_python_packages(folder, ROOT / LOCKS[name], is_new=is_new)
        _say(f"{folder.name}: {_size(folder) / 1e6:.0f} MB in {time.monotonic() - started:.0f} s.")
    if folder.name == ".venv":
        _install_checkout(folder)
    marker.write_text(_digest(name), encoding="utf-8")


def install_node_packages(*, production: bool) -> None:
    """Make `node_modules` anew."""
    with _cache(ROOT / ".npm-cache") as cache:
        options = ["--loglevel=error", *(["--omit=dev"] if production else [])]
        if not _succeeds("npm", "ci", f"--cache={cache}", *options):
            raise InstallError(NO_NODE_PACKAGES)


def install_python_packages(venv: Path, lock: Path, *, is_new: bool) -> None:
    """Make `.venv`, or make it what the lock file says."""
    if is_new and not _succeeds(sys.executable, "-m", "venv", "--clear", str(venv)):
        raise InstallError("Python could not make an environment, for the reason above.")
    python = str(venv / "bin" / "python")
    with _cache(ROOT / ".uv-cache") as cache:
        if _sync(python, lock, cache):
            return
        if not _succeeds(*_pip_install(python), "--require-hashes", "--no-deps", f"--requirement={lock}"):
            raise InstallError(NO_PYTHON_PACKAGES)


def _sync(python: str, lock: Path, cache: Path) -> bool:
    """Let uv install; return whether it could."""
    uv = _bring_uv(python, cache / "uv")
    if uv is None:
        _say("There is no uv to be had: pip installs, which takes minutes.")
        return False
    listing = [python, "-m", "pip", "config", "list"]
    listed = subprocess.run(listing, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603
    settings = pip_settings(listed.stdout)
    environment = {"UV_CACHE_DIR": str(cache), **uv_environment(settings, os.environ)}
    options = ["--no-index"] if settings.get("no-index", "").lower() in ("1", "on", "true", "yes") else []
    command = [uv, "pip", "sync", f"--python={python}", "--require-hashes", *options, str(lock)]
    if _succeeds(*command, environment=environment):
        return True
    _say("uv cannot install, for the reason above: pip installs, which takes minutes.")
    return False


def _bring_uv(python: str, folder: Path) -> str | None:
    """Install the uv that is pinned into a folder; return its path, or None if there is none for this machine.

    Raises:
        InstallError: There is no connection; pip would get nothing else either.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    lock = (ROOT / LOCKS[".venv/.installed"]).read_text(encoding="utf-8")
    (pin,) = re.findall(r"^uv==.*\n(?: +--hash.*\n)+", lock, re.MULTILINE)
    requirement = folder / "uv.txt"
    requirement.write_text(pin, encoding="utf-8")
    options = ["--quiet", "--require-hashes", "--no-deps", "--only-binary=:all:", "--retries=2", f"--target={folder}"]
    command = [*_pip_install(python), *options, f"--requirement={requirement}"]
    finished = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)  # noqa: S603
    if finished.returncode == 0:
        return str(folder / "bin" / "uv")
    _say(finished.stderr.strip())
    if "Retrying (" in finished.stderr:
        raise InstallError(NO_PYTHON_PACKAGES)
    return None


def pip_settings(listed: str) -> dict[str, str]:
    """Read what `pip config list` prints.

    Returns:
        The settings by their names, such as `index-url`; where there are several, the one that `pip install` obeys.
    """
    found = {}
    for section in ("global", "install", ":env:"):
        for name, value in re.findall(rf"^{section}\.([\w-]+)=(.+)$", listed, re.MULTILINE):
            found["timeout" if name == "default-timeout" else name] = str(ast.literal_eval(value)).strip()
    return {name: value for name, value in found.items() if value}


def uv_environment(settings: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with which uv does what pip is told to do.

    Args:
        settings: pip's settings.
        environment: The variables that are set. Those of uv go before pip's settings.
    """
    # As in pip: all indexes count alike (the lock file has each package's hash), and so do the system's certificates.
    variables = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "1"}
    for name, variable in UV_NAMES.items():
        if name in settings:
            variables[variable] = ("," if name == "find-links" else " ").join(settings[name].split())
    if {"UV_INDEX_URL", "UV_EXTRA_INDEX_URL"} & environment.keys():  # the older names
        variables = {name: value for name, value in variables.items() if name not in ("UV_DEFAULT_INDEX", "UV_INDEX")}
    return {**variables, **environment}


def _install_checkout(venv: Path) -> None:
    """Install the library itself, as links to its source. It needs no connection."""
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    if not _succeeds(*_pip_install(str(venv / "bin" / "python")), *options, f"--editable={ROOT}"):
        raise InstallError("The checkout could not be installed, for the reason above.")


def _check_tools() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 (it is run with any Python)
        found = ".".join(map(str, sys.version_info[:2]))
        raise InstallError(f"Python 3.11 or newer is needed, this is {found}: make PYTHON=/path/to/python3.13 ...")
    if not shutil.which("npm") or not shutil.which("node"):
        raise InstallError("npm is needed (Node.js 22 or newer): the AWS CDK runs on Node.js.")


def _pip_install(python: str) -> list[str]:
    return [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-cache-dir", "--no-compile"]


def _succeeds(*command: str, environment: Mapping[str, str] | None = None) -> bool:
    return subprocess.run(command, cwd=ROOT, env=environment).returncode == 0  # noqa: S603


@contextmanager
def _cache(folder: Path) -> Iterator[Path]:
    """A folder for downloads; it is removed when all is installed, and kept for another attempt otherwise.

    It is renamed before it is removed: half of it, which an interruption leaves, must not look like a whole one.
    """
    removed = folder.with_name(f"{folder.name}-removed")
    shutil.rmtree(removed, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    yield folder
    folder.rename(removed)
    shutil.rmtree(removed)


def _is_installed(name: str) -> bool:
    marker = ROOT / name
    return marker.exists() and marker.read_text(encoding="utf-8") == _digest(name)


def _digest(name: str) -> str:
    return hashlib.sha256((ROOT / LOCKS[name]).read_bytes()).hexdigest()


def _size(folder: Path) -> int:
    """What it takes on the disk, in bytes."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def _say(text: str) -> None:
    if text:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def main(name: str) -> int:
    """Install what a marker stands for; return the exit code."""
    try:
        install(name)
    except InstallError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
