"""Executions tell CloudWatch and EventBridge of drift: metrics, alarms, events that reach their targets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from cdk_clarify_monitors import (
    BatchTransformInput,
    BiasConfig,
    CronExpressionGenerator,
    MonitoringDatasetFormat,
    SHAPConfig,
)
from cdk_clarify_monitors._config.bias_metrics import POST_TRAINING, PRE_TRAINING
from cdk_clarify_monitors_local import Capture, EmbeddedAws
from cdk_clarify_monitors_local.server.cloudwatch._clarify_metrics import Metric, clarify_metrics, namespace
from tests.support.embedded_aws.account import DATA_BUCKET, Account, Stack, wait_for
from tests.support.embedded_aws.executions import make_monitor
from tests.support.embedded_aws.monitors import (
    HEADERS,
    bias_monitor,
    bias_monitor_of_model,
    explainability_monitor,
    patients,
    put_data,
)

FIRST = datetime(2026, 3, 1, 11, tzinfo=UTC)  # when the first executions are due
HOUR = timedelta(hours=1)
FEATURES = HEADERS[:-1]
PEOPLE = patients()[:60]  # with fewer, Clarify takes two labels for a threshold
INFINITY = 2.348543e108
CAPTURED = "s3://captured-data"
# These monitors name no group variable, which the conditional metrics need.
PUBLISHED = [metric for metric in (*PRE_TRAINING, *POST_TRAINING) if metric not in ("CDDL", "CDDPL")]

# What becomes which metric


def bias(**metrics: Any) -> dict[str, Any]:
    values = [{"name": name, "value": value} for name, value in metrics.items()]
    group = {"value_or_threshold": "(40, 79]", "metrics": values}
    return {"label": "approved", "label_value_or_threshold": "(0, 1]", "facets": {"age": [group]}}


def published(analysis: Any, config: Any, *, endpoint: str | None = None) -> list[Metric]:
    return list(clarify_metrics(analysis, config, endpoint=endpoint, schedule="schedule"))


def test_metrics_have_the_form_of_the_sample() -> None:
    path = Path(__file__).parents[1] / "support/recorded/executions/samples/api/cloudwatch_put_metric_data.json"
    of_bias, of_shap = json.loads(path.read_text())
    explanations = {"kernel_shap": {"label0": {"global_shap_values": {"age": 0.1}, "expected_value": None}}}

    for sample, analysis, schedule in [
        (of_bias, {"post_training_bias_metrics": bias(DPPL=0.3)}, "my-schedule"),
        (of_shap, {"explanations": explanations}, "my-explainability-schedule"),
    ]:
        config = {"label_values_or_threshold": [1]}
        (metric,) = clarify_metrics(analysis, config, endpoint="my-endpoint", schedule=schedule)
        (expected,) = sample["MetricData"]
        assert metric.name == expected["MetricName"]
        assert metric.value == expected["Value"]
        assert list(metric.dimensions.items()) == [(each["Name"], each["Value"]) for each in expected["Dimensions"]]
        assert sample["Namespace"] == namespace(is_bias=sample is of_bias, of_endpoint=True)


def test_infinity_is_a_number_and_null_is_nothing() -> None:
    values = {"A": "Infinity", "B": "-Infinity", "C": None, "D": "NaN", "E": 0, "F": -0.5}

    found = published({"pre_training_bias_metrics": bias(**values)}, {})

    assert {metric.name: metric.value for metric in found} == {
        "bias_metric_A": INFINITY,
        "bias_metric_B": -INFINITY,
        "bias_metric_E": 0.0,
        "bias_metric_F": -0.5,
    }


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, ("approved", "(0, 1]", "(40, 79]")),
        ({"label": "yes", "label_values_or_threshold": [0.0]}, ("yes", "0.0", "(40, 79]")),
        ({"label": 0, "label_values_or_threshold": [0, 1]}, ("approved", "(0, 1]", "(40, 79]")),
        ({"facet": [{"name_or_index": "age", "value_or_threshold": [40]}]}, ("approved", "(0, 1]", "40")),
        ({"facet": {"name_or_index": "age", "value_or_threshold": [40]}}, ("approved", "(0, 1]", "40")),
        ({"facet": [{"name_or_index": "age"}]}, ("approved", "(0, 1]", "(40, 79]")),
        ({"facet": [{"name_or_index": "age", "value_or_threshold": [4, 5]}]}, ("approved", "(0, 1]", "(40, 79]")),
        ({"facet": [{"name_or_index": "sex", "value_or_threshold": [1]}]}, ("approved", "(0, 1]", "(40, 79]")),
        (
            {"headers": ["sex", "age"], "facet": [{"name_or_index": 1, "value_or_threshold": ["40"]}]},
            ("approved", "(0, 1]", "40"),
        ),
        (
            {"headers": ["age"], "facet": [{"name_or_index": 7, "value_or_threshold": [1]}]},
            ("approved", "(0, 1]", "(40, 79]"),
        ),
    ],
)
def test_dimensions_go_by_the_analysis_config(config: dict[str, Any], expected: tuple[str, str, str]) -> None:
    (metric,) = published({"post_training_bias_metrics": bias(DPPL=1)}, config)

    assert tuple(metric.dimensions[name] for name in ("Label", "LabelValue", "FacetValue")) == expected
    assert metric.dimensions["Facet"] == "age"
    assert "Endpoint" not in metric.dimensions


def test_what_is_not_measured_is_not_published() -> None:
    unnamed = bias(DPPL=1)
    unnamed["facets"]["age"][0]["value_or_threshold"] = " "  # CloudWatch takes no such dimension

    assert published({"version": "1.0", "explanations": {"pdp": [{"feature": "age"}]}}, {}) == []
    assert published({"post_training_bias_metrics": None, "explanations": {"kernel_shap": {}}}, {}) == []
    assert published({"post_training_bias_metrics": unnamed}, {}) == []


# In the embedded AWS


PRINTS = """
import json

