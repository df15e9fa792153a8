#!/usr/bin/env python3
"""`make demo`: deploys the example (app.py) into an embedded AWS, lets it live through a quiet day and a day of drift.

Everything is real but AWS itself: the cdk command, the template, the Lambda functions, the data, the model, its
answers, the metrics. The exit code is 0 only if every check holds; each one that does not is named.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.text import Text

from cdk_clarify_monitors_local import CdkError, EmbeddedAws, EmbeddedAwsError
from cdk_clarify_monitors_local.show._progress import Progress
from cdk_clarify_monitors_local.show._show import deployed_monitors, show_findings, show_monitors
from cdk_clarify_monitors_operations import ClarifyModelMonitor, ClarifyOperationsError, MonitorOperations
from cdk_clarify_monitors_operations.terminal._console import console, say

ROOT = Path(__file__).parent
REPORTS = ROOT / "build" / "demo"
STACK = "DiabetesMonitors"
ENDPOINT = "diabetes-endpoint"
MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)  # after the executions of the day
EXPECTED = {
    # What each monitor's schedule and constraints must be like.
    "ModelBias": ("cron(0 6 ? * * *)", "post_training_bias_metrics"),
    "ModelExplainability": ("cron(0 7 ? * * *)", "explanations"),
}


class Demo:
    """The demonstration: its steps, and the checks that failed."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.progress = Progress(console)
        self.failures: list[str] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Do a part of it: what is happening is shown while it takes, how long it took afterwards."""
        started = time.monotonic()
        with self.progress:
            self.progress.step(title)
            yield
        seconds = f" {time.monotonic() - started:.1f} s"
        say(self.console, Text.assemble(("✓ ", "green"), title, (seconds, "dim")), indent=2)

    def check(self, holds: bool, what: str) -> None:
        """Take note of a check; a failed one is told at once and again at the end."""
        mark = ("  ✓ ", "green") if holds else ("  ✗ ", "red")
        say(self.console, Text.assemble(mark, what), indent=4)
        if not holds:
            self.failures.append(what)

    def run(self, folder: Path) -> None:
        """Carry it out; files go to a folder that is gone afterwards."""
        model = folder / "model.joblib"
        os.environ["CDK_VALIDATION"] = "false"  # CDK's own check of the template takes seconds
        with self.step("train a model on 442 patients"):
            script = ROOT / "examples" / "diabetes" / "make_data.py"
            subprocess.run([sys.executable, str(script), "--model", str(model)], check=True)  # noqa: S603 (our own)
        patients = pd.read_csv(ROOT / "examples" / "diabetes" / "train.csv")
        aws = EmbeddedAws(
            models={"diabetes-model": model}, echo=self.progress.hear, on_command=self.progress.begin, clock=MORNING
        )
        with ExitStack() as running:
            with self.step("start the embedded AWS"):
                running.enter_context(aws)
            os.environ.update(aws.environment)  # for clients that are made without saying where
            with self.step(f"cdk bootstrap, into the embedded AWS at {aws.endpoint_url}"):
                aws.bootstrap()
            aws.add_endpoint(ENDPOINT, model="diabetes-model", capture="s3://diabetes-data/capture")
            with self.step("cdk deploy: both baselining jobs, then the definitions and schedules they lead to"):
                self.cdk(aws, "deploy", "--output", str(folder / "app"))
            monitors = deployed_monitors(MonitorOperations())
            show_monitors(self.console, monitors)
            self.check_monitors(monitors)
            inbox = Inbox(aws)
            title = "a quiet day: the patients of the training data"
            self.live(aws, monitors, title, patients, "Completed")
            self.check(inbox.new_events() == [], "no event has arrived")
            self.check(_alarm_state(aws) == "OK", "the alarm on DPPL is OK")
            # Months in place of years: the model takes these patients for very old ones.
            drifted = patients.assign(age=patients.age.where(patients.sex != 1, patients.age * 12))
            title = "a day of drift: a clinic, for patients of sex 1, sends their age in months"
            self.live(aws, monitors, title, drifted, "CompletedWithViolations")
            self.check_events(inbox.new_events())
            self.check(_alarm_state(aws) == "ALARM", "the alarm on DPPL goes off")
            self.write_reports(folder / "cache")
            jobs = _job_names(aws)
            with self.step("cdk deploy again"):
                printed = self.cdk(aws, "deploy", app=str(folder / "app"))
            self.check("(no changes)" in printed, "nothing has changed")
            self.check(_job_names(aws) == jobs, f"no further job has run ({len(jobs)} in all)")
            with self.step("cdk destroy"):
                self.cdk(aws, "destroy", app=str(folder / "app"))
            self.check_destroyed(aws, monitors)

    def live(
        self, aws: EmbeddedAws, monitors: list[ClarifyModelMonitor], title: str, patients: pd.DataFrame, expected: str
    ) -> None:
        """Live through a day: requests, labels, and the executions that are about them."""
        with self.step(f"{title} ({len(patients)} requests and labels)"):
            _send(aws, patients)
        with self.step("a day passes"):
            executions = {found["MonitoringScheduleName"]: found for found in aws.advance(timedelta(days=1))}
        for monitor in monitors:
            execution = executions.get(monitor.monitoring_schedule_name, {})
            status, reason = execution.get("MonitoringExecutionStatus", "not run"), execution.get("FailureReason", "")
            finds = "finds no drift" if expected == "Completed" else "finds the drift"
            self.check(status == expected, f"{monitor.monitoring_type} {finds}: {status} {reason}".rstrip())
            if status in ("Completed", "CompletedWithViolations"):
                self.show_findings(monitor)

    def show_findings(self, monitor: ClarifyModelMonitor) -> None:
        """Show SageMaker's words, and the violations in others."""
        execution = next(monitor.list_executions(limit=1))
        say(self.console, f"    {execution.describe().get('ExitMessage')}", "dim", indent=4)
        show_findings(self.console, monitor, execution, indent=4)

    def write_reports(self, cache: Path) -> None:
        """Write a report of each monitor's two days."""
        operations = MonitorOperations()
        with self.step("a report of the two days, of each monitor"):
            reports = [
                operations.monitor(found.monitoring_schedule_name).report(cache_directory=cache)
                for found in operations.monitors()
            ]
            pages = [report.save(REPORTS / f"{report.monitoring_type}.html")[0] for report in reports]
        for report, page in zip(reports, pages, strict=True):
            self.check(report.complete, f"{report.monitoring_type}: {page}")

    def cdk(self, aws: EmbeddedAws, command: str, *arguments: str, app: str | None = None) -> str:
        """Run the cdk command on the example's stack; return its output."""
        return aws.cdk(command, STACK, *arguments, app=app, cwd=ROOT).stdout

    def check_monitors(self, monitors: list[ClarifyModelMonitor]) -> None:
        """Check what was deployed."""
        found = {monitor.monitoring_type: monitor for monitor in monitors}
        for kind, (expression, content) in EXPECTED.items():
            monitor = found.get(kind)
            self.check(monitor is not None, f"{kind}: there is a monitor")
            if monitor is None:
                continue
            job = monitor.find_baselining_job()
            status = job.status if job else "missing"
            self.check(status == "Completed", f"{kind}: the baselining job is Completed ({status})")
            self.check(
                content in monitor.suggested_constraints().body_dict,
                f"{kind}: the job definition's constraints are the job's ({content})",
            )
            self.check(
                monitor.status == "Scheduled" and monitor.schedule_expression == expression,
                f"{kind}: the schedule is Scheduled ({monitor.schedule_expression})",
            )

    def check_events(self, events: list[dict[str, Any]]) -> None:
        """Check that each monitor has told of its violations."""
        jobs = sorted(event["detail"]["ProcessingJobName"] for event in events)
        self.check(len(jobs) == len(EXPECTED), f"{len(jobs)} events have arrived, by EventBridge, SNS and SQS")
        for event in events:
            say(self.console, f"    {event['detail-type']}: {event['detail']['ProcessingJobName']}", indent=4)

    def check_destroyed(self, aws: EmbeddedAws, monitors: list[ClarifyModelMonitor]) -> None:
        """Check that the stack is gone and the results are not."""
        sagemaker, s3 = aws.client("sagemaker"), aws.client("s3")
        self.check(not deployed_monitors(MonitorOperations()), "no schedule is left")
        definitions = [
            *sagemaker.list_model_bias_job_definitions()["JobDefinitionSummaries"],
            *sagemaker.list_model_explainability_job_definitions()["JobDefinitionSummaries"],
        ]
        self.check(not definitions, "no job definition is left")
        running = [
            *sagemaker.list_processing_jobs(StatusEquals="InProgress")["ProcessingJobSummaries"],
            *sagemaker.list_processing_jobs(StatusEquals="Stopping")["ProcessingJobSummaries"],
        ]
        self.check(not running, "no job is running")
        for monitor in monitors:
            self.check(
                _exists(s3, monitor.constraints_s3_uri),
                f"{monitor.monitoring_type}: the results still lie in the bucket",
            )


