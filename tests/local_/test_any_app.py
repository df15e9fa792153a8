"""Any CDK app deploys, by the real cdk command: here one that uses nothing of cdk_clarify_monitors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cdk_clarify_monitors_local import CdkError, EmbeddedAws
from tests.local_.processing_job import put_inputs

pytestmark = pytest.mark.deploy

APP = Path(__file__).parent / "handmade_app" / "app.py"


class Handmade:
    """The app, deployed under a name of its own."""

    def __init__(self, aws: EmbeddedAws, data: Path) -> None:
        self.aws = aws
        self.stack = f"handmade-{uuid4().hex[:8]}"
        self.sagemaker = aws.client("sagemaker")
        put_inputs(aws, self.stack, data)

    def deploy(self, **context: str) -> str:
        return self.cdk("deploy", **context)

    def destroy(self) -> str:
        return self.cdk("destroy")

    def cdk(self, command: str, **context: str) -> str:
        return self.aws.cdk(
            command,
            app=f"{sys.executable} {APP}",
            context={"stack": self.stack, "bucket": self.stack, **context},
            cwd=self.aws.directory,
        ).stdout

    def status(self) -> str:
        (stack,) = self.aws.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        return str(stack["StackStatus"])

    def outputs(self) -> dict[str, str]:
        (stack,) = self.aws.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def definitions(self) -> list[str]:
        summaries = self.sagemaker.list_model_bias_job_definitions()["JobDefinitionSummaries"]
        names = [summary["MonitoringJobDefinitionName"] for summary in summaries]
        return [name for name in names if name.startswith(self.stack)]

    def schedule(self) -> dict[str, Any]:
        schedule: dict[str, Any] = self.sagemaker.describe_monitoring_schedule(
            MonitoringScheduleName=f"{self.stack}-schedule"
        )
        return schedule

    def jobs(self) -> list[dict[str, Any]]:
        """The jobs that wrote into this app's bucket."""
        summaries = self.sagemaker.list_processing_jobs(MaxResults=100)["ProcessingJobSummaries"]
        jobs = [self.sagemaker.describe_processing_job(ProcessingJobName=s["ProcessingJobName"]) for s in summaries]
        return [job for job in jobs if f"s3://{self.stack}/" in json.dumps(job, default=str)]

    def provider_log(self) -> str:
        logs = self.aws.client("logs")
        groups = logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{self.stack}-OnEvent")["logGroups"]
        events = logs.filter_log_events(logGroupName=groups[0]["logGroupName"])["events"]
        return "\n".join(event["message"] for event in events)


@pytest.fixture
def handmade(aws: EmbeddedAws, make_data: Any) -> Handmade:
    return Handmade(aws, make_data.TRAINING_DATA)


def test_a_handmade_app_lives_from_create_to_delete(handmade: Handmade) -> None:
    handmade.deploy()

    (job,) = handmade.jobs()
    assert job["ProcessingJobStatus"] == "Completed"
    assert job["AppSpecification"]["ImageUri"].startswith("111.dkr.ecr.eu-west-1.amazonaws.com/")
    (first,) = handmade.definitions()
    definition = handmade.sagemaker.describe_model_bias_job_definition(JobDefinitionName=first)
    results = job["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    assert definition["ModelBiasBaselineConfig"]["ConstraintsResource"]["S3Uri"] == f"{results}/analysis.json"
    assert handmade.schedule()["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"] == first
    tags = handmade.sagemaker.list_tags(ResourceArn=definition["JobDefinitionArn"])["Tags"]
    assert {"Key": "team", "Value": "fairness"} in tags
    assert {"Key": "aws:cloudformation:stack-name", "Value": handmade.stack} in tags
    assert set(handmade.outputs()) == {"Bucketeuwest1"}  # the condition on us-east-1 does not hold
    assert "[INFO]" in handmade.provider_log()
    assert "on_event Create" in handmade.provider_log()

    assert "(no changes)" in handmade.deploy()
    assert len(handmade.jobs()) == 1

    handmade.deploy(variant="2")
    (second,) = handmade.definitions()
    assert second != first
    assert handmade.schedule()["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"] == second
    assert handmade.schedule()["LastModifiedTime"] > handmade.schedule()["CreationTime"]
    assert len(handmade.jobs()) == 1

    handmade.deploy(variant="2", definition_tag="of its own")
    (third,) = handmade.definitions()
    assert third not in (first, second)

    with pytest.raises(CdkError, match=r"extraneous key \[ExcludeFeaturesAttribute\] is not permitted"):
        handmade.deploy(variant="3", broken="yes")
    assert handmade.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert handmade.definitions() == [third]
    assert handmade.schedule()["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"] == third

    bucket = handmade.outputs()["Bucketeuwest1"]
    handmade.aws.client("s3").put_object(Bucket=bucket, Key="still-here", Body=b"")
    with pytest.raises(CdkError):
        handmade.destroy()
    assert handmade.status() == "DELETE_FAILED"
    handmade.aws.client("s3").delete_object(Bucket=bucket, Key="still-here")
    handmade.destroy()
    assert handmade.definitions() == []
    with pytest.raises(handmade.sagemaker.exceptions.ResourceNotFound):
        handmade.schedule()


def test_a_provider_that_waits_too_long_is_rolled_back(handmade: Handmade) -> None:
    handmade.aws.slow_next_job(60)

    with pytest.raises(CdkError, match="Operation timed out"):
        handmade.deploy(max_wait="3")

    assert handmade.status() == "ROLLBACK_COMPLETE"
    assert "on_event Delete by-hand-" in handmade.provider_log()
    assert [job["ProcessingJobStatus"] for job in handmade.jobs()] in (["Stopping"], ["Stopped"])


def test_a_delete_after_no_answer_has_a_made_up_id(
    handmade: Handmade,
) -> None:
    handmade.aws.slow_next_job(60)

    with pytest.raises(CdkError, match="timed out after 10s"):
        handmade.deploy(service_timeout="10")

    assert handmade.status() == "ROLLBACK_COMPLETE"
    assert f"on_event Delete {handmade.stack}-Baseline-" in handmade.provider_log()


def test_a_failed_job_fails_the_deployment(handmade: Handmade) -> None:
    handmade.aws.fail_next_job("ClientError: out of luck")

    with pytest.raises(CdkError, match="ClientError: out of luck"):
        handmade.deploy()

    assert handmade.status() == "ROLLBACK_COMPLETE"


def test_an_answer_that_is_too_long_fails_the_deployment(handmade: Handmade) -> None:
    with pytest.raises(CdkError, match="Response object is too long"):
        handmade.deploy(answer_size="4096")

    assert handmade.status() == "ROLLBACK_COMPLETE"


def test_iam_is_enforced(strict_aws: EmbeddedAws, make_data: Any) -> None:
    handmade = Handmade(strict_aws, make_data.TRAINING_DATA)

    with pytest.raises(CdkError, match=r"is not authorized to perform: s3:PutObject"):
        handmade.deploy(job_may_write="no")
    assert handmade.status() == "ROLLBACK_COMPLETE"

    handmade.deploy()
    assert handmade.status() == "CREATE_COMPLETE"
    handmade.destroy()
