"""What a stack's users are warned of at synthesis."""

from __future__ import annotations

import re

import aws_cdk as cdk


def warnings_of(stack: cdk.Stack, pattern: str = "") -> list[str]:
    """The warnings on a stack's constructs in which a pattern is found, each with its id as "[ack: id]" at the end.

    Old versions of the CDK cannot give `aws_cdk.assertions.Annotations` to Python: two of their packages share a name.
    """
    stage = cdk.Stage.of(stack)
    assert stage is not None
    stage.synth()
    return [
        str(entry.data)
        for construct in stack.node.find_all()
        for entry in construct.node.metadata
        if entry.type == "aws:cdk:warning" and re.search(pattern, str(entry.data))
    ]
