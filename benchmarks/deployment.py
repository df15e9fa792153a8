"""A deployment of the example into the embedded AWS, with the CDK's real waiting times.

Who is asked how often, and when does CloudFormation hear of a finished baselining job?
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from cdk_clarify_monitors_local import EmbeddedAws

from .processes import ROOT
from .progress import Progress
from .results import Baseline, Deployment

_STACK = "DiabetesMonitors"
_BASELINE = "Custom::ClarifyBaseline"


def measure(progress: Progress) -> Deployment:
    """Deploy it, and deploy it again unchanged."""
    progress.start("deployment", 3)
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.joblib"
        script = ROOT / "examples" / "diabetes" / "make_data.py"
        subprocess.run([sys.executable, str(script), "--model", str(model)], check=True)  # noqa: S603  our own
        # As on AWS, where CDK's waiter asks every ten seconds.
        with EmbeddedAws(models={"diabetes-model": model}, asks_every=10) as aws:
            aws.bootstrap()
            aws.add_endpoint("diabetes-endpoint")
            progress.step("bootstrapped")
            first = _deploy(aws, Path(folder) / "first")
            progress.step("deployed")
            again = _deploy(aws, Path(folder) / "again")
            progress.step("deployed again")
            return {
                "baselines": _baselines(aws),
                "lambda_invocations": first["lambda_invocations"],
                "state_machine_attempts": first["state_machine_attempts"],
                "again": {name: again[name] - first[name] for name in first},
            }


def _deploy(aws: EmbeddedAws, folder: Path) -> dict[str, int]:
    """Deploy, and count what has been called since the account began."""
    aws.cdk("deploy", _STACK, "--output", str(folder), cwd=ROOT)
    return {
        "lambda_invocations": _invocations(aws),
        "state_machine_attempts": sum(_attempts(aws).values()),
        "baselining_jobs": len(aws.client("sagemaker").list_processing_jobs()["ProcessingJobSummaries"]),
    }


def _baselines(aws: EmbeddedAws) -> dict[str, Baseline]:
    cloudformation, sagemaker = aws.client("cloudformation"), aws.client("sagemaker")
    attempts = _attempts(aws)
    known: dict[str, datetime] = {
        event["LogicalResourceId"]: event["Timestamp"]
        for event in reversed(cloudformation.describe_stack_events(StackName=_STACK)["StackEvents"])
        if event["ResourceType"] == _BASELINE and event["ResourceStatus"] == "CREATE_COMPLETE"
    }
    jobs = [
        sagemaker.describe_processing_job(ProcessingJobName=summary["ProcessingJobName"])
        for summary in sagemaker.list_processing_jobs()["ProcessingJobSummaries"]
    ]
    found: dict[str, Baseline] = {}
    for logical_id, at in known.items():
        # The example's resources are made one after the other: the job is the last one that had ended.
        job = max((job for job in jobs if job["ProcessingEndTime"] <= at), key=lambda job: job["ProcessingEndTime"])
        found[logical_id] = {
            "job_seconds": (job["ProcessingEndTime"] - job["ProcessingStartTime"]).total_seconds(),
            "seconds_until_known": (at - job["ProcessingEndTime"]).total_seconds(),
            "looks": attempts[logical_id],
        }
    return found


def _attempts(aws: EmbeddedAws) -> dict[str, int]:
    """How often the waiter has looked after each custom resource. Each attempt is billed as one state transition."""
    functions = aws.client("stepfunctions")
    found: dict[str, int] = {}
    for machine in functions.list_state_machines()["stateMachines"]:
        for execution in functions.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]:
            history: list[dict[str, Any]] = functions.get_execution_history(
                executionArn=execution["executionArn"], maxResults=1000
            )["events"]
            asked_for = json.loads(history[0]["executionStartedEventDetails"]["input"])["LogicalResourceId"]
            tries = sum(event["type"] == "TaskScheduled" for event in history)
            found[asked_for] = found.get(asked_for, 0) + tries
    return found


def _invocations(aws: EmbeddedAws) -> int:
    """How often a function has run: each run begins with such a line in the stack's log group."""
    resources = aws.client("cloudformation").describe_stack_resources(StackName=_STACK)["StackResources"]
    (group,) = (each["PhysicalResourceId"] for each in resources if each["ResourceType"] == "AWS::Logs::LogGroup")
    pages = aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    return sum(event["message"].startswith("START RequestId: ") for page in pages for event in page["events"])
