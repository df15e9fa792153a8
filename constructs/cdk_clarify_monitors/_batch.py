"""Several calls to the CDK in one message.

The CDK runs in a process of its own. A message to it and back costs more than most of what is asked for, and Python's
class of a construct costs the import of a module with all of a service's. So what makes a monitor is written down
first and sent at once; `_jsii/package/index.js` takes the steps. The constructs are the CDK's own: asked for later,
they are found in the tree as objects of Python's classes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import jsii
from constructs import Construct

from . import _jsii

if TYPE_CHECKING:
    from constructs import IConstruct

_T = TypeVar("_T")


class Batch:
    """Calls to the CDK, sent by `run`, or with a `BatchedConstruct`.

    The result of each is written as a string that looks like a token of the CDK's, and is known to the batch alone: it
    can stand wherever a later step takes an object or a value, or be a part of a string. Names are those of JavaScript:
    `aws-cdk-lib.aws_iam.CfnRole`, `managedPolicyArns`.
    """

    def __init__(self) -> None:
        self._steps: list[tuple[Any, ...]] = []
        self._afterwards: list[Callable[[], None]] = []

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
        """Find a construct that is made before, by the ids that lead to it."""
        found: Any = scope
        for each in ids:
            found = self.call(self.get(found, "node"), "findChild", each)
        return str(found)

    def afterwards(self, do: Callable[[], None]) -> None:
        """Do something when the steps are taken; if the CDK refuses one of them, do not."""
        self._afterwards.append(do)

    def run(self) -> Mapping[str, str]:
        """Take the steps.

        Returns:
            The results that are strings, tokens of the CDK's mostly, by what stood for them.

        Raises:
            RuntimeError: The CDK refused something.
        """
        if not self._steps:
            return {}
        results = self.send(lambda script, objects: json.loads(jsii.sinvoke(_Batch, "run", [script, objects])))
        return {_written("step", number): result for number, result in enumerate(results) if result is not None}

    def answer(self, result: str) -> str:
        """Take the steps, and return one of their results; or the value itself, if it is none."""
        return self.run().get(result, result)

    def send(self, by: Callable[[str, list[Any]], _T], *objects: Any) -> _T:
        """Send the steps as JSON, and the objects that it refers to; `objects` are the first of them."""
        found = [*objects]

        def reference(value: object) -> str:
            if not any(each is value for each in found):
                found.append(value)
            return _written("object", next(number for number, each in enumerate(found) if each is value))

        result = by(json.dumps(self._steps, separators=(",", ":"), default=reference), found)
        for do in self._afterwards:
            do()
        return result

    def _step(self, verb: str, target: Any, *arguments: Any) -> str:
        self._steps.append((verb, target, *arguments))
        return _written("step", len(self._steps) - 1)


class BatchedConstruct(Construct, metaclass=jsii.JSIIMeta, jsii_type=f"{_jsii.ASSEMBLY}.BatchedConstruct"):
    """A construct that is made in one message with what is in it."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  CDK's name
        batch: Batch,
    ) -> None:
        """Make the construct.

        Args:
            scope: The construct around it.
            id: Its id, unique in `scope`.
            batch: The steps that are taken when it is made. It takes part in them itself.
        """
        batch.send(lambda script, objects: jsii.create(type(self), self, [scope, id, script, objects[1:]]), self)


class _Batch(metaclass=jsii.JSIIMeta, jsii_type=f"{_jsii.ASSEMBLY}.Batch"):
    """The class in JavaScript; its only member is static."""


def _written(kind: str, number: int) -> str:
    return f"${{Token[@{kind}.{number}]}}"
