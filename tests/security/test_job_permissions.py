"""The role of the jobs: allows all that AWS documents, and nothing that is not needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import (
    BatchTransformInput,
    BiasConstraint,
    DataCapture,
    MonitoringDatasetFormat,
    NetworkConfig,
)
from tests.security.needs import Jobs, documented_needs
from tests.support.monitors.builders import bias_monitor, data_config, explainability_monitor, model_config
from tests.support.templates.iam import ACCOUNT, REGION, Request, Synthesize, allows, reductions, without_conditions

_BUCKET = "arn:aws:s3:::clarifymonitorbucket"
_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-{{}}"
# The hash is of the stack's name and the monitor's path.
_MONITOR = "loans-monitor-7e467d24"


def _batch() -> BatchTransformInput:
    return BatchTransformInput("s3://data/captured", "/opt/ml/processing/input/x", MonitoringDatasetFormat.csv())


def _bias_with_all(stack: cdk.Stack) -> Any:
    return bias_monitor(
        stack,
        "Monitor",
        data_capture_s3_uri="s3://captured/loans/",
        network_config=NetworkConfig(subnets=["subnet-1"], security_group_ids=["sg-1"]),
        output_kms_key=kms.Key.from_key_arn(stack, "Output", _KEY.format("output")),
        volume_kms_key=kms.Key.from_key_arn(stack, "Volume", _KEY.format("volume")),
        constraints_overrides=[BiasConstraint("DPPL", at_most=0.1)],
    )


CASES: dict[str, tuple[Callable[[cdk.Stack], Any], Jobs]] = {
    "bias": (
        lambda stack: bias_monitor(stack, "Monitor"),
        Jobs(
            reads=("arn:aws:s3:::data/ground-truth/2026/01/31/06/x.jsonl", "arn:aws:s3:::data/train.csv"),
            folder=f"{_BUCKET}/{_MONITOR}",
            job=f"{_MONITOR}-0123456789abcdef-2",
            namespace="aws/sagemaker/Endpoints/bias-metrics",
            merges=True,
            model="loans",
        ),
    ),
    "bias with everything": (
        _bias_with_all,
        Jobs(
            reads=(
                "arn:aws:s3:::data/ground-truth/2026/01/31/06/x.jsonl",
                "arn:aws:s3:::data/train.csv",
                "arn:aws:s3:::captured/loans/endpoint/AllTraffic/2026/01/31/06/x.jsonl",
            ),
            folder=f"{_BUCKET}/{_MONITOR}",
            job=f"{_MONITOR}-0123456789abcdef",
            namespace="aws/sagemaker/Endpoints/bias-metrics",
            overridden=True,
            merges=True,
            model="loans",
            subnet="subnet-1",
            security_group="sg-1",
            data_key=_KEY.format("output"),
            volume_key=_KEY.format("volume"),
        ),
    ),
    "explainability": (
        lambda stack: explainability_monitor(stack, "Monitor", data_capture_s3_uri="s3://data/captured"),
        Jobs(
            reads=("arn:aws:s3:::data/train.csv", "arn:aws:s3:::data/captured/endpoint/AllTraffic/2026/x.jsonl"),
            folder=f"{_BUCKET}/{_MONITOR}",
            job=f"{_MONITOR}-0123456789abcdef",
            namespace="aws/sagemaker/Endpoints/explainability-metrics",
            model="loans",
        ),
    ),
    "bias of a data capture with a key of its own": (
        lambda stack: bias_monitor(
            stack,
            "Monitor",
            data_capture=DataCapture(
                s3.Bucket.from_bucket_name(stack, "Captured", "captured"),
                "loans",
                kms_key=kms.Key.from_key_arn(stack, "Capture", _KEY.format("capture")),
            ),
            output_kms_key=kms.Key.from_key_arn(stack, "Output", _KEY.format("output")),
        ),
        Jobs(
            reads=(
                "arn:aws:s3:::data/ground-truth/2026/01/31/06/x.jsonl",
                "arn:aws:s3:::data/train.csv",
                "arn:aws:s3:::captured/loans/endpoint/AllTraffic/2026/01/31/06/x.jsonl",
            ),
            folder=f"{_BUCKET}/{_MONITOR}",
            job=f"{_MONITOR}-0123456789abcdef",
            namespace="aws/sagemaker/Endpoints/bias-metrics",
            merges=True,
            model="loans",
            data_key=_KEY.format("output"),
            capture_key=_KEY.format("capture"),
        ),
    ),
    "explainability of batch transforms by an endpoint": (
        lambda stack: explainability_monitor(
            stack,
            "Monitor",
            endpoint_input=None,
            batch_transform_input=_batch(),
            model_config=model_config(
                model_name=None, instance_count=None, instance_type=None, endpoint_name="loans-shap"
            ),
        ),
        Jobs(
            reads=("arn:aws:s3:::data/train.csv", "arn:aws:s3:::data/captured/input/2026/01/31/06/x.csv"),
            folder=f"{_BUCKET}/{_MONITOR}",
            job=f"{_MONITOR}-0123456789abcdef",
            namespace="aws/sagemaker/ModelMonitoring/explainability-metrics",
            endpoint="loans-shap",
        ),
    ),
    "no baselining job": (
        lambda stack: bias_monitor(
            stack,
            "Monitor",
            constraints="s3://models/loans/analysis.json",
            data_config=data_config(),
            model_config=None,
            endpoint_input=None,
            batch_transform_input=_batch(),
        ),
        Jobs(
            reads=(
                "arn:aws:s3:::data/ground-truth/2026/01/31/06/x.jsonl",
                "arn:aws:s3:::data/captured/input/2026/01/31/06/x.csv",
                "arn:aws:s3:::models/loans/analysis.json",
            ),
            folder=f"{_BUCKET}/{_MONITOR}",
            job=None,
            namespace="aws/sagemaker/ModelMonitoring/bias-metrics",
            merges=True,
        ),
    ),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, stack: cdk.Stack, synthesize: Any) -> tuple[list[dict[str, Any]], Jobs]:
    """The statements of a job role, and the jobs that it is for."""
    make, jobs = CASES[request.param]
    make(stack)
    return synthesize(stack).role("MonitorRole"), jobs


def test_all_that_aws_documents_is_allowed(case: Any) -> None:
    statements, jobs = case
    assert [str(need) for need in documented_needs(jobs) if not allows(statements, need)] == []


def test_no_action_no_resource_and_no_value_can_go(case: Any) -> None:
    statements, jobs = case
    needs = list(documented_needs(jobs))
    idle = [lost for lost, reduced in reductions(statements) if all(allows(reduced, need) for need in needs)]
    assert idle == []


def _foreign(jobs: Jobs) -> list[Request]:
    """What is nobody's business of these jobs."""
    here, interface = f"{REGION}:{ACCOUNT}", f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-2"
    elsewhere = {"ec2:Subnet": f"arn:aws:ec2:{here}:subnet/subnet-2"}
    return [
        Request("s3:GetObject", f"{_BUCKET}/loans-other-12345678/results/report.pdf"),
        Request("s3:GetObject", "arn:aws:s3:::data/ground-truth-of-others/x.jsonl"),
        Request("s3:GetObject", f"{jobs.folder}-other/results/report.pdf"),
        Request("s3:PutObject", f"{jobs.folder}/analysis-config/0123/analysis_config.json"),
        Request("s3:PutObject", "arn:aws:s3:::data/train.csv"),
        Request("s3:DeleteObject", f"{jobs.folder}/results/report.pdf"),
        Request("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/Billing"}),
        Request("logs:PutLogEvents", f"arn:aws:logs:{here}:log-group:/aws/sagemaker/ProcessingJobsOfOthers:x"),
        Request("ecr:BatchGetImage", f"arn:aws:ecr:{here}:repository/mine"),
        Request("sagemaker:InvokeEndpoint", f"arn:aws:sagemaker:{here}:endpoint/other"),
        Request("sagemaker:DeleteEndpoint", f"arn:aws:sagemaker:{here}:endpoint/loans-endpoint"),
        Request("ec2:DeleteNetworkInterface", interface, elsewhere),
        Request("ec2:CreateNetworkInterface", f"arn:aws:ec2:{here}:subnet/subnet-2"),
        Request("kms:Decrypt", _KEY.format("other")),
        Request("kms:Decrypt", _KEY.format("volume")),
        Request("kms:GenerateDataKey", _KEY.format("capture")),
        Request("s3:PutObject", "arn:aws:s3:::captured/loans/x.jsonl"),
        Request("kms:CreateGrant", _KEY.format("volume")),  # to whomever it likes, not through an AWS service
        Request("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/x", {"iam:PassedToService": "sagemaker.amazonaws.com"}),
    ]


