"""The order in which the stacks of a fleet are deployed: no wave starts more baselining jobs than may run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from .._validation import InvalidType, InvalidValue, integer
from .placement import Rows, stacks_that_suffice

if TYPE_CHECKING:
    from .fleet_stack import FleetStack

_COUNT = integer(minimum=1)

# What CDK Pipelines make of a wave: a change set and its execution for each stack, in stages of 50 actions.
_ACTIONS_OF_A_STACK, _ACTIONS_OF_A_STAGE = 2, 50
# Source, Build, UpdatePipeline and Assets, of which the last one publishes two files.
_OWN_STAGES, _OWN_ACTIONS = 4, 5
# https://docs.aws.amazon.com/general/latest/gr/codepipeline.html, which AWS may raise
_MOST_STAGES, _MOST_ACTIONS = 50, 1000


class InstanceQuota:
    """SageMaker's quotas for the instances of processing jobs, each of one account, region and instance type.

    Args:
        max_instances: The quota of every type, or quotas by type.

    Raises:
        ValueError: A quota is less than 1.
        TypeError: It is neither an integer nor a mapping of instance types to integers.
    """

    def __init__(self, max_instances: int | Mapping[str, int]) -> None:
        if isinstance(max_instances, Mapping):
            for instance_type, quota in max_instances.items():
                _COUNT(f"max_instances[{instance_type!r}]", quota)
        elif isinstance(max_instances, bool) or not isinstance(max_instances, int):
            remedy = "write the quota of 'ml.m5.xlarge for processing job usage', or {'ml.m5.xlarge': 20}"
            raise InvalidType(
                "max_instances", "be an integer, or a mapping of instance types to integers", max_instances, remedy
            )
        else:
            _COUNT("max_instances", max_instances)
        self.value = max_instances

    def of(self, instance_type: str) -> int:
        """The quota of an instance type.

        Raises:
            ValueError: It is not given.
        """
        if not isinstance(self.value, Mapping):
            return self.value
        if instance_type not in self.value:
            remedy = f"write {{…, {instance_type!r}: <quota>}}"
            raise InvalidValue(
                "max_instances", f"have the quota of {instance_type}, which monitors use", self.value, remedy
            )
        return self.value[instance_type]

    def allows(self, instances: Counter[str]) -> bool:
        """Whether so many instances may run at once."""
        return all(count <= self.of(instance_type) for instance_type, count in instances.items())


def waves(stacks: Sequence[FleetStack], quota: InstanceQuota) -> list[list[FleetStack]]:
    """Distribute stacks over waves.

    Args:
        stacks: The stacks, those of an account and region one after the other.
        quota: How many instances may run at once in an account and region.

    Raises:
        ValueError: A stack alone starts more.
    """
    instances = {stack: sum(stack.instances().values(), Counter()) for stack in stacks}
    for stack, started in instances.items():
        if not quota.allows(started):
            raise _too_many(stack, started, stacks, quota)
    columns = []
    for _, of_environment in groupby(stacks, key=lambda stack: stack.environment):
        groups: list[list[FleetStack]] = []
        running: Counter[str] = Counter()
        for stack in of_environment:
            if not groups or not quota.allows(running + instances[stack]):
                groups.append([])
                running = Counter()
            groups[-1].append(stack)
            running += instances[stack]
        columns.append(groups)
    return [[stack for group in wave for stack in group] for wave in zip_longest(*columns, fillvalue=())]


def beyond_one_pipeline(stacks_of_waves: Sequence[int]) -> str | None:
    """The warning of more waves, or stacks, than a pipeline takes; None: it takes them.

    Args:
        stacks_of_waves: The number of stacks of each wave.
    """
    actions = [_ACTIONS_OF_A_STACK * count for count in stacks_of_waves]
    stages = _OWN_STAGES + sum(-(-count // _ACTIONS_OF_A_STAGE) for count in actions)
    total = _OWN_ACTIONS + sum(actions)
    if stages <= _MOST_STAGES and total <= _MOST_ACTIONS:
        return None
    return (
        f"in one pipeline these waves take {stages} stages and {total} actions: CodePipeline has quotas of "
        f"{_MOST_STAGES} stages and {_MOST_ACTIONS} actions of a pipeline, unless AWS has raised them for you; "
        f"distribute the waves over several pipelines, or write fewer stacks_per_environment"
    )


def _too_many(
    stack: FleetStack, started: Counter[str], stacks: Sequence[FleetStack], quota: InstanceQuota
) -> InvalidValue:
    instance_type = next(each for each, count in started.items() if count > quota.of(each))
    by_row = {row: instances for each in stacks for row, instances in each.instances().items()}

    def fits(rows: Rows) -> bool:
        return quota.allows(sum((by_row[row] for row in rows), Counter()))

    per_environment = max(Counter(each.environment for each in stacks).values())
    enough = stacks_that_suffice(by_row, per_environment, fits)
    remedy = f"{stack.name} starts so many at once; ask AWS for a larger quota" + (
        f", or write stacks_per_environment={enough}" if enough else ""
    )
    return InvalidValue(
        "max_instances", f"be {started[instance_type]} or more for {instance_type}", quota.value, remedy
    )
