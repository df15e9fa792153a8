"""What a monitor watches, in CloudFormation's form."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_clarify_monitors import BatchTransformInput, EndpointInput, MonitoringDatasetFormat
from tests.support.monitors.calls import watched

ATTRIBUTES: dict[str, str | float] = {
    "features_attribute": "features",
    "inference_attribute": "0",
    "probability_attribute": "1",
    "probability_threshold_attribute": 0.0,
}
FILLED_IN = {
    "FeaturesAttribute": "features",
    "InferenceAttribute": "0",
    "ProbabilityAttribute": "1",
    "ProbabilityThresholdAttribute": 0.0,
}
ENDPOINT = {
    "EndpointName": "e",
    "LocalPath": "/opt/ml/processing/input/endpoint",
    "S3InputMode": "File",
    "S3DataDistributionType": "FullyReplicated",
}


def test_an_endpoint_can_be_given_by_its_name() -> None:
    assert watched(endpoint_input="e") == {"EndpointInput": ENDPOINT}
    assert watched(endpoint_input="e", batch_transform_input="") == {"EndpointInput": ENDPOINT}


def test_what_the_input_leaves_open_is_filled_in() -> None:
    assert watched(endpoint_input="e", attributes=ATTRIBUTES) == {"EndpointInput": {**ENDPOINT, **FILLED_IN}}


def test_empty_string_or_zero_of_the_input_is_kept() -> None:
    endpoint = EndpointInput("e", "/opt/x", inference_attribute="", probability_threshold_attribute=0)

    sent = watched(endpoint_input=endpoint, attributes={**ATTRIBUTES, "probability_threshold_attribute": 0.5})

    assert sent["EndpointInput"]["InferenceAttribute"] == ""
    assert sent["EndpointInput"]["ProbabilityThresholdAttribute"] == 0
    assert sent["EndpointInput"]["FeaturesAttribute"] == "features"


def test_filling_in_leaves_the_input_as_it_was() -> None:
    endpoint = EndpointInput("e", "/opt/x")

    watched(endpoint_input=endpoint, attributes=ATTRIBUTES)

    assert endpoint == EndpointInput("e", "/opt/x")


@pytest.mark.parametrize(
    ("dataset_format", "sent"),
    [
        (MonitoringDatasetFormat.csv(), {"Csv": {"Header": True}}),
        (MonitoringDatasetFormat.csv(header=False), {"Csv": {"Header": False}}),
        (MonitoringDatasetFormat.json(), {"Json": {"Line": True}}),
        (MonitoringDatasetFormat.json(lines=False), {"Json": {"Line": False}}),
        (MonitoringDatasetFormat.parquet(), {"Parquet": True}),
        ({"Csv": {}}, {"Csv": {}}),
    ],
)
def test_a_batch_transform_becomes_its_request(dataset_format: Any, sent: dict[str, Any]) -> None:
    batch = BatchTransformInput(
        "s3://bucket/capture", "/opt/x", dataset_format, "Pipe", "ShardedByS3Key", "-PT2H", "-PT1H"
    )

    assert watched(batch_transform_input=batch, attributes={"features_attribute": "f"}) == {
        "BatchTransformInput": {
            "DataCapturedDestinationS3Uri": "s3://bucket/capture",
            "DatasetFormat": sent,
            "LocalPath": "/opt/x",
            "S3InputMode": "Pipe",
            "S3DataDistributionType": "ShardedByS3Key",
            "StartTimeOffset": "-PT2H",
            "EndTimeOffset": "-PT1H",
            "FeaturesAttribute": "f",
        }
    }


def test_explainability_input_takes_supported_options() -> None:
    endpoint = EndpointInput("e", "/opt/x", "File", "ShardedByS3Key", None, None, "f", "0", "1")

    sent = watched("ModelExplainability", endpoint_input=endpoint)

    assert sent["EndpointInput"]["ProbabilityAttribute"] == "1"
