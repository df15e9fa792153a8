"""Bias on a real-time endpoint: a monitor that compares each day's predictions with those for the training data.

What it shows: `cdk deploy` uploads the training data, runs a baselining job that asks the model for predictions, and
starts a daily schedule with the constraints that the job suggested.

What it costs on AWS: once, minutes of a processing job on ml.m5.xlarge and of a temporary endpoint on ml.m5.large.
Daily, minutes of two processing jobs on ml.m5.xlarge: one merges captured data with ground truth, one analyses them.
While a baselining job runs, Lambda and Step Functions look at it every ten seconds. S3 stores the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/
"""

from pathlib import Path

import aws_cdk as cdk

import cdk_clarify_monitors as clarify

ENDPOINT = "diabetes-endpoint"  # with data capture
MODEL = "diabetes-model"
DATA_CAPTURE = "s3://diabetes-data/capture"
GROUND_TRUTH = "s3://diabetes-data/ground-truth"
TRAINING_DATA = Path(__file__).parent / "diabetes" / "train.csv"

app = cdk.App()
stack = cdk.Stack(app, "BiasOnAnEndpoint")

monitor = clarify.ModelBiasMonitorConstruct(
    stack,
    "Bias",
    endpoint_input=ENDPOINT,
    data_capture_s3_uri=DATA_CAPTURE,
    ground_truth_input=GROUND_TRUTH,
    data_config=clarify.DataConfig.from_asset(stack, "TrainingData", TRAINING_DATA, label="target"),
    # Does the model find fast progression (1) as readily in the patients with sex 2 as in the others?
    bias_config=clarify.BiasConfig(label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2]),
    model_config=clarify.ModelConfig(
        model_name=MODEL, instance_count=1, instance_type="ml.m5.large", content_type="text/csv", accept_type="text/csv"
    ),
    # The model answers with the probability of fast progression.
    model_predicted_label_config=clarify.ModelPredictedLabelConfig(probability_threshold=0.5),
    schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=6),
)
cdk.CfnOutput(stack, "Schedule", value=monitor.monitoring_schedule_name)

app.synth()
