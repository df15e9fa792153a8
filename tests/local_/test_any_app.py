"""Any CDK app deploys, by the real cdk command: here one that uses nothing of cdk_clarify_monitors."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cdk_clarify_monitors_local import CdkError, EmbeddedAws, EmbeddedAwsError
from tests.local_.handmade_app.app import synthesize
from tests.local_.processing_job import put_inputs

pytestmark = pytest.mark.deploy

APP = Path(__file__).parent / "handmade_app" / "app.py"


class Handmade:
    """The app, deployed under a name of its own."""

    def __init__(self, aws: EmbeddedAws, data: Path, folder: Path) -> None:
        self.aws = aws
        self._folder = folder
        self.stack = f"handmade-{uuid4().hex[:8]}"
        self.sagemaker = aws.client("sagemaker")
        put_inputs(aws, self.stack, data)
        aws.add_endpoint("handmade-endpoint")

    def deploy(self, **context: str) -> str:
        return self.cdk("deploy", **context)

    def destroy(self) -> str:
        return self.cdk("destroy")

    def cdk(self, command: str, **context: str) -> str:
        """Run the command on what the app synthesizes, here where a process of its own would only cost seconds."""
        assembly = self._folder / "-".join(("assembly", *context, *context.values()))
        if not assembly.exists():
            synthesize(assembly, self._context(**context))
        return self.aws.cdk(command, app=assembly, cwd=self._folder).stdout

    def deploy_by_its_command(self) -> str:
        app = f"'{sys.executable}' '{APP}'"  # as a shell takes it, whatever is in the paths
        return self.aws.cdk("deploy", app=app, context=self._context(), cwd=self._folder).stdout

    def _context(self, **context: str) -> dict[str, str]:
        return {"stack": self.stack, "bucket": self.stack, **context}

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
def handmade(aws: EmbeddedAws, make_data: Any, tmp_path: Path) -> Handmade:
    return Handmade(aws, make_data.TRAINING_DATA, tmp_path)


@pytest.mark.slow
def test_a_handmade_app_lives_from_create_to_delete(handmade: Handmade) -> None:
    handmade.deploy_by_its_command()

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

    assert "(no changes)" in handmade.deploy_by_its_command()
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


@pytest.mark.slow
def test_a_provider_that_waits_too_long_is_rolled_back(handmade: Handmade) -> None:
    handmade.aws.slow_next_job(60)

    with pytest.raises(CdkError, match="Operation timed out"):
        handmade.deploy(max_wait="3")

    assert handmade.status() == "ROLLBACK_COMPLETE"
    assert "on_event Delete by-hand-" in handmade.provider_log()
    assert [job["ProcessingJobStatus"] for job in handmade.jobs()] in (["Stopping"], ["Stopped"])


@pytest.mark.slow
def test_a_delete_after_no_answer_has_a_made_up_id(
    handmade: Handmade,
) -> None:
    handmade.aws.slow_next_job(60)

    with pytest.raises(CdkError, match="timed out after 10s"):
        handmade.deploy(service_timeout="10")

    assert handmade.status() == "ROLLBACK_COMPLETE"
    assert f"on_event Delete {handmade.stack}-Baseline-" in handmade.provider_log()


@pytest.mark.slow
def test_a_failed_job_fails_the_deployment(handmade: Handmade) -> None:
    handmade.aws.fail_next_job("ClientError: out of luck")

    with pytest.raises(CdkError, match="ClientError: out of luck"):
        handmade.deploy()

    assert handmade.status() == "ROLLBACK_COMPLETE"


@pytest.mark.slow
def test_an_answer_that_is_too_long_fails_the_deployment(handmade: Handmade) -> None:
    with pytest.raises(CdkError, match="Response object is too long"):
        handmade.deploy(answer_size="4096")

    assert handmade.status() == "ROLLBACK_COMPLETE"


@pytest.mark.slow
def test_iam_is_enforced(strict_aws: EmbeddedAws, make_data: Any, tmp_path: Path) -> None:
    handmade = Handmade(strict_aws, make_data.TRAINING_DATA, tmp_path)

    with pytest.raises(CdkError, match=r"is not authorized to perform: s3:PutObject"):
        handmade.deploy(job_may_write="no")
    assert handmade.status() == "ROLLBACK_COMPLETE"

    handmade.deploy()
    assert handmade.status() == "CREATE_COMPLETE"
    handmade.destroy()


# Apps of other people


@pytest.mark.slow
def test_an_app_gets_the_account_and_the_region_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        """
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Elsewhere", env=cdk.Environment(account="111122223333", region="us-east-1"))
vpc = ec2.Vpc(stack, "Vpc", max_azs=1)  # with a NAT gateway and its Elastic IP
vpc.add_flow_log("FlowLog")
one, other = (ec2.SecurityGroup(stack, name, vpc=vpc, allow_all_outbound=False) for name in ("One", "Other"))
one.connections.allow_to(other, ec2.Port.tcp(1))  # rules that are resources of their own
other.connections.allow_to(one, ec2.Port.tcp(2))
cdk.CfnResource(stack, "Alert", type="AWS::SageMaker::MonitoringScheduleAlert", properties={})
if app.node.try_get_context("kind") == "lacking":
    cdk.CfnResource(stack, "Lacking", type="AWS::Batch::JobQueue", properties={})
