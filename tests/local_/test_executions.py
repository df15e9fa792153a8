"""An execution of a monitoring schedule does what it does on AWS: jobs, files, statuses, words."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from cdk_clarify_monitors_local import Capture, EmbeddedAws, EmbeddedAwsError
from tests.support.embedded_aws.executions import Monitor, client_of, make_monitor

pytestmark = pytest.mark.deploy

SAMPLES = Path(__file__).parents[1] / "support/recorded/executions/samples"
DUE = datetime(2026, 3, 1, 11, tzinfo=UTC)
FEATURES = ["age", "sex", "income"]
BIAS = {
    "headers": [*FEATURES, "approved"],
    "label": "approved",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "sex", "value_or_threshold": [1]}],
}
SHAP = {
    "headers": FEATURES,
    "methods": {"shap": {"baseline": [[40, 0, 50]], "num_samples": 20, "agg_method": "mean_abs"}},
    "predictor": {"model_name": "credit", "instance_type": "ml.m5.large", "initial_instance_count": 1},
}
PEOPLE = [(20 + number % 50, number % 2, 20 + 3 * (number % 30)) for number in range(80)]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    model = LogisticRegression().fit(np.array(PEOPLE), [int(income > 50) for _, _, income in PEOPLE])
    path = tmp_path_factory.mktemp("models") / "credit.joblib"
    joblib.dump(model, path)
    with EmbeddedAws(models={"credit": path}, region="us-west-2", clock=DUE - timedelta(minutes=40)) as aws:
        yield aws


@pytest.fixture(autouse=True)
def no_faults(aws: EmbeddedAws) -> Iterator[None]:
    yield
    aws.clear_faults()


def captures(*, hour: datetime = DUE - timedelta(hours=1), unfair: bool = False) -> list[Capture]:
    """A request for each person; where it is unfair, the model refuses everybody of sex 1."""
    return [
        Capture(
            ",".join(map(str, person)),
            "0.1" if unfair and person[1] else str(0.9 if person[2] > 50 else 0.2),
            hour + timedelta(seconds=number),
            f"r-{number}",
        )
        for number, person in enumerate(PEOPLE)
    ]


def labels() -> dict[str, int]:
    return {f"r-{number}": int(person[2] > 45) for number, person in enumerate(PEOPLE)}


def serve(monitor: Monitor, *, hour: datetime = DUE - timedelta(hours=1), unfair: bool = False) -> None:
    """Let an hour of requests and labels be there."""
    monitor.aws.put_captures(monitor.uri("capture"), monitor.name, captures(hour=hour, unfair=unfair))
    monitor.aws.put_ground_truth(monitor.uri("truth"), labels(), collected=hour)


@pytest.fixture(scope="module")
def fair(aws: EmbeddedAws) -> dict[str, Any]:
    """The metrics of an hour in which nobody is treated unfairly."""
    monitor = make_monitor(aws, "ModelBias", BIAS)
    serve(monitor)
    aws.execute_schedule(monitor.name, scheduled_time=DUE)
    found: dict[str, Any] = monitor.json(f"out/{monitor.name}/{monitor.name}/2026/03/01/11/analysis.json")
    return found


# Completed


def test_an_hour_like_the_baseline(aws: EmbeddedAws, fair: dict[str, Any]) -> None:
    monitor = make_monitor(aws, "ModelBias", BIAS, constraints=fair)
    serve(monitor)

    execution = aws.execute_schedule(monitor.name)  # due at the next full hour

    sample = json.loads((SAMPLES / "api/list_monitoring_executions.json").read_text())
    assert execution.keys() == sample["MonitoringExecutionSummaries"][0].keys()
    assert execution["MonitoringExecutionStatus"] == "Completed", execution
    assert execution["ScheduledTime"] == DUE
    files = [key.rpartition("/")[2] for key in monitor.keys(f"out/{monitor.name}/")]
    assert files == ["analysis.json", "report.html", "report.ipynb", "report.pdf"]
    analysis, merge = monitor.jobs()
    assert analysis["ExitMessage"] == "Completed: Job completed successfully with no violations."
    assert "ExitMessage" not in merge
    assert execution["ProcessingJobArn"] == analysis["ProcessingJobArn"]


def test_an_unfair_hour(aws: EmbeddedAws, fair: dict[str, Any]) -> None:
    monitor = make_monitor(aws, "ModelBias", BIAS, constraints=fair)
    serve(monitor, unfair=True)

    execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)

    assert execution["MonitoringExecutionStatus"] == "CompletedWithViolations", execution
    folder = f"out/{monitor.name}/{monitor.name}/2026/03/01/11"
    violations = monitor.json(f"{folder}/constraint_violations.json")["violations"]
    analysis, merge = monitor.jobs()
    assert analysis["ExitMessage"] == (
        f"CompletedWithViolations: Job completed successfully with {len(violations)} violations."
    )
    assert analysis["ProcessingJobStatus"] == "Completed"
    assert {"DPPL", "RD"} <= {violation["metric_name"] for violation in violations}
    found = monitor.json(f"{folder}/analysis.json")
    assert list(found) == ["version", "post_training_bias_metrics", "pre_training_bias_metrics"]
    for section in ("post_training_bias_metrics", "pre_training_bias_metrics"):
        assert list(found[section]) == ["label", "facets", "label_value_or_threshold"]
        assert found[section]["label"] == "approved"
    assert_described_like_the_sample(monitor, merge)
    assert re.fullmatch(r"model-bias-monitoring-202603011100-[0-9a-f]{24}", analysis["ProcessingJobName"])
    assert analysis["ProcessingJobName"][-24:] == merge["ProcessingJobName"][-24:]
    environment = analysis["Environment"]
    assert environment["start_time"] == environment["metric_time"] == "2026-03-01T10:00:00Z"
    assert environment["end_time"] == "2026-03-01T11:00:00Z"
    assert environment["sagemaker_endpoint_name"] == monitor.name
    (merged,) = monitor.keys("out/merge/")
    assert re.fullmatch(
        rf"out/merge/{monitor.name}/AllTraffic/2026/03/01/10/part-00000-[0-9a-f-]{{36}}\.c000\.jsonl", merged
    )
    assert len(monitor.text(merged).splitlines()) == len(PEOPLE)


def assert_described_like_the_sample(monitor: Monitor, merge: dict[str, Any]) -> None:
    """Compare the merge job's description with that of a real one, apart from names and times."""
    text = (SAMPLES / "api/describe_processing_job_merge.json").read_text()
    suffix = merge["ProcessingJobName"].rpartition("-")[2]
    for theirs, ours in {
        "s3://my-bucket/output": monitor.uri("out"),
        "s3://my-bucket/ground-truth": monitor.uri("truth"),
        "s3://my-bucket/capture": monitor.uri("capture"),
        "arn:aws:iam::111122223333:role/monitor": merge["RoleArn"],
        "my-endpoint": monitor.name,
        "my-schedule": monitor.name,
        "0123456789abcdef01234567": suffix,
        "111122223333": monitor.aws.account,
    }.items():
        text = text.replace(theirs, ours)
    times = {"CreationTime", "LastModifiedTime", "ProcessingStartTime", "ProcessingEndTime"}
    described = {name: value for name, value in merge.items() if name not in {*times, "ResponseMetadata"}}
    assert described == json.loads(text)


