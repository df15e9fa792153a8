"""The subcommand `report`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from cdk_clarify_monitors_operations.command._application import Application
from cdk_clarify_monitors_operations.command._parameters import (
    command,
    name_argument,
    pass_application,
    period_options,
)


@command("report")
@name_argument
@period_options
@click.option("--limit", type=click.IntRange(min=1), help="Only so many executions, the newest.")
@click.option("--out", metavar="FILE|FOLDER|S3_URI", help="Where to put it. Default: NAME.html in this folder.")
@pass_application
def report(
    application: Application,
    name: str,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    out: str | None,
) -> int:
    """Write a report of a monitor's executions: one HTML file. With --json: its numbers, and no file without --out.

    Exits with 1 if not all could be read; the report says so on its face, too.
    """
    output, monitor = application.output, application.monitor(name)
    with application.waiting(f"Reading the executions of {name}", "No report was written."):
        made = monitor.report(since=since, until=until, limit=limit)
    if out is not None or not output.is_json:
        place = _file(name, out)
        made.save(place)
        if output.is_json:
            output.note(f"The report is {place}.")
        else:
            output.line(place)
    if output.is_json:
        output.json(made.to_dict())
    if not made.complete:
        output.note(f"The report is not complete: {len(made.unreadable)} executions could not be read.")
    return 0 if made.complete else 1


def _file(name: str, out: str | None) -> str:
    """Return the file; a folder gets one of the monitor's name."""
    if out is None:
        return f"{name}.html"
    if out.endswith("/"):
        return f"{out}{name}.html"
    return str(Path(out) / f"{name}.html") if not out.startswith("s3://") and Path(out).is_dir() else out
