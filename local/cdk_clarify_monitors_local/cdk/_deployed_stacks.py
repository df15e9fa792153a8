"""What a cdk command has deployed or deleted: stacks, and the monitoring schedules in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_STACK, _SCHEDULE = "AWS::CloudFormation::Stack", "AWS::SageMaker::MonitoringSchedule"
_DEPLOYED = re.compile(r"^Stack ARN:\s+(arn:[\w-]+:cloudformation:\S+:stack/\S+)$", re.MULTILINE)
_DELETED = re.compile(r"^ *✅ +(.+): destroyed$", re.MULTILINE)


@dataclass(frozen=True)
class StackArn:
    """The ARN of a stack.

    Attributes:
        arn: All of it.
    """

    arn: str

    @property
    def region(self) -> str:
        """The stack's region."""
        return self.arn.split(":")[3]

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.arn.split("/")[1]


def deployed_stacks(printed: str) -> list[StackArn]:
    """Return the stacks that a `cdk deploy` has deployed or found unchanged, those among them that others need."""
    return [StackArn(arn) for arn in dict.fromkeys(_DEPLOYED.findall(printed))]


def deleted_stacks(printed: str) -> list[str]:
    """Return how the cdk command names the stacks that it has deleted."""
    return _DELETED.findall(printed)


def monitoring_schedules(client: Callable[[str], Any], stacks: Sequence[StackArn]) -> Iterator[tuple[str, str]]:
    """Yield the monitoring schedules of stacks and of those nested in them, each with its region.

    Args:
        client: Makes a CloudFormation client of a region.
        stacks: The stacks.
    """
    for stack in stacks:
        pages = client(stack.region).get_paginator("list_stack_resources").paginate(StackName=stack.arn)
        for resource in (each for page in pages for each in page["StackResourceSummaries"]):
            id_ = resource.get("PhysicalResourceId", "")
            if resource["ResourceType"] == _SCHEDULE:
                yield stack.region, id_.rpartition("/")[2]
            elif resource["ResourceType"] == _STACK:
                yield from monitoring_schedules(client, [StackArn(id_)])