def test_a_feature_that_took_over(aws: EmbeddedAws) -> None:
    attributions = {"age": 0.1, "sex": 0.9, "income": 0.01}
    baseline = {"explanations": {"kernel_shap": {"label0": {"global_shap_values": attributions, "expected_value": 0}}}}
    monitor = make_monitor(aws, "ModelExplainability", SHAP, constraints={"version": "1.0", **baseline})
    serve(monitor)

    execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)

    assert execution["MonitoringExecutionStatus"] == "CompletedWithViolations", execution
    (violation,) = monitor.json(f"out/{monitor.name}/{monitor.name}/2026/03/01/11/constraint_violations.json")[
        "violations"
    ]
    assert re.fullmatch(r"Feature attribution drift 0\.\d+ exceeds threshold 0\.9", violation["description"])
    assert (violation["label"], violation["metric_name"]) == ("label0", "shap")
    (job,) = monitor.jobs()
    assert job["ProcessingJobName"].startswith("model-explainability-monitoring-202603011100-")
    assert len(job["ProcessingJobName"]) == 63
    assert monitor.keys("out/merge") == []


def test_the_model_of_the_endpoint_is_explained(aws: EmbeddedAws) -> None:
    """A configuration of executions need not name it; what has no file is named in the message."""
    named = make_monitor(aws, "ModelExplainability", SHAP)
    unnamed = make_monitor(aws, "ModelExplainability", {**SHAP, "predictor": {"label_headers": ["paid"]}})
    bare = make_monitor(aws, "ModelExplainability", {name: SHAP[name] for name in ("headers", "methods")})
    without_file = make_monitor(aws, "ModelExplainability", {name: SHAP[name] for name in ("headers", "methods")})
    found = []
    for monitor in (named, unnamed, bare):
        aws.add_endpoint(monitor.name, model="credit", capture=monitor.uri("capture"))
        aws.put_captures(monitor.uri("capture"), monitor.name, captures()[:5])
        execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)
        assert execution["MonitoringExecutionStatus"] == "Completed", execution
        analysis = monitor.json(f"out/{monitor.name}/{monitor.name}/2026/03/01/11/analysis.json")
        found.append(analysis["explanations"]["kernel_shap"])
    serve(without_file)
    failed = aws.execute_schedule(without_file.name, scheduled_time=DUE)

    assert found[0] == found[2] == {"label0": found[1]["paid"]}
    assert failed["FailureReason"].startswith(f'ClientError: Could not find model "{without_file.name}"')


