"""Calls of the configuration with the arguments that a test is about; the others are given so that they pass."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any

from cdk_clarify_monitors import (
    BatchTransformInput,
    BiasConfig,
    DataConfig,
    EndpointInput,
    ModelBiasMonitorConstruct,
    ModelConfig,
    TimeSeriesDataConfig,
    TimeSeriesJSONDatasetFormat,
    TimeSeriesModelConfig,
)
from cdk_clarify_monitors._config.monitor_settings import MonitorSettings
from cdk_clarify_monitors._config.monitoring_kind import BIAS, EXPLAINABILITY
from cdk_clarify_monitors._spec.analysis.analysis_spec import AnalysisSpec
from cdk_clarify_monitors._spec.analysis.bias import bias_analysis
from cdk_clarify_monitors._spec.analysis.explainability import explainability_analysis
from cdk_clarify_monitors._spec.monitoring_target import resolve_target

URI = "s3://bucket/data.csv"
KINDS = {"ModelBias": BIAS, "ModelExplainability": EXPLAINABILITY}

HEADERS = ["y", "age", "sex"]


def data(**arguments: Any) -> DataConfig:
    return DataConfig(**{"s3_data_input_path": URI, **arguments})


def bias(**arguments: Any) -> BiasConfig:
    return BiasConfig(**{"label_values_or_threshold": [1], "facet_name": "sex", **arguments})


def model(**arguments: Any) -> ModelConfig:
    return ModelConfig(**{"model_name": "m", "instance_count": 1, "instance_type": "ml.m5.large", **arguments})


def series(**arguments: Any) -> TimeSeriesDataConfig:
    required = {"target_time_series": "t", "item_id": "i", "timestamp": "s"}
    return TimeSeriesDataConfig(**{**required, "dataset_format": TimeSeriesJSONDatasetFormat.COLUMNS, **arguments})


def time_series_data() -> DataConfig:
    return data(dataset_type="application/json", time_series_data_config=series())


def time_series_model() -> ModelConfig:
    return model(time_series_model_config=TimeSeriesModelConfig("f"))


def endpoint(**arguments: Any) -> EndpointInput:
    return EndpointInput(**{"endpoint_name": "e", "destination": "/opt/x", **arguments})


def batch(**arguments: Any) -> BatchTransformInput:
    required = {"data_captured_destination_s3_uri": URI, "destination": "/opt/x", "dataset_format": {"Parquet": {}}}
    return BatchTransformInput(**{**required, **arguments})


def analysed_bias(**arguments: Any) -> AnalysisSpec:
    names = ("data_config", "bias_config", "model_config", "model_predicted_label_config", "analysis_config")
    return bias_analysis(**{**dict.fromkeys(names), **arguments})


def explained(**arguments: Any) -> AnalysisSpec:
    names = ("data_config", "model_config", "explainability_config", "model_scores", "analysis_config")
    return explainability_analysis(**{**dict.fromkeys(names), **arguments})


def explained_columns(config: Any, **arguments: Any) -> AnalysisSpec:
    return explained(data_config=data(headers=HEADERS, **arguments), model_config=model(), explainability_config=config)


def explained_series(config: Any) -> AnalysisSpec:
    return explained(data_config=time_series_data(), model_config=time_series_model(), explainability_config=config)


def watched(monitoring_type: str = "ModelBias", **arguments: Any) -> Any:
    names = ("endpoint_input", "batch_transform_input")
    kind = KINDS[monitoring_type]
    return resolve_target(**{**dict.fromkeys(names), "attributes": {}, "kind": kind, **arguments}).request


def settings(**arguments: Any) -> MonitorSettings:
    parameters = inspect.signature(ModelBiasMonitorConstruct.__init__).parameters
    defaults = {field.name: parameters[field.name].default for field in fields(MonitorSettings)}
    return MonitorSettings(**{**defaults, **arguments})


def schedule(expression: Any = None, monitoring_type: str = "ModelBias", **arguments: Any) -> None:
    settings(schedule_cron_expression=expression, **arguments).check_for(KINDS[monitoring_type])
