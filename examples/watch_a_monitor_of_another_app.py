"""A monitor of another app: watch it, and let another team read its results and stop it.

What it shows: the platform's app makes the monitor; this one knows its name, its endpoint and where its results are. An
alarm on a bias metric, events about violations, and a role of analysts who read the results and stop the schedule.

What it costs on AWS: an alarm, by the month; SNS messages, one for each event. No baselining job runs here; the other
app pays for the monitor, which runs hourly.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/, https://aws.amazon.com/cloudwatch/pricing/
"""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

import cdk_clarify_monitors as clarify

SCHEDULE = "diabetes-bias"  # monitor_schedule_name of the other app's monitor, or what it exports
ENDPOINT = "diabetes-endpoint"
RESULTS = "s3://diabetes-data/bias-results"  # its output_s3_uri

app = cdk.App()
stack = cdk.Stack(app, "WatchAMonitorOfAnotherApp")
topic = sns.Topic(stack, "Alerts", enforce_ssl=True)
topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))  # alarms; a rule adds its own permission
analysts = iam.Role(stack, "Analysts", assumed_by=iam.AccountRootPrincipal())

monitor = clarify.ModelBiasMonitorConstruct.from_monitoring_schedule_name(
    stack,
    "Bias",
    SCHEDULE,
    endpoint_name=ENDPOINT,
    output_s3_uri=RESULTS,
)
unfair = monitor.metric_bias("DPPL", facet="sex", facet_value="2", label="target", label_value="1")
alarm = unfair.create_alarm(stack, "Unfair", threshold=0.1, evaluation_periods=1)
alarm.add_alarm_action(actions.SnsAction(topic))
monitor.on_violations("Violations", target=targets.SnsTopic(topic))
monitor.grant_read_results(analysts)
monitor.grant_start_stop(analysts)

app.synth()
