"""Processing jobs in the embedded AWS run, are stopped, and fail, as SageMaker's do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from cdk_clarify_monitors_local import EmbeddedAws
from tests.local_.processing_job import CONFIG, TRUST, finished, prepare, run, start, with_model

pytestmark = pytest.mark.deploy


def test_a_job_computes_real_metrics(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    s3, bucket = aws.client("s3"), job_request["ProcessingJobName"]
    s3.copy_object(Bucket=bucket, Key="data/train.csv", CopySource=f"{bucket}/train.csv")
    s3.put_object(Bucket=bucket, Key="data.csv", Body=b"beside the folder, not in it")
    (data,) = (each for each in job_request["ProcessingInputs"] if each["InputName"] == "dataset")
    data["S3Input"]["S3Uri"] = f"s3://{bucket}/data/"
    name = start(sagemaker, {**job_request, "Tags": [{"Key": "team", "Value": "fairness"}]})

    job = finished(sagemaker, name)

    assert job["ProcessingJobStatus"] == "Completed", job["FailureReason"]
    assert job["ProcessingEndTime"] > job["ProcessingStartTime"]
    answer = aws.client("s3").get_object(Bucket=name, Key="results/analysis.json")["Body"].read()
    (group,) = json.loads(answer)["pre_training_bias_metrics"]["facets"]["sex"]
    # 207 of the 442 patients are of sex 2.
    assert next(m["value"] for m in group["metrics"] if m["name"] == "CI") == pytest.approx((235 - 207) / 442)
    assert sagemaker.list_tags(ResourceArn=job["ProcessingJobArn"])["Tags"] == [{"Key": "team", "Value": "fairness"}]
    logs = aws.client("logs").filter_log_events(
        logGroupName="/aws/sagemaker/ProcessingJobs", logStreamNamePrefix=f"{name}/"
    )["events"]
    assert any("Data set: 442 records" in event["message"] for event in logs)


def test_a_job_s_state_is_announced(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    events, sqs = aws.client("events"), aws.client("sqs")
    queue = sqs.create_queue(QueueName=job_request["ProcessingJobName"])["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.sagemaker"], "detail": {"ProcessingJobName": [job_request["ProcessingJobName"]]}}
    events.put_rule(Name=job_request["ProcessingJobName"], EventPattern=json.dumps(pattern))
    events.put_targets(Rule=job_request["ProcessingJobName"], Targets=[{"Id": "queue", "Arn": arn}])

    run(sagemaker, job_request)

    statuses: list[str] = []
    deadline = time.monotonic() + 60
    while "Completed" not in statuses and time.monotonic() < deadline:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            event = json.loads(message["Body"])
            assert event["detail-type"] == "SageMaker Processing Job State Change"
            statuses.append(event["detail"]["ProcessingJobStatus"])
    assert statuses[-1] == "Completed"


def without_data(request: dict[str, Any]) -> None:
    request["ProcessingInputs"][0]["S3Input"]["S3Uri"] += ".gz"


def without_bucket(request: dict[str, Any]) -> None:
    request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = "s3://no-such-bucket/results"


def with_pipe(request: dict[str, Any]) -> None:
    request["ProcessingInputs"][0]["S3Input"]["S3InputMode"] = "Pipe"


def with_another_image(request: dict[str, Any]) -> None:
    request["AppSpecification"]["ImageUri"] = "123.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7"


def out_of_the_container(request: dict[str, Any]) -> None:
    request["ProcessingInputs"][0]["S3Input"]["LocalPath"] = "/opt/../../../etc"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without_data, "ClientError: Data download failed:No S3 objects found under S3 URL"),
        (without_bucket, "ClientError: Data upload failed:"),
        (with_pipe, "with S3InputMode File only, not Pipe"),
        (with_another_image, "no container for the image 123.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7"),
        (out_of_the_container, "leaves the container's folder"),
    ],
)
def test_a_job_that_cannot_work_says_why(
    sagemaker: Any, job_request: dict[str, Any], change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    change(job_request)

    job = run(sagemaker, job_request)

    assert job["ProcessingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_the_container_s_error_is_the_failure_reason(aws: EmbeddedAws, sagemaker: Any, make_data: Any) -> None:
    request = prepare(aws, make_data.TRAINING_DATA, {**CONFIG, "label": "paid"})

    job = run(sagemaker, request)

    assert job["FailureReason"].startswith("ClientError: 'label' is column 'paid'")


def test_a_name_is_used_once(sagemaker: Any, job_request: dict[str, Any]) -> None:
    run(sagemaker, job_request)

    with pytest.raises(sagemaker.exceptions.ResourceInUse, match="already exists"):
        sagemaker.create_processing_job(**job_request)


def test_the_role_must_trust_sagemaker(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    document = json.dumps(TRUST).replace("sagemaker.amazonaws.com", "lambda.amazonaws.com")
    role = aws.client("iam").create_role(RoleName=uuid4().hex, AssumeRolePolicyDocument=document)["Role"]["Arn"]

    for arn in (role, role.rpartition("/")[0] + "/no-such-role"):
        with pytest.raises(ClientError, match="Could not assume role"):
            sagemaker.create_processing_job(**{**job_request, "RoleArn": arn})


def test_a_running_job_is_stopped(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    aws.slow_next_job(60)
    name = start(sagemaker, job_request)

    sagemaker.stop_processing_job(ProcessingJobName=name)

    assert finished(sagemaker, name)["ProcessingJobStatus"] == "Stopped"
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=name, Prefix="results/")
    with pytest.raises(ClientError, match="in status Stopped"):
        sagemaker.stop_processing_job(ProcessingJobName=name)


def test_a_job_that_runs_too_long_is_stopped(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    aws.slow_next_job(60)
    job_request["StoppingCondition"] = {"MaxRuntimeInSeconds": 1}

    assert run(sagemaker, job_request)["ProcessingJobStatus"] == "Stopped"


def test_a_job_of_no_such_name_is_not_found(sagemaker: Any) -> None:
    with pytest.raises(ClientError, match="Could not find requested job with name: nobody"):
        sagemaker.describe_processing_job(ProcessingJobName="nobody")


def names_of_jobs(sagemaker: Any) -> list[str]:
    return [job["ProcessingJobName"] for job in sagemaker.list_processing_jobs()["ProcessingJobSummaries"]]


def completing(aws: EmbeddedAws) -> None:
    aws.clear_faults()


def failing(aws: EmbeddedAws) -> None:
    aws.fail_next_job("ClientError: out of luck")


def stopping(aws: EmbeddedAws) -> None:
    aws.slow_next_job(60)


@pytest.mark.parametrize(
    ("prepare_fault", "status"), [(completing, "Completed"), (failing, "Failed"), (stopping, "Stopped")]
)
def test_an_ended_job_can_be_deleted(
    aws: EmbeddedAws,
    sagemaker: Any,
    job_request: dict[str, Any],
    prepare_fault: Callable[[EmbeddedAws], None],
    status: str,
) -> None:
    prepare_fault(aws)
    name = start(sagemaker, {**job_request, "Tags": [{"Key": "team", "Value": "fairness"}]})
    if status == "Stopped":
        sagemaker.stop_processing_job(ProcessingJobName=name)
    job = finished(sagemaker, name)
    assert job["ProcessingJobStatus"] == status

    sagemaker.delete_processing_job(ProcessingJobName=name)

    assert name not in names_of_jobs(sagemaker)
    with pytest.raises(ClientError, match=f"Could not find requested job with name: {name}"):
        sagemaker.describe_processing_job(ProcessingJobName=name)
    with pytest.raises(ClientError, match="Could not find resource"):
        sagemaker.list_tags(ResourceArn=job["ProcessingJobArn"])
    with pytest.raises(sagemaker.exceptions.ResourceNotFound, match=name):
        sagemaker.delete_processing_job(ProcessingJobName=name)


def test_a_deleted_job_leaves_its_results_and_its_name(
    aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]
) -> None:
    s3, logs, name = aws.client("s3"), aws.client("logs"), job_request["ProcessingJobName"]

    def jobs_in_the_log() -> int:
        events = logs.filter_log_events(logGroupName="/aws/sagemaker/ProcessingJobs")["events"]
        lines = [event["message"] for event in events if event["logStreamName"].startswith(f"{name}/")]
        return sum("Data set: 442 records" in line for line in lines)

    first = run(sagemaker, {**job_request, "Tags": [{"Key": "team", "Value": "fairness"}]})

    sagemaker.delete_processing_job(ProcessingJobName=name)

    assert json.loads(s3.get_object(Bucket=name, Key="results/analysis.json")["Body"].read())
    assert jobs_in_the_log() == 1
    second = run(sagemaker, job_request)
    assert second["ProcessingJobStatus"] == "Completed"
    assert second["ProcessingJobArn"] == first["ProcessingJobArn"]
    assert second["CreationTime"] > first["CreationTime"]
    assert sagemaker.list_tags(ResourceArn=second["ProcessingJobArn"])["Tags"] == []
    assert jobs_in_the_log() == 2


def test_a_running_job_cannot_be_deleted(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    aws.slow_next_job(60)
    name = start(sagemaker, job_request)

    with pytest.raises(sagemaker.exceptions.ResourceInUse, match="in status InProgress"):
        sagemaker.delete_processing_job(ProcessingJobName=name)

    sagemaker.stop_processing_job(ProcessingJobName=name)
    assert finished(sagemaker, name)["ProcessingJobStatus"] == "Stopped"


def test_a_job_of_no_such_name_cannot_be_deleted(sagemaker: Any) -> None:
    with pytest.raises(sagemaker.exceptions.ResourceNotFound, match="nobody"):
        sagemaker.delete_processing_job(ProcessingJobName="nobody")


def test_a_job_is_listed_in_its_own_region_only(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    name = start(sagemaker, job_request)

    summaries = aws.client("sagemaker", region="us-east-1").list_processing_jobs()["ProcessingJobSummaries"]

    assert name not in [summary["ProcessingJobName"] for summary in summaries]
    finished(sagemaker, name)


def test_what_is_not_served_is_refused_by_name(sagemaker: Any) -> None:
    with pytest.raises(ClientError, match="does not serve sagemaker:ListTrainingJobs"):
        sagemaker.list_training_jobs()


def test_models_may_come_later(aws: EmbeddedAws, sagemaker: Any, make_data: Any, diabetes_model: Path) -> None:
    before = run(sagemaker, prepare(aws, make_data.TRAINING_DATA, with_model("later")))
    aws.add_model("later", diabetes_model)
    after = run(sagemaker, prepare(aws, make_data.TRAINING_DATA, with_model("later")))

    assert 'Could not find model "later"' in before["FailureReason"]
    assert after["ProcessingJobStatus"] == "Completed"
