"""What the client returns is plain data: frozen dataclasses that turn into JSON."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any


class Record:
    """A dataclass whose public fields turn into JSON."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON can hold them: times are ISO 8601 texts, tuples are lists, infinity is a text."""
        assert dataclasses.is_dataclass(self)  # noqa: S101 for the type checker
        return {
            field.name: to_json(getattr(self, field.name))
            for field in dataclasses.fields(self)
            if not field.name.startswith("_")
        }


def to_json(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and not math.isfinite(value):
        # As Clarify writes it: JSON has no number for it.
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(item) for item in value]
    return value


def or_empty(value: Any) -> Any:
    """Return a member of a document that may be null, which means the same as an empty one."""
    return {} if value is None else value
