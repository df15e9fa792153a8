"""What the jobs of a monitor need, as AWS documents it.

The container is not ours and cannot be run here, so this table stands for it: each entry names the page that asks for
the permission. It is written from the documentation, not from the policy that it judges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.templates.iam import ACCOUNT, REGION, Request

_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg"
PROCESSING = f"{_GUIDE}/sagemaker-roles.html#sagemaker-roles-createprocessingjob-perms"
SHADOW_ENDPOINT = f"{_GUIDE}/clarify-vpc.html#clarify-vpc-model"
# Clarify tags what it makes, which takes an action of its own.
TAGGING = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemakerai.html"
ENDPOINT = f"{_GUIDE}/clarify-processing-job-configure-analysis.html"
METRICS = f"{_GUIDE}/clarify-model-monitor-bias-drift-cw.html"
SSE_KMS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms"
# The page names CreateGrant for the volumes of jobs, and DescribeKey beside it for other volumes only.
VOLUME = f"{_GUIDE}/sagemaker-roles.html#sagemaker-roles-createdomain-perms"


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The jobs of a monitor, described apart from the library: what a user would tell about them.

    Attributes:
        reads: ARNs of objects that others wrote and the jobs read.
        folder: ARN of the folder that the monitor has in its bucket.
        job: The name of a baselining job; None: there is none.
        overridden: Whether limits of the user's own are put into its constraints.
        namespace: Where the monitoring executions publish metrics.
        merges: Whether there is ground truth.
        model: The model that a shadow endpoint is made of.
        shadow_endpoint: The name of such an endpoint.
        shadow_config: The name of its configuration.
        endpoint: The endpoint that is asked.
        subnet: The subnet of the jobs.
        security_group: Their security group.
        data_key: ARN of the key of what is read and written.
        capture_key: ARN of the key of captured data.
        volume_key: ARN of the volumes' key.
    """

    reads: tuple[str, ...]
    folder: str
    job: str | None
    namespace: str
    overridden: bool = False
    merges: bool = False
    model: str | None = None
    shadow_endpoint: str = "sm-clarify-loans-1746251067-14e5"
    shadow_config: str = "sm-clarify-config-1746251067-14e5"
    endpoint: str | None = None
    subnet: str | None = None
    security_group: str | None = None
    data_key: str | None = None
    capture_key: str | None = None
    volume_key: str | None = None


def documented_needs(jobs: Jobs) -> Iterator[Request]:
    """What AWS documents that such jobs need."""
    yield from _data(jobs)
    for namespace in ("/aws/sagemaker/ProcessingJobs", jobs.namespace):
        context = {"cloudwatch:namespace": namespace}
        yield Request("cloudwatch:PutMetricData", "*", context, "publish metrics", METRICS)
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/ProcessingJobs"
    yield Request("logs:CreateLogGroup", group, why="write its log", source=PROCESSING)
    yield Request("logs:DescribeLogStreams", f"{group}:log-stream:", why="write its log", source=PROCESSING)
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        yield Request(action, f"{group}:log-stream:job/algo-1", why="write its log", source=PROCESSING)
    yield Request("ecr:GetAuthorizationToken", "*", why="pull the image", source=PROCESSING)
    images = ["017069133835:repository/sagemaker-clarify-processing"]
    if jobs.merges:
        images.append("048819808253:repository/sagemaker-model-monitor-groundtruth-merger")
    for image in images:
        for action in ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"):
            yield Request(f"ecr:{action}", f"arn:aws:ecr:{REGION}:{image}", why="pull the image", source=PROCESSING)
    yield from _predictions(jobs)
    yield from _network(jobs)
    yield from _keys(jobs)


