"""How many monitors fit into a stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import jsii
from constructs import IValidation

from .._validation import InvalidValue
from .placement import Place, Rows, stacks_that_suffice

if TYPE_CHECKING:
    from .._resources.stack import TemplateSize
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
        shared, per_row, costs = self._costs()

        def fits(rows: Rows, shared: Sequence[float], per_row: Sequence[float]) -> bool:
            resources, total = (shared[part] + sum(costs[row][part] + per_row[part] for row in rows) for part in (0, 1))
            return resources <= _MOST_RESOURCES and total <= _MOST_BYTES and len(rows) <= _MOST_MONITORS

        # What belongs to no row is made once for a stack, as far as one can see; or else, if no stack had room for it
        # then, for each row.
        enough = stacks_that_suffice(costs, self._stacks, lambda rows: fits(rows, shared, (0, 0)))
        if enough is None:
            ours = (_SHARED_RESOURCES, _SHARED_BYTES)
            enough = stacks_that_suffice(costs, self._stacks, lambda rows: fits(rows, ours, per_row))
        reason = (
            f"{self._stack.name} has {len(self._stack.rows)} monitors with {size.resources} resources (CloudFormation "
            f"takes {_MOST_RESOURCES}) and a template of {size.bytes} bytes (it takes {_MOST_BYTES})"
        )
        return [str(too_few_stacks(self._stacks, enough, reason))]

    def _costs(self) -> tuple[Sequence[float], Sequence[float], dict[FleetRow, TemplateSize]]:
        """The most that a stack has beside its rows, in all and for each row, and what each row takes."""
        shared, per_row = [0.0, 0.0], [0.0, 0.0]
        costs: dict[FleetRow, TemplateSize] = {}
        for each in self._fleet:
            rest, of_rows = each.costs()
            costs |= of_rows
            shared = [max(pair) for pair in zip(shared, rest, strict=True)]
            if of_rows:
                per_row = [max(most, part / len(of_rows)) for most, part in zip(per_row, rest, strict=True)]
        return shared, per_row, costs
