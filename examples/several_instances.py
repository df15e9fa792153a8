"""Several instances for one job: a baseline over many files, computed by Clarify on Spark, in a VPC.

What it shows: the baselining job takes four instances, each execution two. Predictions are a data set of their own, of
several files too: records are joined by the column `id`. In a VPC, the group that the jobs get lets its members talk.

What it costs on AWS: once, minutes of four instances of ml.m5.xlarge; daily, minutes of two jobs on two such instances
each: one merges captured data with ground truth, one analyses them.
While a baselining job runs, Lambda and Step Functions look at it every ten seconds. S3 stores the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/
"""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

import cdk_clarify_monitors as clarify

ENDPOINT = "loans-endpoint"  # with data capture
VPC, SUBNETS = "vpc-0123456789abcdef0", ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]  # behind a NAT gateway
DATA = "s3://loans-data"  # has train/ and predicted/, each with as many files as you like

app = cdk.App()
stack = cdk.Stack(app, "SeveralInstances")

vpc = ec2.Vpc.from_vpc_attributes(
    stack, "Vpc", vpc_id=VPC, availability_zones=["eu-west-1a", "eu-west-1b"], private_subnet_ids=SUBNETS
)
clarify.ModelBiasMonitorConstruct(
    stack,
    "Bias",
    endpoint_input=ENDPOINT,
    data_capture_s3_uri=f"{DATA}/capture",
    ground_truth_input=f"{DATA}/ground-truth",
    data_config=clarify.DataConfig(
        f"{DATA}/train/",
        headers=["id", "approved", "sex", "income"],
        label="approved",
        joinsource="id",
        predicted_label_dataset_uri=f"{DATA}/predicted/",
        predicted_label_headers=["id", "predicted"],
        predicted_label="predicted",
    ),
    bias_config=clarify.BiasConfig(label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2]),
    schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=6),
    vpc=vpc,
    network_config=clarify.NetworkConfig(encrypt_inter_container_traffic=True),
    instance_count=2,
    baseline=clarify.BaselineOptions(instance_count=4),
)
app.synth()
