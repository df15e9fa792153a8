"""Metrics and events of a monitor, as alarms and rules take them."""

import json
from typing import Any, Literal

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from ministack.services import eventbridge
from smclarify.bias.metrics import POSTTRAINING_METRICS, PRETRAINING_METRICS

from cdk_clarify_monitors import (
    BatchTransformInput,
    BiasAnalysisConfig,
    BiasConfig,
    ClarifyMonitor,
    CronExpressionGenerator,
    ModelPredictedLabelConfig,
    MonitoringDatasetFormat,
    PDPConfig,
)
from cdk_clarify_monitors._config.bias_metrics import POST_TRAINING, PRE_TRAINING
from tests.support.monitors.builders import bias_monitor, data_config, explainability_monitor, only, template_of

ACCOUNT, REGION = "111111111111", "eu-central-1"
METRIC = "'metric' must be one of " + ", ".join(map(repr, (*PRE_TRAINING, *POST_TRAINING)))


def alarm_on(stack: cdk.Stack, metric: Any) -> Any:
    metric.create_alarm(stack, "Alarm", threshold=0.1, evaluation_periods=1)
    return only(template_of(stack), "AWS::CloudWatch::Alarm")


def dimensions_of(alarm: Any) -> Any:
    return {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}


def test_an_alarm_watches_a_bias_metric(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    alarm = alarm_on(
        stack, monitor.metric_bias("DPPL", facet="age", facet_value="40", label="approved", label_value="1")
    )
    assert alarm["Namespace"] == "aws/sagemaker/Endpoints/bias-metrics"
    assert alarm["MetricName"] == "bias_metric_DPPL"
    assert alarm["Period"] == 86400
    assert dimensions_of(alarm) == {
        "Endpoint": "loans-endpoint",
        "MonitoringSchedule": monitor.monitoring_schedule_name,
        "BiasStage": "Post-Training",
        "Label": "approved",
        "LabelValue": "1",
        "Facet": "age",
        "FacetValue": "40",
    }


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        (None, 24),  # SageMaker picks a time of the day
        (CronExpressionGenerator.hourly(), 1),
        (CronExpressionGenerator.daily(7), 24),
        (CronExpressionGenerator.daily_every_x_hours(1), 1),
        (CronExpressionGenerator.daily_every_x_hours("06", "03"), 6),
        (CronExpressionGenerator.daily_every_x_hours(24, 23), 24),
        pytest.param(cdk.Token.as_string({"Ref": "Schedule"}), 1, id="token"),
        pytest.param(f"cron(0 {cdk.Token.as_string({'Ref': 'Hour'})} ? * * *)", 1, id="token in it"),
    ],
)
def test_the_period_of_a_metric_is_the_schedules(stack: cdk.Stack, expression: str | None, hours: int) -> None:
    bias = bias_monitor(stack, schedule_cron_expression=expression)
    shap = explainability_monitor(stack, schedule_cron_expression=expression)

    for metric in (bias.metric_bias("DI"), shap.metric_feature_attribution("income"), shap.metric_expected_value()):
        assert metric.period.to_hours() == hours


def test_the_metrics_of_a_single_execution_are_those_of_a_day(stack: cdk.Stack) -> None:
    monitor = bias_monitor(
        stack,
        schedule_cron_expression=CronExpressionGenerator.now(),
        data_analysis_start_time="-P1D",
        data_analysis_end_time="-PT0H",
    )

    assert monitor.metric_bias("DI").period.to_days() == 1


def bias_dimensions(stack: cdk.Stack, *, monitor: dict[str, Any] | None = None, **asked: Any) -> Any:
    asked = {"metric": "DPPL", **asked}
    return dimensions_of(alarm_on(stack, bias_monitor(stack, **(monitor or {})).metric_bias(**asked)))


# ---------------------------------------------------------------- bias
def test_what_a_monitor_has_one_of_need_not_be_said(stack: cdk.Stack) -> None:
    dimensions = bias_dimensions(stack)
    named = {name: dimensions[name] for name in ("Label", "LabelValue", "Facet", "FacetValue")}
    assert named == {"Label": "approved", "LabelValue": "1", "Facet": "age", "FacetValue": "40"}


