"""How executions of monitors grow with the records in the embedded AWS, and how long it takes to start.

The jobs run in a process each: merge and analysis of a bias monitor, SHAP values of a logistic regression.
"""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression

from cdk_clarify_monitors_local import Capture, EmbeddedAws

from .monitoring_jobs import CAPTURED, CONFIG, LABELS, MODEL
from .processes import ROOT
from .progress import Progress
from .results import Executions, JobRun

BIAS_RECORDS = (1_000, 10_000, 100_000, 1_000_000)
SHAP_RECORDS = (100, 1_000)
_WHOLE_EXECUTION_RECORDS = 10_000

_DUE = datetime(2026, 3, 1, 11, tzinfo=UTC)
_FEATURES = [f"feature_{number}" for number in range(10)]
_LABEL = "label"
# A group by its value, and one by a threshold.
_FACETS = [
    {"name_or_index": _FEATURES[1], "value_or_threshold": [1]},
    {"name_or_index": _FEATURES[0], "value_or_threshold": [40]},
]
_BIAS = {"headers": [*_FEATURES, _LABEL], "label": _LABEL, "label_values_or_threshold": [1], "facet": _FACETS}
_BASELINE = [40, 0, 20_000, 2, 0, 50, 0, 0, 50, 0.5]
_SHAP = {
    "headers": _FEATURES,
    "predictor": {"model_name": "model"},
    "methods": {
        "shap": {"baseline": [[40, 0, 10, 2, 0, 50, 0, 0, 50, 0.5]], "num_samples": 100, "agg_method": "mean_abs"}
    },
}
_RECORDS_IN_A_FILE = 10_000


def measure(rounds: int, progress: Progress, *, whole: bool) -> Executions:
    """Measure jobs of all sizes, an execution in the embedded AWS from end to end, and the start of the latter.

    Args:
        rounds: How often the embedded AWS is started.
        progress: Told of each step.
        whole: Whether the largest sizes and the embedded AWS are measured.
    """
    bias, shap = (BIAS_RECORDS, SHAP_RECORDS) if whole else (BIAS_RECORDS[:1], SHAP_RECORDS[:1])
    progress.start("executions", len(bias) + len(shap) + whole)
    found: Executions = {"bias": {}, "shap": {}, "whole_seconds": None, "start_seconds": []}
    for counts, is_bias, runs in ((bias, True, found["bias"]), (shap, False, found["shap"])):
        for count in counts:
            runs[str(count)] = _run(count, is_bias=is_bias)
            progress.step(f"{count} records, {runs[str(count)]['analysis_seconds']:.1f} s")
    if whole:
        found["whole_seconds"] = _whole_execution()
        progress.step(f"in the embedded AWS, {found['whole_seconds']:.1f} s")
        found["start_seconds"] = [_start() for _ in range(rounds)]
    return found


def _run(count: int, *, is_bias: bool) -> JobRun:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _write_data(root, count, with_labels=is_bias)
        (root / CONFIG).write_text(json.dumps(_BIAS if is_bias else _SHAP))
        if not is_bias:
            joblib.dump(_model(), root / MODEL)
        command = [sys.executable, "-m", f"{__package__}.monitoring_jobs", folder]
        run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603  our own
    found: JobRun = json.loads(run.stdout.splitlines()[-1])
    return found


def _captures(count: int) -> Iterator[tuple[Capture, int]]:
    """Yield invocations in the hour before the execution is due, each with its label."""
    values = random.Random(0)  # noqa: S311  the same data each time
    for number in range(count):
        features = (
            values.gauss(40, 10),
            values.randrange(2),
            round(values.lognormvariate(10, 1), 2),
            values.randrange(5),
            values.gauss(0, 1),
            values.randrange(18, 90),
            values.gauss(0, 1),
            values.randrange(2),
            round(values.gauss(50, 15), 1),
            values.random(),
        )
        score = values.random()
        at = _DUE - timedelta(hours=1) + timedelta(hours=1) * number / count
        label = int(values.random() < score)
        yield Capture(",".join(map(str, features)), f"{score:.4f}", at, f"r-{number}"), label


def _write_data(root: Path, count: int, *, with_labels: bool) -> None:
    folders = [root / name / "endpoint/AllTraffic/2026/03/01/10" for name in (CAPTURED, LABELS)[: 1 + with_labels]]
    for folder in folders:
        folder.mkdir(parents=True)
    pairs = _captures(count)
    for number in range(-(-count // _RECORDS_IN_A_FILE)):
        batch = list(itertools.islice(pairs, _RECORDS_IN_A_FILE))
        lines = ("".join(capture.record() for capture, _ in batch), "".join(_truth(*pair) for pair in batch))
        for folder, text in zip(folders, lines, strict=False):
            (folder / f"{number:04}.jsonl").write_text(text)


def _truth(capture: Capture, label: int) -> str:
    data = {"data": str(label), "encoding": "CSV"}
    metadata = {"eventId": capture.inference_id}
    return json.dumps({"groundTruthData": data, "eventMetadata": metadata, "eventVersion": "0"}) + "\n"


def _model() -> LogisticRegression:
    values = np.random.default_rng(0).normal(40, 20, (200, len(_FEATURES)))
    return LogisticRegression(max_iter=1000).fit(values, values[:, 0] + values[:, 1] > 80)


def _start() -> float:
    started = time.perf_counter()
    with EmbeddedAws():
        return time.perf_counter() - started


def _whole_execution() -> float:
    """Execute a bias monitor in the embedded AWS: its data are in S3 before, its results afterwards."""
    name = "bias-monitor"
    with EmbeddedAws(clock=_DUE - timedelta(minutes=30)) as aws:
        uri = f"s3://{name}"
        aws.add_endpoint(name, capture=f"{uri}/capture")
        pairs = list(_captures(_WHOLE_EXECUTION_RECORDS))
        aws.put_captures(f"{uri}/capture", name, [capture for capture, _ in pairs])
        labels = {capture.inference_id or "": label for capture, label in pairs}
        aws.put_ground_truth(f"{uri}/labels", labels, collected=_DUE - timedelta(hours=1))
        aws.client("s3").put_object(Bucket=name, Key=CONFIG, Body=json.dumps(_BIAS).encode())
        _make_schedule(aws, name, uri)
        started = time.perf_counter()
        execution = aws.execute_schedule(name, scheduled_time=_DUE)
        seconds = time.perf_counter() - started
    if execution["MonitoringExecutionStatus"] != "Completed":
        raise RuntimeError(f"The execution failed: {execution}")
    return seconds


def _make_schedule(aws: EmbeddedAws, name: str, uri: str) -> None:
    trust: dict[str, Any] = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    sagemaker = aws.client("sagemaker")
    output = {"S3Uri": f"{uri}/out", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
    sagemaker.create_model_bias_job_definition(
        JobDefinitionName=name,
        RoleArn=role,
        ModelBiasAppSpecification={
            "ImageUri": "131013547314.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-clarify-processing:1.0",
            "ConfigUri": f"{uri}/{CONFIG}",
        },
        ModelBiasJobInput={
            "EndpointInput": {"EndpointName": name, "LocalPath": "/opt/ml/processing/input/data"},
            "GroundTruthS3Input": {"S3Uri": f"{uri}/labels"},
        },
        ModelBiasJobOutputConfig={"MonitoringOutputs": [{"S3Output": output}]},
        JobResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 20}},
    )
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName=name,
        MonitoringScheduleConfig={
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            "MonitoringJobDefinitionName": name,
            "MonitoringType": "ModelBias",
        },
    )
