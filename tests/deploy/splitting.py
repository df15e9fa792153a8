"""One stack's monitors in stacks of their own, so that they are deployed at the same time.

CloudFormation creates the resources of a stack side by side, MiniStack one after the other. To see six monitors wait
for each other, what they share is deployed first, and then what each one has, all at once.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.embedded_aws.account import Account, Build, Stack
from tests.support.templates.deployment import PLACEHOLDER

_OF_ONE_MONITOR = (
    "Custom::ClarifyBaseline",
    "AWS::SageMaker::ModelBiasJobDefinition",
    "AWS::SageMaker::MonitoringSchedule",
)

# Seconds from one stack to the next. Without them MiniStack would start a process of each function for each stack.
_BETWEEN = 0.2


def deploy_side_by_side(account: Account, name: str, build: Build) -> list[Stack]:
    """Deploy the monitors of a stack at the same time.

    Args:
        account: Where to.
        name: The stack's name.
        build: Puts the monitors into the stack.

    Returns:
        The stack that the monitors share, and one stack for each monitor; they have not come to an end yet.
    """
    template = account.publish(account.synthesize(name, build), name)
    resources: Mapping[str, Any] = template["Resources"]
    own = {id_: resource for id_, resource in resources.items() if resource["Type"] in _OF_ONE_MONITOR}
    shared = {id_: resource for id_, resource in resources.items() if id_ not in own}
    wanted = {reference for resource in own.values() for reference in _references(resource) if reference[0] in shared}
    outputs = {_output(*reference): {"Value": _function(*reference)} for reference in wanted}
    base = account.stack(name)
    base.begin_template({**template, "Resources": shared, "Outputs": outputs})
    base.finish()
    assert base.status == "CREATE_COMPLETE", base.failures
    values = base.outputs
    stacks = [base]
    for monitor in sorted({_monitor(resource) for resource in own.values()}):
        stack = account.stack(f"{name}-{monitor}")
        parts = {id_: _filled_in(resource, values) for id_, resource in own.items() if _monitor(resource) == monitor}
        stack.begin_template({**template, "Resources": parts, "Outputs": {}})
        stacks.append(stack)
        time.sleep(_BETWEEN)
    return stacks


def _monitor(resource: Mapping[str, Any]) -> str:
    """The construct id of the monitor that a resource belongs to."""
    return str(resource["Metadata"]["aws:cdk:path"]).split("/")[1]


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """Logical id and attribute of what a value refers to; no attribute stands for Ref."""
    match value:
        case {"Ref": str(id_)}:
            yield id_, ""
        case {"Fn::GetAtt": [str(id_), str(attribute)]}:
            yield id_, attribute
        case {"Fn::Sub": str(text)}:
            yield from ((id_, "") for id_ in PLACEHOLDER.findall(text))
        case dict():
            for item in value.values():
                yield from _references(item)
        case list():
            for item in value:
                yield from _references(item)


def _filled_in(value: Any, values: Mapping[str, str]) -> Any:
    """A value with what is known in place of references."""
    found = list(_references(value)) if isinstance(value, dict) and len(value) == 1 else []
    if len(found) == 1 and value == _function(*found[0]) and _output(*found[0]) in values:
        return values[_output(*found[0])]
    if isinstance(value, dict) and isinstance(text := value.get("Fn::Sub"), str):
        return {"Fn::Sub": PLACEHOLDER.sub(lambda name: values.get(_output(name[1], ""), name[0]), text)}
    if isinstance(value, dict):
        return {key: _filled_in(item, values) for key, item in value.items() if key != "DependsOn"}
    if isinstance(value, list):
        return [_filled_in(item, values) for item in value]
    return copy.deepcopy(value)


def _function(id_: str, attribute: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [id_, attribute]} if attribute else {"Ref": id_}


def _output(id_: str, attribute: str) -> str:
    return f"{id_}x{attribute.replace('.', '')}"