def test_what_is_analysed_may_be_an_analysis_config(stack: cdk.Stack) -> None:
    config = BiasAnalysisConfig(BiasConfig(["yes"], "income", [0.5]), label="debt")
    nothing = dict.fromkeys(
        ("data_config", "bias_config", "model_config", "model_predicted_label_config"),
    )
    dimensions = bias_dimensions(stack, monitor={**nothing, "analysis_config": config})
    assert dimensions["LabelValue"] == "yes"
    assert dimensions["FacetValue"] == "0.5"
    assert dimensions["Label"] == "debt"


@pytest.mark.parametrize(("value", "shown"), [(40, "40"), (40.0, "40"), ("40", "40"), ("(40, 79]", "(40, 79]")])
def test_facet_values_are_written_as_in_the_configuration(stack: cdk.Stack, value: Any, shown: Any) -> None:
    assert bias_dimensions(stack, facet_value=value)["FacetValue"] == shown


OF_GROUPS: dict[str, Any] = {"bias_config": BiasConfig([1], "age", [40], "income")}


def test_each_metric_of_smclarify_has_its_stage(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack, **OF_GROUPS)
    before, after = ({metric.__name__ for metric in stage} for stage in (PRETRAINING_METRICS, POSTTRAINING_METRICS))
    assert (len(before), len(after)) == (8, 13)
    stages: dict[Literal["Pre-training", "Post-Training"], set[str]] = {"Pre-training": before, "Post-Training": after}
    for stage, names in stages.items():
        for name in names:
            for metric in (monitor.metric_bias(name), monitor.metric_bias(name, bias_stage=stage)):
                assert metric.dimensions is not None
                assert metric.dimensions["BiasStage"] == stage, name


def test_a_metric_of_the_data_has_no_other_stage(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack, **OF_GROUPS)
    for metric in PRETRAINING_METRICS:
        with pytest.raises(ValueError, match=rf"^'bias_stage' must be 'Pre-training' for metric '{metric.__name__}', "):
            monitor.metric_bias(metric.__name__, bias_stage="Post-Training")


TWO_FACETS = {"bias_config": BiasConfig([1], ["age", "income"], [[40], None])}
SEVERAL_VALUES = {"bias_config": BiasConfig([1, 2], "age", [40])}
BY_INDEX = {"bias_config": BiasConfig([1], 1, [40])}
IN_S3 = {
    "data_config": None,
    "bias_config": None,
    "model_config": None,
    "model_predicted_label_config": None,
    "analysis_config": "s3://data/analysis_config.json",
    "constraints": "s3://data/constraints.json",
}


