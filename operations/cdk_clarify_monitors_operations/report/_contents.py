"""ReportContents: what a report says, of which its page is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.data._files import Constraints
from cdk_clarify_monitors_operations.data._prediction_names import PredictionNames
from cdk_clarify_monitors_operations.report._numbers import ReportNumbers
from cdk_clarify_monitors_operations.report._reading import Unreadable


@dataclass(frozen=True)
class ReportContents(Record):
    """What a report says of a monitor; `MonitorReport` documents the attributes."""

    monitoring_schedule_name: str
    monitoring_type: str
    endpoint_name: str | None
    job_definition_name: str
    region: str
    baseline: str | None
    since: datetime | None
    until: datetime | None
    limit: int | None
    truncated: bool
    unreadable: list[Unreadable]
    numbers: ReportNumbers
    _names: PredictionNames = field(default_factory=PredictionNames, repr=False, compare=False, kw_only=True)
    _suggested: Constraints | None = field(default=None, repr=False, compare=False, kw_only=True)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing: everything could be read, and no limit has left executions out."""
        return not self.unreadable and not self.truncated

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as JSON can hold them: times are ISO 8601 texts, infinity is a text, gaps are null."""
        return {"version": "1.0", "complete": self.complete, **super().to_dict()}
