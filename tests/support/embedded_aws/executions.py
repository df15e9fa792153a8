"""Monitors whose executions are run: made with boto3, in the embedded AWS."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from cdk_clarify_monitors_local import EmbeddedAws

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_WORDS = {"ModelBias": "model_bias", "ModelExplainability": "model_explainability"}


@functools.cache
def client_of(aws: EmbeddedAws, service: str) -> Any:
    """Return a client, made once: that takes a tenth of a second."""
    return aws.client(service)


@dataclass(frozen=True)
class Monitor:
    """A monitor with a bucket, a role and a schedule of its own.

    Attributes:
        aws: Where it is.
        name: The name of everything.
    """

    aws: EmbeddedAws
    name: str

    def uri(self, path: str) -> str:
        """Return the URI of something in its bucket."""
        return f"s3://{self.name}/{path}"

    def put(self, key: str, content: Any) -> None:
        """Put an object into its bucket: text, or anything as JSON."""
        body = content if isinstance(content, str | bytes) else json.dumps(content)
        client_of(self.aws, "s3").put_object(Bucket=self.name, Key=key, Body=body)

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys in its bucket."""
        pages = client_of(self.aws, "s3").get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", ()))

    def text(self, key: str) -> str:
        """Return the content of an object in its bucket."""
        content: bytes = client_of(self.aws, "s3").get_object(Bucket=self.name, Key=key)["Body"].read()
        return content.decode()

    def json(self, key: str) -> Any:
        """Return the content of a JSON object in its bucket."""
        return json.loads(self.text(key))

    def jobs(self) -> list[dict[str, Any]]:
        """Return the descriptions of its schedule's jobs, the latest first."""
        sagemaker = client_of(self.aws, "sagemaker")
        names = [job["ProcessingJobName"] for job in sagemaker.list_processing_jobs()["ProcessingJobSummaries"]]
        found = [sagemaker.describe_processing_job(ProcessingJobName=name) for name in names]
        return [job for job in found if job.get("MonitoringScheduleArn", "").endswith(f"/{self.name}")]

    def executions(self, **filters: Any) -> list[dict[str, Any]]:
        """Return its executions, the latest first."""
        listed: list[dict[str, Any]] = client_of(self.aws, "sagemaker").list_monitoring_executions(
            MonitoringScheduleName=self.name, **filters
        )["MonitoringExecutionSummaries"]
        return listed


def make_monitor(
    aws: EmbeddedAws,
    kind: str,
    config: Any,
    *,
    constraints: Any = None,
    source: Mapping[str, Any] | None = None,
    batch: Mapping[str, Any] | None = None,
    expression: str = "cron(0 * ? * * *)",
    schedule: Mapping[str, Any] | None = None,
    policy: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    baselining_job: str | None = None,
    name: str | None = None,
) -> Monitor:
    """Make a monitor.

    Args:
        aws: Where.
        kind: `ModelBias` or `ModelExplainability`.
        config: The analysis config.
        constraints: The constraints file. None: without.
        source: Members of its EndpointInput, beside the name, which is the monitor's.
        batch: Members of its BatchTransformInput instead.
        expression: The schedule expression.
        schedule: Further members of the ScheduleConfig.
        policy: A statement of the role's policy.
        environment: Variables of the container.
        baselining_job: The BaseliningJobName.
        name: Its name. None: one of its own.
    """
    monitor = Monitor(aws, name or f"m-{uuid4().hex[:12]}")
    name, iam = monitor.name, client_of(aws, "iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    if policy is not None:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **policy}]}
        iam.put_role_policy(RoleName=name, PolicyName="job", PolicyDocument=json.dumps(document))
    client_of(aws, "s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.region})
    monitor.put("config/analysis_config.json", config)
    baseline: dict[str, Any] = {}
    if constraints is not None:
        monitor.put("constraints/analysis.json", constraints)
        baseline["ConstraintsResource"] = {"S3Uri": monitor.uri("constraints/analysis.json")}
    if baselining_job is not None:
        baseline["BaseliningJobName"] = baselining_job
    path = {"LocalPath": "/opt/ml/processing/input/data"}
    job_input: dict[str, Any] = (
        {"EndpointInput": {"EndpointName": name, **path, **(source or {})}}
        if batch is None
        else {"BatchTransformInput": {"DataCapturedDestinationS3Uri": monitor.uri("capture"), **path, **batch}}
    )
    if batch is None:
        aws.add_endpoint(name, capture=monitor.uri("capture"))
    if kind == "ModelBias":
        job_input["GroundTruthS3Input"] = {"S3Uri": monitor.uri("truth")}
    sagemaker = client_of(aws, "sagemaker")
    output = {"S3Uri": monitor.uri("out"), "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
    getattr(sagemaker, f"create_{_WORDS[kind]}_job_definition")(
        JobDefinitionName=name,
        RoleArn=role,
        **{
            f"{kind}AppSpecification": {
                "ImageUri": "131013547314.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-clarify-processing:1.0",
                "ConfigUri": monitor.uri("config/analysis_config.json"),
                "Environment": dict(environment or {}),
            },
            f"{kind}JobInput": job_input,
            f"{kind}JobOutputConfig": {"MonitoringOutputs": [{"S3Output": output}]},
            f"{kind}BaselineConfig": baseline,
        },
        JobResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 20}},
        StoppingCondition={"MaxRuntimeInSeconds": 1800},
    )
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName=name,
        MonitoringScheduleConfig={
            "ScheduleConfig": {"ScheduleExpression": expression, **(schedule or {})},
            "MonitoringJobDefinitionName": name,
            "MonitoringType": kind,
        },
    )
    return monitor
