"""What the Clarify container may do: the policy of the role that the jobs run under.

Each statement stands for something that the container, or SageMaker in its name, does with the role. Sources:
`execution roles of processing jobs
<https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createprocessingjob-perms>`_ and
`Clarify's shadow endpoints
<https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-run.html#clarify-processing-job-run-how>`_.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._clarify_image import REPOSITORY
from ._s3 import S3Location
from ._stack import StackEnvironment
from ._statements import Statement, allow, bucket_arns, object_arns, sagemaker_arns, unique

# What Clarify calls its own endpoints unless `ModelConfig.endpoint_name_prefix` says otherwise.
_SHADOW_ENDPOINT_PREFIX = "sm-clarify"

# Of the jobs' instances, and of the metrics that the monitors publish.
_METRIC_NAMESPACES = (
    "/aws/sagemaker/ProcessingJobs",
    "aws/sagemaker/Endpoints/bias-metrics",
    "aws/sagemaker/Endpoints/explainability-metrics",
    "aws/sagemaker/ModelMonitoring/bias-metrics",
    "aws/sagemaker/ModelMonitoring/explainability-metrics",
)


@dataclass(frozen=True, kw_only=True)
class JobAccess:
    """What the jobs of one monitor touch.

    Args:
        reads: Objects that are read: data sets, captured data, ground truth, configs, constraints. Keys are patterns.
        writes: Objects that are written: the results. Keys are patterns.
        predictor: The `predictor` section of the analysis config: names the model or the endpoint that is asked.
        in_vpc: Whether the jobs run in a VPC.
        volume_kms_keys: ARNs of the keys that encrypt the instances' volumes.
        data_kms_keys: ARNs of the keys that encrypt what is read and written.
    """

    reads: Sequence[S3Location]
    writes: Sequence[S3Location]
    predictor: Mapping[str, Any] = field(default_factory=dict)
    in_vpc: bool = False
    volume_kms_keys: Sequence[str] = ()
    data_kms_keys: Sequence[str] = ()


def trust_conditions(environment: StackEnvironment) -> dict[str, Any]:
    """Conditions of the role's trust policy: SageMaker assumes it only for this account's own jobs.

    Source: `confused deputy prevention
    <https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html>`_.
    """
    return {"StringEquals": {"aws:SourceAccount": environment.account}}


def job_policy(environment: StackEnvironment, access: JobAccess) -> list[Statement]:
    """The statements that the jobs of one monitor need."""
    return [
        *_s3(environment, access),
        *_predictor(environment, access.predictor),
        allow(
            "cloudwatch:PutMetricData",
            "*",  # the action has no resource level; the namespaces confine it
            {"StringEquals": {"cloudwatch:namespace": list(_METRIC_NAMESPACES)}},
        ),
        allow(
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            environment.arn("logs", "log-group:/aws/sagemaker/ProcessingJobs*"),
        ),
        allow("ecr:GetAuthorizationToken", "*"),  # no resource level
        allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            f"arn:{environment.partition}:ecr:{environment.region}:{environment.image_account}:repository/{REPOSITORY}",
        ),
        *(_network(environment) if access.in_vpc else ()),
        *_kms(access),
    ]


def _s3(environment: StackEnvironment, access: JobAccess) -> Iterable[Statement]:
    yield allow("s3:GetObject", object_arns(environment, access.reads))
    yield allow(["s3:AbortMultipartUpload", "s3:PutObject"], object_arns(environment, access.writes))
    yield allow(
        ["s3:GetBucketLocation", "s3:ListBucket"],
        bucket_arns(environment, [*access.reads, *access.writes]),
    )


def _predictor(environment: StackEnvironment, predictor: Mapping[str, Any]) -> Iterable[Statement]:
    if endpoint := predictor.get("endpoint_name"):
        yield allow(
            ["sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"],
            sagemaker_arns(environment, "endpoint", endpoint),
        )
    elif model := predictor.get("model_name"):
        prefix = predictor.get("endpoint_name_prefix") or _SHADOW_ENDPOINT_PREFIX
        models = sagemaker_arns(environment, "model", model)
        shadow = [
            arn for kind in ("endpoint", "endpoint-config") for arn in sagemaker_arns(environment, kind, f"{prefix}-*")
        ]
        yield allow("sagemaker:DescribeModel", models)
        yield allow(
            [
                "sagemaker:AddTags",
                "sagemaker:CreateEndpoint",
                "sagemaker:CreateEndpointConfig",
                "sagemaker:DeleteEndpoint",
                "sagemaker:DeleteEndpointConfig",
                "sagemaker:DescribeEndpoint",
                "sagemaker:DescribeEndpointConfig",
                "sagemaker:InvokeEndpoint",
            ],
            [*shadow, *models],
        )


def _network(environment: StackEnvironment) -> Iterable[Statement]:
    # SageMaker's documentation gives these without resources: the interfaces get their names when a job starts.
    yield allow(
        [
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
        "*",
    )
    yield allow(
        [
            "ec2:CreateNetworkInterface",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
        ],
        [environment.arn("ec2", f"{kind}/*") for kind in ("network-interface", "security-group", "subnet")],
    )


def _kms(access: JobAccess) -> Iterable[Statement]:
    if access.data_kms_keys:
        yield allow(
            ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            unique(access.data_kms_keys),
        )
    if access.volume_kms_keys:
        yield allow(["kms:CreateGrant", "kms:DescribeKey"], unique(access.volume_kms_keys))
