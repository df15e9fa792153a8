"""Numbers, times and counts as a report writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
DASH: Final = "\N{EN DASH}"


def number(value: float | None) -> str:
    """Return a number with three digits."""
    if value is None:
        return DASH
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    form = ".3f" if value == 0 or 0.01 <= abs(value) < 10 else ".3g"
    return format(value, form).replace("-", MINUS)


def time(moment: datetime | None) -> str:
    """Return a time in UTC."""
    return "unknown" if moment is None else f"{moment.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def count(amount: int, one: str, many: str | None = None) -> str:
    """Return an amount with its noun."""
    return f"{amount:,} {one if amount == 1 else many or one + 's'}"


def size(amount: float | None) -> str:
    """Return an amount of bytes."""
    if amount is None:
        return "unknown"
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} TB"


def listed(parts: Sequence[str], at_most: int = 12) -> str:
    """Return names as a list, the last ones as a number."""
    more = len(parts) - at_most
    return ", ".join([*parts[:at_most], *([f"{more} more"] if more > 0 else [])])
