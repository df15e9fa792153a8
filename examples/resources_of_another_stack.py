"""Resources of another stack: a monitor put together with what a platform team owns.

What it shows: an encrypted bucket and an SNS topic are constructs of a first stack, passed to a second one. Permissions
for the bucket and its key, an alarm on a bias metric and events about violations come out of that.

What it costs on AWS: a KMS key and an alarm, by the month; SNS messages, one for each event. Once, minutes of a
processing job on ml.m5.xlarge and of a temporary endpoint on ml.m5.large; hourly, minutes of two processing jobs.
While a baselining job runs, Lambda and Step Functions look at it every ten seconds. S3 stores the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/, https://aws.amazon.com/cloudwatch/pricing/,
https://aws.amazon.com/kms/pricing/
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

import cdk_clarify_monitors as clarify

ENDPOINT = "diabetes-endpoint"  # captures its data below capture/ in the platform's bucket
MODEL = "diabetes-model"
TRAINING_DATA = Path(__file__).parent / "diabetes" / "train.csv"

app = cdk.App()

platform = cdk.Stack(app, "Platform")
bucket = s3.Bucket(platform, "Bucket", encryption=s3.BucketEncryption.KMS, enforce_ssl=True)
topic = sns.Topic(platform, "Alerts", enforce_ssl=True)
topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))  # alarms; a rule adds its own permission

stack = cdk.Stack(app, "ResourcesOfAnotherStack")
monitor = clarify.ModelBiasMonitorConstruct(
    stack,
    "Bias",
    endpoint_input=ENDPOINT,
    data_capture_s3_uri=bucket.s3_url_for_object("capture"),
    ground_truth_input=bucket.s3_url_for_object("ground-truth"),
    data_config=clarify.DataConfig.from_asset(stack, "TrainingData", TRAINING_DATA, label="target"),
    bias_config=clarify.BiasConfig(label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2]),
    model_config=clarify.ModelConfig(MODEL, 1, "ml.m5.large", content_type="text/csv", accept_type="text/csv"),
    model_predicted_label_config=clarify.ModelPredictedLabelConfig(probability_threshold=0.5),
    schedule_cron_expression=clarify.CronExpressionGenerator.hourly(),
    bucket=bucket,
)
monitor.on_violations("Violations", target=targets.SnsTopic(topic))
alarm = monitor.metric_bias("DPPL").create_alarm(stack, "Unfair", threshold=0.1, evaluation_periods=1)
alarm.add_alarm_action(actions.SnsAction(topic))

app.synth()
