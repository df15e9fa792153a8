"""Subcommands about what executions are compared with: baseline, constraints, compare."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click

from cdk_clarify_monitors_operations._aws import join_uri
from cdk_clarify_monitors_operations._errors import InvalidArgument, InvalidFile
from cdk_clarify_monitors_operations._processing_job import NO_BASELINING_JOB
from cdk_clarify_monitors_operations.command._application import Application
from cdk_clarify_monitors_operations.command._parameters import (
    command,
    name_argument,
    override_option,
    pass_application,
    wait_option,
)
from cdk_clarify_monitors_operations.command._update import change_monitor, read_document
from cdk_clarify_monitors_operations.command._violations import names_for, show_metrics, show_ndcg, show_violations
from cdk_clarify_monitors_operations.data._constraint_check import drift, limits_without_effect
from cdk_clarify_monitors_operations.data._files import Constraints, ConstraintViolations
from cdk_clarify_monitors_operations.data._prediction_names import PredictionNames


@command("baseline", "Show where the constraints come from.")
@name_argument
@pass_application
def baseline(application: Application, name: str) -> None:
    """Show where a monitor's constraints come from: the baselining job, and what it was computed from."""
    output, monitor = application.output, application.monitor(name)
    job = monitor.find_baselining_job()
    described = {} if job is None else job.describe()
    document: dict[str, Any] = {
        "monitoring_schedule_name": name,
        "constraints_s3_uri": monitor.constraints_s3_uri,
        "baselining_job": None
        if job is None
        else {
            **job.to_dict(),
            "status": described["ProcessingJobStatus"],
            "failure_reason": described.get("FailureReason"),
            "start_time": described.get("ProcessingStartTime"),
            "end_time": described.get("ProcessingEndTime"),
        },
    }
    if output.is_json:
        output.json(document)
        return
    output.facts([("constraints", document["constraints_s3_uri"] or "none")])
    if job is None:
        output.note(NO_BASELINING_JOB)
        return
    own = document["baselining_job"]
    output.facts(
        [
            ("baselining job", own["processing_job_name"]),
            ("status", own["status"]),
            ("failure reason", own["failure_reason"]),
            ("began (UTC)", _utc(own["start_time"])),
            ("ended (UTC)", _utc(own["end_time"])),
            *((f"input {each['name']}", each["s3_uri"]) for each in own["inputs"]),
            ("output", own["output_s3_uri"]),
        ]
    )


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


@command("constraints", "Show constraints, or put others in force.")
@name_argument
@click.option("--set", "new", metavar="S3_URI|FILE", help="Put other constraints in force; a file goes to S3 first.")
@click.option("--dry-run", is_flag=True, help="With --set: only say what would be sent.")
@override_option
@wait_option
@pass_application
def constraints(
    application: Application, name: str, new: str | None, dry_run: bool, override_stack: bool, wait: bool
) -> None:
    """Show the constraints of a monitor, or put others in force. With --json: its analysis.json, to be edited."""
    output, monitor = application.output, application.monitor(name)
    if new is not None:
        uri = new if new.startswith("s3://") else _stored(application, name, new, dry_run=dry_run)
        if uri is not None:
            change_monitor(
                application, name, dry_run=dry_run, constraints=uri, override_stack=override_stack, wait=wait
            )
        return
    found = monitor.suggested_constraints()
    if output.is_json:
        output.json(found.body_dict)
    else:
        output.verbatim(found.file_s3_uri or "")
        labels = {each.label for each in found.feature_attributions()}
        show_metrics(output, found, names_for(monitor, labels))


def _stored(application: Application, name: str, path: str, *, dry_run: bool) -> str | None:
    """Store a local file below the monitor's output."""
    document, monitor = read_document(path), application.monitor(name)
    if monitor.output_s3_uri is None:
        raise InvalidArgument(f"{name} has no output to store {path} in: store it in S3, and give its URI")
    if limits := limits_without_effect(document):
        application.output.note(f"No execution can violate {'; '.join(limits)}.")
    uri = join_uri(monitor.output_s3_uri, name, f"constraints/{datetime.now(UTC):%Y%m%dT%H%M%SZ}/analysis.json")
    if dry_run:
        application.output.note(f"Would store {path} as {uri}, and check it there.")
        return None
    text = json.dumps(document)
    Constraints.from_string(text, monitor.output_kms_key, session=application.session, s3_uri=uri)
    return uri


@command("compare", "Compare two analysis.json.")
@click.argument("baseline", metavar="BASELINE")
@click.argument("current", metavar="CURRENT")
@pass_application
def compare(application: Application, baseline: str, current: str) -> int:
    """Compare two analysis.json, each a local file or an S3 URI, as an execution does.

    Local files need neither credentials nor a network. Exits with 2 if there are violations.
    """
    output = application.output
    documents = [
        Constraints.from_s3_uri(place, session=application.session).body_dict
        if place.startswith("s3://")
        else read_document(place)
        for place in (baseline, current)
    ]
    try:
        result = drift(*documents)
    except (TypeError, ValueError) as error:
        raise InvalidFile(f"One of the files is not as Clarify writes an analysis.json: {error}") from error
    if output.is_json:
        output.json({"status": result.status, **result.to_dict()})
    else:
        found = ConstraintViolations({"violations": result.violations}).violations()
        names = PredictionNames(outputs=len(result.ndcg))
        if found:
            show_violations(output, found, names)
        violated = {each.label for each in found}
        if held := {label: score for label, score in result.ndcg.items() if label not in violated}:
            show_ndcg(output, held, names)
        if not found:
            output.line("No violations.")
    return 2 if result.violations else 0
