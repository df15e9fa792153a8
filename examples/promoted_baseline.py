"""A baseline that is promoted: computed once in the staging account, used by the monitor in production.

What it shows: `cdk deploy Staging` computes the baseline, and lets the production account read it. In that account,
`cdk deploy Production -c baseline=s3://…`, with the first one's output, makes the same monitor and runs no job.

What it costs on AWS: once, minutes of a processing job on ml.m5.xlarge and of a temporary endpoint on ml.m5.large, in
staging. Daily, in each account, minutes of two processing jobs on ml.m5.xlarge: one merges captured data with ground
truth, one analyses them. S3 stores the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

import cdk_clarify_monitors as clarify

PRODUCTION_ACCOUNT = "222222222222"
ENDPOINT = "diabetes-endpoint"  # with data capture
MODEL = "diabetes-model"
DATA = {"Staging": "s3://diabetes-staging", "Production": "s3://diabetes-production"}
TRAINING_DATA = Path(__file__).parent / "diabetes" / "train.csv"

app = cdk.App()


def bias_monitor(stage: str, constraints: str | None = None) -> clarify.ModelBiasMonitorConstruct:
    """The same monitor in both stages."""
    stack = cdk.Stack(app, stage)
    return clarify.ModelBiasMonitorConstruct(
        stack,
        "Bias",
        endpoint_input=ENDPOINT,
        data_capture_s3_uri=f"{DATA[stage]}/capture",
        ground_truth_input=f"{DATA[stage]}/ground-truth",
        data_config=clarify.DataConfig.from_asset(stack, "TrainingData", TRAINING_DATA, label="target"),
        bias_config=clarify.BiasConfig(label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2]),
        model_config=clarify.ModelConfig(model_name=MODEL, instance_count=1, instance_type="ml.m5.large"),
        model_predicted_label_config=clarify.ModelPredictedLabelConfig(probability_threshold=0.5),
        constraints=constraints,
        schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=6),
    )


computed = bias_monitor("Staging")
computed.grant_read_baseline(iam.AccountPrincipal(PRODUCTION_ACCOUNT))
cdk.CfnOutput(cdk.Stack.of(computed), "Baseline", value=computed.constraints_s3_uri or "")
if baseline := app.node.try_get_context("baseline"):
    bias_monitor("Production", constraints=baseline)
app.synth()
