"""Existing constraints: monitors that take over the results of a notebook, without a baselining job.

What it shows: a bias monitor that only points at files in S3, and has no Lambda function behind it; an explainability
monitor whose analysis config is written here, in Python, and uploaded by the deployment.

What it costs on AWS: no baselining job. Daily, minutes of three processing jobs on ml.m5.xlarge: ground truth merged,
bias analysed, explanations with a temporary endpoint on ml.m5.large.
A deployment calls Lambda a few times, to upload the analysis config. S3 stores the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/
"""

import aws_cdk as cdk

import cdk_clarify_monitors as clarify

ENDPOINT = "diabetes-endpoint"  # with data capture
MODEL = "diabetes-model"
DATA_CAPTURE = "s3://diabetes-data/capture"
GROUND_TRUTH = "s3://diabetes-data/ground-truth"
NOTEBOOK_RESULTS = "s3://diabetes-data/notebook"

FEATURES = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
MEDIAN_PATIENT = [50.0, 1, 25.7, 93.0, 186, 113.0, 48.0, 4.0, 4.62, 91]

app = cdk.App()
stack = cdk.Stack(app, "ExistingConstraints")

clarify.ModelBiasMonitorConstruct(
    stack,
    "Bias",
    endpoint_input=ENDPOINT,
    data_capture_s3_uri=DATA_CAPTURE,
    ground_truth_input=GROUND_TRUTH,
    analysis_config=f"{NOTEBOOK_RESULTS}/bias/analysis_config.json",
    constraints=f"{NOTEBOOK_RESULTS}/bias/analysis.json",
    schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=6),
)
clarify.ModelExplainabilityMonitorConstruct(
    stack,
    "Explainability",
    endpoint_input=ENDPOINT,
    data_capture_s3_uri=DATA_CAPTURE,
    analysis_config=clarify.ExplainabilityAnalysisConfig(
        clarify.SHAPConfig(baseline=[MEDIAN_PATIENT], num_samples=100, agg_method="mean_abs", seed=1),
        clarify.ModelConfig(model_name=MODEL, instance_count=1, instance_type="ml.m5.large", content_type="text/csv"),
        headers=FEATURES,
    ),
    constraints=f"{NOTEBOOK_RESULTS}/explainability/analysis.json",
    schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=7),
)
app.synth()