if app.node.try_get_context("kind") == "refused":
    cdk.CfnResource(
        stack, "Refused", type="AWS::SageMaker::Endpoint", properties={"EndpointConfigName": "no-such-config"}
    )
if app.node.try_get_context("kind") == "raises":
    raise ValueError("'colour' must be red, got 'blue'")
app.synth()
"""
    )
    app, kept = shlex.join([sys.executable, str(tmp_path / "app.py")]), tmp_path / "kept.txt"
    kept.write_text("kept")
    with EmbeddedAws() as aws:
        aws.put(kept, "s3://my-data/")
        aws.add_endpoint("mine")

        assert_refused(aws, app, tmp_path, "raises", "ValueError: ", "'colour' must be red, got 'blue'")
        aws.cdk("deploy", "--all", app=app, cwd=tmp_path)

        assert (aws.account, aws.region) == ("111122223333", "us-east-1")
        (stack,) = aws.client("cloudformation").describe_stacks(StackName="Elsewhere")["Stacks"]
        assert stack["StackId"].startswith("arn:aws:cloudformation:us-east-1:111122223333:stack/Elsewhere/")
        assert aws.client("sts").get_caller_identity()["Account"] == "111122223333"
        # What was there before has moved, too.
        assert aws.client("s3").get_object(Bucket="my-data", Key="kept.txt")["Body"].read() == b"kept"
        endpoint = aws.client("sagemaker").describe_endpoint(EndpointName="mine")
        assert endpoint["EndpointArn"] == "arn:aws:sagemaker:us-east-1:111122223333:endpoint/mine"

        for kind, resource, reason in [
            ("lacking", "[AWS::Batch::JobQueue]", "limit of clarify-local"),
            (
                "refused",
                "Elsewhere: Refused (AWS::SageMaker::Endpoint): ",
                'Could not find endpoint configuration "arn:',
            ),
        ]:
            assert_refused(aws, app, tmp_path, kind, resource, reason)


def assert_refused(aws: EmbeddedAws, app: str, folder: Path, kind: str, resource: str, reason: str) -> None:
    with pytest.raises(CdkError) as raised:
        aws.cdk("deploy", "--all", app=app, context={"kind": kind}, cwd=folder)
    last = str(raised.value).splitlines()[-1]
    assert last == raised.value.reason
    assert last.startswith("cdk deploy failed: ")
    assert resource in last
    assert reason in last
    assert last.endswith(f"Log: {aws.log_path}")
    assert "    at " not in str(raised.value)


@pytest.mark.slow
def test_an_account_that_was_given_is_not_the_apps(tmp_path: Path) -> None:
    template = {"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}
    (tmp_path / "Elsewhere.template.json").write_text(json.dumps(template))
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111122223333/eu-west-1",
        "properties": {"templateFile": "Elsewhere.template.json"},
    }
    other = {**stack, "environment": "aws://222222222222/eu-west-1", "displayName": "Fleet/Other"}
    artifacts = {"Elsewhere": stack, "Other": other}
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}))
    with EmbeddedAws(account="999999999999") as aws:
        for stacks, message in (
            (["Elsewhere"], "was started as 999999999999"),
            (["Fleet/*"], "is for the account 222222222222"),
            (["--all"], r"111122223333 has Elsewhere; 222222222222 has Fleet/Other\. .*--stack Elsewhere`"),
        ):
            with pytest.raises(EmbeddedAwsError, match=message):
                aws.cdk("deploy", *stacks, app=tmp_path)
