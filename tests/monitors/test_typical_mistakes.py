"""The mistakes that newcomers make, and whether the message gets them further.

Each row is graded by what its message has: the argument's name, the value, and the fix. A has all three, B lacks one.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import numpy as np
import pandas as pd
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns

import cdk_clarify_monitors as library
from cdk_clarify_monitors import (
    BaselineFunctions,
    BaselineOptions,
    BatchTransformInput,
    BiasConfig,
    BiasConstraint,
    BiasMetricThreshold,
    ClarifyDashboard,
    CronExpressionGenerator,
    DataConfig,
    EndpointInput,
    ExplainabilityAnalysisConfig,
    ImageConfig,
    ModelBiasMonitorConstruct,
    ModelConfig,
    ModelPredictedLabelConfig,
    NetworkConfig,
    SHAPConfig,
)
from tests.support.monitors.builders import (
    ENVIRONMENT,
    FEATURE_FLAGS,
    bias_monitor,
    data_config,
    explainability_monitor,
    model_config,
)
from tests.support.monitors.calls import analysed_bias
from tests.support.templates.annotations import warnings_of

PATH = "/opt/ml/processing/input/endpoint"
DEEP: list[Any] = []
for _ in range(100):
    DEEP = [DEEP]
LOOP: list[Any] = []
LOOP.append(LOOP)


class Places(enum.Enum):
    DATA = "s3://data/train.csv"


class Mode(str, enum.Enum):  # noqa: UP042  str() of it is another than the string
    FILE = "File"


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no text")


# What is tried, and what the message has: the argument's name, the value, the fix.
Mistake = tuple[Callable[[cdk.Stack], object], str, str, str]
MISTAKES: dict[str, Mistake] = {
    # ------------------------------------------------------------ from the SDK, boto3 and templates
    "boto3's name of the endpoint": (
        lambda stack: bias_monitor(stack, EndpointName="loans"),
        "EndpointName",
        "'loans'",
        "write endpoint_input='loans'",
    ),
    "the SDK's wait": (
        lambda stack: bias_monitor(stack, wait=False),
        "wait",
        "False",
        "write baseline=BaselineOptions(wait=False)",
    ),
    "the SDK's session": (
        lambda stack: bias_monitor(stack, sagemaker_session="x"),
        "sagemaker_session",
        "'x'",
        "leave it out: account and region are those of the stack's env",
    ),
    "a template's name of the schedule": (
        lambda stack: bias_monitor(stack, MonitoringScheduleName="loans"),
        "MonitoringScheduleName",
        "'loans'",
        "write monitor_schedule_name='loans'",
    ),
    "boto3's name of the role": (
        lambda stack: bias_monitor(stack, RoleArn="arn:aws:iam::1:role/x"),
        "RoleArn",
        "'arn:aws:iam::1:role/x'",
        "write role=iam.Role.from_role_arn(self, 'Role', 'arn:aws:iam::1:role/x')",
    ),
    "boto3's name of the volumes' key": (
        lambda stack: bias_monitor(stack, VolumeKmsKeyId="1234"),
        "VolumeKmsKeyId",
        "'1234'",
        "write volume_kms_key=kms.Key.from_key_arn(",
    ),
    "the API's spelling of an argument": (
        lambda stack: bias_monitor(stack, InstanceType="ml.m5.large"),
        "InstanceType",
        "'ml.m5.large'",
        "write instance_type='ml.m5.large'",
    ),
    "a slip of the pen": (
        lambda stack: bias_monitor(stack, schedule_cron_expresion="NOW"),
        "schedule_cron_expresion",
        "'NOW'",
        "did you mean schedule_cron_expression='NOW'?",
    ),
    "subnets of the monitor": (
        lambda stack: bias_monitor(stack, subnets=["subnet-1"]),
        "subnets",
        "['subnet-1']",
        "write network_config=NetworkConfig(subnets=['subnet-1'], security_group_ids=[…])",
    ),
    "the API's spelling in an input": (
        lambda _: EndpointInput(EndpointName="loans", LocalPath=PATH),  # type: ignore[call-arg]
        "EndpointName",
        "'loans'",
        "write endpoint_name='loans'",
    ),
    "a document's key in a model": (
        lambda _: ModelConfig("loans", initial_instance_count=1, instance_type="ml.m5.large"),  # type: ignore[call-arg]
        "initial_instance_count",
        "1",
        "write instance_count=1",
    ),
    "a document's key in a facet": (
        lambda _: BiasConfig([1], "sex", value_or_threshold=[1]),  # type: ignore[call-arg]
        "value_or_threshold",
        "[1]",
        "write facet_values_or_threshold=[1]",
    ),
    "an argument of another class": (
        lambda _: DataConfig("s3://data/train.csv", facet_name="sex"),  # type: ignore[call-arg]
        "facet_name",
        "'sex'",
        "write bias_config=BiasConfig(…, facet_name='sex') of the monitor",
    ),
    # ------------------------------------------------------------ of the other monitor, by position, missing
    "facets of an explainability monitor": (
        lambda stack: explainability_monitor(stack, bias_config="b"),
        "bias_config",
        "'b'",
        "use ModelBiasMonitorConstruct",
    ),
    "ground truth of an explainability monitor": (
        lambda stack: explainability_monitor(stack, ground_truth_input="s3://b/t"),
        "ground_truth_input",
        "'s3://b/t'",
        "attributions need no labels",
    ),
    "a method of explanation for bias": (
        lambda stack: bias_monitor(stack, explainability_config="e"),
        "explainability_config",
        "'e'",
        "use ModelExplainabilityMonitorConstruct",
    ),
    "an endpoint by position": (
        lambda stack: ModelBiasMonitorConstruct(stack, "Bias", "loans"),  # type: ignore[call-arg]
        "argument 3",
        "'loans'",
        "write names after 'id', such as endpoint_input='loans'",
    ),
    "an option by position": (
        lambda _: BaselineOptions("2"),  # type: ignore[call-arg]
        "argument 1",
        "'2'",
        "such as version='2'",
    ),
    "no ground truth": (
        lambda stack: ModelBiasMonitorConstruct(stack, "Bias", endpoint_input="loans"),  # type: ignore[call-arg]
        "ground_truth_input",
        "None",
        "write ground_truth_input=",
    ),
    "no facets": (lambda stack: bias_monitor(stack, bias_config=None), "bias_config", "None", "with a BiasConfig"),
    "no model": (lambda stack: bias_monitor(stack, model_config=None), "model_config", "None", "a predicted_label"),
    "no input": (lambda stack: bias_monitor(stack, endpoint_input=None), "endpoint_input", "None", "exactly one"),
    # ------------------------------------------------------------ wrong types
    "a role by its ARN": (
        lambda stack: bias_monitor(stack, role="arn:aws:iam::1:role/x"),
        "role",
        "'arn:aws:iam::1:role/x'",
        "iam.Role.from_role_arn(self, 'Role', 'arn:aws:iam::1:role/x')",
    ),
    "a key by its alias": (
        lambda stack: bias_monitor(stack, output_kms_key="alias/loans"),
        "output_kms_key",
        "'alias/loans'",
        "kms.Alias.from_alias_name(self, 'Key', 'alias/loans')",
    ),
    "a key by its id": (
        lambda stack: bias_monitor(stack, volume_kms_key="1234abcd-12ab"),
        "volume_kms_key",
        "'1234abcd-12ab'",
        "kms.Key.from_key_arn",
    ),
    "a bucket by its URI": (
        lambda stack: bias_monitor(stack, bucket="s3://results"),
        "bucket",
        "'s3://results'",
        "s3.Bucket.from_bucket_name(",
    ),
    "a bucket's L1": (
        lambda stack: bias_monitor(stack, bucket=s3.CfnBucket(stack, "Given")),
        "bucket",
        "<aws_cdk.aws_s3.CfnBucket object>",
        "s3.Bucket.from_cfn_bucket(",
    ),
    "a model for an endpoint": (
        lambda stack: bias_monitor(stack, endpoint_input=sagemaker.CfnModel(stack, "Given")),
        "endpoint_input",
        "CfnModel object>",
        "pass the CfnEndpoint that serves it",
    ),
    "an Enum member for a bucket": (
        lambda stack: bias_monitor(stack, bucket=Places.DATA),
        "bucket",
        "Places.DATA",
        "s3.Bucket.from_bucket_name(",
    ),
    "an Enum member for a URI": (
        lambda _: DataConfig(Places.DATA),  # type: ignore[arg-type]
        "s3_data_input_path",
        "Places.DATA",
        "pass its .value",
    ),
    "a path for a URI": (
        lambda _: DataConfig(Path("train.csv")),  # type: ignore[arg-type]
        "s3_data_input_path",
        "PosixPath('train.csv')",
        "use DataConfig.from_asset for a local file",
    ),
    "an array for a string": (
        lambda _: data_config(dataset_type=np.array(["text/csv", "x"])),
        "dataset_type",
        "array(['text/csv', 'x']",
        "be one of 'text/csv'",
    ),
    "columns of a data frame": (
        lambda _: data_config(headers=pd.DataFrame({"a": [], "b": []}).columns),
        "headers",
        "Index(['a', 'b']",
        "call its .tolist()",
    ),
    "columns in one string": (
        lambda _: data_config(headers="approved, age,income"),
        "headers",
        "'approved, age,income'",
        "write ['approved', 'age', 'income']",
    ),
    "a set of columns": (
        lambda _: data_config(excluded_columns={"age"}),
        "excluded_columns",
        "{'age'}",
        "sorted(…)",
    ),
    "a subnet for its id": (
        lambda stack: NetworkConfig(subnets=[ec2.Subnet.from_subnet_id(stack, "S", "subnet-1")]),  # type: ignore[list-item]
        "subnets[0]",
        "object>",
        "pass its subnet_id",
    ),
    "an index for an attribute": (
        lambda _: EndpointInput("loans", PATH, inference_attribute=0),  # type: ignore[arg-type]
        "inference_attribute",
        "got 0",
        "write '0'",
    ),
    "a threshold for a label": (
        lambda _: ModelPredictedLabelConfig(0.5),  # type: ignore[arg-type]
        "label",
        "0.5",
        "probability_threshold=0.5",
    ),
    "a dict for a configuration": (
        lambda stack: bias_monitor(stack, model_config={"model_name": "loans"}),
        "model_config",
        "{'model_name': 'loans'}",
        "make one with ModelConfig(…)",
    ),
    "a duration for seconds": (
        lambda stack: bias_monitor(stack, max_runtime_in_seconds=cdk.Duration.hours(1)),
        "max_runtime_in_seconds",
        "Duration object>",
        "pass its to_seconds()",
    ),
    "seconds for a duration": (
        lambda _: BaselineOptions(timeout=1800),  # type: ignore[arg-type]
        "timeout",
        "1800",
        "write timeout=cdk.Duration",
    ),
    "an offset of Python's": (
        lambda _: EndpointInput("loans", PATH, start_time_offset=datetime.timedelta(hours=-1)),  # type: ignore[arg-type]
        "start_time_offset",
        "timedelta(",
        "'-PT1H'",
    ),
    "a number in a string": (
        lambda stack: bias_monitor(stack, instance_count="2"),
        "instance_count",
        "'2'",
        "write 2",
    ),
    "a topic for a target": (
        lambda stack: bias_monitor(stack).on_violations("V", target=sns.Topic(stack, "Topic")),  # type: ignore[arg-type]
        "target",
        "Topic object>",
        "aws_events_targets.SnsTopic(…)",
    ),
    "seconds for a period": (
        lambda stack: bias_monitor(stack).metric_bias("DPPL", period=300),  # type: ignore[arg-type]
        "period",
        "300",
        "cdk.Duration.hours(1)",
    ),
    # ------------------------------------------------------------ wrong values
    "a column that there is not": (lambda _: data_config(label="approbed"), "label", "'approbed'", "'approved'"),
    "a facet that there is not": (
        lambda stack: bias_monitor(stack, bias_config=BiasConfig([1], "sex")),
        "facet_name",
        "'sex'",
        "one of the headers ['approved'",
    ),
    "a facet in another case": (
        lambda stack: bias_monitor(stack, bias_config=BiasConfig([1], "Age")),
        "facet_name",
        "'Age'",
        "write 'age'",
    ),
    "a label in another case": (lambda _: data_config(label="Approved"), "label", "'Approved'", "write 'approved'"),
    "a content type in short": (
        lambda _: model_config(content_type="csv"),
        "content_type",
        "'csv'",
        "write 'text/csv'",
    ),
    "another word for JSON Lines": (
        lambda _: model_config(content_type="application/x-ndjson"),
        "content_type",
        "'application/x-ndjson'",
        "write 'application/jsonlines'",
    ),
    "the type of Parquet without x-": (
        lambda _: data_config(dataset_type="application/parquet"),
        "dataset_type",
        "'application/parquet'",
        "write 'application/x-parquet'",
    ),
    "a model's ARN": (
        lambda _: model_config(model_name="arn:aws:sagemaker:eu-west-1:111111111111:model/loans"),
        "model_name",
        "'arn:aws:sagemaker:eu-west-1:111111111111:model/loans'",
        "write 'loans'",
    ),
    "an endpoint's ARN": (
        lambda stack: bias_monitor(stack, endpoint_input="arn:aws:sagemaker:eu-west-1:111111111111:endpoint/loans"),
        "endpoint_input",
        "'arn:aws:sagemaker:eu-west-1:111111111111:endpoint/loans'",
        "write 'loans'",
    ),
    "an index into JSON Lines": (
        lambda stack: bias_monitor(
            stack,
            model_config=model_config(content_type="application/jsonlines", content_template="$features"),
            model_predicted_label_config=ModelPredictedLabelConfig(label=0),
        ),
        "model_predicted_label_config.label",
        "got 0",
        "the name that it has in an answer",
    ),
    "an index of scores into JSON": (
        lambda stack: explainability_monitor(
            stack, model_config=model_config(accept_type="application/json"), model_scores=1
        ),
        "model_scores.label",
        "got 1",
        "the name that it has in an answer",
    ),
    "a metric in lower case": (lambda _: BiasConstraint("dppl", at_most=0.1), "metric", "'dppl'", "write 'DPPL'"),
    "a metric that there is not": (
        lambda stack: bias_monitor(stack).metric_bias("DPPPL"),
        "metric",
        "'DPPPL'",
        "did you mean 'DPPL'?",
    ),
    "a threshold in per cent": (
        lambda _: ModelPredictedLabelConfig(probability_threshold=80.0),
        "probability_threshold",
        "80.0",
        "at most 1",
    ),
    "a negative threshold": (
        lambda _: EndpointInput("loans", PATH, probability_threshold_attribute=-0.1),
        "probability_threshold_attribute",
        "-0.1",
        "at least 0",
    ),
    "an instance type of EC2's": (
        lambda stack: bias_monitor(stack, instance_type="m5.xlarge"),
        "instance_type",
        "'m5.xlarge'",
        "like ml.m5.xlarge",
    ),
    "a rate": (
        lambda stack: bias_monitor(stack, schedule_cron_expression="rate(1 hour)"),
        "schedule_cron_expression",
        "'rate(1 hour)'",
        "cron(0 * ? * * *)",
    ),
    "an hour that there is not": (lambda _: CronExpressionGenerator.daily(24), "hour", "24", "at most 23"),
    "a local file as data set": (
        lambda _: DataConfig("train.csv"),
        "s3_data_input_path",
        "'train.csv'",
        "DataConfig.from_asset",
    ),
    "a security group without a subnet": (
        lambda _: NetworkConfig(security_group_ids=["sg-1"]),
        "subnets",
        "None",
        "given with 'security_group_ids'",
    ),
    "batch transform without a model": (
        lambda stack: explainability_monitor(
            stack,
            endpoint_input=None,
            batch_transform_input=BatchTransformInput("s3://bucket/captured", PATH, {"Csv": {"Header": True}}),
            data_config=None,
            explainability_config=None,
            model_config=None,
            analysis_config=ExplainabilityAnalysisConfig(SHAPConfig()),
        ),
        "analysis_config",
        "None",
        "have a 'model_config'",
    ),
    # ------------------------------------------------------------ huge, deep, broken
    "a number too large for a float": (
        lambda _: ImageConfig("OBJECT_DETECTION", iou_threshold=10**400),
        "iou_threshold",
        "1000",
        "finite number",
    ),
    "a number too large to be printed": (
        lambda _: SHAPConfig(num_samples=10**5000),
        "num_samples",
        "<int>",
        "no float is as large",
    ),
    "a value nested too deeply": (
        lambda _: SHAPConfig(baseline=[{"a": DEEP}]),
        "baseline[0]",
        "{'a': [[[",
        "at most 64 levels deep",
    ),
    "a list that holds itself": (lambda _: SHAPConfig(baseline=[[LOOP]]), "baseline[0]", "[[...]]", "64 levels deep"),
    "an object that cannot be printed": (
        lambda stack: bias_monitor(stack, env={"A": Broken()}),
        "env['A']",
        "<Broken>",
        "be a string",
    ),
    "a function": (
        lambda stack: bias_monitor(stack, tags={"a": lambda: None}),
        "tags['a']",
        "<function",
        "be a string",
    ),
    # ------------------------------------------------------------ scope and id
    "an app for a scope": (
        lambda stack: bias_monitor(stack.node.root),
        "scope",
        "App object>",
        "make a cdk.Stack for it",
    ),
    "a name for a scope": (lambda _: bias_monitor("Stack"), "scope", "'Stack'", "pass the stack"),
    "functions of an app": (
        lambda stack: BaselineFunctions.of(stack.node.root),  # type: ignore[arg-type]
        "scope",
        "App object>",
        "make a cdk.Stack for it",
    ),
    "an empty id": (lambda stack: bias_monitor(stack, ""), "id", "''", "not be empty"),
    "an id that is taken": (
        lambda stack: (sns.Topic(stack, "Bias"), bias_monitor(stack)),
        "id",
        "'Bias'",
        "another id",
    ),
    "an id of a deployment": (
        lambda stack: bias_monitor(stack, cdk.Aws.STACK_NAME),
        "id",
        "Token[",
        "be a literal",
    ),
    "an id that an asset's place has": (
        lambda stack: (
            sns.Topic(stack, "Data"),
            DataConfig.from_asset(stack, "Data", __file__, dataset_type="application/x-parquet"),
        ),
        "id",
        "'Data'",
        "another id",
    ),
    "a rule's id that is taken": (
        lambda stack: bias_monitor(stack).on_violations("Role"),
        "id",
        "'Role'",
        "another id",
    ),
    # ------------------------------------------------------------ limits, alarms and dashboards
    "options under the name of their class": (
        lambda stack: bias_monitor(stack, baseline_options=BaselineOptions(wait=False)),
        "baseline_options",
        "BaselineOptions(",
        "write baseline=BaselineOptions(",
    ),
    "a local file of constraints": (
        lambda stack: bias_monitor(stack, constraints=Path("constraints.json")),
        "constraints",
        "Path('constraints.json')",
        "write s3://bucket/key",
    ),
    "an alarm's limit in a constraint": (
        lambda stack: BiasConstraint("DPPL", max_value=0.1),  # type: ignore[call-arg]
        "max_value",
        "0.1",
        "write at_most=0.1",
    ),
    "an alarm's floor in a constraint": (
        lambda stack: BiasConstraint("DPPL", min_value=-0.1),  # type: ignore[call-arg]
        "min_value",
        "-0.1",
        "add an alarm with BiasMetricThreshold",
    ),
    "a constraint's limit in an alarm": (
        lambda stack: BiasMetricThreshold("DPPL", at_most=0.1),  # type: ignore[call-arg]
        "at_most",
        "0.1",
        "write max_value=0.1",
    ),
    "one constraint without a list": (
        lambda stack: bias_monitor(stack, constraints_overrides=BiasConstraint("DPPL", at_most=0.1)),
        "constraints_overrides",
        "BiasConstraint(metric='DPPL'",
        "write constraints_overrides=[…]",
    ),
    "one monitor without a list": (
        lambda stack: ClarifyDashboard(stack, "Board", monitors=bias_monitor(stack)),  # type: ignore[arg-type]
        "monitors",
        "ModelBiasMonitorConstruct object",
        "write monitors=[…]",
    ),
    "a topic for an alarm": (
        lambda stack: bias_monitor(stack).add_alarms(topic=sns.Topic(stack, "Topic")),  # type: ignore[call-arg]
        "topic",
        "aws_sns.Topic object",
        "write actions=[aws_cloudwatch_actions.SnsAction(topic)]",
    ),
    "bias metrics of an explainability monitor": (
        lambda stack: explainability_monitor(stack, "Bias").add_alarms(bias_metrics=[]),  # type: ignore[call-arg]
        "bias_metrics",
        "[]",
        "metric_feature_attribution",
    ),
    "a schedule that is not called": (
        lambda stack: bias_monitor(stack, schedule_cron_expression=CronExpressionGenerator.hourly),
        "schedule_cron_expression",
        "function CronExpressionGenerator.hourly",
        "call it: hourly()",
    ),
    "half of a content type": (
        lambda stack: data_config(dataset_type="csv"),
        "dataset_type",
        "'csv'",
        "write 'text/csv'",
    ),
    "a data frame as a SHAP baseline": (
        lambda stack: SHAPConfig(pd.DataFrame([[1, 2]]), 10, "mean_abs"),  # type: ignore[arg-type]
        "baseline",
        "0 1 0 1 2",
        "call its .to_numpy().tolist()",
    ),
}


def grade(message: str, argument: str, value: str, fix: str) -> str:
    """A: the message names argument, value and fix. B: one of them is missing. C: more."""
    parts = (f"'{argument}' must ", value, fix)
    return "ABCC"[sum(part not in message for part in parts)]


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(context=FEATURE_FLAGS, analytics_reporting=False), "Stack", env=ENVIRONMENT)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_a_message_of_grade_a(stack: cdk.Stack, mistake: str) -> None:
    attempt, argument, value, fix = MISTAKES[mistake]

    with pytest.raises((ValueError, TypeError)) as refused:
        attempt(stack)

    assert grade(str(refused.value), argument, value, fix) == "A", str(refused.value)
    assert " at 0x" not in str(refused.value)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_leaves_the_tree_as_it_was(mistake: str) -> None:
    def paths(attempt: Callable[[cdk.Stack], object]) -> set[str]:
        stack = cdk.Stack(cdk.App(context=FEATURE_FLAGS, analytics_reporting=False), "Stack", env=ENVIRONMENT)
        with pytest.raises((ValueError, TypeError)):
            attempt(stack)
        return {construct.node.path for construct in stack.node.find_all()}

    left = paths(MISTAKES[mistake][0])

    # What an attempt made itself, before its mistake: a whole monitor, or a construct that it passes.
    made = {path.split("/")[1] for path in left if path != "Stack"} - {"Given", "Topic", "S", "Data"}
    has_monitor = "Stack/Bias/Resource" in left
    assert has_monitor or made <= {"Bias"}, left
    assert not any(path.startswith("Stack/Bias/V") for path in left)
    if "Bias" in made and not has_monitor:
        assert left == {"Stack", "Stack/Bias"} or mistake == "an id that is taken"


def test_there_are_forty_at_least() -> None:
    assert len(MISTAKES) >= 40


def test_a_message_of_grade_b_lacks_one_part() -> None:
    assert grade("'a' must be a string, got 5: write '5'", "a", "5", "write '5'") == "A"
    assert grade("'a' must be a string, got 5", "a", "5", "write '5'") == "B"
    assert grade("a string is needed", "a", "5", "write '5'") == "C"


# ---------------------------------------------------------------- what stays right
@pytest.mark.parametrize("accept_type", [None, "text/csv"])
def test_an_index_into_csv_is_taken(stack: cdk.Stack, accept_type: str | None) -> None:
    model = model_config(accept_type=accept_type)

    assert bias_monitor(stack, model_config=model, model_predicted_label_config=ModelPredictedLabelConfig(label=0))


@pytest.mark.parametrize(
    ("predicted", "accept_type", "is_told"),
    [
        (None, "application/jsonlines", True),
        (ModelPredictedLabelConfig(probability_threshold=0.5), "application/json", True),
        (ModelPredictedLabelConfig(probability="score"), "application/json", False),
        (ModelPredictedLabelConfig(label="predicted_label"), "application/jsonlines", False),
        (None, "text/csv", False),
        (None, None, False),
    ],
)
def test_a_prediction_that_nothing_locates_is_told(
    predicted: ModelPredictedLabelConfig | None, accept_type: str | None, *, is_told: bool
) -> None:
    analysis = analysed_bias(
        data_config=data_config(),
        bias_config=BiasConfig([1], "age", [40]),
        model_config=model_config(accept_type=accept_type),
        model_predicted_label_config=predicted,
    )

    assert [note.id for note in analysis.notes] == ["prediction-place"] * is_told


@pytest.mark.parametrize("uri", ["s3://data/2026", "s3://data/loans/2026/03", "s3://data/v1.5", "s3://data/1/02/03"])
def test_prefixes_of_other_numbers_are_not_warned_of(stack: cdk.Stack, uri: str) -> None:
    bias_monitor(stack, ground_truth_input=uri, data_capture_s3_uri=uri)

    assert not warnings_of(stack, "'s3://data")


@pytest.mark.parametrize(
    ("uri", "prefix"),
    [
        ("s3://data/labels/2026/03/02/09", "s3://data/labels"),
        ("s3://data/labels/2026/03/02/", "s3://data/labels"),
        ("s3://data/loans/AllTraffic/2026/03/02/09/", "s3://data/loans/AllTraffic"),
        ("s3://data/labels.jsonl", "s3://data"),
        ("s3://data/labels/march.CSV", "s3://data/labels"),
    ],
)
def test_a_folder_of_one_hour_or_a_file_is_warned_of(stack: cdk.Stack, uri: str, prefix: str) -> None:
    bias_monitor(stack, ground_truth_input=uri, data_capture_s3_uri=uri)

    warned = warnings_of(stack, "one for each hour")
    assert len(warned) == 2
    assert all(f"write '{prefix}'," in each for each in warned)


def test_a_string_of_an_enumeration_is_that_string() -> None:
    config = EndpointInput("loans", PATH, s3_input_mode=Mode.FILE)

    assert type(config.s3_input_mode) is str
    assert config.s3_input_mode == "File"


@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0])
def test_thresholds_from_0_to_1_are_taken(threshold: float) -> None:
    assert ModelPredictedLabelConfig(probability_threshold=threshold).probability_threshold == threshold
    given = EndpointInput("loans", PATH, probability_threshold_attribute=threshold)
    assert given.probability_threshold_attribute == threshold


def test_a_role_that_is_written_in_python_is_taken(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))

    assert bias_monitor(stack, role=role).role == role


def test_a_key_behind_an_alias_is_taken(stack: cdk.Stack) -> None:
    key = kms.Alias.from_alias_name(stack, "Key", "alias/loans")

    assert bias_monitor(stack, output_kms_key=key)


def test_a_metric_takes_any_statistic_and_period(stack: cdk.Stack) -> None:
    metric = bias_monitor(stack).metric_bias("DPPL", statistic=cloudwatch.Stats.p(90), period=cdk.Duration.days(1))

    assert metric.period.to_seconds() == 86_400


def test_every_public_class_names_the_argument_to_use() -> None:
    classes = [value for name in library.__all__ if isinstance(value := getattr(library, name), type)]
    without = {"MonitoringDatasetFormat", "TimeSeriesJSONDatasetFormat", "CronExpressionGenerator", "BaselineFunctions"}
    without |= {"IClarifyMonitor", "IModelBiasMonitor", "IModelExplainabilityMonitor"}  # nobody makes one
    without |= {"MonitorAlarms", "BiasMetricAlarms"}  # nor these

    for cls in classes:
        if cls.__name__ not in without:
            with pytest.raises(TypeError, match=f"'nonsense' must be left out: {cls.__name__} has no such argument"):
                cls(nonsense=1)


def test_models_of_the_builders_are_right() -> None:
    assert model_config().model_name == "loans"


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("ModelBiasMonitor", "import ModelBiasMonitorConstruct"),
        ("ModelExplainabilityMonitor", "import ModelExplainabilityMonitorConstruct"),
        ("DataCaptureConfig", "data_capture_s3_uri"),
        ("get_execution_role", "leave it out"),
        ("S3Uploader", "leave it out: DataConfig.from_asset"),
        ("S3Downloader", "ask the client"),
        ("image_uris", "the endpoint and its model stay as they are"),
        ("ClarifyMonitoringExecution", "import it from cdk_clarify_monitors_operations"),
    ],
)
def test_an_import_of_the_sdk_says_what_to_import(name: str, instead: str) -> None:
    with pytest.raises(ImportError, match=f"There is no '{name}' in cdk_clarify_monitors: .*{instead}"):
        exec(f"from cdk_clarify_monitors import {name}")  # noqa: S102
    assert not hasattr(library, "NoSuchName")


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("suggest_baseline", "the deployment runs the baselining job"),
        ("create_monitoring_schedule", "the deployment makes the schedule"),
        ("list_executions", "once it is deployed, ask the client"),
    ],
)
def test_a_method_of_the_sdk_says_what_to_do(stack: cdk.Stack, name: str, instead: str) -> None:
    monitor = bias_monitor(stack)
    with pytest.raises(AttributeError, match=f"'ModelBiasMonitorConstruct' .* {name!r}: {instead}"):
        getattr(monitor, name)
    assert not hasattr(monitor, "no_such_method")
