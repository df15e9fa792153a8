"""N bias monitors in one stack, by this library."""

import sys

import aws_cdk as cdk

from cdk_clarify_monitors import (
    BiasConfig,
    CronExpressionGenerator,
    DataConfig,
    ModelBiasMonitorConstruct,
    ModelConfig,
    ModelPredictedLabelConfig,
)

app = cdk.App()
stack = cdk.Stack(app, "Monitors")
for number in range(int(sys.argv[1])):
    ModelBiasMonitorConstruct(
        stack,
        f"Monitor{number}",
        endpoint_input=f"loans-endpoint-{number}",
        data_capture_s3_uri=f"s3://my-bucket/loans-{number}/captured",
        ground_truth_input=f"s3://my-bucket/loans-{number}/ground-truth",
        data_config=DataConfig(
            s3_data_input_path=f"s3://my-bucket/loans-{number}/train.csv",
            headers=["approved", "age", "income", "debt"],
            label="approved",
            dataset_type="text/csv",
        ),
        bias_config=BiasConfig(label_values_or_threshold=[1], facet_name="age", facet_values_or_threshold=[40]),
        model_config=ModelConfig(model_name=f"loans-{number}", instance_count=1, instance_type="ml.m5.large"),
        model_predicted_label_config=ModelPredictedLabelConfig(probability_threshold=0.8),
        schedule_cron_expression=CronExpressionGenerator.daily(),
    )
app.synth()
