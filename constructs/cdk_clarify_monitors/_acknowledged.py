"""Findings of cdk-nag on what the library makes, answered here so that users need not.

They are kept as the CDK keeps acknowledgements of any validation, so cdk-nag is no dependency. Each answer is for one
finding on one construct: what users add to it is still checked. To word them costs calls into jsii, so they are made
only in an app that has imported cdk-nag when its monitors are made.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from ._validation import STRING_TOKEN, is_token

if TYPE_CHECKING:
    import aws_cdk as cdk
    from constructs import IConstruct

    from ._batch import Batch
    from ._statements import Statement


def cdk_nag_is_loaded() -> bool:
    """Whether anything can ask for the answers."""
    return "cdk_nag" in sys.modules


def acknowledge(batch: Batch, construct: IConstruct | str, reasons: Mapping[str, str]) -> None:
    """Answer findings on a construct and on what is inside it.

    Args:
        batch: What makes the construct, or comes after it is made.
        construct: The construct, or what stands for it.
        reasons: Why each finding is accepted, by its id.
    """
    # What Validations.of(construct).acknowledge(…) does, in one call instead of one for each finding.
    key = batch.get("aws-cdk-lib.Validations", "ACKNOWLEDGED_RULES_METADATA_KEY")
    batch.call(batch.get(construct, "node"), "addMetadata", key, dict(reasons))


def wildcards(stack: cdk.Stack, statements: Iterable[Statement], reason: str) -> dict[str, str]:
    """The findings of wildcards in the resources of statements, all accepted for one reason.

    Args:
        stack: The stack that resolves the tokens in them.
        statements: The statements.
        reason: Why the wildcards are accepted.
    """
    resources = (_texts(statement["Resource"]) for statement in statements if statement["Effect"] == "Allow")
    return {
        f"AwsSolutions-IAM5[Resource::{_shown(stack, each)}]": reason
        for found in resources
        for each in found
        if "*" in each
    }


def _texts(resources: Any) -> list[str]:
    found = resources if isinstance(resources, list) else [resources]
    return [each["Fn::Sub"] if isinstance(each, Mapping) else each for each in found]


def _shown(stack: cdk.Stack, text: str) -> str:
    """A text as cdk-nag shows it: with `<LogicalId>` in the place of a reference."""
    parts = STRING_TOKEN.split(text)
    return "".join(_shown_token(stack, part) if is_token(part) else _flat(part) for part in parts)


@cache
def _shown_token(stack: cdk.Stack, token: str) -> str:
    return _flat(stack.resolve(token))


def _flat(value: Any) -> str:
    match value:
        case {"Fn::Join": [delimiter, items]}:
            return str(delimiter).join(map(_flat, items))
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case str():
            return value.replace("${", "<").replace("}", ">")
        case {"Fn::Sub": str() as text}:
            return _flat(text)
        case _:
            return json.dumps(value, separators=(",", ":"))
