"""Keeps the results of finished executions on this machine: SageMaker never changes them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cdk_clarify_monitors_operations.report._files import write_atomically

# Another number when what is kept changes, so that older entries are read again.
_FORMAT: Final = 1


def default_cache_directory() -> Path:
    """The folder for caches of this user, as the operating system has it."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "cdk-clarify-monitors" / "executions"


@dataclass(frozen=True)
class ResultCache:
    """A folder with a file for each finished execution.

    An entry is found by the ARN of the processing job, which names account and region, together with the endpoint of
    the service and the time of the execution: an embedded AWS has the same ARNs each time. An entry that is damaged, or
    of something else, counts as none.

    Attributes:
        directory: The folder. It is made when something is kept.
        service_url: The endpoint of SageMaker.
    """

    directory: Path
    service_url: str

    def load(self, processing_job_arn: str, created: str) -> dict[str, Any] | None:
        """Return what was kept of an execution; None if there is nothing that can be trusted."""
        identity = self._identity(processing_job_arn, created)
        try:
            entry = json.loads(self._path(identity).read_text(encoding="utf-8"))
            content = entry["content"]
            if entry["identity"] == identity and entry["digest"] == _digest(content) and isinstance(content, dict):
                return content
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            pass
        return None

    def store(self, processing_job_arn: str, created: str, content: Mapping[str, Any]) -> None:
        """Keep what was read of an execution. Without a place to write to, nothing is kept."""
        identity = self._identity(processing_job_arn, created)
        entry = {"identity": identity, "digest": _digest(content), "content": content}
        with contextlib.suppress(OSError):
            path = self._path(identity)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomically(path, json.dumps(entry, separators=(",", ":")).encode(), durably=False)

    def _identity(self, processing_job_arn: str, created: str) -> list[Any]:
        return [_FORMAT, self.service_url, processing_job_arn, created]

    def _path(self, identity: list[Any]) -> Path:
        name = hashlib.sha256(json.dumps(identity).encode()).hexdigest()
        return self.directory / name[:2] / f"{name}.json"


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
