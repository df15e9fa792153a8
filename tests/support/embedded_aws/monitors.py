"""Monitors as these tests deploy them: real data, cheap jobs."""

from __future__ import annotations

import csv
import io
from typing import Any

from constructs import Construct

from cdk_clarify_monitors import (
    BiasConfig,
    DataConfig,
    ModelBiasMonitorConstruct,
    ModelConfig,
    ModelExplainabilityMonitorConstruct,
    ModelPredictedLabelConfig,
    SHAPConfig,
)
from tests.support.embedded_aws.account import DATA_BUCKET, Account
from tests.support.repository import ROOT

PATIENTS = f"s3://{DATA_BUCKET}/patients.csv"
# The same patients with a predicted label: bias metrics without asking a model.
PREDICTIONS = f"s3://{DATA_BUCKET}/predictions.csv"

ENDPOINT = "diabetes-endpoint"

_MEDIAN_PATIENT = [50.0, 1, 25.7, 93.0, 186, 113.0, 48.0, 4.0, 4.62, 91]
_COUNT = 120


def patients() -> list[dict[str, str]]:
    """The first patients of the example's data set."""
    with (ROOT / "examples" / "diabetes" / "train.csv").open(newline="") as file:
        return list(csv.DictReader(file))[:_COUNT]


def predictions() -> list[dict[str, str]]:
    """Patients with what a crude rule predicts for them."""
    return [{**patient, "predicted": str(int(float(patient["bmi"]) > 26))} for patient in patients()]


def table(rows: list[dict[str, str]]) -> str:
    """A CSV file."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


HEADERS = list(patients()[0])


def put_data(account: Account) -> None:
    """Put the data sets into an account, and make the endpoint."""
    account.aws.add_endpoint(ENDPOINT)
    account.put(PATIENTS, table(patients()))
    account.put(PREDICTIONS, table(predictions()))


def data_config(**changes: Any) -> DataConfig:
    """Patients with a predicted label."""
    given = {"s3_data_input_path": PREDICTIONS, "label": "target", "predicted_label": "predicted"}
    return DataConfig(**{**given, "headers": [*HEADERS, "predicted"], **changes})


def bias_config(**changes: Any) -> BiasConfig:
    return BiasConfig(
        **{"label_values_or_threshold": [1], "facet_name": "sex", "facet_values_or_threshold": [2], **changes}
    )


def model_config(**changes: Any) -> ModelConfig:
    given = {"model_name": "diabetes-model", "instance_count": 1, "instance_type": "ml.m5.large"}
    return ModelConfig(**{**given, "content_type": "text/csv", "accept_type": "text/csv", **changes})


def bias_monitor(scope: Construct, id: str = "Bias", **changes: Any) -> ModelBiasMonitorConstruct:
    """A bias monitor whose baselining job needs no model."""
    given = {
        "endpoint_input": ENDPOINT,
        "ground_truth_input": "s3://ground-truth/labels",
        "data_config": data_config(),
        "bias_config": bias_config(),
    }
    return ModelBiasMonitorConstruct(scope, id, **{**given, **changes})


def bias_monitor_of_model(scope: Construct, id: str = "Bias", **changes: Any) -> ModelBiasMonitorConstruct:
    """A bias monitor whose baselining job asks the model."""
    given = {
        "data_config": DataConfig(PATIENTS, label="target", headers=HEADERS),
        "model_config": model_config(),
        "model_predicted_label_config": ModelPredictedLabelConfig(probability_threshold=0.5),
    }
    return bias_monitor(scope, id, **{**given, **changes})


def explainability_monitor(
    scope: Construct, id: str = "Explainability", **changes: Any
) -> ModelExplainabilityMonitorConstruct:
    """An explainability monitor with few samples, but enough for ten features."""
    given = {
        "endpoint_input": ENDPOINT,
        "data_config": DataConfig(PATIENTS, label="target", headers=HEADERS),
        "explainability_config": SHAPConfig([_MEDIAN_PATIENT], num_samples=60, agg_method="mean_abs", seed=1),
        "model_config": model_config(),
    }
    return ModelExplainabilityMonitorConstruct(scope, id, **{**given, **changes})
