"""docs/troubleshooting.md quotes messages that the library really gives: each one is provoked here."""

from __future__ import annotations

import dataclasses
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import aws_cdk as cdk
import pandas as pd
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.aws_sagemaker import CfnEndpoint, CfnEndpointConfig, CfnModel

from cdk_clarify_monitors import (
    BaselineFunctions,
    BaselineOptions,
    BiasConfig,
    BiasConstraint,
    DataCapture,
    DataConfig,
    EndpointInput,
    ModelPredictedLabelConfig,
    NetworkConfig,
    SHAPConfig,
)
from cdk_clarify_monitors_lambda.clarify_baseline.model.errors import BaselineError
from cdk_clarify_monitors_lambda.clarify_baseline.schedule_guard import ScheduleGuard
from cdk_clarify_monitors_local import CdkError, _cli
from cdk_clarify_monitors_local.cdk import _cdk_cli
from tests.support.container.container_job import Job
from tests.support.container.credit import bias
from tests.support.monitors.builders import bias_monitor, data_config, explainability_monitor, model_config
from tests.support.pages import code_of, rows
from tests.support.repository import ROOT
from tests.support.simulation.simulated_aws import Fault, Plan, SimulatedAws
from tests.support.simulation.simulated_cloudformation import Stack, document, properties, variant
from tests.support.templates.annotations import warnings_of

PAGE = ROOT / "docs" / "troubleshooting.md"
DOCUMENTED = [code_of(row[0])[0] for row in rows(PAGE)]

ACCOUNT, OTHER_ACCOUNT, REGION = "111111111111", "999999999999", "eu-central-1"
HOURLY = "cron(0 * ? * * *)"


def fits(message: str, documented: str) -> bool:
    """Whether a message is the documented one, where `…` stands for anything."""
    pattern = ".+?".join(map(re.escape, documented.split("…")))
    return re.fullmatch(pattern, message, re.DOTALL) is not None


# ---------------------------------------------------------------- at synthesis
def _stack(region: str = REGION) -> cdk.Stack:
    app = cdk.App(analytics_reporting=False)
    return cdk.Stack(app, "Stack", env=cdk.Environment(account=ACCOUNT, region=region))


def _local_data(folder: Path) -> DataConfig:
    path = folder / "train.csv"
    path.write_text("approved,age\n1,41\n0,23\n")
    return DataConfig.from_asset(_stack(), "Data", path, label="approved")


def _capture(stack: cdk.Stack, **changes: Any) -> DataCapture:
    bucket = s3.Bucket.from_bucket_attributes(stack, "Captured", bucket_name="captured", account=OTHER_ACCOUNT)
    return DataCapture(bucket, "loans", **changes)


def _captured_elsewhere(stack: cdk.Stack) -> None:
    capture = _capture(stack)
    config = CfnEndpointConfig(stack, "Config", production_variants=[], data_capture_config=capture.data_capture_config)
    endpoint = CfnEndpoint(stack, "Endpoint", endpoint_config_name=config.attr_endpoint_config_name)
    bias_monitor(stack, endpoint_input=endpoint, data_capture=dataclasses.replace(capture, prefix="other"))


def _two_data_sets() -> DataConfig:
    return data_config(predicted_label_dataset_uri="s3://data/predicted.csv", predicted_label="predicted")


def _sharded() -> EndpointInput:
    return EndpointInput("loans", "/opt/ml/x", s3_data_distribution_type="ShardedByS3Key")


