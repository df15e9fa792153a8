"""What a synthesized app says of where it is to be deployed."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

_UNKNOWN = ("unknown-account", "unknown-region")


@dataclass(frozen=True)
class Environment:
    """Where a stack is to be deployed.

    Attributes:
        account: The account's id, None for any.
        region: The region, None for any.
    """

    account: str | None
    region: str | None


def is_assembly(folder: Path) -> bool:
    """Whether a folder is that of a synthesized app."""
    return (folder / "manifest.json").is_file()


def environments(folder: Path, names: Collection[str] = ()) -> list[Environment]:
    """Return where an app's stacks are to be deployed, each environment once.

    Args:
        folder: The folder of the synthesized app.
        names: The stacks that are meant, as patterns. Those that no stack matches do not count; without one all are
            meant.
    """
    stacks = list(_stacks(folder))
    meant = [environment for _, ids, environment in stacks if any(fnmatch.filter(ids, name) for name in names)]
    return list(dict.fromkeys(meant or [environment for _, _, environment in stacks]))


def stacks_of(folder: Path, account: str) -> list[str]:
    """Return how the cdk command names the stacks of an account."""
    return [name for name, _, environment in _stacks(folder) if environment.account == account]


def _stacks(folder: Path) -> Iterator[tuple[str, set[str], Environment]]:
    artifacts = json.loads((folder / "manifest.json").read_text()).get("artifacts", {})
    for name, artifact in artifacts.items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "cdk:cloud-assembly":  # of a stage
            yield from _stacks(folder / properties["directoryName"])
        elif artifact["type"] == "aws:cloudformation:stack":
            account, _, region = artifact["environment"].removeprefix("aws://").partition("/")
            ids = {name, artifact.get("displayName", name), properties.get("stackName", name)}
            known = [None if part in _UNKNOWN else part for part in (account, region)]
            yield artifact.get("displayName", name), ids, Environment(known[0], known[1])
