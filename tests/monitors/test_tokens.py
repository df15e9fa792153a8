"""Values that are known at deployment only: they reach the requests and the analysis configs, and nothing else changes.

Each test synthesizes an app and deploys it into a pretended AWS, which runs the Lambda function's code on the resolved
properties.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

from cdk_clarify_monitors import (
    BaselineOptions,
    BiasConfig,
    EndpointInput,
    ModelPredictedLabelConfig,
    NetworkConfig,
    SHAPConfig,
)
from tests.monitors.builders import (
    FEATURE_FLAGS,
    HEADERS,
    bias_monitor,
    data_config,
    explainability_monitor,
    model_config,
)
from tests.parity.deployment import Cloud, Stack
from tests.parity.outcome import Outcome, outcome

ACCOUNT, REGION = "111111111111", "eu-central-1"
DEFINITION = "AWS::SageMaker::ModelBiasJobDefinition"
WEAK_REFERENCES = "@aws-cdk/core:defaultCrossStackReferences"


def new_app(outdir: Path, **context: Any) -> cdk.App:
    return cdk.App(
        outdir=str(outdir),
        context={**FEATURE_FLAGS, **context},
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
    )


def deployed(outdir: Path, make: Callable[[cdk.Stack], Any], **parameters: str) -> Outcome:
    """The outcome of a stack for any account and region, with these parameters."""
    app = new_app(outdir)
    make(cdk.Stack(app, "Stack"))
    app.synth()
    return outcome(Cloud(ACCOUNT, REGION).deploy(outdir, "Stack", **parameters))


def parameter(stack: cdk.Stack, name: str, type_: str = "String") -> cdk.CfnParameter:
    return cdk.CfnParameter(stack, name, type=type_)


def text(stack: cdk.Stack, name: str) -> str:
    return parameter(stack, name).value_as_string


def number(stack: cdk.Stack, name: str) -> Any:
    return parameter(stack, name, "Number").value_as_number


def strings(stack: cdk.Stack, name: str, type_: str = "CommaDelimitedList") -> list[str]:
    return parameter(stack, name, type_).value_as_list


# ---------------------------------------------------------------- references
@dataclass(frozen=True)
class Platform:
    """What a monitor refers to, made by CDK somewhere."""

    bucket: s3.IBucket
    role: iam.IRole
    key: kms.IKey
    model_name: str
    endpoint_name: str

    @classmethod
    def made_in(cls, stack: cdk.Stack) -> Platform:
        role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        model = sagemaker.CfnModel(stack, "Model", execution_role_arn=role.role_arn)
        endpoint = sagemaker.CfnEndpoint(stack, "Endpoint", endpoint_config_name="any")
        return cls(
            s3.Bucket(stack, "Bucket"),
            role,
            kms.Key(stack, "Key"),
            model.attr_model_name,
            endpoint.attr_endpoint_name,
        )

    @classmethod
    def given_to(cls, stack: cdk.Stack) -> Platform:
        return cls(
            s3.Bucket.from_bucket_name(stack, "Bucket", text(stack, "BucketName")),
            iam.Role.from_role_arn(stack, "Role", text(stack, "RoleArn")),
            kms.Key.from_key_arn(stack, "Key", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{text(stack, 'KeyId')}"),
            text(stack, "ModelName"),
            text(stack, "EndpointName"),
        )

    def monitored_in(self, stack: cdk.Stack) -> None:
        bias_monitor(
            stack,
            endpoint_input=self.endpoint_name,
            ground_truth_input=f"s3://{self.bucket.bucket_name}/labels",
            data_config=data_config(
                s3_data_input_path=self.bucket.s3_url_for_object("train.csv"),
                s3_output_path=f"s3://{self.bucket.bucket_name}/baselines/",
            ),
            model_config=model_config(model_name=self.model_name),
            role=self.role,
            output_kms_key=self.key,
            volume_kms_key=self.key,
            bucket=self.bucket,
        )


@pytest.fixture(params=["the same stack", "another stack", "another stack's exports", "parameters"])
def referring(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Outcome, dict[str, str]]:
    """The outcome of a monitor that refers to a platform, and the names that the platform has."""
    strong = {WEAK_REFERENCES: "strong"} if request.param == "another stack's exports" else {}
    app = new_app(tmp_path, **strong)
    environment = cdk.Environment(account=ACCOUNT, region=REGION)
    platform = stack = cdk.Stack(app, "Stack", env=environment)
    names = {
        "BucketName": "the-bucket",
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/the-role",
        "KeyId": "the-key",
        "ModelName": "the-model",
        "EndpointName": "the-endpoint",
    }
    if request.param == "parameters":
        Platform.given_to(stack).monitored_in(stack)
    else:
        if request.param != "the same stack":
            platform = cdk.Stack(app, "Platform", env=environment)
        Platform.made_in(platform).monitored_in(stack)
    app.synth()
    cloud = Cloud(ACCOUNT, REGION)
    if platform is not stack:
        cloud.deploy(tmp_path, "Platform")
    monitoring = cloud.deploy(tmp_path, "Stack", **(names if request.param == "parameters" else {}))
    names["KeyArn"] = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{names['KeyId']}"
    if request.param != "parameters":
        names = names_of(cloud.stacks[platform.stack_name])
    if request.param == "another stack":
        assert "Fn::GetStackOutput" in json.dumps(monitoring.template)
    if request.param == "another stack's exports":
        assert "Fn::ImportValue" in json.dumps(monitoring.template)
    return outcome(monitoring), names


def names_of(platform: Stack) -> dict[str, str]:
    def only(type_: str) -> str:
        return next(id_ for id_ in platform.logical_ids(type_) if not id_.startswith(("Bias", "Clarify")))

    return {
        "BucketName": platform.value({"Ref": only("AWS::S3::Bucket")}),
        "RoleArn": platform.value({"Fn::GetAtt": [only("AWS::IAM::Role"), "Arn"]}),
        "KeyArn": platform.value({"Fn::GetAtt": [only("AWS::KMS::Key"), "Arn"]}),
        "ModelName": platform.value({"Fn::GetAtt": [only("AWS::SageMaker::Model"), "ModelName"]}),
        "EndpointName": platform.value({"Fn::GetAtt": [only("AWS::SageMaker::Endpoint"), "EndpointName"]}),
    }


def test_references_reach_every_request(referring):
    result, names = referring
    bucket = f"s3://{names['BucketName']}"
    (job,) = result.processing_jobs
    assert job["RoleArn"] == names["RoleArn"]
    assert job["ProcessingInputs"][0]["S3Input"]["S3Uri"] == f"{bucket}/train.csv"
    assert job["ProcessingInputs"][1]["S3Input"]["S3Uri"].startswith(f"{bucket}/baselines/")
    outputs = job["ProcessingOutputConfig"]
    assert outputs["Outputs"][0]["S3Output"]["S3Uri"] == f"{bucket}/baselines/{job['ProcessingJobName']}"
    assert outputs["KmsKeyId"] == names["KeyArn"]
    assert job["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == names["KeyArn"]
    assert result.baselining_config["predictor"]["model_name"] == names["ModelName"]
    definition = result.job_definition
    assert definition["RoleArn"] == names["RoleArn"]
    assert definition["ModelBiasJobInput"]["EndpointInput"]["EndpointName"] == names["EndpointName"]
    assert definition["ModelBiasJobInput"]["GroundTruthS3Input"] == {"S3Uri": f"{bucket}/labels"}
    assert definition["ModelBiasJobOutputConfig"]["KmsKeyId"] == names["KeyArn"]
    assert definition["ModelBiasAppSpecification"]["ConfigUri"].startswith(f"{bucket}/")


def test_pseudo_parameters_in_uris_variables_and_tags(tmp_path):
    result = deployed(
        tmp_path,
        lambda stack: bias_monitor(
            stack,
            data_config=data_config(s3_data_input_path=f"s3://data-{cdk.Aws.ACCOUNT_ID}-{cdk.Aws.REGION}/train.csv"),
            env={"STACK": cdk.Aws.STACK_NAME},
            tags={"stack": cdk.Aws.STACK_NAME},
        ),
    )
    (job,) = result.processing_jobs
    assert job["ProcessingInputs"][0]["S3Input"]["S3Uri"] == f"s3://data-{ACCOUNT}-{REGION}/train.csv"
    assert job["Environment"] == {"STACK": "Stack"}
    assert job["Tags"] == [{"Key": "stack", "Value": "Stack"}]
    assert job["AppSpecification"]["ImageUri"] == (
        f"017069133835.dkr.ecr.{REGION}.amazonaws.com/sagemaker-clarify-processing:1.0"
    )


# ---------------------------------------------------------------- numbers
def test_numbers_stay_numbers(tmp_path):
    def make(stack: cdk.Stack) -> None:
        bias_monitor(
            stack,
            data_config=data_config(headers=None, label=number(stack, "LabelIndex")),
            bias_config=BiasConfig(
                label_values_or_threshold=[number(stack, "Threshold")],
                facet_name=number(stack, "FacetIndex"),
                facet_values_or_threshold=[number(stack, "Age")],
            ),
            model_config=model_config(instance_count=number(stack, "ShadowInstances")),
            model_predicted_label_config=ModelPredictedLabelConfig(
                probability=number(stack, "ProbabilityIndex"),
                probability_threshold=number(stack, "ProbabilityThreshold"),
            ),
            instance_count=number(stack, "Instances"),
            volume_size_in_gb=number(stack, "Gigabytes"),
            max_runtime_in_seconds=number(stack, "Seconds"),
        )

    result = deployed(
        tmp_path,
        make,
        LabelIndex="0",
        Threshold="-1.5",
        FacetIndex="12",
        Age="40",
        ShadowInstances="3",
        ProbabilityIndex="1",
        ProbabilityThreshold="0.75",
        Instances="2",
        Gigabytes="64",
        Seconds="1200",
    )
    (job,) = result.processing_jobs  # botocore takes no strings here
    cluster = {"InstanceCount": 2, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 64}
    assert job["ProcessingResources"]["ClusterConfig"] == cluster
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 1200}
    facets = {
        "label": 0,
        "label_values_or_threshold": [-1.5],
        "facet": [{"name_or_index": 12, "value_or_threshold": [40]}],
    }
    assert result.monitoring_config == facets
    assert facets.items() <= result.baselining_config.items()
    assert result.baselining_config["predictor"]["initial_instance_count"] == 3
    assert result.baselining_config["predictor"]["probability"] == 1
    assert result.baselining_config["probability_threshold"] == 0.75
    for config in (result.monitoring_config, result.baselining_config):
        assert all(type(n) is int for n in (config["label"], config["facet"][0]["name_or_index"]))
    # CloudFormation makes numbers of strings where the resource type has numbers.
    watched = result.job_definition["ModelBiasJobInput"]["EndpointInput"]
    assert watched["ProbabilityAttribute"] == "1"
    assert watched["ProbabilityThresholdAttribute"] == "0.75"


def test_the_baselining_jobs_own_numbers(tmp_path):
    def make(stack: cdk.Stack) -> None:
        options = BaselineOptions(
            instance_count=number(stack, "Instances"), volume_size_in_gb=number(stack, "Gigabytes")
        )
        bias_monitor(stack, baseline=options)

    (job,) = deployed(tmp_path, make, Instances="4", Gigabytes="100").processing_jobs
    assert job["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 4
    assert job["ProcessingResources"]["ClusterConfig"]["VolumeSizeInGB"] == 100


@pytest.mark.parametrize("value", ["five", "NaN", "1e999", ""])
def test_a_number_that_is_none_fails_the_deployment(tmp_path, value):
    with pytest.raises(Exception, match=r"/ProcessingJob/.*/InstanceCount must be a Number, got"):
        deployed(tmp_path, lambda stack: bias_monitor(stack, instance_count=number(stack, "N")), N=value)


# ---------------------------------------------------------------- lists
def test_lists_stay_lists(tmp_path):
    def make(stack: cdk.Stack) -> None:
        bias_monitor(
            stack,
            data_config=data_config(headers=strings(stack, "Headers"), excluded_columns=strings(stack, "Excluded")),
            model_predicted_label_config=ModelPredictedLabelConfig(label_headers=strings(stack, "LabelHeaders")),
            network_config=NetworkConfig(
                security_group_ids=strings(stack, "Groups", "List<AWS::EC2::SecurityGroup::Id>"),
                subnets=strings(stack, "Subnets", "List<AWS::EC2::Subnet::Id>"),
            ),
        )

    result = deployed(
        tmp_path,
        make,
        Headers=",".join(HEADERS),
        Excluded="debt",
        LabelHeaders="denied,approved",
        Groups="sg-1",
        Subnets="subnet-1,subnet-2",
    )
    assert result.baselining_config["headers"] == result.monitoring_config["headers"] == HEADERS
    assert result.baselining_config["excluded_columns"] == ["debt"]
    assert result.baselining_config["predictor"]["label_headers"] == ["denied", "approved"]
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
    assert result.processing_jobs[0]["NetworkConfig"]["VpcConfig"] == vpc
    assert result.job_definition["NetworkConfig"]["VpcConfig"] == vpc


def test_a_list_with_some_tokens_in_it(tmp_path):
    def make(stack: cdk.Stack) -> None:
        headers = ["approved", text(stack, "Second"), "income", text(stack, "Last")]
        bias_monitor(stack, data_config=data_config(headers=headers))

    result = deployed(tmp_path, make, Second="age", Last="debt")
    assert result.monitoring_config["headers"] == HEADERS


class Late:
    """The producer of a lazy value."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def produce(self) -> Any:
        return self._value


