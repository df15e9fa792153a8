"""Deploys the app into an AWS on this machine; its monitors see a quiet day and a day of drift."""

import shlex
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from cdk_clarify_monitors_local import EmbeddedAws
from cdk_clarify_monitors_operations import MonitorOperations

import settings
from train import train

APP = shlex.join([sys.executable, "app.py"])
FOLDER = Path(__file__).parents[1]
MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_both_monitors_find_drift_and_only_drift(tmp_path: Path) -> None:
    model = tmp_path / "model.joblib"
    train(model)
    loans = pd.read_csv(settings.TRAINING_DATA)
    # A fault upstream: the debts of those of sex 2 arrive in cents.
    in_cents = loans.assign(debt=loans.debt.where(loans.sex == 1, loans.debt * 100))

    with EmbeddedAws(models={settings.MODEL: model}, clock=MORNING) as aws:
        aws.add_endpoint(settings.ENDPOINT, model=settings.MODEL, capture=settings.DATA_CAPTURE)
        aws.cdk("deploy", app=APP, cwd=FOLDER)  # runs both baselining jobs

        quiet = live_through_a_day(aws, loans)
        drift = live_through_a_day(aws, in_cents)
        alarms = aws.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]

    assert quiet == {"ModelBias": "Completed", "ModelExplainability": "Completed"}
    assert drift == dict.fromkeys(quiet, "CompletedWithViolations")
    reasons = [alarm["AlarmDescription"].split(",")[0] for alarm in alarms]
    assert reasons == ["Constraints are violated"] * 2


def live_through_a_day(aws: EmbeddedAws, data: pd.DataFrame) -> dict[str, str]:
    """Send requests and their true labels, move the clock by a day, return each monitor's outcome."""
    runtime = aws.client("sagemaker-runtime")
    labels = {f"{aws.now:%d}-{number}": label for number, label in enumerate(data[settings.LABEL])}
    requests = data.drop(columns=settings.LABEL).to_csv(header=False, index=False).splitlines()
    for inference_id, request in zip(labels, requests, strict=True):
        runtime.invoke_endpoint(
            EndpointName=settings.ENDPOINT,
            ContentType="text/csv",
            Body=request,
            InferenceId=inference_id,
        )
    aws.put_ground_truth(settings.GROUND_TRUTH, labels)

    outcomes = {}
    for execution in aws.advance(timedelta(days=1)):
        monitor = MonitorOperations(aws.session).monitor(execution["MonitoringScheduleName"])
        outcome = execution.get("FailureReason") or execution["MonitoringExecutionStatus"]
        outcomes[monitor.monitoring_type] = outcome
    return outcomes