class Inbox:
    """A queue that subscribes to the topic of the example's stack."""

    def __init__(self, aws: EmbeddedAws) -> None:
        stacks = aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}
        self._sqs = aws.client("sqs")
        self._url = self._sqs.create_queue(QueueName="inbox")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        aws.client("sns").subscribe(
            TopicArn=outputs["PeopleTopic"],
            Protocol="sqs",
            Endpoint=attributes["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )

    def new_events(self) -> list[dict[str, Any]]:
        """Return the events that have arrived since it was last asked."""
        messages: list[Any] = []
        request = {"QueueUrl": self._url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 3600, "WaitTimeSeconds": 1}
        while found := self._sqs.receive_message(**request).get("Messages"):
            messages += found
        return [json.loads(message["Body"]) for message in messages]


def _send(aws: EmbeddedAws, patients: pd.DataFrame) -> None:
    """Ask the endpoint about each patient, and tell the label."""
    runtime, day = aws.client("sagemaker-runtime"), f"{aws.now:%Y-%m-%d}"

    def ask(number: int, line: str) -> None:
        runtime.invoke_endpoint(EndpointName=ENDPOINT, ContentType="text/csv", Body=line, InferenceId=f"{day}-{number}")

    lines = patients.drop(columns="target").to_csv(header=False, index=False).splitlines()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(len(lines)), lines))
    labels = {f"{day}-{number}": label for number, label in enumerate(patients["target"])}
    aws.put_ground_truth("s3://diabetes-data/ground-truth", labels)