def _instances_apart(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    isolated = NetworkConfig(enable_network_isolation=True)
    without_model: dict[str, Any] = {"model_config": None, "data_config": data_config(predicted_label="debt")}
    bias_monitor(stack, vpc=vpc, security_groups=[group], network_config=isolated, instance_count=2, **without_model)


def _isolated_vpc(stack: cdk.Stack) -> ec2.Vpc:
    isolated = ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return ec2.Vpc(stack, "Vpc", subnet_configuration=[isolated])


def _vpc_after_a_monitor() -> None:
    stack = _stack()
    bias_monitor(stack)
    BaselineFunctions.of(stack).run_in_vpc(ec2.Vpc(stack, "Vpc"))


NOT_ENOUGH: dict[str, Any] = {
    "data_config": None,
    "bias_config": None,
    "model_config": None,
    "model_predicted_label_config": None,
}

LIMIT = BiasConstraint("DPPL", at_most=0.1)

# Each is called with an empty folder.
REFUSED: list[Callable[[Path], object]] = [
    lambda _: bias_monitor(_stack(), endpoint_input=None),
    lambda _: bias_monitor(_stack(), ground_truth_input=None),
    lambda _: bias_monitor(_stack(), **NOT_ENOUGH),
    lambda _: bias_monitor(_stack(), bias_config=None),
    lambda _: bias_monitor(_stack(), model_config=None),
    lambda _: bias_monitor(_stack(), data_config=None),
    lambda _: data_config(s3_data_input_path="train.csv"),
    lambda _: DataConfig.from_asset(_stack(), "Data", "nowhere.csv"),
    lambda _: data_config(s3_compression_type="Gzip"),
    lambda _: bias_monitor(_stack(), bias_config=BiasConfig([1], "sex")),
    lambda _: data_config(label="denied"),
    lambda folder: DataConfig.from_asset(_stack(), "Data", _local_data(folder)._file._path, label="approbed"),  # type: ignore[union-attr]
    lambda folder: bias_monitor(_stack(), data_config=_local_data(folder), bias_config=BiasConfig([2], "age", [40])),
    lambda folder: bias_monitor(_stack(), data_config=_local_data(folder), bias_config=BiasConfig([0], "age", [10])),
    lambda folder: dataclasses.replace(_local_data(folder), headers=["Approved", "Age"], label="Approved"),
    lambda _: bias_monitor(_stack(), data_config=data_config(excluded_columns=["age"])),
    lambda _: explainability_monitor(_stack(), explainability_config=SHAPConfig(features_to_explain=["approved"])),
    lambda _: explainability_monitor(_stack(), explainability_config=SHAPConfig(baseline=[[35]])),
    lambda _: ModelPredictedLabelConfig(probability_threshold=1),
    lambda _: model_config(content_type="application/json"),
    lambda _: model_config(endpoint_name="loans-endpoint"),
    lambda _: bias_monitor(_stack(), schedule_cron_expression="rate(1 hour)"),
    lambda _: bias_monitor(_stack(), schedule_cron_expression="NOW"),
    lambda _: bias_monitor(_stack(), schedule_cron_expression=HOURLY, max_runtime_in_seconds=3600),
    lambda _: BaselineOptions(timeout=cdk.Duration.hours(24)),
    lambda _: bias_monitor(_stack(), endpoint_input=EndpointInput("e", "/opt/ml/x", exclude_features_attribute="0")),
    lambda _: BiasConstraint("DI", at_least=0.8),  # type: ignore[arg-type]
    lambda _: BiasConstraint("DI", at_most=0.8),
    lambda _: explainability_monitor(_stack(), constraints_overrides=[LIMIT]),
    lambda _: bias_monitor(_stack(), constraints_overrides=[LIMIT], constraints="s3://models/analysis.json"),
    lambda _: bias_monitor(_stack(), constraints_overrides=[LIMIT], baseline=BaselineOptions(wait=False)),
    lambda _: bias_monitor(_stack(), constraints_overrides=[LIMIT, LIMIT]),
    lambda _: bias_monitor(_stack(), constraints_overrides=[BiasConstraint("DPPL", at_most=0.1, facet="sex")]),
    lambda _: bias_monitor(_stack(), role="MyRole"),
    lambda _: explainability_monitor(_stack(), explainability_config=SHAPConfig(baseline=[{cdk.Aws.REGION: 1}])),
    lambda _: data_config(s3_output_path="s3://results_/x"),
    lambda _: data_config(s3_data_input_path="s3://data/train", s3_output_path="s3://data/training-results"),
    lambda _: _data_set_around_the_monitor(),
    lambda _: bias_monitor(_stack(), model_predicted_label_config=ModelPredictedLabelConfig(label="x" * 257)),
    lambda _: data_config(label="\ud800"),
    lambda _: explainability_monitor(
        _stack(), model_config=model_config(accept_type="application/json"), model_scores=0
    ),
    lambda _: bias_monitor(_stack(), env={f"V{number}": "x" for number in range(50)}),
    lambda _: bias_monitor(_stack(), endpoint_input=CfnModel(_stack(), "Model")),
    lambda _: bias_monitor(
        _stack(), endpoint_input=CfnEndpoint(_stack("us-east-1"), "E", endpoint_config_name="loans")
    ),
    lambda _: bias_monitor(_stack(), data_capture=_capture(_stack(), capture_options=["Input"])),
    lambda _: bias_monitor(
        _stack(),
        vpc=ec2.Vpc(_stack(), "Vpc"),
        network_config=NetworkConfig(subnets=["subnet-1"], security_group_ids=["sg-1"]),
    ),
    lambda _: bias_monitor(_stack(), data_config=_two_data_sets(), model_config=None, instance_count=2),
    lambda _: bias_monitor(_stack(), endpoint_input=_sharded(), instance_count=2),
    lambda _: bias_monitor(_stack()).connections,
    lambda _: bias_monitor(_stack(), base_job_name=cdk.Aws.STACK_NAME),
    lambda _: _two_schedules_of_one_name(),
    lambda folder: bias_monitor(
        _stack("us-east-1"), data_config=_local_data(folder), bias_config=BiasConfig([0], "age", [40])
    ),
    lambda _: BiasConfig.from_analysis_config(
        {"label_values_or_threshold": [1], "facet": [{"name_or_index": "age"}], "gender": 1}
    ),
    lambda _: BiasConfig.from_analysis_config({"gender": 1, "predictor": {"wait": True}}),
    lambda _: bias_monitor(_stack(), EndpointName="loans-endpoint"),
    lambda _: _two_monitors_of_one_id(),
    lambda _: bias_monitor(_stack("ap-southeast-5")),
    lambda _: _vpc_after_a_monitor(),
    lambda _: explainability_monitor(_stack(), explainability_config=SHAPConfig(baseline=[[1.25, 2, 3]] * 200_000)),
    lambda _: _properties_of_which_two_do_not_fit(),
    lambda _: bias_monitor(_stack(), bias_config=BiasConfig([1], "approved")),
    lambda _: EndpointInput("loans", "/opt/ml/x", start_time_offset="PT1H"),
    lambda _: BiasConstraint("DPPL", at_most=10),
    lambda _: bias_monitor(
        _stack(),
        model_config=model_config(accept_type="text/csv"),
        model_predicted_label_config=ModelPredictedLabelConfig(label="approved"),
    ),
    lambda _: _group_of_another_vpc(),
]


def _group_of_another_vpc() -> None:
    stack = _stack()
    group = ec2.SecurityGroup(stack, "Group", vpc=ec2.Vpc(stack, "Other"))
    bias_monitor(stack, vpc=ec2.Vpc(stack, "Vpc"), security_groups=[group])


def _properties_of_which_two_do_not_fit() -> None:
    stack = _stack()
    bias_monitor(stack, env={f"V{number}": "😀" * 256 for number in range(49)})
    try:
        cdk.Stage.of(stack).synth()  # type: ignore[union-attr]
    except RuntimeError as error:
        raise ValueError(" ".join(str(error).partition(": ")[2].split())) from error


def _two_schedules_of_one_name() -> None:
    stack = _stack()
    for id_ in ("First", "Second"):
        bias_monitor(stack, id_, monitor_schedule_name="loans")


def _two_monitors_of_one_id() -> None:
    stack = _stack()
    for _ in range(2):
        bias_monitor(stack)


def _data_set_around_the_monitor() -> None:
    stack = _stack()
    bucket = s3.Bucket.from_bucket_name(stack, "Given", "central")
    bias_monitor(stack, bucket=bucket, data_config=data_config(s3_data_input_path="s3://central"))


def _validations() -> list[str]:
    """What is found when the app is synthesized."""
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack", tags={"team": "credit"})
    return bias_monitor(stack, tags={f"tag{number}": "x" for number in range(50)}).node.validate()


def _refusals(folder: Path) -> Iterator[str]:
    for call in REFUSED:
        with pytest.raises((ValueError, TypeError)) as refused:
            call(folder)
        yield str(refused.value)


def _unfinished_serving(stack: cdk.Stack) -> None:
    config = CfnEndpointConfig(stack, "Config", production_variants=[])
    endpoint = CfnEndpoint(stack, "Endpoint", endpoint_config_name=config.attr_endpoint_config_name)
    named = cdk.CfnParameter(stack, "Model").value_as_string
    bias_monitor(stack, endpoint_input=endpoint.attr_endpoint_name, model_config=model_config(model_name=named))
    CfnEndpoint(stack, "Named", endpoint_name="loans", endpoint_config_name="loans")
    explainability_monitor(stack, endpoint_input="loans")


def _ages(stack: cdk.Stack, rows: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "train.csv")
        path.write_text("approved,age\n" + "".join(f"{'no' if i % 3 else 'yes'},{20 + i % 63}\n" for i in range(rows)))
        data = DataConfig.from_asset(stack, "Data", path, label="approved")
        bias_monitor(stack, data_config=data, bias_config=BiasConfig(["yes"], "age", [40]))


def _warnings() -> Iterator[str]:
    arn = f"arn:aws:kms:{REGION}:{OTHER_ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    warned: list[tuple[str, Callable[[cdk.Stack], object]]] = [
        (
            REGION,
            lambda stack: bias_monitor(
                stack,
                role=iam.Role.from_role_arn(stack, "Role", f"arn:aws:iam::{ACCOUNT}:role/given", mutable=False),
                bucket=s3.Bucket.from_bucket_attributes(stack, "Given", bucket_name="given", account=OTHER_ACCOUNT),
                output_kms_key=kms.Key.from_key_arn(stack, "Key", arn),
                network_config=NetworkConfig(enable_network_isolation=True),
            ),
        ),
        ("cn-north-1", bias_monitor),
        (
            REGION,
            lambda stack: bias_monitor(
                stack,
                instance_type="ml.m5d.large",
                volume_size_in_gb=100,
                volume_kms_key=kms.Key(stack, "Key"),
                instance_count=2,
            ),
        ),
        (REGION, lambda stack: bias_monitor(stack, data_config=data_config(dataset_type="application/jsonlines"))),
        (
            REGION,
            lambda stack: bias_monitor(
                stack,
                data_config=data_config(dataset_type="application/jsonlines", headers=None, label=None),
                ground_truth_input="s3://data/labels/2026/03/02/09",
                bias_config=BiasConfig([15], "age", [40]),
                model_predicted_label_config=None,
            ),
        ),
        (
            REGION,
            lambda stack: bias_monitor(
                stack,
                bias_config=BiasConfig([1], 0),
                endpoint_input=EndpointInput("loans", "/opt/ml/x", start_time_offset="-PT2H"),
                model_predicted_label_config=ModelPredictedLabelConfig(label="approved"),
                constraints_overrides=[BiasConstraint("DPPL", at_most=1)],
            ),
        ),
        (REGION, _unfinished_serving),
        (REGION, _captured_elsewhere),
        (REGION, lambda stack: bias_monitor(stack, vpc=_isolated_vpc(stack))),
        (REGION, _instances_apart),
        (REGION, lambda stack: _ages(stack, 1500)),
        (REGION, lambda stack: _ages(stack, 300)),
        (REGION, lambda stack: explainability_monitor(stack, explainability_config=SHAPConfig(num_samples=5))),
        (
            REGION,
            lambda stack: explainability_monitor(
                stack,
                data_config=None,
                explainability_config=None,
                model_config=None,
                analysis_config="s3://models/config.json",
                constraints="s3://models/analysis.json",
            ),
        ),
    ]
    for region, make in warned:
        stack = _stack(region)
        make(stack)
        for warning in warnings_of(stack):
            yield warning.partition(" [ack: ")[0]


