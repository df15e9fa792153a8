"""The embedded AWS starts, answers, breaks when told to, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cdk_clarify_monitors_local import EmbeddedAws, EmbeddedAwsError

pytestmark = pytest.mark.deploy

ROOT = Path(__file__).parents[2]

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
CONFIG = {
    "dataset_type": "text/csv",
    "headers": ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6", "target"],
    "label": "target",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "sex", "value_or_threshold": [2]}],
    "methods": {"pre_training_bias": {"methods": "all"}},
}


@pytest.fixture(scope="module")
def aws(diabetes_model: Path) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(models={"diabetes-model": diabetes_model}) as aws:
        yield aws


@pytest.fixture
def sagemaker(aws: EmbeddedAws) -> Iterator[Any]:
    yield aws.client("sagemaker")
    aws.clear_faults()


@pytest.fixture
def job_request(aws: EmbeddedAws, make_data: Any) -> dict[str, Any]:
    """A complete request for a processing job; role, bucket and data exist."""
    return prepare(aws, make_data.TRAINING_DATA)


def prepare(aws: EmbeddedAws, data: Path, config: Any = CONFIG, **statement: Any) -> dict[str, Any]:
    iam, s3, name = aws.client("iam"), aws.client("s3"), f"test-{uuid4().hex[:8]}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    if statement:
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}
        iam.put_role_policy(RoleName=name, PolicyName="job", PolicyDocument=json.dumps(policy))
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.region})
    s3.upload_file(str(data), name, "data/train.csv")
    s3.put_object(Bucket=name, Key="config/analysis_config.json", Body=json.dumps(config))
    return {
        "ProcessingJobName": name,
        "RoleArn": role,
        "AppSpecification": {"ImageUri": "123.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-clarify-processing:1.0"},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        },
        "ProcessingInputs": [
            {
                "InputName": input_name,
                "S3Input": {
                    "S3Uri": f"s3://{name}/{key}",
                    "LocalPath": f"/opt/ml/processing/input/{folder}",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
            for input_name, key, folder in [
                ("dataset", "data/train.csv", "data"),
                ("analysis_config", "config/analysis_config.json", "config"),
            ]
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "analysis_result",
                    "S3Output": {
                        "S3Uri": f"s3://{name}/results",
                        "LocalPath": "/opt/ml/processing/output",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
    }


def finished(sagemaker: Any, name: str) -> dict[str, Any]:
    """Wait until a job is over."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job: dict[str, Any] = sagemaker.describe_processing_job(ProcessingJobName=name)
        if job["ProcessingJobStatus"] not in ("InProgress", "Stopping"):
            return job
        time.sleep(0.1)
    raise AssertionError(f"{name} is still running")


def start(sagemaker: Any, request: dict[str, Any]) -> str:
    sagemaker.create_processing_job(**request)
    return str(request["ProcessingJobName"])


# Processing jobs