def test_people_count_alike_however_they_are_captured(aws: EmbeddedAws, fair: dict[str, Any]) -> None:
    """Two variants, an empty hour, requests of two rows, Base64, event ids; labels that are late, double or unknown."""
    monitor = make_monitor(aws, "ModelBias", BIAS, source={"StartTimeOffset": "-PT3H", "EndTimeOffset": "-PT0H"})
    every, truth = captures(hour=DUE - timedelta(hours=3)), list(labels().values())
    pairs = [
        replace(first, request=f"{first.request}\n{second.request}\n", response=f"{first.response}\n{second.response}")
        for first, second in zip(every[:40:2], every[1:40:2], strict=True)
    ]
    late = timedelta(hours=2)
    encoded = [replace(each, time=each.time + late, content_type="a/b", accept="a/b") for each in every[40:60]]
    anonymous = [replace(each, time=each.time + late, inference_id=None) for each in every[60:]]
    unlabelled = [replace(each, inference_id=f"{each.inference_id}-unlabelled") for each in every]
    aws.put_captures(monitor.uri("capture"), monitor.name, pairs, variant="Blue")
    aws.put_captures(monitor.uri("capture"), monitor.name, [*encoded, *anonymous, *unlabelled], variant="Green")
    of_pairs = {f"r-{number}": f"{truth[number]}\n{truth[number + 1]}\n" for number in range(0, 40, 2)}
    of_encoded = {f"r-{number}": truth[number] for number in range(40, 60)}
    of_anonymous = {each.event_id: label for each, label in zip(anonymous, truth[60:], strict=True)}
    for part in (of_pairs, of_encoded, of_anonymous, of_encoded, {"unknown": 1}):
        aws.put_ground_truth(monitor.uri("truth"), part, collected=DUE - timedelta(minutes=5))

    execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)

    assert execution["MonitoringExecutionStatus"] == "Completed", execution
    assert monitor.json(f"out/{monitor.name}/{monitor.name}/2026/03/01/11/analysis.json") == fair
    assert [key.split("/")[3:-1] for key in monitor.keys("out/merge/")] == [
        ["Blue", "2026", "03", "01", "08"],
        ["Green", "2026", "03", "01", "10"],
    ]


