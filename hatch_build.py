"""Packs the library's part in JavaScript as jsii loads it: the same bytes on every machine."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("constructs/cdk_clarify_monitors/_jsii")


class PackageBuildHook(BuildHookInterface[Any]):
    """Runs before a wheel is built, and before an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the package beside its source, where an editable installation finds it."""
        folder = Path(self.root) / FOLDER
        (folder / "package.tgz").write_bytes(packed(folder / "package"))
        build_data["artifacts"].append(f"/{FOLDER.as_posix()}/package.tgz")


def packed(package: Path) -> bytes:
    """An npm package as an archive: without what depends on time, user or machine."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(package.iterdir()):
            content = path.read_bytes()
            member = tarfile.TarInfo(f"package/{path.name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(archive.getvalue(), mtime=0)