@jsii.implements(cdk.IStableStringProducer)
class LateString(Late):
    pass


@jsii.implements(cdk.IStableNumberProducer)
class LateNumber(Late):
    pass


@jsii.implements(cdk.IStableListProducer)
class LateList(Late):
    pass


def test_tokens_that_the_cdk_resolves_itself(tmp_path):
    result = deployed(
        tmp_path,
        lambda stack: bias_monitor(
            stack,
            model_config=model_config(
                model_name=cdk.Lazy.string(LateString("late-model")), instance_count=cdk.Lazy.number(LateNumber(7))
            ),
            data_config=data_config(headers=cdk.Lazy.list(LateList(HEADERS))),
        ),
    )
    predictor = result.baselining_config["predictor"]
    assert predictor == {"model_name": "late-model", "initial_instance_count": 7, "instance_type": "ml.m5.large"}
    assert result.baselining_config["headers"] == HEADERS


# ---------------------------------------------------------------- the label of an explainability monitor
def test_a_label_that_is_one_of_the_headers_is_no_feature(tmp_path):
    def make(stack: cdk.Stack) -> None:
        label = text(stack, "Label")
        explainability_monitor(stack, data_config=data_config(label=label, headers=[label, "age", "income", "debt"]))

    result = deployed(tmp_path, make, Label="approved")
    assert result.baselining_config["headers"] == HEADERS
    assert result.monitoring_config["headers"] == HEADERS[1:]


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [
        (lambda stack: {"label": text(stack, "Label")}, {"Label": "approved"}),
        (lambda stack: {"label": number(stack, "Label")}, {"Label": "0"}),
        (lambda stack: {"headers": strings(stack, "Headers")}, {"Headers": ",".join(HEADERS)}),
        (lambda stack: {"headers": strings(stack, "Headers"), "label": 0}, {"Headers": ",".join(HEADERS)}),
    ],
    ids=["label by name", "label by index", "headers", "headers and index"],
)
def test_a_label_that_cannot_be_told_from_the_features_is_refused_or_taken_out(tmp_path, arguments, parameters):
    """One header too many in the executions' config would give every attribution to the wrong feature."""
    try:
        result = deployed(
            tmp_path,
            lambda stack: explainability_monitor(
                stack,
                data_config=data_config(**arguments(stack)),
                explainability_config=SHAPConfig(num_clusters=1),
            ),
            **parameters,
        )
    except ValueError as refusal:
        assert "'label'" in str(refusal) or "'headers'" in str(refusal)  # noqa: PT017  one of the two will do
    else:
        assert result.monitoring_config["headers"] == HEADERS[1:]


