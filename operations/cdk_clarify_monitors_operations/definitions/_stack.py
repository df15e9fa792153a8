"""Whether CloudFormation made a schedule: then its next deployment undoes what is changed past it."""

from __future__ import annotations

from collections.abc import Mapping

from cdk_clarify_monitors_operations._aws import Aws
from cdk_clarify_monitors_operations._errors import AccessDenied, ManagedByStack, NotFound

_STACK_TAG = "aws:cloudformation:stack-name"


def stack_of(aws: Aws, arn: str, tags: Mapping[str, str]) -> str | None:
    """Return the name of the stack that a schedule belongs to, or None.

    Args:
        aws: Where to ask.
        arn: The schedule's ARN.
        tags: All its tags, those of AWS among them.

    Raises:
        AccessDenied: Its tags do not tell, and the caller may not ask CloudFormation.
    """
    if _STACK_TAG in tags:
        return tags[_STACK_TAG]
    try:
        found = aws.call("cloudformation", "DescribeStackResources", PhysicalResourceId=arn)
    except NotFound:  # "Stack for … does not exist"
        return None
    names = [resource["StackName"] for resource in found["StackResources"] if resource["PhysicalResourceId"] == arn]
    return names[0] if names else None


def refuse_if_managed(aws: Aws, schedule: str, arn: str, tags: Mapping[str, str], what: str) -> None:
    """Refuse to change a schedule that CloudFormation made.

    Raises:
        ManagedByStack: It did; or that cannot be found out.
    """
    advice = f"change the app and deploy it, or pass override_stack=True to {what} it all the same"
    try:
        stack = stack_of(aws, arn, tags)
    except AccessDenied as error:
        raise ManagedByStack(
            f"CloudFormation may have made the monitoring schedule {schedule}: its tags do not tell, and {error}. "
            f"Ask for that permission, or pass override_stack=True to {what} it all the same",
            stack=None,
            schedule=schedule,
        ) from error
    if stack is not None:
        raise ManagedByStack(
            f"The stack {stack} made the monitoring schedule {schedule}; its next deployment would undo this: {advice}",
            stack=stack,
            schedule=schedule,
        )