# ---------------------------------------------------------------- during a deployment
def _failure(
    doc: dict[str, Any] | None = None,
    *,
    plan: Plan | None = None,
    fault: Fault | None = None,
    prepare: Callable[[SimulatedAws], None] = lambda aws: None,
    names: Mapping[str, str] = MappingProxyType({}),
    times: int = 1,
) -> str:
    """What CloudFormation is told when a Create fails; the last of several."""
    aws = SimulatedAws()
    prepare(aws)
    aws.plans += [plan] * times if plan else []
    aws.faults += [fault] if fault else []
    stack = Stack(aws)
    reason = ""
    for _ in range(times):
        stack.send(event := {**stack.event("Create", properties(doc) if doc else variant(1)), **names})
        response = stack.wait(event)
        assert response
        assert not response.is_success
        reason = response.reason
    return reason


def _others_use_the_quota(aws: SimulatedAws) -> None:
    aws.quota = 1
    aws.plans.append(Plan(seconds=10_000))
    patient = variant(7, Name="Another", **{"Baselining/TimeoutSeconds": 9000})
    Stack(aws).send(Stack(aws).event("Create", patient))
    aws.world.run_until(aws.world.now + 30)


def _no_quota(aws: SimulatedAws) -> None:
    aws.quota = 0


def _no_trust(aws: SimulatedAws) -> None:
    aws.role_ready_at = float("inf")


