"""Jobs fail, quotas are full and calls go wrong when a test wants them to."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cdk_clarify_monitors_local import EmbeddedAws
from tests.local_.processing_job import finished, prepare, run, start

pytestmark = pytest.mark.deploy


def test_a_fault_fails_the_next_job(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    aws.fail_next_job("ClientError: out of luck", exit_message="sorry")

    job = run(sagemaker, job_request)

    assert (job["FailureReason"], job["ExitMessage"]) == ("ClientError: out of luck", "sorry")


def test_a_fault_keeps_the_next_job_from_writing(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    aws.empty_next_job()

    name = start(sagemaker, job_request)

    assert finished(sagemaker, name)["ProcessingJobStatus"] == "Completed"
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=name, Prefix="results/")


def test_a_full_quota_refuses_a_second_job(own_aws: EmbeddedAws, make_data: Any) -> None:
    sagemaker, first = own_aws.client("sagemaker"), prepare(own_aws, make_data.TRAINING_DATA)
    own_aws.limit_processing_instances(1)
    own_aws.slow_next_job(60)
    name = start(sagemaker, first)
    second = {**first, "ProcessingJobName": f"{name}-2"}

    with pytest.raises(
        sagemaker.exceptions.ResourceLimitExceeded, match=r"'ml.m5.xlarge for processing job usage' is 1"
    ):
        sagemaker.create_processing_job(**second)

    sagemaker.stop_processing_job(ProcessingJobName=name)
    finished(sagemaker, name)
    run(sagemaker, second)


def once(aws: EmbeddedAws, service: str) -> Any:
    """A client that does not try again."""
    client: Any = boto3.client  # its overloads know literal names only
    return client(
        service,
        endpoint_url=aws.endpoint_url,
        region_name=aws.region,
        aws_access_key_id=aws.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=aws.environment["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_a_fault_refuses_the_next_calls(aws: EmbeddedAws) -> None:
    client = once(aws, "sagemaker")
    aws.fail_next_calls("sagemaker:ListProcessingJobs", times=2)

    for _ in range(2):
        with pytest.raises(ClientError, match="ThrottlingException"):
            client.list_processing_jobs()
    client.list_processing_jobs()


def test_only_the_calls_that_are_meant_are_refused(aws: EmbeddedAws, job_request: dict[str, Any]) -> None:
    client, bucket = once(aws, "s3"), job_request["ProcessingJobName"]
    aws.fail_next_calls("s3:PutObject", code="SlowDown", status=503, path_contains="hit-me")

    client.put_object(Bucket=bucket, Key="leave-me", Body=b"")
    with pytest.raises(ClientError, match="SlowDown"):
        client.put_object(Bucket=bucket, Key="hit-me", Body=b"")

    assert "hit-me" not in str(client.list_objects_v2(Bucket=bucket)["Contents"])


def test_a_fault_loses_the_answer_of_a_call_that_worked(
    aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]
) -> None:
    client = once(aws, "sagemaker")
    aws.fail_next_calls("sagemaker:CreateProcessingJob", code="InternalFailure", status=500, lose_answer=True)

    with pytest.raises(ClientError, match="InternalFailure"):
        client.create_processing_job(**job_request)

    assert finished(sagemaker, job_request["ProcessingJobName"])["ProcessingJobStatus"] == "Completed"
