"""Both monitors with every option that goes together, as far as possible with values known at deployment only."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import (
    BaselineOptions,
    BatchTransformInput,
    BiasConstraint,
    CronExpressionGenerator,
    DataCapture,
    EndpointInput,
    ModelBiasMonitorConstruct,
    ModelExplainabilityMonitorConstruct,
    ModelPredictedLabelConfig,
    MonitoringDatasetFormat,
    NetworkConfig,
    SegmentationConfig,
    SHAPConfig,
)
from tests.support.monitors.builders import (
    bias_monitor,
    data_config,
    explainability_monitor,
    model_config,
)


def _common(stack: cdk.Stack) -> dict[str, Any]:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1, restrict_default_security_group=False)
    group = ec2.SecurityGroup(stack, "SecurityGroup", vpc=vpc)
    group.add_ingress_rule(group, ec2.Port.all_traffic())
    bucket = s3.Bucket(stack, "Bucket", enforce_ssl=True)
    folder = bucket.s3_url_for_object("loans")
    return {
        "data_config": data_config(
            s3_data_input_path=f"{folder}/train.csv",
            s3_output_path=f"{folder}/baselines/",
            s3_analysis_config_output_path=f"{folder}/configs",
            joinsource=3,
            excluded_columns=["debt"],
            segmentation_config=[SegmentationConfig("income", [["[0, 10000)"], ["[10000, 50000)"]])],
        ),
        "model_config": model_config(
            content_type="text/csv",
            accept_type="text/csv",
            custom_attributes="trace=1",
            endpoint_name_prefix="loans-shadow",
        ),
        "output_s3_uri": f"{folder}/results",
        "monitor_schedule_name": f"loans-{stack.stack_name}".lower(),
        "schedule_cron_expression": CronExpressionGenerator.hourly(),
        "data_analysis_start_time": "-PT2H",
        "data_analysis_end_time": "-PT1H",
        "enable_cloudwatch_metrics": True,
        "instance_count": 2,
        "instance_type": "ml.c5.xlarge",
        "volume_size_in_gb": 50,
        "volume_kms_key": kms.Key(stack, "VolumeKey", enable_key_rotation=True),
        "output_kms_key": kms.Key(stack, "OutputKey", enable_key_rotation=True),
        "max_runtime_in_seconds": 1800,
        "base_job_name": "loans",
        "env": {"STAGE": "prod"},
        "tags": {"team": "credit"},
        "network_config": NetworkConfig(enable_network_isolation=False, encrypt_inter_container_traffic=True),
        "vpc": vpc,
        "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        "security_groups": [group],
        "bucket": bucket,
        "baseline": BaselineOptions(
            version="2024-06",
            timeout=cdk.Duration.minutes(30),
            instance_count=1,
            instance_type="ml.m5.4xlarge",
            volume_size_in_gb=100,
            max_runtime_in_seconds=1700,
            dataset_identity=True,
            remove_outputs=True,
        ),
    }


def bias_monitor_with_all_options(stack: cdk.Stack) -> ModelBiasMonitorConstruct:
    predicted = ModelPredictedLabelConfig(
        label=0, probability=1, probability_threshold=0.7, label_headers=["denied", "approved"]
    )
    endpoint = EndpointInput(
        "loans-endpoint",
        "/opt/ml/processing/input/captured",
        s3_input_mode="Pipe",
        s3_data_distribution_type="FullyReplicated",
        start_time_offset="-P2D",
        end_time_offset="-P1D",
        inference_attribute="label",
    )
    return bias_monitor(
        stack,
        "Monitor",
        **_common(stack),
        endpoint_input=endpoint,
        data_capture=DataCapture(s3.Bucket.from_bucket_name(stack, "Data", "data"), "captured"),
        model_predicted_label_config=predicted,
        constraints_overrides=[
            BiasConstraint("DPPL", at_most=0.1),
            BiasConstraint("DI", at_most=1.25, facet="age", facet_value=40),
        ],
    )


def explainability_monitor_with_all_options(stack: cdk.Stack) -> ModelExplainabilityMonitorConstruct:
    batch = BatchTransformInput(
        "s3://data/captured",
        "/opt/ml/processing/input/captured",
        MonitoringDatasetFormat.parquet(),
        features_attribute="features",
        probability_attribute="probability",
    )
    return explainability_monitor(
        stack,
        "Monitor",
        **_common(stack),
        endpoint_input=None,
        batch_transform_input=batch,
        explainability_config=SHAPConfig(baseline=[[35, 52_000]]),
        model_scores=ModelPredictedLabelConfig(label=0, label_headers=["approved"]),
    )
