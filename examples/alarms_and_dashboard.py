"""Alarms and a dashboard: messages about violations, failures, missing executions, and bias beyond your own limits.

What it shows: an alarm each on violations, on failed executions and on executions that stop coming; two on a bias
metric that may drift to either side; one topic for all; a dashboard of two monitors, with the limits as lines.

What it costs on AWS: eight alarms and a dashboard, by the month; SNS messages. No baselining job. Daily, minutes of
three processing jobs on ml.m5.xlarge: ground truth merged, bias analysed, and explanations, for which the endpoint is
asked.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/, https://aws.amazon.com/cloudwatch/pricing/
"""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

import cdk_clarify_monitors as clarify

ENDPOINT = "diabetes-endpoint"  # with data capture
DATA_CAPTURE = "s3://diabetes-data/capture"
GROUND_TRUTH = "s3://diabetes-data/ground-truth"
NOTEBOOK_RESULTS = "s3://diabetes-data/notebook"

FEATURES = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
MEDIAN_PATIENT = [50.0, 1, 25.7, 93.0, 186, 113.0, 48.0, 4.0, 4.62, 91]

app = cdk.App()
stack = cdk.Stack(app, "AlarmsAndDashboard")
topic = sns.Topic(stack, "Alerts", enforce_ssl=True)
topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))

bias_of_sex = clarify.BiasConfig(label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2])
bias = clarify.ModelBiasMonitorConstruct(
    stack,
    "Bias",
    endpoint_input=ENDPOINT,
    data_capture_s3_uri=DATA_CAPTURE,
    ground_truth_input=GROUND_TRUTH,
    analysis_config=clarify.BiasAnalysisConfig(bias_of_sex, headers=["target", *FEATURES], label="target"),
    constraints=f"{NOTEBOOK_RESULTS}/bias/analysis.json",
)
explained = clarify.SHAPConfig(baseline=[MEDIAN_PATIENT], num_samples=100, agg_method="mean_abs", seed=1)
explainability = clarify.ModelExplainabilityMonitorConstruct(
    stack,
    "Explainability",
    endpoint_input=ENDPOINT,
    data_capture_s3_uri=DATA_CAPTURE,
    analysis_config=clarify.ExplainabilityAnalysisConfig(explained, headers=FEATURES),
    constraints=f"{NOTEBOOK_RESULTS}/explainability/analysis.json",
)
fairness = clarify.BiasMetricThreshold("DPPL", min_value=-0.2, max_value=0.2)
bias.add_alarms(bias_metrics=[fairness], actions=[actions.SnsAction(topic)])
explainability.add_alarms(actions=[actions.SnsAction(topic)])
clarify.ClarifyDashboard(stack, "Dashboard", monitors=[bias, explainability])

app.synth()