def test_a_job_computes_real_metrics(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    name = start(sagemaker, {**job_request, "Tags": [{"Key": "team", "Value": "fairness"}]})

    job = finished(sagemaker, name)

    assert job["ProcessingJobStatus"] == "Completed"
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

    finished(sagemaker, start(sagemaker, job_request))

    statuses: list[str] = []
    deadline = time.monotonic() + 10
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

    job = finished(sagemaker, start(sagemaker, job_request))

    assert job["ProcessingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_the_container_s_error_is_the_failure_reason(aws: EmbeddedAws, sagemaker: Any, make_data: Any) -> None:
    request = prepare(aws, make_data.TRAINING_DATA, {**CONFIG, "label": "paid"})

    job = finished(sagemaker, start(sagemaker, request))

    assert job["FailureReason"].startswith("ClientError: 'label' is column 'paid'")


def test_a_name_is_used_once(sagemaker: Any, job_request: dict[str, Any]) -> None:
    finished(sagemaker, start(sagemaker, job_request))

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

    assert finished(sagemaker, start(sagemaker, job_request))["ProcessingJobStatus"] == "Stopped"


def test_a_job_of_no_such_name(sagemaker: Any) -> None:
    with pytest.raises(ClientError, match="Could not find requested job with name: nobody"):
        sagemaker.describe_processing_job(ProcessingJobName="nobody")


def test_regions_are_apart(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    name = start(sagemaker, job_request)

    summaries = aws.client("sagemaker", region="us-east-1").list_processing_jobs()["ProcessingJobSummaries"]

    assert name not in [summary["ProcessingJobName"] for summary in summaries]
    finished(sagemaker, name)


def test_what_is_not_served_is_refused_by_name(sagemaker: Any) -> None:
    with pytest.raises(ClientError, match="does not serve sagemaker:ListEndpoints"):
        sagemaker.list_endpoints()


# Faults


def test_the_next_job_fails(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    aws.fail_next_job("ClientError: out of luck", exit_message="sorry")

    job = finished(sagemaker, start(sagemaker, job_request))

    assert (job["FailureReason"], job["ExitMessage"]) == ("ClientError: out of luck", "sorry")


def test_the_next_job_writes_nothing(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    aws.empty_next_job()

    name = start(sagemaker, job_request)

    assert finished(sagemaker, name)["ProcessingJobStatus"] == "Completed"
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=name, Prefix="results/")


def test_a_full_quota(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    aws.limit_processing_instances(1)
    aws.slow_next_job(60)
    name = start(sagemaker, job_request)
    second = {**job_request, "ProcessingJobName": f"{name}-2"}

    with pytest.raises(
        sagemaker.exceptions.ResourceLimitExceeded, match=r"'ml.m5.xlarge for processing job usage' is 1"
    ):
        sagemaker.create_processing_job(**second)

    sagemaker.stop_processing_job(ProcessingJobName=name)
    finished(sagemaker, name)
    finished(sagemaker, start(sagemaker, second))


def once(aws: EmbeddedAws, service: str) -> Any:
    """A client that does not try again."""
    client: Any = boto3.client  # its overloads know literal names only
    return client(
        service,
        endpoint_url=aws.endpoint_url,
        region_name=aws.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 (any will do)
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_the_next_calls_are_refused(aws: EmbeddedAws, sagemaker: Any) -> None:
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


def test_an_answer_is_lost(aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any]) -> None:
    client = once(aws, "sagemaker")
    aws.fail_next_calls("sagemaker:CreateProcessingJob", code="InternalFailure", status=500, lose_answer=True)

    with pytest.raises(ClientError, match="InternalFailure"):
        client.create_processing_job(**job_request)

    assert finished(sagemaker, job_request["ProcessingJobName"])["ProcessingJobStatus"] == "Completed"


def test_models_may_come_later(aws: EmbeddedAws, sagemaker: Any, make_data: Any, diabetes_model: Path) -> None:
    config = {**CONFIG, "predictor": {"model_name": "later"}, "methods": {"post_training_bias": {"methods": "all"}}}

    before = finished(sagemaker, start(sagemaker, prepare(aws, make_data.TRAINING_DATA, config)))
    aws.add_model("later", diabetes_model)
    after = finished(sagemaker, start(sagemaker, prepare(aws, make_data.TRAINING_DATA, config)))

    assert 'Could not find model "later"' in before["FailureReason"]
    assert after["ProcessingJobStatus"] == "Completed"


def test_reset_empties_the_account(diabetes_model: Path, make_data: Any) -> None:
    with EmbeddedAws(models={"diabetes-model": diabetes_model}) as aws:
        request = prepare(aws, make_data.TRAINING_DATA)
        aws.slow_next_job(60)
        aws.client("sagemaker").create_processing_job(**request)
        aws.limit_processing_instances(1)

        aws.reset()

        assert aws.client("sagemaker").list_processing_jobs()["ProcessingJobSummaries"] == []
        assert aws.client("s3").list_buckets()["Buckets"] == []
        name = start(aws.client("sagemaker"), prepare(aws, make_data.TRAINING_DATA))
        assert finished(aws.client("sagemaker"), name)["ProcessingJobStatus"] == "Completed"


# CloudFormation and Step Functions


LACKING = sorted(set(re.findall(r"`(AWS::\w+::\w+)`", (ROOT / "docs" / "local.md").read_text())))


@pytest.mark.parametrize("type_", LACKING)
def test_what_the_documentation_says_is_lacking_is_refused(aws: EmbeddedAws, type_: str) -> None:
    template = {"Resources": {"Lacking": {"Type": type_}}}

    with pytest.raises(ClientError, match=rf"Unrecognized resource types: \[{type_}\]"):
        aws.client("cloudformation").create_stack(StackName="lacking", TemplateBody=json.dumps(template))


def test_a_vpc_tells_its_cidr_block(aws: EmbeddedAws) -> None:
    cloudformation = aws.client("cloudformation")
    template = {
        "Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}},
        "Outputs": {"Block": {"Value": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}}},
    }

    cloudformation.create_stack(StackName="vpc", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="vpc", WaiterConfig={"Delay": 1})

    (stack,) = cloudformation.describe_stacks(StackName="vpc")["Stacks"]
    assert [output["OutputValue"] for output in stack["Outputs"]] == ["10.1.0.0/16"]


@pytest.mark.parametrize(
    ("rate", "attempts"),
    [
        (1.0, 1 + 4),  # every half second instead of every second, for two seconds
        (1.1, 1 + 2),
    ],
)
def test_what_is_retried_at_a_steady_rate_is_retried_sooner_and_for_as_long(
    aws: EmbeddedAws, rate: float, attempts: int
) -> None:
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": rate}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:describeTable",
        "Parameters": {"TableName": "there-is-none"},
        "Retry": [retry],
        "End": True,
    }
    states, name = aws.client("stepfunctions"), f"ask-{uuid4().hex[:8]}"
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    definition = json.dumps({"StartAt": "Ask", "States": {"Ask": task}})
    machine = states.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]

    started = time.monotonic()
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    while states.describe_execution(executionArn=execution)["status"] == "RUNNING":
        time.sleep(0.05)

    assert 2 <= time.monotonic() - started < 10
    events = states.get_execution_history(executionArn=execution)["events"]
    assert [event["type"] for event in events].count("TaskFailed") == attempts


# IAM


S3_ACCESS = ["s3:ListBucket", "s3:GetObject", "s3:PutObject"]


@pytest.mark.parametrize(
    ("actions", "reason"),
    [
        (["s3:GetObject", "s3:PutObject"], "s3:ListBucket"),
        (["s3:ListBucket", "s3:PutObject"], "Data download failed:"),
        (["s3:ListBucket", "s3:GetObject"], "Data upload failed:"),
    ],
)
def test_a_job_works_with_its_own_role(
    strict_aws: EmbeddedAws, make_data: Any, actions: list[str], reason: str
) -> None:
    request = prepare(strict_aws, make_data.TRAINING_DATA, Action=actions)
    sagemaker = strict_aws.client("sagemaker")

    job = finished(sagemaker, start(sagemaker, request))

    assert job["ProcessingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_a_job_with_what_it_needs(strict_aws: EmbeddedAws, make_data: Any) -> None:
    request = prepare(strict_aws, make_data.TRAINING_DATA, Action=S3_ACCESS)
    sagemaker = strict_aws.client("sagemaker")

    assert finished(sagemaker, start(sagemaker, request))["ProcessingJobStatus"] == "Completed"


def test_a_model_takes_what_a_shadow_endpoint_takes(strict_aws: EmbeddedAws, make_data: Any) -> None:
    config = {
        **CONFIG,
        "predictor": {"model_name": "diabetes-model"},
        "methods": {"post_training_bias": {"methods": "all"}},
    }
    sagemaker = strict_aws.client("sagemaker")
    endpoint = ["sagemaker:*Model", "sagemaker:*Endpoint", "sagemaker:*EndpointConfig"]

    without_tags = prepare(strict_aws, make_data.TRAINING_DATA, config, Action=[*S3_ACCESS, *endpoint])
    complete = prepare(strict_aws, make_data.TRAINING_DATA, config, Action=[*S3_ACCESS, *endpoint, "sagemaker:AddTags"])

    assert (
        "not authorized to perform: sagemaker:AddTags"
        in finished(sagemaker, start(sagemaker, without_tags))["FailureReason"]
    )
    assert finished(sagemaker, start(sagemaker, complete))["ProcessingJobStatus"] == "Completed"


def caller(aws: EmbeddedAws, *statements: dict[str, Any]) -> Any:
    """A SageMaker client of a user who may do what the statements say."""
    iam, name = aws.client("iam"), f"user-{uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client(
        "sagemaker",
        endpoint_url=aws.endpoint_url,
        region_name=aws.region,
        verify=aws.environment["AWS_CA_BUNDLE"],
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def test_the_caller_needs_the_job_the_role_and_the_tags(strict_aws: EmbeddedAws, make_data: Any) -> None:
    request = prepare(strict_aws, make_data.TRAINING_DATA, Action=S3_ACCESS)
    name, role = request["ProcessingJobName"], request["RoleArn"]
    request["Tags"] = [{"Key": "team", "Value": "fairness"}]
    job = f"arn:aws:sagemaker:{strict_aws.region}:{strict_aws.account}:processing-job"
    create = {"Action": "sagemaker:CreateProcessingJob", "Resource": f"{job}/test-*"}
    tag = {"Action": "sagemaker:AddTags", "Resource": f"{job}/*"}
    passing = {
        "Action": "iam:PassRole",
        "Resource": role,
        "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    }
    to_lambda = {**passing, "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}

    for statements, action, resource in [
        ([{**create, "Resource": f"{job}/other-*"}], "sagemaker:CreateProcessingJob", f"{job}/{name}"),
        ([create, passing], "sagemaker:AddTags", f"{job}/{name}"),
        ([create, tag], "iam:PassRole", role),
        ([create, tag, to_lambda], "iam:PassRole", role),
    ]:
        with pytest.raises(ClientError) as raised:
            caller(strict_aws, *statements).create_processing_job(**request)
        assert raised.value.response["Error"]["Code"] == "AccessDeniedException"
        assert f"is not authorized to perform: {action} on resource: {resource}" in str(raised.value)

    caller(strict_aws, create, tag, passing).create_processing_job(**request)
    assert finished(strict_aws.client("sagemaker"), name)["ProcessingJobStatus"] == "Completed"


# Life and death


def alive(process_group: int) -> list[str]:
    """The processes of a group that still live."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == process_group and fields[0] != "Z":
                found.append(entry.name)
    return found


def gone(process_group: int, directory: Path) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not alive(process_group) and not directory.exists():
            return True
        time.sleep(0.1)
    return False


linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")


@linux_only
def test_nothing_is_left_behind(make_data: Any) -> None:
    with EmbeddedAws() as aws:
        aws.slow_next_job(60)
        aws.client("sagemaker").create_processing_job(**prepare(aws, make_data.TRAINING_DATA))
        group, directory = aws.process_id, aws.directory
        assert alive(group)

    assert gone(group, directory)


@linux_only
def test_nothing_is_left_behind_after_an_exception() -> None:
    started: list[Any] = []

    def fail() -> None:
        with EmbeddedAws() as aws:
            started.extend([aws.process_id, aws.directory])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    group, directory = started
    assert gone(group, directory)


SCRIPT = """
import signal
from cdk_clarify_monitors_local import EmbeddedAws
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it, and so would this one
with EmbeddedAws() as aws:
    print(aws.process_id, aws.directory, flush=True)
    signal.pause()
"""


@linux_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind_however_its_parent_ends(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        group, directory = process.stdout.readline().decode().split()
        os.kill(process.pid, number)
        process.wait(timeout=30)

        assert gone(int(group), Path(directory))


def test_it_ends_at_once_although_clients_keep_their_connections() -> None:
    for auth in (False, True):
        with EmbeddedAws(auth=auth) as aws:
            client = aws.client("s3")
            client.list_buckets()
            started = time.monotonic()

        assert time.monotonic() - started < 3, f"{auth=}"


def test_a_taken_port_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(EmbeddedAwsError, match=f"Port {port} of 127.0.0.1 cannot be used"):
            EmbeddedAws(port=port).start()


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedAwsError, match="The model 'credit' has no file"):
        EmbeddedAws(models={"credit": tmp_path / "nothing.joblib"})


def test_it_listens_on_this_machine_only(aws: EmbeddedAws) -> None:
    host = socket.gethostname()
    port = int(aws.endpoint_url.rpartition(":")[2])
    addresses = {info[4][0] for info in socket.getaddrinfo(host, port, socket.AF_INET)} - {"127.0.0.1", "127.0.1.1"}

    for address in addresses:
        with socket.socket() as client:
            client.settimeout(2)
            assert client.connect_ex((str(address), port)) != 0
    assert aws.endpoint_url.startswith("http://127.0.0.1:")


def test_its_environment_leaves_nothing_of_other_accounts(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")

    environment = aws.environment

    assert "AWS_PROFILE" not in environment
    assert "AWS_SESSION_TOKEN" not in environment
    assert environment["AWS_ENDPOINT_URL"] == aws.endpoint_url
    assert environment["PATH"] == os.environ["PATH"]