# ---------------------------------------------------------------- no value escapes its place
HOSTILE = [
    'with "quotes" and \\ backslashes \\"',
    '"}], "methods": {"evil": {}}, "x": [{"',
    "two\nlines\tand\r\nmore\x00\x1f\x7f",
    "ünïcödé 漢字 🦜 \u2028\u2029 \ufeff",
    '${Token[TOKEN.1]} {{resolve:ssm:x}} ${AWS::Region} {"Ref": "X"}',
    "null",
    "0.5",
    "",
    " ",
    "~0~1/../..",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_cannot_break_out_of_its_place(tmp_path, value):
    def make(stack: cdk.Stack) -> None:
        given = text(stack, "Given")
        bias_monitor(
            stack,
            data_config=data_config(headers=[given, "age"], label=given, predicted_label=f"before {given} after"),
            bias_config=BiasConfig(
                label_values_or_threshold=[given], facet_name="age", facet_values_or_threshold=[40, given]
            ),
            model_config=model_config(custom_attributes=given),
            endpoint_input=EndpointInput("loans-endpoint", "/opt/ml/x", inference_attribute=given),
        )

    result = deployed(tmp_path, make, Given=value)
    assert result.monitoring_config == {
        "label_values_or_threshold": [value],
        "facet": [{"name_or_index": "age", "value_or_threshold": [40, value]}],
        "headers": [value, "age"],
        "label": value,
    }
    assert result.baselining_config == {
        **result.monitoring_config,
        "dataset_type": "text/csv",
        "predicted_label": f"before {value} after",
        "probability_threshold": 0.8,
        "methods": {
            "report": {"name": "report", "title": "Analysis Report"},
            "pre_training_bias": {"methods": "all"},
            "post_training_bias": {"methods": "all"},
        },
        "predictor": {
            "model_name": "loans",
            "initial_instance_count": 1,
            "instance_type": "ml.m5.large",
            "custom_attributes": value,
        },
    }
    assert result.job_definition["ModelBiasJobInput"]["EndpointInput"]["InferenceAttribute"] == value


@pytest.mark.parametrize("column", HOSTILE[:5])
def test_a_literal_cannot_break_out_of_its_place_either(tmp_path, column):
    column = column.replace("${Token[TOKEN.1]}", "")  # what looks like a token is one
    result = deployed(
        tmp_path,
        lambda stack: bias_monitor(
            stack,
            data_config=data_config(headers=[column, "age"], label=column),
            model_config=model_config(model_name=text(stack, "Model")),
        ),
        Model="loans",
    )
    assert result.monitoring_config["headers"] == result.baselining_config["headers"] == [column, "age"]
    assert result.baselining_config["predictor"]["model_name"] == "loans"


# ---------------------------------------------------------------- names
def test_names_do_not_come_from_tokens(tmp_path):
    """A token's text differs from one synthesis to the next; a name that did would replace everything each time."""

    def synthesized(outdir: Path, tokens_before: int) -> str:
        app = new_app(outdir)
        for _ in range(tokens_before):
            cdk.Token.as_string({"Ref": "any"})
            cdk.Token.as_number({"Ref": "any"})
        stack = cdk.Stack(app, "Stack")
        bias_monitor(
            stack,
            endpoint_input=text(stack, "Endpoint"),
            data_config=data_config(s3_data_input_path=f"s3://{text(stack, 'Bucket')}/x", label=number(stack, "Label")),
            model_config=model_config(model_name=text(stack, "Model")),
        )
        app.synth()
        return (outdir / "Stack.template.json").read_text()

    first, second = synthesized(tmp_path / "1", 0), synthesized(tmp_path / "2", 25)
    assert first == second
    assert re.search(r"[$#]\{Token|TOKEN|e\+289", first) is None


def test_another_value_is_another_baseline_and_the_same_monitor(tmp_path):
    def make(stack: cdk.Stack) -> None:
        bias_monitor(stack, model_config=model_config(model_name=text(stack, "Model")))

    first = deployed(tmp_path / "1", make, Model="loans-1")
    again = deployed(tmp_path / "2", make, Model="loans-1")
    other = deployed(tmp_path / "3", make, Model="loans-2")
    assert first.processing_jobs == again.processing_jobs
    assert first.processing_jobs[0]["ProcessingJobName"] != other.processing_jobs[0]["ProcessingJobName"]
    assert first.schedule["MonitoringScheduleName"] == other.schedule["MonitoringScheduleName"]


def test_a_key_that_is_a_token_is_refused_before_anything_is_made(stack):
    with pytest.raises(ValueError, match="env"):
        bias_monitor(stack, env={cdk.Aws.REGION: "x"})
    assert stack.node.children == []
