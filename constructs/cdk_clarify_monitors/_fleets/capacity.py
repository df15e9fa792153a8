"""How many monitors fit into a stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import jsii
from constructs import IValidation

from .._validation import InvalidValue
from .placement import Place, Rows, stacks_that_suffice

if TYPE_CHECKING:
    from .fleet_stack import FleetStack
    from .rows import FleetRow

# So many stay within all limits, those of IAM's policies among them: tests/security/test_policies.py tries it.
_MOST_MONITORS = 110

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_MOST_RESOURCES, _MOST_BYTES = 500, 1_000_000
# What a stack has once for all of its monitors. docs/performance.md has the figures; one resource is the fleet's own.
_SHARED_RESOURCES, _SHARED_BYTES = 21, 40_000


def check_count(places: Mapping[Place, Sequence[FleetRow]], rows: Rows, stacks: int) -> None:
    """Refuse a stack with more monitors than fit, whatever they are.

    Raises:
        ValueError: There is one.
    """
    if any(len(there) > _MOST_MONITORS for there in places.values()):
        ((account, region), number), there = max(places.items(), key=lambda item: len(item[1]))
        reason = f"stack {number} in {account}/{region} would have {len(there)} monitors, and {_MOST_MONITORS} fit"
        enough = stacks_that_suffice(rows, stacks, lambda some: len(some) <= _MOST_MONITORS)
        raise too_few_stacks(stacks, enough, reason)


def too_few_stacks(stacks: int, enough: int | None, reason: str) -> InvalidValue:
    """The error of a fleet with too few stacks.

    Args:
        stacks: Their number.
        enough: The number that suffices; None: there is none.
        reason: Why there are too few.
    """
    remedy = f"{enough} stacks suffice" if enough else "no number of stacks suffices: one monitor is too large"
    return InvalidValue("stacks_per_environment", "be larger", stacks, f"{reason}; {remedy}")


@jsii.implements(IValidation)
class CapacityValidation:
    """The validation of a stack at synthesis, when its resources are known, users' own ones among them.

    Args:
        stack: The stack.
        fleet: All stacks of the fleet.
        stacks: How many of them each account and region has.
    """

    def __init__(self, stack: FleetStack, fleet: Sequence[FleetStack], stacks: int) -> None:
        self._stack, self._fleet, self._stacks = stack, fleet, stacks

    def validate(self) -> list[str]:
        """The error if the stack is too large."""
        size = self._stack.size
        if size.resources <= _MOST_RESOURCES and size.bytes <= _MOST_BYTES:
            return []
        costs = {row: cost for each in self._fleet for row, cost in each.costs().items()}

        def fits(rows: Rows) -> bool:
            resources, total = (sum(costs[row][part] for row in rows) for part in (0, 1))
            room = resources <= _MOST_RESOURCES - _SHARED_RESOURCES and total <= _MOST_BYTES - _SHARED_BYTES
            return room and len(rows) <= _MOST_MONITORS

        reason = (
            f"{self._stack.name} has {len(self._stack.rows)} monitors with {size.resources} resources (CloudFormation "
            f"takes {_MOST_RESOURCES}) and a template of {size.bytes} bytes (it takes {_MOST_BYTES})"
        )
        return [str(too_few_stacks(self._stacks, stacks_that_suffice(costs, self._stacks, fits), reason))]