def test_batch_transforms_in_every_format_of_rows(aws: EmbeddedAws, fair: dict[str, Any]) -> None:
    ids = {f"id-{number}": int(person[2] > 45) for number, person in enumerate(PEOPLE)}
    rows = [(*person, 0.9 if person[2] > 50 else 0.2) for person in PEOPLE]
    csv = "".join(f"{','.join(map(str, row))},id-{number},2026-03-01T10:01:00Z\n" for number, row in enumerate(rows))
    lines = "".join(
        json.dumps({"SageMakerInferenceId": f"id-{number}", "SageMakerOutput": {"score": row[3]}, "features": row[:3]})
        + "\n"
        for number, row in enumerate(rows)
    )
    table = pd.DataFrame(rows).assign(id=list(ids), time="2026-03-01T10:01:00Z").set_axis([*"abcdef"], axis=1)
    analyses = []
    cases: list[tuple[Any, list[Any], dict[str, str]]] = [
        ({"Csv": {"Header": False}}, halves(csv), {"ProbabilityAttribute": "0"}),
        ({"Json": {"Line": True}}, halves(lines), {"ProbabilityAttribute": "score", "FeaturesAttribute": "features"}),
        ({"Parquet": {}}, [table[:20].to_parquet(), table[20:].to_parquet()], {"ProbabilityAttribute": "0"}),
    ]
    for dataset_format, parts, attributes in cases:
        batch = {"DatasetFormat": dataset_format, **attributes}
        monitor = make_monitor(aws, "ModelBias", BIAS, batch=batch)
        for number, part in enumerate(parts):
            monitor.put(f"transformed/part-{number}.out", part)
            monitor.put(
                f"capture/output/2026/03/01/10/{number}.json",
                [{"prefix": monitor.uri("transformed/")}, f"part-{number}.out"],
            )
        aws.put_ground_truth(monitor.uri("truth"), ids, collected=DUE - timedelta(minutes=30))
        execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)
        assert execution["MonitoringExecutionStatus"] == "Completed", execution
        analyses.append(monitor.json(f"out/{monitor.name}/2026/03/01/11/analysis.json"))
        assert len(monitor.keys(f"out/merge/{monitor.name}/2026/03/01/10/")) == 1

    assert analyses == [fair] * 3


def halves(text: str) -> list[str]:
    """Cut a text between two lines."""
    half = text.index("\n", len(text) // 2) + 1
    return [text[:half], text[half:]]


def test_the_input_of_batch_transforms_is_explained(aws: EmbeddedAws) -> None:
    monitor = make_monitor(aws, "ModelExplainability", SHAP, batch={"DatasetFormat": {"Csv": {"Header": False}}})
    monitor.put("in/data.csv", "".join(f"{','.join(map(str, person))}\n" for person in PEOPLE))
    monitor.put("capture/input/2026/03/01/10/1.json", [{"prefix": monitor.uri("in/data.csv")}, ""])

    execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)

    assert execution["MonitoringExecutionStatus"] == "Completed", execution
    explained = monitor.json(f"out/{monitor.name}/2026/03/01/11/analysis.json")["explanations"]["kernel_shap"]["label0"]
    assert list(explained) == ["global_shap_values", "expected_value"]
    assert list(explained["global_shap_values"]) == FEATURES


def test_a_window_of_days_is_read_in_ten_inputs(aws: EmbeddedAws) -> None:
    monitor = make_monitor(aws, "ModelBias", BIAS, source={"StartTimeOffset": "-P1D", "EndTimeOffset": "-PT0H"})
    for hours in range(1, 26):
        serve(monitor, hour=DUE - timedelta(hours=hours))

    execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)

    assert execution["MonitoringExecutionStatus"] == "Completed", execution
    analysis, merge = monitor.jobs()
    assert all(len(job["ProcessingInputs"]) <= 10 for job in (analysis, merge))
    lines = client_of(aws, "logs").filter_log_events(
        logGroupName="/aws/sagemaker/ProcessingJobs", logStreamNamePrefix=f"{analysis['ProcessingJobName']}/"
    )["events"]
    assert f"Captured data: {24 * len(PEOPLE)} records, columns" in "\n".join(line["message"] for line in lines)


def test_constraints_of_a_baselining_job(aws: EmbeddedAws) -> None:
    first = make_monitor(aws, "ModelBias", BIAS)
    serve(first)
    aws.execute_schedule(first.name, scheduled_time=DUE)
    baselining_job = first.jobs()[0]["ProcessingJobName"]  # its results are where a baselining job's are
    monitor = make_monitor(aws, "ModelBias", BIAS, baselining_job=baselining_job)
    serve(monitor, unfair=True)

    execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)

    assert execution["MonitoringExecutionStatus"] == "CompletedWithViolations", execution
    gone = make_monitor(aws, "ModelBias", BIAS, baselining_job="no-such-job")
    serve(gone)
    execution = aws.execute_schedule(gone.name, scheduled_time=DUE)
    assert execution["FailureReason"] == "Could not find requested job with name: no-such-job"


