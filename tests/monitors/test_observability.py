"""Metrics and events of a monitor, as alarms and rules take them."""

import aws_cdk as cdk
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns

from cdk_clarify_monitors import BatchTransformInput, MonitoringDatasetFormat
from tests.monitors.builders import bias_monitor, explainability_monitor, only, template_of


def alarm_on(stack, metric):
    metric.create_alarm(stack, "Alarm", threshold=0.1, evaluation_periods=1)
    return only(template_of(stack), "AWS::CloudWatch::Alarm")


def dimensions_of(alarm):
    return {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}


def test_an_alarm_on_a_bias_metric(stack):
    monitor = bias_monitor(stack)
    alarm = alarm_on(
        stack, monitor.metric_bias("DPPL", facet="age", facet_value="40", label="approved", label_value="1")
    )
    assert alarm["Namespace"] == "aws/sagemaker/Endpoints/bias-metrics"
    assert alarm["MetricName"] == "bias_metric_DPPL"
    assert alarm["Period"] == 3600
    assert dimensions_of(alarm) == {
        "Endpoint": "loans-endpoint",
        "MonitoringSchedule": monitor.monitoring_schedule_name,
        "BiasStage": "Post-Training",
        "Label": "approved",
        "LabelValue": "1",
        "Facet": "age",
        "FacetValue": "40",
    }


def test_an_alarm_on_an_attribution_of_a_batch_transform(stack):
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


def test_an_alarm_on_the_expected_value(stack):
    alarm = alarm_on(stack, explainability_monitor(stack).metric_expected_value())
    assert alarm["MetricName"] == "ExpectedValue"
    assert dimensions_of(alarm)["ValueType"] == "ExpectedValue"


def test_a_rule_on_violations(stack):
    monitor = bias_monitor(stack, output_s3_uri="s3://data/results")
    monitor.on_violations("Violations", target=targets.SnsTopic(sns.Topic(stack, "Topic")))
    rule = only(template_of(stack), "AWS::Events::Rule")
    assert rule["EventPattern"] == {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Processing Job State Change"],
        "detail": {
            "ProcessingJobStatus": ["Completed"],
            "ExitMessage": [{"prefix": "CompletedWithViolations"}],
            "ProcessingOutputConfig": {"Outputs": {"S3Output": {"S3Uri": [{"prefix": "s3://data/results"}]}}},
        },
    }
    assert len(rule["Targets"]) == 1


def test_a_rule_on_failures(stack):
    rule = explainability_monitor(stack).on_execution_failed("Failed")
    rule.add_target(targets.SnsTopic(sns.Topic(stack, "Topic")))
    detail = only(template_of(stack), "AWS::Events::Rule")["EventPattern"]["detail"]
    assert detail["ProcessingJobStatus"] == ["Failed", "Stopped"]
    assert "ExitMessage" not in detail
