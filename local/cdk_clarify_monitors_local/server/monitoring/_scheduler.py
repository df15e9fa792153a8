"""Moves the clock, and carries out what becomes due."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._platform import Alarms, Scope
from cdk_clarify_monitors_local.server.monitoring._cron import due_times
from cdk_clarify_monitors_local.server.monitoring._executor import MonitoringExecutor
from cdk_clarify_monitors_local.server.sagemaker import DEFINITION_KINDS, ControlPlane
from cdk_clarify_monitors_local.server.sagemaker._region import Region
from cdk_clarify_monitors_operations.definitions._time_offsets import NOW


class Scheduler:
    """Runs schedules as the clock is moved. On its own, with time passing, nothing runs.

    Args:
        control_plane: SageMaker.
        executor: Carries out executions.
        alarms: What is evaluated as time passes.
        clock: The clock.
    """

    def __init__(self, control_plane: ControlPlane, executor: MonitoringExecutor, alarms: Alarms, clock: Clock) -> None:
        self._control_plane = control_plane
        self._executor = executor
        self._alarms = alarms
        self._clock = clock
        self._lock = threading.Lock()

    def advance(self, by: timedelta) -> list[dict[str, Any]]:
        """Move the clock forward, and carry out in order what is due until then.

        An execution that is due finds the clock at its time. Those that were missed before come first.

        Returns:
            The summaries of the executions.

        Raises:
            ValueError: `by` is negative.
        """
        if by < timedelta(0):
            raise ValueError(f"The clock goes forward only, not by {by}.")
        with self._lock:
            until = self._clock.now() + by
            summaries = []
            while (due := min(self._due(until), key=_place, default=None)) is not None:
                moment, scope, name = due
                self._move_to(moment)
                with self._control_plane.locked(scope) as region:
                    region.considered[name] = moment
                    region.ran_once.add(name)
                summaries.append(self._executor.run(scope, name, moment))
            self._move_to(until)
        return summaries

    def run(self, scope: Scope, name: str, scheduled: datetime | None) -> dict[str, Any]:
        """Carry out one execution now.

        Args:
            scope: The account and region.
            name: The schedule's name.
            scheduled: When it is due. None: at the next full hour.

        Returns:
            Its MonitoringExecutionSummary.

        Raises:
            ApiError: There is no such schedule, or nothing here can run it.
        """
        if scheduled is None:
            scheduled = self._clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        summary = self._executor.run(scope, name, scheduled)
        with self._control_plane.locked(scope) as region:
            region.ran_once.add(name)
        return summary

    def _move_to(self, moment: datetime) -> None:
        """Move the clock forward, from one change of an alarm to the next."""
        now: datetime | None = self._clock.now()
        while now is not None:
            now = self._alarms.next_moment(now, moment)
            self._clock.advance(max((now or moment) - self._clock.now(), timedelta(0)))
            self._alarms.evaluate()

    def _due(self, until: datetime) -> Iterator[tuple[datetime, Scope, str]]:
        """Yield the next moment at which each schedule is due, if that is not later."""
        for scope in self._control_plane.scopes():
            with self._control_plane.locked(scope) as region:
                for name in region.schedules:
                    moment = _next(region, name, self._clock.now(), until)
                    if moment is not None:
                        yield moment, scope, name


def _place(due: tuple[datetime, Scope, str]) -> tuple[datetime, str, str, str]:
    moment, scope, name = due
    return moment, scope.account, scope.region, name


def _next(region: Region, name: str, now: datetime, until: datetime) -> datetime | None:
    schedule = region.schedules[name]
    config = schedule["MonitoringScheduleConfig"]
    if schedule["MonitoringScheduleStatus"] != "Scheduled" or config.get("MonitoringType") not in DEFINITION_KINDS:
        return None
    expression = (config.get("ScheduleConfig") or {}).get("ScheduleExpression")
    if expression == NOW:
        return None if name in region.ran_once else now
    return next(due_times(expression, region.considered[name], until), None)
