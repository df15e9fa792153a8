"""Alarms that monitors add: what they watch, when they go off, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from cdk_clarify_monitors import (
    BiasAnalysisConfig,
    BiasConfig,
    BiasMetricThreshold,
    CronExpressionGenerator,
    IClarifyMonitor,
    ModelBiasMonitorConstruct,
    ModelExplainabilityMonitorConstruct,
)
from tests.support.monitors.builders import ENVIRONMENT, bias_monitor, explainability_monitor, template_of
from tests.support.templates.annotations import warnings_of
from tests.support.templates.lint import findings

REGION = "eu-central-1"
THERE = "arn:aws:sagemaker:us-east-1:111111111111:monitoring-schedule/loans-bias"
OTHER_ACCOUNT = f"arn:aws:sagemaker:{REGION}:222222222222:monitoring-schedule/loans-bias"
BIAS = BiasAnalysisConfig(BiasConfig([1], "age", [40]), headers=["approved", "age"], label="approved")
HOURLY = CronExpressionGenerator.hourly()
DPPL = BiasMetricThreshold("DPPL", min_value=-0.1, max_value=0.2)
TOLD = {"endpoint_name": "loans", "output_s3_uri": "s3://reports/loans", "analysis_config": BIAS}


def alarms_of(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """The properties of the alarms, by the end of their ids."""
    found = template_of(stack).find_resources("AWS::CloudWatch::Alarm")
    return {id_[:-8].partition("Alarms")[2]: alarm["Properties"] for id_, alarm in found.items()}


def rules_of(stack: cdk.Stack) -> dict[str, Any]:
    return dict(template_of(stack).find_resources("AWS::Events::Rule"))


def imported(stack: cdk.Stack, arn: str | None = None, **told: Any) -> Any:
    told = {**TOLD, "schedule_cron_expression": HOURLY, **told}
    if arn is None:
        return ModelBiasMonitorConstruct.from_monitoring_schedule_name(stack, "Imported", "loans-bias", **told)
    return ModelBiasMonitorConstruct.from_monitoring_schedule_arn(stack, "Imported", arn, **told)


# ---------------------------------------------------------------- on executions
@pytest.mark.parametrize("make", [bias_monitor, explainability_monitor, imported])
@pytest.mark.parametrize(
    ("expression", "period"),
    [
        (HOURLY, 3600),
        (CronExpressionGenerator.daily(7), 86_400),
        (CronExpressionGenerator.daily_every_x_hours(6), 21_600),
        (None, 86_400),
    ],
)
def test_alarms_watch_the_monitors_own_rules(stack: cdk.Stack, make: Any, expression: Any, period: int) -> None:
    given = {} if expression is None and make is imported else {"schedule_cron_expression": expression}
    make(stack, **given).add_alarms()
    rules, period = rules_of(stack), period if given else 3600
    alarms = alarms_of(stack)

    assert alarms.keys() == {"Violations", "ExecutionFailed", "ExecutionsStopped"}
    for name, rule in (("Violations", "Violated"), ("ExecutionFailed", "Failed"), ("ExecutionsStopped", "Completed")):
        alarm = alarms[name]
        (dimension,) = alarm["Dimensions"]
        assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/Events", "TriggeredRules", "Sum")
        assert alarm["Period"] == period
        assert dimension["Value"]["Ref"] in rules
        assert rule in dimension["Value"]["Ref"]
    for name, operator in (("Violations", "GreaterThanOrEqualTo"), ("ExecutionsStopped", "LessThan")):
        assert (alarms[name]["Threshold"], alarms[name]["ComparisonOperator"]) == (1, f"{operator}Threshold")
    assert alarms["Violations"]["TreatMissingData"] == alarms["ExecutionFailed"]["TreatMissingData"] == "notBreaching"
    assert (alarms["ExecutionsStopped"]["TreatMissingData"], alarms["ExecutionsStopped"]["EvaluationPeriods"]) == (
        "breaching",
        2,
    )


def test_a_merge_of_ground_truth_is_no_completed_execution(stack: cdk.Stack) -> None:
    bias_monitor(stack).add_alarms()
    names = {
        id_: rule["Properties"]["EventPattern"]["detail"]["ProcessingJobName"] for id_, rule in rules_of(stack).items()
    }
    completed = next(pattern for id_, pattern in names.items() if "Completed" in id_)
    failed = next(pattern for id_, pattern in names.items() if "Failed" in id_)
    (prefixes,) = (condition["anything-but"]["prefix"] for condition in completed)
    assert prefixes == [failed[0]["anything-but"]["prefix"], "groundtruth-merge-"]


def test_each_alarm_can_be_left_out(stack: cdk.Stack) -> None:
    made = bias_monitor(stack).add_alarms(violations=False, execution_failed=False)
    assert alarms_of(stack).keys() == {"ExecutionsStopped"}
    assert len(rules_of(stack)) == 1
    assert made.violations is made.execution_failed is None
    assert made.all == [made.executions_stopped]


def test_alarms_share_the_rules_that_count(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    monitor.add_alarms()
    monitor.add_alarms("OfAnotherTeam", bias_metrics=[DPPL])
    monitor.dashboard_widgets()
    assert len(rules_of(stack)) == 3
    assert len(template_of(stack).find_resources("AWS::CloudWatch::Alarm")) == 8


def test_metrics_that_are_off_need_no_alarm_less(stack: cdk.Stack) -> None:
    bias_monitor(stack, enable_cloudwatch_metrics=False).add_alarms()
    assert len(alarms_of(stack)) == 3


def test_a_single_execution_does_not_stop_coming(stack: cdk.Stack) -> None:
    once = {"schedule_cron_expression": CronExpressionGenerator.now(), "data_analysis_start_time": "-P1D"}
    monitor = bias_monitor(stack, **once, data_analysis_end_time="-PT0H")
    with pytest.raises(ValueError, match=r"^'executions_stopped' must be left out, got True: the schedule 'NOW'"):
        monitor.add_alarms(executions_stopped=True)
    monitor.add_alarms()
    assert alarms_of(stack).keys() == {"Violations", "ExecutionFailed"}


@pytest.mark.parametrize(
    ("make", "given"),
    [
        (bias_monitor, {"schedule_cron_expression": cdk.Token.as_string({"Ref": "Schedule"})}),
        (explainability_monitor, {"schedule_cron_expression": f"cron(0 {cdk.Token.as_string({'Ref': 'H'})} ? * * *)"}),
        (imported, {"schedule_cron_expression": None}),
        (imported, {"schedule_cron_expression": cdk.Token.as_string({"Ref": "Schedule"})}),
    ],
)
def test_a_period_is_asked_for_where_it_is_not_known(stack: cdk.Stack, make: Any, given: Any) -> None:
    monitor = make(stack, **given)
    before = len(monitor.node.children)
    with pytest.raises(ValueError, match=r"^'period' must be given where the time between two executions is not known"):
        monitor.add_alarms()
    assert len(monitor.node.children) == before
    monitor.add_alarms(period=cdk.Duration.hours(12))
    monitor.add_alarms("Two", executions_stopped=False)
    assert alarms_of(stack)["ExecutionsStopped"]["Period"] == 43_200


def test_a_period_is_known_at_synthesis(stack: cdk.Stack) -> None:
    period = cdk.Duration.seconds(cdk.Token.as_number({"Ref": "Seconds"}))
    monitor = bias_monitor(stack)
    with pytest.raises(ValueError, match=r"^'period' must be known at synthesis"):
        monitor.add_alarms(period=period)
    with pytest.raises(ValueError, match=r"^'period' must be known at synthesis"):
        monitor.metric_bias("DPPL", period=period)


def test_an_import_needs_to_know_where_results_are(stack: cdk.Stack) -> None:
    monitor = imported(stack, output_s3_uri=None)
    with pytest.raises(ValueError, match=r"^'output_s3_uri' must be given where rules are asked for"):
        monitor.add_alarms()
    assert monitor.node.children == []
    only_bias = {"violations": False, "execution_failed": False, "executions_stopped": False}
    monitor.add_alarms(**only_bias, bias_metrics=[DPPL])
    assert alarms_of(stack).keys() == {"DPPLAboveMax", "DPPLBelowMin"}


def test_the_place_of_the_rules_may_not_be_taken(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    monitor.on_violations("ExecutionCounts")
    with pytest.raises(ValueError, match=r"^'id' must be unique in 'Stack/Bias', got 'ExecutionCounts'"):
        monitor.add_alarms()
    assert monitor.node.try_find_child("Alarms") is None


# ---------------------------------------------------------------- on bias metrics
def test_two_limits_are_two_alarms(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    (pair,) = monitor.add_alarms(bias_metrics=[DPPL]).bias_metrics
    comparison = cloudwatch.ComparisonOperator
    for name, threshold, operator in (
        ("Above", 0.2, comparison.GREATER_THAN_THRESHOLD),
        ("Below", -0.1, comparison.LESS_THAN_THRESHOLD),
    ):
        monitor.metric_bias("DPPL").create_alarm(
            stack,
            f"ControlAlarms{name}",
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=operator,
            treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
        )
    alarms = alarms_of(stack)

    assert pair.threshold == DPPL
    assert pair.above_max is not None
    assert pair.below_min is not None
    for name, control in (("DPPLAboveMax", "Above"), ("DPPLBelowMin", "Below")):
        assert alarms[name].pop("AlarmDescription").startswith("Bias metric DPPL is")
        assert alarms[name] == alarms[control]  # as the CDK makes it by hand


def test_one_limit_is_one_alarm(stack: cdk.Stack) -> None:
    floor = BiasMetricThreshold("DI", min_value=0.8, evaluation_periods=3, datapoints_to_alarm=2)
    (pair,) = bias_monitor(stack).add_alarms(bias_metrics=[floor]).bias_metrics
    alarms = alarms_of(stack)
    assert pair.above_max is None
    assert alarms.keys() - {"Violations", "ExecutionFailed", "ExecutionsStopped"} == {"DIBelowMin"}
    assert (alarms["DIBelowMin"]["EvaluationPeriods"], alarms["DIBelowMin"]["DatapointsToAlarm"]) == (3, 2)


def test_a_metric_of_several_facets_has_alarms_for_each(stack: cdk.Stack) -> None:
    config = BiasConfig([1], ["age", "income"], [[40], [50_000]])
    limits = [BiasMetricThreshold("DPPL", facet=facet, max_value=0.1) for facet in ("age", "income")]
    bias_monitor(stack, bias_config=config).add_alarms(bias_metrics=limits)
    facets = {
        name: next(d["Value"] for d in alarm["Dimensions"] if d["Name"] == "Facet")
        for name, alarm in alarms_of(stack).items()
        if name.endswith("AboveMax")
    }
    assert facets == {"DPPLAboveMax": "age", "DPPL2AboveMax": "income"}
    for name, facet in facets.items():
        told = f"Bias metric DPPL of {facet} is above its limit of 0.1, in an execution of "
        assert alarms_of(stack)[name]["AlarmDescription"].startswith(told)


def test_a_limit_may_be_a_token(stack: cdk.Stack) -> None:
    limit = cdk.Token.as_number({"Ref": "Limit"})
    monitor = bias_monitor(stack)
    monitor.add_alarms(bias_metrics=[BiasMetricThreshold("DPPL", min_value=0.1, max_value=limit)])
    assert alarms_of(stack)["DPPLAboveMax"]["Threshold"] == {"Ref": "Limit"}
    assert "DPPL is above its limit, in an" in alarms_of(stack)["DPPLAboveMax"]["AlarmDescription"]
    metric = BiasMetricThreshold(cdk.Token.as_string({"Ref": "Metric"}), max_value=limit, bias_stage="Pre-training")
    assert metric.max_value == limit


def test_metrics_of_another_account_are_watched_from_here(stack: cdk.Stack) -> None:
    imported(stack, OTHER_ACCOUNT).add_alarms(bias_metrics=[DPPL])
    (metric,) = alarms_of(stack)["DPPLAboveMax"]["Metrics"]
    assert metric["AccountId"] == "222222222222"


def test_metrics_of_another_region_get_no_alarms_here(stack: cdk.Stack, agnostic_stack: cdk.Stack) -> None:
    monitor = imported(stack, THERE)
    with pytest.raises(
        ValueError, match=r"^'bias_metrics' must be left out in eu-central-1, as the metrics are in us-"
    ):
        monitor.add_alarms(bias_metrics=[DPPL])
    assert monitor.node.children == []
    with pytest.raises(RuntimeError, match="us-east-1"):  # the CDK's own words
        monitor.metric_bias("DPPL").create_alarm(stack, "Control", threshold=1, evaluation_periods=1)
    # On executions, the events have to be sent on, of which there is a warning.
    monitor.add_alarms()
    assert len(warnings_of(stack, "a rule here sees them only if a rule there sends them")) == 1
    imported(agnostic_stack, THERE).add_alarms(bias_metrics=[DPPL])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_value": 0.1}, "'metric' must be one of 'CI'"),
        ({"metric": "DPPL"}, "'max_value' must be given without 'min_value', got None: write BiasMetricThreshold("),
        (
            {"metric": "DPPL", "min_value": 0.2, "max_value": 0.1},
            "'max_value' must not be below min_value 0.2, got 0.1",
        ),
        ({"metric": "DPPL", "max_value": float("nan")}, "'max_value' must be a finite number"),
        ({"metric": "DPPL", "min_value": float("-inf")}, "'min_value' must be a finite number"),
        ({"metric": "DPPL", "max_value": 1, "evaluation_periods": 0}, "'evaluation_periods' must be at least 1"),
        ({"metric": "DPPL", "max_value": 1, "datapoints_to_alarm": 2}, "'datapoints_to_alarm' must be at most the"),
        ({"metric": "DPPL", "max_value": 1, "bias_stage": "Training"}, "'bias_stage' must be one of"),
        ({"metric": "dppl", "max_value": 1}, "'metric' must be one of"),
    ],
)
def test_a_threshold_that_cannot_work_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        BiasMetricThreshold(**{"metric": "no metric", **given})
    assert str(refused.value).startswith(message)


def test_min_value_may_equal_max_value() -> None:
    assert BiasMetricThreshold("DI", min_value=1, max_value=1).min_value == 1


@pytest.mark.parametrize(
    ("given", "asked", "message"),
    [
        (
            {},
            {"bias_metrics": [BiasMetricThreshold("CDDL", max_value=1)]},
            "'bias_metrics[0].metric' must be one that the monitor publishes, CI, DPL, KL, JS, LP, TVD, KS, DPPL, DI",
        ),
        ({}, {"bias_metrics": [DPPL, DPPL]}, "'bias_metrics[1]' must be about something else than bias_metrics[0]"),
        (
            {},
            {"bias_metrics": [BiasMetricThreshold("DPPL", max_value=1, facet="income")]},
            "'bias_metrics[0].facet' must be one of the monitor's own, ['age'], got 'income'",
        ),
        (
            {"bias_config": BiasConfig([1], "age", [40, 50])},
            {"bias_metrics": [DPPL]},
            "'bias_metrics[0].facet_value' must be a string for the values",
        ),
        ({"enable_cloudwatch_metrics": False}, {"bias_metrics": [DPPL]}, "'enable_cloudwatch_metrics' must be True"),
        (
            {},
            {"bias_metrics": [BiasMetricThreshold("DPPL", max_value=1, evaluation_periods=8)]},
            "'bias_metrics[0].evaluation_periods' must span at most 7 days",
        ),
        ({}, {"period": cdk.Duration.seconds(90)}, "'period' must be one or more whole minutes, got '90 seconds'"),
        ({}, {"period": cdk.Duration.seconds(30)}, "'period' must be one or more whole minutes, got '30 seconds'"),
        ({}, {"period": cdk.Duration.days(4)}, "'period' must span at most 7 days"),
        ({}, {"id": "Role"}, "'id' must be unique in"),
        ({}, {"id": ""}, "'id' must not be empty"),
    ],
)
def test_alarms_that_cannot_work_are_refused(
    stack: cdk.Stack, given: dict[str, Any], asked: dict[str, Any], message: str
) -> None:
    monitor = bias_monitor(stack, **given)
    before = len(monitor.node.find_all())
    with pytest.raises(ValueError, match=r".") as refused:
        monitor.add_alarms(**asked)
    assert str(refused.value).startswith(message)
    assert len(monitor.node.find_all()) == before


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"bias_metrics": ["DPPL"]}, "'bias_metrics[0]' must be a BiasMetricThreshold, got 'DPPL'"),
        ({"bias_metrics": DPPL}, "'bias_metrics' must be a list"),
        ({"period": 3600}, "'period' must be a Duration, got 3600: write period=cdk.Duration.hours(1)"),
        ({"violations": "no"}, "'violations' must be True or False"),
        ({"executions_stopped": 1}, "'executions_stopped' must be True or False"),
        ({"id": None}, "'id' must be a string"),
    ],
)
def test_arguments_of_the_wrong_type_are_refused(stack: cdk.Stack, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=r".") as refused:
        bias_monitor(stack).add_alarms(**asked)
    assert str(refused.value).startswith(message)


# ---------------------------------------------------------------- actions
def test_actions_are_for_all_alarms_or_for_one(stack: cdk.Stack) -> None:
    topic, other = sns.Topic(stack, "Topic"), sns.Topic(stack, "Other")
    alarms = bias_monitor(stack).add_alarms(bias_metrics=[DPPL], actions=[actions.SnsAction(topic)])
    alarms.add_ok_action(actions.SnsAction(other))
    alarms.add_alarm_action(actions.SnsAction(other))
    assert alarms.violations is not None
    alarms.violations.add_alarm_action(actions.SnsAction(sns.Topic(stack, "OfViolations")))
    found = alarms_of(stack)
    assert len(found) == len(alarms.all) == 5
    for name, alarm in found.items():
        assert len(alarm["AlarmActions"]) == (3 if name == "Violations" else 2)
        assert len(alarm["OKActions"]) == 1


def test_an_alarm_does_no_more_than_cloudwatch_lets_it(stack: cdk.Stack) -> None:
    topics = [actions.SnsAction(sns.Topic(stack, f"Topic{number}")) for number in range(6)]
    monitor = bias_monitor(stack)
    with pytest.raises(ValueError, match=r"^'actions' must have at most 5 items, got .*: it has 6$"):
        monitor.add_alarms(actions=topics)
    assert len(monitor.add_alarms(actions=topics[1:]).all) == 3


def test_what_is_no_action_is_wrapped(stack: cdk.Stack) -> None:
    monitor, topic = bias_monitor(stack), sns.Topic(stack, "Topic")
    code = lambda_.Code.from_inline("def handler(event, context): ...")
    function = lambda_.Function(stack, "F", runtime=lambda_.Runtime.PYTHON_3_12, handler="index.handler", code=code)
    untyped: Any = monitor
    for value, wrapper in ((topic, "SnsAction"), (function, "LambdaAction"), ("arn:aws:sns:eu:1:t", "SnsAction")):
        with pytest.raises(TypeError, match=rf"^'actions\[0\]' must be a cloudwatch.IAlarmAction.*{wrapper}\(…\)$"):
            untyped.add_alarms(actions=[value])
    made: Any = monitor.add_alarms()
    with pytest.raises(TypeError, match=r"^'actions\[0\]' must be a cloudwatch.IAlarmAction"):
        made.add_alarm_action(topic)
    with pytest.raises(TypeError, match=r"^'actions\[0\]' must be a cloudwatch.IAlarmAction"):
        made.add_ok_action(topic)


# ---------------------------------------------------------------- SageMaker's own alert
def test_sagemakers_own_alert_is_a_resource(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    monitor.add_monitoring_alert(
        "Alert",
        monitoring_alert_name="loans",
        datapoints_to_alert=2,
        evaluation_period=4,
    )
    (alert,) = template_of(stack).find_resources("AWS::SageMaker::MonitoringScheduleAlert").values()
    assert alert["Properties"] == {
        "DatapointsToAlert": 2,
        "EvaluationPeriod": 4,
        "MonitoringAlertName": "loans",
        "MonitoringScheduleName": monitor.monitoring_schedule_name,
    }
    (schedule,) = template_of(stack).find_resources("AWS::SageMaker::MonitoringSchedule")
    assert alert["DependsOn"] == [schedule]


def test_an_imported_monitor_gets_an_alert_where_it_is(stack: cdk.Stack) -> None:
    asked = {"monitoring_alert_name": "loans", "datapoints_to_alert": 1, "evaluation_period": 1}
    imported(stack).add_monitoring_alert("Alert", **asked)
    assert len(template_of(stack).find_resources("AWS::SageMaker::MonitoringScheduleAlert")) == 1
    for number, (arn, name) in enumerate([(THERE, "region"), (OTHER_ACCOUNT, "account")]):
        other = cdk.Stack(cdk.App(), f"Other{number}", env=ENVIRONMENT)
        with pytest.raises(ValueError, match=rf"^'{name}' must be the monitor's, .* for a monitoring alert, got "):
            imported(other, arn).add_monitoring_alert("Alert", **asked)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"monitoring_alert_name": ""}, "'monitoring_alert_name' must not be empty"),
        ({"monitoring_alert_name": "my_alert"}, "'monitoring_alert_name' must be letters, digits and hyphens"),
        ({"datapoints_to_alert": 0}, "'datapoints_to_alert' must be at least 1"),
        ({"datapoints_to_alert": 3}, "'datapoints_to_alert' must be at most the evaluation_period, 2, got 3"),
        ({"evaluation_period": 101}, "'evaluation_period' must be at most 100"),
        ({"id": "Role"}, "'id' must be unique in"),
    ],
)
def test_an_alert_that_cannot_work_is_refused(stack: cdk.Stack, changes: dict[str, Any], message: str) -> None:
    asked = {"id": "Alert", "monitoring_alert_name": "a", "datapoints_to_alert": 1, "evaluation_period": 2, **changes}
    with pytest.raises(ValueError, match=r".") as refused:
        bias_monitor(stack).add_monitoring_alert(**asked)
    assert str(refused.value).startswith(message)


# ---------------------------------------------------------------- the whole
@pytest.mark.slow
def test_cfn_lint_accepts_all_alarms(stack: cdk.Stack) -> None:
    topic = sns.Topic(stack, "Topic")
    monitors: list[IClarifyMonitor] = [bias_monitor(stack), explainability_monitor(stack), imported(stack)]
    for monitor in monitors:
        monitor.add_alarms(actions=[actions.SnsAction(topic)])
        monitor.add_monitoring_alert("Alert", monitoring_alert_name="alert", datapoints_to_alert=1, evaluation_period=2)
    assert findings(json.dumps(template_of(stack).to_json()), REGION) == []


def test_an_import_of_an_explainability_monitor_has_alarms(stack: cdk.Stack) -> None:
    monitor = ModelExplainabilityMonitorConstruct.from_monitoring_schedule_name(
        stack, "Imported", "loans-shap", output_s3_uri="s3://reports/shap", schedule_cron_expression=HOURLY
    )
    assert len(monitor.add_alarms().all) == 3
    with pytest.raises(ValueError, match=r"^'schedule_cron_expression' must be a schedule of CronExpressionGenerator"):
        imported(stack, schedule_cron_expression="every hour")