def _no_bucket(aws: SimulatedAws) -> None:
    aws.missing_buckets.add("monitor")


def _far_away() -> dict[str, Any]:
    """A document with locations that are nearly as long as S3 allows."""
    bucket = f"s3://{'b' * 63}"
    places = {"Baselining/ConfigLocation": f"{bucket}/{'k' * 930}", "Monitoring/Location": f"{bucket}/{'k' * 970}"}
    doc = document(Name="n" * 63, **places)
    output = doc["Baselining"]["ProcessingJob"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]
    output["S3Uri"] = f"{bucket}/{'k' * 952}"
    return doc


def _failures() -> Iterator[str]:
    yield _failure(plan=Plan(status="Failed", failure_reason="AlgorithmError: no column x"))
    yield _failure(plan=Plan(status="Stopped"))
    yield _failure(plan=Plan(writes_constraints=False))
    yield _failure(plan=Plan(seconds=10_000))
    yield _failure(prepare=_others_use_the_quota)
    yield _failure(prepare=_no_quota)
    yield _failure(prepare=_no_trust)
    yield _failure(fault=Fault("ValidationException", "CreateProcessingJob", 1000, message="no such subnet"))
    yield _failure(fault=Fault("AccessDenied", "PutObject", 1000, message="explicit deny"))
    asset = {"Bucket": "cdk-assets", "Key": "0123.json"}
    yield _failure(document(**{"Monitoring/AnalysisConfig": None, "Monitoring/AnalysisConfigAsset": asset}))
    yield _failure(prepare=_no_bucket)
    yield _failure(plan=Plan(seconds=1, status="Failed"), times=101)
    yield _failure(document(**{"Monitoring/Location": "s3://bucket/a/../b"}))
    yield _failure(document(**{"Monitoring/Location": f"s3://bucket/{'k' * 1000}"}))
    yield _failure(
        _far_away(), names={"StackId": f"arn:aws:cloudformation:{'s' * 200}", "LogicalResourceId": "L" * 255}
    )
    yield _failure(document(Baselining=None), fault=Fault("internal", "PutObject", 10_000))
    yield _failure(document(Version=2))
    limit = {"Metric": "DPPL", "AtMost": 0.1}
    yield _failure(document(**{"Baselining/ConstraintsOverrides": [limit]}))


