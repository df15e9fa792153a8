"""A monitor with a past of any length, in an AWS of our own: what it answers is the same each time."""

from __future__ import annotations

import collections
import io
import json
import math
import random
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import botocore.loaders
import botocore.session
from botocore.awsrequest import AWSResponse

REGION, ACCOUNT = "eu-west-1", "123456789012"
FIRST = datetime(2026, 3, 2, 6, tzinfo=UTC)

# SageMaker's service model has megabytes: read once, and not by each monitor.
_LOADER = botocore.loaders.create_loader()

# A metric: its long name, its value at training, and how far it moves with drift.
_PRE: dict[str, tuple[str, float | None, float]] = {
    "CI": ("Class Imbalance (CI)", -0.06, 0.0),
    "DPL": ("Difference in Positive Proportions in Labels (DPL)", 0.09, 0.02),
    "JS": ("Jensen-Shannon Divergence (JS)", 0.004, 0.0),
    "KL": ("Kullback-Liebler Divergence (KL)", 0.016, 0.0),
    "KS": ("Kolmogorov-Smirnov Distance (KS)", 0.09, 0.0),
    "LP": ("L-p Norm (LP)", 0.127, 0.0),
    "TVD": ("Total Variation Distance (TVD)", 0.09, 0.0),
    "CDDL": ("Conditional Demographic Disparity in Labels (CDDL)", None, 0.0),
}
_POST: dict[str, tuple[str, float | None, float]] = {
    "AD": ("Accuracy Difference (AD)", 0.03, 0.0),
    "DAR": ("Difference in Acceptance Rates (DAR)", 0.05, 0.0),
    "DCA": ("Difference in Conditional Acceptance (DCA)", -0.11, 0.0),
    "DCR": ("Difference in Conditional Rejection (DCR)", 0.05, 0.0),
    "DI": ("Disparate Impact (DI)", 0.84, -0.4),
    "DPPL": ("Difference in Positive Proportions in Predicted Labels (DPPL)", 0.08, 0.2),
    "DRR": ("Difference in Rejection Rates (DRR)", -0.02, 0.0),
    "FT": ("Flip Test (FT)", 0.07, 0.12),
    "GE": ("Generalized Entropy (GE)", 0.11, 0.0),
    "RD": ("Recall Difference (RD)", 0.06, 0.14),
    "SD": ("Specificity Difference (SD)", 0.04, 0.0),
    "TE": ("Treatment Equality (TE)", 0.35, 0.0),
    "CDDPL": ("Conditional Demographic Disparity in Predicted Labels (CDDPL)", None, 0.0),
}
_FEATURES = ("bmi", "blood_pressure", "age", "ltg", "hdl", "sex", "tch", "glucose", "ldl", "total_cholesterol")


def bias_analysis(seed: int, drift: float = 0.0, facets: Mapping[str, tuple[str, ...]] | None = None) -> dict[str, Any]:
    """An analysis.json of a bias monitor.

    Args:
        seed: Another one for each execution; 0 is the baseline.
        drift: From 0 to 1.
        facets: The facets, and the groups of each.
    """
    chance = random.Random(seed)  # noqa: S311
    facets = facets or {"sex": ("2", "1"), "age": (f"(65, {80 + seed % 9}]",)}

    def metrics(kinds: Mapping[str, tuple[str, float | None, float]], is_drifting: bool) -> list[dict[str, Any]]:
        found = []
        for name, (title, value, moves) in sorted(kinds.items()):
            if value is None:
                error = "Group variable is empty or not provided"
                found.append({"name": name, "description": title, "value": None, "error": error})
                continue
            noise = 0.0 if seed == 0 else min(-0.02, chance.gauss(-0.3, 0.12))
            measured: Any = value * (1 + noise) + moves * drift * is_drifting
            if name == "TE" and seed % 37 == 11:
                measured = "Infinity"
            found.append({"name": name, "description": title, "value": measured})
        return found

    document: dict[str, Any] = {"version": "1.0"}
    for stage, kinds in (("pre", _PRE), ("post", _POST)):
        groups = {
            facet: [
                {"value_or_threshold": value, "metrics": metrics(kinds, facet == "sex" and number == 0)}
                for number, value in enumerate(values)
            ]
            for facet, values in facets.items()
        }
        document[f"{stage}_training_bias_metrics"] = {
            "label": "target",
            "label_value_or_threshold": "1",
            "facets": groups,
        }
    return document


