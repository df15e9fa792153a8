"""Alarms of the embedded AWS change their states as CloudWatch's do, on the clock that users move."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from cdk_clarify_monitors_local import EmbeddedAws
from cdk_clarify_monitors_local.server.cloudwatch._alarm_state import AlarmRule, evaluate

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
RETAIN = "the state it had"
THRESHOLD = 0.5
X, O, GAP = 0.75, 0.25, None  # breaching, within, missing  # noqa: E741
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def rule(periods: int, needed: int, **changes: Any) -> AlarmRule:
    given = {
        "period": 3600,
        "evaluation_periods": periods,
        "datapoints_to_alarm": needed,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": THRESHOLD,
    }
    return AlarmRule(**{**given, **changes})


# The tables of AWS's page on missing data come first, then what its text says, then the two sides of each limit.
@pytest.mark.parametrize(
    ("needed", "periods", "values", "missing", "ignore", "breaching", "not_breaching"),
    [
        (3, 3, [O, GAP, X, GAP, X], "OK", "OK", "OK", "OK"),
        (3, 3, [O, GAP, GAP, GAP, GAP], "OK", "OK", "OK", "OK"),
        (3, 3, [GAP, GAP, GAP, GAP, GAP], "INSUFFICIENT_DATA", RETAIN, "ALARM", "OK"),
        (3, 3, [O, X, X, GAP, X], "ALARM", "ALARM", "ALARM", "ALARM"),
        (3, 3, [GAP, GAP, X, GAP, GAP], "ALARM", RETAIN, "ALARM", "OK"),
        (2, 3, [O, GAP, X, GAP, X], "ALARM", "ALARM", "ALARM", "ALARM"),
        (2, 3, [O, O, X, O, X], "ALARM", "ALARM", "ALARM", "ALARM"),
        (2, 3, [O, GAP, X, GAP, GAP], "OK", "OK", "ALARM", "OK"),
        (2, 3, [GAP, GAP, GAP, GAP, O], "OK", "OK", "ALARM", "OK"),
        (2, 3, [GAP, GAP, GAP, X, GAP], "ALARM", RETAIN, "ALARM", "OK"),
        # Not too early
        (3, 3, [GAP, GAP, GAP, GAP, X], RETAIN, RETAIN, "ALARM", "OK"),
        (3, 3, [GAP, GAP, GAP, X, GAP], RETAIN, RETAIN, "ALARM", "OK"),
        (3, 3, [GAP, GAP, GAP, X, O], "OK", "OK", "OK", "OK"),
        (2, 3, [GAP, GAP, GAP, GAP, X], RETAIN, RETAIN, "ALARM", "OK"),
        # One datapoint
        (1, 1, [GAP, GAP, X], "ALARM", "ALARM", "ALARM", "ALARM"),
        (1, 1, [X, X, O], "OK", "OK", "OK", "OK"),
        (1, 1, [X, GAP, GAP], "ALARM", "ALARM", "ALARM", "ALARM"),
        (1, 1, [O, GAP, GAP], "OK", "OK", "OK", "OK"),
        (1, 1, [X, O, GAP], "OK", "OK", "OK", "OK"),
        (1, 1, [GAP, GAP, GAP], "INSUFFICIENT_DATA", RETAIN, "ALARM", "OK"),
        # M out of N, all there
        (2, 4, [X, X, X, O, O, O], "OK", "OK", "OK", "OK"),
        (2, 4, [O, O, X, O, O, X], "ALARM", "ALARM", "ALARM", "ALARM"),
        (4, 4, [O, O, X, X, X, X], "ALARM", "ALARM", "ALARM", "ALARM"),
        (4, 4, [X, X, O, X, X, X], "OK", "OK", "OK", "OK"),
        (1, 4, [X, X, O, O, O, X], "ALARM", "ALARM", "ALARM", "ALARM"),
        # M out of N, some missing
        (1, 3, [GAP, GAP, GAP, GAP, X], "ALARM", "ALARM", "ALARM", "ALARM"),
        (1, 3, [GAP, GAP, O, GAP, O], "OK", "OK", "ALARM", "OK"),
        (2, 2, [GAP, GAP, X, X], "ALARM", "ALARM", "ALARM", "ALARM"),
        (2, 2, [GAP, X, GAP, X], "ALARM", "ALARM", "ALARM", "ALARM"),
        (2, 2, [X, GAP, GAP, O], "OK", "OK", "OK", "OK"),
        (2, 2, [X, GAP, GAP, GAP], "ALARM", RETAIN, "ALARM", "OK"),
    ],
)
def test_the_state_by_datapoints_and_missing_data(
    needed: int,
    periods: int,
    values: list[float | None],
    missing: str,
    ignore: str,
    breaching: str,
    not_breaching: str,
) -> None:
    for treatment, expected in zip(TREATMENTS, (missing, ignore, breaching, not_breaching), strict=True):
        alarm = rule(periods, needed, treat_missing_data=treatment)
        assert len(values) == alarm.evaluation_range
        for state in STATES:
            verdict = evaluate(alarm, values, state)
            assert verdict.state == (state if expected == RETAIN else expected), (treatment, state)


@pytest.mark.parametrize(
    ("comparison", "breaching", "within"),
    [
        ("GreaterThanThreshold", [0.6, 2.348543e108], [0.5, 0.4, -2.348543e108]),
        ("GreaterThanOrEqualToThreshold", [0.5, 0.6], [0.4]),
        ("LessThanThreshold", [0.4, -1.0], [0.5, 0.6]),
        ("LessThanOrEqualToThreshold", [0.5, 0.4], [0.6]),
    ],
)
def test_alarms_compare_by_their_operator(comparison: str, breaching: list[float], within: list[float]) -> None:
    alarm = rule(1, 1, comparison_operator=comparison)

    assert {evaluate(alarm, [GAP, GAP, value], "OK").state for value in breaching} == {"ALARM"}
    assert {evaluate(alarm, [GAP, GAP, value], "ALARM").state for value in within} == {"OK"}


def test_the_periods_end_with_the_minute() -> None:
    alarm, now = rule(2, 2), (NOON + timedelta(minutes=17, seconds=30)).timestamp()
    end = (NOON + timedelta(minutes=18)).timestamp()

    assert alarm.period_of(now, now) == 0
    assert alarm.period_of(end - 3600, now) == 0
    assert alarm.period_of(end - 3600.5, now) == 1
    assert alarm.period_of(end, now) is None  # not yet
    assert alarm.period_of(end - 4 * 3600, now) == 3
    assert alarm.period_of(end - 4 * 3600 - 1, now) is None  # too old
    assert alarm.start_of(1, now) == end - 2 * 3600
    assert rule(1, 1, period=10).period_of(now - 10, now) == 1  # high resolution


def test_each_moment_changes_the_period_of_a_datapoint() -> None:
    for period in (10, 30, 60, 300, 3600, 86_400):
        alarm, time = rule(3, 2, period=period), NOON.timestamp() + 754.3
        resolution = min(period, 60)

        for number, moment in enumerate(alarm.moments(time)):
            before = alarm.period_of(time, moment - resolution)
            after = alarm.period_of(time, moment)
            assert (before, after) == (
                number - 1 if number else None,
                number if number < alarm.evaluation_range else None,
            )


def test_reasons_of_alarms_read_as_cloudwatchs() -> None:
    now = datetime(2019, 10, 1, 13, 50, 40, tzinfo=UTC).timestamp()
    one, three = rule(1, 1, period=300), rule(3, 2, period=300, treat_missing_data="breaching")

    assert evaluate(one, [GAP, GAP, 0.75], "OK", now).reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [0.75 (01/10/19 13:46:00)] was greater than the threshold "
        "(0.5) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert evaluate(one, [GAP, GAP, 0.25], "ALARM", now).reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [0.25 (01/10/19 13:46:00)] was not greater than the "
        "threshold (0.5) (minimum 1 datapoint for ALARM -> OK transition)."
    )
    assert evaluate(three, [GAP] * 5, "OK", now).reason == (
        "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were "
        "treated as [Breaching]."
    )
    assert evaluate(one, [GAP] * 3, "OK", now).reason == "Insufficient Data: 1 datapoint was unknown."


# In the embedded AWS


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(clock=NOON) as aws:
        yield aws


@functools.cache
def client(aws: EmbeddedAws, service: str) -> Any:
    return aws.client(service)


class Watch:
    """A metric of its own, and an alarm on it.

    The clock of the account goes on from test to test, so times are relative.

    Attributes:
        queue: The URL of a queue that hears of the alarm, if it is to.
    """

    def __init__(self, aws: EmbeddedAws, *, heard: bool = False, **changes: Any) -> None:
        self.aws, self.name, self.queue = aws, f"alarm-{uuid4().hex[:8]}", ""
        self.cloudwatch = client(aws, "cloudwatch")
        if heard:
            topic = client(aws, "sns").create_topic(Name=self.name)["TopicArn"]
            self.queue, arn = make_queue(aws, self.name)
            client(aws, "sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
            changes = {"AlarmActions": [topic], "OKActions": [topic], **changes}
        given: dict[str, Any] = {
            "AlarmName": self.name,
            "Namespace": self.name,
            "MetricName": "DPPL",
            "Dimensions": [{"Name": "Facet", "Value": "sex"}],
            "Statistic": "Average",
            "Period": 3600,
            "EvaluationPeriods": 1,
            "Threshold": THRESHOLD,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        self.cloudwatch.put_metric_alarm(**{**given, **changes})

    def put(self, value: float, ago: timedelta = timedelta(0), **changes: Any) -> None:
        """Put a value of the metric."""
        given = {"MetricName": "DPPL", "Value": value, "Dimensions": [{"Name": "Facet", "Value": "sex"}]}
        data = [{**given, "Timestamp": self.aws.now - ago, **changes}]
        self.cloudwatch.put_metric_data(Namespace=self.name, MetricData=data)

    @property
    def described(self) -> dict[str, Any]:
        (alarm,) = self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"]
        return dict(alarm)

    @property
    def state(self) -> str:
        return str(self.described["StateValue"])

    def history(self) -> list[tuple[str, datetime]]:
        """Each state it had, and since when."""
        items = self.cloudwatch.describe_alarm_history(AlarmName=self.name, ScanBy="TimestampAscending")
        return [
            (json.loads(item["HistoryData"])["newState"]["stateValue"], item["Timestamp"])
            for item in items["AlarmHistoryItems"]
        ]

    def heard(self) -> list[dict[str, Any]]:
        """What has come to the queue."""
        messages = client(self.aws, "sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(json.loads(message["Body"])["Message"]) for message in messages.get("Messages", [])]


def make_queue(aws: EmbeddedAws, name: str) -> tuple[str, str]:
    """Make a queue, and return its URL and its ARN."""
    url = client(aws, "sqs").create_queue(QueueName=name)["QueueUrl"]
    attributes = client(aws, "sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    return url, attributes["QueueArn"]


def test_an_alarm_follows_its_metric_as_the_clock_moves(aws: EmbeddedAws) -> None:
    watch = Watch(aws, heard=True)
    start = aws.now
    watch.put(0.9, Timestamp=start + HOUR)
    watch.put(0.1, Timestamp=start + 2 * HOUR)
    assert watch.state == "INSUFFICIENT_DATA"

    aws.advance(timedelta(hours=8))

    states, times = zip(*watch.history(), strict=True)
    assert states == ("INSUFFICIENT_DATA", "ALARM", "OK", "INSUFFICIENT_DATA")
    minutes = [round((time - start) / timedelta(minutes=1)) for time in times]
    # Seen in its minute; gone when it lies three periods back: one is evaluated, two more are looked at.
    assert minutes[1:] == pytest.approx([60, 120, 300], abs=1.01)
    alarm, ok = watch.heard()
    assert (alarm["OldStateValue"], alarm["NewStateValue"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert (ok["OldStateValue"], ok["NewStateValue"]) == ("ALARM", "OK")
    assert alarm["AlarmName"] == watch.name
    assert watch.described["StateUpdatedTimestamp"] <= aws.now


def test_an_alarm_sees_its_own_dimensions_only(aws: EmbeddedAws) -> None:
    watch, without = Watch(aws), Watch(aws, Dimensions=[])
    for dimensions in (
        [],
        [{"Name": "Facet", "Value": "age"}],
        [{"Name": "Facet", "Value": "sex"}, {"Name": "Stage", "Value": "Post-Training"}],
    ):
        watch.put(0.9, Dimensions=dimensions)
    without.put(0.9)

    assert (watch.state, without.state) == ("INSUFFICIENT_DATA", "INSUFFICIENT_DATA")
    watch.put(0.9, MetricName="DI")
    assert watch.state == "INSUFFICIENT_DATA"
    watch.put(0.9)
    without.put(0.9, Dimensions=[])
    assert (watch.state, without.state) == ("ALARM", "ALARM")


@pytest.mark.parametrize(
    ("changes", "values", "expected"),
    [
        ({"Statistic": "Average"}, [0.9, 0.0], "OK"),
        ({"Statistic": "Maximum"}, [0.9, 0.0], "ALARM"),
        ({"Statistic": "Minimum"}, [0.9, 0.6], "ALARM"),
        ({"Statistic": "Minimum"}, [0.9, 0.5], "OK"),
        ({"Statistic": "Sum"}, [0.3, 0.3], "ALARM"),
        ({"Statistic": "SampleCount", "Threshold": 1}, [0.0, 0.0], "ALARM"),
        ({"Statistic": "SampleCount", "Threshold": 2}, [0.0, 0.0], "OK"),
        ({"Statistic": None, "ExtendedStatistic": "p100"}, [0.9, 0.0], "ALARM"),
        ({"Statistic": None, "ExtendedStatistic": "p10"}, [0.9, 0.0], "OK"),
        ({"Unit": "Count"}, [0.9], "INSUFFICIENT_DATA"),
        ({"Unit": "None"}, [0.9], "ALARM"),
        ({"TreatMissingData": "breaching"}, [], "ALARM"),
        ({"TreatMissingData": "notBreaching"}, [], "OK"),
        ({"TreatMissingData": "ignore"}, [], "INSUFFICIENT_DATA"),
        ({"EvaluationPeriods": 2}, [0.9], "INSUFFICIENT_DATA"),
        ({"EvaluationPeriods": 2, "DatapointsToAlarm": 1}, [0.9], "ALARM"),
        ({"EvaluationPeriods": 2, "TreatMissingData": "breaching"}, [0.9], "ALARM"),
    ],
)
def test_statistics_units_and_missing_data(
    aws: EmbeddedAws, changes: dict[str, Any], values: list[float], expected: str
) -> None:
    watch = Watch(aws, **{key: value for key, value in changes.items() if value is not None})
    if "ExtendedStatistic" in changes:
        given = {key: watch.described[key] for key in ("Namespace", "MetricName", "Dimensions", "Period", "Threshold")}
        rest = {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"}
        name = changes["ExtendedStatistic"]
        watch.cloudwatch.put_metric_alarm(AlarmName=watch.name, ExtendedStatistic=name, **given, **rest)
    time = aws.now
    for value in values:
        watch.put(value, Timestamp=time)

    assert watch.state == expected


def test_old_metrics_stay_and_raise_no_alarm(aws: EmbeddedAws) -> None:
    watch, old = Watch(aws), timedelta(days=400)
    watch.put(0.9, ago=old)

    (metric,) = watch.cloudwatch.list_metrics(Namespace=watch.name)["Metrics"]
    (point,) = watch.cloudwatch.get_metric_statistics(
        **metric, StartTime=aws.now - old - HOUR, EndTime=aws.now, Period=3600, Statistics=["Maximum"]
    )["Datapoints"]
    assert point["Maximum"] == 0.9
    assert watch.state == "INSUFFICIENT_DATA"


def test_metrics_without_a_time_are_dated_by_the_clock(aws: EmbeddedAws) -> None:
    aws.advance(timedelta(days=30))
    watch = Watch(aws)
    watch.cloudwatch.put_metric_data(
        Namespace=watch.name,
        MetricData=[{"MetricName": "DPPL", "Value": 0.9, "Dimensions": [{"Name": "Facet", "Value": "sex"}]}],
    )

    assert watch.state == "ALARM"
    assert abs(watch.described["StateUpdatedTimestamp"] - aws.now) < HOUR


def test_metric_math_is_left_alone(aws: EmbeddedAws) -> None:
    name = f"math-{uuid4().hex[:8]}"
    metric = {"Metric": {"Namespace": name, "MetricName": "DPPL"}, "Period": 3600, "Stat": "Average"}
    metrics = [{"Id": "a", "MetricStat": metric}, {"Id": "b", "Expression": "ABS(a)"}]
    rest = {"EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"}
    client(aws, "cloudwatch").put_metric_alarm(AlarmName=name, Metrics=metrics, TreatMissingData="breaching", **rest)

    (alarm,) = client(aws, "cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["StateValue"] == "INSUFFICIENT_DATA"
    assert alarm["StateReason"] == "clarify-local evaluates no alarms on metric math or anomaly detection."


def test_disabled_actions_and_a_state_set_by_hand(aws: EmbeddedAws) -> None:
    watch = Watch(aws, heard=True, ActionsEnabled=False)
    watch.put(0.9)
    assert (watch.state, watch.heard()) == ("ALARM", [])

    watch.cloudwatch.enable_alarm_actions(AlarmNames=[watch.name])
    watch.cloudwatch.set_alarm_state(AlarmName=watch.name, StateValue="OK", StateReason="a test")

    assert watch.state == "ALARM"  # again: it lasts until the next evaluation
    assert [message["NewStateValue"] for message in watch.heard()] == ["OK", "ALARM"]


def test_a_composite_alarm_follows_its_children(aws: EmbeddedAws) -> None:
    watch = Watch(aws)
    name = f"{watch.name}-any"
    watch.cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f'ALARM("{watch.name}")')
    watch.put(0.9)

    (composite,) = watch.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert composite["StateValue"] == "ALARM"


def test_rules_tell_cloudwatch_what_they_did(aws: EmbeddedAws) -> None:
    """A rule on the default bus, one on another, and one that nothing matches; an alarm on the first."""
    events, name = client(aws, "events"), f"rule-{uuid4().hex[:8]}"
    bus = f"bus-{name}"
    events.create_event_bus(Name=bus)
    pattern = json.dumps({"source": ["clinic"]})
    events.put_rule(Name=name, EventPattern=pattern)
    events.put_rule(Name=name, EventPattern=pattern, EventBusName=bus)
    events.put_rule(Name=f"{name}-other", EventPattern=json.dumps({"source": ["elsewhere"]}))
    dimensions = [{"Name": "RuleName", "Value": name}]
    of_rule: Any = {
        "Namespace": "AWS/Events",
        "MetricName": "TriggeredRules",
        "Dimensions": dimensions,
        "Statistic": "Sum",
    }
    watch = Watch(aws, **of_rule, Period=300, TreatMissingData="notBreaching")
    assert watch.state == "OK"
    queue, arn = make_queue(aws, name)
    events.put_targets(Rule=name, Targets=[{"Id": "Queue", "Arn": arn}])

    entry = {"Source": "clinic", "DetailType": "visit", "Detail": "{}"}
    events.put_events(Entries=[entry, entry, {**entry, "EventBusName": bus}])

    def total(metric: str, **names: str) -> float:
        points = watch.cloudwatch.get_metric_statistics(
            Namespace="AWS/Events",
            MetricName=metric,
            Dimensions=[{"Name": key, "Value": value} for key, value in names.items()],
            StartTime=aws.now - HOUR,
            EndTime=aws.now + HOUR,
            Period=7200,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    for metric in ("TriggeredRules", "MatchedEvents", "Invocations"):
        assert total(metric, RuleName=name) == 2
        assert total(metric, RuleName=f"{name}-other") == 0
    assert total("MatchedEvents", RuleName=name, EventBusName=bus) == 1
    assert total("Invocations", RuleName=name, EventBusName=bus) == 0
    assert watch.described["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [1.0 (")
    assert watch.state == "ALARM"
    event = json.loads(client(aws, "sqs").receive_message(QueueUrl=queue)["Messages"][0]["Body"])
    assert abs(datetime.fromisoformat(event["time"]) - aws.now) < HOUR