@pytest.mark.parametrize(
    ("monitor", "asked", "expected"),
    [
        (TWO_FACETS, {"facet": "age"}, {"Facet": "age", "FacetValue": "40"}),
        (TWO_FACETS, {"facet": "income", "facet_value": 7}, {"Facet": "income", "FacetValue": "7"}),
        (SEVERAL_VALUES, {"label_value": "1,2"}, {"LabelValue": "1,2"}),
        (BY_INDEX, {"facet": 1}, {"Facet": "1", "FacetValue": "40"}),
        (BY_INDEX, {"facet": "age"}, {"Facet": "age", "FacetValue": "40"}),
        (
            IN_S3,
            {"facet": "sex", "facet_value": 2, "label": "target", "label_value": 1.5},
            {"Facet": "sex", "FacetValue": "2", "Label": "target", "LabelValue": "1.5"},
        ),
    ],
)
def test_unknown_dimensions_come_from_arguments(stack: cdk.Stack, monitor: Any, asked: Any, expected: Any) -> None:
    dimensions = bias_dimensions(stack, monitor=monitor, **asked)
    assert {name: dimensions[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("monitor", "asked", "message"),
    [
        ({}, {"facet": "sex"}, "'facet' must be one of the monitor's own, ['age'], got 'sex'"),
        ({}, {"facet_value": 41}, "'facet_value' must be the monitor's own, 40, got 41"),
        ({}, {"label": "denied"}, "'label' must be one of the monitor's own, ['approved'], got 'denied'"),
        ({}, {"label_value": 2}, "'label_value' must be the monitor's own, 1, got 2"),
        (
            {},
            {"metric": "CI", "bias_stage": "Post-Training"},
            "'bias_stage' must be 'Pre-training' for metric 'CI', which is about the data, got 'Post-Training'",
        ),
        (
            {},
            {"bias_stage": "post-training"},
            "'bias_stage' must be one of 'Pre-training', 'Post-Training', got 'post-training': write 'Post-Training'",
        ),
        ({}, {"metric": ""}, f"{METRIC}, got ''"),
        ({}, {"metric": "DPPPL"}, f"{METRIC}, got 'DPPPL': did you mean 'DPPL'?"),
        ({}, {"metric": "dppl"}, f"{METRIC}, got 'dppl': write 'DPPL'"),
        (
            {},
            {"metric": "CDDPL"},
            "'metric' must be one that the monitor publishes, CI, DPL, KL, JS, LP, TVD, KS, DPPL, DI, DCA, DCR, RD, "
            "DAR, DRR, AD, TE, FT, SD, GE, got 'CDDPL': CDDL and CDDPL need a 'group_name' in 'bias_config'",
        ),
        (TWO_FACETS, {}, "'facet' must be given, got None: one of ['age', 'income']"),
        (
            TWO_FACETS,
            {"facet": "income"},
            "'facet_value' must be given, got None: give it as CloudWatch shows it",
        ),
        (BY_INDEX, {}, "'facet' must be given, got None: give it as CloudWatch shows it"),
        (
            SEVERAL_VALUES,
            {},
            "'label_value' must be a string for the values [1, 2], got None: give it as CloudWatch shows it",
        ),
        (
            SEVERAL_VALUES,
            {"label_value": 2},
            "'label_value' must be a string for the values [1, 2], got 2: give it as CloudWatch shows it",
        ),
        (IN_S3, {}, "'facet' must be given, got None: give it as CloudWatch shows it"),
    ],
)
def test_a_bias_metric_that_no_execution_publishes_is_refused(
    stack: cdk.Stack, monitor: Any, asked: Any, message: Any
) -> None:
    made = bias_monitor(stack, **monitor)
    with pytest.raises(ValueError, match=r".") as refused:
        made.metric_bias(**{"metric": "DPPL", **asked})
    assert str(refused.value) == message


def test_values_of_the_wrong_type_are_refused(stack: cdk.Stack) -> None:
    with pytest.raises(TypeError, match=r"^'facet_value' must be a string, a number, True or False, got \['F'\]$"):
        bias_monitor(stack).metric_bias("DPPL", facet_value=["F"])  # type: ignore[arg-type]


def test_dimensions_may_be_known_at_deployment_only(stack: cdk.Stack) -> None:
    facet = cdk.CfnParameter(stack, "Facet").value_as_string
    threshold = cdk.CfnParameter(stack, "Threshold", type="Number").value_as_number
    monitor = {"data_config": data_config(headers=None), "bias_config": BiasConfig([1], facet, [threshold])}
    dimensions = bias_dimensions(stack, monitor=monitor)
    assert (dimensions["Facet"], dimensions["FacetValue"]) == ({"Ref": "Facet"}, {"Ref": "Threshold"})


# ---------------------------------------------------------------- feature attributions
def test_an_alarm_watches_an_attribution_of_a_batch_transform(stack: cdk.Stack) -> None:
    batch = BatchTransformInput(
        data_captured_destination_s3_uri="s3://data/captured",
        destination="/opt/ml/processing/input/batch",
        dataset_format=MonitoringDatasetFormat.csv(),
    )
    monitor = explainability_monitor(stack, endpoint_input=None, batch_transform_input=batch)
    metric = monitor.metric_feature_attribution("income", statistic="Maximum", period=cdk.Duration.days(1))
    alarm = alarm_on(stack, metric)
    assert alarm["Namespace"] == "aws/sagemaker/ModelMonitoring/explainability-metrics"
    assert alarm["MetricName"] == "feature_income"
    assert (alarm["Statistic"], alarm["Period"]) == ("Maximum", 86400)
    assert dimensions_of(alarm) == {
        "MonitoringSchedule": monitor.monitoring_schedule_name,
        "ExplainabilityMethod": "KernelShap",
        "Label": "label0",
        "ValueType": "GlobalShapValues",
    }


def test_an_alarm_watches_the_expected_value(stack: cdk.Stack) -> None:
    alarm = alarm_on(stack, explainability_monitor(stack).metric_expected_value())
    assert alarm["MetricName"] == "ExpectedValue"
    assert dimensions_of(alarm)["ValueType"] == "ExpectedValue"


LABELS = {"model_scores": ModelPredictedLabelConfig(label_headers=["denied", "approved"])}
ONE_LABEL = {"model_scores": ModelPredictedLabelConfig(label_headers=["approved"])}


@pytest.mark.parametrize(
    ("monitor", "asked", "label"),
    [
        ({}, {}, "label0"),
        ({}, {"label": "label1"}, "label1"),
        (ONE_LABEL, {}, "approved"),
        (LABELS, {"label": "denied"}, "denied"),
    ],
)
def test_the_label_of_an_attribution_is_a_dimension(stack: cdk.Stack, monitor: Any, asked: Any, label: Any) -> None:
    metric = explainability_monitor(stack, **monitor).metric_feature_attribution("income", **asked)
    assert dimensions_of(alarm_on(stack, metric))["Label"] == label


FROM_S3 = {
    "data_config": None,
    "explainability_config": None,
    "analysis_config": "s3://data/analysis_config.json",
    "constraints": "s3://data/constraints.json",
}


@pytest.mark.parametrize(
    ("monitor", "asked", "message"),
    [
        ({}, {"feature": "sex"}, "'feature' must be one of the monitor's own, ['age', 'income', 'debt'], got 'sex'"),
        ({}, {"feature": "approved"}, "'feature' must be one of the monitor's own, ['age', 'income', 'debt'], got"),
        (LABELS, {}, "'label' must be given, got None: one of ['denied', 'approved']"),
        (LABELS, {"label": "label0"}, "'label' must be one of the monitor's own, ['denied', 'approved'], got 'label0'"),
        (
            {"explainability_config": PDPConfig(features=["age"])},
            {},
            "'explainability_config' must have a SHAPConfig where metrics are asked for, got ['pdp']: ",
        ),
        (FROM_S3, {}, "'label' must be given, got None: give it as CloudWatch shows it"),
    ],
)
def test_an_attribution_that_no_execution_publishes_is_refused(
    stack: cdk.Stack, monitor: Any, asked: Any, message: Any
) -> None:
    made = explainability_monitor(stack, **monitor)
    with pytest.raises(ValueError, match=r".") as refused:
        made.metric_feature_attribution(**{"feature": "income", **asked})
    assert str(refused.value).startswith(message)


# ---------------------------------------------------------------- all metrics
EMPTY: dict[str, str] = {}
ENABLED, DISABLED = ({"publish_cloudwatch_metrics": value} for value in ("Enabled", "Disabled"))


def asked_for_all_metrics(stack: cdk.Stack, **changes: Any) -> Any:
    """Ways to ask for a metric, each of a monitor of its kind."""
    bias, shap = bias_monitor(stack, **changes), explainability_monitor(stack, **changes)
    return (
        lambda: bias.metric_bias("DPPL"),
        lambda: shap.metric_feature_attribution("income"),
        lambda: shap.metric_expected_value(),
    )


@pytest.mark.parametrize(
    ("enabled", "env"),
    [
        *((True, env) for env in (None, EMPTY, ENABLED, DISABLED, {"OTHER": "Disabled"})),
        *((None, env) for env in (None, EMPTY, ENABLED, {"OTHER": "Disabled"})),
    ],
)
def test_a_monitor_that_publishes_metrics_is_asked_for_them(stack: cdk.Stack, enabled: Any, env: Any) -> None:
    for ask in asked_for_all_metrics(stack, enable_cloudwatch_metrics=enabled, env=env):
        assert ask().namespace


REMEDY = ": with it the executions publish no metrics"


@pytest.mark.parametrize(
    ("enabled", "env", "message"),
    [
        *(
            (False, env, "'enable_cloudwatch_metrics' must be True where metrics are asked for, got False" + REMEDY)
            for env in (None, EMPTY, ENABLED, DISABLED)
        ),
        (
            None,
            DISABLED,
            "'env['publish_cloudwatch_metrics']' must be 'Enabled' where metrics are asked for, got 'Disabled'"
            + REMEDY,
        ),
    ],
)
def test_metrics_of_a_monitor_that_publishes_none_are_refused(
    stack: cdk.Stack, enabled: Any, env: Any, message: Any
) -> None:
    for ask in asked_for_all_metrics(stack, enable_cloudwatch_metrics=enabled, env=env):
        with pytest.raises(ValueError, match=r".") as refused:
            ask()
        assert str(refused.value) == message


def test_a_dashboard_elsewhere_shows_the_monitors_metrics(app: cdk.App, stack: cdk.Stack) -> None:
    elsewhere = cdk.Stack(app, "Elsewhere", env=cdk.Environment(account="222222222222", region="us-east-1"))
    left = [bias_monitor(stack, monitor_schedule_name="loans").metric_bias("DPPL")]
    dashboard = cloudwatch.Dashboard(elsewhere, "Dashboard")
    dashboard.add_widgets(cloudwatch.GraphWidget(left=left))
    body = only(template_of(elsewhere), "AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Join"][1]
    (widget,) = json.loads("".join(part if isinstance(part, str) else "-" for part in body))["widgets"]
    (metric,) = widget["properties"]["metrics"]
    assert {"region": REGION, "accountId": ACCOUNT}.items() <= metric[-1].items()


# ---------------------------------------------------------------- events
OUTPUT = "s3://data/loans"
JOB = "model-bias-monitoring-202105062300-de32d8acceeef6a1626b8fa6"
MERGE = "groundtruth-merge-202105062300-de32d8acceeef6a1626b8fa6"
ROLE = "arn:aws:iam::111111111111:role/Monitor"


def pattern_of(stack: cdk.Stack) -> dict[str, Any]:
    return dict(only(template_of(stack), "AWS::Events::Rule")["EventPattern"])


def goes_to(stack: cdk.Stack, *, name: str, output: str, role: str = ROLE, **detail: Any) -> bool:
    """Whether an event goes to the only rule of a stack, whose monitor's role has the ARN of `ROLE`.

    The event is the example of SageMaker's documentation; the names, paths and exit messages are like those that were
    seen of a model quality monitor.
    """
    pattern = pattern_of(stack)
    (role_arn,) = pattern["detail"]["RoleArn"]
    assert role_arn["Fn::GetAtt"][1] == "Arn"
    pattern["detail"]["RoleArn"] = [ROLE]
    written = {"OutputName": "result", "S3Output": {"S3Uri": output, "LocalPath": "/out", "S3UploadMode": "Continuous"}}
    event = {
        "version": "0",
        "id": "0a15f67d-aa23-0123-0123-01a23w89r01t",
        "detail-type": "SageMaker Processing Job State Change",
        "source": "aws.sagemaker",
        "account": ACCOUNT,
        "time": "2019-05-31T21:49:54Z",
        "region": REGION,
        "resources": [f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/{name}"],
        "detail": {
            "ProcessingOutputConfig": {"Outputs": [written]},
            "ProcessingJobName": name,
            "RoleArn": role,
            **detail,
        },
    }
    answer = eventbridge._test_event_pattern({"Event": json.dumps(event), "EventPattern": json.dumps(pattern)})
    return bool(json.loads(answer[-1])["Result"])


VIOLATED = {
    "ProcessingJobStatus": "Completed",
    "ExitMessage": "CompletedWithViolations: Job completed successfully with 2 violations.",
}
FAILED = {"ProcessingJobStatus": "Failed", "FailureReason": "AlgorithmError: see the job's log"}


def watched(stack: cdk.Stack, on: str = "on_violations", **changes: Any) -> ClarifyMonitor:
    monitor = bias_monitor(stack, **{"output_s3_uri": OUTPUT, "monitor_schedule_name": "loans-bias", **changes})
    getattr(monitor, on)("Rule")
    return monitor


@pytest.mark.parametrize("output", [OUTPUT, f"{OUTPUT}/", f"{OUTPUT}//"])
def test_an_execution_with_violations_goes_to_the_rule(stack: cdk.Stack, output: Any) -> None:
    watched(stack, output_s3_uri=output)
    place = f"{OUTPUT}/loans-endpoint/loans-bias/2021/05/06/23"
    assert goes_to(stack, name=JOB, output=place, **VIOLATED)
    assert not goes_to(stack, name=JOB, output=place, **FAILED)
    clean = {"ProcessingJobStatus": "Completed", "ExitMessage": "Completed: Job completed successfully."}
    assert not goes_to(stack, name=JOB, output=place, **clean)


@pytest.mark.parametrize(
    ("name", "place"), [(JOB, f"{OUTPUT}/loans-endpoint/loans-bias/2021/05/06/23"), (MERGE, f"{OUTPUT}/merge")]
)
def test_an_execution_that_fails_goes_to_the_rule(stack: cdk.Stack, name: Any, place: Any) -> None:
    watched(stack, "on_execution_failed")
    for status in ("Failed", "Stopped"):
        assert goes_to(stack, name=name, output=place, **{**FAILED, "ProcessingJobStatus": status})
    assert not goes_to(stack, name=name, output=place, **VIOLATED)


def test_the_rule_ignores_executions_of_a_neighbouring_output(stack: cdk.Stack) -> None:
    watched(stack)
    place = "s3://data/loans-fair/loans-endpoint/loans-fair/2021/05/06/23"
    assert not goes_to(stack, name=JOB, output=place, **VIOLATED)


def test_the_rule_ignores_other_monitors_of_the_same_output(stack: cdk.Stack) -> None:
    watched(stack)
    place = f"{OUTPUT}/loans-endpoint/loans-shap/2021/05/06/23"
    assert not goes_to(stack, name=JOB, output=place, role="arn:aws:iam::111111111111:role/Other", **VIOLATED)


@pytest.mark.parametrize("base_job_name", [None, "loans"])
def test_the_rule_ignores_baselining_jobs(stack: cdk.Stack, base_job_name: Any) -> None:
    within = data_config(s3_output_path=f"{OUTPUT}/baseline")
    monitor = watched(stack, "on_execution_failed", data_config=within, base_job_name=base_job_name)
    name = f"{monitor._monitor_spec.names.job_prefix}-0123456789abcdef"
    assert not goes_to(stack, name=name, output=f"{OUTPUT}/baseline/{name}", **FAILED)
    assert goes_to(stack, name=JOB, output=f"{OUTPUT}/loans-endpoint/loans-bias/2021/05/06/23", **FAILED)


def test_a_base_name_like_that_of_executions_reaches_the_rule(stack: cdk.Stack) -> None:
    watched(stack, "on_execution_failed", base_job_name="model-bias-monitoring")
    assert goes_to(stack, name=JOB, output=f"{OUTPUT}/loans-endpoint/loans-bias/2021/05/06/23", **FAILED)


def test_a_token_as_output_may_end_in_a_slash(stack: cdk.Stack) -> None:
    watched(stack, output_s3_uri=cdk.CfnParameter(stack, "Output").value_as_string)
    (place,) = pattern_of(stack)["detail"]["ProcessingOutputConfig"]["Outputs"]["S3Output"]["S3Uri"]
    assert place == {"prefix": {"Ref": "Output"}}


def test_a_rule_takes_a_target_and_a_description(stack: cdk.Stack) -> None:
    target = targets.SnsTopic(sns.Topic(stack, "Topic"))
    bias_monitor(stack).on_violations("Violations", target=target, description="Drift")
    rule = only(template_of(stack), "AWS::Events::Rule")
    assert rule["Description"] == "Drift"
    assert len(rule["Targets"]) == 1


def test_a_target_may_be_added_later(stack: cdk.Stack) -> None:
    rule = explainability_monitor(stack).on_execution_failed("Failed")
    rule.add_target(targets.SnsTopic(sns.Topic(stack, "Topic")))
    assert len(only(template_of(stack), "AWS::Events::Rule")["Targets"]) == 1


def test_the_default_output_is_a_folder_of_the_monitors_own(stack: cdk.Stack) -> None:
    bias_monitor(stack).on_violations("Violations")
    template_of(stack).has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {
                "detail": {
                    "ProcessingOutputConfig": {
                        "Outputs": {
                            "S3Output": {
                                "S3Uri": [{"prefix": {"Fn::Join": ["", assertions.Match.array_with([_RESULTS])]}}]
                            }
                        }
                    }
                }
            }
        },
    )


_RESULTS = assertions.Match.string_like_regexp("^/stack-bias-[0-9a-f]{8}/results/$")
