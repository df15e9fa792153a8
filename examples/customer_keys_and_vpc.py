"""Customer keys and a VPC: a monitor that encrypts with a key of yours and never touches the internet.

What it shows: one KMS key for volumes, results and configs; jobs (`vpc`) and Lambda functions (`BaselineFunctions`) in
a VPC without a way out, and the endpoints that they need there: a warning names those that jobs lack.

What it costs on AWS: seven interface endpoints in two zones, by the hour as long as the stack exists, and a KMS key,
by the month. Once, minutes of a processing job on ml.m5.xlarge; daily, minutes of two: one merges captured data with
ground truth, one analyses them.
While a baselining job runs, Lambda and Step Functions look at it every ten seconds. S3 stores the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/, https://aws.amazon.com/privatelink/pricing/,
https://aws.amazon.com/kms/pricing/
"""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms

import cdk_clarify_monitors as clarify

ENDPOINT = "loans-endpoint"  # with data capture
DATA = "s3://loans-data"
HEADERS = ["approved", "sex", "income", "predicted"]  # of train.csv: the model's predictions are in there

app = cdk.App()
stack = cdk.Stack(app, "CustomerKeysAndVpc")

key = kms.Key(stack, "Key", enable_key_rotation=True)
isolated = ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
vpc = ec2.Vpc(stack, "Vpc", max_azs=2, subnet_configuration=[isolated])
vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
for_jobs = ["ecr.api", "ecr.dkr", "logs", "monitoring"]  # and with a model: sagemaker.api, sagemaker.runtime
for_functions = ["lambda", "sagemaker.api", "states"]
for name in (*for_jobs, *for_functions):
    vpc.add_interface_endpoint(name, service=ec2.InterfaceVpcEndpointAwsService(name))

clarify.BaselineFunctions.of(stack).run_in_vpc(vpc)
clarify.ModelBiasMonitorConstruct(
    stack,
    "Bias",
    endpoint_input=ENDPOINT,
    data_capture_s3_uri=f"{DATA}/capture",
    ground_truth_input=f"{DATA}/ground-truth",
    data_config=clarify.DataConfig(f"{DATA}/train.csv", headers=HEADERS, label="approved", predicted_label="predicted"),
    bias_config=clarify.BiasConfig(label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2]),
    schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=6),
    volume_kms_key=key,
    output_kms_key=key,
    vpc=vpc,
    network_config=clarify.NetworkConfig(encrypt_inter_container_traffic=True),
)
app.synth()
