"""The subcommand `estimate`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdk_clarify_monitors_operations._errors import NoExecutions, ScheduleNotFound
from cdk_clarify_monitors_operations.command._application import Application
from cdk_clarify_monitors_operations.command._parameters import command, pass_application
from cdk_clarify_monitors_operations.estimate._assembly import stacks_of
from cdk_clarify_monitors_operations.estimate._measured import minutes_per_execution as mean_minutes
from cdk_clarify_monitors_operations.estimate._monitors import AssembledMonitor, Cluster, monitors_of
from cdk_clarify_monitors_operations.estimate._prices import PRICE_LIST_REGION, listed_prices
from cdk_clarify_monitors_operations.estimate._schedule import DAYS_A_MONTH, Frequency
from cdk_clarify_monitors_operations.estimate._usage import (
    Instance,
    InstanceUsage,
    MonitorUsage,
    Storage,
    by_instance,
    storage_of,
    usage_of,
)
from cdk_clarify_monitors_operations.terminal._output import Output

_GIGABYTE = 10**9
_DAILY = "daily"
_PRICE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,12})?")


if TYPE_CHECKING:
    _PriceBase = click.ParamType[tuple[str, Decimal]]
else:
    _PriceBase = click.ParamType  # which older versions of click cannot take apart


class _PriceParameter(_PriceBase):
    """`INSTANCE_TYPE=USD`."""

    name = "TYPE=USD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Decimal]:
        """Return the instance type and its price an hour."""
        instance_type, _, text = str(value).partition("=")
        if not instance_type.startswith("ml.") or not _PRICE.fullmatch(text):
            self.fail(f"{value!r} is no price in dollars such as ml.m5.xlarge=0.23", param, ctx)
        return instance_type, Decimal(text)


@dataclass(frozen=True)
class _Estimate:
    """What is told: of the schedules that the app has, and of another one."""

    monitors: Sequence[AssembledMonitor]
    usages: Sequence[MonitorUsage]
    instances: Sequence[InstanceUsage]
    other: Sequence[MonitorUsage] | None
    other_instances: Sequence[InstanceUsage]
    storage: Storage | None
    notes: Sequence[str]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "days_per_month": DAYS_A_MONTH,
            "monitors": [usage.to_dict() for usage in self.usages],
            "instances": [instance.to_dict() for instance in self.instances],
            "baselining": [
                {"monitoring_schedule_name": monitor.monitoring_schedule_name, **monitor.baselining.to_dict()}
                for monitor in self.monitors
                if monitor.baselining
            ],
            "with_schedule": None
            if self.other is None
            else {
                "monitors": [usage.to_dict() for usage in self.other],
                "instances": [instance.to_dict() for instance in self.other_instances],
            },
            "storage": self.storage,
            "notes": list(self.notes),
        }


@command("estimate", "Tell what monitors will use, before deployment.")
@click.argument("assembly", type=click.Path(path_type=Path), default="cdk.out")
@click.option("--schedule", metavar="CRON", help="Tell what this schedule would change, for all monitors.")
@click.option(
    "--minutes-per-execution", type=click.FloatRange(min=0, min_open=True), help="How long its jobs run together."
)
@click.option("--measured", is_flag=True, help="Take the mean of past executions, where the account has some.")
@click.option("--records-per-day", type=click.IntRange(min=1), help="Records that each endpoint captures a day.")
@click.option("--record-bytes", type=click.IntRange(min=1), help="Bytes of a captured record in S3.")
@click.option("--price-per-hour", "given", type=_PriceParameter(), multiple=True, help="A price: ml.m5.xlarge=0.23.")
@click.option("--prices", "ask", is_flag=True, help="Ask AWS's price list for the other prices.")
@pass_application
def estimate(
    application: Application,
    assembly: Path,
    schedule: str | None,
    minutes_per_execution: float | None,
    measured: bool,
    records_per_day: int | None,
    record_bytes: int | None,
    given: Sequence[tuple[str, Decimal]],
    ask: bool,
) -> None:
    """Tell what the monitors of a cloud assembly will use, before they are deployed.

    ASSEMBLY is the folder that `cdk synth` makes. Default: cdk.out.
    """
    if (records_per_day is None) != (record_bytes is None):
        raise click.UsageError("--records-per-day and --record-bytes need each other")
    if minutes_per_execution is not None and not math.isfinite(minutes_per_execution):
        raise click.UsageError(f"--minutes-per-execution must be a number of minutes, got {minutes_per_execution}")
    for instance_type, price in given:
        if price != (last := dict(given)[instance_type]):
            raise click.UsageError(f"--price-per-hour has two prices of {instance_type}: {price} and {last}")
    if schedule is not None:
        Frequency.of(schedule)
    monitors = [monitor for stack in stacks_of(assembly) for monitor in monitors_of(stack)]
    notes = [f"{each.monitoring_schedule_name}: unknown is {what}." for each in monitors for what in each.unknown]
    past = _past(application, monitors, notes) if measured else {}
    usages = [usage_of(each, each.expression, given=minutes_per_execution, measured=past) for each in monitors]
    other = None
    if schedule is not None:
        other = [usage_of(each, schedule, given=minutes_per_execution, measured=past) for each in monitors]
    prices = _prices(application, usages, dict(given), ask, notes)
    found = _Estimate(
        monitors=monitors,
        usages=usages,
        instances=by_instance(usages, prices),
        other=other,
        other_instances=by_instance(other or (), prices),
        storage=storage_of(monitors, records_per_day, record_bytes) if records_per_day and record_bytes else None,
        notes=notes,
    )
    if application.output.is_json:
        application.output.json(found.to_dict())
    else:
        _show(application.output, assembly, found)


def _past(application: Application, monitors: Sequence[AssembledMonitor], notes: list[str]) -> dict[str, float]:
    """The minutes of past executions, of the monitors that have some."""
    found = {}
    with application.output.progress("Reading past executions"):
        for name in dict.fromkeys(each.monitoring_schedule_name for each in monitors):
            if "${" in name:
                notes.append(f"{name}: its name is known at deployment only, and with it past executions.")
                continue
            try:
                found[name] = mean_minutes(application.monitor(name))
            except (NoExecutions, ScheduleNotFound):
                notes.append(f"{name}: no past execution has completed in this account and region.")
    return found


def _prices(
    application: Application,
    usages: Sequence[MonitorUsage],
    given: dict[str, Decimal],
    ask: bool,
    notes: list[str],
) -> dict[Instance, Decimal]:
    """The prices that are given, and those that AWS's list has of the others."""
    instances = dict.fromkeys(instance for usage in usages for instance, _ in usage.hours_per_month())
    found = {each: given[each[1]] for each in instances if each[1] in given}
    if ask:
        here = application.region or application.session.region_name
        asked = {each: (each[0], each[1], each[2] or here) for each in instances if each not in found}
        client = application.session.client("pricing", region_name=PRICE_LIST_REGION)
        listed = listed_prices(client, dict.fromkeys(asked.values()))
        found |= {each: listed[listing] for each, listing in asked.items() if listing in listed}
    if given or ask:
        for use, kind, region in (each for each in instances if each not in found):
            notes.append(
                f"No price is known of {kind or 'an unknown instance type'} ({use}) in {region or 'this region'}."
            )
    return found


