"""The alarms that monitors add go off in the embedded AWS, and what their dashboard shows has data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from botocore.exceptions import ClientError

from cdk_clarify_monitors import BiasMetricThreshold, ClarifyDashboard, CronExpressionGenerator, SHAPConfig
from cdk_clarify_monitors_local import Capture, EmbeddedAws
from tests.support.embedded_aws.account import DATA_BUCKET, Account, Stack
from tests.support.embedded_aws.monitors import (
    HEADERS,
    bias_monitor_of_model,
    explainability_monitor,
    patients,
    put_data,
)

pytestmark = pytest.mark.deploy

FIRST = datetime(2026, 3, 1, 11, tzinfo=UTC)  # when the first executions are due
HOUR = timedelta(hours=1)
FEATURES = HEADERS[:-1]
PEOPLE = patients()[:60]  # with fewer, Clarify takes two labels for a threshold
CAPTURED = "s3://captured-data/endpoint"


def everything(stack: cdk.Stack) -> None:
    """Two monitors with alarms, one topic for all, one dashboard."""
    given = {"schedule_cron_expression": CronExpressionGenerator.hourly(), "data_capture_s3_uri": CAPTURED}
    topic, queue = sns.Topic(stack, "Topic"), sqs.Queue(stack, "Queue")
    topic.add_subscription(subscriptions.SqsSubscription(queue))
    bias = bias_monitor_of_model(stack, constraints=f"s3://{DATA_BUCKET}/bias.json", **given)
    shap = explainability_monitor(
        stack,
        **given,
        constraints=f"s3://{DATA_BUCKET}/shap.json",
        explainability_config=SHAPConfig([[50.0, 1, 25.7, 93.0, 186, 113.0, 48.0, 4.0, 4.62, 91]], 60, "mean_abs"),
    )
    limits = [
        BiasMetricThreshold("DPPL", min_value=-0.5, max_value=0.5),
        BiasMetricThreshold("CI", min_value=-2, max_value=2),
    ]
    of_bias = bias.add_alarms(bias_metrics=limits, actions=[actions.SnsAction(topic)])
    of_shap = shap.add_alarms()
    bias.add_monitoring_alert("Alert", monitoring_alert_name="alert", datapoints_to_alert=1, evaluation_period=2)
    dashboard = ClarifyDashboard(stack, "Dashboard", monitors=[bias, shap])
    dppl, ci = of_bias.bias_metrics
    named = {
        "Above": dppl.above_max,
        "Below": dppl.below_min,
        "Within": ci.above_max,
        "Violations": of_bias.violations,
        "Failed": of_bias.execution_failed,
        "Stopped": of_bias.executions_stopped,
        "ShapViolations": of_shap.violations,
        "ShapStopped": of_shap.executions_stopped,
    }
    outputs = {name: alarm.alarm_name for name, alarm in named.items() if alarm is not None}
    outputs |= {"Queue": queue.queue_url, "Dashboard": dashboard.dashboard.dashboard_name}
    for name, value in outputs.items():
        cdk.CfnOutput(stack, f"Output{name}", value=value).override_logical_id(name)


@dataclass
class Watched:
    """The deployed stack; the states of its alarms at first, after drift, after failures, and after no execution."""

    account: Account
    stack: Stack
    states: list[dict[str, str]]

    def note(self) -> None:
        pages = self.account.client("cloudwatch").get_paginator("describe_alarms").paginate()
        states = {alarm["AlarmName"]: alarm["StateValue"] for page in pages for alarm in page["MetricAlarms"]}
        self.states.append({name: states[value] for name, value in self.stack.outputs.items() if value in states})

    def history(self, name: str) -> list[str]:
        return [states[name] for states in self.states]


def serve(account: Account, hour: datetime, *, columns: int) -> None:
    """Let an hour of requests and labels be there, in which all of one sex and none of the other are to progress."""
    captures = [
        Capture(
            ",".join([person[name] for name in FEATURES][:columns]),
            "0.9" if person["sex"] == "2" else "0.1",
            hour + timedelta(seconds=number),
            f"r-{number}",
        )
        for number, person in enumerate(PEOPLE)
    ]
    account.aws.put_captures(CAPTURED, "diabetes-endpoint", captures)
    labels = {f"r-{number}": int(person["target"]) for number, person in enumerate(PEOPLE)}
    account.aws.put_ground_truth("s3://ground-truth/labels", labels, collected=hour)


@pytest.fixture(scope="module")
def account(diabetes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    start = FIRST - timedelta(minutes=40)
    with EmbeddedAws(models={"diabetes-model": diabetes_model}, asks_every=0.3, clock=start) as aws:
        account = Account(aws, tmp_path_factory.mktemp("assemblies"))
        put_data(account)
        account.create_bucket("captured-data")
        account.create_bucket("ground-truth")
        yield account


@pytest.fixture(scope="module")
def watched(account: Account) -> Watched:
    groups = {"sex": [{"value_or_threshold": "2", "metrics": [{"name": "DPPL", "value": 0.1}]}]}
    constraints = {"label": "target", "label_value_or_threshold": "1", "facets": groups}
    account.put(
        f"s3://{DATA_BUCKET}/bias.json", json.dumps({"version": "1.0", "post_training_bias_metrics": constraints})
    )
    attributions = {name: 1.0 if name == "age" else 0.001 for name in FEATURES}
    explanations = {"kernel_shap": {"label0": {"global_shap_values": attributions, "expected_value": 0.5}}}
    account.put(f"s3://{DATA_BUCKET}/shap.json", json.dumps({"version": "1.0", "explanations": explanations}))
    account.aws.add_endpoint("diabetes-endpoint", capture=CAPTURED)
    stack = account.stack("Alarmed")
    stack.deploy(everything)
    watched = Watched(account, stack, [])
    watched.note()
    serve(account, FIRST - HOUR, columns=len(FEATURES))
    account.aws.advance(HOUR)
    watched.note()
    serve(account, FIRST, columns=len(FEATURES) - 1)
    account.aws.advance(HOUR)
    watched.note()
    client = account.client("sagemaker")
    for schedule in client.list_monitoring_schedules()["MonitoringScheduleSummaries"]:
        client.stop_monitoring_schedule(MonitoringScheduleName=schedule["MonitoringScheduleName"])
    account.aws.advance(3 * HOUR)
    watched.note()
    return watched


def test_alarms_on_executions_go_off(watched: Watched) -> None:
    # The second hour fails, so there is no violation; CloudWatch looks two periods further back for the first one.
    assert watched.history("Violations") == ["OK", "ALARM", "ALARM", "OK"]
    assert watched.history("ShapViolations") == ["OK", "ALARM", "ALARM", "OK"]
    assert watched.history("Failed") == ["OK", "OK", "ALARM", "OK"]


def test_an_alarm_tells_that_executions_stopped(watched: Watched) -> None:
    # None has completed before the first one; of two hours one is enough.
    assert watched.history("Stopped") == ["ALARM", "OK", "OK", "ALARM"]
    assert watched.history("ShapStopped") == ["ALARM", "OK", "OK", "ALARM"]


def test_the_alert_of_a_schedule_follows_its_executions(watched: Watched) -> None:
    client = watched.account.client("sagemaker")
    (name,) = (
        schedule["MonitoringScheduleName"]
        for schedule in client.list_monitoring_schedules(MonitoringTypeEquals="ModelBias")[
            "MonitoringScheduleSummaries"
        ]
    )
    given = {"MonitoringScheduleName": name}
    (alert,) = client.list_monitoring_alerts(**given)["MonitoringAlertSummaries"]
    # The first execution finds drift, the second one fails.
    assert alert["AlertStatus"] == "OK"
    changes = client.list_monitoring_alert_history(**given, SortOrder="Ascending")["MonitoringAlertHistory"]
    assert [change["AlertStatus"] for change in changes] == ["InAlert", "OK"]
    assert [change["MonitoringAlertName"] for change in changes] == [alert["MonitoringAlertName"]] * 2
    page = client.list_monitoring_alert_history(**given, MaxResults=1)
    rest = client.list_monitoring_alert_history(**given, NextToken=page["NextToken"])
    assert page["MonitoringAlertHistory"] + rest["MonitoringAlertHistory"] == changes[::-1]
    only = client.list_monitoring_alert_history(StatusEquals="InAlert", CreationTimeAfter=FIRST - HOUR)
    assert changes[0] in only["MonitoringAlertHistory"]
    numbers = {"DatapointsToAlert": 1, "EvaluationPeriod": 2}
    for wrong in ({"MonitoringAlertName": "another"}, {"MonitoringScheduleName": "another"}, {"EvaluationPeriod": 101}):
        with pytest.raises(ClientError, match=r"not found|evaluationPeriod"):
            client.update_monitoring_alert(
                **{**given, "MonitoringAlertName": alert["MonitoringAlertName"], **numbers, **wrong}
            )
    client.update_monitoring_alert(**given, MonitoringAlertName=alert["MonitoringAlertName"], **numbers)
    (updated,) = client.list_monitoring_alerts(**given)["MonitoringAlertSummaries"]
    assert updated.items() >= {**numbers, "AlertStatus": "OK"}.items()  # until the next execution


def test_alarms_on_bias_metrics_watch_both_sides(watched: Watched) -> None:
    assert watched.history("Within")[1:] == ["OK", "OK", "OK"]
    first, *others = zip(watched.history("Above"), watched.history("Below"), strict=True)
    assert first == ("INSUFFICIENT_DATA", "INSUFFICIENT_DATA")
    assert others == [("OK", "ALARM")] * 3  # the facet is favoured, and that holds until the next value


def test_alarms_reach_the_topic(watched: Watched) -> None:
    client, url = watched.account.client("sqs"), watched.stack.outputs["Queue"]
    heard = set()
    while batch := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in batch:
            told = json.loads(json.loads(message["Body"])["Message"])
            assert told["NewStateValue"] == "ALARM"
            heard.add(told["AlarmName"])
    assert heard == {watched.stack.outputs[name] for name in ("Below", "Violations", "Failed", "Stopped")}


def metrics_of(widget: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, str], dict[str, Any]]]:
    """Namespace, name, dimensions and options of the metrics of a widget."""
    for namespace, name, *dimensions, options in widget["properties"]["metrics"]:
        yield namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True)), options


def test_every_metric_of_the_dashboard_has_data(watched: Watched) -> None:
    client = watched.account.client("cloudwatch")
    body = json.loads(client.get_dashboard(DashboardName=watched.stack.outputs["Dashboard"])["DashboardBody"])
    shown = [metric for widget in body["widgets"] if widget["type"] == "metric" for metric in metrics_of(widget)]
    queries = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
                },
                "Period": options["period"],
                "Stat": options.get("stat", "Average"),
            },
        }
        for number, (namespace, name, dimensions, options) in enumerate(shown)
    ]
    found = client.get_metric_data(MetricDataQueries=queries, StartTime=FIRST - 2 * HOUR, EndTime=FIRST + 4 * HOUR)
    empty = {int(result["Id"][1:]) for result in found["MetricDataResults"] if not result["Values"]}
    assert {shown[number][1] for number in empty} == set()
    assert len(shown) >= 6 + 19 + len(FEATURES) + 1
    (one,) = (
        widget for widget in body["widgets"] if widget["type"] == "alarm" and len(widget["properties"]["alarms"]) == 7
    )
    states = {alarm["AlarmArn"] for alarm in client.describe_alarms()["MetricAlarms"]}
    assert states >= set(one["properties"]["alarms"])