# Failed


def test_without_data_an_execution_fails_without_a_job(aws: EmbeddedAws) -> None:
    bias, shap = make_monitor(aws, "ModelBias", BIAS), make_monitor(aws, "ModelExplainability", SHAP)
    batch = make_monitor(aws, "ModelBias", BIAS, batch={"DatasetFormat": {"Csv": {}}})
    unlabelled = make_monitor(aws, "ModelBias", BIAS)
    aws.put_captures(unlabelled.uri("capture"), unlabelled.name, captures())
    unserved = make_monitor(aws, "ModelBias", BIAS)
    aws.put_ground_truth(unserved.uri("truth"), labels(), collected=DUE - timedelta(hours=1))
    late = make_monitor(aws, "ModelBias", BIAS)
    serve(late, hour=DUE)

    for monitor in (bias, shap, batch, unlabelled, unserved, late):
        execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)

        assert execution["MonitoringExecutionStatus"] == "Failed"
        assert execution["FailureReason"] == "Job inputs had no data"
        assert "ProcessingJobArn" not in execution
        assert monitor.jobs() == []


def test_ground_truth_for_other_requests(aws: EmbeddedAws) -> None:
    monitor = make_monitor(aws, "ModelBias", BIAS)
    aws.put_captures(monitor.uri("capture"), monitor.name, captures())
    aws.put_ground_truth(monitor.uri("truth"), {"unknown": 1}, collected=DUE - timedelta(hours=1))

    execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)

    assert execution["MonitoringExecutionStatus"] == "Failed"
    assert re.fullmatch(
        r"AlgorithmError: Error: Could not find any json file under directory .*, exit code: 255",
        execution["FailureReason"],
    )
    assert monitor.jobs()[0]["ExitMessage"].startswith("Error: Could not find any json file under directory")


@pytest.mark.parametrize(
    ("kind", "config", "constraints", "file", "reason"),
    [
        ("ModelBias", BIAS, None, "no json\n", "AlgorithmError: Error: Line 1 of "),
        ("ModelExplainability", SHAP, None, "no json\n", "AlgorithmError: Error: Line 1 of "),
        (
            "ModelBias",
            {**BIAS, "headers": ["age", "sex", "income", "debts", "approved"]},
            None,
            None,
            "ClientError: Headers in config do not match with the number of columns in the dataset.",
        ),
        (
            "ModelExplainability",
            {**SHAP, "headers": ["age", "sex"]},
            None,
            None,
            "ClientError: Headers in config do not match with the number of columns in the dataset.",
        ),
        (
            "ModelBias",
            {**BIAS, "facet": [{"name_or_index": "colour"}]},
            None,
            None,
            "ClientError: Unable to locate the facet.",
        ),
        (
            "ModelBias",
            BIAS,
            {"version": "1.0", "explanations": {"kernel_shap": {}}},
            None,
            "ClientError: The constraints file analysis.json has no bias metrics, only version, explanations",
        ),
        (
            "ModelExplainability",
            SHAP,
            {"version": "1.0", "post_training_bias_metrics": {"facets": {}}},
            None,
            "ClientError: The constraints file analysis.json has no feature attributions",
        ),
        ("ModelBias", BIAS, "no json", None, "ClientError: The constraints file analysis.json cannot be read"),
        ("ModelBias", "no json", None, None, "ClientError: analysis_config.json is not JSON"),
        (
            "ModelExplainability",
            {**SHAP, "predictor": {"model_name": "unknown"}},
            None,
            None,
            'ClientError: Could not find model "unknown"',
        ),
    ],
)
def test_bad_input_fails_the_execution(
    aws: EmbeddedAws, kind: str, config: Any, constraints: Any, file: str | None, reason: str
) -> None:
    monitor = make_monitor(aws, kind, config, constraints=constraints)
    serve(monitor)
    if file is not None:
        monitor.put(f"capture/{monitor.name}/AllTraffic/2026/03/01/10/59-00-000-x.jsonl", file)

    execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)

    assert execution["MonitoringExecutionStatus"] == "Failed"
    assert execution["FailureReason"].startswith(reason)
    job = monitor.jobs()[0]
    assert job["ProcessingJobArn"] == execution["ProcessingJobArn"]
    assert job["FailureReason"] == execution["FailureReason"]
    assert job["ExitMessage"] in job["FailureReason"]


