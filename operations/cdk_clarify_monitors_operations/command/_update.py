"""The subcommand `update`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from cdk_clarify_monitors_operations._errors import InvalidFile
from cdk_clarify_monitors_operations.command._application import Application
from cdk_clarify_monitors_operations.command._parameters import (
    command,
    name_argument,
    override_option,
    pass_application,
    wait_option,
)
from cdk_clarify_monitors_operations.data._files import parse_json
from cdk_clarify_monitors_operations.definitions._inputs import REMOVE, EndpointInput, NetworkConfig
from cdk_clarify_monitors_operations.definitions._update import Change

_REMOVABLE: Final = {
    "constraints": "constraints",
    "volume-kms-key": "volume_kms_key",
    "output-kms-key": "output_kms_key",
    "max-runtime-in-seconds": "max_runtime_in_seconds",
    "network-config": "network_config",
}

# What SageMaker shows as empty, a request leaves out.
_ABSENT: Final[tuple[Any, ...]] = (None, {}, [])

_dry_run_option = click.option("--dry-run", is_flag=True, help="Only say what would be sent.")


@command("update")
@name_argument
@click.option("--endpoint", metavar="NAME", help="Another endpoint.")
@click.option("--start-time-offset", metavar="OFFSET", help="Where the data of an execution begin, such as -PT1H.")
@click.option("--end-time-offset", metavar="OFFSET", help="Where the data end, such as -PT0H.")
@click.option("--ground-truth-input", metavar="S3_URI", help="Another folder of labels.")
@click.option("--analysis-config", metavar="S3_URI|FILE", help="Another analysis config.")
@click.option("--output-s3-uri", metavar="S3_URI", help="Another folder for results.")
@click.option("--constraints", metavar="S3_URI", help="Other constraints.")
@click.option("--schedule-cron-expression", metavar="CRON", help="When it runs, such as 'cron(0 * ? * * *)'.")
@click.option("--metrics/--no-metrics", "enable_cloudwatch_metrics", default=None, help="Whether it publishes metrics.")
@click.option("--role", metavar="ARN|NAME", help="Another role of its jobs.")
@click.option("--instance-count", type=int, help="How many instances its jobs have.")
@click.option("--instance-type", help="The type of these instances, such as ml.m5.xlarge.")
@click.option("--volume-size-in-gb", type=int, help="The size of their volumes.")
@click.option("--volume-kms-key", metavar="KEY", help="The key of their volumes.")
@click.option("--output-kms-key", metavar="KEY", help="The key of their results.")
@click.option("--max-runtime-in-seconds", type=int, help="How long a job may take.")
@click.option("--env", "env", multiple=True, metavar="NAME=VALUE", help="A variable to set; may be repeated.")
@click.option("--unset-env", multiple=True, metavar="NAME", help="A variable to remove; may be repeated.")
@click.option("--security-group", multiple=True, metavar="ID", help="A security group of its jobs; may be repeated.")
@click.option("--subnet", multiple=True, metavar="ID", help="A subnet of its jobs; may be repeated.")
@click.option(
    "--remove", multiple=True, type=click.Choice(list(_REMOVABLE)), help="What to take away; may be repeated."
)
@click.option("--keep-replaced-definition", is_flag=True, help="Keep the old job definition.")
@_dry_run_option
@override_option
@wait_option
@pass_application
def update(
    application: Application,
    /,
    name: str,
    endpoint: str | None,
    start_time_offset: str | None,
    end_time_offset: str | None,
    analysis_config: str | None,
    env: Sequence[str],
    unset_env: Sequence[str],
    security_group: Sequence[str],
    subnet: Sequence[str],
    remove: Sequence[str],
    dry_run: bool,
    **options: Any,
) -> None:
    """Change a monitor. What is not given stays as it is.

    SageMaker's job definitions cannot be changed: a new one is made, and the old one deleted when the schedule uses the
    new one.
    """
    changes = options
    if endpoint or start_time_offset or end_time_offset:
        changes["endpoint_input"] = EndpointInput(
            endpoint, start_time_offset=start_time_offset, end_time_offset=end_time_offset
        )
    if analysis_config is not None:
        changes["analysis_config"] = _uri_or_document(analysis_config)
    if env or unset_env:
        changes["env"] = {**_variables(env), **dict.fromkeys(unset_env)}
    if security_group or subnet:
        changes["network_config"] = NetworkConfig(security_group_ids=[*security_group], subnets=[*subnet])
    for each in remove:
        member = _REMOVABLE[each]
        if changes.get(member) is not None:
            raise click.UsageError(f"--remove {each} contradicts what is given for it: give one of them")
        changes[member] = REMOVE
    change_monitor(application, name, dry_run=dry_run, **changes)


def change_monitor(application: Application, name: str, *, dry_run: bool, **changes: Any) -> None:
    """Update a monitor, and print what was changed."""
    monitor = application.monitor(name)
    with application.waiting(
        f"Planning the update of {name}" if dry_run else f"Updating {name}",
        "Nothing was changed."
        if dry_run
        else "Nothing was undone: the same call takes the update up where it was interrupted. "
        f"`clarify-monitors show {name}` tells how far it is.",
    ):
        change = monitor.update_monitoring_schedule(**changes, dry_run=dry_run)
    if application.json:
        application.output.json(change)
    else:
        _print(application, change)
    for warning in change.warnings:
        application.output.note(warning)


def _print(application: Application, change: Change) -> None:
    output, name = application.output, change.monitoring_schedule_name
    if not change.calls:
        output.line(f"{name} is so already: nothing is sent.")
        return
    differences = _differences(change.before, change.after)
    output.table(
        ("member", "before", "after"), [(path, _shown(before), _shown(after)) for path, before, after in differences]
    )
    sent = ", ".join(call.operation for call in change.calls)
    output.line(f"Would send: {sent}." if change.dry_run else f"{name} is updated: {sent}.")


def _differences(before: Any, after: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """Return the members that differ, each by its path."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return [
            difference
            for member in dict.fromkeys([*before, *after])
            for difference in _differences(
                before.get(member), after.get(member), f"{path}.{member}" if path else member
            )
        ]
    if before == after or (before in _ABSENT and after in _ABSENT):
        return []
    return [(path, before, after)]


def _shown(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, default=str)


def _variables(texts: Sequence[str]) -> dict[str, str]:
    variables = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not (name and separator):
            raise click.UsageError(f"--env takes NAME=VALUE, got {text!r}; --unset-env removes a variable")
        variables[name] = value
    return variables


def _uri_or_document(place: str) -> str | dict[str, Any]:
    return place if place.startswith("s3://") else read_document(place)


def read_document(path: str) -> dict[str, Any]:
    """Read a local JSON object.

    Raises:
        InvalidFile: It cannot be read, or is no JSON object.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InvalidFile(
            f"{path} cannot be read: {error.strerror}. A file in S3 begins with s3://", uri=path
        ) from error
    return parse_json(content, path)
