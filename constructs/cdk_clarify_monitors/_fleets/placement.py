"""Which stack a row's monitor is in: decided by the row's key alone, so that no row moves another one."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from .rows import Environment, FleetRow

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_MOST_STACKS = 2000  # in an account and region

Place = tuple[Environment, int]
Rows = Collection[FleetRow]


def place(rows: Iterable[FleetRow], stacks: int) -> dict[Place, list[FleetRow]]:
    """The rows of each stack that has some, in the order of their keys."""
    places: dict[Place, list[FleetRow]] = defaultdict(list)
    for row in rows:
        number = max(range(1, stacks + 1), key=lambda number, key=row.key: _weight(number, key))  # type: ignore[misc]
        places[row.environment, number].append(row)
    return {where: sorted(there, key=lambda row: row.key) for where, there in places.items()}


def stacks_that_suffice(rows: Rows, stacks: int, fits: Callable[[Rows], bool]) -> int | None:
    """The next larger number of stacks for each environment with which every stack holds its rows.

    Args:
        rows: The rows of the fleet.
        stacks: The number that does not suffice.
        fits: Whether a stack can have these rows.

    Returns:
        The number; None: there is none.
    """
    if not all(fits([row]) for row in rows):
        return None
    heaviest: dict[FleetRow, tuple[bytes, int]] = dict.fromkeys(rows, (b"", 0))
    for number in range(1, _MOST_STACKS + 1):
        places: Mapping[Place, list[FleetRow]] = defaultdict(list)
        for row in rows:
            heaviest[row] = max(heaviest[row], (_weight(number, row.key), number))
            places[row.environment, heaviest[row][1]].append(row)
        if number > stacks and all(map(fits, places.values())):
            return number
    return None


def _weight(number: int, key: str) -> bytes:
    """The weight of a stack for a row, which goes to the heaviest (rendezvous hashing).

    With one stack more, rows go to the new one or stay; a remainder of the hash would move almost all of them.
    """
    return hashlib.sha256(f"{number}/{key}".encode()).digest()