def test_what_is_not_the_jobs_is_not_allowed(case: Any) -> None:
    statements, jobs = case
    assert [str(request) for request in _foreign(jobs) if allows(statements, request)] == []


def test_no_condition_can_go(case: Any) -> None:
    statements, jobs = case
    foreign = _foreign(jobs)
    idle = [lost for lost, looser in without_conditions(statements) if not any(allows(looser, r) for r in foreign)]
    assert idle == []


def test_every_need_says_what_for_and_where_it_is_documented() -> None:
    for _, jobs in CASES.values():
        for need in documented_needs(jobs):
            assert need.why
            assert need.source.startswith("https://docs.aws.amazon.com/")


def test_a_prefix_of_ones_own_names_the_shadow_endpoints(stack: cdk.Stack, synthesize: Synthesize) -> None:
    bias_monitor(stack, "Monitor", model_config=model_config(endpoint_name_prefix="Loans-Shadow"))
    statements = synthesize(stack).role("MonitorRole")
    here = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
    create = "sagemaker:CreateEndpoint"
    assert allows(statements, Request(create, f"{here}:endpoint/Loans-Shadow-1"))
    assert allows(statements, Request(create, f"{here}:endpoint/loans-shadow-1"))  # some ARNs are lower-cased
    # Whether the prefix changes the configurations' names is not documented.
    assert allows(statements, Request(create, f"{here}:endpoint-config/sm-clarify-config-1"))
    assert allows(statements, Request(create, f"{here}:endpoint-config/loans-shadow-1"))
    assert not allows(statements, Request(create, f"{here}:endpoint/sm-clarify-1"))


