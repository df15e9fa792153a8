"""Every answer of the embedded SageMaker has the form that AWS's description of the API gives it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import pytest
from botocore.validate import ParamValidator

from cdk_clarify_monitors_local import EmbeddedAws
from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._faults import Faults
from cdk_clarify_monitors_local.server._platform import Scope
from cdk_clarify_monitors_local.server._requests import service_model, violations
from tests.local_.processing_job import finished
from tests.local_.test_resource_types import ENDPOINT, new_control_plane
from tests.support.embedded_aws.account import wait_for

SCOPE = Scope("123456789012", "eu-west-1")
Recorded = list[tuple[str, Any]]


class IdleRunner:
    """Takes jobs on and never begins with them."""

    def start(self, *args: Any) -> None:
        return None


def timestamps(shape: Any, value: Any) -> Iterator[Any]:
    """Yield every timestamp in a value of the given shape."""
    if shape.type_name == "timestamp":
        yield value
    elif shape.type_name == "structure":
        for name in shape.members.keys() & value.keys():
            yield from timestamps(shape.members[name], value[name])
    elif shape.type_name == "list":
        for item in value:
            yield from timestamps(shape.member, item)


def faults_of(operation: str, answer: Any) -> list[str]:
    """Return what is wrong with an answer: types, members, enumerations, patterns, limits, timestamps."""
    shape = service_model().operation_model(operation).output_shape
    if shape is None:
        return [] if answer == {} else [f"{operation} has no output, got {answer}"]
    found = [*violations(shape, answer), ParamValidator().validate(answer, shape).generate_report()]
    # JSON protocols send seconds since 1970; a client would take text or milliseconds for another moment, or fail.
    for moment in timestamps(shape, answer):
        if isinstance(moment, bool) or not isinstance(moment, int | float) or not 1.7e9 < moment < 1e10:
            found.append(f"{moment!r} is no timestamp")
    return [f"{operation}: {fault}" for fault in found if fault]


def job_definition(kind: str, name: str, role: str) -> dict[str, Any]:
    job_input: dict[str, Any] = {
        "EndpointInput": {"EndpointName": "an-endpoint", "LocalPath": "/opt/ml/processing/input"}
    }
    if kind == "ModelBias":
        job_input["GroundTruthS3Input"] = {"S3Uri": "s3://bucket/truth"}
    output = {"S3Uri": "s3://bucket/out", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
    return {
        "JobDefinitionName": name,
        "RoleArn": role,
        f"{kind}AppSpecification": {"ImageUri": "image", "ConfigUri": "s3://bucket/analysis_config.json"},
        f"{kind}JobInput": job_input,
        f"{kind}JobOutputConfig": {"MonitoringOutputs": [{"S3Output": output}]},
        f"{kind}BaselineConfig": {"ConstraintsResource": {"S3Uri": "s3://bucket/analysis.json"}},
        "JobResources": {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}},
        "NetworkConfig": {"EnableNetworkIsolation": True},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "Tags": [{"Key": "team", "Value": "fairness"}],
    }


class Blocked:
    """What takes a minute to load."""

    def __reduce__(self) -> tuple[Any, ...]:
        return time.sleep, (60,)


def use_every_operation(aws: EmbeddedAws, sagemaker: Any, request: dict[str, Any], blocked_model: Path) -> None:
    """Call each operation, and those that describe for each state that something can be in."""
    name, role = request["ProcessingJobName"], request["RoleArn"]
    for suffix, prepare_fault in [
        ("completed", aws.clear_faults),
        ("failed", lambda: aws.fail_next_job("ClientError: out of luck")),
        ("stopped", lambda: aws.slow_next_job(60)),
    ]:
        prepare_fault()
        job = {"ProcessingJobName": f"{name}-{suffix}"}
        arn = sagemaker.create_processing_job(**request | job | {"Environment": {"A": "b"}})["ProcessingJobArn"]
        sagemaker.describe_processing_job(**job)
        sagemaker.list_processing_jobs(NameContains=name)
        if suffix == "stopped":
            sagemaker.stop_processing_job(**job)
        finished(sagemaker, job["ProcessingJobName"])
        sagemaker.list_processing_jobs(NameContains=name)
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
        sagemaker.list_tags(ResourceArn=arn)
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])
        sagemaker.delete_processing_job(**job)
    use_endpoints(aws, sagemaker, name, role, blocked_model)
    for kind, words in [("ModelBias", "model_bias"), ("ModelExplainability", "model_explainability")]:
        definition, schedule = {"JobDefinitionName": f"{name}-{kind}"}, {"MonitoringScheduleName": f"{name}-{kind}"}
        getattr(sagemaker, f"create_{words}_job_definition")(**job_definition(kind, f"{name}-{kind}", role))
        getattr(sagemaker, f"describe_{words}_job_definition")(**definition)
        getattr(sagemaker, f"list_{words}_job_definitions")()
        config = {
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            "MonitoringJobDefinitionName": f"{name}-{kind}",
            "MonitoringType": kind,
        }
        sagemaker.create_monitoring_schedule(**schedule, MonitoringScheduleConfig=config)
        sagemaker.describe_monitoring_schedule(**schedule)
        sagemaker.update_monitoring_schedule(**schedule, MonitoringScheduleConfig=config)
        sagemaker.stop_monitoring_schedule(**schedule)
        sagemaker.describe_monitoring_schedule(**schedule)
        sagemaker.start_monitoring_schedule(**schedule)
        assert sagemaker.describe_monitoring_schedule(**schedule)["EndpointName"] == "an-endpoint"
        for endpoint, count in [("an-endpoint", 1), ("another", 0)]:
            listed = sagemaker.list_monitoring_schedules(NameContains=f"{name}-{kind}", EndpointName=endpoint)
            assert [each["EndpointName"] for each in listed["MonitoringScheduleSummaries"]] == ["an-endpoint"] * count
        aws.execute_schedule(f"{name}-{kind}")
        sagemaker.describe_monitoring_schedule(**schedule)
        sagemaker.list_monitoring_executions(**schedule)
        aws.keep_schedule_busy(f"{name}-{kind}", seconds=300)
        sagemaker.describe_monitoring_schedule(**schedule)
        sagemaker.list_monitoring_executions(**schedule)
        sagemaker.list_monitoring_alerts(**schedule)
        sagemaker.list_monitoring_alert_history(**schedule)
        sagemaker.update_monitoring_alert(
            **schedule, MonitoringAlertName=f"{name}-{kind}", DatapointsToAlert=1, EvaluationPeriod=2
        )
        aws.clear_faults()
        sagemaker.delete_monitoring_schedule(**schedule)
        getattr(sagemaker, f"delete_{words}_job_definition")(**definition)
    sagemaker.delete_endpoint(EndpointName="an-endpoint")
    sagemaker.delete_endpoint_config(EndpointConfigName="a-config")
    sagemaker.delete_model(ModelName="a-model")


def is_stopped(sagemaker: Any, name: str) -> bool:
    return bool(sagemaker.describe_transform_job(TransformJobName=name)["TransformJobStatus"] == "Stopped")


def use_endpoints(aws: EmbeddedAws, sagemaker: Any, name: str, role: str, blocked_model: Path) -> None:
    model, config, endpoint = ENDPOINT.values()
    sagemaker.create_model(**model, ExecutionRoleArn=role)
    sagemaker.describe_model(ModelName="a-model")
    sagemaker.list_models(NameContains="a-model")
    options = [{"CaptureMode": "InputAndOutput"}]
    capture = {"InitialSamplingPercentage": 50, "DestinationS3Uri": "s3://bucket/capture", "CaptureOptions": options}
    sagemaker.create_endpoint_config(**config, DataCaptureConfig=capture)
    sagemaker.describe_endpoint_config(EndpointConfigName="a-config")
    sagemaker.list_endpoint_configs(NameContains="a-config")
    sagemaker.create_endpoint(**endpoint)
    sagemaker.update_endpoint(**endpoint)
    sagemaker.describe_endpoint(EndpointName="an-endpoint")
    sagemaker.list_endpoints(NameContains="an-endpoint")
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{name}/train.csv"}}
    aws.add_model("a-model", blocked_model)
    sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName="a-model",
        TransformInput={"DataSource": source},
        TransformOutput={"S3OutputPath": f"s3://{name}/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    sagemaker.describe_transform_job(TransformJobName=name)
    sagemaker.stop_transform_job(TransformJobName=name)
    wait_for("its end", lambda: is_stopped(sagemaker, name))
    sagemaker.describe_transform_job(TransformJobName=name)
    sagemaker.list_transform_jobs(NameContains=name)


@pytest.mark.deploy
def test_every_answer_fits_the_api(
    aws: EmbeddedAws, sagemaker: Any, job_request: dict[str, Any], tmp_path: Path
) -> None:
    answers: Recorded = []
    joblib.dump(Blocked(), tmp_path / "blocked.joblib")

    def record(operation_model: Any, response_dict: Any, **_: Any) -> None:
        answers.append((operation_model.name, json.loads(response_dict["body"])))

    sagemaker.meta.events.register("before-parse.sagemaker", record)

    use_every_operation(aws, sagemaker, job_request, tmp_path / "blocked.joblib")

    assert {operation for operation, _ in answers} == new_control_plane(IdleRunner(), Faults()).operations
    assert [fault for operation, answer in answers for fault in faults_of(operation, answer)] == []
    statuses = {answer.get("ProcessingJobStatus") or answer.get("MonitoringScheduleStatus") for _, answer in answers}
    assert statuses >= {"InProgress", "Completed", "Failed", "Stopped", "Scheduled"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"ProcessingJobStatus": "Done"}, "enum"),
        ({"ProcessingJobArn": None}, "null"),
        ({"CreationTime": "2026-11-01T00:00:00Z"}, "no timestamp"),
        ({"CreationTime": 1_800_000_000_000}, "no timestamp"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": "60"}}, "integer"),
        ({"Colour": "red"}, "Unknown"),
    ],
)
def test_a_wrong_answer_is_noticed(change: dict[str, Any], fault: str) -> None:
    answer = {
        "ProcessingJobName": "a",
        "ProcessingJobArn": SCOPE.arn("processing-job", "a"),
        "ProcessingJobStatus": "Completed",
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        },
        "AppSpecification": {"ImageUri": "image"},
        "CreationTime": 1_800_000_000.5,
    }
    assert faults_of("DescribeProcessingJob", answer) == []

    assert fault in "".join(faults_of("DescribeProcessingJob", answer | change))


# What the shapes do not say


def job(name: str) -> dict[str, Any]:
    return {
        "ProcessingJobName": name,
        "RoleArn": "arn:aws:iam::123456789012:role/any",
        "AppSpecification": {"ImageUri": "image"},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        },
    }


def test_a_stopping_job_cannot_be_deleted() -> None:
    control_plane = new_control_plane(IdleRunner(), Faults())
    control_plane.call(SCOPE, "CreateProcessingJob", job("a"))
    control_plane.call(SCOPE, "StopProcessingJob", {"ProcessingJobName": "a"})

    with pytest.raises(ApiError, match="in status Stopping") as raised:
        control_plane.call(SCOPE, "DeleteProcessingJob", {"ProcessingJobName": "a"})

    assert raised.value.code == "ResourceInUse"
    described = control_plane.call(SCOPE, "DescribeProcessingJob", {"ProcessingJobName": "a"})
    assert described["ProcessingJobStatus"] == "Stopping"


def test_a_description_repeats_the_request() -> None:
    control_plane = new_control_plane(IdleRunner(), Faults())
    request = job("a") | {"Environment": {"A": "b"}, "StoppingCondition": {"MaxRuntimeInSeconds": 60}}
    control_plane.call(SCOPE, "CreateProcessingJob", request | {"Tags": [{"Key": "a", "Value": "b"}]})

    described = control_plane.call(SCOPE, "DescribeProcessingJob", {"ProcessingJobName": "a"})

    assert described.items() >= request.items()
    assert "Tags" not in described


@pytest.mark.parametrize(
    ("order", "expected"), [({}, "cba"), ({"SortOrder": "Descending"}, "cba"), ({"SortOrder": "Ascending"}, "abc")]
)
def test_jobs_are_listed_in_the_order_asked_for(order: dict[str, str], expected: str) -> None:
    control_plane = new_control_plane(IdleRunner(), Faults())
    for name in "abc":
        control_plane.call(SCOPE, "CreateProcessingJob", job(name))

    summaries = control_plane.call(SCOPE, "ListProcessingJobs", order)["ProcessingJobSummaries"]

    assert "".join(summary["ProcessingJobName"] for summary in summaries) == expected