def _data(jobs: Jobs) -> Iterator[Request]:
    reads = [*jobs.reads, f"{jobs.folder}/analysis-config/0123456789abcdef/analysis_config.json"]
    writes = [f"{jobs.folder}/results/schedule/2026/01/31/06/constraint_violations.json"]
    if jobs.job:
        reads.append(f"{jobs.folder}/baselining/{jobs.job}/analysis_config.json")
        reads.append(f"{jobs.folder}/baselining/{jobs.job}/analysis.json")  # the constraints
        writes.append(f"{jobs.folder}/baselining/{jobs.job}/analysis.json")
    if jobs.overridden:
        reads.append(f"{jobs.folder}/baselining/{jobs.job}/constraints-0123456789abcdef/analysis.json")
    if jobs.merges:
        merged = f"{jobs.folder}/results/merge/endpoint/AllTraffic/2026/01/31/06/data.jsonl"
        reads.append(merged)
        writes.append(merged)
    reads.append(writes[0])  # what the service reads to report an execution's outcome
    for arn in dict.fromkeys(reads):
        yield Request("s3:GetObject", arn, why="read its inputs", source=PROCESSING)
    for arn in writes:
        yield Request("s3:PutObject", arn, why="write its results", source=PROCESSING)
    for bucket in dict.fromkeys(arn.partition("/")[0] for arn in (*reads, *writes)):
        yield Request("s3:ListBucket", bucket, why="find its inputs", source=PROCESSING)


def _predictions(jobs: Jobs) -> Iterator[Request]:
    here = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
    if jobs.endpoint:
        for action in ("DescribeEndpoint", "InvokeEndpoint"):
            yield Request(f"sagemaker:{action}", f"{here}:endpoint/{jobs.endpoint}", why="ask it", source=ENDPOINT)
    if jobs.model:
        endpoint = f"{here}:endpoint/{jobs.shadow_endpoint}"
        config = f"{here}:endpoint-config/{jobs.shadow_config}"
        why = "make a shadow endpoint, ask it, delete it"
        yield Request("sagemaker:DescribeModel", f"{here}:model/{jobs.model}", why=why, source=SHADOW_ENDPOINT)
        for action in ("CreateEndpointConfig", "DescribeEndpointConfig", "DeleteEndpointConfig", "CreateEndpoint"):
            yield Request(f"sagemaker:{action}", config, why=why, source=SHADOW_ENDPOINT)
        for action in ("CreateEndpoint", "DescribeEndpoint", "DeleteEndpoint", "InvokeEndpoint"):
            yield Request(f"sagemaker:{action}", endpoint, why=why, source=SHADOW_ENDPOINT)
        for arn in (endpoint, config):
            yield Request("sagemaker:AddTags", arn, why=why, source=TAGGING)


def _network(jobs: Jobs) -> Iterator[Request]:
    if jobs.subnet is None:
        return
    why, interface = "run in a VPC", f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-1"
    subnet = f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{jobs.subnet}"
    security_group = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{jobs.security_group}"
    for arn in (interface, subnet, security_group):
        yield Request("ec2:CreateNetworkInterface", arn, why=why, source=PROCESSING)
    for action in ("CreateNetworkInterfacePermission", "DeleteNetworkInterface", "DeleteNetworkInterfacePermission"):
        yield Request(f"ec2:{action}", interface, {"ec2:Subnet": subnet}, why, PROCESSING)
    for name in ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"):
        yield Request(f"ec2:Describe{name}", "*", why=why, source=PROCESSING)


def _keys(jobs: Jobs) -> Iterator[Request]:
    if jobs.data_key:
        yield Request("kms:Encrypt", jobs.data_key, why="write encrypted results", source=PROCESSING)
        yield Request("kms:Decrypt", jobs.data_key, why="read encrypted objects", source=PROCESSING)
        yield Request("kms:GenerateDataKey", jobs.data_key, why="write encrypted results", source=SSE_KMS)
    if jobs.capture_key:
        yield Request("kms:Decrypt", jobs.capture_key, why="read captured data", source=SSE_KMS)
    if jobs.volume_key:
        # SageMaker asks in the role's name, for its volumes: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
        by_service = {"kms:GrantIsForAWSResource": "true"}
        yield Request("kms:CreateGrant", jobs.volume_key, by_service, why="have encrypted volumes", source=PROCESSING)
        yield Request("kms:DescribeKey", jobs.volume_key, why="have encrypted volumes", source=VOLUME)