def test_an_execution_without_its_files_fails(aws: EmbeddedAws) -> None:
    sagemaker = client_of(aws, "sagemaker")
    without_constraints = make_monitor(aws, "ModelBias", BIAS, constraints={})
    serve(without_constraints)
    client_of(aws, "s3").delete_object(Bucket=without_constraints.name, Key="constraints/analysis.json")
    execution = aws.execute_schedule(without_constraints.name, scheduled_time=DUE)
    assert "Data download failed:No S3 objects found under S3 URL" in execution["FailureReason"]

    without_definition = make_monitor(aws, "ModelBias", BIAS)
    sagemaker.delete_model_bias_job_definition(JobDefinitionName=without_definition.name)
    with pytest.raises(EmbeddedAwsError, match="Could not find requested ModelBias job definition"):
        aws.execute_schedule(without_definition.name, scheduled_time=DUE)
    with pytest.raises(EmbeddedAwsError, match="no-such-schedule not found"):
        aws.execute_schedule("no-such-schedule")

    without_endpoint = make_monitor(aws, "ModelBias", BIAS)
    sagemaker.delete_endpoint(EndpointName=without_endpoint.name)
    execution = aws.execute_schedule(without_endpoint.name, scheduled_time=DUE)
    arn = f"arn:aws:sagemaker:us-west-2:{aws.account}:endpoint/{without_endpoint.name}"
    assert execution["FailureReason"] == f'Could not find endpoint "{arn}".'
    assert "ProcessingJobArn" not in execution


def test_the_execution_after_failed_ones_completes(aws: EmbeddedAws, fair: dict[str, Any]) -> None:
    """Whatever was wrong: once it is mended, nothing is left of it."""
    monitor, hour = make_monitor(aws, "ModelBias", BIAS, constraints=fair), DUE - timedelta(hours=1)
    bad = f"capture/{monitor.name}/AllTraffic/2026/03/01/10/59-00-000-x.jsonl"
    s3, sagemaker = client_of(aws, "s3"), client_of(aws, "sagemaker")

    def run() -> str:
        execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)
        return str(execution.get("FailureReason", execution["MonitoringExecutionStatus"]))

    aws.put_captures(monitor.uri("capture"), monitor.name, captures())
    assert run() == "Job inputs had no data"  # no ground truth
    aws.put_ground_truth(monitor.uri("truth"), labels(), collected=hour)
    monitor.put(bad, "no json\n")
    assert run().startswith("AlgorithmError: Error: Line 1 of 59-00-000-x.jsonl is not JSON")
    monitor.put(bad, Capture("34,0", "0.9", hour, "r-0").record())
    assert run().startswith("ClientError: Headers in config do not match with the number of columns in the dataset.")
    s3.delete_object(Bucket=monitor.name, Key=bad)
    monitor.put("constraints/analysis.json", {"version": "1.0", "explanations": {}})
    assert run().startswith("ClientError: The constraints file analysis.json has no bias metrics")
    s3.delete_object(Bucket=monitor.name, Key="constraints/analysis.json")
    assert "No S3 objects found under S3 URL" in run()
    monitor.put("constraints/analysis.json", fair)
    sagemaker.delete_endpoint(EndpointName=monitor.name)
    assert run().startswith("Could not find endpoint ")
    aws.add_endpoint(monitor.name, capture=monitor.uri("capture"))
    assert run() == "Completed"


def test_faults_meet_executions_too(aws: EmbeddedAws) -> None:
    monitor = make_monitor(aws, "ModelBias", BIAS)
    serve(monitor)
    aws.fail_next_job("InternalServerError: out of luck")

    execution = aws.execute_schedule(monitor.name, scheduled_time=DUE)

    assert execution["FailureReason"] == "InternalServerError: out of luck"
    assert len(monitor.jobs()) == 1


# While it runs


