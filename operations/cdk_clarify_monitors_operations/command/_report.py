"""The subcommand `report`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from cdk_clarify_monitors_operations.command._application import Application
from cdk_clarify_monitors_operations.command._parameters import (
    command,
    name_argument,
    pass_application,
    period_options,
)


@command("report", "Write a report over time, as an HTML file.")
@name_argument
@period_options
@click.option("--limit", type=click.IntRange(min=1), help="Only so many executions, the newest.")
@click.option("--out", metavar="FILE|FOLDER|S3_URI", help="Where to. Default: NAME.html in this folder.")
@pass_application
def report(
    application: Application,
    name: str,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    out: str | None,
) -> int:
    """Write a report of a monitor's executions: one HTML file, and its numbers as JSON beside it.

    With --json it prints the numbers, and writes no files without --out. Exits with 1 if not all could be read; the
    report says so on its face, too.
    """
    output = application.output
    monitor: Any = application.monitor(name)
    with application.waiting(f"Reading the executions of {name}", "No report was written.") as tell:
        made = monitor.report(since=since, until=until, limit=limit, progress=tell)
    saved = () if out is None and output.is_json else made.save(out or f"{name}.html")
    if output.is_json:
        output.json(made.to_dict())
    for place in saved:
        (output.note if output.is_json else output.verbatim)(place)
    if made.truncated:
        output.note("There are older executions, which --limit leaves out; the report says so.")
    if made.unreadable:
        output.note("The report is not complete, and says so: not everything could be read.")
    return 1 if made.unreadable else 0
