"""A model that is trained again: another model package makes another baseline, and the schedule goes on.

What it shows: the ARN of the approved model package is the baseline's version. `cdk deploy -c package=<another ARN>`
runs a new baselining job and switches the schedule to its constraints; the old baseline stays, and going back to it
runs no job. New training data need no version: `from_asset` names them by their content.

What it costs on AWS: once for each model package, minutes of a processing job on ml.m5.xlarge and of a temporary
endpoint on ml.m5.large. Daily, minutes of two processing jobs on ml.m5.xlarge: one merges captured data with ground
truth, one analyses them. S3 keeps the reports and all baselines.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/
"""

from pathlib import Path

import aws_cdk as cdk

import cdk_clarify_monitors as clarify

ENDPOINT = "diabetes-endpoint"  # with data capture
MODEL = "diabetes-model"  # the endpoint's: made anew under this name, of the approved package
MODEL_PACKAGE = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/diabetes/1"
DATA_CAPTURE = "s3://diabetes-data/capture"
GROUND_TRUTH = "s3://diabetes-data/ground-truth"
TRAINING_DATA = Path(__file__).parent / "diabetes" / "train.csv"

app = cdk.App()
stack = cdk.Stack(app, "RetrainedModel")

monitor = clarify.ModelBiasMonitorConstruct(
    stack,
    "Bias",
    endpoint_input=ENDPOINT,
    data_capture_s3_uri=DATA_CAPTURE,
    ground_truth_input=GROUND_TRUTH,
    data_config=clarify.DataConfig.from_asset(stack, "TrainingData", TRAINING_DATA, label="target"),
    bias_config=clarify.BiasConfig(label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2]),
    model_config=clarify.ModelConfig(
        model_name=MODEL, instance_count=1, instance_type="ml.m5.large", content_type="text/csv", accept_type="text/csv"
    ),
    model_predicted_label_config=clarify.ModelPredictedLabelConfig(probability_threshold=0.5),
    baseline=clarify.BaselineOptions(version=app.node.try_get_context("package") or MODEL_PACKAGE),
    schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=6),
)
cdk.CfnOutput(stack, "Baseline", value=monitor.constraints_s3_uri or "")
app.synth()