def shap_analysis(seed: int, drift: float = 0.0) -> dict[str, Any]:
    """An analysis.json of an explainability monitor; 0 is the baseline."""
    chance = random.Random(seed)  # noqa: S311
    values = {}
    for place, feature in enumerate(_FEATURES):
        value = 0.12 * math.exp(-place / 2.6) * (1 if seed == 0 else chance.gauss(1, 0.04))
        values[feature] = value * (1 - 0.6 * drift) if place == 0 else value + (0.1 * drift if feature == "age" else 0)
    label = {"expected_value": 0.45, "global_shap_values": values}
    return {"version": "1.0", "explanations": {"kernel_shap": {"label0": label}}}


def drift_of(number: int, count: int) -> float:
    """How far an execution has drifted: not at all, at first; and from two thirds on ever more."""
    if count < 3:
        return float(number == count - 1)
    share = number / (count - 1)
    return max(0.0, min(1.0, (share - 0.72) * 3.6)) + (0.5 if number % 23 == 4 else 0.0)


class MadeUpMonitor:
    """A schedule with executions, whose AWS is asked through `session`.

    Attributes:
        session: A session of boto3.
        requests: How often each operation was asked for.
        most_at_once: How many requests it had under way at once, at the most.
        objects: What is in S3, by URI.
    """

    name = "credit-bias"

    def __init__(self, kind: str = "ModelBias", executions: int = 20, *, seconds: float = 0.0) -> None:
        self.kind, self.requests, self.most_at_once = kind, collections.Counter[str](), 0
        self.name = "credit-bias" if kind == "ModelBias" else "credit-explainability"
        self._seconds, self._at_once, self._lock = seconds, 0, threading.Lock()
        self.objects: dict[str, bytes] = {}
        self.summaries: list[dict[str, Any]] = []
        self._analysis = bias_analysis if kind == "ModelBias" else shap_analysis
        self._baseline = self._analysis(0)
        self.objects["s3://monitor/baseline/analysis.json"] = json.dumps(self._baseline).encode()
        step = timedelta(days=1) if executions <= 60 else timedelta(hours=1)
        for number in range(executions):
            self._add(number, executions, FIRST + number * step)
        core = botocore.session.get_session({"profile": (None, None, None, None)})
        core.register_component("data_loader", _LOADER)
        core.set_credentials("AKIAIOSFODNN7EXAMPLE", "secret")
        self.session = boto3.Session(region_name=REGION, botocore_session=core)
        self.session.events.register("before-send", self._send)

    def _add(self, number: int, count: int, due: datetime) -> None:
        from cdk_clarify_monitors_operations import drift

        summary: dict[str, Any] = {
            "MonitoringScheduleName": self.name,
            "ScheduledTime": due.timestamp(),
            "CreationTime": due.timestamp() + 80,
            "LastModifiedTime": due.timestamp() + 700,
            "EndpointName": "credit-endpoint",
            "MonitoringJobDefinitionName": f"{self.name}-definition",
        }
        self.summaries.insert(0, summary)
        if number % 19 == 6:
            summary |= {"MonitoringExecutionStatus": "Failed", "FailureReason": "Job inputs had no data"}
            return
        job = f"{'model-bias' if self.kind == 'ModelBias' else 'model-explainability'}-monitoring-{due:%Y%m%d%H%M}-0a1b"
        summary["ProcessingJobArn"] = _arn("processing-job", job)
        if number % 47 == 9:
            reason = "InternalServerError: We encountered an internal error. Please try again"
            summary |= {"MonitoringExecutionStatus": "Failed", "FailureReason": reason}
            return
        folder = f"s3://monitor/results/credit-endpoint/{self.name}/{due:%Y/%m/%d/%H}"
        analysis = self._analysis(number + 1, drift_of(number, count))
        violations = drift(self._baseline, analysis).violations
        self.objects[f"{folder}/analysis.json"] = json.dumps(analysis, indent=4).encode()
        if violations:
            document = {"version": "1.0", "violations": violations}
            self.objects[f"{folder}/constraint_violations.json"] = json.dumps(document).encode()
        summary["MonitoringExecutionStatus"] = "CompletedWithViolations" if violations else "Completed"

    # What it answers

    def _send(self, request: Any, event_name: str, **_: Any) -> Any:
        operation = event_name.rpartition(".")[2]
        with self._lock:
            self.requests[operation] += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            time.sleep(self._seconds)
            status, content = getattr(self, f"_{operation}")(request)
        finally:
            with self._lock:
                self._at_once -= 1
        headers: Any = {"content-length": str(len(content))}
        return AWSResponse(request.url, status, headers, _Raw(content))

    def _DescribeMonitoringSchedule(self, _: Any) -> tuple[int, bytes]:  # noqa: N802
        return 200, _json(
            MonitoringScheduleArn=_arn("monitoring-schedule", self.name),
            MonitoringScheduleName=self.name,
            MonitoringScheduleStatus="Scheduled",
            MonitoringType=self.kind,
            CreationTime=FIRST.timestamp(),
            LastModifiedTime=FIRST.timestamp(),
            MonitoringScheduleConfig={
                "ScheduleConfig": {"ScheduleExpression": "cron(0 6 ? * * *)"},
                "MonitoringJobDefinitionName": f"{self.name}-definition",
                "MonitoringType": self.kind,
            },
            EndpointName="credit-endpoint",
        )

    def _definition(self, _: Any) -> tuple[int, bytes]:
        kind = self.kind
        return 200, _json(
            **{
                "JobDefinitionName": f"{self.name}-definition",
                "JobDefinitionArn": _arn("job-definition", self.name),
                "CreationTime": FIRST.timestamp(),
                f"{kind}AppSpecification": {"ImageUri": "image", "ConfigUri": "s3://monitor/config.json"},
                f"{kind}BaselineConfig": {
                    "ConstraintsResource": {"S3Uri": "s3://monitor/baseline/analysis.json"},
                },
                f"{kind}JobInput": {"EndpointInput": {"EndpointName": "credit-endpoint", "LocalPath": "/opt/ml"}},
                f"{kind}JobOutputConfig": {"MonitoringOutputs": []},
                "JobResources": {"ClusterConfig": {}},
                "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/monitor",
            }
        )

    _DescribeModelBiasJobDefinition = _DescribeModelExplainabilityJobDefinition = _definition

    def _ListTags(self, _: Any) -> tuple[int, bytes]:  # noqa: N802
        return 200, _json(Tags=[])

    def _ListMonitoringExecutions(self, request: Any) -> tuple[int, bytes]:  # noqa: N802
        asked = json.loads(request.body)
        start, size = int(asked.get("NextToken", 0)), asked["MaxResults"]
        more = {"NextToken": str(start + size)} if start + size < len(self.summaries) else {}
        return 200, _json(MonitoringExecutionSummaries=self.summaries[start : start + size], **more)

    def _DescribeProcessingJob(self, request: Any) -> tuple[int, bytes]:  # noqa: N802
        job = json.loads(request.body)["ProcessingJobName"]
        if "-monitoring-" not in job:  # no baselining job is known
            return 400, _json(__type="ValidationException", message="Could not find requested job")
        due = datetime.strptime(job.split("-")[-2], "%Y%m%d%H%M")
        folder = f"s3://monitor/results/credit-endpoint/{self.name}/{due:%Y/%m/%d/%H}"
        source = {"S3Uri": f"s3://monitor/merge/{due:%Y/%m/%d/%H}", "LocalPath": "/in", "S3DataType": "S3Prefix"}
        output = {"S3Uri": folder, "LocalPath": "/out", "S3UploadMode": "EndOfJob"}
        return 200, _json(
            ProcessingJobName=job,
            ProcessingJobArn=_arn("processing-job", job),
            ProcessingJobStatus="Completed",
            ProcessingInputs=[{"InputName": "endpoint_input_1", "S3Input": source}],
            ProcessingOutputConfig={"Outputs": [{"OutputName": "result", "S3Output": output}]},
        )

    def _GetObject(self, request: Any) -> tuple[int, bytes]:  # noqa: N802
        url = urlsplit(request.url)
        bucket = url.netloc.split(".")[0]
        uri = f"s3://{bucket}{unquote(url.path)}"
        if uri not in self.objects:
            return 404, b"<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>"
        return 200, self.objects[uri]

    def _ListObjectsV2(self, request: Any) -> tuple[int, bytes]:  # noqa: N802
        size = 40_000 + sum(request.url.encode()) % 17_000
        rows = "".join(
            f"<Contents><Key>merge/part-{part}.jsonl</Key><Size>{size + part * 700}</Size>"
            "<LastModified>2026-03-02T06:10:00.000Z</LastModified></Contents>"
            for part in range(3)
        )
        return 200, f"<ListBucketResult>{rows}<IsTruncated>false</IsTruncated></ListBucketResult>".encode()


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Any:
        yield self.read()


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name}"


def _json(**content: Any) -> bytes:
    return json.dumps(content).encode()