def _busy_for_too_long() -> str:
    """What CloudFormation is told when a schedule that is to be deleted stays busy."""
    aws = SimulatedAws()
    aws.executing["endless"] = float("inf")
    guard = ScheduleGuard(sagemaker=aws.client("sagemaker"), clock=aws.world.time)
    event = {
        "RequestType": "Delete",
        "RequestId": "1",
        "StackId": "stack",
        "LogicalResourceId": "ClarifyScheduleGuard",
        "PhysicalResourceId": "monitoring-schedules",
        "ResourceProperties": {"Schedules": ["endless"]},
    }
    event |= guard.on_event(event)
    aws.world.now += 3300
    with pytest.raises(BaselineError) as failure:
        guard.is_complete(event)
    return str(failure.value)


def _called_off() -> str:
    """What the functions' log says when another request has taken over."""
    aws = SimulatedAws()
    stack = Stack(aws)
    stack.send(event := stack.event("Create", variant(1)))
    while not aws.jobs:
        aws.world.run_next()
    for bucket, key in [place for place in aws.objects if "/request-" in place[1]]:
        del aws.objects[bucket, key]
    response = stack.wait(event)
    assert response
    return response.reason


# ---------------------------------------------------------------- in the results of a bias monitor
def _misunderstandings(folder: Path) -> Iterator[str]:
    """What ends a job whose data are not understood as they were meant; last, the error of a metric without a facet."""
    job = Job(folder)
    predictions = {"predicted_label": "predicted", "methods": {"post_training_bias": {"methods": "all"}}}

    def train(**columns: Sequence[float]) -> None:
        table = pd.DataFrame(columns)
        table["approved"] = table.index % 2
        table["gender"] = ["F" if row % 3 else "M" for row in table.index]
        table.to_csv(job.data / "train.csv", index=False)

    train(predicted=[0, 1] * 20)
    yield job.fail(bias(headers=None, **predictions))
    train(predicted=[0.0, 1.0] * 25)
    yield job.fail(bias(headers=None, **predictions))
    train(age=range(50))
    yield job.fail(bias(headers=None, facet=[{"name_or_index": "age"}]))
    analysis = job.run(bias(headers=None, facet=[{"name_or_index": "age", "value_or_threshold": [49]}]))
    (group,) = analysis["pre_training_bias_metrics"]["facets"]["age"]
    yield next(metric["error"] for metric in group["metrics"] if metric["name"] == "CI")


