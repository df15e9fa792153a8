"""Explainability with SHAP: a monitor of which features a model's predictions rest on.

What it shows: the baselining job explains the training data with Kernel SHAP, against one patient in the middle of
everything. The daily executions explain the captured predictions, and report if the ranking of the features changes.

What it costs on AWS: once, minutes of a processing job on ml.m5.xlarge and of a temporary endpoint on ml.m5.large.
Daily, the same again: explaining takes predictions, `num_samples` of them for each record. More samples take longer.
While a baselining job runs, Lambda and Step Functions look at it every ten seconds. S3 stores the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/
"""

from pathlib import Path

import aws_cdk as cdk

import cdk_clarify_monitors as clarify

ENDPOINT = "diabetes-endpoint"  # with data capture
MODEL = "diabetes-model"
DATA_CAPTURE = "s3://diabetes-data/capture"
TRAINING_DATA = Path(__file__).parent / "diabetes" / "train.csv"
# age, sex, bmi, bp, s1, s2, s3, s4, s5, s6: explanations say how a prediction differs from this patient's.
MEDIAN_PATIENT = [50.0, 1, 25.7, 93.0, 186, 113.0, 48.0, 4.0, 4.62, 91]

app = cdk.App()
stack = cdk.Stack(app, "ExplainabilityWithShap")

monitor = clarify.ModelExplainabilityMonitorConstruct(
    stack,
    "Explainability",
    endpoint_input=ENDPOINT,
    data_capture_s3_uri=DATA_CAPTURE,
    data_config=clarify.DataConfig.from_asset(stack, "TrainingData", TRAINING_DATA, label="target"),
    explainability_config=clarify.SHAPConfig(baseline=[MEDIAN_PATIENT], num_samples=100, agg_method="mean_abs", seed=1),
    model_config=clarify.ModelConfig(
        model_name=MODEL, instance_count=1, instance_type="ml.m5.large", content_type="text/csv", accept_type="text/csv"
    ),
    schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=7),
)
cdk.CfnOutput(stack, "Schedule", value=monitor.monitoring_schedule_name)

app.synth()