def _alarm_state(aws: EmbeddedAws) -> str:
    (alarm,) = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return str(alarm["StateValue"])


def _job_names(aws: EmbeddedAws) -> set[str]:
    summaries = aws.client("sagemaker").list_processing_jobs(MaxResults=100)["ProcessingJobSummaries"]
    return {summary["ProcessingJobName"] for summary in summaries}


def _exists(s3: Any, uri: str | None) -> bool:
    bucket, _, key = (uri or "").removeprefix("s3://").partition("/")
    return bool(uri) and bool(s3.list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"))


def main() -> int:
    """Run the demonstration; return the exit code."""
    out = console()
    demo = Demo(out)
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder:
            demo.run(Path(folder))
    except (CdkError, ClarifyOperationsError, EmbeddedAwsError) as error:
        out.print(str(error), markup=False, soft_wrap=True)
        demo.failures.append(str(error).splitlines()[-1])
    except KeyboardInterrupt:
        return 130
    if demo.failures:
        say(out, f"{len(demo.failures)} failed:", "red")
        for failure in demo.failures:
            say(out, f"  {failure}", indent=4)
        return 1
    say(out, f"All of it holds ({time.monotonic() - started:.0f} s).", "green")
    return 0


if __name__ == "__main__":
    sys.exit(main())