def test_a_running_execution_makes_its_schedule_busy(aws: EmbeddedAws) -> None:
    """It shows its job, makes its schedule busy, and is Stopped when its job is."""
    sagemaker, monitor = client_of(aws, "sagemaker"), make_monitor(aws, "ModelBias", BIAS)
    schedule = {"MonitoringScheduleName": monitor.name}
    serve(monitor)
    aws.slow_next_job(300)
    ended: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: ended.append(aws.execute_schedule(monitor.name, scheduled_time=DUE)))
    thread.start()
    while not monitor.jobs():
        time.sleep(0.05)

    (running,) = monitor.executions()
    assert running["MonitoringExecutionStatus"] == "InProgress"
    assert "/groundtruth-merge-" in running["ProcessingJobArn"]
    described = sagemaker.describe_monitoring_schedule(**schedule)
    assert described["LastMonitoringExecutionSummary"] == running
    with pytest.raises(sagemaker.exceptions.ClientError, match="has an execution running"):
        sagemaker.delete_monitoring_schedule(**schedule)
    sagemaker.stop_processing_job(ProcessingJobName=running["ProcessingJobArn"].rpartition("/")[2])
    thread.join()
    assert ended[0]["MonitoringExecutionStatus"] == "Stopped"
    assert len(monitor.jobs()) == 1
    sagemaker.delete_monitoring_schedule(**schedule)


def test_events_of_its_jobs_arrive(aws: EmbeddedAws) -> None:
    monitor = make_monitor(aws, "ModelBias", BIAS)
    serve(monitor)
    sqs, events = client_of(aws, "sqs"), client_of(aws, "events")
    queue = sqs.create_queue(QueueName=monitor.name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Processing Job State Change"],
        "detail": {"ProcessingJobStatus": ["Completed"], "ExitMessage": [{"prefix": "Completed"}]},
    }
    events.put_rule(Name=monitor.name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=monitor.name, Targets=[{"Id": "queue", "Arn": arn}])

    aws.execute_schedule(monitor.name, scheduled_time=DUE)

    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5)["Messages"]
    (detail,) = [json.loads(message["Body"])["detail"] for message in messages]
    assert detail["ProcessingJobName"].startswith("model-bias-monitoring-")
    assert detail["MonitoringScheduleArn"].endswith(f"/{monitor.name}")


# Listed


def test_executions_are_listed_filtered_and_sorted(aws: EmbeddedAws) -> None:
    sagemaker = client_of(aws, "sagemaker")
    monitor, other = make_monitor(aws, "ModelBias", BIAS), make_monitor(aws, "ModelExplainability", SHAP)
    due = [DUE + timedelta(hours=hours) for hours in (2, 0, 1)]
    for moment in due:
        aws.execute_schedule(monitor.name, scheduled_time=moment)
    aws.execute_schedule(other.name, scheduled_time=DUE)

    def scheduled(**request: Any) -> list[datetime]:
        pages = sagemaker.get_paginator("list_monitoring_executions").paginate(**request)
        return [entry["ScheduledTime"] for page in pages for entry in page["MonitoringExecutionSummaries"]]

    own = {"MonitoringScheduleName": monitor.name}
    assert scheduled(**own) == due[::-1]
    assert scheduled(**own, SortOrder="Ascending") == due
    assert scheduled(**own, SortBy="ScheduledTime") == sorted(due, reverse=True)
    assert scheduled(**own, SortBy="Status") == due[::-1]
    assert scheduled(**own, PaginationConfig={"PageSize": 1}) == due[::-1]
    assert scheduled(**own, ScheduledTimeAfter=DUE) == [due[2], due[0]]
    assert scheduled(**own, ScheduledTimeBefore=due[2]) == [DUE]
    assert scheduled(**own, StatusEquals="Completed") == []
    assert scheduled(**own, StatusEquals="Failed", MonitoringTypeEquals="ModelBias") == due[::-1]
    assert scheduled(MonitoringJobDefinitionName=other.name) == [DUE]
    assert scheduled(EndpointName=other.name) == [DUE]
    newest = monitor.executions()[0]
    assert scheduled(**own, CreationTimeAfter=newest["CreationTime"] - timedelta(milliseconds=1)) == [due[2]]
    assert scheduled(**own, LastModifiedTimeBefore=newest["LastModifiedTime"]) == due[1::-1]
    with pytest.raises(sagemaker.exceptions.ClientError, match="Invalid NextToken"):
        sagemaker.list_monitoring_executions(**own, NextToken="nonsense")
