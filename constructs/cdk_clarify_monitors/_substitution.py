"""Texts with deploy-time values in them, written as `Fn::Sub`.

The CDK writes them as `Fn::Join`, which takes three times the room: a template has a megabyte at most, and more than
half of a monitor's part of it would be the pieces of ARNs.
"""

from __future__ import annotations

import re
from typing import Any

from ._validation import STRING_TOKEN, is_token

_LITERAL = re.compile(r"\$\{(?!Token\[)")
_PARTITION = re.compile(r"^arn:aws[a-z-]*:")


class Substitution:
    """Knows what CloudFormation calls some tokens."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def know(self, value: str, name: str) -> None:
        """Learn the name of a value: a pseudo parameter, or the logical id of what `Ref` gives the value of."""
        if is_token(value):
            self._names[value] = f"${{{name}}}"

    def __call__(self, value: Any) -> Any:
        """A JSON value in which `Fn::Sub` stands for texts all of whose tokens are known by name."""
        if isinstance(value, str):
            return self._text(value) if is_token(value) else value
        if isinstance(value, dict):
            return {key: self(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self(item) for item in value]
        return value

    def _text(self, text: str) -> Any:
        tokens = set(STRING_TOKEN.findall(text))
        if not tokens or text in tokens or not tokens <= self._names.keys():
            return text  # a reference is shorter yet, and a list that is a token has to stay one
        escaped = _LITERAL.sub("${!", text)
        # Where the partition is known it is the stack's; the form without it is what cfn-lint asks for.
        escaped = _PARTITION.sub("arn:${AWS::Partition}:", escaped)
        form = STRING_TOKEN.sub(lambda token: self._names[token[0]], escaped)
        return {"Fn::Sub": form}
