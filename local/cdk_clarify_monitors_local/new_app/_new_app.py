"""Makes a new CDK app: copies the app in `template`, and puts the stack's name and this library's origin into it.

The template is an app that runs as it is, so that linters, type checker and its own tests check what users get. Two
texts in it are replaced. copier or cookiecutter would be a dependency of every user for that, and their placeholders
would turn the files into texts that no tool can check.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

_TEMPLATE = Path(__file__).parent / "template"
_STACK_NAME = "LoanMonitors"  # the template's
_LIBRARY = "cdk-clarify-monitors"
_WHEELS = Path("wheels")

#: CloudFormation's rule.
_VALID_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")

#: What a folder may have before: the repository and the environment that an app is often begun with.
_ALLOWED = {".git", ".venv"}


class NewAppError(Exception):
    """The app cannot be made. The text is one line: why, and what to do instead."""


def create(folder: Path, stack_name: str | None = None) -> Path | None:
    """Make a new app, or nothing of it.

    Args:
        folder: Where: a folder that does not exist yet, or has nothing but `.git` and `.venv`.
        stack_name: The name of the app's stack. Default: the folder's.

    Returns:
        The checkout of this library that the app's requirements name, None if they name a release or a wheel: other
        machines do not have the checkout.

    Raises:
        NewAppError: The name is none for a stack, or the folder cannot be made or has something in it.
    """
    name = Path(os.path.abspath(folder)).name if stack_name is None else stack_name  # noqa: PTH100 (of links: their own)
    if not _VALID_STACK_NAME.fullmatch(name):
        raise NewAppError(
            f"{name!r} is no name for a stack, which begins with a letter and has up to 128 letters, digits and "
            "hyphens; give one with --name."
        )
    requirement, wheel, checkout = _origin()
    files = {path.relative_to(_TEMPLATE): _filled(path, name, requirement) for path in _template_files()}
    if wheel is not None:
        files[_WHEELS / wheel.name] = wheel.read_bytes()
    try:
        _refuse_to_overwrite(folder)
        _write(folder, files)
    except OSError as error:
        raise NewAppError(f"{error.filename or folder} cannot be written: {error.strerror}.") from error
    return checkout


def _template_files() -> Iterator[Path]:
    """The files of the template, without what Python and the checks have left there."""
    ignored = {line.rstrip("/") for line in (_TEMPLATE / ".gitignore").read_text(encoding="utf-8").splitlines()}
    for path in sorted(_TEMPLATE.rglob("*")):
        if path.is_file() and ignored.isdisjoint(path.relative_to(_TEMPLATE).parts):
            yield path


def _filled(path: Path, stack_name: str, requirement: str) -> bytes:
    text = path.read_text(encoding="utf-8").replace(_STACK_NAME, stack_name)
    if path.name.startswith("requirements"):
        extra = "[local]" if f"{_LIBRARY}[local]" in text else ""
        text = text.replace(f"{_LIBRARY}{extra}", requirement.replace("[]", extra))
    return text.encode()


def _origin() -> tuple[str, Path | None, Path | None]:
    """Find out where this library was installed from: https://packaging.python.org/en/latest/specifications/direct-url/.

    Returns:
        What pip is to install, with `[]` where extras belong; the wheel, or the checkout, that it was installed from.
    """
    try:
        installed = distribution(_LIBRARY)
    except PackageNotFoundError:  # it is run without having been installed
        return f"{_LIBRARY}[]", None, None
    origin = json.loads(installed.read_text("direct_url.json") or "{}")
    if not origin:  # from a package index
        return f"{_LIBRARY}[]=={installed.version}", None, None
    url = origin["url"]
    path = Path(unquote(urlsplit(url).path)) if url.startswith("file:") else None
    if path is not None and path.suffix == ".whl" and path.is_file():
        return f"./{_WHEELS / path.name}[]", path, None
    if "vcs_info" in origin:
        url = f"{origin['vcs_info']['vcs']}+{url}@{origin['vcs_info']['commit_id']}"
    return f"{_LIBRARY}[] @ {url}", None, path


def _refuse_to_overwrite(folder: Path) -> None:
    if folder.is_dir():
        found = sorted(entry.name for entry in folder.iterdir() if entry.name not in _ALLOWED)
        if found:
            raise NewAppError(f"{folder} has something in it ({found[0]}); name a folder that is new or empty.")
    elif folder.exists():
        raise NewAppError(f"{folder} is a file; name a folder that is new or empty.")
    elif not folder.parent.is_dir():
        raise NewAppError(f"{folder.parent} is no folder that exists; make it first.")


def _write(folder: Path, files: dict[Path, bytes]) -> None:
    """Write the files, or none of them. What has come there meanwhile is not overwritten."""
    made: list[Path] = []
    try:
        for path, content in files.items():
            for parent in [*reversed(path.parents)]:
                if not (folder / parent).is_dir():
                    (folder / parent).mkdir()
                    made.append(folder / parent)
            with (folder / path).open("xb") as file:
                made.append(folder / path)
                file.write(content)
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):  # somebody else has put something into the folder
                path.rmdir() if path.is_dir() else path.unlink()
        raise
