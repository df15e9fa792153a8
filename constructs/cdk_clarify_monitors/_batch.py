"""Several calls to the CDK in one message.

The CDK runs in a process of its own. A message to it and back costs more than most of what is asked for, and Python's
class of a construct costs the import of a module with all of a service's. So what makes a monitor is written down
first and sent at once; `_jsii/package/index.js` takes the steps. The constructs are the CDK's own: asked for later,
they are found in the tree as objects of Python's class.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jsii

from . import _jsii

if TYPE_CHECKING:
    from constructs import IConstruct


class _Batch(metaclass=jsii.JSIIMeta, jsii_type=f"{_jsii.ASSEMBLY.name}.Batch"):
    """The class in JavaScript; its only member is static."""


class Batch:
    """Calls to the CDK, sent by `run`.

    The result of each is written as a string that looks like a token of the CDK's, and is known to `run` alone: it can
    stand wherever a later step takes an object or a value, or be a part of a string. Names are those of JavaScript:
    `aws-cdk-lib.aws_iam.CfnRole`, `managedPolicyArns`.
    """

    def __init__(self) -> None:
        self._steps: list[tuple[Any, ...]] = []
        self._objects: list[Any] = []

    def new(self, type_: str, *arguments: Any) -> str:
        """Make an object of a class."""
        return self._step("new", type_, *arguments)

    def call(self, target: Any, method: str, *arguments: Any) -> str:
        """Call a method of an object, or a static one of a class that is given by its name."""
        return self._step("call", target, method, *arguments)

    def get(self, target: Any, name: str) -> str:
        """Read a property of an object, or a static one of a class that is given by its name."""
        return self._step("get", target, name)

    def child(self, scope: IConstruct | str, *ids: str) -> str:
        """Find a construct that was made before, by the ids that lead to it."""
        found: Any = scope
        for each in ids:
            found = self.call(self.get(found, "node"), "findChild", each)
        return str(found)

    def run(self) -> Mapping[str, str]:
        """Take the steps.

        Returns:
            The results that are strings, tokens of the CDK's mostly, by what stood for them.

        Raises:
            RuntimeError: The CDK refused something.
        """
        if not self._steps:
            return {}
        script = json.dumps(self._steps, separators=(",", ":"), default=self._reference)
        results = json.loads(jsii.sinvoke(_Batch, "run", [script, self._objects]))
        return {_written("step", number): result for number, result in enumerate(results) if result is not None}

    def _step(self, verb: str, target: Any, *arguments: Any) -> str:
        self._steps.append((verb, target, *arguments))
        return _written("step", len(self._steps) - 1)

    def _reference(self, value: object) -> str:
        """What stands for an object of jsii's."""
        self._objects.append(value)
        return _written("object", len(self._objects) - 1)


def _written(kind: str, number: int) -> str:
    return f"${{Token[@{kind}.{number}]}}"
