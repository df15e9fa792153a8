"""What the Clarify container may do: the policy of the role that the jobs run under.

Each statement stands for something that the container, or SageMaker in its name, does with the role. Sources:
[execution roles of processing jobs](https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createprocessingjob-perms)
and
[Clarify's shadow endpoints](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-run.html#clarify-processing-job-run-how).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from .._spec.clarify_image import REPOSITORY
from .._spec.s3_location import S3Location
from .._spec.stack_environment import StackEnvironment
from .._validation import is_token
from .keys import OBJECT_ACTIONS, EncryptionKey, key_statements
from .statements import Statement, allow, bucket_arns, object_arns, sagemaker_arns

if TYPE_CHECKING:
    from .._config.network_config import NetworkConfig
    from .._spec.monitor_spec import MonitorSpec

PRINCIPAL = "sagemaker.amazonaws.com"

# What Clarify calls its own endpoints unless `ModelConfig.endpoint_name_prefix` says otherwise, and their
# configurations: whether the prefix changes these too is not documented.
_SHADOW_ENDPOINT_PREFIX = "sm-clarify"
_SHADOW_CONFIG_PREFIX = "sm-clarify-config"

# Of the image that joins captured data and ground truth before Clarify sees them. SageMaker runs it under the same
# role, from an account of its own in each region.
_MERGE_REPOSITORY = "sagemaker-model-monitor-groundtruth-merger"

# SageMaker asks for Encrypt where a job has a key for its output.
DATA_KEY_ACTIONS = (*OBJECT_ACTIONS, "kms:Encrypt")
VOLUME_KEY_ACTIONS = ("kms:CreateGrant", "kms:DescribeKey")
READ_KEY_ACTIONS = ("kms:Decrypt",)


@dataclass(frozen=True, kw_only=True)
class JobAccess:
    """What the jobs of one monitor touch.

    Args:
        reads: Objects that are read: data sets, captured data, ground truth, configs, constraints. Keys are patterns.
        writes: Objects that are written: the results. Keys are patterns.
        metric_namespace: Where the monitoring executions publish their metrics.
        merges: Whether captured data is joined with ground truth.
        predictors: The models or endpoints that are asked, as the `predictor` section of an analysis config has them.
        arns: The ARNs of those whose names are tokens, as far as they are known, by their names.
        network_config: The network that the jobs run in.
        volume_keys: The keys that encrypt the instances' volumes.
        data_keys: The keys that encrypt what is read and written.
        read_keys: The keys that encrypt what is only read.
    """

    reads: Sequence[S3Location]
    writes: Sequence[S3Location]
    metric_namespace: str
    merges: bool
    predictors: Sequence[Mapping[str, Any]] = ()
    arns: Mapping[str, str] = field(default_factory=dict)
    network_config: NetworkConfig | None = None
    volume_keys: Sequence[EncryptionKey] = ()
    data_keys: Sequence[EncryptionKey] = ()
    read_keys: Sequence[EncryptionKey] = ()

    @classmethod
    def of(cls, spec: MonitorSpec, data_keys: Sequence[EncryptionKey], arns: Mapping[str, str]) -> Self:
        """What the jobs of a planned monitor touch."""
        capture = spec.settings.data_capture
        captured = EncryptionKey.of(capture.encryption_key) if capture else []
        return cls(
            reads=spec.s3_layout.job_reads,
            writes=spec.s3_layout.job_writes,
            metric_namespace=spec.metric_namespace,
            merges=spec.monitored.ground_truth is not None,
            predictors=spec.analysis.predictors,
            arns=arns,
            network_config=spec.settings.network_config,
            volume_keys=EncryptionKey.of(spec.settings.volume_kms_key),
            data_keys=data_keys,
            read_keys=[key for key in captured if key not in data_keys],
        )


def trust_conditions(environment: StackEnvironment) -> dict[str, Any]:
    """Conditions of the role's trust policy: SageMaker assumes it only for this account's own jobs.

    Source: `confused deputy prevention
    <https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html>`_. It names the ARNs that
    SageMaker gives as `aws:SourceArn` for processing jobs but not those for monitoring schedules, so the account it is.
    """
    return {"StringEquals": {"aws:SourceAccount": environment.account}}


def own_policy(environment: StackEnvironment, access: JobAccess) -> list[Statement]:
    """The statements that are about what this one monitor touches."""
    # The instances' own metrics, and those that the monitors publish.
    namespaces = ["/aws/sagemaker/ProcessingJobs", access.metric_namespace]
    return [
        *_s3(environment, access),
        *(each for predictor in access.predictors for each in _predictor(environment, predictor, access.arns)),
        # No resource level that every metric has; the namespaces confine it.
        allow("cloudwatch:PutMetricData", "*", {"StringEquals": {"cloudwatch:namespace": namespaces}}),
        *([_pull(environment, "*", _MERGE_REPOSITORY)] if access.merges else []),
        *_network(environment, access.network_config),
        *key_statements(environment, access.data_keys, DATA_KEY_ACTIONS),
        *key_statements(environment, access.read_keys, READ_KEY_ACTIONS),
        *key_statements(environment, access.volume_keys, VOLUME_KEY_ACTIONS),
    ]


def shared_policies(environment: StackEnvironment, access: JobAccess) -> dict[str, list[Statement]]:
    """The statements that many monitors of a stack need, word for word: sets of them, by their names."""
    policies = {"ClarifyJobPolicy": _every_job(environment)}
    if any(_shadow_prefix(predictor) == _SHADOW_ENDPOINT_PREFIX for predictor in access.predictors):
        policies["ClarifyShadowEndpointPolicy"] = _shadow_endpoints(environment, _SHADOW_ENDPOINT_PREFIX)
    return policies


def _every_job(environment: StackEnvironment) -> list[Statement]:
    log_group = environment.arn("logs", "log-group:/aws/sagemaker/ProcessingJobs")
    return [
        allow(
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [log_group, f"{log_group}:*"],
        ),
        allow("ecr:GetAuthorizationToken", "*"),  # no resource level
        _pull(environment, environment.image.account, REPOSITORY),
    ]


def _pull(environment: StackEnvironment, account: str, repository: str) -> Statement:
    return allow(
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        f"arn:{environment.partition}:ecr:{environment.region}:{account}:repository/{repository}",
    )


def _s3(environment: StackEnvironment, access: JobAccess) -> Iterable[Statement]:
    reads, writes = object_arns(environment, access.reads), object_arns(environment, access.writes)
    both = [arn for arn in writes if arn in reads]
    parts: list[tuple[str | list[str], list[str]]] = [
        ("s3:GetObject", [arn for arn in reads if arn not in both]),
        (["s3:GetObject", "s3:PutObject"], both),
        ("s3:PutObject", [arn for arn in writes if arn not in both]),
    ]
    yield from (allow(actions, arns) for actions, arns in parts if arns)
    # Without a condition on the prefix, as SageMaker documents it: what else than its inputs' prefixes it asks of a
    # bucket, such as whether it exists, is not documented, and denies the download if it is not allowed.
    yield allow("s3:ListBucket", bucket_arns(environment, [*access.reads, *access.writes]))


def asked(predictor: Mapping[str, Any]) -> tuple[str, str]:
    """What a `predictor` section asks: its kind in CloudFormation, and its name."""
    if endpoint := predictor.get("endpoint_name"):
        return "Endpoint", endpoint
    return "Model", predictor.get("model_name", "")


def allow_to_ask(kind: str, resources: list[str]) -> Statement:
    """The statement to ask a model or an endpoint."""
    actions = ["sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"]
    return allow(actions if kind == "Endpoint" else "sagemaker:DescribeModel", resources)


def _predictor(
    environment: StackEnvironment, predictor: Mapping[str, Any], arns: Mapping[str, str]
) -> Iterable[Statement]:
    kind, name = asked(predictor)
    if name:
        resources = sagemaker_arns(environment, kind.lower(), name)
        yield allow_to_ask(kind, [*resources, *([arns[name]] if name in arns else [])])
    prefix = _shadow_prefix(predictor)
    if prefix and prefix != _SHADOW_ENDPOINT_PREFIX:
        yield from _shadow_endpoints(environment, prefix)


def _shadow_prefix(predictor: Mapping[str, Any]) -> str | None:
    """How the names of the endpoints start that Clarify makes of a model; None: it asks a running endpoint."""
    if predictor.get("endpoint_name") or not predictor.get("model_name"):
        return None
    return predictor.get("endpoint_name_prefix") or _SHADOW_ENDPOINT_PREFIX


def _shadow_endpoints(environment: StackEnvironment, prefix: str) -> list[Statement]:
    endpoints = sagemaker_arns(environment, "endpoint", f"{prefix}-*")
    configs = sagemaker_arns(environment, "endpoint-config", f"{prefix}-*")
    if prefix != _SHADOW_ENDPOINT_PREFIX:
        configs += sagemaker_arns(environment, "endpoint-config", f"{_SHADOW_CONFIG_PREFIX}-*")
    return [
        allow(
            [
                "sagemaker:CreateEndpointConfig",
                "sagemaker:DeleteEndpointConfig",
                "sagemaker:DescribeEndpointConfig",
            ],
            configs,
        ),
        allow(
            ["sagemaker:DeleteEndpoint", "sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"],
            endpoints,
        ),
        allow(["sagemaker:AddTags", "sagemaker:CreateEndpoint"], [*endpoints, *configs]),
    ]


def _network(environment: StackEnvironment, network_config: NetworkConfig | None) -> Iterable[Statement]:
    if network_config is None or network_config.subnets is None or network_config.security_group_ids is None:
        return
    # A VPC that is shared has its subnets and security groups in the account of its owner.
    shared = f"arn:{environment.partition}:ec2:{environment.region}:*"
    subnets = [f"{shared}:subnet/{each}" for each in _ids(network_config.subnets)]
    security_groups = [f"{shared}:security-group/{each}" for each in _ids(network_config.security_group_ids)]
    # SageMaker makes the interfaces, and gives them their ids, when a job starts.
    interfaces = environment.arn("ec2", "network-interface/*")
    yield allow("ec2:CreateNetworkInterface", [interfaces, *subnets, *security_groups])
    yield allow(
        [
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
        ],
        interfaces,
        {"ArnLike": {"ec2:Subnet": subnets}},
    )
    yield allow(
        [
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
        "*",  # no resource level
    )


def _ids(ids: Sequence[str]) -> Sequence[str]:
    """The ids; a list that is known at deployment only stands for all."""
    return ["*"] if is_token(ids) else ids
