"""The stack: both Clarify monitors of the endpoint, and the topic that hears of drift."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
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
from constructs import Construct

import settings

# The medians of the training data: Clarify explains how each prediction differs from this one's.
MEDIAN_APPLICANT = [2, 48.2, 6.05]


class Monitors(cdk.Stack):
    """Are the endpoint's predictions as fair, and made for the same reasons, as on the training data?"""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        training_data = DataConfig.from_asset(
            self, "TrainingData", settings.TRAINING_DATA, label=settings.LABEL
        )
        model = ModelConfig(
            model_name=settings.MODEL,
            instance_count=1,
            instance_type="ml.m5.large",
            content_type="text/csv",
            accept_type="text/csv",
        )

        bias = ModelBiasMonitorConstruct(
            self,
            "Bias",
            endpoint_input=settings.ENDPOINT,
            data_capture_s3_uri=settings.DATA_CAPTURE,
            ground_truth_input=settings.GROUND_TRUTH,
            data_config=training_data,
            # Is a loan approved (1) as often for sex 2 as for the rest?
            bias_config=BiasConfig(
                label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2]
            ),
            model_config=model,
            # The endpoint answers with the probability of approval.
            model_predicted_label_config=ModelPredictedLabelConfig(probability_threshold=0.5),
            schedule_cron_expression=CronExpressionGenerator.daily(),
        )
        explainability = ModelExplainabilityMonitorConstruct(
            self,
            "Explainability",
            endpoint_input=settings.ENDPOINT,
            data_capture_s3_uri=settings.DATA_CAPTURE,
            data_config=training_data,
            explainability_config=SHAPConfig(
                baseline=[MEDIAN_APPLICANT], num_samples=100, agg_method="mean_abs", seed=1
            ),
            model_config=model,
            schedule_cron_expression=CronExpressionGenerator.daily(),
        )

        people = sns.Topic(self, "People", enforce_ssl=True)
        people.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        # If constraints are violated, if an execution fails, and if executions stop coming.
        for monitor in (bias, explainability):
            monitor.add_alarms(actions=[actions.SnsAction(people)])
        cdk.CfnOutput(self, "PeopleTopic", value=people.topic_arn)
