"""Both monitors on a batch transform: bias and explainability of predictions that nobody asks an endpoint for.

What it shows: `BatchTransformInput` in place of an endpoint, and one data set and one model for two monitors. Their
schedules follow a nightly transform job, which captures its data with inference ids, to be merged with ground truth.

What it costs on AWS: once, minutes of two processing jobs on ml.m5.xlarge and their temporary endpoints on ml.m5.large.
Daily, minutes of three processing jobs: ground truth merged, bias analysed, explanations with a temporary endpoint.
While a baselining job runs, Lambda and Step Functions look at it every ten seconds. S3 stores the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/
"""

from pathlib import Path

import aws_cdk as cdk

import cdk_clarify_monitors as clarify

MODEL = "diabetes-model"
DATA_CAPTURE = "s3://diabetes-data/batch-capture"
GROUND_TRUTH = "s3://diabetes-data/ground-truth"
TRAINING_DATA = Path(__file__).parent / "diabetes" / "train.csv"
MEDIAN_PATIENT = [50.0, 1, 25.7, 93.0, 186, 113.0, 48.0, 4.0, 4.62, 91]

app = cdk.App()
stack = cdk.Stack(app, "BothOnABatchTransform")

captured = clarify.BatchTransformInput(
    data_captured_destination_s3_uri=DATA_CAPTURE,
    destination="/opt/ml/processing/input/batch",
    dataset_format=clarify.MonitoringDatasetFormat.csv(header=False),
)
data = clarify.DataConfig.from_asset(stack, "TrainingData", TRAINING_DATA, label="target")
model = clarify.ModelConfig(
    model_name=MODEL, instance_count=1, instance_type="ml.m5.large", content_type="text/csv", accept_type="text/csv"
)
clarify.ModelBiasMonitorConstruct(
    stack,
    "Bias",
    batch_transform_input=captured,
    ground_truth_input=GROUND_TRUTH,
    data_config=data,
    bias_config=clarify.BiasConfig(label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2]),
    model_config=model,
    model_predicted_label_config=clarify.ModelPredictedLabelConfig(probability_threshold=0.5),
    schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=3),
)
clarify.ModelExplainabilityMonitorConstruct(
    stack,
    "Explainability",
    batch_transform_input=captured,
    data_config=data,
    explainability_config=clarify.SHAPConfig(baseline=[MEDIAN_PATIENT], num_samples=100, agg_method="mean_abs", seed=1),
    model_config=model,
    schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=3),
)
app.synth()
