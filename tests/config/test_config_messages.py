"""Every refusal: its message begins with the argument, shows the value, and the class says what kind of mistake it is.

One line per rule: the call, the argument that the message names, and the value as the message shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BatchTransformInput,
    BiasAnalysisConfig,
    BiasConfig,
    Constraints,
    DataConfig,
    EndpointInput,
    ExplainabilityAnalysisConfig,
    ImageConfig,
    ModelConfig,
    ModelPredictedLabelConfig,
    MonitoringDatasetFormat,
    NetworkConfig,
    PDPConfig,
    SegmentationConfig,
    SHAPConfig,
    TextConfig,
    TimeSeriesDataConfig,
    TimeSeriesJSONDatasetFormat,
    TimeSeriesModelConfig,
)
from cdk_clarify_monitors._analysis import bias_analysis, explainability_analysis
from cdk_clarify_monitors._monitor_input import job_input
from cdk_clarify_monitors._schedule_expression import check_schedule

URI = "s3://bucket/data.csv"
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


def analysed_bias(**arguments: Any) -> object:
    names = ("data_config", "bias_config", "model_config", "model_predicted_label_config", "analysis_config")
    return bias_analysis(**{**dict.fromkeys(names), **arguments})


def explained(**arguments: Any) -> object:
    names = ("data_config", "model_config", "explainability_config", "model_scores", "analysis_config")
    return explainability_analysis(**{**dict.fromkeys(names), **arguments})


def explained_columns(config: Any, **arguments: Any) -> object:
    return explained(data_config=data(headers=HEADERS, **arguments), model_config=model(), explainability_config=config)


def explained_series(config: Any) -> object:
    return explained(data_config=time_series_data(), model_config=time_series_model(), explainability_config=config)


def watched(monitoring_type: Any = "ModelBias", **arguments: Any) -> object:
    names = ("endpoint_input", "batch_transform_input")
    return job_input(**{**dict.fromkeys(names), "attributes": {}, "monitoring_type": monitoring_type, **arguments})


def schedule(expression: Any = None, monitoring_type: Any = "ModelBias", **arguments: Any) -> None:
    names = ("data_analysis_start_time", "data_analysis_end_time", "max_runtime_in_seconds")
    check_schedule(
        **{
            **dict.fromkeys(names),
            "schedule_cron_expression": expression,
            "monitoring_type": monitoring_type,
            **arguments,
        }
    )


VALUE, TYPE = ValueError, TypeError
NAN, INFINITY = float("nan"), float("inf")

REFUSALS: list[tuple[type[Exception], str, str, Callable[[], object]]] = [
    # ---------------------------------------------------------------- DataConfig
    (TYPE, "s3_data_input_path", "None", lambda: data(s3_data_input_path=None)),
    (TYPE, "s3_data_input_path", "5", lambda: data(s3_data_input_path=5)),
    (VALUE, "s3_data_input_path", "''", lambda: data(s3_data_input_path="")),
    (VALUE, "s3_data_input_path", "'data.csv'", lambda: data(s3_data_input_path="data.csv")),
    (VALUE, "s3_data_input_path", "'s3://'", lambda: data(s3_data_input_path="s3://")),
    (VALUE, "s3_data_input_path", "'s3:///key'", lambda: data(s3_data_input_path="s3:///key")),
    (VALUE, "s3_data_input_path", "'https://b/k'", lambda: data(s3_data_input_path="https://b/k")),
    (VALUE, "s3_data_input_path", "'s3://b/xxx", lambda: data(s3_data_input_path="s3://b/" + "x" * 1018)),
    (VALUE, "s3_output_path", "'out'", lambda: data(s3_output_path="out")),
    (VALUE, "s3_analysis_config_output_path", "'c'", lambda: data(s3_analysis_config_output_path="c")),
    (TYPE, "label", "1.5", lambda: data(label=1.5)),
    (TYPE, "label", "True", lambda: data(label=True)),
    (VALUE, "label", "-1", lambda: data(label=-1)),
    (VALUE, "label", "'z'", lambda: data(label="z", headers=HEADERS)),
    (VALUE, "label", "3", lambda: data(label=3, headers=HEADERS)),
    (TYPE, "label", "0", lambda: data(label=0, dataset_type="application/jsonlines")),
    (TYPE, "headers", "'y'", lambda: data(headers="y")),
    (TYPE, "headers", "array(", lambda: data(headers=np.array(["a"]))),
    (TYPE, "headers[1]", "5", lambda: data(headers=["y", 5])),
    (VALUE, "headers[0]", "''", lambda: data(headers=["", "y"])),
    (VALUE, "headers", "[]", lambda: data(headers=[])),
    (VALUE, "headers", "['a', 'b', 'a']", lambda: data(headers=["a", "b", "a"])),
    (TYPE, "features", "['f']", lambda: data(features=["f"])),
    (VALUE, "features", "None", lambda: data(dataset_type="application/json")),
    (VALUE, "dataset_type", "'text/tsv'", lambda: data(dataset_type="text/tsv")),
    (TYPE, "dataset_type", "None", lambda: data(dataset_type=None)),
    (VALUE, "dataset_type", "'text/csv'", lambda: data(time_series_data_config=series())),
    (VALUE, "s3_compression_type", "'Gzip'", lambda: data(s3_compression_type="Gzip")),
    (VALUE, "s3_compression_type", "'Zip'", lambda: data(s3_compression_type="Zip")),
    (VALUE, "joinsource", "'id'", lambda: data(joinsource="id", headers=HEADERS)),
    (VALUE, "facet_dataset_uri", "'f.csv'", lambda: data(facet_dataset_uri="f.csv")),
    (VALUE, "facet_dataset_uri", f"'{URI}'", lambda: data(facet_dataset_uri=URI, dataset_type="application/jsonlines")),
    (VALUE, "facet_headers", "['f']", lambda: data(facet_headers=["f"], dataset_type="application/x-parquet")),
    (VALUE, "facet_headers", "['f', 'f']", lambda: data(facet_headers=["f", "f"])),
    (VALUE, "predicted_label_dataset_uri", "'p.csv'", lambda: data(predicted_label_dataset_uri="p.csv")),
    (
        VALUE,
        "predicted_label_dataset_uri",
        f"'{URI}'",
        lambda: data(predicted_label_dataset_uri=URI, dataset_type="application/x-parquet"),
    ),
    (
        VALUE,
        "predicted_label_headers",
        "['p']",
        lambda: data(predicted_label_headers=["p"], dataset_type="application/jsonlines"),
    ),
    (VALUE, "predicted_label", "'p'", lambda: data(predicted_label="p", headers=HEADERS)),
    (VALUE, "predicted_label", "'p'", lambda: data(predicted_label="p", dataset_type="application/x-image")),
    (
        TYPE,
        "predicted_label",
        "1",
        lambda: data(predicted_label=1, features="f", dataset_type="application/json"),
    ),
    (
        VALUE,
        "predicted_label",
        "'p'",
        lambda: data(
            predicted_label="p", headers=HEADERS, predicted_label_dataset_uri=URI, predicted_label_headers=["id", "q"]
        ),
    ),
    (VALUE, "excluded_columns", "[0]", lambda: data(excluded_columns=[0], dataset_type="application/x-image")),
    (VALUE, "excluded_columns[1]", "'z'", lambda: data(excluded_columns=["y", "z"], headers=HEADERS)),
    (TYPE, "excluded_columns", "'age'", lambda: data(excluded_columns="age")),
    (TYPE, "segmentation_config[0]", "{", lambda: data(segmentation_config=[{"name_or_index": "age"}])),
    (
        VALUE,
        "segmentation_config[0].name_or_index",
        "'z'",
        lambda: data(segmentation_config=[SegmentationConfig("z", [["a"]])], headers=HEADERS),
    ),
    (TYPE, "time_series_data_config", "{}", lambda: data(time_series_data_config={})),
    # ---------------------------------------------------------------- SegmentationConfig
    (TYPE, "name_or_index", "None", lambda: SegmentationConfig(None, [["a"]])),  # type: ignore[arg-type]
    (VALUE, "segments", "[]", lambda: SegmentationConfig("a", [])),
    (TYPE, "segments[0]", "'x'", lambda: SegmentationConfig("a", ["x"])),
    (VALUE, "segments[0]", "[]", lambda: SegmentationConfig("a", [[]])),
    (TYPE, "segments[0][1]", "2.5", lambda: SegmentationConfig("a", [["x", 2.5]])),  # type: ignore[list-item]
    (TYPE, "config_name", "7", lambda: SegmentationConfig("a", [["x"]], 7)),  # type: ignore[arg-type]
    (VALUE, "display_aliases", "['p', 'q', 'r']", lambda: SegmentationConfig("a", [["x"]], "n", ["p", "q", "r"])),
    # ---------------------------------------------------------------- TimeSeriesDataConfig
    (VALUE, "target_time_series", "''", lambda: series(target_time_series="")),
    (VALUE, "target_time_series", "0", lambda: TimeSeriesDataConfig(0, 1, 2)),
    (VALUE, "item_id", "0", lambda: TimeSeriesDataConfig(2, 0, 1)),
    (TYPE, "item_id", "1", lambda: series(item_id=1)),
    (TYPE, "timestamp", "'s'", lambda: TimeSeriesDataConfig(2, 3, "s")),
    (TYPE, "related_time_series[1]", "1", lambda: series(related_time_series=["a", 1])),
    (VALUE, "related_time_series[0]", "''", lambda: series(related_time_series=[""])),
    (TYPE, "related_time_series", "'a'", lambda: series(related_time_series="a")),
    (TYPE, "static_covariates[0]", "'a'", lambda: TimeSeriesDataConfig(1, 2, 3, static_covariates=["a"])),
    (TYPE, "dataset_format", "None", lambda: series(dataset_format=None)),
    (TYPE, "dataset_format", "'columns'", lambda: series(dataset_format="columns")),
    (
        VALUE,
        "dataset_format",
        "'columns'",
        lambda: TimeSeriesDataConfig(1, 2, 3, dataset_format=TimeSeriesJSONDatasetFormat.COLUMNS),
    ),
    # ---------------------------------------------------------------- BiasConfig
    (TYPE, "label_values_or_threshold", "1", lambda: bias(label_values_or_threshold=1)),
    (TYPE, "label_values_or_threshold", "None", lambda: bias(label_values_or_threshold=None)),
    (VALUE, "label_values_or_threshold", "[]", lambda: bias(label_values_or_threshold=[])),
    (TYPE, "label_values_or_threshold[0]", "None", lambda: bias(label_values_or_threshold=[None])),
    (VALUE, "label_values_or_threshold[0]", "nan", lambda: bias(label_values_or_threshold=[NAN])),
    (TYPE, "label_values_or_threshold[0]", "int64(1)", lambda: bias(label_values_or_threshold=[np.int64(1)])),
    (TYPE, "facet_name", "None", lambda: bias(facet_name=None)),
    (VALUE, "facet_name", "''", lambda: bias(facet_name="")),
    (VALUE, "facet_name", "[]", lambda: bias(facet_name=[])),
    (VALUE, "facet_name", "-1", lambda: bias(facet_name=-1)),
    (TYPE, "facet_name[1]", "1.5", lambda: bias(facet_name=["a", 1.5])),
    (TYPE, "facet_values_or_threshold", "40", lambda: bias(facet_values_or_threshold=40)),
    (VALUE, "facet_values_or_threshold", "[]", lambda: bias(facet_values_or_threshold=[])),
    (TYPE, "facet_values_or_threshold", "[['F']]", lambda: bias(facet_values_or_threshold=[["F"]])),
    (
        VALUE,
        "facet_values_or_threshold",
        "[[1]]",
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[[1]]),
    ),
    (
        TYPE,
        "facet_values_or_threshold[1]",
        "'M'",
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[["F"], "M"]),
    ),
    (
        VALUE,
        "facet_values_or_threshold[0]",
        "[]",
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[[], None]),
    ),
    (
        VALUE,
        "facet_values_or_threshold[1][0]",
        "inf",
        lambda: bias(facet_name=["a", "b"], facet_values_or_threshold=[["F"], [INFINITY]]),
    ),
    (TYPE, "group_name", "['g']", lambda: bias(group_name=["g"])),
    # ---------------------------------------------------------------- ModelConfig
    (VALUE, "model_name", "None", lambda: ModelConfig()),
    (VALUE, "instance_type", "None", lambda: ModelConfig("m", 1)),
    (VALUE, "model_name", "'my model'", lambda: model(model_name="my model")),
    (VALUE, "model_name", "'mmm", lambda: model(model_name="m" * 64)),
    (TYPE, "instance_count", "True", lambda: model(instance_count=True)),
    (TYPE, "instance_count", "'1'", lambda: model(instance_count="1")),
    (VALUE, "instance_count", "0", lambda: model(instance_count=0)),
    (VALUE, "instance_type", "'m5.large'", lambda: model(instance_type="m5.large")),
    (VALUE, "accept_type", "'image/png'", lambda: model(accept_type="image/png")),
    (
        VALUE,
        "accept_type",
        "'text/csv'",
        lambda: model(accept_type="text/csv", time_series_model_config=TimeSeriesModelConfig("f")),
    ),
    (VALUE, "content_type", "'image/jpg'", lambda: model(content_type="image/jpg")),
    (
        VALUE,
        "content_type",
        "'text/csv'",
        lambda: model(content_type="text/csv", time_series_model_config=TimeSeriesModelConfig("f")),
    ),
    (VALUE, "content_template", "None", lambda: model(content_type="application/jsonlines")),
    (VALUE, "content_template", "'x'", lambda: model(content_type="application/jsonlines", content_template="x")),
    (
        VALUE,
        "content_template",
        "'x'",
        lambda: model(content_type="application/json", content_template="x", record_template="$features"),
    ),
    (VALUE, "record_template", "None", lambda: model(content_type="application/json", content_template="$records")),
    (
        VALUE,
        "record_template",
        "'x'",
        lambda: model(content_type="application/json", content_template="$records", record_template="x"),
    ),
    (TYPE, "content_template", "{'a': 'b'}", lambda: model(content_template={"a": "b"})),
    (VALUE, "custom_attributes", "'ä'", lambda: model(custom_attributes="ä")),
    (VALUE, "custom_attributes", "'aaa", lambda: model(custom_attributes="a" * 1025)),
    (TYPE, "accelerator_type", "1", lambda: model(accelerator_type=1)),
    (VALUE, "endpoint_name_prefix", "'~invalid'", lambda: model(endpoint_name_prefix="~invalid")),
    (VALUE, "endpoint_name_prefix", "'p'", lambda: model(endpoint_name_prefix="p")),
    (VALUE, "endpoint_name_prefix", "'shadow'", lambda: ModelConfig(endpoint_name="e", endpoint_name_prefix="shadow")),
    (TYPE, "target_model", "1", lambda: model(target_model=1)),
    (VALUE, "endpoint_name", "'e'", lambda: model(endpoint_name="e")),
    (VALUE, "endpoint_name", "'e_1'", lambda: ModelConfig(endpoint_name="e_1")),
    (TYPE, "time_series_model_config", "'f'", lambda: model(time_series_model_config="f")),
    (TYPE, "forecast", "1", lambda: TimeSeriesModelConfig(1)),  # type: ignore[arg-type]
    (VALUE, "forecast", "''", lambda: TimeSeriesModelConfig("")),
    # ---------------------------------------------------------------- ModelPredictedLabelConfig
    (TYPE, "label", "[0]", lambda: ModelPredictedLabelConfig(label=[0])),  # type: ignore[arg-type]
    (VALUE, "probability", "-1", lambda: ModelPredictedLabelConfig(probability=-1)),
    (TYPE, "probability_threshold", "got 1: write 1.0", lambda: ModelPredictedLabelConfig(probability_threshold=1)),
    (TYPE, "probability_threshold", "True", lambda: ModelPredictedLabelConfig(probability_threshold=True)),
    (TYPE, "probability_threshold", "'0.5'", lambda: ModelPredictedLabelConfig(probability_threshold="0.5")),  # type: ignore[arg-type]
    (VALUE, "probability_threshold", "nan", lambda: ModelPredictedLabelConfig(probability_threshold=NAN)),
    (TYPE, "label_headers", "got 'yes': write ['yes']", lambda: ModelPredictedLabelConfig(label_headers="yes")),
    (TYPE, "label_headers[0]", "0.5", lambda: ModelPredictedLabelConfig(label_headers=[0.5])),  # type: ignore[list-item]
    # ---------------------------------------------------------------- SHAPConfig and its parts
    (VALUE, "baseline", "'b.csv'", lambda: SHAPConfig(baseline="b.csv")),
    (VALUE, "baseline", "[]", lambda: SHAPConfig(baseline=[])),
    (TYPE, "baseline", "5", lambda: SHAPConfig(baseline=5)),  # type: ignore[arg-type]
    (TYPE, "baseline[0]", "35", lambda: SHAPConfig(baseline=[35, 50000])),
    (TYPE, "baseline[0]", "'a'", lambda: SHAPConfig(baseline=["a"])),
    (TYPE, "baseline[0][1]", "[2]", lambda: SHAPConfig(baseline=[[1, [2]]])),
    (VALUE, "baseline[0][0]", "nan", lambda: SHAPConfig(baseline=[[NAN]])),
    (VALUE, "baseline[0]['f'][0]", "inf", lambda: SHAPConfig(baseline=[{"f": [INFINITY]}])),
    (TYPE, "baseline[0]['f']", "{1}", lambda: SHAPConfig(baseline=[{"f": {1}}])),
    (TYPE, "baseline[0]", "None", lambda: SHAPConfig(baseline=[{None: 1}])),
    (TYPE, "baseline[0][0]", "int64(3)", lambda: SHAPConfig(baseline=[[np.int64(3)]])),
    (VALUE, "num_samples", "0", lambda: SHAPConfig(num_samples=0)),
    (TYPE, "num_samples", "1.0", lambda: SHAPConfig(num_samples=1.0)),  # type: ignore[arg-type]
    (VALUE, "agg_method", "'mean'", lambda: SHAPConfig(agg_method="mean")),
    (TYPE, "use_logit", "1", lambda: SHAPConfig(use_logit=1)),  # type: ignore[arg-type]
    (TYPE, "use_logit", "None", lambda: SHAPConfig(use_logit=None)),  # type: ignore[arg-type]
    (TYPE, "save_local_shap_values", "'yes'", lambda: SHAPConfig(save_local_shap_values="yes")),  # type: ignore[arg-type]
    (TYPE, "seed", "'1'", lambda: SHAPConfig(seed="1")),  # type: ignore[arg-type]
    (VALUE, "num_clusters", "0", lambda: SHAPConfig(num_clusters=0)),
    (VALUE, "num_clusters", "2", lambda: SHAPConfig(baseline=[[1]], num_clusters=2)),
    (TYPE, "text_config", "{'language': 'en'}", lambda: SHAPConfig(text_config={"language": "en"})),  # type: ignore[arg-type]
    (TYPE, "image_config", "'x'", lambda: SHAPConfig(image_config="x")),  # type: ignore[arg-type]
    (VALUE, "features_to_explain", "[]", lambda: SHAPConfig(features_to_explain=[])),
    (
        VALUE,
        "features_to_explain",
        "['a']",
        lambda: SHAPConfig(features_to_explain=["a"], text_config=TextConfig("token", "en")),
    ),
    (
        VALUE,
        "features_to_explain",
        "['a']",
        lambda: SHAPConfig(features_to_explain=["a"], image_config=ImageConfig("OBJECT_DETECTION")),
    ),
    (VALUE, "granularity", "'Token'", lambda: TextConfig("Token", "en")),
    (VALUE, "language", "'klingon'", lambda: TextConfig("token", "klingon")),
    (VALUE, "model_type", "'CV'", lambda: ImageConfig("CV")),
    (VALUE, "num_segments", "0", lambda: ImageConfig("OBJECT_DETECTION", num_segments=0)),
    (TYPE, "feature_extraction_method", "1", lambda: ImageConfig("OBJECT_DETECTION", feature_extraction_method=1)),  # type: ignore[arg-type]
    (TYPE, "segment_compactness", "0.5", lambda: ImageConfig("OBJECT_DETECTION", segment_compactness=0.5)),  # type: ignore[arg-type]
    (VALUE, "max_objects", "0", lambda: ImageConfig("OBJECT_DETECTION", max_objects=0)),
    (TYPE, "iou_threshold", "got 1: write 1.0", lambda: ImageConfig("OBJECT_DETECTION", iou_threshold=1)),
    (VALUE, "iou_threshold", "1.5", lambda: ImageConfig("OBJECT_DETECTION", iou_threshold=1.5)),
    (VALUE, "context", "-0.1", lambda: ImageConfig("OBJECT_DETECTION", context=-0.1)),
    # ---------------------------------------------------------------- PDPConfig, AsymmetricShapleyValueConfig
    (VALUE, "features", "[]", lambda: PDPConfig(features=[])),
    (TYPE, "features[0]", "None", lambda: PDPConfig(features=[None])),  # type: ignore[list-item]
    (VALUE, "grid_resolution", "0", lambda: PDPConfig(grid_resolution=0)),
    (TYPE, "top_k_features", "None", lambda: PDPConfig(top_k_features=None)),  # type: ignore[arg-type]
    (VALUE, "direction", "'back'", lambda: AsymmetricShapleyValueConfig("back")),
    (VALUE, "direction", "'bidirectional'", lambda: AsymmetricShapleyValueConfig("bidirectional", "fine_grained", 5)),
    (VALUE, "granularity", "'coarse'", lambda: AsymmetricShapleyValueConfig(granularity="coarse")),
    (VALUE, "num_samples", "None", lambda: AsymmetricShapleyValueConfig(granularity="fine_grained")),
    (VALUE, "num_samples", "5", lambda: AsymmetricShapleyValueConfig(num_samples=5)),
    (VALUE, "baseline", "'b'", lambda: AsymmetricShapleyValueConfig(baseline="b")),
    (TYPE, "baseline", "[]", lambda: AsymmetricShapleyValueConfig(baseline=[])),  # type: ignore[arg-type]
    (VALUE, "baseline", "{'zero': 1}", lambda: AsymmetricShapleyValueConfig(baseline={"zero": 1})),
    (
        VALUE,
        "baseline['target_time_series']",
        "'one'",
        lambda: AsymmetricShapleyValueConfig(baseline={"target_time_series": "one"}),
    ),
    (
        VALUE,
        "baseline['related_time_series']",
        "0",
        lambda: AsymmetricShapleyValueConfig(baseline={"related_time_series": 0}),
    ),
    (
        TYPE,
        "baseline['static_covariates']",
        "[1]",
        lambda: AsymmetricShapleyValueConfig(baseline={"static_covariates": [1]}),
    ),
    (
        TYPE,
        "baseline['static_covariates']['i1']",
        "got 1: write [1]",
        lambda: AsymmetricShapleyValueConfig(baseline={"static_covariates": {"i1": 1}}),
    ),
    # ---------------------------------------------------------------- analysis configs, constraints, network
    (TYPE, "bias_config", "'b'", lambda: BiasAnalysisConfig("b")),  # type: ignore[arg-type]
    (VALUE, "facet_name", "'sex'", lambda: BiasAnalysisConfig(bias(), headers=["age"])),
    (VALUE, "facet_name[1]", "'z'", lambda: BiasAnalysisConfig(bias(facet_name=["sex", "z"]), headers=HEADERS)),
    (VALUE, "group_name", "'g'", lambda: BiasAnalysisConfig(bias(group_name="g"), headers=HEADERS)),
    (VALUE, "headers", "['a', 'a']", lambda: BiasAnalysisConfig(bias(), headers=["a", "a"])),
    (TYPE, "label", "1.5", lambda: BiasAnalysisConfig(bias(), label=1.5)),  # type: ignore[arg-type]
    (TYPE, "explainability_config", "None", lambda: ExplainabilityAnalysisConfig(None, model())),  # type: ignore[arg-type]
    (TYPE, "explainability_config", "'shap'", lambda: ExplainabilityAnalysisConfig("shap", model())),  # type: ignore[arg-type]
    (VALUE, "explainability_config", "[]", lambda: ExplainabilityAnalysisConfig([], model())),
    (VALUE, "explainability_config", "PDPConfig(", lambda: ExplainabilityAnalysisConfig(PDPConfig(), model())),
    (
        VALUE,
        "explainability_config",
        "[SHAPConfig(",
        lambda: ExplainabilityAnalysisConfig([SHAPConfig(), SHAPConfig()], model()),
    ),
    (
        VALUE,
        "explainability_config",
        "[AsymmetricShapleyValueConfig(",
        lambda: ExplainabilityAnalysisConfig([AsymmetricShapleyValueConfig()], model()),
    ),
    (TYPE, "model_config", "'m'", lambda: ExplainabilityAnalysisConfig(SHAPConfig(), "m")),  # type: ignore[arg-type]
    (
        VALUE,
        "features_to_explain[0]",
        "'z'",
        lambda: ExplainabilityAnalysisConfig(SHAPConfig(features_to_explain=["z"]), model(), headers=["a"]),
    ),
    (
        VALUE,
        "baseline[0]",
        "[1, 2]",
        lambda: ExplainabilityAnalysisConfig(SHAPConfig(baseline=[[1, 2]]), model(), headers=["a"]),
    ),
    (TYPE, "label_headers", "'yes'", lambda: ExplainabilityAnalysisConfig(SHAPConfig(), model(), label_headers="yes")),
    (TYPE, "constraints_file_s3_uri", "None", lambda: Constraints({}, None)),  # type: ignore[arg-type]
    (VALUE, "constraints_file_s3_uri", "'c.json'", lambda: Constraints.from_s3_uri("c.json")),
    (TYPE, "body_dict['a']", "{1}", lambda: Constraints({"a": {1}}, URI)),
    (TYPE, "enable_network_isolation", "'yes'", lambda: NetworkConfig("yes")),  # type: ignore[arg-type]
    (VALUE, "security_group_ids", "None", lambda: NetworkConfig(subnets=["subnet-1"])),
    (VALUE, "subnets", "None", lambda: NetworkConfig(security_group_ids=["sg-1"])),
    (VALUE, "subnets", "[]", lambda: NetworkConfig(security_group_ids=["sg-1"], subnets=[])),
    (VALUE, "subnets[0]", "'sg-1'", lambda: NetworkConfig(security_group_ids=["sg-1"], subnets=["sg-1"])),
    (VALUE, "security_group_ids[0]", "'x'", lambda: NetworkConfig(security_group_ids=["x"], subnets=["subnet-1"])),
    (
        VALUE,
        "security_group_ids",
        "['sg-0', 'sg-1'",
        lambda: NetworkConfig(security_group_ids=[f"sg-{i}" for i in range(6)], subnets=["subnet-1"]),
    ),
    (
        VALUE,
        "subnets",
        "['subnet-0', 'subnet-1'",
        lambda: NetworkConfig(security_group_ids=["sg-1"], subnets=[f"subnet-{i}" for i in range(17)]),
    ),
    (TYPE, "encrypt_inter_container_traffic", "1", lambda: NetworkConfig(encrypt_inter_container_traffic=1)),  # type: ignore[arg-type]
    # ---------------------------------------------------------------- inputs
    (VALUE, "endpoint_name", "'my endpoint'", lambda: endpoint(endpoint_name="my endpoint")),
    (TYPE, "destination", "None", lambda: endpoint(destination=None)),
    (VALUE, "destination", "'/xxx", lambda: endpoint(destination="/" + "x" * 256)),
    (VALUE, "s3_input_mode", "'FastFile'", lambda: endpoint(s3_input_mode="FastFile")),
    (VALUE, "s3_data_distribution_type", "'Sharded'", lambda: endpoint(s3_data_distribution_type="Sharded")),
    (VALUE, "start_time_offset", "'1 hour'", lambda: endpoint(start_time_offset="1 hour")),
    (VALUE, "end_time_offset", "'-PT1H2M3S4567890'", lambda: endpoint(end_time_offset="-PT1H2M3S4567890")),
    (VALUE, "features_attribute", "'fff", lambda: endpoint(features_attribute="f" * 257)),
    (TYPE, "inference_attribute", "0", lambda: endpoint(inference_attribute=0)),
    (TYPE, "probability_attribute", "1", lambda: endpoint(probability_attribute=1)),
    (TYPE, "probability_threshold_attribute", "'0.5'", lambda: endpoint(probability_threshold_attribute="0.5")),
    (TYPE, "probability_threshold_attribute", "True", lambda: endpoint(probability_threshold_attribute=True)),
    (VALUE, "probability_threshold_attribute", "inf", lambda: endpoint(probability_threshold_attribute=INFINITY)),
    (TYPE, "exclude_features_attribute", "0", lambda: endpoint(exclude_features_attribute=0)),
    (VALUE, "data_captured_destination_s3_uri", "'/x'", lambda: batch(data_captured_destination_s3_uri="/x")),
    (
        VALUE,
        "data_captured_destination_s3_uri",
        "'s3://b/xxx",
        lambda: batch(data_captured_destination_s3_uri="s3://b/" + "x" * 506),
    ),
    (TYPE, "dataset_format", "'csv'", lambda: batch(dataset_format="csv")),
    (VALUE, "dataset_format", "{}", lambda: batch(dataset_format={})),
    (VALUE, "dataset_format", "{'csv': ", lambda: batch(dataset_format={"csv": {"header": True}})),
    (VALUE, "dataset_format", "{'Csv': {}, 'Json': {}}", lambda: batch(dataset_format={"Csv": {}, "Json": {}})),
    (VALUE, "dataset_format['Csv']", "{'Line': True}", lambda: batch(dataset_format={"Csv": {"Line": True}})),
    (VALUE, "dataset_format['Parquet']", "True", lambda: batch(dataset_format={"Parquet": True})),
    (TYPE, "dataset_format['Json']['Line']", "1", lambda: batch(dataset_format={"Json": {"Line": 1}})),
    (TYPE, "header", "'yes'", lambda: MonitoringDatasetFormat.csv("yes")),  # type: ignore[arg-type]
    (TYPE, "lines", "None", lambda: MonitoringDatasetFormat.json(None)),  # type: ignore[arg-type]
    (VALUE, "endpoint_input", "None", lambda: watched()),
    (VALUE, "endpoint_input", "''", lambda: watched(endpoint_input="")),
    (VALUE, "endpoint_input", "'e'", lambda: watched(endpoint_input="e", batch_transform_input=batch())),
    (VALUE, "endpoint_input", "'e e'", lambda: watched(endpoint_input="e e")),
    (TYPE, "endpoint_input", "5", lambda: watched(endpoint_input=5)),
    (TYPE, "batch_transform_input", "'b'", lambda: watched(batch_transform_input="b")),
    (
        VALUE,
        "exclude_features_attribute",
        "'0'",
        lambda: watched(endpoint_input=endpoint(exclude_features_attribute="0")),
    ),
    *(
        (
            VALUE,
            name,
            shown,
            lambda name=name, value=value: watched("ModelExplainability", endpoint_input=endpoint(**{name: value})),
        )
        for name, value, shown in (
            ("exclude_features_attribute", "", "''"),
            ("start_time_offset", "-P1D", "'-P1D'"),
            ("end_time_offset", "-PT0H", "'-PT0H'"),
            ("probability_threshold_attribute", 0.5, "0.5"),
        )
    ),
    # ---------------------------------------------------------------- what a bias monitor analyses
    (TYPE, "data_config", "'d'", lambda: analysed_bias(data_config="d")),
    (TYPE, "bias_config", "'b'", lambda: analysed_bias(data_config=data(), bias_config="b")),
    (TYPE, "model_config", "'m'", lambda: analysed_bias(data_config=data(), model_config="m")),
    (TYPE, "model_predicted_label_config", "0", lambda: analysed_bias(model_predicted_label_config=0)),
    (VALUE, "analysis_config", "None", lambda: analysed_bias()),
    (VALUE, "analysis_config", "None", lambda: analysed_bias(analysis_config="")),
    (VALUE, "analysis_config", "'config.json'", lambda: analysed_bias(analysis_config="config.json")),
    (TYPE, "analysis_config", "SHAPConfig", lambda: analysed_bias(analysis_config=SHAPConfig())),
    (VALUE, "data_config", "None", lambda: analysed_bias(bias_config=bias())),
    (VALUE, "data_config", "None", lambda: analysed_bias(analysis_config=URI, model_config=model())),
    (VALUE, "bias_config", "None", lambda: analysed_bias(data_config=data(), model_config=model())),
    (VALUE, "model_config", "None", lambda: analysed_bias(data_config=data(), bias_config=bias())),
    (
        VALUE,
        "facet_name",
        "'sex'",
        lambda: analysed_bias(data_config=data(headers=["age"]), bias_config=bias(), model_config=model()),
    ),
    (
        VALUE,
        "facet_name",
        "9",
        lambda: analysed_bias(data_config=data(headers=HEADERS), bias_config=bias(facet_name=9), model_config=model()),
    ),
    (
        VALUE,
        "group_name",
        "'g'",
        lambda: analysed_bias(
            data_config=data(headers=HEADERS), bias_config=bias(group_name="g"), model_config=model()
        ),
    ),
    (
        VALUE,
        "data_config",
        "TimeSeriesDataConfig(",
        lambda: analysed_bias(data_config=time_series_data(), bias_config=bias(), model_config=model()),
    ),
    (
        VALUE,
        "model_config",
        "TimeSeriesModelConfig(",
        lambda: analysed_bias(data_config=data(), bias_config=bias(), model_config=time_series_model()),
    ),
    # ---------------------------------------------------------------- what an explainability monitor analyses
    (TYPE, "data_config", "'d'", lambda: explained(data_config="d")),
    (TYPE, "explainability_config", "'shap'", lambda: explained(data_config=data(), explainability_config="shap")),
    (TYPE, "model_scores", "0.5", lambda: explained(data_config=data(), model_scores=0.5)),
    (VALUE, "analysis_config", "None", lambda: explained()),
    (TYPE, "analysis_config", "BiasAnalysisConfig(", lambda: explained(analysis_config=BiasAnalysisConfig(bias()))),
    (VALUE, "data_config", "None", lambda: explained(explainability_config=SHAPConfig(), model_config=model())),
    (VALUE, "data_config", "None", lambda: explained(analysis_config=URI, model_scores=0)),
    (VALUE, "explainability_config", "None", lambda: explained(data_config=data(), model_config=model())),
    (VALUE, "model_config", "None", lambda: explained(data_config=data(), explainability_config=SHAPConfig())),
    (VALUE, "explainability_config", "PDPConfig(", lambda: explained_columns([PDPConfig()])),
    (VALUE, "features[1]", "'z'", lambda: explained_columns(PDPConfig(features=["age", "z"]))),
    (VALUE, "features_to_explain[0]", "7", lambda: explained_columns(SHAPConfig(features_to_explain=[7]))),
    (VALUE, "baseline[1]", "[1, 2, 3]", lambda: explained_columns(SHAPConfig([[1, 2], [1, 2, 3]]), label="y")),
    (VALUE, "baseline[0]", "[1]", lambda: explained_columns(SHAPConfig([[1]]), label="y")),
    (VALUE, "baseline[0]", "[1]", lambda: explained_columns(SHAPConfig([[1]]), label=0)),
    (VALUE, "baseline[0]", "[]", lambda: explained_columns(SHAPConfig([[]]), label="y", excluded_columns=["sex"])),
    (
        VALUE,
        "data_config",
        "None",
        lambda: explained(
            data_config=data(), model_config=time_series_model(), explainability_config=AsymmetricShapleyValueConfig()
        ),
    ),
    (
        VALUE,
        "model_config",
        "None",
        lambda: explained(
            data_config=time_series_data(), model_config=model(), explainability_config=AsymmetricShapleyValueConfig()
        ),
    ),
    (VALUE, "data_config", "TimeSeriesDataConfig(", lambda: explained_series(SHAPConfig())),
    (
        VALUE,
        "model_config",
        "TimeSeriesModelConfig(",
        lambda: explained(data_config=data(), model_config=time_series_model(), explainability_config=SHAPConfig()),
    ),
    (
        VALUE,
        "baseline['static_covariates']",
        "{'i': [1]}",
        lambda: explained_series(AsymmetricShapleyValueConfig(baseline={"static_covariates": {"i": [1]}})),
    ),
    (
        VALUE,
        "baseline['static_covariates']['i']",
        "[1, 2]",
        lambda: explained(
            data_config=data(dataset_type="application/json", time_series_data_config=series(static_covariates=["c"])),
            model_config=time_series_model(),
            explainability_config=AsymmetricShapleyValueConfig(baseline={"static_covariates": {"i": [1, 2]}}),
        ),
    ),
    # ---------------------------------------------------------------- schedules
    (VALUE, "schedule_cron_expression", "'rate(1 hour)'", lambda: schedule("rate(1 hour)")),
    (VALUE, "schedule_cron_expression", "'cron(5 * ? * * *)'", lambda: schedule("cron(5 * ? * * *)")),
    (VALUE, "schedule_cron_expression", "'cron(0 24 ? * * *)'", lambda: schedule("cron(0 24 ? * * *)")),
    (VALUE, "schedule_cron_expression", "'cron(0 0/0 ? * * *)'", lambda: schedule("cron(0 0/0 ? * * *)")),
    (VALUE, "schedule_cron_expression", "'cron(0 0/25 ? * * *)'", lambda: schedule("cron(0 0/25 ? * * *)")),
    (VALUE, "schedule_cron_expression", "'now'", lambda: schedule("now")),
    (TYPE, "schedule_cron_expression", "5", lambda: schedule(5)),
    (VALUE, "data_analysis_start_time", "None", lambda: schedule("NOW", data_analysis_end_time="-PT1H")),
    (VALUE, "data_analysis_end_time", "None", lambda: schedule("NOW", data_analysis_start_time="-PT1H")),
    (VALUE, "data_analysis_start_time", "'1h'", lambda: schedule(data_analysis_start_time="1h")),
    (
        VALUE,
        "data_analysis_end_time",
        "'-PT1H1M1S1234567'",
        lambda: schedule(data_analysis_end_time="-PT1H1M1S1234567"),
    ),
    (
        VALUE,
        "data_analysis_end_time",
        "'-PT2H'",
        lambda: schedule(data_analysis_start_time="-PT1H", data_analysis_end_time="-PT2H"),
    ),
    (
        VALUE,
        "data_analysis_end_time",
        "'-PT0H'",
        lambda: schedule(data_analysis_start_time="-P1DT1M", data_analysis_end_time="-PT0H"),
    ),
    (VALUE, "max_runtime_in_seconds", "0", lambda: schedule(max_runtime_in_seconds=0)),
    (VALUE, "max_runtime_in_seconds", "86401", lambda: schedule(max_runtime_in_seconds=86401)),
    (TYPE, "max_runtime_in_seconds", "True", lambda: schedule(max_runtime_in_seconds=True)),
    (VALUE, "max_runtime_in_seconds", "1801", lambda: schedule("cron(0 * ? * * *)", max_runtime_in_seconds=1801)),
    (
        VALUE,
        "max_runtime_in_seconds",
        "3601",
        lambda: schedule("cron(0 * ? * * *)", "ModelExplainability", max_runtime_in_seconds=3601),
    ),
    (VALUE, "max_runtime_in_seconds", "7201", lambda: schedule("cron(0 3/2 ? * * *)", max_runtime_in_seconds=7201)),
]


@pytest.mark.parametrize(
    ("kind", "argument", "value", "call"),
    [pytest.param(*refusal, id=f"{i}-{refusal[1]}") for i, refusal in enumerate(REFUSALS)],
)
def test_the_message_names_the_argument_and_shows_the_value(
    kind: type[Exception], argument: str, value: str, call: Callable[[], object]
) -> None:
    with pytest.raises((ValueError, TypeError)) as refused:
        call()

    message = str(refused.value)
    named, _, got = message.partition(", got ")
    assert named.startswith(f"'{argument}' must "), message
    assert value.removeprefix("got ") in got, message
    assert isinstance(refused.value, kind), message


def test_a_long_value_is_cut_short() -> None:
    with pytest.raises(ValueError, match="must name 'a' only once") as refused:
        DataConfig(URI, headers=["a"] * 10_000)

    assert len(str(refused.value)) < 300