# What people read


def _show(output: Output, assembly: Path, found: _Estimate) -> None:
    if not found.monitors:
        output.note(f"There are no monitors in {assembly}.")
        return
    output.table(
        ("monitor", "schedule", "a day", "a month", "jobs", "minutes", "instances", "hours a day", "hours a month"),
        [_row(usage) for usage in found.usages],
    )
    output.line()
    _show_instances(output, found.instances)
    if found.other is not None:
        output.line()
        output.line(f"With {found.other[0].schedule}:")
        output.table(
            ("monitor", "a month", "instead of", "hours a month", "instead of"),
            [
                (
                    then.monitoring_schedule_name,
                    then.executions_per_month,
                    now.executions_per_month,
                    _rounded(then.instance_hours_per_month),
                    _rounded(now.instance_hours_per_month),
                )
                for now, then in zip(found.usages, found.other, strict=True)
            ],
        )
        output.line()
        _show_instances(output, found.other_instances)
    output.line()
    _show_baselining(output, found.monitors)
    _show_storage(output, found.storage)
    for note in found.notes:
        output.note(note)


def _row(usage: MonitorUsage) -> tuple[Any, ...]:
    return (
        usage.monitoring_schedule_name,
        usage.schedule or _DAILY,
        usage.executions_per_day,
        usage.executions_per_month,
        usage.jobs_per_month,
        f"{usage.minutes_are} {usage.minutes_per_execution:g}",
        " + ".join(
            [_instances(usage.cluster), *([f"endpoint {_instances(usage.endpoint)}"] if usage.endpoint else [])]
        ),
        _rounded(usage.instance_hours_per_day),
        _rounded(usage.instance_hours_per_month),
    )


def _show_instances(output: Output, instances: Sequence[InstanceUsage]) -> None:
    priced = any(each.usd_per_hour is not None for each in instances)
    rows = [
        (
            each.use,
            each.instance_type or "unknown",
            each.region or "-",
            _rounded(each.hours_per_month),
            *((_rounded(each.usd_per_hour, 4), _rounded(each.usd_per_month)) if priced else ()),
        )
        for each in instances
    ]
    headings = ("use", "instance type", "region", "hours a month")
    output.table((*headings, "USD an hour", "USD a month") if priced else headings, rows)


def _show_baselining(output: Output, monitors: Sequence[AssembledMonitor]) -> None:
    jobs = [(each.monitoring_schedule_name, each.baselining) for each in monitors if each.baselining]
    if not jobs:
        output.line("A deployment runs no baselining job.")
        return
    output.line("A deployment runs a baselining job for each of these whose baseline is not there yet:")
    output.table(
        ("monitor", "instances", "hours at most"),
        [
            (
                name,
                " + ".join(
                    [_instances(job.cluster), *([f"endpoint {_instances(job.endpoint)}"] if job.endpoint else [])]
                ),
                _rounded(job.longest / 3600 * job.cluster.instance_count if job.cluster.instance_count else None),
            )
            for name, job in jobs
        ],
    )


def _show_storage(output: Output, storage: Storage | None) -> None:
    output.line()
    if storage is None:
        output.line("Storage is unknown: --records-per-day and --record-bytes tell what is captured and merged.")
        return
    captured, merged = (size / _GIGABYTE for size in (storage.captured_bytes, storage.merged_bytes))
    output.line(f"Written to S3 a month: {captured:.2f} GB captured, at least {merged:.2f} GB merged, and the results.")


def _instances(cluster: Cluster) -> str:
    return f"{cluster.instance_count or '?'} {cluster.instance_type or 'unknown'}"


def _rounded(value: float | None, digits: int = 2) -> Decimal | None:
    return None if value is None else round(Decimal(str(value)), digits)
