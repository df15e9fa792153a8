#!/usr/bin/env python3
"""An example: both Clarify monitors on a model that predicts the progression of diabetes, with an alarm and events.

`make demo` deploys it into an embedded AWS. The same app deploys to a real account, where the names are yours:

    npx cdk deploy -c model_name=... -c endpoint_name=... -c data_capture=s3://... -c ground_truth=s3://...
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk_clarify_monitors import (
    BiasConfig,
    CronExpressionGenerator,
    DataConfig,
    ModelBiasMonitorConstruct,
    ModelConfig,
    ModelExplainabilityMonitorConstruct,
    ModelPredictedLabelConfig,
    SHAPConfig,
)

TRAINING_DATA = Path(__file__).parent / "examples" / "diabetes" / "train.csv"

# A patient in the middle of everything: Clarify explains how each prediction differs from this one's.
MEDIAN_PATIENT = [50.0, 1, 25.7, 93.0, 186, 113.0, 48.0, 4.0, 4.62, 91]


class DiabetesMonitors(cdk.Stack):
    """Is the model as fair, and does it decide for the same reasons, as on the day it was trained?"""

    def __init__(self, scope: Construct, id: str) -> None:  # noqa: A002
        super().__init__(scope, id, description="SageMaker Clarify monitors of the diabetes model")

        def setting(name: str, default: str) -> str:
            return str(self.node.try_get_context(name) or default)

        endpoint = setting("endpoint_name", "diabetes-endpoint")
        data_capture = setting("data_capture", "s3://diabetes-data/capture")
        data = DataConfig.from_asset(self, "TrainingData", TRAINING_DATA, label="target")
        model = ModelConfig(
            model_name=setting("model_name", "diabetes-model"),
            instance_count=1,
            instance_type="ml.m5.large",
            content_type="text/csv",
            accept_type="text/csv",
        )

        bias = ModelBiasMonitorConstruct(
            self,
            "Bias",
            endpoint_input=endpoint,
            ground_truth_input=setting("ground_truth", "s3://diabetes-data/ground-truth"),
            data_config=data,
            # Does the model find fast progression (1) as readily in women as in men?
            bias_config=BiasConfig(label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2]),
            model_config=model,
            # The model answers with the probability of fast progression.
            model_predicted_label_config=ModelPredictedLabelConfig(probability_threshold=0.5),
            schedule_cron_expression=CronExpressionGenerator.daily(hour=6),
            data_capture_s3_uri=data_capture,
        )
        explainability = ModelExplainabilityMonitorConstruct(
            self,
            "Explainability",
            endpoint_input=endpoint,
            data_config=data,
            explainability_config=SHAPConfig(baseline=[MEDIAN_PATIENT], num_samples=100, agg_method="mean_abs", seed=1),
            model_config=model,
            schedule_cron_expression=CronExpressionGenerator.daily(hour=7),
            data_capture_s3_uri=data_capture,
        )
        people = sns.Topic(self, "People", enforce_ssl=True)
        bias.on_violations("Drift", target=targets.SnsTopic(people))
        explainability.on_violations("Drift", target=targets.SnsTopic(people))
        # An execution's metrics are dated by the beginning of the day that it is about.
        bias.metric_bias("DPPL").create_alarm(
            self,
            "TooFarApart",
            threshold=0.2,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        )
        cdk.CfnOutput(self, "PeopleTopic", value=people.topic_arn)
        cdk.CfnOutput(self, "BiasConstraints", value=str(bias.constraints_s3_uri))
        cdk.CfnOutput(self, "ExplainabilityConstraints", value=str(explainability.constraints_s3_uri))


app = cdk.App()
DiabetesMonitors(app, "DiabetesMonitors")
app.synth()
