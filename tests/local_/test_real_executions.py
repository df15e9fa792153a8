"""Executions of AWS's own examples, run again: the violations that AWS reported come out."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdk_clarify_monitors_local import Capture, EmbeddedAws
from tests.support.embedded_aws.executions import make_monitor

pytestmark = pytest.mark.deploy

FOLDER = Path(__file__).parents[1] / "support/recorded/executions"
RECORDED: dict[str, Any] = json.loads((FOLDER / "adult.json").read_text())
HEADERS = [
    "Age", "Workclass", "fnlwgt", "Education", "Education-Num", "Marital Status", "Occupation", "Relationship",
    "Ethnic group", "Sex", "Capital Gain", "Capital Loss", "Hours per week", "Country", "Target",
]  # fmt: skip
CONFIG: dict[str, Any] = {
    "headers": HEADERS,
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "Sex", "value_or_threshold": [0]}],
    "group_variable": "Age",
}


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(region="us-west-2") as aws:
        yield aws


def records() -> list[tuple[list[int], float, int]]:
    """The features, the score and the predicted label of each request of the examples."""
    rows = [line.split(",") for line in (FOLDER / "adult.csv").read_text().splitlines()]
    return [([int(cell) for cell in row[:14]], float(row[14]), int(row[15])) for row in rows]


def label(seed: int) -> int:
    """The label that the examples give a request: 1 for 70 of a hundred, whoever it is about."""
    random.seed(seed)
    return 1 if random.random() < 0.7 else 0  # noqa: S311


def by_metric(violations: list[dict[str, str]]) -> dict[str, tuple[str, float, float]]:
    """Return facet value, value and limit of each violated metric."""
    found = {}
    for violation in violations:
        value, _, limit = (
            violation["description"]
            .removeprefix("Metric value ")
            .partition(" doesn't meet the baseline constraint requirement ")
        )
        assert violation["facet"] == "Sex"
        assert violation["constraint_check_type"] == "bias_drift_check"
        found[violation["metric_name"]] = (violation["facet_value"], float(value), float(limit))
    return found


def assert_same(found: list[dict[str, str]], expected: list[dict[str, str]]) -> None:
    actual, recorded = by_metric(found), by_metric(expected)
    assert list(actual) == list(recorded)
    for metric, (facet_value, value, limit) in recorded.items():
        assert (actual[metric][0], actual[metric][2]) == (facet_value, limit), metric
        assert actual[metric][1] == pytest.approx(value, rel=1e-12), metric


def test_an_endpoint_that_answers_json_lines(aws: EmbeddedAws) -> None:
    """2023-01-19T06: 1806 requests with reused inference ids, two without, later ones after the window's end."""
    monitor = make_monitor(
        aws,
        "ModelBias",
        {**CONFIG, "label": "label"},
        constraints=RECORDED["constraints"],
        source={
            "FeaturesAttribute": "features",
            "InferenceAttribute": "predicted_label",
            "StartTimeOffset": "-PT6H",
            "EndTimeOffset": "-PT0H",
        },
    )
    scheduled, rows = datetime(2023, 1, 19, 6, tzinfo=UTC), records()
    start = scheduled - timedelta(seconds=1806 * 0.95)

    def capture(number: int, inference_id: str | None) -> Capture:
        features, score, predicted = rows[number % len(rows)]
        return Capture(
            json.dumps({"features": features}),
            json.dumps({"predicted_label": predicted, "score": score}) + "\n",
            start + timedelta(seconds=number * 0.95),
            inference_id,
            "application/jsonlines",
            "application/jsonlines",
        )

    captures = [capture(number, str(number % len(rows))) for number in range(1806 + 250)]
    aws.put_captures(monitor.uri("capture"), monitor.name, [*captures, capture(0, None), capture(1, None)])
    labels = {str(number): {"label": label(number)} for number in range(len(rows))}
    for hour in (4, 5):
        collected = scheduled.replace(hour=hour, minute=30)
        aws.put_ground_truth(monitor.uri("truth"), labels, collected=collected)

    execution = aws.execute_schedule(monitor.name, scheduled_time=scheduled)

    assert execution["MonitoringExecutionStatus"] == "CompletedWithViolations", execution
    found = monitor.json(f"out/{monitor.name}/{monitor.name}/2023/01/19/06/constraint_violations.json")
    assert_same(found["violations"], RECORDED["endpoint"])
    assert monitor.jobs()[0]["ExitMessage"] == (
        "CompletedWithViolations: Job completed successfully with 9 violations."
    )


def test_a_batch_transform_of_one_json_document(aws: EmbeddedAws) -> None:
    """2024-01-19T20: 334 records with one inference id, whose labels were uploaded twice, as an array."""
    monitor = make_monitor(
        aws,
        "ModelBias",
        {**CONFIG, "label": "instances[*].label"},
        constraints=RECORDED["constraints"],
        batch={
            "DatasetFormat": {"Json": {"Line": False}},
            "FeaturesAttribute": "instances[*].features",
            "InferenceAttribute": "predictions[*].predicted_label",
            "StartTimeOffset": "-PT6H",
            "EndTimeOffset": "-PT0H",
        },
    )
    rows, inference_id = records(), "94bcc22a-0462-4bd1-92c9-b46a5aaec1aa"
    output = {
        "SageMakerInferenceId": inference_id,
        "SageMakerInferenceTime": "2024-01-19T19:25:34Z",
        "SageMakerOutput": {"predictions": [{"predicted_label": row[2], "score": row[1]} for row in rows]},
        "instances": [{"features": row[0]} for row in rows],
    }
    monitor.put("transform-output/test-dataset.json.out", output)
    monitor.put(
        "capture/output/2024/01/19/19/2ac5de1a-0000-4000-8000-000000000000.json",
        [{"prefix": monitor.uri("transform-output/")}, "test-dataset.json.out"],
    )
    truth = {
        "groundTruthData": {
            "data": json.dumps({"instances": [{"label": label(number)} for number in range(len(rows))]}),
            "encoding": "JSON",
        },
        "eventMetadata": {"eventId": inference_id},
        "eventVersion": "0",
    }
    for hour in (18, 19):
        monitor.put(f"truth/2024/01/19/{hour}/2534.jsonl", [truth])

    execution = aws.execute_schedule(monitor.name, scheduled_time=datetime(2024, 1, 19, 20, tzinfo=UTC))

    assert execution["MonitoringExecutionStatus"] == "CompletedWithViolations", execution
    assert "EndpointName" not in execution
    found = monitor.json(f"out/{monitor.name}/2024/01/19/20/constraint_violations.json")
    assert_same(found["violations"], RECORDED["batch"])
