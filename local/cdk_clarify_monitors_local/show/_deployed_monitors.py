"""Finds the Clarify monitors of an account: schedule, job definition, baselining job, suggested constraints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cdk_clarify_monitors_local._embedded_aws import EmbeddedAws


@dataclass(frozen=True)
class BaseliningJob:
    """The processing job that computed a monitor's constraints.

    Attributes:
        name: Its name.
        status: Its ProcessingJobStatus.
        seconds: How long it ran, None while it does.
    """

    name: str
    status: str
    seconds: float | None


@dataclass(frozen=True)
class DeployedMonitor:
    """A monitor, as the account shows it.

    Attributes:
        schedule_name: The monitoring schedule.
        schedule_status: Its status.
        schedule_expression: When it runs, None if the service chooses.
        monitoring_type: `ModelBias` or `ModelExplainability`.
        definition_name: The job definition that it runs.
        constraints_uri: Where its constraints lie, None without.
        job: The job that wrote them, None if they come from elsewhere.
        constraints: Their content, None if they cannot be read.
    """

    schedule_name: str
    schedule_status: str
    schedule_expression: str | None
    monitoring_type: str
    definition_name: str
    constraints_uri: str | None
    job: BaseliningJob | None
    constraints: dict[str, Any] | None

    def bias_metrics(self) -> Iterator[tuple[str, str, str, Any]]:
        """Yield stage, facet, metric and value of every bias metric."""
        stages = (("pre_training_bias_metrics", "data"), ("post_training_bias_metrics", "predictions"))
        for key, stage in stages:
            for facet, groups in (self.constraints or {}).get(key, {}).get("facets", {}).items():
                for group in groups:
                    for metric in group["metrics"]:
                        yield stage, f"{facet} = {group['value_or_threshold']}", metric["description"], metric["value"]

    def attributions(self) -> Iterator[tuple[str, str, float]]:
        """Yield label, feature and global SHAP value of every feature, the most important first."""
        for label, values in (self.constraints or {}).get("explanations", {}).get("kernel_shap", {}).items():
            ranked = sorted(values["global_shap_values"].items(), key=lambda item: -abs(item[1]))
            for feature, value in ranked:
                yield label, feature, value


def deployed_monitors(aws: EmbeddedAws) -> list[DeployedMonitor]:
    """Return the account's Clarify monitors, sorted by the schedule's name."""
    sagemaker = aws.client("sagemaker")
    summaries = sagemaker.list_monitoring_schedules(MaxResults=100)["MonitoringScheduleSummaries"]
    monitors = []
    for name in sorted(summary["MonitoringScheduleName"] for summary in summaries):
        schedule = sagemaker.describe_monitoring_schedule(MonitoringScheduleName=name)
        config = schedule["MonitoringScheduleConfig"]
        kind = config.get("MonitoringType")
        if kind in ("ModelBias", "ModelExplainability"):
            monitors.append(_monitor(aws, sagemaker, schedule, kind))
    return monitors


def _monitor(aws: EmbeddedAws, sagemaker: Any, schedule: dict[str, Any], kind: str) -> DeployedMonitor:
    config = schedule["MonitoringScheduleConfig"]
    definition_name = config["MonitoringJobDefinitionName"]
    describe = {
        "ModelBias": sagemaker.describe_model_bias_job_definition,
        "ModelExplainability": sagemaker.describe_model_explainability_job_definition,
    }[kind]
    baseline = describe(JobDefinitionName=definition_name).get(f"{kind}BaselineConfig", {})
    uri = baseline.get("ConstraintsResource", {}).get("S3Uri")
    return DeployedMonitor(
        schedule_name=schedule["MonitoringScheduleName"],
        schedule_status=schedule["MonitoringScheduleStatus"],
        schedule_expression=config.get("ScheduleConfig", {}).get("ScheduleExpression"),
        monitoring_type=kind,
        definition_name=definition_name,
        constraints_uri=uri,
        job=_job_that_wrote(sagemaker, uri) if uri else None,
        constraints=_read_json(aws, uri) if uri else None,
    )


def _job_that_wrote(sagemaker: Any, uri: str) -> BaseliningJob | None:
    for summary in sagemaker.list_processing_jobs(MaxResults=100)["ProcessingJobSummaries"]:
        job = sagemaker.describe_processing_job(ProcessingJobName=summary["ProcessingJobName"])
        outputs = job.get("ProcessingOutputConfig", {}).get("Outputs", [])
        if any(uri.startswith(output["S3Output"]["S3Uri"].rstrip("/") + "/") for output in outputs):
            ended, started = job.get("ProcessingEndTime"), job.get("ProcessingStartTime")
            seconds = (ended - started).total_seconds() if ended and started else None
            return BaseliningJob(job["ProcessingJobName"], job["ProcessingJobStatus"], seconds)
    return None


def _read_json(aws: EmbeddedAws, uri: str) -> dict[str, Any] | None:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        content = json.loads(aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    except (ClientError, ValueError):
        return None
    return content if isinstance(content, dict) else None
