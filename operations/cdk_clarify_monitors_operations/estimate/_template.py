"""A CloudFormation template, and what its values are as far as they are known before the deployment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_VARIABLE: Final = re.compile(r"\$\{([^!}][^}]*)\}")


class Unknown(str):
    """A text that is known at deployment only; it reads as what stands in the template."""

    __slots__ = ()


class Template:
    """A template.

    Args:
        document: The template.
        parameters: What the app gives its parameters. Default: what the template has as their defaults.
        region: The region, which `AWS::Region` stands for.
    """

    def __init__(self, document: Mapping[str, Any], parameters: Mapping[str, Any], region: str | None) -> None:
        self._resources: Mapping[str, Any] = document.get("Resources") or {}
        self._mappings: Mapping[str, Any] = document.get("Mappings") or {}
        defaults = {
            name: parameter["Default"]
            for name, parameter in (document.get("Parameters") or {}).items()
            if "Default" in parameter and "AWS::SSM" not in str(parameter.get("Type"))
        }
        pseudo = {"AWS::Region": region} if region else {}
        self._values = {**defaults, **parameters, **pseudo}

    def resources(self, *types: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield logical ids and definitions of the resources of some types."""
        for logical_id, resource in self._resources.items():
            # A loop (Fn::ForEach) stands where resources do, and is none.
            if isinstance(resource, Mapping) and resource.get("Type") in types:
                yield logical_id, {**resource, "Properties": resource.get("Properties") or {}}

    def resource(self, logical_id: str) -> Mapping[str, Any] | None:
        """Return the definition of a resource; None if it is not in the template."""
        found: Mapping[str, Any] | None = self._resources.get(logical_id)
        return found

    def resolve(self, value: Any) -> Any:
        """Return a value with what is known put in; what is not becomes an `Unknown`."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        if len(value) != 1:
            return {name: self.resolve(item) for name, item in value.items()}
        ((name, argument),) = value.items()
        if value == {"Ref": "AWS::NoValue"}:
            return None
        if name == "Ref":
            return self._values.get(argument, Unknown(f"${{{argument}}}"))
        if name == "Fn::Join":
            parts = self.resolve(argument[1])
            return _joined(argument[0], parts) if isinstance(parts, list) else Unknown(value)
        if name == "Fn::Sub":
            return self._substitute(argument)
        if name == "Fn::FindInMap":
            return self._find_in_map(argument)
        return Unknown(value) if name.startswith("Fn::") else {name: self.resolve(argument)}

    def _substitute(self, argument: Any) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument
        values = {**self._values, **self.resolve(given)}
        parts = [
            values.get(part, Unknown(f"${{{part}}}")) if index % 2 else part
            for index, part in enumerate(_VARIABLE.split(text))
        ]
        return _joined("", parts)

    def _find_in_map(self, argument: list[Any]) -> Any:
        found: Any = self._mappings
        for key in self.resolve(argument[:3]):
            found = found.get(key) if isinstance(found, Mapping) else None
        return Unknown({"Fn::FindInMap": argument}) if found is None else found

    @staticmethod
    def mentioned(value: Any) -> Iterator[str]:
        """Yield the logical ids that a value refers to."""
        if isinstance(value, list):
            for item in value:
                yield from Template.mentioned(item)
        elif isinstance(value, Mapping):
            if set(value) == {"Ref"}:
                yield value["Ref"]
            elif set(value) == {"Fn::GetAtt"}:
                attribute = value["Fn::GetAtt"]
                yield attribute[0] if isinstance(attribute, list) else attribute.partition(".")[0]
            else:
                for item in value.values():
                    yield from Template.mentioned(item)


def _joined(separator: str, parts: list[Any]) -> str:
    text = separator.join(map(str, parts))
    return Unknown(text) if any(isinstance(part, Unknown) for part in parts) else text
