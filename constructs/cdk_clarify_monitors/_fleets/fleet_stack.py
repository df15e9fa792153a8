"""A stack of a fleet, and how much of it is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._resources.stack import MonitoredStack, TemplateSize
from .._validation import InvalidValue, is_token

if TYPE_CHECKING:
    import aws_cdk as cdk

    from .._resources.monitor import ClarifyMonitor
    from .rows import Environment, FleetRow


@dataclass(frozen=True, eq=False)
class FleetStack:
    """A stack of a fleet.

    Attributes:
        name: Its name.
        environment: Its account and region.
        stack: The stack.
        stage: The stage around it; None: there is none of its own.
        rows: The rows whose monitors are in it.
        monitors: These monitors.
    """

    name: str
    environment: Environment
    stack: cdk.Stack
    stage: cdk.Stage | None
    rows: Sequence[FleetRow]
    monitors: Sequence[ClarifyMonitor]

    @property
    def size(self) -> TemplateSize:
        """How large its template is."""
        return MonitoredStack.of(self.stack).sizes()[0]

    def costs(self) -> tuple[TemplateSize, dict[FleetRow, TemplateSize]]:
        """What of the template belongs to no row, and what to each row: what has the monitor's id in its own."""
        whole, *own = MonitoredStack.of(self.stack).sizes([row.construct_id for row in self.rows])
        rest = TemplateSize(*(of_all - sum(of_rows) for of_all, *of_rows in zip(whole, *own, strict=True)))
        return rest, dict(zip(self.rows, own, strict=True))

    def instances(self) -> dict[FleetRow, Counter[str]]:
        """The instances of the baselining job of each row's monitor, by type.

        Raises:
            ValueError: They are not known at synthesis.
        """
        return {row: _instances(row, monitor) for row, monitor in zip(self.rows, self.monitors, strict=True)}


def _instances(row: FleetRow, monitor: ClarifyMonitor) -> Counter[str]:
    spec = monitor._monitor_spec
    if not spec.baselined:
        return Counter()
    settings, options = spec.settings, spec.settings.baseline
    instance_type = (options and options.instance_type) or settings.instance_type
    count = settings.baselining_instance_count
    for name, value in (("instance_type", instance_type), ("instance_count", count)):
        if is_token(value):
            raise InvalidValue(f"{row.where}, {name}", "be known at synthesis", value, "give its monitor a literal")
    return Counter({instance_type: count})