def handler(event, context):
    print(event["detail"]["ExitMessage"] if "detail" in event else json.dumps(event))
"""


def everything(stack: cdk.Stack) -> None:
    """Three monitors, alarms on all their metrics, a fourth that runs daily, and rules with targets of each kind."""
    hourly = CronExpressionGenerator.hourly()
    common = {"schedule_cron_expression": hourly, "constraints": f"s3://{DATA_BUCKET}/bias.json"}
    of_endpoint = {"data_capture_s3_uri": f"{CAPTURED}/endpoint"}
    fairness = bias_monitor_of_model(stack, "Bias", **common, **of_endpoint)
    every_day = {"schedule_cron_expression": CronExpressionGenerator.daily(FIRST.hour)}
    daily = bias_monitor_of_model(stack, "Daily", **{**common, **of_endpoint, **every_day})
    batch = bias_monitor(
        stack,
        "Batch",
        **common,
        endpoint_input=None,
        batch_transform_input=BatchTransformInput(
            f"{CAPTURED}/batch",
            "/opt/ml/processing/input",
            MonitoringDatasetFormat.csv(header=False),
            probability_attribute="0",
            probability_threshold_attribute=0.5,
        ),
        bias_config=BiasConfig([1], "age", [50]),
    )
    shap = explainability_monitor(
        stack,
        "Explainability",
        **of_endpoint,
        schedule_cron_expression=hourly,
        constraints=f"s3://{DATA_BUCKET}/shap.json",
        explainability_config=SHAPConfig([[50.0, 1, 25.7, 93.0, 186, 113.0, 48.0, 4.0, 4.62, 91]], 60, "mean_abs"),
    )
    for metric in PUBLISHED:
        add_alarm(fairness, metric, fairness.metric_bias(metric))
        add_alarm(batch, metric, batch.metric_bias(metric))
    add_alarm(daily, "CI", daily.metric_bias("CI"), threshold=-1)
    for feature in FEATURES:
        add_alarm(shap, feature, shap.metric_feature_attribution(feature))
    add_alarm(shap, "ExpectedValue", shap.metric_expected_value())

    topic, queue, failures = sns.Topic(stack, "Topic"), sqs.Queue(stack, "Queue"), sqs.Queue(stack, "Failures")
    topic.add_subscription(subscriptions.SqsSubscription(queue))
    drift = fairness.metric_bias("DPPL", statistic="Minimum").create_alarm(
        fairness,
        "Drift",
        threshold=-0.5,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    )
    drift.add_alarm_action(actions.SnsAction(topic))
    drift.add_ok_action(actions.SnsAction(topic))
    function = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_12,
        handler="index.handler",
        code=lambda_.Code.from_inline(PRINTS),
    )
    drift.add_alarm_action(actions.LambdaAction(function))
    rule = fairness.on_violations("Violations", target=targets.SnsTopic(topic))
    shap.on_violations("Violations", target=targets.LambdaFunction(function))
    batch.on_execution_failed("Failed", target=targets.SqsQueue(failures))
    unheard = fairness.on_execution_failed("Failed", target=targets.SqsQueue(failures))
    for name, value in {
        "Queue": queue.queue_url,
        "Failures": failures.queue_url,
        "Rule": rule.rule_name,
        "Unheard": unheard.rule_name,
        "Drift": drift.alarm_name,
        "Function": function.function_name,
    }.items():
        cdk.CfnOutput(stack, f"{name}Output", value=value).override_logical_id(name)


def add_alarm(monitor: Any, name: str, metric: cloudwatch.Metric, threshold: float = 1e9) -> None:
    alarm = metric.create_alarm(monitor, f"Alarm{name}", threshold=threshold, evaluation_periods=1)
    cdk.CfnOutput(monitor, f"Output{name}", value=alarm.alarm_name).override_logical_id(
        f"{monitor.node.id}{name.title().replace('_', '')}Alarm"
    )


@dataclass
class Watched:
    """The deployed stack, after an hour of drift and a quiet one."""

    account: Account
    stack: Stack
    drifted: dict[str, Any]
    quiet: dict[str, Any]
    after_drift: dict[str, str]

    def messages(self, output: str) -> list[dict[str, Any]]:
        """What is in a queue, in no order."""
        found: list[dict[str, Any]] = []
        client, url = self.account.client("sqs"), self.stack.outputs[output]
        while batch := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"]) for message in batch]
        return found

    def schedule(self, id_: str) -> str:
        return str(self.stack.monitor(id_).schedule["MonitoringScheduleName"])

    def analysis(self, id_: str, hour: str = "11") -> dict[str, Any]:
        monitor = self.stack.monitor(id_)
        output = monitor.definition[f"{monitor.kind}JobOutputConfig"]["MonitoringOutputs"][0]["S3Output"]["S3Uri"]
        endpoint = "" if id_ == "Batch" else "/diabetes-endpoint"
        found: dict[str, Any] = self.account.json(
            f"{output}{endpoint}/{self.schedule(id_)}/2026/03/01/{hour}/analysis.json"
        )
        return found

    def alarms(self) -> dict[str, str]:
        """The states of all alarms."""
        pages = self.account.client("cloudwatch").get_paginator("describe_alarms").paginate()
        return {alarm["AlarmName"]: alarm["StateValue"] for page in pages for alarm in page["MetricAlarms"]}


def serve(account: Account, hour: datetime, *, score: Any, columns: int) -> None:
    """Let an hour of requests, batch transforms and labels be there."""
    rows = [[person[name] for name in FEATURES] for person in PEOPLE]
    account.aws.put_captures(
        f"{CAPTURED}/endpoint",
        "diabetes-endpoint",
        [
            Capture(",".join(row), str(score(person)), hour + timedelta(seconds=number), f"r-{number}")
            for number, (row, person) in enumerate(zip(rows, PEOPLE, strict=True))
        ],
    )
    lines = (
        ",".join([*row[:columns], str(score(person)), f"r-{number}", "2026-03-01T10:01:00Z"])
        for number, (row, person) in enumerate(zip(rows, PEOPLE, strict=True))
    )
    output = account.put(f"{CAPTURED}/batch/transformed/{hour:%H}/data.csv.out", "\n".join(lines) + "\n")
    manifest = json.dumps([{"prefix": output.removesuffix("data.csv.out")}, "data.csv.out"])
    account.put(f"{CAPTURED}/batch/output/{hour:%Y/%m/%d/%H}/manifest.json", manifest)
    labels = {f"r-{number}": int(person["target"]) for number, person in enumerate(PEOPLE)}
    account.aws.put_ground_truth("s3://ground-truth/labels", labels, collected=hour)


@pytest.fixture(scope="module")
def account(diabetes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """One with IAM enforced: the role that the library makes may publish."""
    start = FIRST - timedelta(minutes=40)
    with EmbeddedAws(models={"diabetes-model": diabetes_model}, auth=True, asks_every=0.3, clock=start) as aws:
        account = Account(aws, tmp_path_factory.mktemp("assemblies"))
        put_data(account)
        account.create_bucket("captured-data")
        account.create_bucket("ground-truth")
        yield account


@pytest.fixture(scope="module")
def watched(account: Account) -> Watched:
    limits = {"name": "DPPL", "value": 0.1}
    groups = {"sex": [{"value_or_threshold": "2", "metrics": [limits]}]}
    constraints = {"label": "target", "label_value_or_threshold": "1", "facets": groups}
    account.put(
        f"s3://{DATA_BUCKET}/bias.json", json.dumps({"version": "1.0", "post_training_bias_metrics": constraints})
    )
    attributions = {name: 1.0 if name == "age" else 0.001 for name in FEATURES}
    explanations = {"kernel_shap": {"label0": {"global_shap_values": attributions, "expected_value": 0.5}}}
    account.put(f"s3://{DATA_BUCKET}/shap.json", json.dumps({"version": "1.0", "explanations": explanations}))
    account.aws.add_endpoint("diabetes-endpoint", capture=f"{CAPTURED}/endpoint")
    stack = account.stack("Watched")
    stack.deploy(everything)
    watched = Watched(account, stack, {}, {}, {})

    def run() -> dict[str, Any]:
        summaries = account.aws.advance(HOUR)
        return {summary["MonitoringScheduleName"]: summary for summary in summaries}

    # Only those of sex 2 are predicted to progress, then everybody is; then a batch transform lacks a column.
    serve(account, FIRST - HOUR, score=lambda person: 0.9 if person["sex"] == "2" else 0.1, columns=len(FEATURES))
    watched.drifted = run()
    watched.after_drift = watched.alarms()
    serve(account, FIRST, score=lambda person: 0.9, columns=len(FEATURES) - 1)
    watched.quiet = run()
    return watched


@pytest.mark.deploy
def test_the_executions_ended_as_they_should(watched: Watched) -> None:
    """Without this the other tests would be about something else."""
    names = {id_: watched.schedule(id_) for id_ in ("Bias", "Batch", "Explainability")}

    for summaries, expected in [
        (watched.drifted, ("CompletedWithViolations", "Completed", "CompletedWithViolations")),
        (watched.quiet, ("Completed", "Failed", "CompletedWithViolations")),
    ]:
        statuses = tuple(summaries[name]["MonitoringExecutionStatus"] for name in names.values())
        assert statuses == expected, [each.get("FailureReason") for each in summaries.values()]


@pytest.mark.deploy
def test_every_metric_of_the_library_finds_data(watched: Watched) -> None:
    outputs = watched.stack.outputs

    def found(id_: str, name: str) -> bool:
        state = watched.after_drift[outputs[f"{id_}{name.title().replace('_', '')}Alarm"]]
        assert state in ("OK", "ALARM", "INSUFFICIENT_DATA")
        return state != "INSUFFICIENT_DATA"

    for id_, facet in (("Bias", "sex"), ("Batch", "age")):
        analysis = watched.analysis(id_)
        for section, names in (("pre_training", PRE_TRAINING), ("post_training", POST_TRAINING)):
            (group,) = analysis[f"{section}_bias_metrics"]["facets"][facet]
            values = {metric["name"]: metric["value"] for metric in group["metrics"]}
            assert {name for name in names if name in PUBLISHED and found(id_, name)} == {
                name for name, value in values.items() if value is not None
            }
        assert sum(found(id_, name) for name in PUBLISHED) >= 15
    assert all(found("Explainability", name) for name in (*FEATURES, "ExpectedValue"))


@pytest.mark.deploy
def test_metrics_are_what_the_analysis_says(watched: Watched) -> None:
    client, window = watched.account.client("cloudwatch"), FIRST - HOUR
    for namespace_, id_, count in [
        ("aws/sagemaker/Endpoints/bias-metrics", "Bias", None),
        ("aws/sagemaker/ModelMonitoring/bias-metrics", "Batch", None),
        ("aws/sagemaker/Endpoints/explainability-metrics", "Explainability", len(FEATURES) + 1),
    ]:
        of_schedule = [{"Name": "MonitoringSchedule", "Value": watched.schedule(id_)}]
        listed = client.list_metrics(Namespace=namespace_, Dimensions=of_schedule)["Metrics"]
        dimensions = [{each["Name"]: each["Value"] for each in metric["Dimensions"]} for metric in listed]
        assert dimensions
        assert {each.get("Endpoint") for each in dimensions} == {None if id_ == "Batch" else "diabetes-endpoint"}
        assert count is None or len(listed) == count

    (di,) = client.list_metrics(
        Namespace="aws/sagemaker/Endpoints/bias-metrics",
        MetricName="bias_metric_DI",
        Dimensions=[{"Name": "MonitoringSchedule", "Value": watched.schedule("Bias")}],
    )["Metrics"]
    points = client.get_metric_statistics(
        **di, StartTime=window - HOUR, EndTime=window + 9 * HOUR, Period=3600, Statistics=["Average"]
    )["Datapoints"]
    # Nobody of sex 1 is predicted to progress, then all are alike. Each is dated by the start of its window.
    assert {point["Timestamp"]: point["Average"] for point in points} == {window: INFINITY, window + HOUR: 1.0}


@pytest.mark.deploy
def test_alarms_and_rules_reach_their_targets(watched: Watched) -> None:
    outputs = watched.stack.outputs
    messages = [json.loads(message["Message"]) for message in watched.messages("Queue")]
    alarms = [(each["OldStateValue"], each["NewStateValue"]) for each in messages if "AlarmName" in each]
    assert alarms == [("INSUFFICIENT_DATA", "ALARM"), ("ALARM", "OK")]
    assert watched.after_drift[outputs["Drift"]] == "ALARM"
    assert watched.alarms()[outputs["Drift"]] == "OK"

    (event,) = (message for message in messages if "detail" in message)
    detail = event["detail"]
    assert event["detail-type"] == "SageMaker Processing Job State Change"
    assert detail["ExitMessage"] == "CompletedWithViolations: Job completed successfully with 1 violations."
    assert detail["ProcessingJobArn"] == watched.drifted[watched.schedule("Bias")]["ProcessingJobArn"]
    assert detail["MonitoringScheduleArn"].endswith(f"/{watched.schedule('Bias')}")
    assert (
        abs(datetime.fromtimestamp(detail["ProcessingEndTime"] / 1000, UTC) - FIRST) < HOUR
    )  # milliseconds, as on AWS
    assert abs(datetime.fromisoformat(event["time"]) - FIRST) < HOUR

    (failure,) = watched.messages("Failures")
    failed = watched.quiet[watched.schedule("Batch")]
    assert failure["detail"]["FailureReason"] == failed["FailureReason"]
    assert failure["detail"]["ProcessingJobArn"] == failed["ProcessingJobArn"]

    logs, group = watched.account.client("logs"), f"/aws/lambda/{outputs['Function']}"

    def printed() -> list[str]:
        groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        lines = logs.filter_log_events(logGroupName=group)["events"] if groups else []
        return [line["message"] for line in lines if line["message"].startswith(("CompletedWithViolations", "{"))]

    wait_for("three lines of the function", lambda: len(printed()) == 3)
    (invoked,) = (json.loads(line) for line in printed() if line.startswith("{"))
    assert invoked["source"] == "aws.cloudwatch"
    assert invoked["alarmArn"].endswith(f":alarm:{outputs['Drift']}")
    assert datetime.fromisoformat(invoked["time"]) - FIRST < HOUR
    data = invoked["alarmData"]
    assert (data["previousState"]["value"], data["state"]["value"]) == ("INSUFFICIENT_DATA", "ALARM")
    (metric,) = data["configuration"]["metrics"]
    assert metric["metricStat"]["metric"]["name"] == "bias_metric_DPPL"


@pytest.mark.deploy
def test_an_alarm_of_a_daily_schedule_goes_off(watched: Watched) -> None:
    assert watched.drifted[watched.schedule("Daily")]["MonitoringExecutionStatus"] == "CompletedWithViolations"
    assert watched.after_drift[watched.stack.outputs["DailyCiAlarm"]] == "ALARM"


@pytest.mark.deploy
def test_rules_count_in_cloudwatch(watched: Watched) -> None:
    client, outputs = watched.account.client("cloudwatch"), watched.stack.outputs
    for rule, expected in ((outputs["Rule"], 1.0), (outputs["Unheard"], 0.0)):
        for metric in ("TriggeredRules", "MatchedEvents", "Invocations"):
            points = client.get_metric_statistics(
                Namespace="AWS/Events",
                MetricName=metric,
                Dimensions=[{"Name": "RuleName", "Value": rule}],
                StartTime=FIRST - HOUR,
                EndTime=FIRST + 3 * HOUR,
                Period=3600,
                Statistics=["Sum"],
            )["Datapoints"]
            assert sum(point["Sum"] for point in points) == expected


@pytest.mark.deploy
def test_alarms_run_out_of_data_as_the_clock_moves(watched: Watched) -> None:
    name = watched.stack.outputs["Drift"]
    assert watched.alarms()[name] == "OK"
    for schedule in watched.drifted:
        watched.account.client("sagemaker").stop_monitoring_schedule(MonitoringScheduleName=schedule)

    assert watched.account.aws.advance(timedelta(days=40)) == []

    assert watched.alarms()[name] == "INSUFFICIENT_DATA"
    history = watched.account.client("cloudwatch").describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert history[0]["Timestamp"] < FIRST + 5 * HOUR  # not when it was asked for
    listed = watched.account.client("cloudwatch").list_metrics(Namespace="aws/sagemaker/Endpoints/bias-metrics")
    assert len(listed["Metrics"]) >= 15


@pytest.mark.deploy
@pytest.mark.parametrize(
    ("environment", "allowed", "expected"),
    [
        ({"publish_cloudwatch_metrics": "Disabled"}, ["cloudwatch:*"], False),
        ({"publish_cloudwatch_metrics": "Enabled"}, [], False),
        ({}, ["cloudwatch:PutMetricData"], True),
    ],
)
def test_who_publishes_nothing(
    account: Account, environment: dict[str, str], allowed: list[str], expected: bool
) -> None:
    config = {"headers": FEATURES, "methods": {"shap": {"baseline": [[50, 1, 25, 93, 186, 113, 48, 4, 4, 91]]}}}
    predictor = {"model_name": "diabetes-model", "instance_type": "ml.m5.large", "initial_instance_count": 1}
    monitor = make_monitor(
        account.aws,
        "ModelExplainability",
        {**config, "predictor": predictor},
        environment=environment,
        policy={"Action": ["s3:*", "logs:*", "sagemaker:*", *allowed]},
    )
    time = FIRST - HOUR
    captures = [Capture(",".join(person[name] for name in FEATURES), "0.9", time) for person in PEOPLE[:3]]
    account.aws.put_captures(monitor.uri("capture"), monitor.name, captures)

    execution = account.aws.execute_schedule(monitor.name, scheduled_time=FIRST)

    assert execution["MonitoringExecutionStatus"] == "Completed", execution
    dimensions = [{"Name": "MonitoringSchedule", "Value": monitor.name}]
    found = account.client("cloudwatch").list_metrics(Dimensions=dimensions)["Metrics"]
    assert bool(found) == expected
