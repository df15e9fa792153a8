"""An endpoint with data capture: the model, its endpoint and the monitor of both in one stack, without a name repeated.

What it shows: one `DataCapture` makes the endpoint's configuration, lets the model's role write and the monitor's role
read and decrypt. `CfnModel` and `CfnEndpoint` are passed as they are, and the monitor waits for them.

What it costs on AWS: the endpoint on ml.m5.large and a KMS key as long as the stack exists. Once, minutes of a
processing job on ml.m5.xlarge and of a temporary endpoint; daily, minutes of two processing jobs. S3 stores what is
captured, and the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/, https://aws.amazon.com/kms/pricing/
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

import cdk_clarify_monitors as clarify

MODEL = "diabetes-model"
REPOSITORY = "diabetes"  # the image that serves the model, with the tag latest
ARTIFACTS, ARTIFACT = "diabetes-artifacts", "model.tar.gz"
TRAINING_DATA = Path(__file__).parent / "diabetes" / "train.csv"

app = cdk.App()
stack = cdk.Stack(app, "EndpointWithDataCapture")

data = s3.Bucket(stack, "Data", encryption=s3.BucketEncryption.KMS, enforce_ssl=True)
artifacts = s3.Bucket.from_bucket_name(stack, "Artifacts", ARTIFACTS)
image = ecr.Repository.from_repository_name(stack, "Image", REPOSITORY)
capture = clarify.DataCapture(data, "captured")  # all requests and responses, as CSV and JSON
role = iam.Role(stack, "ModelRole", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
grants = [capture.grant_write(role), artifacts.grant_read(role), image.grant_pull(role)]
container = {"image": image.repository_uri_for_tag(), "modelDataUrl": artifacts.s3_url_for_object(ARTIFACT)}
model = sagemaker.CfnModel(
    stack, "Model", model_name=MODEL, execution_role_arn=role.role_arn, primary_container=container
)
for grant in grants:
    grant.apply_before(model)
size = {"initialInstanceCount": 1, "instanceType": "ml.m5.large", "initialVariantWeight": 1}
variant = {"variantName": "AllTraffic", "modelName": model.attr_model_name, **size}
captured = capture.data_capture_config
config = sagemaker.CfnEndpointConfig(stack, "Config", production_variants=[variant], data_capture_config=captured)
endpoint = sagemaker.CfnEndpoint(stack, "Endpoint", endpoint_config_name=config.attr_endpoint_config_name)
clarify.ModelBiasMonitorConstruct(
    stack,
    "Bias",
    endpoint_input=endpoint,
    data_capture=capture,
    ground_truth_input=data.s3_url_for_object("ground-truth"),
    data_config=clarify.DataConfig.from_asset(stack, "TrainingData", TRAINING_DATA, label="target"),
    bias_config=clarify.BiasConfig(label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2]),
    model_config=clarify.ModelConfig(model, 1, "ml.m5.large", content_type="text/csv", accept_type="text/csv"),
    model_predicted_label_config=clarify.ModelPredictedLabelConfig(probability_threshold=0.5),
    schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=6),
)
app.synth()
