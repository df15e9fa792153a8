"""Bad arguments are refused when the construct is made, by name and value, and leave nothing behind."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

from cdk_clarify_monitors import (
    BaselineOptions,
    BatchTransformInput,
    BiasConfig,
    BiasConstraint,
    ModelConfig,
    MonitoringDatasetFormat,
)
from tests.support.monitors.builders import bias_monitor, data_config, explainability_monitor

BATCH = BatchTransformInput(
    data_captured_destination_s3_uri="s3://data/captured",
    destination="/opt/ml/processing/input/batch",
    dataset_format=MonitoringDatasetFormat.csv(),
)
HOURLY = "cron(0 * ? * * *)"
ARN, ACCOUNT = "arn:aws", "111111111111"

REFUSED = {
    "neither endpoint nor batch": (bias_monitor, {"endpoint_input": None}, ["endpoint_input", "batch_transform_input"]),
    "both endpoint and batch": (
        explainability_monitor,
        {"batch_transform_input": BATCH},
        ["endpoint_input", "batch_transform_input"],
    ),
    "no ground truth": (bias_monitor, {"ground_truth_input": None}, ["ground_truth_input", "None"]),
    "empty ground truth": (bias_monitor, {"ground_truth_input": ""}, ["ground_truth_input", "''"]),
    "nothing to baseline from": (
        explainability_monitor,
        {"data_config": None, "explainability_config": None, "model_config": None},
        ["analysis_config", "data_config"],
    ),
    "ground truth outside S3": (
        bias_monitor,
        {"ground_truth_input": "https://data/labels"},
        ["ground_truth_input", "https://data/labels"],
    ),
    "output outside S3": (bias_monitor, {"output_s3_uri": "results"}, ["output_s3_uri", "results"]),
    "constraints outside S3": (bias_monitor, {"constraints": "/tmp/analysis.json"}, ["constraints", "/tmp/analysis"]),
    "facet not among the headers": (
        bias_monitor,
        {"bias_config": BiasConfig(label_values_or_threshold=[1], facet_name="sex")},
        ["facet_name", "sex", "headers"],
    ),
    "expression that SageMaker refuses": (
        bias_monitor,
        {"schedule_cron_expression": "rate(1 hour)"},
        ["schedule_cron_expression", "rate(1 hour)"],
    ),
    "bias runtime longer than the hour's share": (
        bias_monitor,
        {"schedule_cron_expression": HOURLY, "max_runtime_in_seconds": 1801},
        ["max_runtime_in_seconds", "1801", "1800"],
    ),
    "explainability runtime longer than the hour": (
        explainability_monitor,
        {"schedule_cron_expression": HOURLY, "max_runtime_in_seconds": 3601},
        ["max_runtime_in_seconds", "3601", "3600"],
    ),
    "long schedule name": (bias_monitor, {"monitor_schedule_name": "x" * 64}, ["monitor_schedule_name", "63", "64"]),
    "schedule name outside the pattern": (
        bias_monitor,
        {"monitor_schedule_name": "loans_bias"},
        ["monitor_schedule_name", "loans_bias"],
    ),
    "base name outside the pattern": (bias_monitor, {"base_job_name": "-loans"}, ["base_job_name", "-loans"]),
    "base name that is a token": (bias_monitor, {"base_job_name": cdk.Aws.STACK_NAME}, ["base_job_name", "literal"]),
    "no instances": (bias_monitor, {"instance_count": 0}, ["instance_count", "0"]),
    "a boolean as a number": (bias_monitor, {"instance_count": True}, ["instance_count", "True"]),
    "instance type of another service": (bias_monitor, {"instance_type": "m5.xlarge"}, ["instance_type", "m5.xlarge"]),
    "no storage": (bias_monitor, {"volume_size_in_gb": 0}, ["volume_size_in_gb", "0"]),
    "runtime over a day": (bias_monitor, {"max_runtime_in_seconds": 86401}, ["max_runtime_in_seconds", "86401"]),
    "a role by name": (bias_monitor, {"role": "MyRole"}, ["role", "MyRole", "iam.Role.from_role_arn"]),
    "a bucket by name": (bias_monitor, {"bucket": "my-bucket"}, ["bucket", "my-bucket", "from_bucket_name"]),
    "a key by ARN": (bias_monitor, {"output_kms_key": "arn:aws:kms"}, ["output_kms_key", "kms.Key.from_key_arn"]),
    "a number of variables that leaves no place for the metrics": (
        bias_monitor,
        {"env": {f"V{number}": "x" for number in range(50)}},
        ["'env'", "49", "it has 50", "publish_cloudwatch_metrics"],
    ),
    "a variable with a hyphen": (bias_monitor, {"env": {"my-var x": "1"}}, ["env", "my-var x"]),
    "a tag of AWS's": (bias_monitor, {"tags": {"aws:owner": "us"}}, ["tags", "aws:owner"]),
    "tags as a list": (bias_monitor, {"tags": [{"Key": "a", "Value": "b"}]}, ["tags", "Key"]),
    "a tag that is no string": (bias_monitor, {"tags": {"a": 1}}, ["tags['a']", "1"]),
    "an empty variable": (bias_monitor, {"env": {"A": ""}}, ["env['A']", "''"]),
    "options of another type": (bias_monitor, {"baseline": {"version": "1"}}, ["baseline", "BaselineOptions"]),
    "a limit of a facet that is not monitored": (
        bias_monitor,
        {"constraints_overrides": [BiasConstraint("DPPL", at_most=0.1, facet="income")]},
        ["'constraints_overrides[0].facet'", "'income'", "['age']"],
    ),
    "a limit in constraints that are given": (
        bias_monitor,
        {"constraints_overrides": [BiasConstraint("DPPL", at_most=0.1)], "constraints": "s3://data/analysis.json"},
        ["'constraints_overrides' must be left out with 'constraints'", "into the file"],
    ),
    "a limit where nothing is baselined": (
        bias_monitor,
        {
            "constraints_overrides": [BiasConstraint("DPPL", at_most=0.1)],
            "data_config": None,
            "bias_config": None,
            "model_config": None,
            "model_predicted_label_config": None,
            "analysis_config": "s3://data/analysis_config.json",
        },
        ["'constraints_overrides' must be left out without 'data_config'", "there is none"],
    ),
    "a limit in constraints that are not waited for": (
        bias_monitor,
        {
            "constraints_overrides": [BiasConstraint("DPPL", at_most=0.1)],
            "baseline": BaselineOptions(wait=False),
        },
        ["'constraints_overrides' must be left out with BaselineOptions(wait=False)", "by then"],
    ),
    "a limit of an attribution": (
        explainability_monitor,
        {"constraints_overrides": [{"feature": "age", "at_most": 0.3}]},
        ["'constraints_overrides' must be left out, got [{'feature'", "ranking of all features (nDCG)"],
    ),
    "data of another type": (bias_monitor, {"data_config": {"label": "y"}}, ["data_config", "DataConfig"]),
}


# What is made of the construct that is passed in place of another, and which argument that is.
CONSTRUCTS = {
    "a role's L1": ("role", lambda scope: iam.CfnRole(scope, "Given", assume_role_policy_document={}), "from_role_arn"),
    "a bucket's L1": ("bucket", lambda scope: s3.CfnBucket(scope, "Given"), "from_cfn_bucket"),
    "a key's L1": ("volume_kms_key", lambda scope: kms.CfnKey(scope, "Given"), "from_cfn_key"),
    "a bucket for a key": ("output_kms_key", lambda scope: s3.Bucket(scope, "Given"), "from_key_arn"),
    "a key for a role": ("role", lambda scope: kms.Key(scope, "Given"), "from_role_arn"),
    "a role for a bucket": (
        "bucket",
        lambda scope: iam.Role(scope, "Given", assumed_by=iam.AnyPrincipal()),
        "from_bucket_name",
    ),
    "a model for an endpoint": (
        "endpoint_input",
        lambda scope: sagemaker.CfnModel(scope, "Given"),
        r"pass the CfnEndpoint that serves it; a model is for ModelConfig\(model_name=…\)",
    ),
    "an endpoint's configuration": (
        "endpoint_input",
        lambda scope: sagemaker.CfnEndpointConfig(scope, "Given", production_variants=[]),
        "pass the CfnEndpoint that is made of it",
    ),
    "a bucket for an endpoint": ("endpoint_input", lambda scope: s3.Bucket(scope, "Given"), "pass a CfnEndpoint"),
    "a bucket for a URI": ("output_s3_uri", lambda scope: s3.Bucket(scope, "Given"), "pass its s3_url_for_object"),
    "a list of keys": ("output_kms_key", lambda scope: [kms.Key(scope, "Given")], "from_key_arn"),
}


@pytest.mark.parametrize(("argument", "make", "remedy"), CONSTRUCTS.values(), ids=CONSTRUCTS.keys())
def test_another_construct_than_is_needed_is_refused(stack: cdk.Stack, argument: Any, make: Any, remedy: Any) -> None:
    given = make(stack)
    with pytest.raises(TypeError, match=rf"'{argument}' must be .*, got .*: .*{remedy}"):
        bias_monitor(stack, **{argument: given})
    assert [child.node.id for child in stack.node.children] == ["Given"]


@pytest.mark.parametrize(
    ("argument", "make", "remedy"),
    [
        ("endpoint_name", lambda scope: sagemaker.CfnModel(scope, "Given"), "pass the CfnEndpoint that serves it"),
        (
            "model_name",
            lambda scope: sagemaker.CfnEndpoint(scope, "Given", endpoint_config_name="loans"),
            "write endpoint_name= in place of model_name=",
        ),
        ("model_name", lambda scope: sagemaker.CfnModelPackage(scope, "Given"), "pass a CfnModel that is made of it"),
        (
            # It has the name of an endpoint, and is none.
            "endpoint_name",
            lambda scope: sagemaker.CfnMonitoringSchedule(
                scope, "Given", monitoring_schedule_name="loans", monitoring_schedule_config={}, endpoint_name="loans"
            ),
            "pass a CfnEndpoint",
        ),
    ],
)
def test_a_resource_of_another_kind_is_refused(stack: cdk.Stack, argument: Any, make: Any, remedy: Any) -> None:
    given = make(stack)
    with pytest.raises(TypeError, match=rf"'{argument}' must be the name of a SageMaker .*, got .*: {remedy}"):
        ModelConfig(**{argument: given})


# Whatever has the members that are needed: the CDK hands out classes and, of what is imported, proxies of interfaces.
ACCEPTED = {
    "a role": ("role", lambda stack: iam.Role(stack, "Given", assumed_by=iam.AnyPrincipal())),
    "a lazy role": ("role", lambda stack: iam.LazyRole(stack, "Given", assumed_by=iam.AnyPrincipal())),
    "a role by its ARN": ("role", lambda stack: iam.Role.from_role_arn(stack, "Given", f"{ARN}:iam::{ACCOUNT}:role/x")),
    "a role by its name": ("role", lambda stack: iam.Role.from_role_name(stack, "Given", "x")),
    "a role without updates": (
        "role",
        lambda stack: iam.Role(stack, "Given", assumed_by=iam.AnyPrincipal()).without_policy_updates(),
    ),
    "a bucket": ("bucket", lambda stack: s3.Bucket(stack, "Given")),
    "a bucket by its name": ("bucket", lambda stack: s3.Bucket.from_bucket_name(stack, "Given", "given")),
    "a bucket of an L1": ("bucket", lambda stack: s3.Bucket.from_cfn_bucket(s3.CfnBucket(stack, "Given"))),
    "a key": ("output_kms_key", lambda stack: kms.Key(stack, "Given")),
    "a key by its ARN": (
        "output_kms_key",
        lambda stack: kms.Key.from_key_arn(stack, "Given", f"{ARN}:kms:eu-central-1:{ACCOUNT}:key/x"),
    ),
    "a key by its alias": ("output_kms_key", lambda stack: kms.Alias.from_alias_name(stack, "Given", "alias/x")),
    "a key of a bucket": (
        "volume_kms_key",
        lambda stack: s3.Bucket(stack, "Given", encryption=s3.BucketEncryption.KMS).encryption_key,
    ),
}


@pytest.mark.parametrize(("argument", "make"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_constructs_of_every_origin_are_accepted(stack: cdk.Stack, argument: Any, make: Any) -> None:
    monitor = bias_monitor(stack, **{argument: make(stack)})
    assert monitor.monitoring_schedule_name


@pytest.mark.parametrize(("make", "changes", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_argument_is_named_and_leaves_nothing_behind(
    stack: cdk.Stack, make: Any, changes: Any, says: Any
) -> None:
    with pytest.raises((ValueError, TypeError)) as refusal:
        make(stack, **changes)
    for part in says:
        assert part in str(refusal.value)
    assert [child.node.id for child in stack.node.children] == []


def test_a_label_that_is_not_among_the_headers_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match=r"'label'.*headers.*'denied'"):
        data_config(label="denied")


def test_a_region_without_clarify_is_refused(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Malaysia", env=cdk.Environment(account="111111111111", region="ap-southeast-5"))
    with pytest.raises(ValueError, match=r"'ap-southeast-5'.*eu-central-1"):
        bias_monitor(stack)
    assert [child.node.id for child in stack.node.children] == []


@pytest.mark.parametrize("seconds", [59, 12 * 60 * 60 + 1])
def test_a_timeout_that_cannot_work_is_refused(seconds: Any) -> None:
    with pytest.raises(ValueError, match=rf"'timeout'.*12 hours.*{seconds} seconds.*wait=False"):
        BaselineOptions(timeout=cdk.Duration.seconds(seconds))


def test_a_timeout_that_is_no_duration_is_refused() -> None:
    with pytest.raises(TypeError, match=r"'timeout'.*Duration.*30"):
        BaselineOptions(timeout=30)  # type: ignore[arg-type]