# ---------------------------------------------------------------- in the embedded AWS
def _complaints(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        commands = [
            ["run"],
            ["run", "no-such.out"],
            ["run", "--model", "loans", "python app.py"],
            ["run", "--model", "loans=no.joblib", "python app.py"],
            ["show"],
            ["run", "--port", str(taken.getsockname()[1]), "python app.py"],
        ]
        for command in commands:
            capsys.readouterr()
            assert _cli.run(command) == 1
            yield " ".join(capsys.readouterr().err.split())
    tools = folder / "bin"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    for program in ("node", "cdk"):
        with pytest.raises(CdkError) as missing:
            _cdk_cli.find()
        yield str(missing.value)
        (tools / program).write_text("")
        (tools / program).chmod(0o755)


def test_documented_messages_are_those_that_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = [
        *_refusals(tmp_path),
        *_validations(),
        *_warnings(),
        *_failures(),
        _called_off(),
        _busy_for_too_long(),
        *_misunderstandings(tmp_path / "job"),
        *_complaints(tmp_path, monkeypatch, capsys),
    ]

    assert [documented for documented in DOCUMENTED if not any(fits(m, documented) for m in messages)] == []
    assert [m for m in messages if not any(fits(m, documented) for documented in DOCUMENTED)] == []


def test_every_message_has_a_cause_and_a_fix() -> None:
    incomplete = [row[0].content for row in rows(PAGE) if len(row) != 3 or not all(cell.content for cell in row)]
    assert incomplete == []


def test_no_message_is_documented_twice() -> None:
    assert len(DOCUMENTED) == len(set(DOCUMENTED)) > 50