def test_subnets_of_a_shared_vpc_belong_to_its_owner(stack: cdk.Stack, synthesize: Synthesize) -> None:
    network = NetworkConfig(subnets=["subnet-1"], security_group_ids=["sg-1"])
    bias_monitor(stack, "Monitor", network_config=network)
    statements = synthesize(stack).role("MonitorRole")
    subnet = f"arn:aws:ec2:{REGION}:999999999999:subnet/subnet-1"
    interface = f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-1"
    assert allows(statements, Request("ec2:CreateNetworkInterface", subnet))
    assert allows(statements, Request("ec2:DeleteNetworkInterface", interface, {"ec2:Subnet": subnet}))


def test_sagemaker_assumes_the_role_for_this_account_only(stack: cdk.Stack, synthesize: Synthesize) -> None:
    bias_monitor(stack, "Monitor")
    (role,) = (r for id_, r in synthesize(stack).of_type("AWS::IAM::Role").items() if id_.startswith("MonitorRole"))
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
        }
    ]


def test_the_key_of_a_captures_bucket_decrypts(stack: cdk.Stack, synthesize: Synthesize) -> None:
    captured = s3.Bucket(stack, "Captured", encryption=s3.BucketEncryption.KMS)
    bias_monitor(stack, "Monitor", data_capture=DataCapture(captured, "loans"))
    template = synthesize(stack)
    (key,) = template.of_type("AWS::KMS::Key")
    statements, arn = template.role("MonitorRole"), f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"
    assert allows(statements, Request("kms:Decrypt", arn))
    assert not allows(statements, Request("kms:GenerateDataKey", arn))
    assert not allows(template.role("ClarifyBaselineProviderHandlerRole"), Request("kms:Decrypt", arn))


def test_a_given_role_may_read_a_capture(stack: cdk.Stack, synthesize: Synthesize) -> None:
    captured = s3.Bucket(stack, "Captured", encryption=s3.BucketEncryption.KMS)
    role = iam.Role(stack, "Given", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    bias_monitor(stack, "Monitor", role=role, data_capture=DataCapture(captured, "loans"))
    template = synthesize(stack)
    ((key,), (bucket,)) = (
        template.of_type("AWS::KMS::Key"),
        [id_ for id_ in template.of_type("AWS::S3::Bucket") if id_.startswith("Captured")],
    )
    statements = template.role("Given")
    assert allows(statements, Request("kms:Decrypt", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"))
    assert allows(statements, Request("s3:GetObject", f"arn:aws:s3:::{bucket.lower()}/loans/endpoint/x.jsonl"))


def test_a_vpc_of_the_cdk_confines_the_interfaces(stack: cdk.Stack, synthesize: Synthesize) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=1)
    bias_monitor(stack, "Monitor", vpc=vpc)
    statements = synthesize(stack).role("MonitorRole")
    (create,) = (s for s in statements if s["Action"] == "ec2:CreateNetworkInterface")
    kinds = [arn.split(":")[-1] for arn in create["Resource"]]
    assert [kind.split("/")[0] for kind in kinds] == ["network-interface", "subnet", "security-group"]
    assert [kind for kind in kinds if kind.endswith("/*")] == ["network-interface/*"]
