"""The stacks of a cloud assembly: those of its stages and nested stacks, too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdk_clarify_monitors_operations._errors import InvalidFile
from cdk_clarify_monitors_operations.estimate._template import Template

_UNKNOWN_REGION = "unknown-region"


@dataclass(frozen=True)
class AssembledStack:
    """A stack.

    Attributes:
        name: Its name; a nested stack's is its parent's and its own logical id.
        environment: Its account and region, as the assembly has them.
        template: Its template.
        assets: Files of the assembly that are published, by their keys.
    """

    name: str
    environment: str
    template: Template
    assets: Mapping[str, Path]

    @property
    def region(self) -> str | None:
        """Its region; None if the app does not name one."""
        return _region(self.environment)


def stacks_of(folder: Path) -> Iterator[AssembledStack]:
    """Yield the stacks of a cloud assembly, in its order.

    Args:
        folder: The assembly, such as cdk.out.

    Raises:
        InvalidFile: It is no cloud assembly.
    """
    if not (folder / "manifest.json").is_file():
        raise InvalidFile(
            f"{folder} is no cloud assembly: it has no manifest.json. `cdk synth` makes one", uri=str(folder)
        )
    yield from _stacks(folder)


def _stacks(folder: Path) -> Iterator[AssembledStack]:
    manifest = _read(folder / "manifest.json").get("artifacts") or {}
    artifacts = [(each, each.get("properties") or {}) for each in manifest.values()]
    assets = {
        destination["objectKey"]: folder / file["source"]["path"]
        for artifact, properties in artifacts
        if artifact.get("type") == "cdk:asset-manifest"
        for file in (_read(folder / properties["file"]).get("files") or {}).values()
        if "path" in file["source"]
        for destination in file["destinations"].values()
    }
    for artifact, properties in artifacts:
        if artifact.get("type") == "cdk:cloud-assembly":
            yield from _stacks(folder / properties["directoryName"])
        elif artifact.get("type") == "aws:cloudformation:stack":
            if (file := properties.get("templateFile")) is None:
                raise InvalidFile(f"{folder / 'manifest.json'} names a stack without its template", uri=str(folder))
            name = properties.get("stackName") or file.partition(".")[0]
            environment = artifact.get("environment", "")
            yield from _with_nested(folder / file, name, environment, properties.get("parameters") or {}, assets)


def _with_nested(
    file: Path, name: str, environment: str, parameters: Mapping[str, Any], assets: Mapping[str, Path]
) -> Iterator[AssembledStack]:
    template = Template(_read(file), parameters, _region(environment))
    yield AssembledStack(name, environment, template, assets)
    for logical_id, resource in template.resources("AWS::CloudFormation::Stack"):
        properties = resource["Properties"]
        url = str(template.resolve(properties.get("TemplateURL")))
        nested = next((path for key, path in assets.items() if url.endswith(f"/{key}")), None)
        if nested is not None:
            given = template.resolve(properties.get("Parameters") or {})
            yield from _with_nested(nested, f"{name}/{logical_id}", environment, given, assets)


def _region(environment: str) -> str | None:
    region = environment.rpartition("/")[2]
    return None if region in ("", _UNKNOWN_REGION) else region


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidFile(f"{path} is no JSON: {error}", uri=str(path)) from error
    if not isinstance(document, dict):
        raise InvalidFile(f"{path} is no JSON object", uri=str(path))
    return document
